/* The levels of a map: which are marked on the chart, and what the list says
 * of each. */

import { decimalsOf, percent, price, priceDecimals, span, usd } from './format.js';
import { INTERVAL_S } from './query.js';
import { lastPrice } from './snapshot.js';

/**
 * @typedef {import('./snapshot.js').Snapshot} Snapshot
 * @typedef {import('./answers.js').Level} Level
 *
 * @typedef {object} Line
 * @property {Level} level
 * @property {number} strength  0 .. 1 of the strongest that is listed
 * @property {string[]} cells   price, side, dollars, distance, age, tiers
 *
 * @typedef {object} Marker  a level with a line of its own
 * @property {number} price
 * @property {string} text     beside the newest candle, where there is room
 * @property {string} onAxis   on the price axis
 * @property {boolean} above   the last price
 */

/**
 * The strongest levels.
 *
 * @param {readonly Level[]} levels
 * @param {number} last  price
 * @returns {{above: Level | null, below: Level | null}} by mass, on each side of price
 */
export function strongest(levels, last) {
    /** @param {(level: Level) => boolean} there */
    const best = (there) => levels.filter(there).reduce(
        (most, level) => (most === null || level.mass > most.mass ? level : most),
        /** @type {Level | null} */ (null));
    return { above: best((level) => level.price > last), below: best((level) => level.price < last) };
}

/** @param {Snapshot} snapshot @param {number} last @returns {Line[]} highest price first */
export function linesOf({ levels, candles, interval, generatedAt, dataTime }, last) {
    const most = Math.max(...levels.map((level) => level.mass));
    /* In a replay, now is the end of the newest candle. */
    const end = candles.time[candles.time.length - 1] + 1000 * (INTERVAL_S[interval] ?? 0);
    const now = Math.min(Number.isFinite(generatedAt) ? generatedAt : dataTime, end);
    const dollars = levels.some((level) => Number.isFinite(level.usd));
    const decimals = Math.max(0, ...levels.map((level) => decimalsOf([level.price])));
    const fine = Math.min(decimals, priceDecimals({ candles }) + 1);
    return [...levels].sort((a, b) => b.price - a.price).map((level) => ({
        level,
        strength: level.mass / most,
        cells: [
            price(level.price, fine),
            level.side === 'long' ? 'Long' : 'Short',
            dollars ? usd(level.usd) : `${Math.round(100 * level.mass / most)} %`,
            percent(Number.isFinite(level.distance) ? level.distance : 100 * (level.price / last - 1)),
            age(now - level.since),
            level.tiers.map((tier) => `${tier.leverage}× ${Math.round(100 * tier.share)} %`).join(', '),
        ],
    }));
}

/** @param {number} ms @returns {string} short: a table has little room */
function age(ms) {
    const hours = ms / 3600000;
    return hours >= 1 && hours < 48 ? `${Math.floor(hours)} h` : span(ms);
}

/** A line and its labels for the strongest level above and below. @param {Snapshot} snapshot @returns {Marker[]} */
export function markersOf(snapshot) {
    const last = lastPrice(snapshot);
    const decimals = priceDecimals(snapshot);
    const { above, below } = strongest(snapshot.levels, last);
    return [above, below].flatMap((level) => {
        if (!level)
            return [];
        const fine = Math.min(decimals, decimalsOf([level.price]));
        const distance = percent(100 * (level.price / last - 1), 1);
        const text = `${level.side === 'long' ? 'Longs' : 'Shorts'} ${distance}${Number.isFinite(level.usd) ? ` · ≤ ${usd(level.usd)}` : ''}`;
        return [{ price: level.price, above: level.price > last, text, onAxis: price(level.price, fine) }];
    });
}

