/* The palette with numbers beside it. */

import { make } from './dom.js';
import { density, price, usd } from './format.js';
import { COLOURS, PALETTE, colourIndex } from './palette.js';

/** @typedef {import('./snapshot.js').Grid} Grid */

/** Where style.css lays the bar down under the map. */
const LYING = '(max-width: 760px)';

/**
 * Round densities along the palette.
 *
 * @param {number} top  density at the bright end, 0 .. 100 or more
 * @returns {{density: number, at: number, over: boolean}[]} at: 0 .. 1 along the
 *     palette; over: stands for all that is denser
 */
export function ticksOf(top) {
    const step = [0.5, 1, 2, 5, 10, 20, 25].find((s) => top / s <= 5.2) ?? 25;
    const ticks = [{ density: 0, at: 0, over: false }];
    for (let d = step; d < top; d += step)
        ticks.push({ density: d, at: colourIndex(d / top) / (COLOURS - 1), over: false });
    /* What is too near to an end would be written over it. */
    const spaced = ticks.filter((tick) => tick.at === 0 || (tick.at > 0.08 && tick.at < 0.86));
    return [...spaced, { density: top, at: 1, over: top < 99.5 }];
}

export class ColourBar {
    /** @param {HTMLElement} root */
    constructor(root) {
        this.root = root;
        this.ticks = make('div', 'bar-ticks');
        this.note = make('p', 'bar-note');
        this.shown = '';
        const strip = make('canvas', 'bar-strip');
        strip.setAttribute('aria-hidden', 'true');
        const lying = matchMedia(LYING);
        paintStrip(strip, lying.matches);
        lying.addEventListener('change', () => paintStrip(strip, lying.matches));
        root.replaceChildren(make('p', 'bar-title', 'Density'),
            make('div', 'bar-body', strip, this.ticks), this.note);
    }

    /**
     * @param {Grid} grid
     * @param {number} bright  mass at the bright end
     */
    show(grid, bright) {
        const strongest = grid.max * grid.quantum;
        const top = strongest > 0 ? 100 * bright / strongest : 100;
        const dollars = Number.isFinite(grid.usdPerUnit);
        const lines = ticksOf(top).map((tick) => ({
            ...tick,
            text: (tick.over ? '≥ ' : '') + density(tick.density),
            usd: dollars && tick.density > 0 ? usd(tick.density / 100 * strongest * grid.usdPerUnit) : '',
        }));
        const note = dollars
            ? `$: modelled OI per row of ${price(grid.priceStep, grid.priceStep < 1 ? 4 : 0)}, upper bound`
            : 'Relative only: open interest is unknown';
        /* A refresh that changes nothing to read leaves the page alone. */
        const shown = JSON.stringify([lines, note]);
        if (shown === this.shown)
            return;
        this.shown = shown;
        this.note.textContent = note;
        this.ticks.replaceChildren(...lines.map((line) => {
            const tick = make('div', 'bar-tick',
                make('span', 'bar-density', line.text), make('span', 'bar-usd', line.usd));
            tick.style.setProperty('--at', String(line.at));
            return tick;
        }));
    }
}

/**
 * @param {HTMLCanvasElement} canvas  becomes a line of pixels that CSS stretches
 * @param {boolean} lying  dark end left; else dark end at the bottom
 */
export function paintStrip(canvas, lying) {
    canvas.width = lying ? COLOURS : 1;
    canvas.height = lying ? 1 : COLOURS;
    const context = canvas.getContext('2d');
    if (!context)
        return;
    const image = context.createImageData(canvas.width, canvas.height);
    for (let i = 0; i < COLOURS; i++) {
        const index = lying ? i : COLOURS - 1 - i;
        image.data.set([PALETTE[3 * index], PALETTE[3 * index + 1], PALETTE[3 * index + 2], 255], i * 4);
    }
    context.putImageData(image, 0, 0);
}
