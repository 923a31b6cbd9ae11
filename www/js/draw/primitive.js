/* What the library asks of everything that is drawn on the chart. */

/**
 * @typedef {import('../../vendor/lightweight-charts.mjs').Time} Time
 * @typedef {import('../../vendor/lightweight-charts.mjs').Logical} Logical
 * @typedef {import('../../vendor/lightweight-charts.mjs').SeriesAttachedParameter<Time>} Attached
 * @typedef {import('../../vendor/lightweight-charts.mjs').IPrimitivePaneView} PaneView
 * @typedef {Parameters<import('../../vendor/lightweight-charts.mjs').IPrimitivePaneRenderer['draw']>[0]} Target
 */

export class Primitive {
    /** @param {Partial<Record<"bottom" | "normal" | "top", (target: Target) => void>>} layers */
    constructor(layers) {
        /** @type {Attached | null} */
        this.host = null;
        /** @type {PaneView[]} */
        this.views = Object.entries(layers).map(([order, draw]) => ({
            zOrder: () => /** @type {"bottom" | "normal" | "top"} */ (order), renderer: () => ({ draw }),
        }));
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
