/* How to read the map, and what this map assumes, in words.  Loaded when
 * somebody asks. */

import { paintStrip } from './colour-bar.js';
import { make, pairs, rebuild } from './dom.js';
import { date } from '../data/format.js';
import { PALETTE_NAMES, cssColour, paletteOf } from '../data/palette.js';

/** @typedef {import('../data/snapshot.js').Snapshot} Snapshot */

/** What each palette calls the zones, in the order of PALETTE_NAMES. */
const ZONES = [
    ['Purple', 'Blue, teal', 'Green', 'Yellow'],
    ['Violet', 'Magenta', 'Orange', 'Pale yellow'],
    ['Navy', 'Grey', 'Khaki', 'Yellow'],
];

/** Where the zones lie on the palette, 0 .. 1, and what they mean. @type {readonly (readonly [number, string])[]} */
const MEANINGS = [
    [0, 'few positions, the background: 75 % of the cells of this map are here or darker'],
    [0.4, 'more positions than at most prices'],
    [0.72, 'a level: many positions would be liquidated near the same price'],
    [1, 'the densest 0.5 % of the cells of this map'],
];

const FIRST = 'A leveraged position is liquidated (closed by force) when price moves far enough against it. The map estimates **where**: each row is a price, each column is a candle, and the colour shows how much open interest would be liquidated at that price, estimated from the data available when that candle closed.';

const READING = [
    'Density runs from 0 to 100, where 100 is the densest cell of this map. Densities of two maps cannot be compared. **Drag the two ends** of the colour bar to hide weak levels. To compare days, pin the scale in the View menu.',
    '**Below price: long liquidations**, forced selling. **Above price: short liquidations**, forced buying.',
    '**A band begins** where positions are opened, fades as their owners close them, and **ends** where a candle or its wick sweeps it.',
    'Columns of closed candles never change. Only the newest column is still forming.',
];

const LIMITS = [
    'A level is where forced orders appear **if** price gets there. It is not a magnet and not a forecast: in four years of hourly data, dense rows were touched no more often than others at the same distance. [What this map has been worth], measured.',
    'Exchanges do not publish leverage or entry prices. The mix of leverage and the time for which positions stay open are assumptions.',
    '**Dollars are an upper bound.** The model distributes all open interest over the map; most positions are closed by a stop or by their owner before liquidation.',
    'The model was tested within about 1 % of price. Levels farther away follow from margin arithmetic and are not tested.',
];

/** @type {readonly (readonly [string, string])[]} */
const CONTROLS = [
    ['Mouse', 'drag pans, wheel zooms time; over the price axis it zooms prices; Shift and drag measures; double click resets'],
    ['Touch', 'one finger moves the crosshair, two pan and pinch, a tap shows or hides, two taps reset, a long press measures'],
    ['Watchlist', 'the line of symbols with price, larger side within 2 % and nearest levels: a click shows its map, the star adds or removes the symbol shown'],
    ['Keys', 'arrows move the crosshair, + and − zoom, 0 resets, 1 to 5 choose the interval, ? lists all'],
];

/** @param {string} text  with **strong** parts and one [link] @returns {(Node | string)[]} */
function rich(text) {
    return text.split(/(\*\*.+?\*\*|\[.+?\])/).map((part) => (part.startsWith('**') ? make('strong', '', part.slice(2, -2))
        : part.startsWith('[') ? Object.assign(make('a', '', part.slice(1, -1)), { href: 'truth.txt' }) : part));
}

/** @param {readonly string[]} texts */
const list = (texts) => make('ul', '', ...texts.map((text) => make('li', '', ...rich(text))));

/** @param {string} testid @param {string} className @param {...(Node | string)} children */
function terms(testid, className, ...children) {
    const element = make('dl', className, ...children);
    element.dataset.testid = testid;
    return element;
}

export class HelpText {
    /** @param {HTMLElement} root  empty */
    constructor(root) {
        /** @type {readonly (keyof import('../data/state.js').State)[]} */
        this.reads = ['map', 'paint'];
        this.strip = make('canvas');
        this.facts = terms('model-facts', 'facts');
        this.zones = MEANINGS.map(() => make('span', 'zone'));
        this.names = MEANINGS.map(() => make('span'));
        /** @type {Uint8Array | null} */
        this.palette = null;
        const scale = make('div', 'help-scale', this.strip, make('span', '', 'few'), make('span', '', 'many'));
        scale.setAttribute('aria-hidden', 'true');
        root.append(
            make('p', '', ...rich(FIRST)), scale,
            terms('zones', 'zones', ...MEANINGS.flatMap(([, meaning], i) => [make('dt', '', this.zones[i], this.names[i]), make('dd', '', meaning)])),
            list(READING), make('h3', '', 'Limits'), list(LIMITS), make('h3', '', 'Model of this map'), this.facts,
            make('p', 'help-note', 'Liqmap shows a model’s estimate. It is not trading advice; use at your own risk.'),
            make('h3', '', 'Controls'), make('dl', 'facts', ...pairs(CONTROLS)));
    }

    /** @param {import('../data/state.js').State} state */
    render({ map, paint }) {
        this.showPalette(paint?.colours.palette ?? paletteOf(PALETTE_NAMES[0]));
        if (map)
            rebuild(this.facts, factsOf(map.snapshot), pairs);
    }

    /** @param {Uint8Array} palette  what the map is drawn with */
    showPalette(palette) {
        if (palette === this.palette)
            return;
        this.palette = palette;
        paintStrip(this.strip, true, palette);
        const names = ZONES[PALETTE_NAMES.findIndex((name) => paletteOf(name) === palette)] ?? [];
        for (const [i, [at]] of MEANINGS.entries()) {
            this.zones[i].style.backgroundColor = cssColour(Math.round(255 * at), palette);
            this.names[i].textContent = names[i] ?? '';
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
