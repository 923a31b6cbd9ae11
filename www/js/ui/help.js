/* The dialogs: how they open and close.  ui/help-text.js has the words. */

import { byId } from './dom.js';
import { remember } from './storage.js';

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
export function listenWelcome(openHelp) {
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
