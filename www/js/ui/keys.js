/* The keyboard, wherever the focus is, and the list of its keys. */

import { make } from './dom.js';
import { INTERVALS } from '../data/query.js';

/** For the list. @type {readonly (readonly [string, string])[]} */
export const KEY_LIST = [
    ['← → ↑ ↓', 'move the crosshair by a candle or a row; with Shift by ten'],
    ['+ −', 'zoom in and out'],
    ['0', 'show the whole window'],
    ['1 to 5', `intervals ${INTERVALS.join(', ')}`],
    ['H', 'heatmap on and off'],
    ['B · D', 'volume under the map, order book beside it'],
    ['E', 'executed liquidations on the map and under it'],
    ['Enter', 'explain the cell under the crosshair'],
    ['M', 'measure from the crosshair; arrows move the other end'],
    ['L', 'logarithmic price axis'],
    ['R', 'replay, and back to now'],
    ['V · S', 'view and share menus'],
    ['Esc', 'hide crosshair, measure or menu'],
    ['?', 'this list'],
];

/** Keys that a focused control needs for itself. */
const OWN = 'input:not([type=radio], [type=checkbox]), select, textarea, [contenteditable]';

/**
 * @param {Record<string, () => void>} actions  key as event.key writes it -> what it does
 * @param {(event: KeyboardEvent) => void} toChart  the rest, while nothing else has the focus
 */
export function listenKeys(actions, toChart) {
    document.addEventListener('keydown', (event) => {
        const target = /** @type {Element} */ (event.target);
        if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey
            || target.matches(OWN) || document.querySelector('dialog[open]'))
            return;
        const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
        if (action) {
            /* An open menu closes by the same key. */
            if (event.key !== 'Escape')
                event.preventDefault();
            action();
        } else if (target === document.body) {
            toChart(event);
        }
    });
}

/** @param {HTMLElement} list  a dl to fill */
export function writeKeys(list) {
    list.replaceChildren(...KEY_LIST.flatMap(([keys, what]) => [
        make('dt', '', ...keys.split(' ').flatMap((key) => (/^(to|·)$/.test(key) ? [` ${key} `] : [make('kbd', '', key), ' ']))),
        make('dd', '', what),
    ]));
}
