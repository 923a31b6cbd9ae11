/* The panel that says how to read the map, and what this map assumes. */

import { paintStrip } from './colour-bar.js';
import { byId, pairs, rebuild } from './dom.js';
import { date } from '../data/format.js';
import { PALETTE_NAMES, cssColour, paletteOf } from '../data/palette.js';
import { remember } from './storage.js';

/** @typedef {import('../data/snapshot.js').Snapshot} Snapshot */

/** What each palette calls the zones, in the order of PALETTE_NAMES. */
const ZONES = [
    ['Purple', 'Blue, teal', 'Green', 'Yellow'],
    ['Violet', 'Magenta', 'Orange', 'Pale yellow'],
    ['Navy', 'Grey', 'Khaki', 'Yellow'],
];

/**
 * A dialog with a button to close it, and a backdrop that does the same.
 *
 * @param {string} id  of the dialog; its button's is the same with "-close"
 * @returns {() => void} opens it
 */
export function dialogOf(id) {
    const dialog = byId(id, HTMLDialogElement);
    byId(id + '-close', HTMLButtonElement).addEventListener('click', () => dialog.close());
    /* A click on the backdrop is a click on the dialog itself. */
    dialog.addEventListener('click', (event) => {
        if (event.target === dialog)
            dialog.close();
    });
    return () => dialog.showModal();
}

/**
 * One line for who is here for the first time, and never again.
 *
 * @param {() => void} openHelp
 */
function listenWelcome(openHelp) {
    const line = byId('welcome', HTMLElement);
    const done = () => {
        line.hidden = true;
        remember('welcomed', true);
    };
    byId('welcome-close', HTMLButtonElement).addEventListener('click', done);
    byId('welcome-more', HTMLButtonElement).addEventListener('click', () => {
        done();
        openHelp();
    });
}

export class Help {
    constructor() {
        /** @type {readonly (keyof import('../data/state.js').State)[]} */
        this.reads = ['map', 'paint'];
        this.strip = byId('help-strip', HTMLCanvasElement);
        /** @type {Uint8Array | null} */
        this.palette = null;
        const open = dialogOf('help');
        byId('help-open', HTMLButtonElement).addEventListener('click', open);
        listenWelcome(open);
    }

    /** @param {import('../data/state.js').State} state */
    render({ map, paint }) {
        if (paint)
            this.showPalette(paint.colours.palette);
        if (map)
            rebuild(byId('model-facts', HTMLElement), factsOf(map.snapshot), pairs);
    }

    /** @param {Uint8Array} palette  what the map is drawn with */
    showPalette(palette) {
        if (palette === this.palette)
            return;
        this.palette = palette;
        paintStrip(this.strip, true, palette);
        const names = ZONES[PALETTE_NAMES.findIndex((name) => paletteOf(name) === palette)] ?? [];
        for (const [i, zone] of [...document.querySelectorAll('.zone')].entries()) {
            if (zone instanceof HTMLElement)
                zone.style.backgroundColor = cssColour(Math.round(255 * Number(zone.dataset.zone)), palette);
            zone.parentElement?.lastChild?.replaceWith(names[i] ?? '');
        }
    }
}

/** @param {Snapshot} snapshot @returns {[string, string][]} */
function factsOf({ model, grid, candles }) {
    /** @type {[string, string][]} */
    const facts = [];
    if (model.name)
        facts.push(['Model', model.name + (model.version > 0 ? `, version ${model.version}` : '')]);
    if (model.engineInterval)
        facts.push(['Computed on', `${model.engineInterval} candles`]);
    if (Number.isFinite(model.seriesStart))
        facts.push(['Positions counted since', date(model.seriesStart)]);
    facts.push(['Grid', `${grid.rows} price rows of ${grid.priceStep} × ${candles.time.length} candles`]);
    if (model.tiers.length > 0) {
        facts.push(['Assumed leverage', model.tiers.map(
            (t) => `${t.leverage}×` + (t.share >= 0 ? ` ${Math.round(100 * t.share)} %` : '')).join(', ')]);
    }
    if (model.marginRate >= 0)
        facts.push(['Maintenance margin', `${+(100 * model.marginRate).toFixed(3)} %`]);
    return facts;
}
