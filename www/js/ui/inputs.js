/* Inputs as the page has them everywhere. */

import { make } from './dom.js';

/**
 * One of several values: radio buttons that look like one control.
 *
 * @param {HTMLElement} group  to fill
 * @param {string} name  unique in the page
 * @param {readonly (readonly [string, string])[]} options  value and its label
 * @param {(value: string) => void} onChange
 * @returns {(value: string) => void} checks a value, without onChange
 */
export function radios(group, name, options, onChange) {
    const inputs = options.map(([value, label]) => {
        const input = make('input');
        Object.assign(input, { type: 'radio', name, value });
        input.addEventListener('change', () => onChange(value));
        group.append(make('label', 'choice', input, make('span', '', label)));
        return input;
    });
    return (value) => {
        for (const input of inputs)
            input.checked = input.value === value;
    };
}

/**
 * Radio buttons with a name beside them.
 *
 * @param {string} className  of the row @param {string} label
 * @param {string} name
 * @param {readonly (readonly [string, string])[]} options
 * @param {(value: string) => void} onChange
 * @returns {{element: HTMLElement, set: (value: string) => void}}
 */
export function choice(className, label, name, options, onChange) {
    const group = make('div', 'choices');
    const set = radios(group, name, options, onChange);
    return { element: make('fieldset', className, make('legend', 'choice-name', label), group), set };
}

/** @param {string} testid @param {string} text @param {() => void} onClick */
export function action(testid, text, onClick) {
    const button = make('button', 'plain', text);
    button.type = 'button';
    button.dataset.testid = testid;
    button.addEventListener('click', onClick);
    return button;
}

/**
 * @param {string} name
 * @param {string} label
 * @param {(on: boolean) => void} onChange
 * @returns {{element: HTMLElement, input: HTMLInputElement}}
 */
export function tick(name, label, onChange) {
    const input = make('input');
    Object.assign(input, { type: 'checkbox', name });
    input.dataset.testid = name;
    input.addEventListener('change', () => onChange(input.checked));
    return { element: make('label', 'menu-tick', input, make('span', '', label)), input };
}

/** @param {string} name @param {readonly [number, number]} limits @param {string | number} step */
export function numberInput(name, [min, max], step) {
    const input = make('input');
    Object.assign(input, { type: 'number', name, min: String(min), max: String(max), step: String(step), inputMode: 'decimal' });
    return input;
}
