/* The chart: candles and axes, with the map beneath.  Owns vendor, the library's
 * chart object; who points at it is pointer.js. */

import { CandlestickSeries, createChart } from '../../vendor/lightweight-charts.mjs';
import { moment, priceDecimals } from '../data/format.js';
import { candleOptions, chartOptions, lastOptions, textOptions, themeOptions } from './chart-options.js';
import { Heatmap } from './heatmap.js';
import { PriceAxis } from './price-axis.js';
import { sameQuery, sameWindow } from '../data/query.js';
import { lastPrice, shiftOf } from '../data/snapshot.js';
import { isExtension } from '../data/state.js';
import { TEXT, textChanged } from './text.js';
import { TimeAxis } from './time-axis.js';
import { markersOf } from '../data/levels.js';
import { viewportOf } from '../data/viewport.js';

/**
 * @typedef {import('../data/snapshot.js').Snapshot} Snapshot
 * @typedef {import('../data/state.js').State} State
 * @typedef {import('../../vendor/lightweight-charts.mjs').UTCTimestamp} UTCTimestamp
 */

/** The profile's width: so much, and no larger share of the chart. */
const PROFILE_PX = 172;
const PROFILE_SHARE = 0.24;
const DEPTH_PX = 64;

export class Chart {
    /**
     * @param {HTMLElement} element  to fill; becomes focusable by the page
     * @param {import('../data/state.js').PageStore} store  gets `visible`
     * @param {import('./chart-options.js').Theme} theme
     */
    constructor(element, store, theme) {
        const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
        this.element = element;
        this.store = store;
        /** CSS pixels: each time they are asked for, the page would be laid out. */
        this.width = element.clientWidth;
        this.height = element.clientHeight;
        /** @type {readonly (keyof State)[]} */
        this.reads = ['map', 'paint', 'view', 'local', 'kind', 'wanted'];
        this.visibleDue = false;
        /** What the axis adds to a candle's time, s: the library knows UTC only. */
        this.offset = 0;
        this.daily = false;
        this.heatmap = new Heatmap();
        this.vendor = createChart(element, {
            width: this.width, height: this.height,
            ...chartOptions(still, theme, (seconds) => moment((seconds - this.offset) * 1000, this.daily)),
        });
        this.series = this.vendor.addSeries(CandlestickSeries, {
            priceLineVisible: false, lastValueVisible: false,
            ...candleOptions(store.state.view),
            /* A range that was asked for is shown whole, however far the candles go. */
            autoscaleInfoProvider: (/** @type {() => import('../../vendor/lightweight-charts.mjs').AutoscaleInfo | null} */ original) =>
                (this.heatmap.whole ? this.heatmap.autoscaleInfo(0, 0) : original()),
        });
        this.last = this.series.createPriceLine(lastOptions(store.state.view, null));
        this.prices = new PriceAxis(this.series);
        this.times = new TimeAxis(this.vendor.timeScale(), element);
        this.series.attachPrimitive(this.heatmap);
        this.times.scale.subscribeVisibleLogicalRangeChange(() => this.visibleChanged());
        /* The price axis takes its width after the first map was fitted. */
        this.times.scale.subscribeSizeChange(() => requestAnimationFrame(() => this.refit()));
        new ResizeObserver(() => {
            /* What is above the chart is as high as its text. */
            if (textChanged())
                this.writeAnew();
            this.takeSize(true);
            this.fitProfile();
            this.visibleChanged();
            requestAnimationFrame(() => this.refit());
        }).observe(element);
    }

    /** What the chart shows. @returns {Snapshot | null} */
    get snapshot() {
        return this.store.state.map?.snapshot ?? null;
    }

    /** Pixels to leave free right of the newest candle. */
    get profileWidth() {
        return this.times.room;
    }

    /** @param {State} state @param {State | null} before */
    render(state, before) {
        const { map, paint, view } = state;
        this.heatmap.setVisible(view.heat);
        this.setLogPrice(view.logPrice);
        if (before && view.candles !== before.view.candles) {
            this.series.applyOptions(candleOptions(view));
            this.showLast();
        }
        this.fitProfile();
        if (!map || !paint) {
            if (before?.map)
                this.clear();
        } else if (map !== before?.map) {
            this.show(state, before?.map ?? null);
        } else if (paint.colours !== before.paint?.colours) {
            this.heatmap.setColours(paint.colours);
        }
        if (map && before?.map && state.local !== before.local)
            this.changeZone(map.snapshot);
        /* Another view of the map that is already here. */
        if (map && map === before?.map && state.wanted && state.wanted !== before.wanted && sameQuery(state.query, map.query))
            this.restore(state.wanted, map.snapshot);
    }

    /** The size that the page gives. @param {boolean} now  draw in this frame, not in the next one */
    takeSize(now) {
        const { clientWidth: width, clientHeight: height } = this.element;
        if (width === this.width && height === this.height)
            return;
        this.width = width;
        this.height = height;
        this.vendor.resize(width, height, now);
    }

    /** @param {State} state @param {State["map"]} before  what was shown; null for nothing */
    show({ map, paint, wanted, local }, before) {
        if (!map || !paint)
            return;
        /* What is written beside the first map takes its room; else it would be drawn twice. */
        if (!before)
            this.takeSize(false);
        const { snapshot, query } = map;
        const view = this.times.range;
        const older = before !== null && isExtension(query, before.query);
        const kept = before && (older || sameWindow(query, before.query)) ? before.snapshot : null;
        if (!kept)
            this.configure(snapshot);
        this.heatmap.whole = Number.isFinite(snapshot.filter.range);
        this.heatmap.setMap(snapshot.grid, snapshot.candles, lastPrice(snapshot), paint.colours);
        this.offset = local ? localOffset(snapshot) : 0;
        this.setBars(barsOf(snapshot, this.offset));
        if (!kept || !view)
            this.fit();
        else
            this.keepView(view, kept, snapshot);
        if (wanted)
            this.restore(wanted, snapshot);
        this.visibleChanged();
    }

    /** @param {import('./chart-options.js').Theme} theme */
    setTheme(theme) {
        this.vendor.applyOptions(themeOptions(theme));
    }

    /** In the size that text has now. */
    writeAnew() {
        this.vendor.applyOptions(textOptions());
        if (this.snapshot)
            this.configure(this.snapshot);
    }

    /** @param {boolean} on  prices at equal ratios are equally far apart */
    setLogPrice(on) {
        if (on === this.heatmap.logPrice)
            return;
        this.heatmap.logPrice = on;
        this.prices.setLog(on);
        this.visibleChanged();
    }

    /** @param {Snapshot} snapshot  already shown, in the other zone */
    changeZone(snapshot) {
        const view = this.times.range;
        this.offset = this.store.state.local ? localOffset(snapshot) : 0;
        this.configure(snapshot);
        this.setBars(barsOf(snapshot, this.offset));
        if (view)
            this.times.set(view);
    }

    /** @param {ReturnType<typeof barsOf>} bars */
    setBars(bars) {
        /* Candles of another time would make one axis with what is under the map. */
        for (const pane of this.vendor.panes().slice(1))
            pane.getSeries().forEach((series) => series.setData([]));
        this.series.setData(bars);
        this.showLast();
    }

    showLast() {
        this.last.applyOptions(lastOptions(this.store.state.view, this.snapshot));
    }

    /** The time of a candle as the library counts. @param {number} column */
    secondsOf(column) {
        return secondsAt(/** @type {Snapshot} */ (this.snapshot), column, this.offset);
    }

    /** Forget the data, so that no old data is under a new name. */
    clear() {
        this.heatmap.clear();
        this.setBars([]);
    }

    /** @param {Snapshot} snapshot  the first of its symbol and interval */
    configure(snapshot) {
        const daily = snapshot.interval === '1d';
        this.prices.setDecimals(priceDecimals(snapshot));
        this.prices.reserve(markersOf(snapshot).map(({ onAxis }) => '▲' + onAxis));
        if (daily !== this.daily)
            this.vendor.applyOptions({ timeScale: { timeVisible: !daily } });
        this.daily = daily;
    }

    /**
     * The same candles stay where they were; a view that follows the newest
     * candle goes on following it.
     *
     * @param {import('./time-view.js').Span} view
     * @param {Snapshot} before
     * @param {Snapshot} now
     */
    keepView(view, before, now) {
        const follows = view.to >= before.candles.time.length - 1;
        const shift = follows ? before.candles.time.length - now.candles.time.length : shiftOf(before.candles.time, now.candles.time);
        this.times.keep(view, shift, before.candles.time.at(-1) === now.candles.time.at(-1));
    }

    /** The whole window with a small margin; the price axis by itself. */
    fit() {
        const n = this.snapshot ? this.snapshot.candles.time.length : 0;
        if (n === 0)
            return;
        this.prices.fit();
        this.fitTime(n);
        this.visibleChanged();
    }

    /** @param {number} n  candles */
    fitTime(n) {
        /* Not the maps of older windows. */
        this.times.fit(n - 1, Math.min(n, this.store.state.map?.query.bars ?? n));
    }

    /** Another width or room: fit again, unless somebody has chosen a view. */
    refit() {
        if (this.snapshot && this.times.isFitted)
            this.fitTime(this.snapshot.candles.time.length);
    }

    /** Leave room for the profile, as wide as the chart allows, or for the order book alone. */
    fitProfile() {
        const { kind, view } = this.store.state;
        const px = kind === 'off' ? (view.depth ? DEPTH_PX : 0)
            : Math.min(PROFILE_PX * TEXT, Math.round(PROFILE_SHARE * this.width));
        if (px === this.profileWidth)
            return;
        this.times.room = px;
        this.refit();
        this.visibleChanged();
    }

    /**
     * Bring a band of prices to the middle, at the present scale when it fits.
     *
     * @param {{from: number, to: number}} band
     */
    centre(band) {
        this.prices.centre(band);
        this.visibleChanged();
    }

    /** @param {import('../../vendor/lightweight-charts.mjs').ISeriesPrimitive<import('../../vendor/lightweight-charts.mjs').Time>} primitive */
    attach(primitive) {
        this.series.attachPrimitive(primitive);
    }

    /** @returns {import('../data/state.js').Visible} */
    visible() {
        const { snapshot } = this;
        const time = this.times.range;
        const { chosen } = this.prices;
        /* Of the newest map: an address means the same before older ones are loaded. */
        const first = snapshot?.seams?.at(-1)?.column ?? 0;
        return {
            time, candles: snapshot ? snapshot.candles.time.length : 0, prices: this.prices.range, width: this.times.width, height: this.paneHeight(),
            axis: this.width - this.times.width, profileWidth: this.profileWidth,
            viewport: snapshot && time ? viewportOf({ from: time.from - first, to: time.to - first }, chosen && [chosen.from, chosen.to], snapshot.candles.time.subarray(first)) : null,
        };
    }

    /** @param {import('../data/viewport.js').Viewport} view @param {Snapshot} snapshot */
    restore(view, { candles }) {
        if (!this.times.restore(view, candles.time))
            return;
        this.prices.fit();
        if (view.prices)
            this.prices.set({ from: view.prices[0], to: view.prices[1] });
    }

    /** Commit what is visible, once a frame at most. */
    visibleChanged() {
        if (this.visibleDue)
            return;
        this.visibleDue = true;
        requestAnimationFrame(() => {
            this.visibleDue = false;
            const visible = this.visible();
            this.writeVisible(visible);
            this.store.set({ visible });
        });
    }

    /** For tests and for whoever scripts the page. @param {import('../data/state.js').Visible} visible */
    writeVisible({ time, prices, width, height }) {
        const { dataset } = this.element;
        dataset.timeView = time ? `${time.from.toFixed(3)} ${time.to.toFixed(3)}` : '';
        dataset.priceView = prices ? `${prices.from} ${prices.to}` : '';
        dataset.pane = `${width} ${height}`;
    }

    paneHeight() {
        return this.vendor.paneSize().height;
    }

    /** @param {number} x @param {number} y @returns {boolean} in the pane, not on an axis */
    inPane(x, y) {
        return x >= 0 && y >= 0 && x < this.times.width && y < this.paneHeight();
    }

    /** @param {number} x @param {number} y  at the pane's edge where it is beyond @returns {import('../data/state.js').Spot | null} */
    spotAt(x, y) {
        const column = this.times.columnAt(x);
        const price = this.series.coordinateToPrice(Math.min(this.paneHeight() - 1, Math.max(0, y)));
        return column === null || price === null ? null : { column, price };
    }

    /** @param {import('../data/state.js').Spot} spot @returns {{x: number, y: number} | null} */
    placeOf({ column, price }) {
        const x = this.times.xOf(column);
        const y = this.series.priceToCoordinate(price);
        return x === null || y === null ? null : { x, y };
    }
}

/** @param {Snapshot} snapshot @param {number} column @param {number} offset  s @returns {UTCTimestamp} */
function secondsAt({ candles }, column, offset) {
    return /** @type {UTCTimestamp} */ (candles.time[column] / 1000 + offset);
}

/**
 * What the zone of this computer adds to UTC at the newest candle, s.  One for
 * all candles: the axis would have the repeated hour of a clock change twice.
 *
 * @param {Snapshot} snapshot
 */
function localOffset({ candles, interval }) {
    const newest = candles.time[candles.time.length - 1];
    /* A day of the market is a day in UTC. */
    return interval === '1d' ? 0 : -60 * new Date(newest).getTimezoneOffset();
}

/** @param {Snapshot} snapshot @param {number} offset  s */
function barsOf(snapshot, offset) {
    const { open, high, low, close } = snapshot.candles;
    return Array.from(open, (_, i) => ({
        time: secondsAt(snapshot, i, offset), open: open[i], high: high[i], low: low[i], close: close[i],
    }));
}
