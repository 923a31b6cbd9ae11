/* Text on a canvas.  It follows the reader's font size, as the style sheets do by rem. */

/** The reader's font size, as a share of the usual 16 px; 1 where there is no document. */
export let TEXT = measured();

function measured() {
    return parseFloat(globalThis.getComputedStyle?.(document.documentElement).fontSize) / 16 || 1;
}

/** @returns {boolean} whether the reader has chosen another size */
export function textChanged() {
    const before = TEXT;
    TEXT = measured();
    return TEXT !== before;
}

/** How high the ground of a line of text is, CSS pixels. */
export const labelPx = () => 18 * TEXT;

export const FAMILY = 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif';

/** @param {number} px  for readers with the usual size @param {number} [weight] @returns {string} as a canvas has it */
export const font = (px, weight = 400) => `${weight} ${px * TEXT}px ${FAMILY}`;
