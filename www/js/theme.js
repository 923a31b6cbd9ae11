/* Dark or light, and the time zone: what this browser remembers and no
 * address holds. */

import { recall, remember } from './store.js';

export const THEMES = Object.freeze(['dark', 'light']);

/** @returns {string} one of THEMES */
export function storedTheme() {
    const stored = recall('theme');
    return typeof stored === 'string' && THEMES.includes(stored) ? stored : THEMES[0];
}

/** @param {string} theme  one of THEMES */
export function applyTheme(theme) {
    const root = document.documentElement;
    root.dataset.theme = theme;
    remember('theme', theme);
    const ground = colourOf('--ground');
    document.querySelector('meta[name="theme-color"]')?.setAttribute('content', ground);
    document.querySelector('meta[name="color-scheme"]')?.setAttribute('content', theme);
}

/** A colour of style.css as the theme has it. @param {string} name "--ground" */
export function colourOf(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
