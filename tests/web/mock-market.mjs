/* A small deterministic market and map for the page's tests: the shapes are the
 * server's, the numbers are plausible, and nothing here is the product's model. */

import { makeLevels, profileMember } from './mock-answers.mjs';

const SECONDS = { '5m': 300, '15m': 900, '1h': 3600, '4h': 14400, '1d': 86400 };
const TIERS = [
    { leverage: 2, standing_share: 0.15, half_life_hours: 1440 },
    { leverage: 3, standing_share: 0.15, half_life_hours: 960 },
    { leverage: 5, standing_share: 0.2, half_life_hours: 480 },
    { leverage: 10, standing_share: 0.25, half_life_hours: 168 },
    { leverage: 25, standing_share: 0.15, half_life_hours: 48 },
    { leverage: 50, standing_share: 0.06, half_life_hours: 24 },
    { leverage: 100, standing_share: 0.04, half_life_hours: 12 },
];
const MARGIN = 0.004;
const SPREAD = 0.04;
const WARM_UP = 700;
const PRICES = { BTCUSDT: 110000, ETHUSDT: 4100, SOLUSDT: 190, DOGEUSDT: 0.2 };

/** Not the year of any machine that runs this. */
export const EXCHANGE_NOW = Date.UTC(2025, 9, 12, 0, 20, 0);
export const SYMBOLS = Object.keys(PRICES);

/** mulberry32 */
function randomFrom(seed) {
    let a = seed >>> 0;
    return () => {
        a = (a + 0x6d2b79f5) >>> 0;
        let t = Math.imul(a ^ (a >>> 15), a | 1);
        t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
}

const normal = (random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Phi, to 1e-7: enough for a picture. */
function phi(z) {
    const t = 1 / (1 + 0.2316419 * Math.abs(z));
    const tail = Math.exp(-z * z / 2) / 2.5066282746 * t * (0.31938153 + t * (-0.356563782
        + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
    return z > 0 ? 1 - tail : tail;
}

/** What was computed, by what was asked for: many tests ask for the same. @type {Map<string, any>} */
const computed = new Map();

/** @template T @param {unknown} asked @param {() => T} compute @returns {T}  nobody changes it */
function once(asked, compute) {
    const key = JSON.stringify(asked);
    if (!computed.has(key))
        computed.set(key, compute());
    return computed.get(key);
}

/** Candles up to the exchange's time `now`; the last one is forming. */
export const makeCandles = (symbol, interval, count, now) => once([symbol, interval, now], () => walk(symbol, interval, now)).slice(-(count + WARM_UP));

function walk(symbol, interval, now) {
    const step = SECONDS[interval] * 1000;
    const first = Math.floor(EXCHANGE_NOW / step) - 2400;
    const last = Math.floor(now / step);
    const random = randomFrom(symbol.length * 7919 + symbol.charCodeAt(0) * 104729 + step);
    const round = (v) => Number(v.toPrecision(7));
    const sigma = 0.0065 * Math.sqrt(SECONDS[interval] / 3600);
    let price = PRICES[symbol] * 0.93;
    let mood = 1;
    const out = [];
    for (let i = first; i <= last; i++) {
        mood = Math.max(0.45, mood * 0.97 + 0.03 + 0.16 * Math.abs(normal(random)) - 0.11);
        const pull = 0.004 * Math.log(PRICES[symbol] / price);
        const jump = random() < 0.004 ? 6 * normal(random) : 0;
        let move = pull + sigma * mood * (0.75 * normal(random) + 0.5 * jump);
        let up = sigma * mood * 0.45 * Math.abs(normal(random));
        let down = sigma * mood * 0.45 * Math.abs(normal(random));
        const base = (800 + 5200 * mood * mood * (0.4 + random()) * (1 + Math.abs(jump))) * 110000 / PRICES[symbol]
            * SECONDS[interval] / 3600;
        const share = i === last ? Math.max(0.05, now / step - last) : 1;
        [move, up, down] = [move * share, up * share, down * share];
        const open = price;
        const close = open * (1 + move);
        out.push({
            time: i * step,
            open: round(open),
            high: round(Math.max(open, close) * (1 + up)),
            low: round(Math.min(open, close) * (1 - down)),
            close: round(close),
            volume: Number((base * share).toFixed(3)),
            quote: Number((base * share * (open + close) / 2).toFixed(1)),
        });
        price = round(close);
    }
    return out;
}

function niceStep(least) {
    const ten = 10 ** Math.floor(Math.log10(least));
    return [1, 2, 2.5, 5, 10].map((m) => m * ten).find((s) => s >= least * (1 - 1e-12));
}

function axisOf(shown, range) {
    const low = Math.min(...shown.map((c) => c.low));
    const high = Math.max(...shown.map((c) => c.high));
    const pad = Math.max(0.5 * (high - low), 0.025 * shown.at(-1).close);
    const last = shown.at(-1).close;
    const bottom = range ? last * (1 - range / 100) : Math.max(low - pad, 0.3 * low);
    const top = range ? last * (1 + range / 100) : high + pad;
    const step = niceStep((top - bottom) / 400);
    const from = 20 * step * Math.floor(bottom / (20 * step));
    const to = 20 * step * Math.ceil(top / (20 * step));
    return { from: Number(from.toPrecision(12)), step: Number(step.toPrecision(12)), rows: Math.round((to - from) / step) };
}

/** Positions of one tier and side by price row. All fade alike: what they are counted in shrinks, not each of them. */
class Positions {
    /** @param {number} rows @param {number} keep  what is left of them a candle later */
    constructor(rows, keep) {
        this.rows = new Float64Array(rows);
        this.keep = keep;
        this.unit = 1;
    }

    /** A candle later; it closed those of the rows from, .., to - 1. */
    pass(from, to) {
        this.unit *= this.keep;
        if (this.unit < 1e-200) {
            this.rows = this.masses();
            this.unit = 1;
        }
        if (from < to)
            this.rows.fill(0, from, to);
    }

    masses() {
        return this.rows.map((v) => v * this.unit);
    }

    /** To the masses of a column. @param {Float64Array} column */
    addTo(column) {
        for (let r = 0; r < column.length; r++)
            column[r] += this.rows[r] * this.unit;
    }

    /** Of a normal distribution, the rows from, .., to. */
    addBand(axis, mean, sigma, mass, from, to) {
        const first = Math.max(from, Math.floor((mean - 4 * sigma - axis.from) / axis.step));
        const last = Math.min(to, Math.floor((mean + 4 * sigma - axis.from) / axis.step));
        if (first > last)
            return;
        const step = axis.step / sigma;
        let z = (axis.from - mean) / sigma + first * step;
        let below = phi(z);
        for (let r = first; r <= last; r++) {
            z += step;
            const lower = below;
            below = phi(z);
            this.rows[r] += mass / this.unit * (below - lower);
        }
    }
}

/** Columns of the shown candles, [column][row] mass, and what stands at their end by tier. */
function makeColumns(candles, bars, axis, hours, shown) {
    const flow = TIERS.map((t) => t.standing_share / t.half_life_hours);
    const all = flow.reduce((a, b) => a + b);
    const positions = () => TIERS.map((t) => new Positions(axis.rows, 2 ** (-hours / t.half_life_hours)));
    const [long, short] = [positions(), positions()];
    const visible = [long, short].flatMap((side, i) => side.filter((_, k) => shown.side !== ['short', 'long'][i] && shown.tiers.includes(TIERS[k].leverage)));
    const row = (p) => Math.min(axis.rows, Math.max(-1, Math.floor((p - axis.from) / axis.step)));
    const columns = [];
    for (const [i, c] of candles.entries()) {
        const mean = (c.high + c.low + c.close) / 3;
        const width = (c.high - c.low) / Math.sqrt(12);
        const [low, high, close] = [row(c.low), row(c.high), row(c.close)];
        for (const [k, { leverage }] of TIERS.entries()) {
            long[k].pass(Math.max(0, low), axis.rows);
            short[k].pass(0, high + 1);
            const f = (1 - 1 / leverage) / (1 - MARGIN);
            const g = (1 + 1 / leverage) / (1 + MARGIN);
            const own = SPREAD * mean / leverage;
            const mass = c.quote * flow[k] / all / 2;
            long[k].addBand(axis, f * mean, Math.hypot(f * width, own), mass, 0, close - 1);
            short[k].addBand(axis, g * mean, Math.hypot(g * width, own), mass, close + 1, axis.rows - 1);
        }
        if (i >= candles.length - bars) {
            const column = new Float64Array(axis.rows);
            for (const side of visible)
                side.addTo(column);
            columns.push(column);
        }
    }
    return { columns, long: long.map((side) => side.masses()), short: short.map((side) => side.masses()) };
}

function gridOf(columns, axis, openInterest) {
    let max = 0;
    let mass = 0;
    for (const column of columns)
        max = column.reduce((a, b) => Math.max(a, b), max);
    mass = columns.at(-1).reduce((a, b) => a + b, 0);
    const least = max / 1000;
    const ten = 10 ** Math.floor(Math.log10(least));
    const quantum = [1, 2, 5, 10].map((m) => m * ten).find((q) => q >= least);
    const cells = Array.from({ length: axis.rows }, (_, r) => columns.map((c) => Math.round(c[r] / quantum)));
    return {
        price_min: axis.from,
        price_step: axis.step,
        rows: axis.rows,
        columns: columns.length,
        quantum,
        max: Math.round(max / quantum),
        usd_per_unit: openInterest === null ? null : 2 * openInterest / (mass * 1.15),
        outside: mass * 0.15,
        total: mass * 1.15,
        cells,
    };
}

export const ALL_TIERS = TIERS.map((tier) => tier.leverage);

/** The model's run behind an answer. */
export function makeModel({ symbol, interval, bars, now, openInterest = true, tiers = ALL_TIERS, side = 'both', range = 0 }) {
    const asked = { symbol, interval, bars, now, openInterest, tiers, side, range };
    return once(asked, () => runModel(asked));
}

function runModel({ symbol, interval, bars, now, openInterest, tiers, side, range }) {
    const candles = makeCandles(symbol, interval, bars, now);
    const shown = candles.slice(-bars);
    const axis = axisOf(shown, range);
    const oi = openInterest ? 9.42e9 : null;
    const { columns, long, short } = makeColumns(candles, bars, axis, SECONDS[interval] / 3600, { tiers, side });
    return { candles, shown, axis, oi, columns, long, short, grid: gridOf(columns, axis, oi), filter: { tiers, side, range: range || null } };
}

/** An answer of api/v1/heatmap. `extra` overrides its top level. */
export function makeSnapshot({ symbol, interval, bars, now, openInterest = true, tiers, side, range, extra = {} }) {
    const made = makeModel({ symbol, interval, bars, now, openInterest, tiers, side, range });
    const { candles, shown, oi, grid, filter } = made;
    const day = shown.slice(-Math.min(bars, Math.ceil(86400 / SECONDS[interval])));
    const close = shown.at(-1).close;
    const pick = (name) => shown.map((c) => c[name]);
    return {
        api: 1, symbol, exchange: 'binance', market: 'usdm-perpetual', interval, bars, source: 'live',
        generated_at: now, data_time: now - 1200, stale: false, stale_reason: null, warnings: [], cursor: 'c1',
        ticker: {
            last: close, high_24h: Math.max(...day.map((c) => c.high)), low_24h: Math.min(...day.map((c) => c.low)),
            change_percent_24h: Number((100 * (close / day[0].open - 1)).toFixed(3)),
            volume_24h: day.reduce((a, c) => a + c.volume, 0), quote_volume_24h: day.reduce((a, c) => a + c.quote, 0),
        },
        statistics: openInterest ? {
            open_interest_usd: oi, funding_rate: 0.0000412, funding_interval_ms: 28800000, funding_rate_yearly: 0.045114,
            next_funding_time: Math.ceil(now / 28800000) * 28800000, long_account_share: 0.6127,
            imbalance: { 1: -0.12, 2: 0.18, 5: 0.07, 10: 0.02 },
        } : { open_interest_usd: null, funding_rate: null, next_funding_time: null, long_account_share: null, imbalance: { 1: -0.12, 2: 0.18 } },
        model: {
            name: 'gauss7', version: 1, engine_interval: '15m', series_start: candles[0].time, tiers: TIERS,
            maintenance_margin_rate: MARGIN, leverage_spread: SPREAD, round_number_share: 0.05,
            scaled_by: openInterest ? 'open_interest' : null,
        },
        candles: {
            open_time: pick('time'), open: pick('open'), high: pick('high'), low: pick('low'), close: pick('close'),
            volume: pick('volume'), quote_volume: pick('quote'),
        },
        filter,
        grid,
        profile: profileMember(made),
        levels: makeLevels(made),
        ...extra,
    };
}
