/* How the map is displayed: what the address says of it, and what a browser
 * remembers of it. */

import { CANDLES, PALETTE_NAMES } from './palette.js';
import { queryText } from './query.js';
import { DEFAULT_RISE, DEFAULT_SCALE } from './scale.js';

/**
 * @typedef {import('./scale.js').Scale} Scale
 * @typedef {"tiers" | "single" | "off"} ProfileKind
 * @typedef {"" | "circles" | "totals" | "both"} Executed  circles on the map, totals by candle under it
 *
 * @typedef {object} Knobs  of the single-leverage model
 * @property {number} leverage    > 1, at most 150
 * @property {number} margin      maintenance margin, percent of the notional, 0 .. 10
 * @property {number} lambda      decay per hour, 0 .. 10
 * @property {number} reach       percent around price, 1 .. 90
 *
 * @typedef {object} Appearance  remembered by the browser
 * @property {string} palette    one of PALETTE_NAMES
 * @property {Scale} scale
 * @property {boolean} logPrice  the price axis is logarithmic
 * @property {string} candles    a key of CANDLES
 * @property {boolean} ridges    the crests of the bands are lines
 * @property {boolean} volume    the panes under the map
 * @property {boolean} depth     the order book beside the profile
 * @property {Executed} executed  what of executed liquidations
 *
 * @typedef {object} Layers  not remembered
 * @property {boolean} heat      the heatmap
 * @property {ProfileKind | ""} profile  "": by the width of the screen
 * @property {Knobs} knobs
 *
 * @typedef {Appearance & Layers} View
 */

/** @type {Readonly<Knobs>} */
export const KNOBS = Object.freeze({ leverage: 25, margin: 0.4, lambda: 0.2, reach: 10 });

/** What the server accepts. @type {Readonly<Record<keyof Knobs, readonly [number, number]>>} */
export const KNOB_LIMITS = Object.freeze({
    leverage: /** @type {const} */ ([1.5, 150]),
    margin: /** @type {const} */ ([0, 10]),
    lambda: /** @type {const} */ ([0, 10]),
    reach: /** @type {const} */ ([1, 90]),
});

const KNOB_NAMES = /** @type {(keyof Knobs)[]} */ (Object.keys(KNOBS));

/** @type {Readonly<View>} */
export const DEFAULT_VIEW = Object.freeze({
    palette: PALETTE_NAMES[0], scale: DEFAULT_SCALE, logPrice: false, candles: 'colour', ridges: true, volume: false, depth: false,
    executed: /** @type {const} */ (''),
    heat: true, profile: /** @type {const} */ (''), knobs: KNOBS,
});

/** @type {readonly Executed[]} */
export const EXECUTED = Object.freeze(['', 'circles', 'totals', 'both']);

/** Numbers as short as they can be read back. @param {number} value */
const short = (value) => String(Number(value.toPrecision(4)));

/** @param {View} view @returns {Record<string, string>} every part as the address writes it */
function written({ palette, scale, logPrice, candles, ridges, volume, depth, executed, heat, profile, knobs }) {
    return {
        palette,
        scale: `${short(scale.dark)}-${short(scale.bright)}`,
        colour: scale.log ? 'log' : 'linear',
        ends: scale.sides ? 'sides' : 'both',
        pin: scale.pin ? `${scale.pin.unit}:${short(scale.pin.dark)}-${short(scale.pin.bright)}:${short(scale.pin.rise)}` : 'none',
        axis: logPrice ? 'log' : 'linear',
        candles,
        ridges: ridges ? 'on' : 'off',
        volume: volume ? 'on' : 'off',
        depth: depth ? 'on' : 'off',
        executed: executed || 'off',
        heat: heat ? 'on' : 'off',
        profile,
        ...Object.fromEntries(KNOB_NAMES.map((name) => [name, String(knobs[name])])),
    };
}

const APPEARANCE = new Set(['palette', 'scale', 'colour', 'ends', 'pin', 'axis', 'candles', 'ridges', 'volume', 'depth', 'executed']);

/**
 * @param {View} view
 * @param {boolean} [complete]  the appearance also where it is the default, for a
 *     browser that remembers another one
 * @returns {[string, string][]} for the address
 */
export function viewQuery(view, complete = false) {
    const defaults = written(DEFAULT_VIEW);
    return Object.entries(written(view))
        .filter(([key, value]) => value !== defaults[key] || (complete && APPEARANCE.has(key)));
}

/** The appearance alone, to be remembered. @param {View} view @returns {string} for viewFrom() */
export function appearanceText(view) {
    return new URLSearchParams(viewQuery(view, true).filter(([key]) => APPEARANCE.has(key))).toString();
}

/** @param {string} text @returns {[number, number] | null} ascending, >= 0 */
function pair(text) {
    const m = /^([\d.e+-]+?)-([\d.e+]+)$/.exec(text);
    const [a, b] = m ? [Number(m[1]), Number(m[2])] : [NaN, NaN];
    return a >= 0 && a < b && b < Infinity ? [a, b] : null;
}

/** @param {string} text @returns {import('./scale.js').Pin | null} */
function pinOf(text) {
    const [unit, ends, exponent] = text.split(':');
    const rise = Number(exponent ?? DEFAULT_RISE);
    const numbers = pair(ends ?? '');
    if (!numbers || (unit !== 'usd' && unit !== 'mass') || !(rise > 0 && rise < 10))
        return null;
    return { unit, dark: numbers[0], bright: numbers[1], rise };
}

/**
 * @param {keyof Knobs} name
 * @param {number} value
 * @returns {boolean} whether the server accepts it
 */
export function knobAllowed(name, value) {
    const [least, most] = KNOB_LIMITS[name];
    return value >= least && value <= most;
}

/**
 * Read an address; what is missing or impossible is `base`.
 *
 * @param {string} search  location.search, or appearanceText()
 * @param {View} base
 * @returns {View}
 */
export function viewFrom(search, base) {
    const q = new URLSearchParams(search);
    const palette = q.get('palette') ?? '';
    const ends = pair(q.get('scale') ?? '');
    const [dark, bright] = ends && ends[1] <= 100 ? ends : [base.scale.dark, base.scale.bright];
    /** @param {string} key @param {string} on @param {string} off @param {boolean} otherwise */
    const either = (key, on, off, otherwise) => (q.get(key) === on ? true : q.get(key) === off ? false : otherwise);
    const pin = q.get('pin');
    return {
        palette: PALETTE_NAMES.includes(palette) ? palette : base.palette,
        scale: {
            dark, bright,
            log: either('colour', 'log', 'linear', base.scale.log),
            sides: either('ends', 'sides', 'both', base.scale.sides),
            pin: pin === 'none' ? null : pinOf(pin ?? '') ?? base.scale.pin,
        },
        logPrice: either('axis', 'log', 'linear', base.logPrice),
        candles: Object.hasOwn(CANDLES, q.get('candles') ?? '') ? String(q.get('candles')) : base.candles,
        ridges: either('ridges', 'on', 'off', base.ridges),
        volume: either('volume', 'on', 'off', base.volume),
        depth: either('depth', 'on', 'off', base.depth),
        executed: EXECUTED.find((known) => (known || 'off') === q.get('executed')) ?? base.executed,
        ...layersFrom(search),
    };
}

/** @param {string} search @returns {Layers} defaults where missing or impossible */
export function layersFrom(search) {
    const q = new URLSearchParams(search);
    const profile = q.get('profile');
    const knobs = { ...KNOBS };
    for (const name of KNOB_NAMES) {
        const text = q.get(name);
        if (text !== null && text !== '' && knobAllowed(name, Number(text)))
            knobs[name] = Number(text);
    }
    return {
        heat: q.get('heat') !== 'off',
        profile: profile === 'tiers' || profile === 'single' || profile === 'off' ? profile : '',
        knobs,
    };
}

/** @param {View} a @param {View} b */
export function sameView(a, b) {
    return JSON.stringify(written(a)) === JSON.stringify(written(b));
}

/**
 * The kind of profile with the screen's own choice filled in.
 *
 * @param {View} view
 * @param {boolean} narrow  a phone, where it would leave the candles little room
 * @returns {ProfileKind}
 */
export function profileKind({ profile }, narrow) {
    return profile || (narrow ? 'off' : 'tiers');
}

/**
 * The query of the single-leverage bars that belong to a map.
 *
 * @param {import('./query.js').Query} query
 * @param {Knobs} knobs
 * @returns {string} "?symbol=…&model=single…"
 */
export function singleQuery(query, { leverage, margin, lambda, reach }) {
    const q = new URLSearchParams(queryText(query));
    /* That model has no tiers and no grid, and a range of its own. */
    for (const name of ['tiers', 'side', 'range'])
        q.delete(name);
    q.set('model', 'single');
    q.set('leverage', String(leverage));
    q.set('margin_rate', String(Number((margin / 100).toPrecision(6))));
    q.set('lambda', String(lambda));
    q.set('range', String(reach));
    return '?' + q.toString();
}
