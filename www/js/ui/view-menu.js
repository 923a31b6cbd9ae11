/* The "View" panel: theme, palette, colour scale, price axis, time zone.  Loaded
 * when it is opened. */

import { make, setText } from './dom.js';
import { compact, usd } from '../data/format.js';
import { action, choice, tick } from './inputs.js';
import { paintStrip } from './colour-bar.js';
import { PALETTE_NAMES, paletteOf } from '../data/palette.js';
import { pinOf } from '../data/paint.js';
import { DEFAULT_SCALE } from '../data/scale.js';
import { display } from '../data/state.js';
import { THEMES } from './theme.js';

/**
 * @typedef {import('../data/state.js').State} State
 */

/** @param {string} word */
const capital = (word) => word[0].toUpperCase() + word.slice(1);

/** @type {readonly (readonly [string, string])[]} */
const LINEAR_LOG = [['linear', 'Linear'], ['log', 'Log']];

export class ViewMenu {
    /**
     * @param {HTMLElement} panel  empty
     * @param {import('../data/state.js').PageStore} store
     * @param {{replay: () => void, alerts: () => void}} on
     */
    constructor(panel, store, on) {
        /** @type {readonly (keyof State)[]} */
        this.reads = ['view', 'theme', 'local'];
        /** @param {Partial<import('../data/scale.js').Scale>} change */
        const scale = (change) => display(store, { scale: { ...store.state.view.scale, ...change } });
        this.theme = choice('menu-row', 'Theme', 'theme', THEMES.map((t) => /** @type {const} */ ([t, capital(t)])), (theme) => store.set({ theme }));
        this.palette = choice('menu-row', 'Palette', 'palette', PALETTE_NAMES.map((p) => /** @type {const} */ ([p, capital(p)])),
            (palette) => display(store, { palette }));
        this.rise = choice('menu-row', 'Colours', 'colour', LINEAR_LOG, (value) => scale({ log: value === 'log' }));
        this.sides = choice('menu-row', 'Scale', 'ends', [['both', 'Both sides'], ['sides', 'Per side']],
            (value) => scale({ sides: value === 'sides' }));
        this.pin = tick('scale-pin', 'Pin the scale: colours keep their dollar values', (on) => {
            setPin(store, on);
            /* Nothing to pin before the first map. */
            this.pin.input.checked = store.state.view.scale.pin !== null;
        });
        this.pinned = make('p', 'menu-note');
        this.axis = choice('menu-row', 'Price axis', 'axis', LINEAR_LOG, (value) => display(store, { logPrice: value === 'log' }));
        this.candles = choice('menu-row', 'Candles', 'candles', [['colour', 'Green, red'], ['hollow', 'Hollow, filled']],
            (candles) => display(store, { candles }));
        this.ridges = tick('ridges', 'Lines along the crests of the bands', (ridges) => display(store, { ridges }));
        this.volume = tick('volume', 'Volume, delta and open interest under the map', (volume) => display(store, { volume }));
        this.depth = tick('depth', 'Order book and its walls beside the profile', (depth) => display(store, { depth }));
        this.executed = choice('menu-row', 'Liquidations', 'executed',
            [['', 'Off'], ['circles', 'Circles'], ['totals', 'Totals'], ['both', 'Both']],
            (executed) => display(store, { executed: /** @type {import('../data/view.js').Executed} */ (executed) }));
        this.zone = choice('menu-row', 'Times', 'zone', [['utc', 'UTC'], ['local', 'Local']], (zone) => store.set({ local: zone === 'local' }));
        for (const [i, label] of [...this.palette.element.querySelectorAll('label')].entries())
            label.append(swatch(PALETTE_NAMES[i]));
        /* On a phone there is no room for it beside the menus. */
        /** @param {string} testid @param {string} text @param {() => void} run */
        const elsewhere = (testid, text, run) => {
            const button = action(testid, text, () => {
                panel.hidePopover();
                run();
            });
            button.classList.add('narrow');
            return button;
        };
        this.extra = make('div', 'menu-buttons', elsewhere('menu-replay', 'Replay the past', on.replay),
            elsewhere('menu-alerts', 'Alerts', on.alerts));
        panel.append(this.theme.element, this.palette.element, this.rise.element, this.sides.element,
            this.pin.element, this.pinned, make('div', 'menu-buttons',
                action('scale-reset', 'Default scale', () => scale({ ...DEFAULT_SCALE }))),
            this.candles.element, this.ridges.element, this.volume.element, this.depth.element,
            this.executed.element, this.axis.element, this.zone.element, this.extra);
    }

    /** @param {State} state */
    render({ view, theme, local }) {
        this.theme.set(theme);
        this.zone.set(local ? 'local' : 'utc');
        this.palette.set(view.palette);
        this.rise.set(view.scale.log ? 'log' : 'linear');
        this.sides.set(view.scale.sides ? 'sides' : 'both');
        this.candles.set(view.candles);
        this.ridges.input.checked = view.ridges;
        this.volume.input.checked = view.volume;
        this.depth.input.checked = view.depth;
        this.executed.set(view.executed);
        this.axis.set(view.logPrice ? 'log' : 'linear');
        this.pin.input.checked = view.scale.pin !== null;
        setText(this.pinned, pinText(view.scale.pin));
        this.pinned.hidden = view.scale.pin === null;
    }
}

/** @param {import('../data/state.js').PageStore} store @param {boolean} on  colours keep their dollars from now on */
function setPin(store, on) {
    const { map, paint, view } = store.state;
    display(store, { scale: { ...view.scale, pin: on && map && paint ? pinOf(paint, map.snapshot.grid) : null } });
}

/** @param {import('../data/scale.js').Pin | null} pin */
function pinText(pin) {
    if (!pin)
        return '';
    const write = pin.unit === 'usd' ? usd : compact;
    return `Dark up to ${write(pin.dark)}, brightest from ${write(pin.bright)}`
        + (pin.unit === 'usd' ? ' per row' : ' mass per row');
}

/** @param {string} name */
function swatch(name) {
    const canvas = make('canvas', 'menu-swatch');
    canvas.setAttribute('aria-hidden', 'true');
    paintStrip(canvas, true, paletteOf(name));
    return canvas;
}
