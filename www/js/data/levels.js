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

/** At this distance, percent of price, a level counts half of its size. */
const HALF_AT = 3;
/** Levels marked on either side. */
const MARKED = 3;

/**
 * The levels that matter: large ones, and near ones before far ones.
 *
 * @param {readonly Level[]} levels
 * @param {number} last  price
 * @returns {{above: Level[], below: Level[]}} nearest first
 */
export function marked(levels, last) {
    const away = (/** @type {Level} */ level) => 100 * Math.abs(level.price / last - 1);
    const score = (/** @type {Level} */ level) => level.mass / (1 + away(level) / HALF_AT);
    /** @param {(level: Level) => boolean} there */
    const best = (there) => levels.filter(there).sort((a, b) => score(b) - score(a)).slice(0, MARKED)
        .sort((a, b) => away(a) - away(b));
    return { above: best((level) => level.price > last), below: best((level) => level.price < last) };
}

/** The nearest of the levels that matter. @param {Snapshot} snapshot @returns {string[]} "▲ 111,900 +0.9 %", "▼ 110,300 −0.5 %", or what there is of them */
export function nearestTexts(snapshot) {
    const last = lastPrice(snapshot);
    const { above, below } = marked(snapshot.levels, last);
    /** @param {string} arrow @param {Level | undefined} level */
    const text = (arrow, level) => (level ? `${arrow} ${levelPrice(level, snapshot)} ${percent(100 * (level.price / last - 1), 1)}` : '');
    return [text('▲', above[0]), text('▼', below[0])].filter(Boolean);
}

/** As exact as the level is, no more exact than prices are. @param {Level} level @param {Snapshot} snapshot */
function levelPrice(level, snapshot) {
    return price(level.price, Math.min(priceDecimals(snapshot), decimalsOf([level.price])));
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

/** Lines and labels of the levels that matter, the nearest first. @param {Snapshot} snapshot @returns {Marker[]} */
export function markersOf(snapshot) {
    const last = lastPrice(snapshot);
    const { above, below } = marked(snapshot.levels, last);
    return [...above, ...below].map((level) => {
        const distance = percent(100 * (level.price / last - 1), 1);
        const text = `${level.side === 'long' ? 'Longs' : 'Shorts'} ${distance}${Number.isFinite(level.usd) ? ` · ≤ ${usd(level.usd)}` : ''}`;
        return { price: level.price, above: level.price > last, text, onAxis: levelPrice(level, snapshot) };
    });
}

/** Levels listed on either side while the far ones are folded. */
const LISTED = 4;

/**
 * The far levels of a list by price, which are folded at first.
 *
 * @param {readonly Line[]} lines  highest price first
 * @param {number} last  price
 * @returns {{above: Line[], near: Line[], below: Line[]}}
 */
export function folded(lines, last) {
    const first = Math.max(0, lines.filter(({ level }) => level.price >= last).length - LISTED);
    const end = Math.min(lines.length, lines.length - lines.filter(({ level }) => level.price < last).length + LISTED);
    return { above: lines.slice(0, first), near: lines.slice(first, end), below: lines.slice(end) };
}
