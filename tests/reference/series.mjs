/**
 * Made-up engine candles, the same on every machine: each series has one property that is likely to upset a model.
 * Nothing in here is market data.
 */

/** @typedef {import('./model.mjs').Candle} Candle */

const MINUTE = 60000;
const HOUR = 60 * MINUTE;
const START_MS = Date.UTC(2025, 0, 6);

/**
 * Numbers 0 <= x < 1 from a 32-bit counter stirred by multiplication (the constants only have to be odd).
 *
 * @param {number} seed
 * @returns {() => number}
 */
function randomFrom(seed) {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x9e3779b9) >>> 0;
        let x = state;
        x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
        x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
        return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32;
    };
}

/** Roughly normal, deviation 1: no logarithm, whose last bit could differ between machines. */
function bellFrom(random) {
    return () => {
        let sum = -6;
        for (let i = 0; i < 12; i++)
            sum += random();
        return sum;
    };
}

/** A candle from the prices walked through, rounded to ticks of 10^-decimals. */
function candleOf(open_ms, path, volume, decimals) {
    const tick = (x) => Math.max(Number(x.toFixed(decimals)), Number(`1e${-decimals}`));
    const prices = path.map(tick);
    const open = prices[0];
    const close = prices[prices.length - 1];
    const high = Math.max(...prices);
    const low = Math.min(...prices);
    const base = Number(volume.toFixed(3));
    const quote_volume = Number((base * ((high + low + close) / 3)).toPrecision(12));
    return { open_ms, open, high, low, close, volume: base, quote_volume };
}

/**
 * A random walk.
 *
 * @param {{seed: number, n: number, engineMs: number, price: number, decimals: number, sigma: number, volume: number,
 *     drift?: (i: number) => number, loud?: (i: number) => number, volumeOf?: (i: number) => number}} o  sigma: of one
 *     candle, relative; drift: relative per candle; loud, volumeOf: factors
 * @returns {Candle[]}
 */
function walk({ seed, n, engineMs, price, decimals, sigma, volume, drift = () => 0, loud = () => 1, volumeOf = () => 1 }) {
    const random = randomFrom(seed);
    const bell = bellFrom(random);
    const out = [];
    let p = price;
    for (let i = 0; i < n; i++) {
        const path = [p];
        for (let part = 0; part < 4; part++) {
            p *= 1 + drift(i) / 4 + (sigma * loud(i) * bell()) / 2;
            path.push(p);
        }
        out.push(candleOf(START_MS + i * engineMs, path, volume * (0.3 + random()) * loud(i) * volumeOf(i), decimals));
    }
    return out;
}

/** Grind up, fourteen percent down within an hour, a wick below, half of it back, then nervous. */
function crash() {
    const fall = 1400;
    const legs = [-0.012, -0.03, -0.065, -0.04, 0.045, 0.02, -0.01, 0.015];
    const out = walk({
        seed: 10,
        n: 2000,
        engineMs: 15 * MINUTE,
        price: 110000,
        decimals: 1,
        sigma: 0.0012,
        volume: 500,
        drift: (i) => (i < fall ? 0.00008 : (legs[i - fall] ?? 0)),
        loud: (i) => (i < fall ? 1 : 1 + 4 * Math.max(0, 1 - (i - fall) / 200)),
    });
    out[fall + 3].low -= 2500;
    return out;
}

/** Single candles missing, then hours, then days; also the display candles around them. */
function gaps() {
    const random = randomFrom(5);
    const all = walk({ seed: 4, n: 2600, engineMs: 5 * MINUTE, price: 3300, decimals: 2, sigma: 0.002, volume: 900 });
    return all.filter((_, i) => random() > 0.2 && !(i > 500 && i < 560) && !(i > 1500 && i < 2100));
}

/** More than a series may hold: starts inside, at a multiple of 375 display intervals. */
function sparse() {
    const random = randomFrom(15);
    const all = walk({ seed: 14, n: 9000, engineMs: HOUR, price: 25000, decimals: 1, sigma: 0.004, volume: 70 });
    return all.filter(() => random() < 0.3);
}

/** H = L in every candle: long still, then steps from one price to the next, some of them round. */
function flat() {
    const levels = [29950, 30000, 30000, 31000, 30500.5, 30000, 28000];
    return Array.from({ length: 700 }, (_, i) => candleOf(START_MS + i * HOUR, [levels[Math.floor(i / 100)]], 12.5, 1));
}

/** Needles: to a hundredth and a thousandth of the price, and up across 660, 1000, 1001 and 1160 round prices. */
function needles() {
    const out = walk({ seed: 8, n: 400, engineMs: HOUR, price: 40000, decimals: 1, sigma: 0.004, volume: 50 });
    const put = (i, change) => Object.assign(out[i], change);
    put(100, { low: 400 });
    put(200, { low: 40 });
    put(220, { high: 700000 });
    put(230, { low: 30500, high: 1030500 });
    put(240, { low: 30500, high: 1031500 });
    put(250, { high: 1.2e6 });
    put(251, { high: 90000, low: 21000 });
    return out;
}

/** Name to series: engine interval in ms and candles. */
export const SERIES = {
    calm: {
        engineMs: 15 * MINUTE,
        candles: walk({
            seed: 1,
            n: 3000,
            engineMs: 15 * MINUTE,
            price: 65000,
            decimals: 1,
            sigma: 0.001,
            volume: 300,
        }),
    },
    crash: { engineMs: 15 * MINUTE, candles: crash() },
    gaps: { engineMs: 5 * MINUTE, candles: gaps() },
    sparse: { engineMs: HOUR, candles: sparse() },
    flat: { engineMs: HOUR, candles: flat() },
    tiny: {
        engineMs: HOUR,
        candles: walk({ seed: 2, n: 1200, engineMs: HOUR, price: 0.0001, decimals: 9, sigma: 0.006, volume: 4e9 }),
    },
    huge: {
        engineMs: 4 * HOUR,
        candles: walk({ seed: 3, n: 1000, engineMs: 4 * HOUR, price: 1e6, decimals: 0, sigma: 0.01, volume: 0.02 }),
    },
    quiet: {
        engineMs: MINUTE,
        candles: walk({
            seed: 6,
            n: 2500,
            engineMs: MINUTE,
            price: 98000,
            decimals: 1,
            sigma: 0.0007,
            volume: 7,
            volumeOf: (i) => (i < 300 || i % 700 > 450 ? 0 : 1),
        }),
    },
    silent: {
        engineMs: HOUR,
        candles: walk({ seed: 12, n: 300, engineMs: HOUR, price: 2000, decimals: 2, sigma: 0.003, volume: 0 }),
    },
    single: {
        engineMs: 15 * MINUTE,
        candles: [candleOf(START_MS, [61000, 60500, 61700, 61234.5], 321.5, 1)],
    },
    singleFlat: { engineMs: HOUR, candles: [candleOf(START_MS, [50000], 10, 1)] },
    trend: {
        engineMs: HOUR,
        candles: walk({
            seed: 7,
            n: 1500,
            engineMs: HOUR,
            price: 9000,
            decimals: 1,
            sigma: 0.004,
            volume: 800,
            drift: (i) => (i < 1000 ? 0.0018 : -0.002),
        }),
    },
    needles: { engineMs: HOUR, candles: needles() },
};

const COLUMNS = ['open_time', 'open', 'high', 'low', 'close', 'volume', 'quote_volume'];

/**
 * CSV text with a header; numbers as the shortest decimals that read back the same.
 *
 * @param {Candle[]} candles
 */
export function toCsv(candles) {
    const lines = candles.map((c) => [c.open_ms, c.open, c.high, c.low, c.close, c.volume, c.quote_volume].join(','));
    return [COLUMNS.join(','), ...lines, ''].join('\n');
}

/**
 * The candles of a CSV text, by the names in its header; a quote volume that is not there is NaN.
 *
 * @param {string} text
 * @returns {Candle[]}
 */
export function fromCsv(text) {
    const [header, ...lines] = text.trim().split('\n');
    const names = header.split(',');
    return lines.map((line) => {
        const fields = line.split(',');
        const get = (name) => Number(fields[names.indexOf(name)] ?? NaN);
        return {
            open_ms: get('open_time'),
            open: get('open'),
            high: get('high'),
            low: get('low'),
            close: get('close'),
            volume: get('volume'),
            quote_volume: get('quote_volume'),
        };
    });
}
