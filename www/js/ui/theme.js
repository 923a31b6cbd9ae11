/* Dark or light: what this browser remembers and no address holds. */

export const THEMES = Object.freeze(['dark', 'light', 'system']);

const LIGHT = matchMedia('(prefers-color-scheme: light)');

/** @param {() => void} run  after the system has changed its theme */
export function onSystemTheme(run) {
    LIGHT.addEventListener('change', run);
}

/** @param {string} choice  one of THEMES */
export function applyTheme(choice) {
    const theme = choice === 'system' ? LIGHT.matches ? 'light' : 'dark' : choice;
    document.documentElement.dataset.theme = theme;
    document.querySelector('meta[name="theme-color"]')?.setAttribute('content', colourOf('--ground'));
    document.querySelector('meta[name="color-scheme"]')?.setAttribute('content', theme);
}

/** A colour of style.css as the theme has it. @param {string} name "--ground" */
export function colourOf(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
