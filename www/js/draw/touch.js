/* Fingers on the chart.  One finger points, two pan and pinch, a tap points
 * or hides, two taps reset, a long press measures from there.  The chart library would pan with one finger and
 * point after a long press, so its own touch handling is kept from the pane. */

/**
 * @typedef {object} TouchHandlers  all coordinates in CSS pixels of the element
 * @property {(x: number, y: number) => boolean} inside  whether the place is ours
 * @property {(x: number, y: number) => void} point
 * @property {(x: number, y: number) => void} tap
 * @property {() => void} doubleTap
 * @property {(x: number, y: number) => void} press    held still for long
 * @property {(x: number, y: number) => void} pressed  moved after that
 * @property {() => void} twoFingersStart
 * @property {(from: {x: number, y: number}, to: {x: number, y: number}, scale: number) => void} twoFingers
 *     their middle at the start and now, and their distance now against then
 */

const TAP_MOVE_PX = 8;
const TAP_MS = 280;
const PRESS_MS = 600;
const DOUBLE_TAP_MS = 320;
const DOUBLE_TAP_PX = 40;

/** @typedef {{x: number, y: number, gap: number, fingers: number}} Centre  of one or two fingers */

/**
 * @param {HTMLElement} element
 * @param {TouchHandlers} on
 */
export function listenTouch(element, on) {
    /** @type {Centre | null} */
    let before = null;
    let begin = { x: 0, y: 0 };
    /** Where two fingers began. @type {Centre | null} */
    let pair = null;
    let moved = false;
    let lastTap = { x: 0, y: 0, at: -Infinity };
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let hold;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let long;
    let pressing = false;

    /** @param {TouchEvent} event @returns {Centre} */
    const centre = (event) => {
        const box = element.getBoundingClientRect();
        const list = Array.from(event.touches).slice(0, 2);
        const x = list.reduce((sum, t) => sum + t.clientX, 0) / list.length - box.left;
        const y = list.reduce((sum, t) => sum + t.clientY, 0) / list.length - box.top;
        const gap = list.length < 2 ? 0 : Math.hypot(
            list[0].clientX - list[1].clientX, list[0].clientY - list[1].clientY);
        return { x, y, gap, fingers: list.length };
    };

    /** @param {TouchEvent} event */
    const claim = (event) => {
        event.stopPropagation();
        if (event.cancelable)
            event.preventDefault();
    };

    /** @param {TouchEvent} event */
    const start = (event) => {
        const now = centre(event);
        if (!before && !on.inside(now.x, now.y))
            return;
        claim(event);
        if (!before) {
            begin = { x: now.x, y: now.y };
            moved = false;
            hold = setTimeout(() => {
                moved = true;
                on.point(begin.x, begin.y);
            }, TAP_MS);
            pressing = false;
            long = setTimeout(() => {
                pressing = true;
                on.press(begin.x, begin.y);
            }, PRESS_MS);
        }
        if (now.fingers > 1) {
            moved = true;
            clearTimeout(hold);
            clearTimeout(long);
            pair = now;
            on.twoFingersStart();
        }
        before = now;
    };

    /** @param {TouchEvent} event */
    const move = (event) => {
        if (!before)
            return;
        claim(event);
        const now = centre(event);
        if (Math.hypot(now.x - begin.x, now.y - begin.y) > TAP_MOVE_PX) {
            moved = true;
            clearTimeout(hold);
            clearTimeout(long);
        }
        if (pressing && !pair && moved)
            on.pressed(now.x, now.y);
        if (pair && now.fingers > 1 && pair.gap > 0)
            on.twoFingers(pair, now, now.gap / pair.gap);
        else if (!pair && moved)
            on.point(now.x, now.y);
        before = now;
    };

    /** @param {TouchEvent} event */
    const end = (event) => {
        if (!before)
            return;
        claim(event);
        /* A finger left over from two must not drag the crosshair about. */
        if (event.touches.length > 0)
            return;
        before = null;
        pair = null;
        clearTimeout(hold);
        clearTimeout(long);
        if (moved || event.type === 'touchcancel')
            return;
        const again = event.timeStamp - lastTap.at < DOUBLE_TAP_MS
            && Math.hypot(begin.x - lastTap.x, begin.y - lastTap.y) < DOUBLE_TAP_PX;
        lastTap = { ...begin, at: again ? -Infinity : event.timeStamp };
        if (again)
            on.doubleTap();
        else
            on.tap(begin.x, begin.y);
    };

    const options = { capture: true, passive: false };
    element.addEventListener('touchstart', start, options);
    element.addEventListener('touchmove', move, options);
    element.addEventListener('touchend', end, options);
    element.addEventListener('touchcancel', end, options);
}
