/* Panes under the map: volume, cumulative delta, open interest.  They share
 * the map's time axis; each has an axis of its own. */

import { HistogramSeries, LineSeries, LineStyle } from '../../vendor/lightweight-charts.mjs';
import { baseAsset, compact, usd } from '../data/format.js';
import { CANDLES } from '../data/palette.js';
import { belongs, lineOf, notesOf, placesOf, plotsOf } from '../data/volume.js';

/**
 * @typedef {import('../data/state.js').State} State
 * @typedef {import('../data/volume.js').Volume} Volume
 * @typedef {import('../data/volume.js').Plot} Plot
 * @typedef {import('../../vendor/lightweight-charts.mjs').ISeriesApi<"Line" | "Histogram">} Series
 *
 * @typedef {object} Line  the caption of a pane
 * @property {string} text
 * @property {number} top  of the pane, CSS pixels from the chart's; -1: there is no pane
 */

/** Heights: the map has so much, each pane one part. */
const MAP_PARTS = 5;

/** Of a pane, free at its top for the caption. */
const CAPTION_SHARE = 0.3;

/** The library's line between two panes, px. */
const SEPARATOR_PX = 1;

export class VolumePane {
    /**
     * @param {import('./chart.js').Chart} chart
     * @param {(name: string) => string} colour  of the theme
     * @param {(lines: Line[]) => void} caption  writes them
     */
    constructor(chart, colour, caption) {
        /** @type {readonly (keyof State)[]} */
        this.reads = ['volume', 'volumeProblem', 'map', 'view', 'theme', 'local', 'cursor', 'visible'];
        this.chart = chart;
        this.colour = colour;
        this.caption = caption;
        /** @type {Map<Plot, Series>} */
        this.series = new Map();
        /** The candle under a mouse that is over a pane; -1: none. */
        this.column = -1;
        /* Candles of another time would make one axis with these. */
        chart.beforeCandles = () => {
            for (const series of this.series.values())
                series.setData([]);
        };
        chart.chart.subscribeCrosshairMove(({ paneIndex = 0, logical }) => {
            const column = paneIndex > 0 && logical !== undefined ? Math.round(logical) : -1;
            if (column === this.column)
                return;
            this.column = column;
            this.write(chart.store.state);
        });
    }

    /** @param {State} state @param {State | null} before */
    render(state, before) {
        const { volume, map, view, theme, local } = state;
        if (!before || volume !== before.volume || map !== before.map || theme !== before.theme || local !== before.local
            || view.candles !== before.view.candles)
            this.draw(state);
        this.write(state);
    }

    /** What there is to be shown. @param {State} state @returns {Volume | null} */
    shown({ volume, map }) {
        return map && volume && belongs(volume.query, map.query) ? volume : null;
    }

    /** @param {State} state */
    draw(state) {
        const volume = this.shown(state);
        const plots = volume ? plotsOf(volume) : [];
        if (plots.join() !== [...this.series.keys()].join())
            this.open(plots);
        if (!volume || !state.map)
            return;
        const { candles } = state.map.snapshot;
        const places = placesOf(volume, candles.time);
        const { up, down, hollow } = CANDLES[state.view.candles];
        /* White bars would not be seen on a light ground. */
        const rise = hollow ? this.colour('--text') : up;
        for (const [plot, series] of this.series) {
            const column = volume[plot];
            series.applyOptions({ color: this.colour('--text') });
            series.setData(Array.from(places, (place, i) => {
                const time = this.chart.secondsOf(i);
                const value = column[place] ?? NaN;
                if (!Number.isFinite(value))
                    return { time };
                return plot === 'volume' ? { time, value, color: candles.close[i] < candles.open[i] ? down : rise } : { time, value };
            }));
        }
    }

    /** @param {Plot[]} plots  a pane for each, and no others */
    open(plots) {
        const { chart } = this.chart;
        for (const series of this.series.values())
            chart.removeSeries(series);
        this.series.clear();
        for (const [i, plot] of plots.entries())
            this.series.set(plot, this.add(plot, i + 1));
        for (const [i, pane] of chart.panes().entries())
            pane.setStretchFactor(i === 0 ? MAP_PARTS : 1);
        this.chart.element.dataset.plots = plots.join(' ');
        this.chart.visibleChanged();
    }

    /** @param {Plot} plot @param {number} pane @returns {Series} */
    add(plot, pane) {
        const { chart } = this.chart;
        const write = plot === 'interest' ? usd : compact;
        const options = {
            priceLineVisible: false, lastValueVisible: false,
            priceFormat: /** @type {const} */ ({ type: 'custom', minMove: 1e-3, formatter: write }),
        };
        const series = plot === 'volume' ? chart.addSeries(HistogramSeries, options, pane)
            : chart.addSeries(LineSeries, { ...options, lineWidth: 2, crosshairMarkerVisible: false }, pane);
        series.priceScale().applyOptions({ scaleMargins: { top: CAPTION_SHARE, bottom: plot === 'volume' ? 0 : 0.08 } });
        if (plot === 'cumulative')
            series.createPriceLine({ price: 0, color: this.colour('--dim'), lineWidth: 1, lineStyle: LineStyle.Dotted, axisLabelVisible: false });
        return series;
    }

    /** @param {State} state */
    write(state) {
        const volume = this.shown(state);
        const { map, cursor, view, volumeProblem } = state;
        if (volume && map && this.series.size > 0)
            this.caption(this.linesOf(volume, map.snapshot, this.column >= 0 ? this.column : cursor?.column ?? -1));
        else
            this.caption(view.volume && volumeProblem ? [{ text: volumeProblem, top: -1 }] : []);
    }

    /**
     * @param {Volume} volume @param {import('../data/snapshot.js').Snapshot} snapshot
     * @param {number} column  outside the candles: the newest
     * @returns {Line[]}
     */
    linesOf(volume, { candles, symbol }, column) {
        const at = column >= 0 && column < candles.time.length ? column : candles.time.length - 1;
        const [place] = placesOf(volume, [candles.time[at]]);
        const notes = notesOf(volume).join(' ');
        const heights = this.chart.chart.panes().map((pane) => pane.getHeight());
        let top = 0;
        return [...this.series.keys()].map((plot, i) => {
            const line = lineOf(volume, plot, place, baseAsset(symbol));
            top += (heights[i] ?? 0) + SEPARATOR_PX;
            return { text: i === 0 && notes ? `${line} · ${notes}` : line, top };
        });
    }
}
