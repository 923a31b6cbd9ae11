/* The "View" panel: theme, palette, colour scale, price axis, time zone. */

import { make, setText } from './dom.js';
import { compact, usd } from './format.js';
import { action, choice, menu, tick } from './menu.js';
import { paintStrip } from './colourbar.js';
import { PALETTE_NAMES, paletteOf } from './palette.js';
import { DEFAULT_SCALE } from './scale.js';
import { THEMES } from './theme.js';

/**
 * @typedef {import('./look.js').Look} Look
 *
 * @typedef {object} ViewActions
 * @property {(change: Partial<Look>) => void} look
 * @property {(on: boolean) => void} pin
 * @property {(theme: string) => void} theme
 * @property {(zone: string) => void} zone
 * @property {() => void} replay
 * @property {() => void} alerts
 */

/** @param {string} word */
const capital = (word) => word[0].toUpperCase() + word.slice(1);

/** @type {readonly (readonly [string, string])[]} */
const LINEAR_LOG = [['linear', 'Linear'], ['log', 'Log']];

export class ViewMenu {
    /** @param {ViewActions} on */
    constructor(on) {
        const panel = menu('view-menu');
        /** @param {Partial<import('./scale.js').Scale>} change */
        const scale = (change) => on.look({ scale: { ...this.look().scale, ...change } });
        this.theme = choice('theme', 'Theme', THEMES.map((t) => /** @type {const} */ ([t, capital(t)])), on.theme);
        this.palette = choice('palette', 'Palette', PALETTE_NAMES.map((p) => /** @type {const} */ ([p, capital(p)])),
            (palette) => on.look({ palette }));
        this.rise = choice('colour', 'Colours', LINEAR_LOG, (value) => scale({ log: value === 'log' }));
        this.sides = choice('ends', 'Scale', [['both', 'One for all'], ['sides', 'Per side']],
            (value) => scale({ sides: value === 'sides' }));
        this.pin = tick('scale-pin', 'Pin the scale, so that a colour means the same tomorrow', on.pin);
        this.pinned = make('p', 'menu-note');
        this.axis = choice('axis', 'Price axis', LINEAR_LOG, (value) => on.look({ logPrice: value === 'log' }));
        this.zone = choice('zone', 'Times', [['utc', 'UTC'], ['local', 'Local']], on.zone);
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
                action('scale-reset', 'Usual scale', () => scale({ ...DEFAULT_SCALE }))),
            this.axis.element, this.zone.element, this.extra);
        /** @type {() => Look} */
        this.look = () => { throw new Error('not shown yet'); };
    }

    /** @param {Look} look @param {string} theme @param {string} zone */
    show(look, theme, zone) {
        this.look = () => look;
        this.theme.set(theme);
        this.zone.set(zone);
        this.palette.set(look.palette);
        this.rise.set(look.scale.log ? 'log' : 'linear');
        this.sides.set(look.scale.sides ? 'sides' : 'both');
        this.axis.set(look.logPrice ? 'log' : 'linear');
        this.pin.input.checked = look.scale.pin !== null;
        setText(this.pinned, pinText(look.scale.pin));
        this.pinned.hidden = look.scale.pin === null;
    }
}

/** @param {import('./scale.js').Pin | null} pin */
function pinText(pin) {
    if (!pin)
        return '';
    const write = pin.unit === 'usd' ? usd : compact;
    return `Dark up to ${write(pin.dark)}, brightest from ${write(pin.bright)}`
        + (pin.unit === 'usd' ? ' a row' : ' of the model’s mass a row');
}

/** @param {string} name */
function swatch(name) {
    const canvas = make('canvas', 'menu-swatch');
    canvas.setAttribute('aria-hidden', 'true');
    paintStrip(canvas, true, paletteOf(name));
    return canvas;
}
