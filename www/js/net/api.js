/* The way to the server: one request, its freshness, and its errors. */

import { COMPACT } from '../data/query.js';
import { takeEarly } from './early.js';

/**
 * @typedef {object} Answer
 * @property {unknown} json   undefined when the etag is the one we had
 * @property {string} etag    "" when the server gave none
 * @property {number} ageMs   of the data when it was answered; NaN unknown
 * @property {number} freshMs until the server has something newer; NaN unknown
 */

export class ApiError extends Error {
    /**
     * @param {string} code     the server's, or "network", "timeout", "answer"
     * @param {string} message  for a person
     * @param {{status?: number, retryAfterMs?: number, allowed?: string[]}} [more]
     */
    constructor(code, message, more = {}) {
        super(message);
        this.name = 'ApiError';
        this.code = code;
        this.status = more.status ?? 0;
        this.retryAfterMs = more.retryAfterMs ?? NaN;
        this.allowed = more.allowed ?? [];
    }

    /** Asking the same again cannot help. */
    get final() {
        return this.status >= 400 && this.status < 500 && this.status !== 429 && this.status !== 408;
    }
}

/** Longer than the server's own deadline for the exchanges. */
const REQUEST_MS = 25000;

/**
 * Ask for a map.
 *
 * @param {string} query  "?symbol=…"
 * @param {string} etag   of the map we have, "" for none
 * @param {AbortSignal} signal
 * @param {unknown} [since]  the cursor of the map we have: only what changed is wanted
 * @returns {Promise<Answer>}
 * @throws {ApiError}; an AbortError when the signal says so
 */
export async function fetchHeatmap(query, etag, signal, since) {
    const { response, json } = await request('api/v1/heatmap' + query + COMPACT + (since ? `&since=${since}` : ''), signal);
    const { headers } = response;
    const now = headers.get('ETag') ?? '';
    const same = etag !== '' && now === etag;
    /* The same bytes need no second reading. */
    if (same)
        await response.body?.cancel();
    return {
        json: same ? undefined : await bodyOf(json, signal),
        etag: now,
        ageMs: ageOf(headers),
        freshMs: freshnessOf(headers.get('Cache-Control') ?? ''),
    };
}

/**
 * Ask for anything else.
 *
 * @param {string} url  relative to the page, "api/v1/…"
 * @param {AbortSignal} signal
 * @returns {Promise<unknown>} parsed
 * @throws {ApiError}; an AbortError when the signal says so
 */
export async function fetchJson(url, signal) {
    return (await fetchAged(url, signal)).json;
}

/** The same, and how old the data was, ms; NaN unknown. @param {string} url @param {AbortSignal} signal */
export async function fetchAged(url, signal) {
    const { response, json } = await request(url, signal);
    return { json: await bodyOf(json, signal), ageMs: ageOf(response.headers) };
}

/**
 * The symbols and exchanges worth offering; the page works without them.
 *
 * @returns {Promise<{symbols: string[], exchanges: string[]}>} empty when the server does not say
 */
export async function fetchChoices() {
    try {
        return choicesOf(await fetchJson('api/v1/symbols', new AbortController().signal));
    } catch {
        return { symbols: [], exchanges: [] };
    }
}

/**
 * @param {string} url  relative to the page, so that any prefix works
 * @param {AbortSignal} signal
 * @returns {Promise<{response: Response, json: () => Promise<unknown>}>} with a good status
 */
async function request(url, signal) {
    const limit = AbortSignal.timeout(REQUEST_MS);
    const both = new AbortController();
    for (const one of [signal, limit])
        one.addEventListener('abort', () => both.abort(one.reason), { once: true });
    if (signal.aborted)
        both.abort(signal.reason);
    try {
        const early = await takeEarly(url, both.signal);
        const response = early?.response ?? await fetch(url, { cache: 'no-cache', signal: both.signal });
        const json = () => early?.json ?? response.json();
        if (response.ok)
            return { response, json };
        throw await errorOf(response, json);
    } catch (error) {
        throw error instanceof ApiError ? error : networkError(error, signal, limit);
    }
}

/** @param {unknown} error @param {AbortSignal} signal @param {AbortSignal} limit */
function networkError(error, signal, limit) {
    if (signal.aborted)
        return error;
    if (limit.aborted)
        return new ApiError('timeout', 'The Liqmap server did not answer in time.');
    return new ApiError('network', 'The Liqmap server cannot be reached.');
}

/** @param {() => Promise<unknown>} json @param {AbortSignal} signal @returns {Promise<unknown>} */
async function bodyOf(json, signal) {
    try {
        return await json();
    } catch (error) {
        if (signal.aborted)
            throw error;
        throw new ApiError('answer', 'The server’s answer was cut short or is not JSON.');
    }
}

/** @param {Response} answer @param {() => Promise<any>} json @returns {Promise<ApiError>} */
async function errorOf(answer, json) {
    const more = { status: answer.status, retryAfterMs: retryAfterOf(answer.headers) };
    try {
        const { error } = await json();
        const allowed = Array.isArray(error.allowed) ? error.allowed.map(String) : [];
        return new ApiError(String(error.code), String(error.message), { ...more, allowed });
    } catch {
        return new ApiError('http', `The server answered ${answer.status}.`, more);
    }
}

/** @param {Headers} headers @returns {number} NaN where not said in seconds */
function retryAfterOf(headers) {
    const value = headers.get('Retry-After');
    return value !== null && /^\d+$/.test(value.trim()) ? Number(value) * 1000 : NaN;
}

/**
 * How old the data was when the answer left the last cache.
 *
 * @param {Headers} headers
 * @returns {number} ms, NaN unknown
 */
export function ageOf(headers) {
    const own = headers.get('X-Liqmap-Age-Ms');
    if (own === null || !/^\d+$/.test(own.trim()))
        return NaN;
    /* A shared cache between us and the server adds its own time. */
    const held = Number(headers.get('Age') ?? 0);
    return Number(own) + (held > 0 ? held * 1000 : 0);
}

/**
 * @param {string} cacheControl
 * @returns {number} ms the answer stays the newest, NaN unknown
 */
export function freshnessOf(cacheControl) {
    const m = /(?:^|[\s,])max-age=(\d+)/.exec(cacheControl);
    return m ? Number(m[1]) * 1000 : NaN;
}

/**
 * What can be asked for, out of api/v1/symbols.
 *
 * @param {any} json
 * @returns {{symbols: string[], exchanges: string[]}} each once, in the server's order
 */
export function choicesOf(json) {
    const parts = Array.isArray(json?.exchanges) ? json.exchanges : [];
    /** @param {unknown[]} names */
    const strings = (names) => [...new Set(names.filter((name) => typeof name === 'string' && name !== ''))].map(String);
    return {
        symbols: strings(parts.flatMap((/** @type {any} */ part) => part?.symbols ?? []).map((/** @type {any} */ item) => item?.symbol)),
        exchanges: strings(parts.map((/** @type {any} */ part) => part?.exchange)),
    };
}
