/* Dark or light: what this browser remembers and no address holds. */

export const THEMES = Object.freeze(['dark', 'light']);

/** @param {string} theme  one of THEMES */
export function applyTheme(theme) {
    document.documentElement.dataset.theme = theme;
    document.querySelector('meta[name="theme-color"]')?.setAttribute('content', colourOf('--ground'));
    document.querySelector('meta[name="color-scheme"]')?.setAttribute('content', theme);
}

/** A colour of style.css as the theme has it. @param {string} name "--ground" */
export function colourOf(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
