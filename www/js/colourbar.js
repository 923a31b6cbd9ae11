/* The palette with numbers beside it, and two handles on it: what is dark and
 * what is brightest. */

import { make, setText } from './dom.js';
import { density, price, usd } from './format.js';
import { COLOURS, PALETTE } from './palette.js';
import { percentAt, placeOf, stepped } from './scale.js';

/**
 * @typedef {import('./snapshot.js').Grid} Grid
 * @typedef {import('./scale.js').Ranks} Ranks
 * @typedef {import('./scale.js').Scale} Scale
 * @typedef {import('./scale.js').Colours} Colours
 * @typedef {"dark" | "bright"} End
 *
 * @typedef {object} Shown
 * @property {Grid} grid
 * @property {{all: Ranks, long: Ranks, short: Ranks}} ranks
 * @property {Scale} scale
 * @property {Colours} colours
 */

/** Where style.css lays the bar down under the map. */
const LYING = '(max-width: 760px)';

/** Labels nearer to each other than this share of the bar would touch. */
const GAP = { standing: 0.075, lying: 0.15 };

/** The handles keep this far apart. */
const APART = 0.02;

const ROUND = [50, 25, 10, 5, 2, 1, 0.5, 0.2, 0.1];

/**
 * Round densities and where they lie on the bar.
 *
 * @param {Ranks} ranks
 * @param {number} max  units of the strongest cell
 * @param {number} gap  share of the bar that a label needs
 * @returns {{density: number, at: number}[]} from dense to nothing
 */
export function ticksOf(ranks, max, gap) {
    const ticks = [{ density: 100, at: 1 }];
    if (!(ranks.total > 0))
        return [{ density: 0, at: 0 }];
    for (const value of ROUND) {
        const at = placeOf(ranks.percentOf(value / 100 * max));
        if (at > gap && at <= ticks[ticks.length - 1].at - gap)
            ticks.push({ density: value, at });
    }
    return [...ticks, { density: 0, at: 0 }];
}

export class ColourBar {
    /**
     * @param {HTMLElement} root
     * @param {(ends: {dark: number, bright: number} | null) => void} onEnds  percent of
     *     cells; null for the usual
     */
    constructor(root, onEnds) {
        this.onEnds = onEnds;
        /** @type {Shown | null} */
        this.shown = null;
        this.written = '';
        this.ticks = make('div', 'bar-ticks');
        this.note = make('p', 'bar-note');
        this.ends = make('p', 'bar-ends');
        this.strip = make('canvas', 'bar-strip');
        this.strip.setAttribute('aria-hidden', 'true');
        this.handles = { bright: this.handle('bright'), dark: this.handle('dark') };
        this.track = make('div', 'bar-track', this.strip, this.handles.bright, this.handles.dark);
        this.lying = matchMedia(LYING);
        this.lying.addEventListener('change', () => this.again());
        this.listen();
        root.replaceChildren(make('p', 'bar-title', 'Density'), this.ends,
            make('div', 'bar-body', this.track, this.ticks), this.note);
    }

    /** @param {End} end */
    handle(end) {
        const handle = make('div', 'bar-handle');
        handle.dataset.testid = 'scale-' + end;
        handle.dataset.end = end;
        handle.tabIndex = 0;
        handle.setAttribute('role', 'slider');
        handle.setAttribute('aria-label', end === 'dark' ? 'What is dark' : 'What is brightest');
        handle.setAttribute('aria-valuemin', '0');
        handle.setAttribute('aria-valuemax', '100');
        handle.addEventListener('keydown', (event) => this.onKey(event, end));
        return handle;
    }

    listen() {
        /** @type {End | null} */
        let held = null;
        this.track.addEventListener('pointerdown', (event) => {
            if (!this.shown || event.button !== 0)
                return;
            const at = this.placeUnder(event);
            const { dark, bright } = this.places();
            held = Math.abs(at - dark) < Math.abs(at - bright) || at < dark ? 'dark' : 'bright';
            this.track.setPointerCapture(event.pointerId);
            this.handles[held].focus({ preventScroll: true });
            event.preventDefault();
            this.move(held, at);
        });
        this.track.addEventListener('pointermove', (event) => {
            if (held)
                this.move(held, this.placeUnder(event));
        });
        for (const type of ['pointerup', 'pointercancel', 'lostpointercapture'])
            this.track.addEventListener(type, () => { held = null; });
        this.track.addEventListener('dblclick', () => this.onEnds(null));
        this.track.title = 'Drag the two ends; double click for the usual scale';
    }

    /** @param {PointerEvent} event @returns {number} 0 .. 1 along the bar */
    placeUnder(event) {
        const box = this.strip.getBoundingClientRect();
        return this.lying.matches ? (event.clientX - box.left) / box.width
            : 1 - (event.clientY - box.top) / box.height;
    }

    /** Where the handles are, 0 .. 1 along the bar. */
    places() {
        if (!this.shown)
            return { dark: 0, bright: 1 };
        const { scale, ranks, colours, grid } = this.shown;
        if (!scale.pin)
            return { dark: placeOf(scale.dark), bright: placeOf(scale.bright) };
        const at = /** @param {number} mass */ (mass) => placeOf(ranks.all.percentOf(mass / grid.quantum));
        return { dark: at(colours.ranges.long.dark), bright: at(colours.ranges.long.bright) };
    }

    /** @param {End} end @param {number} place */
    move(end, place) {
        const now = this.places();
        const { dark, bright } = end === 'dark'
            ? { dark: Math.min(Math.max(0, place), now.bright - APART), bright: now.bright }
            : { dark: now.dark, bright: Math.max(Math.min(1, place), now.dark + APART) };
        this.onEnds({ dark: percentAt(dark), bright: percentAt(bright) });
    }

    /** @param {KeyboardEvent} event @param {End} end */
    onKey(event, end) {
        const steps = STEPS[event.key];
        if (!this.shown || steps === undefined || event.ctrlKey || event.metaKey || event.altKey)
            return;
        event.preventDefault();
        event.stopPropagation();
        const percent = percentAt(this.places()[end]);
        this.move(end, placeOf(stepped(this.shown.ranks.all, percent, steps)));
    }

    /** @param {Shown} shown */
    show(shown) {
        const before = this.shown;
        this.shown = shown;
        const { ranks, colours } = shown;
        /* A refresh that changes nothing to see leaves the page alone. */
        if (!before || !colours.equals(before.colours) || before.ranks !== ranks)
            this.paint();
        this.place('dark');
        this.place('bright');
        const lines = this.lines(this.gap);
        const written = JSON.stringify([lines, this.lying.matches]);
        setText(this.note, noteOf(shown));
        setText(this.ends, this.endsText());
        if (written === this.written)
            return;
        this.written = written;
        this.ticks.replaceChildren(...lines.map((line) => {
            const tick = make('div', 'bar-tick',
                make('span', 'bar-density', line.text), make('span', 'bar-usd', line.usd));
            tick.style.setProperty('--at', String(line.at));
            return tick;
        }));
    }

    again() {
        if (!this.shown)
            return;
        this.paint();
        this.show(this.shown);
    }

    get gap() {
        return this.lying.matches ? GAP.lying : GAP.standing;
    }

    /** @param {number} gap  share of the bar that a label needs */
    lines(gap) {
        const { grid, ranks, scale } = /** @type {Shown} */ (this.shown);
        if (scale.sides && !scale.pin)
            return shareTicks(gap);
        const unitUsd = grid.max * grid.quantum * grid.usdPerUnit / 100;
        return ticksOf(ranks.all, grid.max, gap).map((tick) => ({
            at: tick.at,
            text: density(tick.density),
            usd: Number.isFinite(unitUsd) && tick.density > 0 ? usd(tick.density * unitUsd) : '',
        }));
    }

    /** @param {End} end */
    place(end) {
        const handle = this.handles[end];
        const at = this.places()[end];
        handle.style.setProperty('--at', at.toFixed(4));
        handle.setAttribute('aria-orientation', this.lying.matches ? 'horizontal' : 'vertical');
        handle.setAttribute('aria-valuenow', percentAt(at).toFixed(1));
        handle.setAttribute('aria-valuetext', `${this.endText(end)}, ${percentAt(at).toFixed(1)} % of the cells`);
    }

    /** @param {End} end @returns {string} "dark ≤ 0.4" */
    endText(end) {
        if (!this.shown)
            return '';
        const { grid, colours } = this.shown;
        const strongest = grid.max * grid.quantum;
        /** @param {import('./scale.js').Side} side */
        const of = (side) => density(strongest > 0 ? 100 * colours.ranges[side][end] / strongest : 0);
        const value = colours.same ? of('long') : `${of('long')} longs, ${of('short')} shorts`;
        return end === 'dark' ? `dark ≤ ${value}` : `brightest ≥ ${value}`;
    }

    endsText() {
        const { scale, colours } = /** @type {Shown} */ (this.shown);
        const dark = colours.ranges.long.dark > 0 || colours.ranges.short.dark > 0;
        return [scale.pin ? 'Pinned:' : '', this.endText('bright'), dark ? '· ' + this.endText('dark') : '']
            .filter(Boolean).join(' ');
    }

    paint() {
        this.paintOn(this.strip, this.lying.matches);
    }

    /** For a picture: the bar lying, its labels, and its ends in words. */
    drawing() {
        const strip = make('canvas');
        this.paintOn(strip, true);
        return { strip, ticks: this.lines(GAP.lying), scale: this.endsText() };
    }

    /**
     * Every place of the bar in the colour that cells of that rank have.
     *
     * @param {HTMLCanvasElement} canvas
     * @param {boolean} lying
     */
    paintOn(canvas, lying) {
        const { ranks, grid, colours } = /** @type {Shown} */ (this.shown);
        paintStrip(canvas, lying, colours.palette,
            (place) => colours.index(ranks.long.unitsAt(percentAt(place)) * grid.quantum, 'long'));
    }
}

/** @type {Record<string, number>} */
const STEPS = {
    ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1,
    PageUp: 5, PageDown: -5, Home: -1000, End: 1000,
};

/** Where the two sides have scales of their own only ranks are common. @param {number} gap */
function shareTicks(gap) {
    return [100, 99, 90, 50, 0].map((percent) => ({ at: placeOf(percent), text: percent + ' %', usd: '' }))
        .filter((tick, i, all) => i === 0 || all[i - 1].at - tick.at > gap);
}

/** @param {Shown} shown */
function noteOf({ grid, scale }) {
    if (scale.sides && !scale.pin)
        return 'Percent of each side’s cells: longs and shorts have scales of their own';
    return Number.isFinite(grid.usdPerUnit)
        ? `$: modelled OI per row of ${price(grid.priceStep, grid.priceStep < 1 ? 4 : 0)}, upper bound`
        : 'Relative only: open interest is unknown';
}

/**
 * @param {HTMLCanvasElement} canvas  becomes a line of pixels that CSS stretches
 * @param {boolean} lying  dark end left; else dark end at the bottom
 * @param {Uint8Array} [palette]
 * @param {(place: number) => number} [index]  the colour at 0 .. 1 along the bar
 */
export function paintStrip(canvas, lying, palette = PALETTE, index = (place) => Math.round(place * (COLOURS - 1))) {
    canvas.width = lying ? COLOURS : 1;
    canvas.height = lying ? 1 : COLOURS;
    const context = canvas.getContext('2d');
    if (!context)
        return;
    const image = context.createImageData(canvas.width, canvas.height);
    for (let i = 0; i < COLOURS; i++) {
        const at = 3 * index((lying ? i : COLOURS - 1 - i) / (COLOURS - 1));
        image.data.set([palette[at], palette[at + 1], palette[at + 2], 255], i * 4);
    }
    context.putImageData(image, 0, 0);
}
