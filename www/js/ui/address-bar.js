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
        /** What is to be written at rest, and when it came. @type {{state: State, at: number} | null} */
        this.waiting = null;
    }

    /** @param {State} state @param {State | null} before */
    render(state, before) {
        this.waiting = null;
        const { query } = state;
        if (before && query !== before.query && !sameQuery(queryFrom(location.search, state.narrow), query))
            this.write(state, !isExtension(query, before.query) && !sameQuery({ ...query, end: 0 }, { ...before.query, end: 0 }));
        else if (before && state.view !== before.view)
            this.write(state, false);
        else if (state.map && !state.wanted)
            this.wait(state);
    }

    /** Write at rest.  A pan comes here in each frame: one timer for all of it. @param {State} state */
    wait(state) {
        this.waiting = { state, at: performance.now() };
        this.due ||= window.setTimeout(() => this.rested(), REST_MS);
    }

    rested() {
        this.due = 0;
        if (!this.waiting)
            return;
        const left = this.waiting.at + REST_MS - performance.now();
        if (left > 0)
            this.due = window.setTimeout(() => this.rested(), left);
        else
            this.write(this.waiting.state, false);
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
