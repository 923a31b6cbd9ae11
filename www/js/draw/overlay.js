/* What the chart library draws on its canvases, corrected.
 *
 * Those for the crosshair lie over the others and are cleared in each frame.
 * Cleared, an empty canvas counts as changed: the browser makes and sends a new
 * picture of it, the size of the chart.
 *
 * Times at the ends of their axis are cut, unless the chart cannot be panned. */

/** What leaves something on a canvas. */
const DRAWING = /** @type {const} */ (['drawImage', 'fill', 'fillRect', 'fillText', 'putImageData', 'stroke', 'strokeRect', 'strokeText']);

/** The library's marks of its canvases. */
const UPPER = '2';
const LOWER = '1';

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

/**
 * Text that would be cut is moved inside; none is written whose mark is out of sight.
 *
 * @param {Pick<CanvasRenderingContext2D, "canvas" | "fillText" | "getTransform" | "measureText">} context  on which
 *     all text is centred; its method is replaced
 */
export function keepTextInside(context) {
    const write = context.fillText;
    context.fillText = (text, x, ...more) => {
        const half = context.measureText(text).width / 2;
        const width = context.canvas.width / context.getTransform().a;
        if (x >= 0 && x <= width)
            write.call(context, text, Math.max(half, Math.min(width - half, x)), ...more);
    };
}

/** For all canvases that are there. @param {HTMLElement} element  of the chart */
export function keepOverlays(element) {
    for (const canvas of element.querySelectorAll('canvas')) {
        const context = canvas.style.zIndex === UPPER ? canvas.getContext('2d') : null;
        if (context)
            skipEmptyClears(/** @type {any} */ (context));
    }
    const times = [...element.querySelectorAll('tr:last-child canvas')]
        .map((canvas) => /** @type {HTMLCanvasElement} */ (canvas)).find(({ style }) => style.zIndex === LOWER)?.getContext('2d');
    if (times)
        keepTextInside(times);
}
