/* Where the marked levels are, the level that is highlighted, and the candles
 * behind an explained cell.  Draws lines and frames and never covers a colour.
 * What changes by itself stays right of the newest candle, so that nothing
 * moves on the map between two closes. */

import { Primitive } from './primitive.js';
import { TEXT, font, labelPx } from './text.js';

/**
 * @typedef {import('./primitive.js').Target} Target
 * @typedef {import('../data/levels.js').Marker} Marker
 *
 * @typedef {object} Cell  that is explained
 * @property {number} column
 * @property {number} from   lower edge, price
 * @property {number} to
 * @property {{column: number, low: number, high: number, share: number}[]} candles  behind it
 */

const EDGE_PX = 4;
/** Half of a label on the price axis. */
const AXIS_PX = 9;
const WHITE = 'rgb(255 255 255 / .92)';
const LABEL_GROUND = 'rgb(11 13 20 / .82)';
const CAUSE = '#ff9f1c';
/** More would hide each other. */
const ARROWS_MAX = 5;
const LONGS = '#b3434c';
const SHORTS = '#1f7a55';

/**
 * Where a marker's label goes: on its line, or at the edge beyond which the
 * line lies.
 *
 * @param {number} y       of the line, CSS pixels; may lie outside
 * @param {number} height  of the pane
 * @param {number} [head]  what is taken at its top
 * @returns {{top: number, inside: boolean}}
 */
export function labelAt(y, height, head = EDGE_PX) {
    const inside = y >= 0 && y <= height;
    const top = Math.min(height - labelPx() - EDGE_PX, Math.max(head, y - labelPx() / 2));
    return { top, inside };
}

export class LevelMarks extends Primitive {
    constructor() {
        super({ over: (target) => this.draw(target) });
        /** @type {Marker[]} */
        this.markers = [];
        /** The highlighted level. @type {{from: number, to: number} | null} */
        this.band = null;
        /** @type {Cell | null} */
        this.cell = null;
        /** Of the labels that are shown. @type {number[]} */
        this.tops = [];
        /** What is taken at the pane's top where labels are, CSS pixels. */
        this.head = EDGE_PX;
        /** @type {import('../../vendor/lightweight-charts.mjs').ISeriesPrimitiveAxisView[]} */
        this.axisViews = [];
        this.newest = 0;
    }

    priceAxisViews() {
        return this.axisViews;
    }

    /** @param {Marker[]} markers @param {number} newest  the column that they are beside */
    setMarkers(markers, newest) {
        this.markers = markers;
        this.newest = newest;
        this.axisViews = markers.map((marker) => ({
            coordinate: () => this.clamped(marker.price),
            text: () => this.axisText(marker),
            textColor: () => '#ffffff',
            backColor: () => (marker.above ? SHORTS : LONGS),
        }));
        this.redraw();
    }

    /** @param {number} price @returns {number} CSS pixels, in the pane */
    clamped(price) {
        const height = this.host?.chart.paneSize().height ?? 0;
        const half = AXIS_PX * TEXT;
        return Math.min(height - half, Math.max(half, this.y(price)));
    }

    /** Where its labels lie on the price axis, CSS pixels. */
    get labels() {
        return this.markers.map(({ price }) => this.clamped(price));
    }

    /** @param {Marker} marker  an arrow where its line is out of sight */
    axisText({ price, onAxis, above }) {
        return this.clamped(price) === this.y(price) ? onAxis : `${above ? '▲' : '▼'}${onAxis}`;
    }

    /**
     * @param {{from: number, to: number} | null} band  the highlighted prices
     * @param {Cell | null} cell
     * @param {number} head  CSS pixels that something else takes at the top
     */
    set(band, cell, head) {
        this.band = band;
        this.cell = cell;
        this.head = Math.max(EDGE_PX, head);
        this.redraw();
    }

    /** @param {Target} target */
    draw(target) {
        if (!this.host)
            return;
        target.useMediaCoordinateSpace(({ context, mediaSize }) => {
            context.save();
            context.font = font(11);
            context.textBaseline = 'middle';
            this.drawBand(context, mediaSize);
            this.tops = [];
            const begin = this.rightOf(this.newest);
            for (const marker of this.markers)
                this.drawMarker(context, mediaSize, marker, begin);
            this.drawCell(context, mediaSize);
            context.restore();
        });
    }

    /** @param {CanvasRenderingContext2D} context @param {{width: number, height: number}} size */
    drawBand(context, { width }) {
        if (!this.band)
            return;
        const [top, bottom] = [this.y(this.band.to), this.y(this.band.from)];
        if (!(bottom >= top))
            return;
        context.fillStyle = 'rgb(255 255 255 / .1)';
        context.fillRect(0, top, width, bottom - top);
        context.fillStyle = WHITE;
        context.fillRect(0, Math.round(top) - 1, width, 2);
        context.fillRect(0, Math.round(bottom) - 1, width, 2);
    }

    /**
     * @param {CanvasRenderingContext2D} context
     * @param {{width: number, height: number}} size
     * @param {Marker} marker
     * @param {number} begin  right edge of the newest candle, CSS pixels
     */
    drawMarker(context, { width, height }, { price, text, above }, begin) {
        const y = this.y(price);
        if (Number.isNaN(y) || !(begin < width))
            return;
        const wide = context.measureText(text).width + 12;
        const fits = begin + wide + EDGE_PX < width;
        const { top, inside } = labelAt(y, height, this.head);
        if (inside) {
            context.strokeStyle = above ? SHORTS : LONGS;
            context.lineWidth = 2;
            /* Dots, not dashes: the crosshair has those. */
            context.setLineDash([2, 4]);
            context.beginPath();
            context.moveTo(begin + (fits ? wide + EDGE_PX : 0), Math.round(y));
            context.lineTo(width, Math.round(y));
            context.stroke();
            context.setLineDash([]);
        }
        /* One that would cover another is left out. */
        if (!fits || this.tops.some((other) => Math.abs(other - top) < labelPx() + 2))
            return;
        this.tops.push(top);
        context.fillStyle = LABEL_GROUND;
        context.beginPath();
        context.roundRect(begin + 2, top, wide, labelPx(), 4);
        context.fill();
        context.fillStyle = WHITE;
        context.fillText(text, begin + 8, top + labelPx() / 2 + 0.5);
    }

    /** Of candles, CSS pixels.  The library copies all its options to say it. */
    get spacing() {
        return this.x(1) - this.x(0);
    }

    /** The right edge of a column, CSS pixels. @param {number} column */
    rightOf(column) {
        return this.x(column) + this.spacing / 2 + 1;
    }

    /** @param {CanvasRenderingContext2D} context @param {{width: number, height: number}} size */
    drawCell(context, { height }) {
        const { cell } = this;
        if (!cell)
            return;
        const wide = Math.max(3, this.spacing);
        const x = (/** @type {number} */ column) => this.x(column);
        const arrows = [...cell.candles].sort((a, b) => b.share - a.share).slice(0, ARROWS_MAX);
        for (const candle of cell.candles) {
            const { column, low, high, share } = candle;
            const [top, bottom] = [this.y(high) - 4, this.y(low) + 4];
            context.strokeStyle = CAUSE;
            context.fillStyle = CAUSE;
            context.lineWidth = 1.5;
            context.strokeRect(x(column) - wide / 2 - 1, top, wide + 2, bottom - top);
            if (!arrows.includes(candle))
                continue;
            /* Larger for more of the cell. */
            const arm = 3 + 5 * Math.sqrt(share);
            const tip = Math.min(height - 2, bottom + 3);
            context.beginPath();
            context.moveTo(x(column), tip);
            context.lineTo(x(column) - arm, tip + 1.6 * arm);
            context.lineTo(x(column) + arm, tip + 1.6 * arm);
            context.fill();
        }
        const [top, bottom] = [this.y(cell.to), this.y(cell.from)];
        context.strokeStyle = WHITE;
        context.lineWidth = 2;
        context.strokeRect(x(cell.column) - wide / 2 - 2, top - 2, wide + 4, bottom - top + 4);
    }
}

/**
 * The candles behind a cell, each once.
 *
 * @param {import('../data/answers.js').Explanation} explanation
 * @param {import('../data/snapshot.js').Snapshot} snapshot
 * @returns {Cell | null} null when the cell has left the window
 */
export function marksOf(explanation, { candles }) {
    const column = candles.time.indexOf(explanation.time);
    if (column < 0)
        return null;
    /** @type {Map<number, number>} */
    const shares = new Map();
    for (const { time, share } of explanation.causes)
        shares.set(time, (shares.get(time) ?? 0) + share);
    const behind = [...shares].map(([time, share]) => ({ column: candles.time.indexOf(time), share }))
        .filter((cause) => cause.column >= 0);
    return {
        column, from: explanation.from, to: explanation.to,
        candles: behind.map((cause) => ({ ...cause, low: candles.low[cause.column], high: candles.high[cause.column] })),
    };
}
