/* What the library asks of everything that is drawn on the chart. */

/**
 * @typedef {import('../../vendor/lightweight-charts.mjs').Time} Time
 * @typedef {import('../../vendor/lightweight-charts.mjs').Logical} Logical
 * @typedef {import('../../vendor/lightweight-charts.mjs').SeriesAttachedParameter<Time>} Attached
 * @typedef {import('../../vendor/lightweight-charts.mjs').IPrimitivePaneView} PaneView
 * @typedef {Parameters<import('../../vendor/lightweight-charts.mjs').IPrimitivePaneRenderer['draw']>[0]} Target
 */

export class Primitive {
    /**
     * @param {Partial<Record<"bottom" | "normal" | "top" | "over", (target: Target) => void>>} layers
     *     over: above the candles, and above the crosshair while there is one
     */
    constructor(layers) {
        /** @type {Attached | null} */
        this.host = null;
        /** @type {PaneView[]} */
        this.views = Object.entries(layers).map(([order, draw]) => {
            /* The library wraps a renderer again when it is another. */
            const renderer = { draw };
            const zOrder = () => /** @type {"bottom" | "normal" | "top"} */ (order === 'over' ? this.over : order);
            return { zOrder, renderer: () => renderer };
        });
        /** Where "over" is drawn: the upper canvas stays empty as long as it can. */
        this.over = 'top';
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

    /** @param {boolean} on  something else may be drawn on the upper canvas */
    raise(on) {
        const over = on ? 'top' : 'normal';
        if (over === this.over)
            return;
        this.over = over;
        this.redraw();
    }

    redraw() {
        this.host?.requestUpdate();
    }

    /** @param {number} price @returns {number} CSS pixels; NaN where unknown */
    y(price) {
        return this.host?.series.priceToCoordinate(price) ?? NaN;
    }

    /** The middle of a column, CSS pixels. @param {number} column */
    x(column) {
        return this.host?.chart.timeScale().logicalToCoordinate(/** @type {Logical} */ (column)) ?? NaN;
    }
}
