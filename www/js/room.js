/* What takes room beside the candles: known before it is there, so that the
 * map need not move when it comes. */

import { recall } from './store.js';

/** Where style.css has a sheet, and where a panel leaves the chart little room. */
const PANEL_NARROW = '(max-width: 1180px)';

/** On a phone the profile would take the chart's room, so it is off until asked for. */
const PROFILE_NARROW = matchMedia('(max-width: 760px)');

const PROFILE_PX = 172;
const PROFILE_SHARE = 0.24;

/** Whether the panel is to be open, by choice or by the screen. */
export function panelOpen() {
    const stored = recall('panel');
    return typeof stored === 'boolean' ? stored : !matchMedia(PANEL_NARROW).matches;
}

/**
 * The profile's kind with the screen's own choice filled in.
 *
 * @param {import('./shown.js').Shown} shown
 * @returns {"tiers" | "single" | "off"}
 */
export function profileKind({ profile }) {
    return profile || (PROFILE_NARROW.matches ? 'off' : 'tiers');
}

/** @param {() => void} run  after profileKind() may have changed */
export function onProfileRoom(run) {
    PROFILE_NARROW.addEventListener('change', run);
}

/**
 * @param {import('./shown.js').Shown} shown
 * @param {number} width  of the chart with its price axis, CSS pixels
 * @returns {number} CSS pixels for the profile, right of the newest candle
 */
export function profileRoom(shown, width) {
    return profileKind(shown) === 'off' ? 0 : Math.min(PROFILE_PX, Math.round(PROFILE_SHARE * width));
}
