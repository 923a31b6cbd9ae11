/* What takes space from the chart, before anything of it is on the screen. */

import { byId } from './dom.js';
import { recall } from './storage.js';

/** Below this the open panel leaves the chart little space. */
const PANEL_NARROW = '(max-width: 73.75em)';

/** @returns {boolean} whether the panel begins open */
export function panelWanted() {
    const panel = recall('panel');
    return typeof panel === 'boolean' ? panel : !matchMedia(PANEL_NARROW).matches;
}

/**
 * Give panel, introduction, replay and watchlist their space.
 *
 * @param {boolean} past  the address is about the past
 */
export function layOut(past) {
    byId('panel', HTMLElement).hidden = !panelWanted();
    byId('welcome', HTMLElement).hidden = recall('welcomed') === true;
    byId('replay', HTMLElement).hidden = !past;
    byId('watchlist', HTMLElement).hidden = recall('alone') === true;
    showPart('layout');
}

/**
 * Show what has its final place now; before that it would be seen moving.
 *
 * @param {'layout' | 'main' | 'tools'} part  what is there, with all before it
 */
export function showPart(part) {
    document.body.dataset.loaded = part;
}
