/* Which candles the chart shows, counted as the library does: candle i reaches
 * from i - 0.5 to i + 0.5. */

import { spanOf } from '../data/viewport.js';
import { moveTo } from './time-view.js';

/**
 * @typedef {import('./time-view.js').Span} Span
 * @typedef {import('../../vendor/lightweight-charts.mjs').Logical} Logical
 */

/** Empty room right of the newest candle, as a share of the window. */
const RIGHT_MARGIN = 0.03;

export class TimeAxis {
    /**
     * @param {import('../../vendor/lightweight-charts.mjs').ITimeScaleApi<import('../../vendor/lightweight-charts.mjs').Time>} scale
     * @param {HTMLElement} element  that the chart fills
     */
    constructor(scale, element) {
        this.scale = scale;
        this.element = element;
        /** Pixels to leave free right of the newest candle. */
        this.room = 0;
        /** What fit() made, as long as nobody moved it. @type {Span | null} */
        this.fitted = null;
        /** What was shown when two fingers came down. @type {Span | null} */
        this.held = null;
    }

    /** What is shown. @returns {Span | null} null before the first candles */
    get range() {
        return this.scale.getVisibleLogicalRange();
    }

    /** CSS pixels. */
    get width() {
        return this.scale.width();
    }

    /** @param {Span} span */
    set(span) {
        this.scale.setVisibleLogicalRange(span);
    }

    /**
     * All candles of a map with a small margin.
     *
     * @param {number} last  the newest candle
     * @param {number} count  of the map
     */
    fit(last, count) {
        this.fitted = { from: last - count + 0.5, to: last + 0.5 + this.marginOf(count) };
        this.set(this.fitted);
    }

    /** Nobody has chosen a view since it was fitted. */
    get isFitted() {
        const { range, fitted } = this;
        return range !== null && fitted !== null && Math.abs(range.from - fitted.from) + Math.abs(range.to - fitted.to) < 0.5;
    }

    /** Candles of empty room right of so many. @param {number} count */
    marginOf(count) {
        /* Before the first layout the axis is as wide as the chart. */
        const width = Math.max(this.width, 2 * this.room);
        const room = this.room > 0 ? count * this.room / (width - this.room) : 0;
        return Math.max(2, count * RIGHT_MARGIN, room);
    }

    /**
     * The same candles stay where they were, though they are counted from
     * another one now.
     *
     * @param {Span} range  what was shown
     * @param {number} shift  candles that are gone at the left; negative: that came
     * @param {boolean} same  the newest candle is the same
     */
    keep(range, shift, same) {
        /* Two fingers that are down go on from where the candles are now. */
        if (this.held)
            this.held = { from: this.held.from - shift, to: this.held.to - shift };
        /* The library counts from the newest candle, so older ones move nothing; a
         * range set here would undo what a drag does before the next frame. */
        if (!same)
            this.set({ from: range.from - shift, to: range.to - shift });
    }

    /**
     * @param {import('../data/viewport.js').Viewport} view
     * @param {ArrayLike<number>} times  ms of the candles
     * @returns {boolean} false where it shows none of them
     */
    restore(view, times) {
        const room = Number.isNaN(view.room) ? this.marginOf(view.bars) : view.room;
        const span = spanOf({ ...view, room }, times);
        if (span)
            this.set(span);
        return span !== null;
    }

    /** @param {number} factor  above 1 shows more @param {number} x  stays where it is */
    zoom(factor, x) {
        const { range } = this;
        if (!range)
            return;
        const at = range.from + (range.to - range.from) * x / this.width;
        this.set({ from: at - (at - range.from) * factor, to: at + (range.to - at) * factor });
    }

    /** Two fingers come down. */
    hold() {
        this.held = this.range;
    }

    /**
     * What lay at `from` when two fingers came down lies at `to` now.  Always
     * from the view at the start, so that no error adds up.
     *
     * @param {number} from  CSS pixels
     * @param {number} to
     * @param {number} scale  above 1 shows less
     */
    pinch(from, to, scale) {
        const { held, width } = this;
        if (!held)
            return;
        const perPx = (held.to - held.from) / width;
        const left = held.from + from * perPx - to * perPx / scale;
        moveTo(this.scale, /** @type {Element} */ (this.element.firstElementChild), { from: left, to: left + width * perPx / scale });
    }

    /** @param {number} x  CSS pixels @returns {number | null} the candle there, also where there is none */
    columnAt(x) {
        const logical = this.scale.coordinateToLogical(x);
        return logical === null ? null : Math.round(logical);
    }

    /** @param {number} column @returns {number | null} CSS pixels */
    xOf(column) {
        return this.scale.logicalToCoordinate(/** @type {Logical} */ (column));
    }
}
