/* The captions of the panes under the map. */

import { byId, make, rebuild } from './dom.js';

/** @param {import('../draw/volume-pane.js').Line[]} lines  one for each pane; none hides them */
export function writeVolumeCaption(lines) {
    const root = byId('volume-caption', HTMLElement);
    root.hidden = lines.length === 0;
    rebuild(root, lines, () => lines.map(({ text, top }) => {
        const element = make('div', 'volume-line', text);
        /* Without a pane of its own it stays above the time axis. */
        if (top >= 0)
            element.style.top = `${top}px`;
        return element;
    }));
}
