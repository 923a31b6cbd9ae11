/* The canvases that the chart library lays over its own for the crosshair.  It
 * clears them in each frame.  Cleared, an empty canvas counts as changed: the
 * browser makes and sends a new picture of it, the size of the chart. */

/** What leaves something on a canvas. */
const DRAWING = /** @type {const} */ (['drawImage', 'fill', 'fillRect', 'fillText', 'putImageData', 'stroke', 'strokeRect', 'strokeText']);

/** The library's mark of an upper canvas. */
const UPPER = '2';

/**
 * Leave out each clearing of the whole canvas that would clear nothing.
 *
 * @param {Record<"clearRect" | typeof DRAWING[number], (...args: any[]) => unknown>} context  of a
 *     canvas that is always cleared as a whole; its methods are replaced
 */
export function skipEmptyClears(context) {
    let drawn = true;
    for (const name of DRAWING) {
        const draw = context[name];
        context[name] = (...args) => {
            drawn = true;
            return draw.apply(context, args);
        };
    }
    const clear = context.clearRect;
    context.clearRect = (...area) => {
        if (drawn)
            clear.apply(context, area);
        drawn = false;
    };
}

/** For all upper canvases that are there. @param {HTMLElement} element  of the chart */
export function keepOverlays(element) {
    for (const canvas of element.querySelectorAll('canvas')) {
        const context = canvas.style.zIndex === UPPER ? canvas.getContext('2d') : null;
        if (context)
            skipEmptyClears(/** @type {any} */ (context));
    }
}
