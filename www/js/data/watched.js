/* Levels and prices that the person asked to be told of, and what happened to
 * them. */

import { distanceOf, isSame } from './alert-rules.js';
import { lastPrice } from './snapshot.js';

/**
 * @typedef {import('./snapshot.js').Snapshot} Snapshot
 *
 * @typedef {object} Watched
 * @property {string} symbol
 * @property {string} interval  of the map it was chosen on
 * @property {"long" | "short" | "price"} side
 * @property {number} price
 * @property {number} from
 * @property {number} to
 * @property {number} since     ms on the exchange's clock
 * @property {boolean} near     that price came near was reported
 * @property {boolean} touched  that it was touched was reported
 *
 * @typedef {"approached" | "touched" | "swept" | "faded" | "reached"} Event
 */

const MOST = 50;

/** Price is away again at this many times the distance that counts as near. */
const AWAY = 1.25;

/** @param {unknown} stored  anything @returns {Watched[]} what of it makes sense */
export function watchedOf(stored) {
    return (Array.isArray(stored) ? stored : []).filter((w) => typeof w?.symbol === 'string' && ['long', 'short', 'price'].includes(w.side)
        && [w.price, w.from, w.to, w.since].every(Number.isFinite) && w.price > 0).slice(0, MOST);
}

/**
 * @param {Snapshot} snapshot
 * @param {{side: "long" | "short", price: number, from: number, to: number} | number} target  a level or a price
 * @returns {Watched}
 */
export function watch({ symbol, interval, candles }, target) {
    const { side, price, from, to } = typeof target === 'number'
        ? { side: /** @type {const} */ ('price'), price: target, from: target, to: target } : target;
    return { symbol, interval, side, price, from, to, since: candles.time[candles.time.length - 1], near: false, touched: false };
}

/** @param {readonly Watched[]} list @param {string} symbol @param {{side: string, from: number, to: number}} level */
export function findWatched(list, symbol, level) {
    return list.find((w) => w.symbol === symbol && isSame(w, level));
}

/**
 * What has happened to what is watched.
 *
 * @param {readonly Watched[]} list
 * @param {Snapshot} snapshot  a newer one
 * @param {number} percent  nearer than this is near
 * @returns {{list: Watched[], events: {watched: Watched, event: Event}[]}} list: what is left to watch
 */
export function follow(list, snapshot, percent) {
    /** @type {{watched: Watched, event: Event}[]} */
    const events = [];
    const left = list.flatMap((watched) => {
        const [next, event] = watched.symbol === snapshot.symbol ? step(watched, snapshot, percent) : [watched, null];
        if (event)
            events.push({ watched, event });
        return next ? [next] : [];
    });
    return { list: left, events };
}

/** @param {Watched} w @param {Snapshot} snapshot @param {number} percent @returns {[Watched | null, Event | null]} */
function step(w, snapshot, percent) {
    const last = lastPrice(snapshot);
    const hit = isHit(w, snapshot, last);
    if (w.side === 'price' && hit)
        return [null, 'reached'];
    if (w.side !== 'price' && isGone(w, snapshot))
        return [null, hit ? 'swept' : 'faded'];
    if (hit)
        return w.touched ? [w, null] : [{ ...w, near: true, touched: true }, 'touched'];
    const away = distanceOf(w, last);
    if (away <= percent && !w.near)
        return [{ ...w, near: true }, 'approached'];
    return [away > AWAY * percent ? { ...w, near: false } : w, null];
}

/** Price has been there since. @param {Watched} w @param {Snapshot} snapshot @param {number} last */
function isHit({ from, to, since }, { candles }, last) {
    let [low, high] = [last, last];
    for (let i = candles.time.length - 1; i >= 0 && candles.time[i] > since; i--) {
        low = Math.min(low, candles.low[i]);
        high = Math.max(high, candles.high[i]);
    }
    return high >= from && low <= to;
}

/** Only the unfiltered map of the same interval says that a level is gone. @param {Watched} w @param {Snapshot} snapshot */
function isGone(w, { interval, filter, levels, model }) {
    const whole = filter.side === 'both' && !(filter.range > 0)
        && (filter.tiers.length === 0 || filter.tiers.length >= model.tiers.length);
    return whole && interval === w.interval && !levels.some((level) => isSame(level, w));
}
