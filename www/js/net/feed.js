/* What a layer of the chart shows of the server: loaded while it is wanted in a
 * tab that is seen, again as it gets old, later after a failure. */

import { Refresher } from './refresher.js';

/**
 * @template T
 * @typedef {object} On
 * @property {(json: unknown) => T} read  an answer
 * @property {(value: T) => number} freshMs  how long it stays the newest; Infinity for ever
 * @property {() => void} changed  `last` or `problem`
 */

/**
 * @template T
 * @typedef {object} Loaded
 * @property {T} value
 * @property {string} of  the URL
 * @property {number} at  when the server had it from the exchange, on the clock; where it does not say, when it came
 */

/** @template T */
export class Feed {
    /**
     * @param {(url: string, signal: AbortSignal) => Promise<{json: unknown, ageMs: number}>} ask  the server
     * @param {On<T>} on
     * @param {import('./refresher.js').Clock} [clock]
     */
    constructor(ask, on, clock) {
        this.ask = ask;
        this.on = on;
        this.wanted = '';
        /** @type {unknown} */
        this.version = null;
        /** It may be of what was wanted before. @type {Loaded<T> | null} */
        this.last = null;
        /** Why the last load failed; "" where it did not. */
        this.problem = '';
        this.refresher = new Refresher({
            load: (signal) => this.load(signal), failed: (error) => this.fail(error), changed: () => {},
        }, clock);
    }

    /**
     * Load from now on, at once where it is something else.
     *
     * @param {string} wanted  URL; "" for nothing
     * @param {unknown} [version]  of it; with another one, what is here is old
     */
    follow(wanted, version = null) {
        if (wanted === this.wanted && version === this.version)
            return;
        this.wanted = wanted;
        this.version = version;
        this.problem = '';
        this.refresher.plan(wanted ? 0 : Infinity);
    }

    /** @param {boolean} hidden  nobody looks */
    setHidden(hidden) {
        this.refresher.setHidden(hidden);
    }

    /** @param {AbortSignal} signal */
    async load(signal) {
        const { wanted } = this;
        const { json, ageMs } = await this.ask(wanted, signal);
        signal.throwIfAborted();
        const value = this.on.read(json);
        this.last = { value, of: wanted, at: this.refresher.clock.now() - (ageMs || 0) };
        this.problem = '';
        this.on.changed();
        return { freshMs: this.on.freshMs(value) };
    }

    /** @param {unknown} error */
    fail(error) {
        const { message = String(error), final = false } = /** @type {{message?: string, final?: boolean}} */ (error);
        this.problem = message;
        if (final)
            this.last = null;
        this.on.changed();
    }
}
