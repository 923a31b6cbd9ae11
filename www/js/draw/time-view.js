/* Moving the time axis with each move of two fingers.
 *
 * The library takes a range that is set over while it draws the next frame, and
 * so draws the one after as well: two frames for each move.  What a wheel does it
 * takes over at once, and draws one.  So fingers turn its wheel. */

/**
 * @typedef {{from: number, to: number}} Span  candles by index
 *
 * @typedef {object} Axis  of the library
 * @property {() => Span | null} getVisibleLogicalRange
 * @property {(span: Span) => void} setVisibleLogicalRange
 * @property {() => number} width
 */

/** One line of a wheel, in the library's hundredths. */
const LINE = 0.32;
/** It scrolls so many pixels for each, and zooms by a tenth for one. */
const SCROLL_PX = 80;
const ZOOM_STEP = 0.1;
/** A jump: longer than setting the range. */
const ZOOMS_MAX = 12;

/** Wider or narrower by less is the same, of a length. */
const SAME = 1e-9;

/**
 * @param {Axis} axis
 * @param {Element} root  the library's element
 * @param {Span} target
 */
export function moveTo(axis, root, target) {
    const turn = (/** @type {number} */ deltaX, /** @type {number} */ deltaY) =>
        root.dispatchEvent(new WheelEvent('wheel', { deltaX, deltaY, deltaMode: WheelEvent.DOM_DELTA_LINE, cancelable: true }));
    const length = target.to - target.from;
    let now = axis.getVisibleLogicalRange();
    for (let i = 0; now && Math.abs(now.to - now.from - length) > SAME * length; i++) {
        if (i === ZOOMS_MAX) {
            axis.setVisibleLogicalRange(target);
            return;
        }
        const before = now.to - now.from;
        const step = Math.max(-ZOOM_STEP, Math.min(ZOOM_STEP, before / length - 1));
        turn(0, -step / ZOOM_STEP / LINE);
        now = axis.getVisibleLogicalRange();
        /* As wide or as narrow as candles get. */
        if (now && now.to - now.from === before)
            break;
    }
    if (now)
        turn((target.from - now.from) * axis.width() / (now.to - now.from) / SCROLL_PX / LINE, 0);
}
