/* The first map is asked for while the rest of the page still loads. */

import { COMPACT, queryFrom, queryText } from '../data/query.js';

/** One asked for longer ago is no longer the newest. */
const KEEP_MS = 5000;

/**
 * @typedef {object} Answered
 * @property {Response} response
 * @property {Promise<unknown>} json  its body, being read since it came
 *
 * @typedef {object} Early  a request that runs
 * @property {string} url
 * @property {Promise<Answered>} answer
 * @property {AbortController} stop
 * @property {number} at  when it was sent, performance.now()
 */

/**
 * Ask for the map that an address wants.
 *
 * @param {string} search  location.search
 * @param {boolean} narrow  a phone
 * @param {typeof fetch} [ask]
 * @returns {Early}
 */
export function askEarly(search, narrow, ask = fetch) {
    const url = 'api/v1/heatmap' + queryText(queryFrom(search, narrow)) + COMPACT;
    const stop = new AbortController();
    const answer = ask(url, { cache: 'no-cache', signal: stop.signal }).then(read);
    /* Whoever takes it hears of a failure; nobody may. */
    answer.catch(() => {});
    return { url, answer, stop, at: performance.now() };
}

/**
 * A chart that is first drawn with its map is drawn once.
 *
 * @param {Early} early
 * @param {number} ms  at most
 * @returns {Promise<unknown>} the answer is here or failed, or has been waited for long enough
 */
export function answered(early, ms) {
    const here = early.answer.then(({ json }) => json).catch(() => {});
    return Promise.race([here, new Promise((resolve) => { setTimeout(resolve, ms); })]);
}

/** What takeEarly() gives.  @type {Early | null} */
let offered = null;

/**
 * Let the next request for the same map have this one's answer.  A call,
 * because in the bundled page first.js has a copy of this module for itself.
 *
 * @param {Early} early
 */
export function offerEarly(early) {
    offered = early;
}

/** @param {Response} response @returns {Answered} */
function read(response) {
    const json = response.json();
    json.catch(() => {});
    return { response, json };
}

/**
 * The answer to this URL if it was asked for early and offered, once.
 *
 * @param {string} url
 * @param {AbortSignal} signal  ends the request for whoever took it
 * @returns {Promise<Answered> | null}
 */
export function takeEarly(url, signal) {
    const taken = offered;
    if (taken?.url !== url)
        return null;
    offered = null;
    if (performance.now() - taken.at >= KEEP_MS)
        return null;
    const end = () => taken.stop.abort(signal.reason);
    if (signal.aborted)
        end();
    signal.addEventListener('abort', end, { once: true });
    return taken.answer;
}
