/* What the server says beside the grid, for the page's tests: levels, profile,
 * the single-leverage bars, explanations.  The shapes are the server's, the
 * numbers hang together, and nothing here is the product's model. */

import { ALL_TIERS, makeCandles, makeModel } from './mock-market.mjs';

const HOUR = 3600000;

const priceOf = (axis, row) => Number((axis.from + row * axis.step).toPrecision(12));

/** Peaks of the newest column with the rows above half of each, five a side. */
export function makeLevels({ axis, columns, grid, shown, long, short }) {
    const column = columns.at(-1);
    const { close, time } = shown.at(-1);
    const now = Math.floor((close - axis.from) / axis.step);
    const taken = new Set([now]);
    const levels = { long: [], short: [] };
    const rows = [...column.keys()].sort((a, b) => column[b] - column[a]);
    for (const peak of rows) {
        const side = peak < now ? 'long' : 'short';
        if (taken.has(peak) || levels[side].length === 5 || column[peak] === 0)
            continue;
        let [from, to] = [peak, peak];
        while (!taken.has(from - 1) && column[from - 1] > column[peak] / 2)
            from--;
        while (!taken.has(to + 1) && column[to + 1] > column[peak] / 2)
            to++;
        let mass = 0;
        const tiers = {};
        for (let r = from; r <= to; r++) {
            taken.add(r);
            mass += column[r];
            ALL_TIERS.forEach((tier, k) => { tiers[tier] = (tiers[tier] ?? 0) + (side === 'long' ? long : short)[k][r]; });
        }
        const sum = Object.values(tiers).reduce((a, b) => a + b, 0);
        const price = priceOf(axis, peak + 0.5);
        levels[side].push({
            price, from: priceOf(axis, from), to: priceOf(axis, to + 1), density: Number((100 * column[peak] / grid.quantum / grid.max).toFixed(1)),
            mass, modelled_usd: grid.usd_per_unit === null ? null : mass * grid.usd_per_unit, side_share: 0.2,
            distance_percent: 100 * (price / close - 1), since: time - 5 * HOUR * (1 + levels[side].length),
            tiers: Object.fromEntries(Object.entries(tiers).map(([tier, m]) => [tier, Number((m / sum).toFixed(3))]).filter(([, share]) => share > 0)),
        });
    }
    for (const side of ['long', 'short'])
        levels[side].sort((a, b) => b.mass - a.mass);
    return levels;
}

const headOf = ({ symbol, interval, bars, now }) => ({ api: 1, symbol, exchange: 'binance', interval, bars, source: 'live', generated_at: now, data_time: now - 1200, warnings: [] });

/** The newest column by tier, and summed outward from the price. */
export function profileMember({ axis, grid, shown, filter, long, short }) {
    const rows = axis.rows;
    const tiers = {};
    const total = new Array(rows).fill(0);
    ALL_TIERS.forEach((tier, k) => {
        if (!filter.tiers.includes(tier))
            return;
        tiers[tier] = Array.from({ length: rows }, (_, r) => ((filter.side === 'short' ? 0 : long[k][r]) + (filter.side === 'long' ? 0 : short[k][r])) / grid.quantum);
        tiers[tier].forEach((v, r) => { total[r] += v; });
    });
    const { close } = shown.at(-1);
    const now = Math.floor((close - axis.from) / axis.step);
    const cumulative = new Array(rows).fill(0);
    for (let r = now - 1, sum = 0; r >= 0; r--)
        cumulative[r] = sum += total[r];
    for (let r = now + 1, sum = 0; r < rows; r++)
        cumulative[r] = sum += total[r];
    return {
        price_min: axis.from, price_step: axis.step, rows, quantum: grid.quantum, max: grid.max, usd_per_unit: grid.usd_per_unit,
        tiers, total, cumulative, outside: { long_below: 1, long_above: 0, short_below: 0, short_above: 1 },
    };
}

/** An answer of api/v1/profile?model=single: a triangle on either side of the price. */
export function makeSingle(asked, { leverage, margin_rate, lambda, range }) {
    const { shown } = makeModel(asked);
    const { close } = shown.at(-1);
    const n = 41;
    const band = 2 * close * range / 100 / n;
    const peak = 100 / leverage / range * (n / 2);
    const bar = (i, centre) => Math.max(0, 8 - Math.abs(i - centre));
    const middle = (n - 1) / 2;
    const long = Array.from({ length: n }, (_, i) => (i < middle ? bar(i, middle - peak) : 0));
    const short = Array.from({ length: n }, (_, i) => (i > middle ? bar(i, middle + peak) : 0));
    const sum = (list, down) => list.map((_, i) => (down ? list.slice(i, middle + 1) : list.slice(middle, i + 1)).reduce((a, b) => a + b, 0));
    return {
        ...headOf(asked), price: close,
        model: { name: 'single', leverage, margin_rate, lambda, range, band, long_share: 0.6 },
        bands: {
            price_min: close - band * (n / 2), band, n, long, short,
            cumulative_long: sum(long, true), cumulative_short: sum(short, false), outside: 0,
        },
    };
}

/** An answer of api/v1/explain: three entries of the candles before, or none in an empty cell. */
export function makeExplanation(asked, { time, price }) {
    const { axis, shown, columns, grid } = makeModel(asked);
    const column = shown.findIndex((c) => c.time === time);
    const row = Math.floor((price - axis.from) / axis.step);
    if (column < 0 || row < 0 || row >= axis.rows)
        return null;
    const mass = columns[column][row];
    const usd = (share) => (grid.usd_per_unit === null ? null : Math.round(share * mass * grid.usd_per_unit));
    const value = Math.round(mass / grid.quantum);
    const causes = value === 0 ? [] : [[3, 100, 0.5], [3, 50, 0.25], [9, 25, 0.15]].map(([back, leverage, share]) => ({
        open_time: shown[Math.max(0, column - back)].time, leverage, mass: mass * share, share, modelled_usd: usd(share),
    }));
    return {
        ...headOf(asked),
        cell: {
            time, price_from: priceOf(axis, row), price_to: priceOf(axis, row + 1), row, column,
            side: price < shown[column].close ? 'long' : 'short', mass, value, density: Number((100 * value / grid.max).toFixed(1)), modelled_usd: usd(1),
        },
        swept_at: shown[Math.max(0, column - 12)].time, causes, listed_share: value === 0 ? 1 : 0.9, causes_total: value === 0 ? 0 : 7,
    };
}

/** Volumes of one exchange: takers buy more where the candle rises. @param {boolean} takers  it says so */
export function makeVolume({ symbol, interval, bars, now }, exchange, takers) {
    const candles = makeCandles(symbol, interval, bars, now).slice(-bars);
    const delta = candles.map((c) => (takers ? (c.close < c.open ? -0.1 : 0.1) * c.volume : null));
    let sum = 0;
    return {
        api: 1, symbol, exchange, interval, bars,
        open_time: candles.map((c) => c.time), volume: candles.map((c) => c.volume), delta,
        cumulative_delta: delta.map((d) => (d === null ? null : (sum += d))),
        open_interest_usd: candles.map((_, i) => (i === candles.length - 1 ? 8.9e9 : null)),
        given_by: { delta: takers ? [exchange] : [], open_interest_usd: [exchange] },
        missing_from: { delta: takers ? [] : [exchange], open_interest_usd: [] },
    };
}

/**
 * Executed liquidations: of each candle longs at its low, of every third shorts at its high, the newest long the largest;
 * nothing was heard in the first tenth of the time.
 */
export function makeExecuted({ symbol, interval, bars, now }, exchange, more = {}) {
    const candles = makeCandles(symbol, interval, bars, now).slice(-bars);
    const first = Math.floor(bars / 10);
    const dollars = (i, each) => (i < first || i % each ? 0 : 1e4 * (1 + i));
    const clusters = candles.flatMap((c, i) => [[i, 'long', c.low, dollars(i, 1)], [i, 'short', c.high, dollars(i, 3)]])
        .filter(([, , , usd]) => usd > 0).sort((a, b) => b[3] - a[3]);
    const list = (k) => clusters.map((cluster) => cluster[k]);
    const time = candles.map((c) => c.time);
    return {
        api: 1, symbol, exchange, interval, time: now, open_time: time, long_usd: time.map((_, i) => dollars(i, 1)), short_usd: time.map((_, i) => dollars(i, 3)),
        long_count: time.map((_, i) => Math.sign(dollars(i, 1))), short_count: time.map((_, i) => Math.sign(dollars(i, 3))), largest: [],
        clusters: { row_percent: 0.05, all: clusters.length, candle: list(0), side: list(1), price: list(2), usd: list(3), count: clusters.map(() => 1) },
        exchanges: [{ exchange, feed: 'stream', sampled: true, count: clusters.length, gaps: [{ from: time[0], to: time[first] }], more_gaps: false }], ...more,
    };
}

/**
 * The order book around a map's price: 100 bins of a side, one wall in the nearest level below and one far from any.
 *
 * @param {object} snapshot  of the same symbol
 */
export function makeDepth(snapshot, exchange, more = {}) {
    const last = snapshot.candles.close.at(-1);
    const step = 10 ** Math.floor(Math.log10(2e-4 * last));
    const below = snapshot.levels.long.map((l) => l.price).filter((p) => p < last).sort((a, b) => b - a)[0];
    const first = Math.floor(last / step);
    const bins = Math.max(300, Math.ceil((last - below) / step) + 20);
    const dollars = (i) => Math.round(4e5 * (1 + (i * 7919 % 13) / 13));
    const bids = Array.from({ length: bins }, (_, i) => dollars(i));
    const asks = Array.from({ length: bins }, (_, i) => dollars(i + 5));
    const wall = Math.floor(below / step) - (first - bins);
    bids[wall] = 4.2e6;
    asks[40] = 3.1e6;
    const at = (n) => ({ price_min: n * step, price_max: (n + 1) * step });
    const total = (list) => list.reduce((a, b) => a + b, 0);
    return {
        api: 1, symbol: snapshot.symbol, exchange, source: 'live', time: snapshot.generated_at, stale: false,
        stale_reason: null, price: last, price_step: step,
        bids: { price_min: (first - bins) * step, usd_total: total(bids), usd: bids },
        asks: { price_min: first * step, usd_total: total(asks), usd: asks },
        walls: [{ side: 'bid', ...at(first - bins + wall), usd: 4.2e6, times: 7 }, { side: 'ask', ...at(first + 40), usd: 3.1e6, times: 5.2 }],
        exchanges: [{ exchange, used: true, reason: null }], ...more,
    };
}

/** What the watchlist shows of each symbol: levels at the ends of its last 100 candles. */
export function makeWatch({ interval, bars, now }, symbols) {
    return {
        api: 1, exchange: 'auto', contract: 'linear', interval, bars,
        symbols: symbols.map((item) => {
            if (typeof item !== 'string')
                return item;
            const shown = makeCandles(item, interval, 100, now).slice(-100);
            const price = shown.at(-1).close;
            const percent = (to, from) => Number((100 * (to / from - 1)).toFixed(2));
            const level = (at) => ({ price: at, distance_percent: percent(at, price) });
            return {
                symbol: item, exchange: 'binance', price, change_percent_24h: percent(price, shown.at(-24).open),
                above: level(1.01 * Math.max(...shown.map((c) => c.high))), below: level(0.99 * Math.min(...shown.map((c) => c.low))), imbalance: 0.18, stale: false,
            };
        }),
    };
}
