/* The address of the page follows the state. */

import { addressOf } from '../data/address.js';
import { queryFrom, sameQuery } from '../data/query.js';
import { isExtension } from '../data/state.js';

/** @typedef {import('../data/state.js').State} State */

/** Browsers allow no more than a few addresses a second. */
const REST_MS = 400;

export class AddressBar {
    constructor() {
        /** @type {readonly (keyof State)[]} */
        this.reads = ['query', 'view', 'visible'];
        this.due = 0;
    }

    /** @param {State} state @param {State | null} before */
    render(state, before) {
        clearTimeout(this.due);
        const { query } = state;
        if (before && query !== before.query && !sameQuery(queryFrom(location.search, state.narrow), query))
            this.write(state, !isExtension(query, before.query) && !sameQuery({ ...query, end: 0 }, { ...before.query, end: 0 }));
        else if (before && state.view !== before.view)
            this.write(state, false);
        else if (state.map && !state.wanted)
            this.due = window.setTimeout(() => this.write(state, false), REST_MS);
    }

    /** @param {State} state @param {boolean} entry  a new one in the history */
    write(state, entry) {
        const address = addressOf(state);
        if (address === location.search)
            return;
        if (entry)
            history.pushState(null, '', address);
        else
            history.replaceState(null, '', address);
    }
}
