/* The address of what is on the screen: query, view and viewport. */

import { queryText } from './query.js';
import { exchangeNow, keepsWindow } from './state.js';
import { viewQuery } from './view.js';
import { viewportQuery } from './viewport.js';

/**
 * @typedef {import('./state.js').State} State
 * @typedef {import('./query.js').Query} Query
 */

const MINUTE_MS = 60000;

/**
 * @param {State} state
 * @param {Query} [query]  of another map with the same view
 * @param {boolean} [complete]  for a browser that remembers another appearance
 * @returns {string} "?symbol=…"
 */
export function addressOf(state, query = state.query, complete = false) {
    const q = new URLSearchParams(queryText(query));
    /* The viewport of another window means nothing in this one. */
    const viewport = keepsWindow(state, query) ? viewportQuery(state.visible?.viewport ?? null) : [];
    for (const [key, value] of [...viewQuery(state.view, complete), ...viewport])
        q.set(key, value);
    return '?' + q.toString();
}

/**
 * All of the view, for another browser.
 *
 * @param {State} state
 * @param {boolean} moment  as it is now, also tomorrow
 */
export function linkOf(state, moment) {
    const { query, map } = state;
    const now = exchangeNow(state);
    const end = moment && map && query.end === 0 && Number.isFinite(now) ? Math.floor(now / MINUTE_MS) * MINUTE_MS : query.end;
    return addressOf(state, { ...query, end }, true);
}
