/* The order book by bins of price, its walls, and what is said of it. */

import { decimalsOf, exchangeNames, price, span, usd } from './format.js';
import { SnapshotError, array, number, object, positive, text, textOrEmpty } from './read.js';

/**
 * @typedef {object} Side
 * @property {number} min         price of the lowest bin's lower edge
 * @property {Float64Array} usd   dollars by bin, from the lowest price on
 *
 * @typedef {object} Wall  a bin far above its neighbours
 * @property {"bid" | "ask"} side
 * @property {number} from   price
 * @property {number} to
 * @property {number} usd
 *
 * @typedef {object} Depth
 * @property {number} step   height of a bin, quote currency
 * @property {Side} bids
 * @property {Side} asks
 * @property {Wall[]} walls
 * @property {string[]} used     names of exchanges
 * @property {string[]} missing  of a sum: those that are not in it
 * @property {string} stale      why it is old; "" when it is not
 */

/**
 * The query of the order book that belongs to a map.
 *
 * @param {import('./query.js').Query} query
 * @param {{symbol: string, exchange: string}} map  "auto" may choose another exchange a moment later
 * @returns {string} "?symbol=…"
 */
export function depthQuery({ exchange, contract }, map) {
    const q = new URLSearchParams({ symbol: map.symbol });
    if (map.exchange)
        q.set('exchange', map.exchange);
    if (exchange === 'all' && contract)
        q.set('contract', contract);
    return '?' + q.toString();
}

/** @param {import('./read.js').Json} json @param {string} key @returns {Side} */
function sideOf(json, key) {
    const side = object(json[key], key);
    const dollars = array(side, 'usd');
    if (dollars.some((value) => typeof value !== 'number' || !(value >= 0)))
        throw new SnapshotError(key, 'dollars by bin');
    return { min: number(side, 'price_min'), usd: Float64Array.from(dollars, Number) };
}

/** @param {unknown} value @returns {Wall} */
function wallOf(value) {
    const json = object(value, 'walls');
    return {
        side: text(json, 'side') === 'bid' ? 'bid' : 'ask',
        from: positive(json, 'price_min'), to: positive(json, 'price_max'), usd: positive(json, 'usd'),
    };
}

/**
 * @param {unknown} value  of api/v1/depth
 * @returns {Depth}
 * @throws {SnapshotError}
 */
export function parseDepth(value) {
    const json = object(value, 'depth');
    const exchanges = array(json, 'exchanges').map((item) => object(item, 'exchanges'));
    /** @param {boolean} used */
    const names = (used) => exchanges.filter((e) => (e.used === true) === used).map((e) => text(e, 'exchange'));
    return {
        step: positive(json, 'price_step'), bids: sideOf(json, 'bids'), asks: sideOf(json, 'asks'),
        walls: array(json, 'walls').map(wallOf), used: names(true), missing: names(false),
        stale: textOrEmpty(json, 'stale_reason'),
    };
}

/**
 * Bars that can be told apart: bins of a side, so many together, between two
 * prices.
 *
 * @param {Side} side @param {number} step  of a bin
 * @param {number} block  bins of a bar, at least 1
 * @param {number} low  price @param {number} high
 * @returns {{from: number, to: number, usd: number}[]} prices and dollars; ascending
 */
export function barsOf({ min, usd: dollars }, step, block, low, high) {
    /* Bars begin at multiples of their height, so that they stay while price moves. */
    const base = Math.round(min / step);
    const first = base - ((base % block) + block) % block;
    const bars = [];
    for (let n = first; n < base + dollars.length; n += block) {
        const from = n * step;
        const to = (n + block) * step;
        if (to <= low || from >= high)
            continue;
        let sum = 0;
        for (let i = Math.max(0, n - base); i < Math.min(dollars.length, n - base + block); i++)
            sum += dollars[i];
        if (sum > 0)
            bars.push({ from, to, usd: sum });
    }
    return bars;
}

/** The level that a wall lies in, the nearest to its middle. @template {{from: number, to: number, price: number}} L @param {Wall} wall @param {readonly L[]} levels @returns {L | null} */
export function metBy(wall, levels) {
    const middle = (wall.from + wall.to) / 2;
    return levels.filter(({ from, to }) => from <= wall.to && to >= wall.from)
        .sort((a, b) => Math.abs(a.price - middle) - Math.abs(b.price - middle))[0] ?? null;
}

/** The one of either side that is nearest to the price. @template {{wall: Wall}} M @param {readonly M[]} met @returns {M[]} highest price first */
function nearest(met) {
    const asks = met.filter(({ wall }) => wall.side === 'ask').sort((a, b) => a.wall.from - b.wall.from);
    const bids = met.filter(({ wall }) => wall.side === 'bid').sort((a, b) => b.wall.from - a.wall.from);
    return [...asks.slice(0, 1), ...bids.slice(0, 1)];
}

/**
 * What is said beside the bars.
 *
 * @param {Depth} depth
 * @param {number} age  ms, of now
 * @param {number} longest  dollars of the longest bar
 * @param {{wall: Wall, level: {side: string}}[]} met  walls that lie in a level; the nearest of each side is named
 * @param {boolean} [short]  there is little room: only what cannot be seen in the bars
 * @returns {string[]} lines
 */
export function linesOf(depth, age, longest, met, short = false) {
    const { bids, asks, step, missing, stale, used } = depth;
    const decimals = decimalsOf([step]);
    const from = price(bids.min, decimals);
    const to = price(asks.min + asks.usd.length * step, decimals);
    const walls = nearest(met);
    /** @param {{wall: Wall, level: {side: string}}} one */
    const sentence = ({ wall, level }) => `${wall.side === 'bid' ? 'Bid' : 'Ask'} wall of ${usd(wall.usd)} at ${price(wall.from, decimals)} on ${level.side === 'long' ? 'longs' : 'shorts'}`;
    return [
        `Order book, ${exchangeNames(used)}`,
        ...stale ? [`${span(age)} old: ${stale}`] : [],
        ...missing.length > 0 ? [`without ${exchangeNames(missing)}`] : [],
        longest > 0 ? `longest bar ${usd(longest)}` : 'nothing in sight',
        ...short ? [] : [`known ${from} to ${to}`, ...walls.map(sentence)],
        ...short && walls.length > 0 ? [`walls on levels at ${walls.map(({ wall }) => price(wall.from, decimals)).join(' and ')}`] : [],
    ];
}
