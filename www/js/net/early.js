/* The first map is asked for while the rest of the page still loads. */

import { queryFrom, queryText } from '../data/query.js';

/** One asked for longer ago is no longer the newest. */
const KEEP_MS = 5000;

/**
 * @typedef {object} Early
 * @property {Response} response
 * @property {Promise<unknown>} json  its body, being read since it came
 */

/** @type {{url: string, answer: Promise<Early>, stop: AbortController, at: number} | null} */
let early = null;

/**
 * Ask for the map that an address wants.
 *
 * @param {string} search  location.search
 * @param {boolean} narrow  a phone
 * @param {typeof fetch} [ask]
 */
export function askEarly(search, narrow, ask = fetch) {
    const url = 'api/v1/heatmap' + queryText(queryFrom(search, narrow));
    const stop = new AbortController();
    early = { url, answer: ask(url, { cache: 'no-cache', signal: stop.signal }).then(read), stop, at: performance.now() };
    /* Whoever takes it hears of a failure; nobody may. */
    early.answer.catch(() => {});
}

/**
 * A chart that is first drawn with its map is drawn once.
 *
 * @param {number} ms  at most
 * @returns {Promise<unknown>} the answer is here or failed, or has been waited for long enough
 */
export function answered(ms) {
    const here = early?.answer.then(({ json }) => json).catch(() => {});
    return Promise.race([here, new Promise((resolve) => { setTimeout(resolve, ms); })]);
}

/** @param {Response} response @returns {Early} */
function read(response) {
    const json = response.json();
    json.catch(() => {});
    return { response, json };
}

/**
 * The answer to this URL if it was asked for early, once.
 *
 * @param {string} url
 * @param {AbortSignal} signal  ends the request for whoever took it
 * @returns {Promise<Early> | null}
 */
export function takeEarly(url, signal) {
    const taken = early;
    if (taken?.url !== url)
        return null;
    early = null;
    if (performance.now() - taken.at >= KEEP_MS)
        return null;
    const end = () => taken.stop.abort(signal.reason);
    if (signal.aborted)
        end();
    signal.addEventListener('abort', end, { once: true });
    return taken.answer;
}
