/* The server's JSON to plain values and typed arrays.  What has a wrong shape
 * is refused with a SnapshotError that names the field. */

import { compactCells, plainCandles } from './compact.js';
import { exchangesOf, fallbackOf, filterOf, levelsOf, limitsOf, profileOf } from './answers.js';
import {
    SnapshotError, array, number, numberOrNaN, object, objectOrEmpty, positive, text, textOrEmpty, whole,
} from './read.js';

export { SnapshotError };

/** @typedef {import('./read.js').Json} Json */

/**
 * @typedef {object} Candles  arrays of one length, ascending time
 * @property {Float64Array} time    ms, Unix, of the open
 * @property {Float64Array} open
 * @property {Float64Array} high
 * @property {Float64Array} low
 * @property {Float64Array} close
 * @property {Float64Array} volume  base asset; NaN where unknown
 * @property {Float64Array} quoteVolume  quote; NaN where unknown
 *
 * @typedef {object} Grid
 * @property {number} priceMin   lower edge of row 0
 * @property {number} priceStep  height of a row, quote
 * @property {number} rows
 * @property {number} columns    one per candle
 * @property {number} quantum    mass of one unit
 * @property {number} max        largest unit, 0 when empty, 65535 at most
 * @property {number} usdPerUnit dollars of one mass; NaN where unknown
 * @property {number} outside    mass beyond the rows; NaN where unknown
 * @property {Uint16Array} cells  [rows][columns], row 0 lowest
 *
 * @typedef {object} Ticker  NaN where unknown
 * @property {number} last
 * @property {number} high
 * @property {number} low
 * @property {number} change  percent in 24 h
 * @property {number} quoteVolume
 *
 * @typedef {object} Statistics  NaN where unknown
 * @property {number} openInterestUsd
 * @property {number} fundingRate      share per funding period
 * @property {number} fundingIntervalMs  how long that is
 * @property {number} fundingYearly    share of a year at that rate, not compounded
 * @property {number} nextFundingTime  ms on the exchange's clock
 * @property {number} longShare        0 .. 1
 * @property {ReadonlyMap<number, number>} imbalance  percent of price -> -1 .. 1
 *
 * @typedef {object} Model  the assumptions, for the footnote
 * @property {string} name
 * @property {number} version
 * @property {string} engineInterval
 * @property {number} seriesStart  ms, NaN where unknown
 * @property {number} marginRate
 * @property {number} leverageSpread  share of the distance; NaN where unknown
 * @property {number} roundShare      of entries; NaN where unknown
 * @property {string} scaledBy
 * @property {{leverage: number, share: number, halfLifeHours: number}[]} tiers
 * @property {import('./answers.js').Limits} limits  of the contract
 *
 * @typedef {object} Snapshot
 * @property {string} symbol
 * @property {string} exchange
 * @property {string} market
 * @property {string} interval
 * @property {"live" | "demo" | "file"} source
 * @property {number} generatedAt  ms on the exchange's clock; NaN where unknown
 * @property {number} dataTime     ms on the exchange's clock; NaN where unknown
 * @property {boolean} stale
 * @property {string} staleReason
 * @property {string[]} warnings
 * @property {string[]} notes  what is always in doubt about an exchange shown
 * @property {Ticker} ticker
 * @property {Statistics} statistics
 * @property {Model} model
 * @property {Candles} candles
 * @property {Grid} grid
 * @property {import('./answers.js').Level[]} levels  shorts, then longs, strongest first
 * @property {import('./answers.js').Profile | null} profile  of the newest column
 * @property {import('./answers.js').Filter} filter
 * @property {import('./answers.js').ExchangePart[]} exchanges  of a sum; else empty
 * @property {{from: string, code: string, reason: string} | null} fallback  another exchange than the preferred one
 * @property {{column: number, end: number}[]} [seams]  of maps that were joined: the column at which
 *     the next map begins, and the moment (ms) of the one before it; the oldest first
 */

/** Beyond this the page would stall; the API's own limit is far lower. */
const CELLS_MAX = 8e6;

/**
 * @param {Json} from
 * @param {string} key
 * @param {number} length
 * @param {boolean} gaps  null becomes NaN; else it is refused
 */
function column(from, key, length, gaps) {
    if (gaps && (from[key] === undefined || from[key] === null))
        return new Float64Array(length).fill(NaN);
    const values = array(from, key);
    if (values.length !== length)
        throw new SnapshotError('candles.' + key, `${length} numbers`);
    return Float64Array.from(values, (value, i) => {
        if (gaps && value === null)
            return NaN;
        if (typeof value !== 'number' || !Number.isFinite(value))
            throw new SnapshotError(`candles.${key}[${i}]`, 'a finite number');
        return value;
    });
}

/** @param {Json} json  in the plain form @returns {Candles} */
export function candlesOf(json) {
    const n = array(json, 'open_time').length;
    if (n === 0)
        throw new SnapshotError('candles', 'at least one candle');
    const time = column(json, 'open_time', n, false);
    for (let i = 1; i < n; i++) {
        if (time[i] <= time[i - 1])
            throw new SnapshotError(`candles.open_time[${i}]`, 'ascending times');
    }
    return {
        time,
        open: column(json, 'open', n, false),
        high: column(json, 'high', n, false),
        low: column(json, 'low', n, false),
        close: column(json, 'close', n, false),
        volume: column(json, 'volume', n, true),
        quoteVolume: column(json, 'quote_volume', n, true),
    };
}

/**
 * @param {unknown[]} rows  [rows][columns]
 * @param {number} columns
 * @param {number} max  none may be larger
 */
function cellsOf(rows, columns, max) {
    const cells = new Uint16Array(rows.length * columns);
    rows.forEach((row, r) => {
        if (!Array.isArray(row) || row.length !== columns)
            throw new SnapshotError(`grid.cells[${r}]`, `${columns} numbers`);
        for (let c = 0; c < columns; c++) {
            const v = row[c];
            if (!(Number.isInteger(v) && v >= 0 && v <= max))
                throw new SnapshotError(`grid.cells[${r}][${c}]`, `a whole number up to ${max}`);
            cells[r * columns + c] = v;
        }
    });
    return cells;
}

/** @param {Json} json @param {number} candles  how many @param {Uint16Array} [known]  its cells @returns {Grid} */
function gridOf(json, candles, known) {
    const rows = whole(json, 'rows', 1);
    const columns = whole(json, 'columns', 1);
    const max = whole(json, 'max');
    if (columns !== candles)
        throw new SnapshotError('grid.columns', `one per candle, ${candles}`);
    if (rows * columns > CELLS_MAX || max > 0xffff)
        throw new SnapshotError('grid', `at most ${CELLS_MAX} cells of 16 bits`);
    const lines = known ? [] : array(json, 'cells');
    if (known ? known.length !== rows * columns : lines.length !== rows)
        throw new SnapshotError('grid.cells', `${rows} rows`);
    return {
        priceMin: number(json, 'price_min'),
        priceStep: positive(json, 'price_step'),
        rows,
        columns,
        max,
        quantum: positive(json, 'quantum'),
        usdPerUnit: numberOrNaN(json, 'usd_per_unit'),
        outside: numberOrNaN(json, 'outside'),
        cells: known ?? (typeof lines[0] === 'string' ? compactCells(lines, columns, max) : cellsOf(lines, columns, max)),
    };
}

/** @param {Json} json @returns {Statistics} */
function statisticsOf(json) {
    /** @type {Map<number, number>} */
    const imbalance = new Map();
    for (const [key, value] of Object.entries(objectOrEmpty(json.imbalance, 'imbalance'))) {
        if (typeof value === 'number' && Number.isFinite(value))
            imbalance.set(Number(key), value);
    }
    return {
        openInterestUsd: numberOrNaN(json, 'open_interest_usd'),
        fundingRate: numberOrNaN(json, 'funding_rate'),
        fundingIntervalMs: numberOrNaN(json, 'funding_interval_ms'),
        fundingYearly: numberOrNaN(json, 'funding_rate_yearly'),
        nextFundingTime: numberOrNaN(json, 'next_funding_time'),
        longShare: numberOrNaN(json, 'long_account_share'),
        imbalance,
    };
}

/** @param {Json} json @returns {Model} */
function modelOf(json) {
    const tiers = json.tiers === undefined ? [] : array(json, 'tiers');
    return {
        name: textOrEmpty(json, 'name'),
        version: numberOrNaN(json, 'version'),
        engineInterval: textOrEmpty(json, 'engine_interval'),
        seriesStart: numberOrNaN(json, 'series_start'),
        marginRate: numberOrNaN(json, 'maintenance_margin_rate'),
        leverageSpread: numberOrNaN(json, 'leverage_spread'),
        roundShare: numberOrNaN(json, 'round_number_share'),
        scaledBy: textOrEmpty(json, 'scaled_by'),
        limits: limitsOf(json.limits),
        tiers: tiers.map((value, i) => {
            const tier = object(value, `model.tiers[${i}]`);
            return {
                leverage: number(tier, 'leverage'),
                share: numberOrNaN(tier, 'standing_share'),
                halfLifeHours: numberOrNaN(tier, 'half_life_hours'),
            };
        }),
    };
}

/** @param {Json} json @returns {"live" | "demo" | "file"} */
function sourceOf(json) {
    const source = text(json, 'source');
    if (source !== 'live' && source !== 'demo' && source !== 'file')
        throw new SnapshotError('source', 'live, demo or file');
    return source;
}

/** @param {Json} json @returns {string[]} */
function warningsOf(json) {
    if (json.warnings === undefined)
        return [];
    return array(json, 'warnings').map((value) => {
        if (typeof value === 'string')
            return value;
        const { message } = object(value, 'warnings');
        if (typeof message !== 'string')
            throw new SnapshotError('warnings', 'strings');
        return message;
    });
}

/**
 * @param {unknown} data  the parsed answer of api/v1/heatmap; not changed
 * @param {{candles: Candles, cells: Uint16Array}} [known]  instead of the answer's own
 * @returns {Snapshot}
 * @throws {SnapshotError} when a field is missing or of a wrong shape
 */
export function parseSnapshot(data, known) {
    const json = object(data, 'answer');
    const listed = object(json.candles, 'candles');
    const candles = known?.candles ?? candlesOf(listed.ticks_per_unit === undefined ? listed : plainCandles(listed));
    const ticker = objectOrEmpty(json.ticker, 'ticker');
    return {
        symbol: text(json, 'symbol'),
        exchange: textOrEmpty(json, 'exchange'),
        market: textOrEmpty(json, 'market'),
        interval: text(json, 'interval'),
        source: sourceOf(json),
        generatedAt: numberOrNaN(json, 'generated_at'),
        dataTime: numberOrNaN(json, 'data_time'),
        stale: json.stale === true,
        staleReason: textOrEmpty(json, 'stale_reason'),
        warnings: warningsOf(json),
        notes: Array.isArray(json.notes) ? json.notes.map(String) : [],
        ticker: {
            last: numberOrNaN(ticker, 'last'),
            high: numberOrNaN(ticker, 'high_24h'),
            low: numberOrNaN(ticker, 'low_24h'),
            change: numberOrNaN(ticker, 'change_percent_24h'),
            quoteVolume: numberOrNaN(ticker, 'quote_volume_24h'),
        },
        statistics: statisticsOf(objectOrEmpty(json.statistics, 'statistics')),
        model: modelOf(objectOrEmpty(json.model, 'model')),
        candles,
        grid: gridOf(object(json.grid, 'grid'), candles.time.length, known?.cells),
        profile: profileOf(json.profile, candles.close[candles.close.length - 1]),
        levels: levelsOf(json.levels),
        filter: filterOf(json.filter),
        exchanges: exchangesOf(json.exchanges, json.incomplete),
        fallback: fallbackOf(json.fallback),
    };
}

/**
 * The price that counts as "now".
 *
 * @param {Snapshot} snapshot
 * @returns {number}
 */
export function lastPrice({ ticker, candles }) {
    return Number.isFinite(ticker.last) ? ticker.last
        : candles.close[candles.close.length - 1];
}

/**
 * @typedef {object} Cell  what the map says about one place
 * @property {number} row
 * @property {number} column
 * @property {number} value    units of the grid
 * @property {number} density  0 .. 100 of the map's strongest cell
 * @property {number} step     how exactly that is known: 0.1 where a level has its peak, else 1, as a compact
 *     map has 100 to 200 steps
 * @property {number} usd      modelled open interest, upper bound; NaN where unknown
 * @property {"long" | "short"} side  who would be liquidated there
 */

/**
 * @param {Snapshot} snapshot
 * @param {number} column  candle; any number
 * @param {number} price
 * @returns {Cell | null} null outside the map
 */
export function cellAt({ grid, candles, levels }, column, price) {
    const rowOf = (/** @type {number} */ at) => Math.floor((at - grid.priceMin) / grid.priceStep);
    const row = rowOf(price);
    if (!(row >= 0 && row < grid.rows && column >= 0 && column < grid.columns))
        return null;
    const value = grid.cells[row * grid.columns + column];
    const peak = column === grid.columns - 1 ? levels.find((level) => level.density > 0 && rowOf(level.price) === row) : undefined;
    const known = peak ? peak.density / 100 * grid.max : value;
    return {
        row,
        column,
        value,
        density: grid.max > 0 ? 100 * known / grid.max : 0,
        step: peak ? 0.1 : 1,
        usd: known * grid.quantum * grid.usdPerUnit,
        side: price < candles.close[column] ? 'long' : 'short',
    };
}

/**
 * By how many places the same candle moved left.
 *
 * @param {Float64Array} before  ascending times
 * @param {Float64Array} now
 * @returns {number} 0 when the two have nothing in common
 */
export function shiftOf(before, now) {
    const at = before.indexOf(now[0]);
    if (at >= 0)
        return at;
    const back = now.indexOf(before[0]);
    return back >= 0 ? -back : 0;
}
