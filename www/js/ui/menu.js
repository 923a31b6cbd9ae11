/* Panels that open from a button: on a desktop below it, on a phone at the
 * bottom of the screen.  Escape and a click elsewhere close them. */

import { byId } from './dom.js';

/**
 * Keep an open panel below its button.
 *
 * @param {string} id  of the panel; its button's is the same with "-open"
 * @param {() => void} [onOpen]
 * @returns {HTMLElement} the panel, to be filled
 */
export function menu(id, onOpen = () => {}) {
    const panel = byId(id, HTMLElement);
    const button = byId(id + '-open', HTMLButtonElement);
    button.setAttribute('aria-expanded', 'false');
    panel.addEventListener('beforetoggle', (event) => {
        const open = /** @type {ToggleEvent} */ (event).newState === 'open';
        button.setAttribute('aria-expanded', String(open));
        if (!open)
            return;
        /* Where there is no room for it, the View panel has it. */
        const shown = button.checkVisibility() ? button : byId('view-menu-open', HTMLButtonElement);
        const box = shown.getBoundingClientRect();
        panel.style.setProperty('--top', Math.round(box.bottom + 6) + 'px');
        panel.style.setProperty('--right', Math.round(Math.max(8, innerWidth - box.right)) + 'px');
        onOpen();
    });
    return panel;
}
