/* The profile, drawn: bars at the right edge of the chart, on its price axis,
 * and the sums between price and there. */

import { cascadeAt, meanOf, rowAt, rowsBetween, scaleOf } from '../data/profile.js';
import { Primitive } from './primitive.js';
import { font, labelPx } from './text.js';

/**
 * @typedef {import('../data/profile.js').Bars} Bars
 * @typedef {import('./primitive.js').Target} Target
 */

/** Lower bars cannot be told apart. */
const BAR_PX = 2;
/** The longest bar leaves this much of the width to the curve. */
const BAR_SHARE = 0.94;

/**
 * Where a label of the crosshair goes: off its line and off other labels, as near as can be.
 *
 * @param {number} y       of the crosshair, CSS pixels
 * @param {number} height  of the pane
 * @param {{tops: number[], head: number}} labels
 * @returns {number} its top; infinite: there is no room
 */
export function labelBeside(y, height, { tops, head }) {
    const high = labelPx();
    const gap = high + 1;
    const above = y - high - 4;
    const free = (/** @type {number} */ top) => top >= head && top + high <= height && (top + high < y || top > y)
        && tops.every((other) => Math.abs(other - top) >= gap);
    const places = [above, y + 4, ...tops.flatMap((top) => [top - gap, top + gap])];
    return places.filter(free).reduce((best, top) => (Math.abs(top - above) < Math.abs(best - above) ? top : best), Infinity);
}

export class ProfileView extends Primitive {
    /** @param {{tops: number[], head: number}} labels  of levels, in the same place: their tops, and what is taken above them */
    constructor(labels) {
        /* The upper layer is drawn alone when only the pointer moves. */
        super({ normal: (target) => this.draw(target), top: (target) => this.drawCursor(target) });
        this.labels = labels;
        /** @type {Bars | null} */
        this.bars = null;
        /** CSS pixels it may take. */
        this.width = 0;
        /** Price under the crosshair. @type {number | undefined} */
        this.cursor = undefined;
        this.scale = { bar: 0, sum: 0 };
        /** @type {CSSStyleDeclaration} live: a theme that changes is seen */
        this.style = getComputedStyle(document.documentElement);
    }

    /** @param {Bars | null} bars  null: nothing is drawn @param {number} width  CSS pixels */
    set(bars, width) {
        /* A redraw is of the whole chart: one for each panned frame doubled its cost. */
        if (bars === this.bars && width === this.width)
            return;
        this.bars = bars;
        this.width = width;
        this.redraw();
    }

    /** @param {string} name @returns {string} */
    colour(name) {
        return this.style.getPropertyValue(name).trim();
    }

    /** Fit both scales to the rows on the screen. @param {Bars} bars @param {number} height  of the pane */
    measure(bars, height) {
        const series = this.host?.series;
        const rows = rowsBetween(bars, series?.coordinateToPrice(height) ?? NaN, series?.coordinateToPrice(0) ?? NaN);
        this.scale = scaleOf(bars, rows.first, rows.end);
        return rows;
    }

    /** @param {Target} target */
    draw(target) {
        const { bars } = this;
        if (!bars || !this.host)
            return;
        target.useMediaCoordinateSpace(({ context, mediaSize: { width, height } }) => {
            const { first, end } = this.measure(bars, height);
            context.save();
            context.fillStyle = this.colour('--ground');
            /* Over the map, when history is in view, both can be read. */
            context.globalAlpha = 0.82;
            context.fillRect(width - this.width, 0, this.width, height);
            context.globalAlpha = 1;
            if (end > first)
                this.drawBars(context, bars, first, end, width);
            this.drawCurve(context, bars, first, end, width);
            context.restore();
        });
    }

    /** @param {CanvasRenderingContext2D} context @param {Bars} bars @param {number} first @param {number} end @param {number} width */
    drawBars(context, bars, first, end, width) {
        const { priceMin, priceStep } = bars;
        const rowPx = (this.y(priceMin + first * priceStep) - this.y(priceMin + end * priceStep)) / (end - first);
        if (!(rowPx > 0) || !(this.scale.bar > 0))
            return;
        const block = Math.max(1, Math.ceil(BAR_PX / rowPx));
        const perUnit = BAR_SHARE * this.width / this.scale.bar;
        const begin = first - first % block;
        /* Where each row's bar has got to, from the axis leftward. */
        const right = new Float64Array(Math.ceil((end - begin) / block)).fill(width);
        for (const { colour, values } of bars.stacks) {
            context.fillStyle = this.colour(colour);
            /* One path a tier: a rectangle by itself costs ten times more. */
            context.beginPath();
            for (let i = 0, r = begin; r < end; i++, r += block) {
                const long = meanOf(values, r, block) * perUnit;
                if (!(long > 0))
                    continue;
                const top = this.y(priceMin + Math.min(bars.rows, r + block) * priceStep);
                const high = this.y(priceMin + r * priceStep) - top;
                right[i] -= long;
                context.rect(right[i], top, long, high - (high >= 3 ? 1 : 0));
            }
            context.fill();
        }
    }

    /** @param {CanvasRenderingContext2D} context @param {Bars} bars @param {number} first @param {number} end @param {number} width */
    drawCurve(context, bars, first, end, width) {
        const now = rowAt(bars, bars.price);
        if (!(this.scale.sum > 0))
            return;
        context.lineWidth = 1.5;
        context.lineJoin = 'round';
        for (const [side, from, to, step] of /** @type {const} */ ([['long', Math.min(now, end - 1), first - 1, -1], ['short', Math.max(now, first), end, 1]])) {
            context.strokeStyle = this.colour(`--${side}`);
            /* Told apart without colour as well. */
            context.setLineDash(side === 'long' ? [] : [5, 3]);
            context.beginPath();
            for (let r = from; r !== to && (to - from) * step > 0; r += step)
                context.lineTo(this.xOf(bars, r, width), this.y(bars.priceMin + (r + 0.5) * bars.priceStep));
            context.stroke();
        }
        context.setLineDash([]);
    }

    /** Of the curve in a row. @param {Bars} bars @param {number} row @param {number} width */
    xOf(bars, row, width) {
        const now = rowAt(bars, bars.price);
        const sum = (row <= now ? bars.down : bars.up)[row];
        return width - BAR_SHARE * this.width * sum / this.scale.sum;
    }

    /** @param {Target} target */
    drawCursor(target) {
        const { bars, cursor } = this;
        const cascade = cascadeAt(bars, cursor);
        if (!bars || !cascade || cursor === undefined || !(this.scale.sum > 0))
            return;
        const label = `${cascade.amount} up to this price`;
        target.useMediaCoordinateSpace(({ context, mediaSize: { width, height } }) => {
            const y = this.y(cursor);
            context.save();
            context.font = font(11, 600);
            context.textBaseline = 'middle';
            context.textAlign = 'right';
            const wide = context.measureText(label).width + 10;
            const high = labelPx();
            const top = labelBeside(y, height, this.labels);
            context.fillStyle = this.colour('--ground');
            context.globalAlpha = 0.85;
            context.fillRect(width - wide - 2, top, wide, high);
            context.globalAlpha = 1;
            context.fillStyle = this.colour('--text');
            context.fillText(label, width - 7, top + high / 2 + 0.5);
            context.fillStyle = this.colour(cursor < bars.price ? '--long' : '--short');
            context.beginPath();
            context.arc(this.xOf(bars, rowAt(bars, cursor), width), y, 3.5, 0, 2 * Math.PI);
            context.fill();
            context.restore();
        });
    }
}
