/* The chart: candles, axes, crosshair, pan and zoom, with the map beneath.
 * Owns the library's chart object; nothing else touches it. */

import { CandlestickSeries, LineStyle, createChart } from '../../vendor/lightweight-charts.mjs';
import { moment, priceDecimals } from '../data/format.js';
import { candleOptions, chartOptions, themeOptions } from './chart-options.js';
import { Heatmap } from './heatmap.js';
import { PriceAxis } from './price-axis.js';
import { sameQuery, sameWindow } from '../data/query.js';
import { lastPrice, shiftOf } from '../data/snapshot.js';
import { isExtension } from '../data/state.js';
import { listenTouch } from './touch.js';
import { moveTo } from './time-view.js';
import { markersOf } from '../data/levels.js';
import { spanOf, viewportOf } from '../data/viewport.js';

/**
 * @typedef {import('../data/snapshot.js').Snapshot} Snapshot
 * @typedef {import('../data/state.js').State} State
 * @typedef {import('../data/state.js').Cursor} Cursor
 * @typedef {import('../../vendor/lightweight-charts.mjs').UTCTimestamp} UTCTimestamp
 */

/** Empty room right of the newest candle, as a share of the window. */
const RIGHT_MARGIN = 0.03;

/** One notch of a mouse wheel is 100 px of deltaY. */
const WHEEL_ZOOM_PER_PX = 0.0012;

const PRICE_PAN_PX = 24;

/** The profile's width: so much, and no larger share of the chart. */
const PROFILE_PX = 172;
const PROFILE_SHARE = 0.24;
const DEPTH_PX = 64;

export class Chart {
    /**
     * @param {HTMLElement} element  to fill; becomes focusable by the page
     * @param {import('../data/state.js').PageStore} store  gets `cursor` and `visible`
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
        /** Called with the place of a click, a tap's button or Enter. @type {(cursor: Cursor) => void} */
        this.onPick = () => {};
        /** Called with where a long press began or has gone; null for a tap.
         * @type {(spot: {column: number, price: number} | null, begins: boolean) => void} */
        this.onPress = () => {};
        /** Called before the candles change, for what shares their time axis. */
        this.beforeCandles = () => {};
        /** Pixels to leave free right of the newest candle. */
        this.profileWidth = 0;
        /** What fit() made, as long as nobody moved it. @type {{from: number, to: number} | null} */
        this.fitted = null;
        this.visibleDue = false;
        this.holdsPrice = false;
        /** What the axis adds to a candle's time, s: the library knows UTC only. */
        this.offset = 0;
        this.daily = false;
        this.heatmap = new Heatmap();
        this.chart = createChart(element, {
            width: this.width, height: this.height,
            ...chartOptions(still, theme, (seconds) => moment((seconds - this.offset) * 1000, this.daily)),
        });
        this.series = this.chart.addSeries(CandlestickSeries, {
            priceLineStyle: LineStyle.SparseDotted,
            ...candleOptions(store.state.view),
            /* A range that was asked for is shown whole, however far the candles go. */
            autoscaleInfoProvider: (/** @type {() => import('../../vendor/lightweight-charts.mjs').AutoscaleInfo | null} */ original) =>
                (this.heatmap.whole ? this.heatmap.autoscaleInfo(0, 0) : original()),
        });
        this.prices = new PriceAxis(this.series);
        this.series.attachPrimitive(this.heatmap);
        this.time.subscribeVisibleLogicalRangeChange(() => this.visibleChanged());
        new ResizeObserver(() => {
            this.takeSize(true);
            this.fitProfile();
            this.visibleChanged();
            requestAnimationFrame(() => this.refit());
        }).observe(element);
        /** What was visible when two fingers came down. */
        this.held = this.visible();
        this.listenMouse();
        this.listenTouch();
        element.addEventListener('keydown', (event) => this.onKey(event));
    }

    /** What the chart shows. @returns {Snapshot | null} */
    get snapshot() {
        return this.store.state.map?.snapshot ?? null;
    }

    get cursor() {
        return this.store.state.cursor;
    }

    get time() {
        return this.chart.timeScale();
    }

    /** @param {State} state @param {State | null} before */
    render(state, before) {
        const { map, paint, view } = state;
        this.heatmap.setVisible(view.heat);
        this.setLogPrice(view.logPrice);
        if (before && view.candles !== before.view.candles)
            this.series.applyOptions(candleOptions(view));
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
        this.chart.resize(width, height, now);
    }

    /** @param {State} state @param {State["map"]} before  what was shown; null for nothing */
    show({ map, paint, wanted, local }, before) {
        if (!map || !paint)
            return;
        /* What is written beside the first map takes its room; else it would be drawn twice. */
        if (!before)
            this.takeSize(false);
        const { snapshot, query } = map;
        const view = this.time.getVisibleLogicalRange();
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
        this.chart.applyOptions(themeOptions(theme));
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
        const view = this.time.getVisibleLogicalRange();
        this.hideCursor();
        this.offset = this.store.state.local ? localOffset(snapshot) : 0;
        this.configure(snapshot);
        this.setBars(barsOf(snapshot, this.offset));
        if (view)
            this.time.setVisibleLogicalRange(view);
    }

    /** @param {ReturnType<typeof barsOf>} bars */
    setBars(bars) {
        this.beforeCandles();
        this.series.setData(bars);
    }

    /** The time of a candle as the library counts. @param {number} column */
    secondsOf(column) {
        return secondsAt(/** @type {Snapshot} */ (this.snapshot), column, this.offset);
    }

    /** Forget the data, so that no old data is under a new name. */
    clear() {
        this.heatmap.clear();
        this.setBars([]);
        this.hideCursor();
    }

    /** @param {Snapshot} snapshot  the first of its symbol and interval */
    configure(snapshot) {
        const daily = snapshot.interval === '1d';
        this.prices.setDecimals(priceDecimals(snapshot));
        this.prices.reserve(markersOf(snapshot).map(({ onAxis }) => '▲' + onAxis));
        if (daily !== this.daily)
            this.chart.applyOptions({ timeScale: { timeVisible: !daily } });
        this.daily = daily;
    }

    /**
     * The same candles stay where they were; a view that follows the newest
     * candle goes on following it.
     *
     * @param {import('../../vendor/lightweight-charts.mjs').LogicalRange} view
     * @param {Snapshot} before
     * @param {Snapshot} now
     */
    keepView(view, before, now) {
        const follows = view.to >= before.candles.time.length - 1;
        const shift = follows ? before.candles.time.length - now.candles.time.length : shiftOf(before.candles.time, now.candles.time);
        /* Two fingers that are down go on from where the candles are now. */
        if (this.held.time)
            this.held.time = { from: this.held.time.from - shift, to: this.held.time.to - shift };
        /* The library counts from the newest candle, so older ones move nothing; a
         * range set here would undo what a drag does before the next frame. */
        if (before.candles.time.at(-1) === now.candles.time.at(-1))
            return;
        this.time.setVisibleLogicalRange({ from: view.from - shift, to: view.to - shift });
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
        const shown = Math.min(n, this.store.state.map?.query.bars ?? n);
        this.fitted = { from: n - shown - 0.5, to: n - 0.5 + this.marginOf(shown) };
        this.time.setVisibleLogicalRange(this.fitted);
    }

    /** Candles of empty room right of so many. @param {number} n */
    marginOf(n) {
        /* Before the first layout the axis is as wide as the chart. */
        const width = Math.max(this.time.width(), 2 * this.profileWidth);
        const room = this.profileWidth > 0 ? n * this.profileWidth / (width - this.profileWidth) : 0;
        return Math.max(2, n * RIGHT_MARGIN, room);
    }

    /** Another width or room: fit again, unless somebody has chosen a view. */
    refit() {
        const now = this.time.getVisibleLogicalRange();
        const { fitted, snapshot } = this;
        if (now && fitted && snapshot && Math.abs(now.from - fitted.from) + Math.abs(now.to - fitted.to) < 0.5)
            this.fitTime(snapshot.candles.time.length);
    }

    /** Leave room for the profile, as wide as the chart allows, or for the order book alone. */
    fitProfile() {
        const { kind, view } = this.store.state;
        const px = kind === 'off' ? (view.depth ? DEPTH_PX : 0)
            : Math.min(PROFILE_PX, Math.round(PROFILE_SHARE * this.width));
        if (px === this.profileWidth)
            return;
        this.profileWidth = px;
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

    /** Choose what is under the crosshair. */
    pick() {
        if (this.cursor)
            this.onPick(this.cursor);
    }

    /** @returns {import('../data/state.js').Visible} */
    visible() {
        const { snapshot } = this;
        const time = this.time.getVisibleLogicalRange();
        const { chosen } = this.prices;
        /* Of the newest map: an address means the same before older ones are loaded. */
        const first = snapshot?.seams?.at(-1)?.column ?? 0;
        return {
            time, candles: snapshot ? snapshot.candles.time.length : 0, prices: this.prices.range, width: this.time.width(), height: this.paneHeight(),
            axis: this.width - this.time.width(), profileWidth: this.profileWidth,
            viewport: snapshot && time ? viewportOf({ from: time.from - first, to: time.to - first }, chosen && [chosen.from, chosen.to], snapshot.candles.time.subarray(first)) : null,
        };
    }

    /** @param {import('../data/viewport.js').Viewport} view @param {Snapshot} snapshot */
    restore(view, { candles }) {
        const room = Number.isNaN(view.room) ? this.marginOf(view.bars) : view.room;
        const span = spanOf({ ...view, room }, candles.time);
        if (!span)
            return;
        this.prices.fit();
        this.time.setVisibleLogicalRange(span);
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
            /* Another candle may lie under a mouse that kept still. */
            this.refreshCursor();
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
        return this.chart.paneSize().height;
    }

    /** @param {number} x @param {number} y @returns {boolean} in the pane, not on an axis */
    inPane(x, y) {
        return x >= 0 && y >= 0 && x < this.time.width() && y < this.paneHeight();
    }

    listenMouse() {
        this.chart.subscribeCrosshairMove((event) => {
            /* Moves of ours carry no source event and are emitted by point(). */
            if (event.sourceEvent === undefined && event.point !== undefined)
                return;
            if (event.point === undefined || event.logical === undefined || (event.paneIndex ?? 0) > 0)
                this.emitCursor(null);
            else
                this.emitCursor(this.cursorAt(event.point.x, event.point.y, Math.round(event.logical), 'mouse'));
        });
        this.chart.subscribeClick((event) => {
            const { point, logical, paneIndex = 0 } = event;
            const cursor = point && logical !== undefined && paneIndex === 0
                ? this.cursorAt(point.x, point.y, Math.round(logical), 'mouse') : null;
            if (cursor)
                this.onPick(cursor);
        });
        this.element.addEventListener('wheel', (event) => this.onWheel(event), { capture: true, passive: false });
        this.element.addEventListener('pointerup', () => this.visibleChanged());
        this.element.addEventListener('dblclick', (event) => {
            const box = this.element.getBoundingClientRect();
            /* The library itself resets the price axis. */
            if (event.clientX - box.left < this.time.width())
                this.fit();
        });
    }

    /** @param {WheelEvent} event  over the price axis it zooms prices */
    onWheel(event) {
        const box = this.element.getBoundingClientRect();
        const y = event.clientY - box.top;
        if (event.clientX - box.left < this.time.width() || y >= this.paneHeight())
            return;
        event.preventDefault();
        event.stopPropagation();
        const px = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * 33;
        this.prices.zoom(Math.exp(px * WHEEL_ZOOM_PER_PX), y);
        this.visibleChanged();
    }

    /** @param {number} factor  above 1 shows more @param {number} x  stays where it is */
    zoomTime(factor, x) {
        const range = this.time.getVisibleLogicalRange();
        if (!range)
            return;
        const at = range.from + (range.to - range.from) * x / this.time.width();
        this.time.setVisibleLogicalRange({
            from: at - (at - range.from) * factor,
            to: at + (range.to - at) * factor,
        });
    }

    /**
     * What lay under `from` when two fingers came down lies under `to` now.
     * Always from the view at the start, so that no error adds up.
     *
     * @param {{x: number, y: number}} from
     * @param {{x: number, y: number}} to
     * @param {number} scale  above 1 shows less
     */
    pinch(from, to, scale) {
        const { time, prices, width, height } = this.held;
        if (!time || !prices)
            return;
        const perPx = (time.to - time.from) / width;
        const left = time.from + from.x * perPx - to.x * perPx / scale;
        moveTo(this.time, /** @type {Element} */ (this.element.firstElementChild), { from: left, to: left + width * perPx / scale });
        /* Slips of some pixels while pinching leave the price axis alone. */
        this.holdsPrice ||= Math.abs(to.y - from.y) > PRICE_PAN_PX;
        if (this.holdsPrice)
            this.prices.pan(prices, (to.y - from.y) / height);
        this.visibleChanged();
    }

    listenTouch() {
        listenTouch(this.element, {
            inside: (x, y) => this.inPane(x, y),
            point: (x, y) => this.point(x, y, 'touch'),
            press: (x, y) => this.onPress(this.spotAt(x, y), true),
            pressed: (x, y) => this.onPress(this.spotAt(x, y), false),
            tap: (x, y) => {
                this.onPress(null, true);
                if (this.cursor)
                    this.hideCursor();
                else
                    this.point(x, y, 'touch');
            },
            doubleTap: () => {
                this.hideCursor();
                this.fit();
            },
            twoFingersStart: () => {
                this.hideCursor();
                this.held = this.visible();
                this.holdsPrice = false;
            },
            twoFingers: (from, to, scale) => this.pinch(from, to, scale),
        });
    }

    /**
     * Put the crosshair at a place of the pane.
     *
     * @param {number} x
     * @param {number} y
     * @param {"touch" | "keyboard"} by
     */
    point(x, y, by) {
        const n = this.snapshot ? this.snapshot.candles.time.length : 0;
        const logical = this.time.coordinateToLogical(x);
        if (n === 0 || logical === null)
            return;
        const inY = Math.min(this.paneHeight() - 1, Math.max(0, y));
        this.pointAt(Math.round(logical), this.series.coordinateToPrice(inY) ?? NaN, by);
    }

    /** @param {number} x @param {number} y @returns {{column: number, price: number} | null} */
    spotAt(x, y) {
        const logical = this.time.coordinateToLogical(x);
        const price = this.series.coordinateToPrice(Math.min(this.paneHeight() - 1, Math.max(0, y)));
        return logical === null || price === null ? null : { column: Math.round(logical), price };
    }

    /** @param {{column: number, price: number}} spot @returns {{x: number, y: number} | null} */
    placeOf({ column, price }) {
        const x = this.time.logicalToCoordinate(/** @type {import('../../vendor/lightweight-charts.mjs').Logical} */ (column));
        const y = this.series.priceToCoordinate(price);
        return x === null || y === null ? null : { x, y };
    }

    /** @param {number} column @param {number} price @param {"touch" | "keyboard"} by */
    pointAt(column, price, by) {
        const { snapshot } = this;
        if (!snapshot || !Number.isFinite(price))
            return;
        const last = snapshot.candles.time.length - 1;
        const at = Math.min(last, Math.max(0, column));
        const place = this.placeOf({ column: at, price });
        if (!place)
            return;
        this.chart.setCrosshairPosition(price, secondsAt(snapshot, at, this.offset), this.series);
        this.emitCursor({ ...place, column: at, price, by });
    }

    /** @param {number} x @param {number} y @param {number} column @param {"mouse"} by @returns {Cursor | null} */
    cursorAt(x, y, column, by) {
        const price = this.series.coordinateToPrice(y);
        return price === null ? null : { x, y, column, price, by };
    }

    /** @param {Cursor | null} cursor */
    emitCursor(cursor) {
        this.store.set({ cursor });
    }

    hideCursor() {
        this.chart.clearCrosshairPosition();
        this.emitCursor(null);
    }

    /** Emit the cursor once more: the data under it may have changed. */
    refreshCursor() {
        const { cursor } = this;
        if (!cursor)
            return;
        if (cursor.by === 'mouse') {
            const logical = this.time.coordinateToLogical(cursor.x);
            this.emitCursor(logical === null ? null : this.cursorAt(cursor.x, cursor.y, Math.round(logical), 'mouse'));
        } else {
            this.pointAt(cursor.column, cursor.price, cursor.by);
        }
    }

    /** @param {KeyboardEvent} event */
    onKey(event) {
        if (!this.snapshot || event.ctrlKey || event.metaKey || event.altKey)
            return;
        const step = event.shiftKey ? 10 : 1;
        const action = KEYS[event.key];
        if (!action)
            return;
        event.preventDefault();
        action(this, step);
    }

    /** @param {number} columns @param {number} rows */
    step(columns, rows) {
        const { snapshot, cursor } = this;
        if (!snapshot)
            return;
        const from = cursor ?? { column: snapshot.candles.time.length - 1 - columns, price: lastPrice(snapshot) };
        this.pointAt(from.column + columns, from.price + rows * snapshot.grid.priceStep, 'keyboard');
    }
}

/** @type {Record<string, (chart: Chart, step: number) => void>} */
const KEYS = {
    ArrowLeft: (chart, step) => chart.step(-step, 0),
    ArrowRight: (chart, step) => chart.step(step, 0),
    ArrowUp: (chart, step) => chart.step(0, step),
    ArrowDown: (chart, step) => chart.step(0, -step),
    Enter: (chart) => chart.pick(),
    '+': (chart) => chart.zoomTime(0.8, chart.time.width()),
    '=': (chart) => chart.zoomTime(0.8, chart.time.width()),
    '-': (chart) => chart.zoomTime(1.25, chart.time.width()),
    '0': (chart) => chart.fit(),
    Home: (chart) => chart.fit(),
};

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
