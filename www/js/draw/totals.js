/* Executed liquidations by candle, in a pane under the map: shorts upwards,
 * longs downwards. */

import { usd } from '../data/format.js';
import { hatch } from './circles.js';
import { arrangePanes, newPane, topOf } from './pane-layout.js';

/**
 * @typedef {import('../data/executed.js').Total} Total
 * @typedef {import('./circles.js').Sides} Sides
 * @typedef {import('../../vendor/lightweight-charts.mjs').ICustomSeriesPaneView<import('../../vendor/lightweight-charts.mjs').Time, any>} PaneView
 * @typedef {import('../../vendor/lightweight-charts.mjs').PaneRendererCustomData<import('../../vendor/lightweight-charts.mjs').Time, any>} Data
 */

/** Of a pane, free at its top for the caption. */
const CAPTION_SHARE = 0.25;

/** Of the room of a candle, taken by its bar. */
const BAR_SHARE = 0.8;

/** Narrower bars have no inside. */
const HOLLOW_PX = 4;
const LINE_PX = 1.5;

const ZERO_DASH = [2, 3];

/** Of what is known in part only. */
const PART_ALPHA = 0.6;

/** All of one colour at once. @param {CanvasRenderingContext2D} context @param {{x: number, top: number, bottom: number}[]} bars @param {number} width @param {number} line  of a frame, drawn within */
function barsPath(context, bars, width, line) {
    context.beginPath();
    for (const { x, top, bottom } of bars) {
        if (bottom > top)
            context.rect(x - width / 2 + line / 2, top + line / 2, width - line, Math.max(0.5, bottom - top - line));
    }
}

/** What the library asks of a kind of series. */
class TotalsView {
    /** @param {(name: string) => string} colour  of the theme */
    constructor(colour) {
        this.colour = colour;
        /** @type {Sides} */
        this.sides = { long: '', short: '' };
        /** @type {Data | null} */
        this.data = null;
    }

    /** @param {Data} data */
    update(data) {
        this.data = data;
    }

    renderer() {
        /** @type {import('../../vendor/lightweight-charts.mjs').ICustomSeriesPaneRenderer} */
        const renderer = {
            draw: (target, y) => target.useMediaCoordinateSpace(({ context, mediaSize }) => this.draw(context, mediaSize, y)),
        };
        return renderer;
    }

    /** @param {any} item */
    priceValueBuilder({ total }) {
        return total.cover === 0 && Number.isNaN(total.long) ? [0] : [-total.long, total.short];
    }

    /** @param {object} item @returns {item is never} */
    isWhitespace(item) {
        return !('total' in item);
    }

    defaultOptions() {
        return /** @type {any} */ ({ color: '#808080' });
    }

    /** @param {CanvasRenderingContext2D} context @param {{width: number, height: number}} size @param {(value: number) => number | null} y */
    draw(context, { width: paneWidth, height }, y) {
        if (!this.data?.visibleRange)
            return;
        const { bars, barSpacing, visibleRange: { from, to } } = this.data;
        const zero = y(0) ?? height / 2;
        const width = Math.max(1, BAR_SHARE * barSpacing);
        const shown = bars.slice(Math.max(0, from), to);
        context.save();
        /* All that lies together at once: there may be a thousand. */
        for (let i = 0, first = 0; i < shown.length; i++) {
            if (!Number.isNaN(shown[i].originalData.total.long))
                first = i + 1;
            else if (!Number.isNaN(shown[i + 1]?.originalData.total.long ?? 0))
                hatch(context, { left: shown[first].x - barSpacing / 2, top: 0, width: (i - first + 1) * barSpacing, height }, this.colour);
        }
        for (const whole of [false, true]) {
            const of = shown.filter(({ originalData: { total } }) => (total.cover === 2) === whole);
            context.globalAlpha = whole ? 1 : PART_ALPHA;
            context.fillStyle = this.sides.long;
            barsPath(context, of.map(({ x, originalData: { total } }) => ({ x, top: zero, bottom: y(-total.long) ?? zero })), width, 0);
            context.fill();
            context.fillStyle = context.strokeStyle = this.sides.short;
            context.lineWidth = LINE_PX;
            const hollow = width >= HOLLOW_PX;
            barsPath(context, of.map(({ x, originalData: { total } }) => ({ x, top: y(total.short) ?? zero, bottom: zero })), width, hollow ? LINE_PX : 0);
            if (hollow)
                context.stroke();
            else
                context.fill();
        }
        context.globalAlpha = 1;
        context.lineWidth = 1;
        context.strokeStyle = this.colour('--dim');
        context.setLineDash(ZERO_DASH);
        context.beginPath();
        context.moveTo(0, Math.round(zero) + 0.5);
        context.lineTo(paneWidth, Math.round(zero) + 0.5);
        context.stroke();
        context.restore();
    }
}

export class Totals {
    /** @param {import('./chart.js').Chart} chart @param {(name: string) => string} colour */
    constructor(chart, colour) {
        this.chart = chart;
        this.view = new TotalsView(colour);
        /** @type {import('./pane-layout.js').Series | null} */
        this.series = null;
    }

    /** @param {readonly (Total | null)[] | null} columns  of the chart; null: no pane @param {Sides} sides */
    set(columns, sides) {
        if ((columns !== null) !== (this.series !== null))
            this.open(columns !== null);
        this.view.sides = sides;
        this.series?.setData((columns ?? []).map((total, i) => {
            const time = this.chart.secondsOf(i);
            return total ? { time, total } : { time };
        }));
    }

    /** @param {boolean} on */
    open(on) {
        const { vendor } = this.chart;
        const { series } = this;
        /* Forgotten first: while it is removed, the library says that the crosshair left its pane. */
        this.series = null;
        if (series)
            vendor.removeSeries(series);
        if (on)
            this.series = this.add();
        arrangePanes(vendor);
        this.chart.visibleChanged();
    }

    add() {
        const { vendor } = this.chart;
        const series = vendor.addCustomSeries(/** @type {PaneView} */ (this.view), {
            priceLineVisible: false, lastValueVisible: false,
            priceFormat: /** @type {const} */ ({ type: 'custom', minMove: 1e-3, formatter: (/** @type {number} */ value) => usd(Math.abs(value)) }),
        }, newPane(vendor));
        series.priceScale().applyOptions({ scaleMargins: { top: CAPTION_SHARE, bottom: 0.06 } });
        return series;
    }

    /** Of its pane, CSS pixels from the chart's. @returns {number} NaN without one */
    get top() {
        return this.series ? topOf(this.chart.vendor, this.series) : NaN;
    }
}
