/* What stands at each price now: bars by tier at the right edge of the chart,
 * on its price axis, and how much lies between price and there.  A series
 * primitive. */

/**
 * @typedef {import('./answers.js').Profile} Profile
 * @typedef {import('./answers.js').Single} Single
 * @typedef {import('../vendor/lightweight-charts.mjs').Time} Time
 * @typedef {import('../vendor/lightweight-charts.mjs').SeriesAttachedParameter<Time>} Attached
 * @typedef {Parameters<import('../vendor/lightweight-charts.mjs').IPrimitivePaneRenderer['draw']>[0]} Target
 *
 * @typedef {object} Bars  either model, as it is drawn
 * @property {"tiers" | "single"} kind
 * @property {number} price
 * @property {number} priceMin
 * @property {number} priceStep
 * @property {number} rows
 * @property {number} usdPerUnit  NaN: weights, not dollars
 * @property {{name: string, colour: string, values: Float64Array}[]} stacks  colour: a custom property;
 *     nearest the axis first
 * @property {Float64Array} down  summed from price downward
 * @property {Float64Array} up    summed from price upward
 * @property {number} outside  what stands at prices beyond the rows; 0 where unknown
 */

/** A bar less high than this cannot be told from the next one. */
const BAR_PX = 2;
/** The longest bar leaves this much of the width to the curve. */
const BAR_SHARE = 0.94;
const FONT = '600 11px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif';

/** @param {Profile} profile @returns {Bars} */
export function barsOfTiers({ price, priceMin, priceStep, rows, usdPerUnit, tiers, cumulative, outside }) {
    return {
        kind: 'tiers', price, priceMin, priceStep, rows, usdPerUnit, down: cumulative, up: cumulative, outside,
        stacks: [...tiers].reverse().map(({ leverage, mass }) => ({ name: `${leverage}×`, colour: `--tier-${leverage}`, values: mass })),
    };
}

/** @param {Single} single @returns {Bars} */
export function barsOfSingle({ price, priceMin, priceStep, rows, long, short, cumulativeLong, cumulativeShort }) {
    return {
        kind: 'single', price, priceMin, priceStep, rows, usdPerUnit: NaN, down: cumulativeLong, up: cumulativeShort, outside: 0,
        stacks: [{ name: 'longs', colour: '--long-fill', values: long }, { name: 'shorts', colour: '--short-fill', values: short }],
    };
}

/** @param {Bars} bars @param {number} price @returns {number} may lie outside 0 .. rows - 1 */
function rowAt({ priceMin, priceStep }, price) {
    return Math.floor((price - priceMin) / priceStep);
}

/**
 * What lies between the price and another, its whole row included.
 *
 * @param {Bars} bars
 * @param {number} price
 * @returns {{side: "long" | "short", amount: number, usd: number} | null} null off the rows
 */
export function cascadeTo(bars, price) {
    const row = rowAt(bars, price);
    if (!(row >= 0 && row < bars.rows))
        return null;
    const side = price < bars.price ? 'long' : 'short';
    const amount = (side === 'long' ? bars.down : bars.up)[row];
    return { side, amount, usd: amount * bars.usdPerUnit };
}

/**
 * What a row is made of.
 *
 * @param {Bars} bars
 * @param {number} price
 * @returns {{name: string, share: number}[]} largest first; empty where nothing is
 */
export function mixAt(bars, price) {
    const row = rowAt(bars, price);
    const parts = bars.stacks.map(({ name, values }) => ({ name, share: values[row] ?? 0 }));
    const all = parts.reduce((sum, part) => sum + part.share, 0);
    return parts.filter((part) => part.share > 0.005 * all)
        .map(({ name, share }) => ({ name, share: share / all })).sort((a, b) => b.share - a.share);
}

/**
 * Rows that share a bar: means, so that the scale stays.
 *
 * @param {Float64Array} values
 * @param {number} first  row
 * @param {number} count  rows
 */
export function meanOf(values, first, count) {
    const end = Math.min(values.length, first + count);
    let sum = 0;
    for (let r = Math.max(0, first); r < end; r++)
        sum += values[r];
    return sum / Math.max(1, end - Math.max(0, first));
}

/**
 * The ends of both scales over some rows.
 *
 * @param {Bars} bars
 * @param {number} first  row, 0 ..
 * @param {number} end    after the last
 * @returns {{bar: number, sum: number}} largest bar and largest sum; 0 where empty
 */
export function scaleOf(bars, first, end) {
    const now = rowAt(bars, bars.price);
    let bar = 0;
    let sum = 0;
    for (let r = Math.max(0, first); r < Math.min(bars.rows, end); r++) {
        bar = Math.max(bar, bars.stacks.reduce((all, { values }) => all + values[r], 0));
        sum = Math.max(sum, (r <= now ? bars.down : bars.up)[r]);
    }
    return { bar, sum };
}

export class ProfileView {
    constructor() {
        /** @type {Attached | null} */
        this.host = null;
        /** @type {Bars | null} */
        this.bars = null;
        /** CSS pixels it may take. */
        this.width = 0;
        /** Price under the crosshair; NaN for none. */
        this.cursor = NaN;
        /** What the crosshair's amount reads. */
        this.label = '';
        this.scale = { bar: 0, sum: 0 };
        /** @type {CSSStyleDeclaration} live: a theme that changes is seen */
        this.style = getComputedStyle(document.documentElement);
        const below = { draw: (/** @type {Target} */ target) => this.draw(target) };
        const above = { draw: (/** @type {Target} */ target) => this.drawCursor(target) };
        /** @type {import('../vendor/lightweight-charts.mjs').IPrimitivePaneView[]} */
        this.views = [
            { zOrder: () => 'normal', renderer: () => below },
            /* Drawn alone when only the pointer moves. */
            { zOrder: () => 'top', renderer: () => above },
        ];
    }

    /** @param {Attached} host */
    attached(host) {
        this.host = host;
    }

    detached() {
        this.host = null;
    }

    paneViews() {
        return this.views;
    }

    /** @param {Bars | null} bars  null: nothing is drawn @param {number} width  CSS pixels */
    set(bars, width) {
        this.bars = bars;
        this.width = width;
        this.host?.requestUpdate();
    }

    redraw() {
        this.host?.requestUpdate();
    }

    /**
     * Follow the crosshair; whoever moves it has the overlay redrawn.
     *
     * @param {number} price  NaN for none
     * @param {string} label
     */
    setCursor(price, label) {
        this.cursor = price;
        this.label = label;
    }

    /** @param {string} name @returns {string} */
    colour(name) {
        return this.style.getPropertyValue(name).trim();
    }

    /** @param {number} price */
    y(price) {
        return this.host?.series.priceToCoordinate(price) ?? NaN;
    }

    /** The rows on the screen. @param {Bars} bars @param {number} height */
    visible(bars, height) {
        const series = this.host?.series;
        const low = series?.coordinateToPrice(height) ?? NaN;
        const high = series?.coordinateToPrice(0) ?? NaN;
        return { first: Math.max(0, rowAt(bars, low)), end: Math.min(bars.rows, rowAt(bars, high) + 1) };
    }

    /** Fit both scales to what is in sight. @param {Bars} bars @param {number} height  of the pane */
    measure(bars, height) {
        const rows = this.visible(bars, height);
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
        const { bars, cursor, label } = this;
        if (!bars || !label || Number.isNaN(cursor))
            return;
        const row = rowAt(bars, cursor);
        if (!(row >= 0 && row < bars.rows) || !(this.scale.sum > 0))
            return;
        target.useMediaCoordinateSpace(({ context, mediaSize: { width } }) => {
            const y = this.y(cursor);
            context.save();
            context.font = FONT;
            context.textBaseline = 'middle';
            context.textAlign = 'right';
            const wide = context.measureText(label).width + 10;
            const top = y < 24 ? y + 4 : y - 22;
            context.fillStyle = this.colour('--ground');
            context.globalAlpha = 0.85;
            context.fillRect(width - wide - 2, top, wide, 18);
            context.globalAlpha = 1;
            context.fillStyle = this.colour('--text');
            context.fillText(label, width - 7, top + 9.5);
            context.fillStyle = this.colour(cursor < bars.price ? '--long' : '--short');
            context.beginPath();
            context.arc(this.xOf(bars, row, width), y, 3.5, 0, 2 * Math.PI);
            context.fill();
            context.restore();
        });
    }
}
