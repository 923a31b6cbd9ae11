/**
 * The model of src/model/MODEL.md (gauss7, version 2) written a second time, from that text alone. Plain on
 * purpose; numbers in brackets are the text's equations. Nothing here knows of the C.
 */
import { between, lower, upper } from './normal.mjs';

/** @typedef {{open_ms: number, open: number, high: number, low: number, close: number, volume: number,
 *     quote_volume: number}} Candle  prices in quote per base, quote_volume NaN where it is not known */
/** @typedef {{priceMin: number, priceMax: number, step: number, R: number}} Axis */
/** @typedef {{long: Float64Array, short: Float64Array, longBelow: number, longAbove: number, shortBelow: number,
 *     shortAbove: number}} Tier */
/** @typedef {{tiers: Tier[], discarded: number}} Book */

const HOUR_MS = 3600000;

export const TIERS = [
    { leverage: 2, standing: 0.15, halfLife: 1440 },
    { leverage: 3, standing: 0.15, halfLife: 960 },
    { leverage: 5, standing: 0.2, halfLife: 480 },
    { leverage: 10, standing: 0.25, halfLife: 168 },
    { leverage: 25, standing: 0.15, halfLife: 48 },
    { leverage: 50, standing: 0.06, halfLife: 24 },
    { leverage: 100, standing: 0.04, halfLife: 12 },
];
/**
 * What the contract allows (3a).
 *
 * @typedef {{maxLeverage: number, marginRate: number, inverse: boolean}} Contract
 */
/** @type {Contract} */
export const DEFAULT_CONTRACT = { maxLeverage: 100, marginRate: 0.004, inverse: false };
export const LEVERAGE_SPREAD = 0.04;
export const ROUND_SHARE = 0.05;

const SERIES_GRAIN = 375;
const SERIES_WARMUP = 1500;
const EDGE_SLACK = 1e-9;
const ROUND_MAX = 1000;
const BAND_SIGMAS = 4;
const SNAP_ROWS = 20;
const WIRE_MAX = 1000;

/**
 * A decimal number digit · 10^n, right to the last bit while 10^|n| is exact (|n| <= 22).
 *
 * @param {number} digit
 * @param {number} n  an integer
 */
function decimal(digit, n) {
    return n < 0 ? digit / Number(`1e${-n}`) : digit * Number(`1e${n}`);
}

/* ---- section 1: what is a candle ---- */

/** Q: the quote volume, or v (H+L+C)/3 where only base volume is known. */
export function quoteVolume(candle) {
    if (Number.isNaN(candle.quote_volume))
        return (candle.volume * (candle.high + candle.low + candle.close)) / 3;
    return candle.quote_volume;
}

/** @throws {RangeError} when the model must refuse the candle */
export function checkCandle(candle) {
    const { open, high, low, close } = candle;
    const Q = quoteVolume(candle);
    const inRange = low >= 1e-12 && high <= 1e12 && Q >= 0 && Q <= 1e24;
    const inOrder = low <= open && open <= high && low <= close && close <= high;
    if (!inRange || !inOrder)
        throw new RangeError(`not a candle: ${JSON.stringify(candle)}`);
}

/* ---- section 2: engine and display candles ---- */

/** The open of the display candle that time lies in. */
export function displayOpen(timeMs, displayMs) {
    return Math.floor(timeMs / displayMs) * displayMs;
}

/**
 * The engine candles the series is made of: from the last multiple of 375 display intervals that lies at least 1500 of
 * them before the newest display candle.
 *
 * @param {Candle[]} engine  ascending, at least one
 */
export function series(engine, displayMs) {
    const newest = displayOpen(engine[engine.length - 1].open_ms, displayMs);
    const grain = SERIES_GRAIN * displayMs;
    const start = Math.floor((newest - SERIES_WARMUP * displayMs) / grain) * grain;
    return engine.filter((candle) => candle.open_ms >= start);
}

/**
 * Display candles, each with the index of its newest engine candle.
 *
 * @param {Candle[]} engine  ascending
 * @returns {(Candle & {last: number})[]}
 */
export function aggregate(engine, displayMs) {
    const out = [];
    engine.forEach((candle, i) => {
        const open_ms = displayOpen(candle.open_ms, displayMs);
        const old = out[out.length - 1];
        if (old === undefined || old.open_ms !== open_ms) {
            out.push({ ...candle, open_ms, quote_volume: quoteVolume(candle), last: i });
            return;
        }
        old.high = Math.max(old.high, candle.high);
        old.low = Math.min(old.low, candle.low);
        old.close = candle.close;
        old.volume += candle.volume;
        old.quote_volume += quoteVolume(candle);
        old.last = i;
    });
    return out;
}

/* ---- section 3 ---- */

/** q_k, the share of new entries that goes to each tier (1). */
export function inflowShares() {
    const rates = TIERS.map((tier) => tier.standing / tier.halfLife);
    const sum = rates.reduce((a, b) => a + b, 0);
    return rates.map((rate) => rate / sum);
}

/* ---- section 3a ---- */

/** @throws {RangeError} when the limits make no sense */
export function checkContract({ maxLeverage, marginRate }) {
    if (!Number.isFinite(maxLeverage) || !(maxLeverage > 1) || !(marginRate >= 0 && marginRate < 1 / maxLeverage))
        throw new RangeError(`not a contract: ${maxLeverage}x, ${marginRate}`);
}

/** The leverage of tier k in every formula. */
export function leverageOf(contract, k) {
    return Math.min(TIERS[k].leverage, contract.maxLeverage);
}

/** f: the liquidation price over the entry price (6), (6a). */
export function liquidationFactor(contract, L, side) {
    const m = contract.marginRate;
    if (contract.inverse)
        return side === 'long' ? (1 + m) / (1 + 1 / L) : (1 - m) / (1 - 1 / L);
    return side === 'long' ? (1 - 1 / L) / (1 - m) : (1 + 1 / L) / (1 + m);
}

/* ---- section 4: the price axis ---- */

/** The smallest digit · 10^n that is >= least. */
function smallestDecimal(digits, isEnough) {
    for (let n = -330; n < 300; n++)
        for (const digit of digits)
            if (isEnough(decimal(digit, n)))
                return { digit, n, value: decimal(digit, n) };
    throw new RangeError('no such decimal');
}

/**
 * Rows between a and z (3).
 *
 * @param {number} a     low price
 * @param {number} z     high price, > a
 * @param {number} rows  asked for
 * @returns {Axis}
 */
export function axisBetween(a, z, rows) {
    const { digit, n, value: step } = smallestDecimal([1, 2, 2.5, 5], (s) => s >= ((z - a) / rows) * (1 - 1e-9));
    const block = decimal(SNAP_ROWS * digit, n);
    const first = Math.floor(a / block + 1e-9);
    const last = Math.ceil(z / block - 1e-9);
    return {
        priceMin: decimal(SNAP_ROWS * digit * first, n),
        priceMax: decimal(SNAP_ROWS * digit * last, n),
        step,
        R: SNAP_ROWS * (last - first),
    };
}

/** The axis that fits the shown candles (2). */
export function fitAxis(shown, rows) {
    const maxH = Math.max(...shown.map((c) => c.high));
    const minL = Math.min(...shown.map((c) => c.low));
    const pad = Math.max(0.5 * (maxH - minL), 0.025 * shown[shown.length - 1].close);
    return axisBetween(Math.max(minL - pad, 0.3 * minL), maxH + pad, rows);
}

/** The axis of ±percent around a price. */
export function rangeAxis(price, percent, rows) {
    return axisBetween(price * (1 - percent / 100), price * (1 + percent / 100), rows);
}

/** The row that holds p; < 0 below the axis, >= R above it. */
export function rowOf(axis, p) {
    return Math.floor((p - axis.priceMin) / axis.step + EDGE_SLACK);
}

/** The lower edge of row r, inside the axis or beyond. */
export function edgeOf(axis, r) {
    return axis.priceMin + r * axis.step;
}

/* ---- section 5: one engine candle ---- */

/** @returns {Book} with nothing in it */
export function emptyBook(R) {
    const tiers = TIERS.map(() => ({
        long: new Float64Array(R),
        short: new Float64Array(R),
        longBelow: 0,
        longAbove: 0,
        shortBelow: 0,
        shortAbove: 0,
    }));
    return { tiers, discarded: 0 };
}

/** Everything alive halves every half-life (4). */
export function decay(book, hours) {
    book.tiers.forEach((tier, k) => {
        const factor = Math.pow(2, -hours / TIERS[k].halfLife);
        for (const rows of [tier.long, tier.short])
            for (let r = 0; r < rows.length; r++)
                rows[r] *= factor;
        for (const name of ['longBelow', 'longAbove', 'shortBelow', 'shortAbove'])
            tier[name] *= factor;
    });
}

/** Price visited [low, high]: what it touched is gone. */
export function clear(book, axis, low, high) {
    const rowLow = rowOf(axis, low);
    const rowHigh = rowOf(axis, high);
    for (const tier of book.tiers) {
        for (let r = 0; r < axis.R; r++) {
            if (r >= rowLow)
                tier.long[r] = 0;
            if (r <= rowHigh)
                tier.short[r] = 0;
        }
        if (rowLow < axis.R)
            tier.longAbove = 0;
        if (rowHigh >= 0)
            tier.shortBelow = 0;
    }
}

/**
 * Round prices in [low, high].
 *
 * @returns {number[]} empty also when there are more than 1000
 */
export function roundPrices(low, high, close) {
    let n = -30;
    while (decimal(1, n + 1) <= close / 20)
        n++;
    const u = decimal(1, n);
    const first = Math.max(1, Math.ceil(low / u - EDGE_SLACK));
    const last = Math.floor(high / u + EDGE_SLACK);
    if (last - first + 1 > ROUND_MAX)
        return [];
    const out = [];
    for (let k = first; k <= last; k++)
        out.push(decimal(k, n));
    return out;
}

/**
 * The entries of one candle (5): where, how wide, which share.
 *
 * @returns {{e: number, sigma: number, share: number}[]}
 */
export function entries(candle) {
    const { high, low, close } = candle;
    const round = roundPrices(low, high, close);
    const main = { e: (high + low + close) / 3, sigma: (high - low) / Math.sqrt(12), share: 1 };
    if (round.length > 0)
        main.share = 1 - ROUND_SHARE;
    return [main, ...round.map((e) => ({ e, sigma: 0, share: ROUND_SHARE / round.length }))];
}

/**
 * How one Gaussian band falls on the axis, as shares of its mass.
 *
 * @param {Axis} axis
 * @param {number} mu
 * @param {number} sigma      > 0
 * @param {'long'|'short'} side
 * @param {number} close
 * @returns {{first: number, rows: number[], below: number, above: number, discarded: number}}  rows[i] belongs to row
 *     first + i; all together 1
 */
export function band(axis, mu, sigma, side, close) {
    const z = (price) => (price - mu) / sigma;
    let lo = rowOf(axis, mu - BAND_SIGMAS * sigma);
    let hi = rowOf(axis, mu + BAND_SIGMAS * sigma);
    let x0;
    let x1;
    if (lo >= axis.R) {
        x0 = x1 = edgeOf(axis, axis.R);
        hi = lo - 1;
    } else if (hi < 0) {
        x0 = x1 = edgeOf(axis, 0);
        lo = hi + 1;
    } else {
        lo = Math.max(lo, 0);
        hi = Math.min(hi, axis.R - 1);
        x0 = edgeOf(axis, lo);
        x1 = edgeOf(axis, hi + 1);
    }

    const rowClose = rowOf(axis, close);
    const part = { first: lo, rows: [], below: 0, above: 0, discarded: 0 };
    if (side === 'long') {
        const cut = edgeOf(axis, rowClose);
        hi = Math.min(hi, rowClose - 1);
        part.discarded = upper(z(cut));
        part.below = lower(z(Math.min(x0, cut)));
        part.above = between(z(Math.min(x1, cut)), z(cut));
    } else {
        const cut = edgeOf(axis, rowClose + 1);
        lo = Math.max(lo, rowClose + 1);
        part.first = lo;
        part.discarded = lower(z(cut));
        part.above = upper(z(Math.max(x1, cut)));
        part.below = between(z(cut), z(Math.max(x0, cut)));
    }
    for (let r = lo; r <= hi; r++)
        part.rows.push(between(z(edgeOf(axis, r)), z(edgeOf(axis, r + 1)))); /* (8) */
    return part;
}

/** New positions of one candle, every component x tier x side (6), (7). */
export function seed(book, axis, candle, contract = DEFAULT_CONTRACT) {
    const Q = quoteVolume(candle);
    const inflow = inflowShares();
    for (const { e, sigma, share } of entries(candle)) {
        book.tiers.forEach((tier, k) => {
            const L = leverageOf(contract, k);
            const mass = (Q * inflow[k] * share) / 2;
            for (const side of ['long', 'short']) {
                const f = liquidationFactor(contract, L, side);
                const spread = Math.sqrt((f * sigma) ** 2 + ((LEVERAGE_SPREAD * e) / L) ** 2);
                const part = band(axis, f * e, spread, side, candle.close);
                part.rows.forEach((x, i) => {
                    tier[side][part.first + i] += mass * x;
                });
                tier[`${side}Below`] += mass * part.below;
                tier[`${side}Above`] += mass * part.above;
                book.discarded += mass * part.discarded;
            }
        });
    }
}

/**
 * Decay, clear, seed.
 *
 * @param {Book} book
 * @param {Axis} axis
 * @param {Candle} candle
 * @param {number|null} previousMs  open of the engine candle before, null for the first
 * @param {Contract} [contract]
 */
export function step(book, axis, candle, previousMs, contract) {
    if (previousMs !== null)
        decay(book, (candle.open_ms - previousMs) / HOUR_MS);
    clear(book, axis, candle.low, candle.high);
    seed(book, axis, candle, contract);
}

/** D[.][j] (9). */
export function snapshot(book, R) {
    const column = new Float64Array(R);
    for (let r = 0; r < R; r++)
        for (const tier of book.tiers)
            column[r] += tier.long[r] + tier.short[r];
    return column;
}

/** All that lives: rows and outside, both sides. */
export function liveMass(book) {
    let sum = 0;
    for (const tier of book.tiers) {
        sum += tier.longBelow + tier.longAbove + tier.shortBelow + tier.shortAbove;
        for (const rows of [tier.long, tier.short])
            for (const mass of rows)
                sum += mass;
    }
    return sum;
}

/**
 * The whole map.
 *
 * @param {Candle[]} engine
 * @param {{displayMs: number, bars: number, rows: number, rangePercent?: number, axis?: Axis, contract?: Contract}} options
 *     rangePercent 0 or absent fits the axis to the shown candles, else it is taken around the newest close; axis
 *     overrides both
 * @returns {{axis: Axis, candles: Candle[], cells: Float64Array[], book: Book}} cells[j][r]
 */
export function run(engine, { displayMs, bars, rows, rangePercent = 0, axis, contract = DEFAULT_CONTRACT }) {
    engine.forEach(checkCandle);
    checkContract(contract);
    const used = series(engine, displayMs);
    const display = aggregate(used, displayMs);
    const shown = display.slice(-bars);
    if (axis === undefined) {
        const close = shown[shown.length - 1].close;
        axis = rangePercent > 0 ? rangeAxis(close, rangePercent, rows) : fitAxis(shown, rows);
    }

    const book = emptyBook(axis.R);
    const ends = new Set(shown.map((candle) => candle.last));
    const cells = [];
    used.forEach((candle, i) => {
        step(book, axis, candle, i > 0 ? used[i - 1].open_ms : null, contract);
        if (ends.has(i))
            cells.push(snapshot(book, axis.R));
    });
    return { axis, candles: shown, cells, book };
}

/* ---- section 7: units ---- */

/** The greatest cell. */
export function maxCell(cells) {
    return cells.reduce((max, column) => column.reduce((a, b) => Math.max(a, b), max), 0);
}

/**
 * What one wire unit stands for.
 *
 * @param {number} max  the greatest cell, > 0; of an empty map no quantum is the smallest
 */
export function quantum(max) {
    return smallestDecimal([1, 2, 5], (q) => q > 0 && max / q <= WIRE_MAX).value;
}

/** The wire integer of a cell. */
export function quantise(mass, unit) {
    return Math.round(mass / unit);
}

/** Dollars of modelled open interest in one unit of D (10). */
export function usdPerUnit(openInterestUsd, book) {
    return (2 * openInterestUsd) / liveMass(book);
}
