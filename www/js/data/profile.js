/* The profile: the positions at each price now, by tier or by the single-leverage
 * model, and how much lies between price and there. */

import { compact, usd } from './format.js';

/**
 * @typedef {import('./answers.js').Profile} Profile
 * @typedef {import('./answers.js').Single} Single
 *
 * @typedef {object} Bars  either model, as it is drawn
 * @property {"tiers" | "single"} kind
 * @property {number} price
 * @property {number} priceMin
 * @property {number} priceStep
 * @property {number} rows
 * @property {number} usdPerUnit  NaN: weights or units, not dollars
 * @property {{name: string, colour: string, values: Float64Array}[]} stacks  colour: a custom property;
 *     nearest the axis first
 * @property {Float64Array} down  summed from price downward
 * @property {Float64Array} up    summed from price upward
 * @property {number} outside  mass at prices beyond the rows; 0 where unknown
 * @property {number} leverage  of the single-leverage model; 0 for all tiers
 *
 * @typedef {object} Cascade  what lies between the price and another
 * @property {string} amount  "≤ $1.2 B", "weight 12"
 * @property {"long" | "short"} side
 * @property {string} mix     the composition at that price: "25× 60 %"
 */

/** @param {Profile} profile @returns {Bars} */
export function barsOfTiers({ price, priceMin, priceStep, rows, usdPerUnit, tiers, cumulative, outside }) {
    return {
        kind: 'tiers', price, priceMin, priceStep, rows, usdPerUnit, down: cumulative, up: cumulative, outside, leverage: 0,
        stacks: [...tiers].reverse().map(({ leverage, mass }) => ({ name: `${leverage}×`, colour: `--tier-${leverage}`, values: mass })),
    };
}

/** @param {Single} single @returns {Bars} */
export function barsOfSingle({ price, priceMin, priceStep, rows, leverage, long, short, cumulativeLong, cumulativeShort }) {
    return {
        kind: 'single', price, priceMin, priceStep, rows, usdPerUnit: NaN, down: cumulativeLong, up: cumulativeShort, outside: 0, leverage,
        stacks: [{ name: 'longs', colour: '--long-fill', values: long }, { name: 'shorts', colour: '--short-fill', values: short }],
    };
}

/** @param {Bars} bars @param {number} price @returns {number} may lie outside 0 .. rows - 1 */
export function rowAt({ priceMin, priceStep }, price) {
    return Math.floor((price - priceMin) / priceStep);
}

/**
 * What lies between the price and another, its whole row included.
 *
 * @param {Bars} bars
 * @param {number} price
 * @returns {{side: "long" | "short", amount: number, usd: number} | null} null off the rows
 */
export function cascadeTo(bars, price) {
    const row = rowAt(bars, price);
    if (!(row >= 0 && row < bars.rows))
        return null;
    const side = price < bars.price ? 'long' : 'short';
    const amount = (side === 'long' ? bars.down : bars.up)[row];
    return { side, amount, usd: amount * bars.usdPerUnit };
}

/**
 * What a row is made of.
 *
 * @param {Bars} bars
 * @param {number} price
 * @returns {{name: string, share: number}[]} largest first; empty where nothing is
 */
export function mixAt(bars, price) {
    const row = rowAt(bars, price);
    const parts = bars.stacks.map(({ name, values }) => ({ name, share: values[row] ?? 0 }));
    const all = parts.reduce((sum, part) => sum + part.share, 0);
    return parts.filter((part) => part.share > 0.005 * all)
        .map(({ name, share }) => ({ name, share: share / all })).sort((a, b) => b.share - a.share);
}

/**
 * Rows that share a bar: means, so that the scale stays.
 *
 * @param {Float64Array} values
 * @param {number} first  row
 * @param {number} count  rows
 */
export function meanOf(values, first, count) {
    const end = Math.min(values.length, first + count);
    let sum = 0;
    for (let r = Math.max(0, first); r < end; r++)
        sum += values[r];
    return sum / Math.max(1, end - Math.max(0, first));
}

/**
 * The ends of both scales over some rows.
 *
 * @param {Bars} bars
 * @param {number} first  row, 0 ..
 * @param {number} end    after the last
 * @returns {{bar: number, sum: number}} largest bar and largest sum; 0 where empty
 */
export function scaleOf(bars, first, end) {
    const now = rowAt(bars, bars.price);
    let bar = 0;
    let sum = 0;
    for (let r = Math.max(0, first); r < Math.min(bars.rows, end); r++) {
        bar = Math.max(bar, bars.stacks.reduce((all, { values }) => all + values[r], 0));
        sum = Math.max(sum, (r <= now ? bars.down : bars.up)[r]);
    }
    return { bar, sum };
}

/** The rows between two prices. @param {Bars} bars @param {number} low @param {number} high */
export function rowsBetween(bars, low, high) {
    return { first: Math.max(0, rowAt(bars, low)), end: Math.min(bars.rows, rowAt(bars, high) + 1) };
}

/** @param {Bars} bars @param {number} amount @returns {string} */
export function amountText({ kind, usdPerUnit }, amount) {
    if (kind === 'single')
        return `weight ${compact(amount)}`;
    return Number.isFinite(usdPerUnit) ? `≤ ${usd(amount * usdPerUnit)}` : `${compact(amount)} units`;
}

/**
 * @param {Bars | null} bars
 * @param {number | undefined} price  undefined: nothing is pointed at
 * @returns {Cascade | null} null where nothing is known
 */
export function cascadeAt(bars, price) {
    const found = bars && price !== undefined ? cascadeTo(bars, price) : null;
    if (!found || !bars || price === undefined)
        return null;
    const mix = mixAt(bars, price).slice(0, 3).map(({ name, share }) => `${name} ${Math.round(100 * share)} %`).join(', ');
    return { amount: amountText(bars, found.amount), side: found.side, mix };
}
