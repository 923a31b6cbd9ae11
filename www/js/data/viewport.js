/* The part of the map on the screen, and how the address holds it. */

/**
 * @typedef {object} Viewport
 * @property {number} bars  candles up to the newest, which is followed; 0: from and to count
 * @property {number} room  candles of empty room right of the newest; NaN: as much as the
 *     whole window has
 * @property {number} from  ms; NaN where bars count
 * @property {number} to    ms
 * @property {[number, number] | null} prices  null: as the candles need
 *
 * @typedef {{from: number, to: number}} Span  candles by index, as the chart counts them
 */

/**
 * @param {Span} shown
 * @param {[number, number] | null} prices  null: as the candles need
 * @param {ArrayLike<number>} time  ms of the candles' opens, evenly spaced
 * @returns {Viewport | null} null for the whole window, to which nobody need be led
 */
export function viewportOf(shown, prices, time) {
    const n = time.length;
    const follows = shown.to >= n - 1;
    const whole = follows && shown.from <= 0.5;
    if (n < 2 || (whole && !prices))
        return null;
    const step = time[1] - time[0];
    if (follows) {
        const bars = Math.max(1, Math.round(n - 0.5 - shown.from));
        return { bars, room: Math.max(0, Math.round(shown.to - n + 0.5)), from: NaN, to: NaN, prices };
    }
    const at = /** @param {number} index */ (index) => Math.round((time[0] + index * step) / 1000) * 1000;
    return { bars: 0, room: 0, from: at(shown.from), to: at(shown.to), prices };
}

/**
 * @param {Viewport} view
 * @param {ArrayLike<number>} time  ms of the candles' opens, evenly spaced
 * @returns {Span | null} null where it shows none of these candles
 */
export function spanOf(view, time) {
    const n = time.length;
    if (n < 2)
        return null;
    if (view.bars > 0)
        return { from: n - 0.5 - view.bars, to: n - 0.5 + view.room };
    const step = time[1] - time[0];
    const from = (view.from - time[0]) / step;
    const to = (view.to - time[0]) / step;
    return to > 0 && from < n - 1 ? { from, to } : null;
}

/** @param {number} value */
const digits = (value) => String(Number(value.toPrecision(8)));

/** @param {Viewport | null} view @returns {[string, string][]} for the address */
export function viewportQuery(view) {
    if (!view)
        return [];
    /** @type {[string, string][]} */
    const parts = [['view', view.bars > 0 ? `last${view.bars}-${view.room}` : `${view.from / 1000}-${view.to / 1000}`]];
    if (view.prices)
        parts.push(['prices', view.prices.map(digits).join('-')]);
    return parts;
}

/** @param {string} query  location.search @returns {Viewport | null} */
export function viewportFromQuery(query) {
    const q = new URLSearchParams(query);
    const range = /^([\d.]+)-([\d.]+)$/.exec(q.get('prices') ?? '');
    const [low, high] = range ? [Number(range[1]), Number(range[2])] : [NaN, NaN];
    /** @type {[number, number] | null} */
    const prices = low > 0 && low < high ? [low, high] : null;
    const view = q.get('view') ?? '';
    const last = /^last(\d{1,5})-(\d{1,5})$/.exec(view);
    if (last && Number(last[1]) > 0)
        return { bars: Number(last[1]), room: Number(last[2]), from: NaN, to: NaN, prices };
    const times = /^(\d{1,11})-(\d{1,11})$/.exec(view);
    if (times && Number(times[1]) < Number(times[2]))
        return { bars: 0, room: 0, from: Number(times[1]) * 1000, to: Number(times[2]) * 1000, prices };
    return null;
}
