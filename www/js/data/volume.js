/* Volume, delta and open interest in step with the candles of a map, and what
 * is not given of them, in words. */

import { compact, exchangeNames, usd } from './format.js';
import { SnapshotError, array, object } from './read.js';
import { isExtension } from './state.js';
import { queryText, sameQuery } from './query.js';

/**
 * @typedef {"volume" | "cumulative" | "interest"} Plot  what a pane can show
 *
 * @typedef {object} Givers  names of exchanges
 * @property {string[]} delta
 * @property {string[]} interest
 *
 * @typedef {object} Volume
 * @property {Float64Array} time        ms, ascending; of all columns
 * @property {Float64Array} volume      base units; NaN where unknown, as all below
 * @property {Float64Array} delta       bought less sold by takers
 * @property {Float64Array} cumulative  delta summed from the first candle on
 * @property {Float64Array} interest    dollars
 * @property {Givers} given    by whom
 * @property {Givers} missing  who does not
 */

/** @type {readonly Plot[]} */
const PLOTS = Object.freeze(['volume', 'cumulative', 'interest']);

/**
 * The query of the volumes that belong to a map.
 *
 * @param {import('./query.js').Query} query
 * @param {string} exchange  that the map is of: "auto" may choose another a moment later
 * @returns {string} "?symbol=…"
 */
export function volumeQuery(query, exchange) {
    const q = new URLSearchParams(queryText(query));
    for (const name of ['tiers', 'side', 'range'])
        q.delete(name);
    if (query.exchange !== 'all' && exchange) {
        q.set('exchange', exchange);
        q.delete('contract');
    }
    return '?' + q.toString();
}

/** @param {import('./read.js').Json} json @param {string} key @param {number} n @returns {Float64Array} */
function column(json, key, n) {
    const values = array(json, key);
    if (values.length !== n || values.some((value) => value !== null && !Number.isFinite(value)))
        throw new SnapshotError(key, `${n} numbers or nulls`);
    return Float64Array.from(values, (value) => (value === null ? NaN : Number(value)));
}

/** @param {import('./read.js').Json} json @param {string} key @returns {Givers} */
function givers(json, key) {
    const names = object(json[key], key);
    return { delta: array(names, 'delta').map(String), interest: array(names, 'open_interest_usd').map(String) };
}

/**
 * @param {unknown} value  of api/v1/volume
 * @returns {Volume}
 * @throws {SnapshotError}
 */
export function parseVolume(value) {
    const json = object(value, 'volume');
    const n = array(json, 'open_time').length;
    return {
        time: column(json, 'open_time', n), volume: column(json, 'volume', n), delta: column(json, 'delta', n),
        cumulative: column(json, 'cumulative_delta', n), interest: column(json, 'open_interest_usd', n),
        given: givers(json, 'given_by'), missing: givers(json, 'missing_from'),
    };
}

/** Whether volumes asked for with one map belong to another. @param {import('./query.js').Query} of @param {import('./query.js').Query} map */
export function belongs(of, map) {
    return sameQuery(of, map) || isExtension(map, of);
}

/** What makes more than a dot. @param {Volume} volume @returns {Plot[]} */
export function plotsOf(volume) {
    return PLOTS.filter((plot) => volume[plot].filter(Number.isFinite).length > 1);
}

/**
 * Where each candle is in the columns.
 *
 * @param {Volume} volume
 * @param {ArrayLike<number>} times  of the candles, ms, ascending
 * @returns {Int32Array} -1: not there
 */
export function placesOf({ time }, times) {
    const places = new Int32Array(times.length).fill(-1);
    for (let i = 0, j = 0; i < times.length; i++) {
        while (j < time.length && time[j] < times[i])
            j++;
        if (time[j] === times[i])
            places[i] = j;
    }
    return places;
}

/** @param {number} value @returns {string} with its sign */
const signed = (value) => (value > 0 ? '+' : '') + compact(value);

/**
 * One line for a pane.
 *
 * @param {Volume} volume @param {Plot} plot
 * @param {number} i  of the columns; -1: nothing is known there
 * @param {string} asset  "BTC"
 */
export function lineOf(volume, plot, i, asset) {
    const at = volume[plot][i] ?? NaN;
    if (plot === 'volume')
        return `Volume ${compact(at)} ${asset}`;
    if (plot === 'interest')
        return `Open interest ${usd(at)}`;
    return `Cumulative delta ${signed(at)} ${asset} (candle ${signed(volume.delta[i] ?? NaN)})`;
}

/** @param {string[]} names @param {string} what */
const giveNo = (names, what) => `${exchangeNames(names)} ${names.length === 1 ? 'gives' : 'give'} no ${what}`;

/** What is not given. @param {Volume} volume @returns {string[]} sentences */
export function notesOf(volume) {
    const { given, missing } = volume;
    const notes = [];
    if (given.delta.length === 0)
        notes.push(`No cumulative delta: ${giveNo(missing.delta, 'taker volume')}.`);
    else if (missing.delta.length > 0)
        notes.push(`Cumulative delta of ${given.delta.length} of ${given.delta.length + missing.delta.length} exchanges (${
            exchangeNames(given.delta)}); ${giveNo(missing.delta, 'taker volume')}.`);
    if (given.interest.length === 0)
        notes.push(`No open interest: ${giveNo(missing.interest, 'open interest')}.`);
    else if (!plotsOf(volume).includes('interest'))
        notes.push(`Open interest ${usd(volume.interest[volume.interest.length - 1])}; its history is not read.`);
    return notes;
}
