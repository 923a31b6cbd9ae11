/* Where panes under the map are.  Several parts of the page add theirs, each
 * below those that are there. */

/**
 * @typedef {import('../../vendor/lightweight-charts.mjs').IChartApi} Library
 * @typedef {import('../../vendor/lightweight-charts.mjs').ISeriesApi<"Custom">} Series
 */

/** Heights: the map has so much, each pane one part. */
const MAP_PARTS = 5;

/** The library's line between two panes, px. */
const SEPARATOR_PX = 1;

/** The index of a pane that is not there yet. @param {Library} chart */
export const newPane = (chart) => chart.panes().length;

/** Give panes their heights, after some were added or removed. @param {Library} chart */
export function arrangePanes(chart) {
    for (const [i, pane] of chart.panes().entries())
        pane.setStretchFactor(i === 0 ? MAP_PARTS : 1);
}

/** @param {Library} chart @param {Series} series @returns {number} CSS pixels from the chart's top to its pane's */
export function topOf(chart, series) {
    const above = chart.panes().slice(0, series.getPane().paneIndex());
    return above.reduce((top, pane) => top + pane.getHeight() + SEPARATOR_PX, 0);
}

/** Say which candle is under a mouse that is over a pane, as it changes. @param {Library} chart @param {(column: number) => void} changed  -1: none */
export function followColumn(chart, changed) {
    let last = -1;
    chart.subscribeCrosshairMove(({ paneIndex = 0, logical }) => {
        const column = paneIndex > 0 && logical !== undefined ? Math.round(logical) : -1;
        if (column === last)
            return;
        last = column;
        changed(column);
    });
}
