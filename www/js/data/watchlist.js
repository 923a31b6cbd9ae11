/* The watchlist: which symbols are in it, how the server is asked for them, and
 * what it says of each. */

import { decimalsOf, percent, price } from './format.js';
import { SYMBOLS } from './query.js';

/**
 * @typedef {object} Nearby  the nearest of the large levels on one side of price
 * @property {string} price
 * @property {string} distance  "+0.9 %"
 *
 * @typedef {object} Entry  one symbol
 * @property {string} symbol
 * @property {string} name      without the quote currency, which all share
 * @property {string} price     "–" unknown
 * @property {Nearby | null} above  null: none
 * @property {Nearby | null} below
 * @property {number | undefined} imbalance  -1 all longs below .. 1 all shorts above
 * @property {boolean} stale
 * @property {string} problem   why there are no numbers
 */

/** The server refuses more. */
export const MOST = 12;

/** Each map of the server's costs memory by its candles; more of them find no other levels nearby. */
const BARS_MOST = 500;

/** @param {unknown} stored  anything @returns {string[]} what of it makes sense; the usual ones where nothing is stored */
export function symbolsOf(stored) {
    if (!Array.isArray(stored))
        return [...SYMBOLS];
    return [...new Set(stored.filter((symbol) => typeof symbol === 'string' && /^[A-Z0-9]{2,31}$/.test(symbol)))].slice(0, MOST);
}

/**
 * The list with a symbol more, or less if it is there.
 *
 * @param {readonly string[]} symbols
 * @param {string} symbol
 * @returns {string[]} the same when it is full
 */
export function toggled(symbols, symbol) {
    return symbols.includes(symbol) ? symbols.filter((other) => other !== symbol) : symbolsOf([...symbols, symbol]);
}

/**
 * @param {readonly string[]} symbols  at least one
 * @param {import('./query.js').Query} query  of the map that is shown
 * @returns {string} "?symbols=BTCUSDT,ETHUSDT&interval=1h&bars=200"
 */
export function watchQuery(symbols, { interval, bars, exchange, contract }) {
    const q = new URLSearchParams({ interval, bars: String(Math.min(bars, BARS_MOST)) });
    if (exchange)
        q.set('exchange', exchange);
    if (contract)
        q.set('contract', contract);
    return `?symbols=${symbols.join(',')}&${q}`;
}

/**
 * Read the answer.
 *
 * @param {any} json  of api/v1/watch
 * @param {readonly string[]} symbols  asked for
 * @returns {Entry[]} one for each, in their order
 */
export function entriesOf(json, symbols) {
    const items = Array.isArray(json?.symbols) ? json.symbols : [];
    return symbols.map((symbol) => entryOf(symbol, items.find((/** @type {any} */ item) => item?.symbol === symbol)));
}

/** An entry that has no numbers yet. @param {string} symbol @returns {Entry} */
export function emptyEntry(symbol) {
    return entryOf(symbol, { price: NaN });
}

/** @param {string} symbol @param {any} item @returns {Entry} */
function entryOf(symbol, item) {
    const last = typeof item?.price === 'number' ? item.price : NaN;
    const decimals = decimalsFor(last);
    return {
        symbol, name: symbol.replace(/(?<=..)USDT$/, ''), price: price(last, decimals),
        above: nearbyOf(item?.above, decimals), below: nearbyOf(item?.below, decimals),
        imbalance: typeof item?.imbalance === 'number' ? item.imbalance : undefined,
        stale: item?.stale === true,
        problem: item && !item.error ? '' : String(item?.error?.message ?? 'The server says nothing of it.'),
    };
}

/** @param {any} level @param {number} decimals @returns {Nearby | null} */
function nearbyOf(level, decimals) {
    if (!(level?.price > 0) || typeof level.distance_percent !== 'number')
        return null;
    return { price: price(level.price, Math.min(decimals, decimalsOf([level.price]))), distance: percent(level.distance_percent, 1) };
}

/** Five digits tell prices of any size apart. @param {number} value @returns {number} 0 .. 8 */
function decimalsFor(value) {
    return value > 0 ? Math.min(8, Math.max(0, 4 - Math.floor(Math.log10(value)))) : 0;
}
