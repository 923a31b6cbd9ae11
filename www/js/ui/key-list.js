/* What the keys do, in words.  Loaded when somebody asks. */

import { make } from './dom.js';
import { INTERVALS } from '../data/query.js';

/** @type {readonly (readonly [string, string])[]} */
const KEY_LIST = [
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

/** @param {HTMLElement} list  a dl to fill */
export function writeKeys(list) {
    list.replaceChildren(...KEY_LIST.flatMap(([keys, what]) => [
        make('dt', '', ...keys.split(' ').flatMap((key) => (/^(to|·)$/.test(key) ? [` ${key} `] : [make('kbd', '', key), ' ']))),
        make('dd', '', what),
    ]));
}
