/* How the map is drawn: what of it the address holds, and what is remembered.
 * No DOM. */

import { PALETTE_NAMES } from './palette.js';
import { DEFAULT_SCALE } from './scale.js';

/**
 * @typedef {import('./scale.js').Scale} Scale
 *
 * @typedef {object} Look
 * @property {string} palette    one of PALETTE_NAMES
 * @property {Scale} scale
 * @property {boolean} logPrice  the price axis is logarithmic
 */

/** @type {Readonly<Look>} */
export const DEFAULT_LOOK = Object.freeze({ palette: PALETTE_NAMES[0], scale: DEFAULT_SCALE, logPrice: false });

/** Numbers as short as they can be read back. @param {number} value */
const short = (value) => String(Number(value.toPrecision(4)));

/**
 * @param {Look} look
 * @returns {Record<string, string>} every part, as the address writes it
 */
function written({ palette, scale, logPrice }) {
    return {
        palette,
        scale: `${short(scale.dark)}-${short(scale.bright)}`,
        colour: scale.log ? 'log' : 'linear',
        ends: scale.sides ? 'sides' : 'both',
        pin: scale.pin ? `${scale.pin.unit}:${short(scale.pin.dark)}-${short(scale.pin.bright)}` : 'none',
        axis: logPrice ? 'log' : 'linear',
    };
}

/**
 * @param {Look} look
 * @param {boolean} [all]  also what is as usual, for somebody whose usual is another
 * @returns {[string, string][]} for the address
 */
export function lookQuery(look, all = false) {
    const usual = written(DEFAULT_LOOK);
    return Object.entries(written(look)).filter(([key, value]) => all || value !== usual[key]);
}

/** @param {string} text "a-b" @returns {[number, number] | null} 0 <= a < b */
function pair(text) {
    const m = /^([\d.]+(?:e[+-]?\d+)?)-([\d.]+(?:e[+-]?\d+)?)$/i.exec(text);
    const [a, b] = m ? [Number(m[1]), Number(m[2])] : [NaN, NaN];
    return a >= 0 && a < b && b < Infinity ? [a, b] : null;
}

/** @param {string} text @returns {import('./scale.js').Pin | null} */
function pinOf(text) {
    const [unit, ends] = text.split(':');
    const numbers = pair(ends ?? '');
    if (!numbers || (unit !== 'usd' && unit !== 'mass'))
        return null;
    return { unit, dark: numbers[0], bright: numbers[1] };
}

/**
 * Read what an address says; what it leaves out or writes wrongly is `base`.
 *
 * @param {string} query  location.search, or what remembered() gave
 * @param {Look} base
 * @returns {Look}
 */
export function lookFromQuery(query, base) {
    const q = new URLSearchParams(query);
    const palette = q.get('palette') ?? '';
    const ends = pair(q.get('scale') ?? '');
    const inPercent = ends && ends[1] <= 100 ? ends : [base.scale.dark, base.scale.bright];
    /** @param {string} key @param {string} on @param {string} off @param {boolean} usual */
    const either = (key, on, off, usual) => (q.get(key) === on ? true : q.get(key) === off ? false : usual);
    const pin = q.get('pin');
    return {
        palette: PALETTE_NAMES.includes(palette) ? palette : base.palette,
        scale: {
            dark: inPercent[0],
            bright: inPercent[1],
            log: either('colour', 'log', 'linear', base.scale.log),
            sides: either('ends', 'sides', 'both', base.scale.sides),
            pin: pin === 'none' ? null : pinOf(pin ?? '') ?? base.scale.pin,
        },
        logPrice: either('axis', 'log', 'linear', base.logPrice),
    };
}

/** @param {Look} a @param {Look} b */
export function sameLook(a, b) {
    return JSON.stringify(written(a)) === JSON.stringify(written(b));
}
