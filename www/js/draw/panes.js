/* Panes under the map: volume, cumulative delta, open interest.  They share
 * the map's time axis; each has an axis of its own.
 *
 * Loaded when somebody switches them on, and bundled by itself: what it imports
 * is copied into its file, so that the first visit has none of it. */

import { baseAsset, compact, usd } from '../data/format.js';
import { CANDLES } from '../data/palette.js';
import { arrangePanes, followColumn, newPane, topOf } from './pane-layout.js';
import { belongs, lineOf, notesOf, parseVolume, placesOf, plotsOf, volumeQuery } from '../data/volume.js';

/**
 * @typedef {import('../data/state.js').State} State
 * @typedef {import('../data/query.js').Query} Query
 * @typedef {import('../data/volume.js').Volume} Volume
 * @typedef {import('../data/volume.js').Plot} Plot
 * @typedef {import('../../vendor/lightweight-charts.mjs').ISeriesApi<"Custom">} Series
 * @typedef {import('../../vendor/lightweight-charts.mjs').ICustomSeriesPaneView} PaneView
 * @typedef {import('../../vendor/lightweight-charts.mjs').PaneRendererCustomData<import('../../vendor/lightweight-charts.mjs').Time, any>} Drawn
 *
 * @typedef {object} Line  the caption of a pane
 * @property {string} text
 * @property {number} top  of the pane, CSS pixels from the chart's; -1: there is no pane
 */

/** Of a pane, free at its top for the caption. */
const CAPTION_SHARE = 0.3;

/** Of the room of a candle, taken by its bar. */
const BAR_SHARE = 0.8;

/** Where volumes begin and 0 is. */
const ZERO_DASH = [2, 3];

const STYLE = `
.volume-caption { position: absolute; inset: 0 var(--axis, 64px) 0 0; z-index: 2; overflow: hidden; pointer-events: none; }
.volume-line { position: absolute; left: 0; max-width: 100%; overflow: hidden; padding: 1px 8px 2px; background: color-mix(in srgb, var(--ground) 80%, transparent); color: var(--soft); font-size: .6875rem; line-height: 1.35; white-space: nowrap; text-overflow: ellipsis; }
.volume-line:not([style]) { bottom: 30px; }
@media (max-width: 47.5em) { .volume-line { white-space: normal; font-size: .65625rem; } }
`;

/**
 * How the library draws a pane: bars from 0, or a line with 0 dotted.  Its own
 * kinds of series would be part of every first visit.
 *
 * @param {boolean} bars
 * @param {(name: string) => string} colour  of the theme
 * @returns {PaneView}
 */
export function plotView(bars, colour) {
    /** @type {Drawn | null} */
    let data = null;
    /** @type {import('../../vendor/lightweight-charts.mjs').ICustomSeriesPaneView<import('../../vendor/lightweight-charts.mjs').Time, any>} */
    const view = {
        update(drawn) {
            data = drawn;
        },
        renderer: () => ({
            draw(target, y) {
                if (!data?.visibleRange)
                    return;
                const { from, to } = data.visibleRange;
                const shown = data.bars.slice(Math.max(0, from), to);
                const width = Math.max(1, BAR_SHARE * data.barSpacing);
                target.useMediaCoordinateSpace(({ context, mediaSize }) => {
                    const zero = y(0) ?? mediaSize.height;
                    if (bars)
                        drawBars(context, shown, width, y, zero, colour('--text'));
                    else
                        drawLine(context, shown, y, zero, mediaSize.width, colour);
                });
            },
        }),
        priceValueBuilder: ({ value }) => (bars ? [0, value] : [value]),
        isWhitespace: /** @type {any} */ ((/** @type {object} */ item) => !('value' in item)),
        defaultOptions: () => /** @type {any} */ ({ color: '#808080' }),
    };
    return view;
}

/**
 * @param {CanvasRenderingContext2D} context @param {Drawn["bars"]} shown @param {number} width
 * @param {(value: number) => number | null} y @param {number} zero @param {string} plain
 */
function drawBars(context, shown, width, y, zero, plain) {
    for (const { x, barColor, originalData } of shown) {
        const top = y(originalData.value);
        if (top === null)
            continue;
        context.fillStyle = barColor || plain;
        context.fillRect(x - width / 2, top, width, Math.max(0.5, zero - top));
    }
}

/**
 * @param {CanvasRenderingContext2D} context @param {Drawn["bars"]} shown
 * @param {(value: number) => number | null} y @param {number} zero @param {number} width
 * @param {(name: string) => string} colour
 */
function drawLine(context, shown, y, zero, width, colour) {
    context.lineWidth = 1;
    context.strokeStyle = colour('--dim');
    context.setLineDash(ZERO_DASH);
    context.beginPath();
    context.moveTo(0, Math.round(zero) + 0.5);
    context.lineTo(width, Math.round(zero) + 0.5);
    context.stroke();
    context.setLineDash([]);
    context.lineWidth = 2;
    context.lineJoin = 'round';
    context.strokeStyle = colour('--text');
    context.beginPath();
    for (const { x, originalData } of shown)
        context.lineTo(x, y(originalData.value) ?? zero);
    context.stroke();
}

export class Panes {
    /** @param {import('../tools.js').Host} host */
    constructor({ store, chart, colour, feed }) {
        /** @type {readonly (keyof State)[]} */
        this.reads = ['map', 'view', 'theme', 'local', 'cursor', 'visible', 'hidden'];
        this.store = store;
        this.chart = chart;
        this.colour = colour;
        /* With the query of the map that it belongs to. */
        this.feed = feed({
            read: (json) => ({ ...parseVolume(json), query: /** @type {import('../data/state.js').LoadedMap} */ (store.state.map).query }), freshMs: () => Infinity,
            changed: () => {
                this.draw(store.state);
                this.write(store.state);
            },
        });
        /** What the caption says. */
        this.written = '';
        this.caption = document.createElement('div');
        this.caption.className = 'volume-caption';
        this.caption.dataset.testid = 'volume-caption';
        chart.element.after(this.caption);
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(STYLE);
        document.adoptedStyleSheets.push(sheet);
        /** @type {Map<Plot, Series>} */
        this.series = new Map();
        /** The candle under a mouse that is over a pane; -1: none. */
        this.column = -1;
        followColumn(chart.vendor, (column) => {
            this.column = column;
            this.write(store.state);
        });
    }

    /** @param {State} state @param {State | null} before */
    render(state, before) {
        const { map, view, theme, local, hidden } = state;
        this.feed.setHidden(hidden);
        /* Each map has newer volumes. */
        this.feed.follow(view.volume && map ? 'api/v1/volume' + volumeQuery(map.query, map.snapshot.exchange) : '', map);
        if (!before || map !== before.map || view.volume !== before.view.volume || theme !== before.theme || local !== before.local
            || view.candles !== before.view.candles)
            this.draw(state);
        this.write(state);
    }

    /** What there is to be shown. @param {State} state @returns {Volume | null} */
    shown({ map, view }) {
        const volume = this.feed.last?.value;
        return view.volume && map && volume && belongs(volume.query, map.query) ? volume : null;
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
        const { vendor } = this.chart;
        const before = [...this.series.values()];
        /* Forgotten first: while one is removed, the library says that the crosshair left its pane. */
        this.series.clear();
        for (const series of before)
            vendor.removeSeries(series);
        for (const plot of plots)
            this.series.set(plot, this.add(plot));
        arrangePanes(vendor);
        this.chart.element.dataset.plots = plots.join(' ');
        this.chart.visibleChanged();
    }

    /** @param {Plot} plot @returns {Series} in a pane of its own */
    add(plot) {
        const write = plot === 'interest' ? usd : compact;
        const series = this.chart.vendor.addCustomSeries(plotView(plot === 'volume', this.colour), {
            priceLineVisible: false, lastValueVisible: false,
            priceFormat: /** @type {const} */ ({ type: 'custom', minMove: 1e-3, formatter: write }),
        }, newPane(this.chart.vendor));
        series.priceScale().applyOptions({ scaleMargins: { top: CAPTION_SHARE, bottom: plot === 'volume' ? 0 : 0.08 } });
        return series;
    }

    /** @param {State} state */
    write(state) {
        const volume = this.shown(state);
        const { map, cursor } = state;
        if (volume && map && this.series.size > 0)
            this.writeLines(this.linesOf(volume, map.snapshot, this.column >= 0 ? this.column : cursor?.column ?? -1));
        else
            this.writeLines(this.feed.problem ? [{ text: `No volume: ${this.feed.problem}`, top: -1 }] : []);
    }

    /** @param {Line[]} lines  one for each pane; none hides them */
    writeLines(lines) {
        const text = JSON.stringify(lines);
        if (text === this.written)
            return;
        this.written = text;
        this.caption.hidden = lines.length === 0;
        this.caption.replaceChildren(...lines.map((line) => {
            const element = document.createElement('div');
            element.className = 'volume-line';
            element.textContent = line.text;
            /* Without a pane of its own it stays above the time axis. */
            if (line.top >= 0)
                element.style.top = `${line.top}px`;
            return element;
        }));
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
        return [...this.series].map(([plot, series], i) => {
            const line = lineOf(volume, plot, place, baseAsset(symbol));
            return { text: i === 0 && notes ? `${line} · ${notes}` : line, top: topOf(this.chart.vendor, series) };
        });
    }
}
