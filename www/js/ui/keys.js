/* The keyboard, wherever the focus is; ui/key-list.js says what each key does. */

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
