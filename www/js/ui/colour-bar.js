/* The palette with numbers beside it, and two handles on it: the dark end
 * and the bright end. */

import { make, rebuild, setText } from './dom.js';
import { decimalsOf, density, price, usd } from '../data/format.js';
import { COLOURS, PALETTE } from '../data/palette.js';
import { withEnds } from '../data/paint.js';
import { DEFAULT_SCALE, percentAt, placeOf, stepped } from '../data/scale.js';
import { display } from '../data/state.js';

/**
 * @typedef {import('../data/snapshot.js').Grid} Grid
 * @typedef {import('../data/scale.js').Ranks} Ranks
 * @typedef {import('../data/scale.js').Scale} Scale
 * @typedef {import('../data/scale.js').Colours} Colours
 * @typedef {"dark" | "bright"} End
 *
 * @typedef {object} Display
 * @property {Grid} grid
 * @property {{all: Ranks, long: Ranks, short: Ranks}} ranks
 * @property {Scale} scale
 * @property {Colours} colours
 */

/** Where style.css lays the bar down under the map. */
const LYING = '(max-width: 47.5em)';

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
     * @param {import('../data/state.js').PageStore} store
     */
    constructor(root, store) {
        this.store = store;
        /** @type {readonly (keyof import('../data/state.js').State)[]} */
        this.reads = ['map', 'paint', 'view'];
        /** @type {Display | null} */
        this.display = null;
        this.ticks = make('div', 'bar-ticks');
        this.note = make('p', 'bar-note');
        this.ends = make('p', 'bar-ends');
        this.strip = make('canvas', 'bar-strip');
        this.strip.setAttribute('aria-hidden', 'true');
        this.handles = { bright: this.handle('bright'), dark: this.handle('dark') };
        this.track = make('div', 'bar-track', this.strip, this.handles.bright, this.handles.dark);
        this.lying = matchMedia(LYING);
        this.lying.addEventListener('change', () => this.repaint());
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
        handle.setAttribute('aria-label', end === 'dark' ? 'Dark end' : 'Bright end');
        handle.setAttribute('aria-valuemin', '0');
        handle.setAttribute('aria-valuemax', '100');
        handle.addEventListener('keydown', (event) => this.onKey(event, end));
        return handle;
    }

    listen() {
        /** @type {End | null} */
        let held = null;
        this.track.addEventListener('pointerdown', (event) => {
            if (!this.display || event.button !== 0)
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
        this.track.addEventListener('dblclick', () => this.setEnds(DEFAULT_SCALE, false));
        this.track.title = 'Drag the two ends; double click for the default scale';
    }

    /**
     * @param {{dark: number, bright: number}} ends  percent of the cells
     * @param {boolean} keepPin  a pinned scale stays pinned, at these ends
     */
    setEnds({ dark, bright }, keepPin) {
        const { view, map } = this.store.state;
        const from = keepPin ? view : { ...view, scale: { ...view.scale, pin: null } };
        display(this.store, { scale: withEnds({ dark, bright }, from, map) });
    }

    /** @param {import('../data/state.js').State} state */
    render({ map, paint, view }) {
        if (map && paint)
            this.show({ grid: map.snapshot.grid, ranks: paint.ranks, scale: view.scale, colours: paint.colours });
    }

    /** @param {PointerEvent} event @returns {number} 0 .. 1 along the bar */
    placeUnder(event) {
        const box = this.strip.getBoundingClientRect();
        return this.lying.matches ? (event.clientX - box.left) / box.width
            : 1 - (event.clientY - box.top) / box.height;
    }

    /** Where the handles are, 0 .. 1 along the bar. */
    places() {
        if (!this.display)
            return { dark: 0, bright: 1 };
        const { scale, ranks, colours, grid } = this.display;
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
        this.setEnds({ dark: percentAt(dark), bright: percentAt(bright) }, true);
    }

    /** @param {KeyboardEvent} event @param {End} end */
    onKey(event, end) {
        const steps = STEPS[event.key];
        if (!this.display || steps === undefined || event.ctrlKey || event.metaKey || event.altKey)
            return;
        event.preventDefault();
        event.stopPropagation();
        const percent = percentAt(this.places()[end]);
        this.move(end, placeOf(stepped(this.display.ranks.all, percent, steps)));
    }

    /** @param {Display} display */
    show(display) {
        const before = this.display;
        this.display = display;
        const { ranks, colours } = display;
        /* A refresh that changes nothing to see leaves the page alone. */
        if (!before || !colours.equals(before.colours) || before.ranks !== ranks)
            this.paint();
        this.place('dark');
        this.place('bright');
        const lines = linesOf(display, this.gap);
        setText(this.note, noteOf(display));
        setText(this.ends, endsText(display));
        rebuild(this.ticks, lines, () => lines.map((line) => {
            const tick = make('div', 'bar-tick',
                make('span', 'bar-density', line.text), make('span', 'bar-usd', line.usd));
            tick.style.setProperty('--at', String(line.at));
            return tick;
        }));
    }

    repaint() {
        if (!this.display)
            return;
        this.paint();
        this.show(this.display);
    }

    get gap() {
        /* The style sheet's font size, for readers with the usual one. */
        const text = parseFloat(getComputedStyle(document.body).fontSize) / 13;
        return text * (this.lying.matches ? GAP.lying : GAP.standing);
    }

    /** @param {End} end */
    place(end) {
        const handle = this.handles[end];
        const at = this.places()[end];
        handle.style.setProperty('--at', at.toFixed(4));
        handle.setAttribute('aria-orientation', this.lying.matches ? 'horizontal' : 'vertical');
        handle.setAttribute('aria-valuenow', percentAt(at).toFixed(1));
        handle.setAttribute('aria-valuetext', `${this.display ? endText(this.display, end) : ''}, ${percentAt(at).toFixed(1)} % of the cells`);
    }

    paint() {
        if (this.display)
            paintRanks(this.strip, this.lying.matches, this.display);
    }
}

/**
 * For a picture: the bar lying, its labels, and its ends in words.
 *
 * @param {Grid} grid
 * @param {import('../data/paint.js').Paint} paint  of it
 * @param {Scale} scale
 */
export function drawingOf(grid, { ranks, colours }, scale) {
    const display = { grid, ranks, scale, colours };
    const strip = make('canvas');
    paintRanks(strip, true, display);
    return { strip, ticks: linesOf(display, GAP.lying), scale: endsText(display) };
}

/** @param {Display} display @param {number} gap  share of the bar that a label needs */
function linesOf({ grid, ranks, scale }, gap) {
    if (scale.sides && !scale.pin)
        return shareTicks(gap);
    const unitUsd = grid.max * grid.quantum * grid.usdPerUnit / 100;
    return ticksOf(ranks.all, grid.max, gap).map((tick) => ({
        at: tick.at,
        text: density(tick.density),
        usd: Number.isFinite(unitUsd) && tick.density > 0 ? usd(tick.density * unitUsd) : '',
    }));
}

/** @param {Display} display @param {End} end @returns {string} "dark ≤ 0.4" */
function endText({ grid, colours }, end) {
    const strongest = grid.max * grid.quantum;
    /** @param {import('../data/scale.js').Side} side */
    const of = (side) => density(strongest > 0 ? 100 * colours.ranges[side][end] / strongest : 0);
    const value = colours.same ? of('long') : `${of('long')} longs, ${of('short')} shorts`;
    return end === 'dark' ? `dark ≤ ${value}` : `brightest ≥ ${value}`;
}

/** @param {Display} display */
function endsText(display) {
    const { long, short } = display.colours.ranges;
    const dark = long.dark > 0 || short.dark > 0;
    return [display.scale.pin ? 'Pinned:' : '', endText(display, 'bright'), dark ? '· ' + endText(display, 'dark') : '']
        .filter(Boolean).join(' ');
}

/**
 * Every place of the bar in the colour that cells of that rank have.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {boolean} lying
 * @param {Display} display
 */
function paintRanks(canvas, lying, { ranks, grid, colours }) {
    paintStrip(canvas, lying, colours.palette,
        (place) => colours.index(ranks.long.unitsAt(percentAt(place)) * grid.quantum, 'long'));
}

/** @type {Record<string, number>} */
const STEPS = {
    ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1,
    PageUp: 5, PageDown: -5, Home: -1000, End: 1000,
};

/** Where the two sides are scaled separately, only ranks are common. @param {number} gap */
function shareTicks(gap) {
    return [100, 99, 90, 50, 0].map((percent) => ({ at: placeOf(percent), text: percent + ' %', usd: '' }))
        .filter((tick, i, all) => i === 0 || all[i - 1].at - tick.at > gap);
}

/** @param {Pick<Display, "grid" | "scale">} display @returns {string} what the bar’s numbers are */
export function noteOf({ grid, scale }) {
    if (scale.sides && !scale.pin)
        return 'Percent of each side’s cells: longs and shorts are scaled separately';
    return Number.isFinite(grid.usdPerUnit)
        ? `$: modelled open interest in one price row (${price(grid.priceStep, decimalsOf([grid.priceStep]))} high), upper bound`
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
