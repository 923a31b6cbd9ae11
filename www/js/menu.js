/* Panels that open from a button: on a desktop below it, on a phone at the
 * bottom of the screen.  Escape and a click elsewhere close them. */

import { byId, make } from './dom.js';

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
        const box = button.getBoundingClientRect();
        panel.style.setProperty('--top', Math.round(box.bottom + 6) + 'px');
        panel.style.setProperty('--right', Math.round(Math.max(8, innerWidth - box.right)) + 'px');
        onOpen();
    });
    return panel;
}

/**
 * One of several values.
 *
 * @param {string} name  unique in the page
 * @param {string} label
 * @param {readonly (readonly [string, string])[]} options  value and its name
 * @param {(value: string) => void} onChange
 * @returns {{element: HTMLElement, set: (value: string) => void}}
 */
export function choice(name, label, options, onChange) {
    const inputs = options.map(([value]) => {
        const input = make('input');
        input.type = 'radio';
        input.name = name;
        input.value = value;
        input.addEventListener('change', () => onChange(value));
        return input;
    });
    const group = make('div', 'choices', ...options.map(([, text], i) => make('label', 'choice', inputs[i], make('span', '', text))));
    const element = make('fieldset', 'menu-row', make('legend', 'menu-name', label), group);
    return {
        element,
        set: (value) => {
            for (const input of inputs)
                input.checked = input.value === value;
        },
    };
}

/**
 * @param {string} testid
 * @param {string} text
 * @param {() => void} onClick
 */
export function action(testid, text, onClick) {
    const button = make('button', 'plain', text);
    button.type = 'button';
    button.dataset.testid = testid;
    button.addEventListener('click', onClick);
    return button;
}

/**
 * @param {string} testid
 * @param {string} label
 * @param {(on: boolean) => void} onChange
 * @returns {{element: HTMLElement, input: HTMLInputElement}}
 */
export function tick(testid, label, onChange) {
    const input = make('input');
    input.type = 'checkbox';
    input.dataset.testid = testid;
    input.addEventListener('change', () => onChange(input.checked));
    return { element: make('label', 'menu-tick', input, make('span', '', label)), input };
}
