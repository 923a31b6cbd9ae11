/* When to ask again: as the server's copy expires, later after an error, not
 * at all while nobody looks.  Time comes in from outside, so that tests need
 * not wait. */

/**
 * @typedef {object} Clock
 * @property {() => number} now  ms, monotonic
 * @property {(run: () => void, ms: number) => number} set
 * @property {(timer: number) => void} clear
 * @property {() => number} random  0 .. 1
 *
 * @typedef {object} Loaded
 * @property {number} freshMs  how long the answer stays the newest; NaN unknown, Infinity for ever
 *
 * @typedef {object} Failure
 * @property {number} [retryAfterMs]
 * @property {boolean} [final]  asking again cannot help
 */

const LONGEST_MS = 20000;
const SHORTEST_MS = 1000;
/** For an answer that does not say, or is already stale. */
const UNKNOWN_MS = 10000;
const BACKOFF_MS = [2000, 4000, 8000, 15000, 30000, 60000];
/** Many pages must not ask in the same instant. */
const JITTER_MS = 700;
/** While hidden with alerts on. */
const BACKGROUND_MS = 60000;
/** The server's seconds are rounded down, so ask a little after. */
const AFTER_MS = 250;

/**
 * @param {number} freshMs
 * @param {number} random  0 .. 1
 * @returns {number} ms to wait after a good answer; Infinity when it never changes
 */
export function waitAfter(freshMs, random) {
    if (freshMs === Infinity)
        return Infinity;
    const fresh = freshMs > 0 ? Math.min(LONGEST_MS, Math.max(SHORTEST_MS, freshMs)) : UNKNOWN_MS;
    return fresh + AFTER_MS + random * JITTER_MS;
}

/**
 * @param {number} failures  in a row, >= 1
 * @param {Failure} failure
 * @param {number} random    0 .. 1
 * @returns {number} ms to wait; Infinity when asking again cannot help
 */
export function waitAfterError(failures, failure, random) {
    if (failure.final)
        return Infinity;
    const step = BACKOFF_MS[Math.min(failures, BACKOFF_MS.length) - 1];
    const asked = failure.retryAfterMs ?? NaN;
    return (asked >= 0 ? Math.max(asked, SHORTEST_MS) : step) + random * JITTER_MS;
}

/** @type {Clock} */
const BROWSER = {
    now: () => performance.now(),
    set: (run, ms) => window.setTimeout(run, ms),
    clear: (timer) => window.clearTimeout(timer),
    random: Math.random,
};

export class Refresher {
    /**
     * @param {object} on
     * @param {(signal: AbortSignal) => Promise<Loaded>} on.load
     * @param {(error: unknown) => void} on.failed   not for aborted loads
     * @param {() => void} on.changed  busy or the next time changed
     * @param {Clock} [clock]
     */
    constructor(on, clock = BROWSER) {
        this.on = on;
        this.clock = clock;
        this.busy = false;
        this.failures = 0;
        /** When the next load is due, on the clock. */
        this.due = Infinity;
        this.hidden = false;
        /** Load also while hidden, at a slower pace. */
        this.background = false;
        this.timer = 0;
        /** @type {AbortController | null} */
        this.running = null;
    }

    /** Load now; whatever is under way is dropped. */
    restart() {
        this.failures = 0;
        this.loadNow();
    }

    /** Drop whatever is under way. @param {number} waitMs  until the next load; Infinity: there is none */
    plan(waitMs) {
        this.running?.abort();
        this.failures = 0;
        this.rest(waitMs);
    }

    loadNow() {
        this.running?.abort();
        const running = new AbortController();
        this.running = running;
        this.busy = true;
        this.clock.clear(this.timer);
        this.due = Infinity;
        this.on.changed();
        this.on.load(running.signal).then(
            (loaded) => this.finished(running, waitAfter(loaded.freshMs, this.clock.random())),
            (error) => this.broke(running, error));
    }

    /** @param {AbortController} running @param {number} waitMs */
    finished(running, waitMs) {
        if (this.running !== running)
            return;
        this.failures = 0;
        this.rest(waitMs);
    }

    /** @param {AbortController} running @param {unknown} error */
    broke(running, error) {
        if (this.running !== running || running.signal.aborted)
            return;
        this.failures++;
        this.rest(waitAfterError(this.failures, /** @type {Failure} */ (error), this.clock.random()));
        this.on.failed(error);
    }

    /** @param {number} waitMs */
    rest(waitMs) {
        this.running = null;
        this.busy = false;
        this.due = this.clock.now() + waitMs;
        this.arm();
        this.on.changed();
    }

    arm() {
        this.clock.clear(this.timer);
        if ((this.hidden && !this.background) || this.busy || this.due === Infinity)
            return;
        const least = this.hidden ? BACKGROUND_MS : 0;
        this.timer = this.clock.set(() => this.loadNow(), Math.max(least, this.due - this.clock.now()));
    }

    /** @param {boolean} on  load also while nobody looks */
    setBackground(on) {
        this.background = on;
        this.arm();
    }

    /** @param {boolean} hidden  nobody looks */
    setHidden(hidden) {
        this.hidden = hidden;
        this.arm();
    }

    /** @returns {number} ms until the next load; Infinity when none is planned */
    get dueIn() {
        return Math.max(0, this.due - this.clock.now());
    }
}
