/* Which prices the chart shows, on a linear axis or a logarithmic one.  Hides
 * what the library means by a range on the latter. */

import { PriceScaleMode } from '../../vendor/lightweight-charts.mjs';
import { decimalsOf, price as formatPrice } from '../data/format.js';
import { AXIS_PX, FONT_PX } from './chart-options.js';
import { TEXT, font } from './text.js';

/**
 * @typedef {{from: number, to: number}} Range  prices, from < to
 */

/** Of the library's logarithms, for maps of a hundred-millionth in height. */
const LOG_DIGITS_MAX = 8;

/** What the library puts around the text of a label, px. */
const AROUND_PX = 20.2;

/** Nearer to each other, two texts of the axis overlap. */
const TEXT_PX = 17;

/** @param {number} value */
const same = (value) => value;

export class PriceAxis {
    /** @param {import('../../vendor/lightweight-charts.mjs').ISeriesApi<"Candlestick">} series  whose axis it is */
    constructor(series) {
        this.series = series;
        this.log = false;
        /** Where labels lie over the axis, CSS pixels. @type {() => number[]} */
        this.labels = () => [];
    }

    /** @param {number} decimals  of a trade */
    setDecimals(decimals) {
        this.series.applyOptions({
            priceFormat: {
                type: 'custom',
                minMove: 10 ** -decimals,
                formatter: (/** @type {number} */ value) => formatPrice(value, decimals),
                tickmarksFormatter: (/** @type {number[]} */ marks) => this.texts(marks),
            },
        });
    }

    /**
     * As wide as its labels get, so that the map keeps its width when they come.
     *
     * @param {readonly string[]} texts
     */
    reserve(texts) {
        const context = document.createElement('canvas').getContext('2d');
        if (!context)
            return;
        context.font = font(FONT_PX);
        const wide = Math.max(0, ...texts.map((text) => context.measureText(text).width));
        this.scale.applyOptions({ minimumWidth: Math.max(AXIS_PX, Math.ceil(wide + AROUND_PX * TEXT)) });
    }

    /**
     * As many decimals as these marks need, not as many as a trade; none where a
     * label would leave half of the price beside it.
     *
     * @param {number[]} marks
     */
    texts(marks) {
        const decimals = decimalsOf(marks);
        const labels = this.labels();
        return marks.map((mark) => {
            const y = this.series.priceToCoordinate(mark) ?? NaN;
            return labels.some((label) => Math.abs(label - y) < TEXT_PX * TEXT) ? '' : formatPrice(mark, decimals);
        });
    }

    get scale() {
        return this.series.priceScale();
    }

    /** What is shown. @returns {Range | null} null before the first candles */
    get range() {
        return this.scale.getVisibleRange();
    }

    /** What somebody chose to see. @returns {Range | null} null: as the candles need */
    get chosen() {
        return this.scale.options().autoScale ? null : this.range;
    }

    /** As the candles need. */
    fit() {
        if (!this.scale.options().autoScale)
            this.scale.setAutoScale(true);
    }

    /** @param {boolean} on  equal ratios are equally far apart; what is shown stays */
    setLog(on) {
        const { chosen } = this;
        this.log = on;
        this.scale.applyOptions({ mode: on ? PriceScaleMode.Logarithmic : PriceScaleMode.Normal });
        if (chosen)
            this.set(chosen);
    }

    /** @param {Range} range */
    set(range) {
        if (!this.log) {
            this.scale.setVisibleRange(range);
            return;
        }
        /* What the library reads as prices, it takes as its own logarithms
         * here; they begin the lower, the narrower the map is in quote units. */
        for (let digits = 0; digits <= LOG_DIGITS_MAX; digits++) {
            const log = /** @param {number} price */ (price) => Math.log10(price + 10 ** (-4 - digits)) + 4 + digits;
            this.scale.setVisibleRange({ from: log(range.from), to: log(range.to) });
            const now = this.range;
            if (now && Math.abs(now.from / range.from - 1) + Math.abs(now.to / range.to - 1) < 0.01)
                return;
        }
        this.fit();
    }

    /** From a price to a length on the axis, and back. */
    get ruler() {
        return this.log ? { up: Math.log, down: Math.exp } : { up: same, down: same };
    }

    /** Bring a band to the middle, at the present scale when it fits. @param {Range} band */
    centre({ from, to }) {
        const { range } = this;
        if (!range)
            return;
        const half = Math.max(range.to - range.from, 1.3 * (to - from)) / 2;
        const middle = (from + to) / 2;
        this.set({ from: middle - half, to: middle + half });
    }

    /** @param {number} factor  above 1 shows more @param {number} y  CSS pixels; what is there stays */
    zoom(factor, y) {
        const { range } = this;
        const at = this.series.coordinateToPrice(y);
        if (!range || at === null)
            return;
        const { up, down } = this.ruler;
        this.set({
            from: down(up(at) - (up(at) - up(range.from)) * factor),
            to: down(up(at) + (up(range.to) - up(at)) * factor),
        });
    }

    /** Show a range moved along the axis. @param {Range} range @param {number} share  of its length, upward */
    pan({ from, to }, share) {
        const { up, down } = this.ruler;
        const by = share * (up(to) - up(from));
        this.set({ from: down(up(from) + by), to: down(up(to) + by) });
    }
}
