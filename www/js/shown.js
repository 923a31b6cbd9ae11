/* What is drawn over and beside the map, and how the address holds it.  No
 * DOM. */

import { toQuery } from './state.js';

/**
 * @typedef {"" | "tiers" | "single" | "off"} ProfileKind  "": as the screen has room
 *
 * @typedef {object} Knobs  of the model of a single leverage
 * @property {number} leverage    > 1, at most 150
 * @property {number} margin      maintenance margin, percent of the notional, 0 .. 10
 * @property {number} lambda      decay per hour, 0 .. 10
 * @property {number} reach       percent around price, 1 .. 90
 *
 * @typedef {object} Shown
 * @property {boolean} heat       the map itself
 * @property {ProfileKind} profile
 * @property {Knobs} knobs
 */

/** @type {Readonly<Knobs>} */
export const KNOBS = Object.freeze({ leverage: 25, margin: 0.4, lambda: 0.2, reach: 10 });

/** What the server takes. @type {Readonly<Record<keyof Knobs, readonly [number, number]>>} */
export const KNOB_LIMITS = Object.freeze({
    leverage: /** @type {const} */ ([1.5, 150]),
    margin: /** @type {const} */ ([0, 10]),
    lambda: /** @type {const} */ ([0, 10]),
    reach: /** @type {const} */ ([1, 90]),
});

/** @type {Readonly<Shown>} */
export const DEFAULT_SHOWN = Object.freeze({ heat: true, profile: '', knobs: KNOBS });

const KNOB_NAMES = /** @type {(keyof Knobs)[]} */ (Object.keys(KNOBS));

/**
 * @param {keyof Knobs} name
 * @param {number} value
 * @returns {boolean} whether the server takes it
 */
export function knobAllowed(name, value) {
    const [least, most] = KNOB_LIMITS[name];
    return value >= least && value <= most;
}

/**
 * Read it out of an address; what is missing or impossible is the default.
 *
 * @param {string} query  location.search
 * @returns {Shown}
 */
export function shownFromQuery(query) {
    const q = new URLSearchParams(query);
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

/** @param {Shown} shown @returns {[string, string][]} for the address: what is not as usual */
export function shownQuery({ heat, profile, knobs }) {
    /** @type {[string, string][]} */
    const parts = [];
    if (!heat)
        parts.push(['heat', 'off']);
    if (profile)
        parts.push(['profile', profile]);
    for (const name of KNOB_NAMES) {
        if (knobs[name] !== KNOBS[name])
            parts.push([name, String(knobs[name])]);
    }
    return parts;
}

/** @param {Shown} a @param {Shown} b */
export function sameShown(a, b) {
    return JSON.stringify(shownQuery(a)) === JSON.stringify(shownQuery(b));
}

/**
 * The query of the single-leverage bars of a map.
 *
 * @param {import('./state.js').State} state
 * @param {Knobs} knobs
 * @returns {string} "?symbol=…&model=single…"
 */
export function singleQuery(state, { leverage, margin, lambda, reach }) {
    const q = new URLSearchParams(toQuery(state));
    /* It has no tiers and no map, and a range of its own. */
    for (const name of ['tiers', 'side', 'range'])
        q.delete(name);
    q.set('model', 'single');
    q.set('leverage', String(leverage));
    q.set('margin_rate', String(Number((margin / 100).toPrecision(6))));
    q.set('lambda', String(lambda));
    q.set('range', String(reach));
    return '?' + q.toString();
}
