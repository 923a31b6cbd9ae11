/* The map as it was known at a moment of the past: a bar to choose it, step
 * and play. */

import { byId, setText } from './dom.js';
import { moment, zoneName } from '../data/format.js';
import { INTERVAL_S } from '../data/query.js';
import { choose, exchangeNow } from '../data/state.js';

/** Between two steps of a playing replay, once the map is there. */
const PLAY_MS = 450;

/**
 * The moment of a click on a step.
 *
 * @param {number} end       ms; 0 for now
 * @param {number} steps     candles, negative for back
 * @param {string} interval
 * @param {number} now       ms on the exchange's clock; NaN unknown
 * @returns {number} a candle's end; 0 when that is now or later
 */
export function stepEnd(end, steps, interval, now) {
    const bar = INTERVAL_S[interval] * 1000;
    /* The first step back from a moment within a candle is that candle's open. */
    const from = steps < 0 ? Math.ceil((end || now) / bar) : Math.floor((end || now) / bar);
    const to = (from + steps) * bar;
    return to > now ? 0 : to;
}

/** @param {number} n */
const two = (n) => String(n).padStart(2, '0');

/** @param {number} ms @param {boolean} local @returns {string} "2025-10-12T14:05" */
export function toField(ms, local) {
    const d = new Date(ms);
    return local
        ? `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}`
        : d.toISOString().slice(0, 16);
}

/** @param {string} text @param {boolean} local @returns {number} ms; NaN when it is no time */
export function fromField(text, local) {
    return Date.parse(local ? text : text + 'Z');
}

export class Replay {
    /** @param {import('../data/state.js').PageStore} store */
    constructor(store) {
        this.store = store;
        /** @type {readonly (keyof import('../data/state.js').State)[]} */
        this.reads = ['query', 'map', 'local'];
        this.bar = byId('replay', HTMLElement);
        this.when = byId('replay-when', HTMLElement);
        this.field = byId('replay-time', HTMLInputElement);
        this.zone = byId('replay-zone', HTMLElement);
        this.play = byId('replay-play', HTMLButtonElement);
        this.playing = false;
        this.timer = 0;
        for (const button of this.bar.querySelectorAll('button[data-steps]')) {
            button.addEventListener('click', () => {
                this.pause();
                this.step(Number(/** @type {HTMLElement} */ (button).dataset.steps));
            });
        }
        byId('replay-leave', HTMLButtonElement).addEventListener('click', () => this.leave());
        this.play.addEventListener('click', () => (this.playing ? this.pause() : this.start()));
        this.field.addEventListener('change', () => this.goto(fromField(this.field.value, store.state.local)));
    }

    /** In, one day back; or out. */
    toggle() {
        const { end, interval } = this.store.state.query;
        const now = exchangeNow(this.store.state);
        if (end > 0)
            this.leave();
        else if (Number.isFinite(now))
            choose(this.store, { end: stepEnd(0, -Math.max(1, Math.round(86400 / INTERVAL_S[interval])), interval, now) });
    }

    leave() {
        this.pause();
        choose(this.store, { end: 0 });
    }

    /** @param {number} ms */
    goto(ms) {
        this.pause();
        if (ms > 0)
            choose(this.store, { end: ms >= exchangeNow(this.store.state) ? 0 : ms });
    }

    /** @param {number} steps */
    step(steps) {
        const { end, interval } = this.store.state.query;
        const now = exchangeNow(this.store.state);
        choose(this.store, { end: stepEnd(end, steps, interval, now) });
    }

    start() {
        this.playing = true;
        this.showPlay();
        this.step(1);
    }

    pause() {
        this.playing = false;
        clearTimeout(this.timer);
        this.showPlay();
    }

    /** The map of the last step is on the screen. */
    arrived() {
        clearTimeout(this.timer);
        if (this.playing && this.store.state.query.end > 0)
            this.timer = window.setTimeout(() => this.step(1), PLAY_MS);
        else if (this.playing)
            this.pause();
    }

    showPlay() {
        setText(this.play, this.playing ? '❚❚' : '▶');
        this.play.setAttribute('aria-label', this.playing ? 'Pause' : 'Play');
    }

    /** @param {import('../data/state.js').State} state @param {import('../data/state.js').State | null} before */
    render(state, before) {
        this.show(state);
        if (state.map && state.map !== before?.map)
            this.arrived();
    }

    /** @param {import('../data/state.js').State} state */
    show(state) {
        const { query: { end }, local } = state;
        const now = exchangeNow(state);
        this.bar.hidden = end === 0;
        if (end === 0)
            return;
        setText(this.when, `The map as it was known at ${moment(end, false)}`);
        setText(this.zone, zoneName(end));
        if (document.activeElement !== this.field)
            this.field.value = toField(end, local);
        if (Number.isFinite(now))
            this.field.max = toField(now, local);
    }
}
