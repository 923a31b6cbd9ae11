/* The parts of the server's answers beside candles and grid: levels, profile,
 * the single-leverage bars, explanations, exchanges.  What has a wrong shape
 * is refused with an error that names the field. */

import {
    SnapshotError, array, number, numberOrNaN, object, objectOrEmpty, positive, text, textOrEmpty, whole,
} from './read.js';

/**
 * @typedef {import('./read.js').Json} Json
 * @typedef {"long" | "short"} Side
 *
 * @typedef {object} Level  a band of rows with much mass
 * @property {Side} side     who would be closed there
 * @property {number} price  of its strongest row
 * @property {number} from   lower edge
 * @property {number} to     upper edge
 * @property {number} density  0 .. 100 of the map's strongest cell
 * @property {number} mass
 * @property {number} usd    modelled, upper bound; NaN where unknown
 * @property {number} distance  percent of the last price
 * @property {number} since  ms; NaN where unknown
 * @property {{leverage: number, share: number}[]} tiers  of its mass, largest share first
 *
 * @typedef {object} Filter  what of the model is shown
 * @property {number[]} tiers  empty where the server does not say
 * @property {"long" | "short" | "both"} side
 * @property {number} range  percent around price; NaN: as the candles need
 *
 * @typedef {object} ExchangePart  one exchange of a sum
 * @property {string} name
 * @property {boolean} included
 * @property {number} share  of the sum, 0 .. 1; NaN where unknown
 * @property {number} openInterestUsd  NaN where unknown
 * @property {number} ageMs  NaN where unknown
 * @property {boolean} stale
 * @property {boolean} missing  excluded for now: it did not fail, and is still to come
 * @property {string} reason  why it is excluded or stale; "" for none
 * @property {string} engineInterval  "" where unknown
 * @property {string} contract  "linear", "inverse" or "" where unknown
 * @property {Limits} limits
 * @property {string[]} warnings
 *
 * @typedef {object} Limits  what a contract allows in its first bracket
 * @property {number} maxLeverage  NaN where unknown, as all below
 * @property {number} marginRate   of notional
 * @property {boolean} inverse     margined in the coin
 * @property {string} source       "contract", "assumed", …; "" where unknown
 *
 * @typedef {object} Profile  the newest column by price
 * @property {number} price
 * @property {number} priceMin   lower edge of row 0
 * @property {number} priceStep
 * @property {number} rows
 * @property {number} usdPerUnit dollars of one entry below; NaN where unknown
 * @property {{leverage: number, mass: Float64Array}[]} tiers  [rows] each, lowest leverage first
 * @property {Float64Array} cumulative  [rows] between price and the row, that one included
 * @property {number} outside  mass at prices beyond the rows
 *
 * @typedef {object} Single  bars of the model of one leverage; weights, not dollars
 * @property {number} price
 * @property {number} priceMin
 * @property {number} priceStep
 * @property {number} rows
 * @property {number} leverage
 * @property {Float64Array} long
 * @property {Float64Array} short
 * @property {Float64Array} cumulativeLong   downward from price
 * @property {Float64Array} cumulativeShort  upward from price
 *
 * @typedef {object} Cause  what put mass into a cell
 * @property {number} time      ms, open of the candle
 * @property {number} leverage  of its tier
 * @property {number} effective what the contract makes of it; NaN where unknown
 * @property {number} share     of the cell, 0 .. 1
 * @property {number} usd       NaN where unknown
 *
 * @typedef {object} Explanation
 * @property {number} time      of the cell's candle
 * @property {number} from      lower edge of the cell's row
 * @property {number} to
 * @property {Side} side
 * @property {number} density
 * @property {number} usd       NaN where unknown
 * @property {number} sweptAt   ms; what came before it is gone; NaN for never
 * @property {Cause[]} causes   largest first
 * @property {number} listedShare  of the cell, 0 .. 1
 * @property {number} total     how many causes there are
 */

/** @param {Json} json @param {string} key @returns {Side} */
function sideOf(json, key) {
    const side = textOrEmpty(json, key);
    if (side !== 'long' && side !== 'short')
        throw new SnapshotError(key, 'long or short');
    return side;
}

/** @param {unknown} value @param {string} where @param {Side} side @returns {Level} */
function levelOf(value, where, side) {
    const json = object(value, where);
    const shares = Object.entries(objectOrEmpty(json.tiers, where + '.tiers'));
    return {
        side,
        price: number(json, 'price'),
        from: number(json, 'from'),
        to: number(json, 'to'),
        density: numberOrNaN(json, 'density'),
        mass: numberOrNaN(json, 'mass'),
        usd: numberOrNaN(json, 'modelled_usd'),
        distance: numberOrNaN(json, 'distance_percent'),
        since: numberOrNaN(json, 'since'),
        tiers: shares.map(([leverage, share]) => ({ leverage: Number(leverage), share: Number(share) }))
            .filter((t) => t.share > 0).sort((a, b) => b.share - a.share),
    };
}

/**
 * @param {unknown} value  the answer's `levels`
 * @returns {Level[]} both sides, strongest first within each; empty where missing
 */
export function levelsOf(value) {
    const json = objectOrEmpty(value, 'levels');
    /** @type {Side[]} */
    const sides = ['short', 'long'];
    return sides.flatMap((side) => (json[side] === undefined ? [] : array(json, side))
        .map((level, i) => levelOf(level, `levels.${side}[${i}]`, side)));
}

/** @param {unknown} value  the answer's `filter` @returns {Filter} */
export function filterOf(value) {
    const json = objectOrEmpty(value, 'filter');
    const tiers = json.tiers === undefined ? [] : array(json, 'tiers').map(Number);
    const side = textOrEmpty(json, 'side');
    return { tiers, side: side === 'long' || side === 'short' ? side : 'both', range: numberOrNaN(json, 'range') };
}

/** @param {unknown} value  the answer's `limits` @returns {Limits} */
export function limitsOf(value) {
    const json = value === null ? {} : objectOrEmpty(value, 'limits');
    return {
        maxLeverage: numberOrNaN(json, 'max_leverage'), marginRate: numberOrNaN(json, 'maintenance_margin_rate'),
        inverse: json.inverse === true, source: textOrEmpty(json, 'source'),
    };
}

/**
 * @param {unknown} value  the answer's `exchanges`
 * @param {unknown} [incomplete]  names of those still to come
 * @returns {ExchangePart[]} empty where missing
 */
export function exchangesOf(value, incomplete) {
    const names = Array.isArray(incomplete) ? incomplete : [];
    if (!Array.isArray(value))
        return [];
    return value.map((item, i) => {
        const json = object(item, `exchanges[${i}]`);
        return {
            name: text(json, 'name'),
            included: json.included !== false,
            missing: names.includes(json.name),
            share: numberOrNaN(json, 'share'),
            openInterestUsd: numberOrNaN(json, 'open_interest_usd'),
            ageMs: numberOrNaN(json, 'age_ms'),
            stale: json.stale === true,
            reason: textOrEmpty(json, 'reason'),
            engineInterval: textOrEmpty(json, 'engine_interval'),
            contract: textOrEmpty(json, 'contract'),
            limits: limitsOf(json.limits),
            warnings: Array.isArray(json.warnings) ? json.warnings.map(String) : [],
        };
    });
}

/**
 * @param {unknown} value  the answer's `fallback`
 * @returns {{from: string, code: string, reason: string} | null} null: what was asked for is shown
 */
export function fallbackOf(value) {
    if (value === undefined || value === null)
        return null;
    const json = object(value, 'fallback');
    return { from: text(json, 'from'), code: textOrEmpty(json, 'code'), reason: textOrEmpty(json, 'reason') };
}

/** @param {Json} json @param {string} key @param {number} rows */
function rowsOf(json, key, rows) {
    const values = array(json, key);
    if (values.length !== rows)
        throw new SnapshotError(key, `${rows} numbers`);
    return Float64Array.from(values, (value, i) => {
        if (typeof value !== 'number' || !Number.isFinite(value))
            throw new SnapshotError(`${key}[${i}]`, 'a finite number');
        return value;
    });
}

/**
 * Sums outward from a row; the compact form leaves them to its reader.
 *
 * @param {Profile["tiers"]} tiers
 * @param {number} rows
 * @param {number} now  the row of the price, may lie outside
 */
function cumulativeOf(tiers, rows, now) {
    const sums = new Float64Array(rows);
    /** @param {number} first @param {number} step */
    const add = (first, step) => {
        let sum = 0;
        for (let r = first; r >= 0 && r < rows; r += step)
            sums[r] = sum = tiers.reduce((all, { mass }) => all + mass[r], sum);
    };
    add(Math.min(now, rows - 1), -1);
    add(Math.max(now + 1, 0), 1);
    return sums;
}

/**
 * @param {unknown} value  the map's `profile`
 * @param {number} price   the newest close
 * @returns {Profile | null} null where missing
 */
export function profileOf(value, price) {
    if (value === undefined || value === null)
        return null;
    const json = object(value, 'profile');
    const rows = whole(json, 'rows', 1);
    const all = object(json.tiers, 'profile.tiers');
    const outside = object(json.outside, 'profile.outside');
    const [priceMin, priceStep] = [number(json, 'price_min'), positive(json, 'price_step')];
    const tiers = Object.keys(all).map(Number).sort((a, b) => a - b)
        .map((leverage) => ({ leverage, mass: rowsOf(all, String(leverage), rows) }));
    return {
        price, priceMin, priceStep, rows, tiers,
        usdPerUnit: positive(json, 'quantum') * numberOrNaN(json, 'usd_per_unit'),
        cumulative: cumulativeOf(tiers, rows, Math.floor((price - priceMin) / priceStep)),
        outside: ['long_below', 'long_above', 'short_below', 'short_above']
            .reduce((sum, key) => sum + number(outside, key), 0),
    };
}

/**
 * @param {unknown} data  the answer of api/v1/profile?model=single
 * @returns {Single}
 * @throws {SnapshotError}
 */
export function parseSingle(data) {
    const answer = object(data, 'answer');
    const json = object(answer.bands, 'bands');
    const rows = whole(json, 'n', 1);
    return {
        price: positive(answer, 'price'),
        priceMin: number(json, 'price_min'),
        priceStep: positive(json, 'band'),
        rows,
        leverage: number(object(answer.model, 'model'), 'leverage'),
        long: rowsOf(json, 'long', rows),
        short: rowsOf(json, 'short', rows),
        cumulativeLong: rowsOf(json, 'cumulative_long', rows),
        cumulativeShort: rowsOf(json, 'cumulative_short', rows),
    };
}

/**
 * @param {unknown} data  the answer of api/v1/explain
 * @returns {Explanation}
 * @throws {SnapshotError}
 */
export function parseExplanation(data) {
    const answer = object(data, 'answer');
    const cell = object(answer.cell, 'cell');
    return {
        time: number(cell, 'time'),
        from: number(cell, 'price_from'),
        to: number(cell, 'price_to'),
        side: sideOf(cell, 'side'),
        density: numberOrNaN(cell, 'density'),
        usd: numberOrNaN(cell, 'modelled_usd'),
        sweptAt: numberOrNaN(answer, 'swept_at'),
        causes: array(answer, 'causes').map((value, i) => {
            const cause = object(value, `causes[${i}]`);
            return {
                time: number(cause, 'open_time'),
                leverage: number(cause, 'leverage'),
                effective: numberOrNaN(cause, 'effective_leverage'),
                share: number(cause, 'share'),
                usd: numberOrNaN(cause, 'modelled_usd'),
            };
        }),
        listedShare: number(answer, 'listed_share'),
        total: whole(answer, 'causes_total'),
    };
}
