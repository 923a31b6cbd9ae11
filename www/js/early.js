/* The first map is asked for while the rest of the page still loads. */

import { fromQuery, toQuery } from './state.js';

/** One asked for longer ago is no longer the newest. */
const KEEP_MS = 5000;

/**
 * @typedef {object} Early
 * @property {Response} response
 * @property {Promise<unknown>} json  its body, being read since it came
 */

/** @type {{url: string, answer: Promise<Early>, at: number} | null} */
let early = null;

/**
 * Ask for the map that an address wants.
 *
 * @param {string} search  location.search
 * @param {typeof fetch} [ask]
 */
export function askEarly(search, ask = fetch) {
    const url = 'api/v1/heatmap' + toQuery(fromQuery(search));
    early = { url, answer: ask(url, { cache: 'no-cache' }).then(read), at: performance.now() };
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
 * @returns {Promise<Early> | null}
 */
export function takeEarly(url) {
    const taken = early;
    if (taken?.url !== url)
        return null;
    early = null;
    return performance.now() - taken.at < KEEP_MS ? taken.answer : null;
}
