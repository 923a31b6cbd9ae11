/* The chart: candles, axes, crosshair, pan and zoom, with the map beneath.
 * Owns the library's chart object; nothing else touches it. */

import {
    CandlestickSeries, LineStyle, createChart,
} from '../vendor/lightweight-charts.mjs';
import { decimalsOf, moment, price as formatPrice } from './format.js';
import { chartOptions } from './chartoptions.js';
import { Heatmap } from './heatmap.js';
import { PriceAxis } from './priceaxis.js';
import { lastPrice, shiftOf } from './snapshot.js';
import { listenTouch } from './touch.js';
import { spanOf, viewportOf } from './viewport.js';

/**
 * @typedef {import('./snapshot.js').Snapshot} Snapshot
 * @typedef {import('../vendor/lightweight-charts.mjs').UTCTimestamp} UTCTimestamp
 *
 * @typedef {object} Cursor  where the crosshair is
 * @property {number} x       CSS pixels in the pane
 * @property {number} y
 * @property {number} column  candle under it; may lie outside the candles
 * @property {number} price
 * @property {"mouse" | "touch" | "keyboard"} by
 */

const UP = '#2fd08a';
const DOWN = '#ff5d63';

/** Empty room right of the newest candle, as a share of the window. */
const RIGHT_MARGIN = 0.03;

/** One notch of a mouse wheel is 100 px of deltaY. */
const WHEEL_ZOOM_PER_PX = 0.0012;

const PRICE_PAN_PX = 24;

export class Chart {
    /**
     * @param {HTMLElement} element  to fill; becomes focusable by the page
     * @param {(cursor: Cursor | null) => void} onCursor
     */
    constructor(element, onCursor) {
        const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
        this.element = element;
        this.onCursor = onCursor;
        /** Called, once a frame at most, after what is visible has changed. */
        this.onView = () => {};
        /** Called with the place of a click, a tap's button or Enter. @type {(cursor: Cursor) => void} */
        this.onPick = () => {};
        /** Pixels to leave free right of the newest candle. */
        this.rightRoom = 0;
        /** What fit() made, as long as nobody moved it. @type {{from: number, to: number} | null} */
        this.fitted = null;
        /** Called with where a long press began or has gone; null for a tap.
         * @type {(spot: {column: number, price: number} | null, begins: boolean) => void} */
        this.onPress = () => {};
        this.viewDue = false;
        /** With its axis, CSS pixels. */
        this.width = element.clientWidth;
        this.holdsPrice = false;
        this.local = false;
        /** What the axis adds to a candle's time, s: the library knows UTC only. */
        this.offset = 0;
        this.chart = createChart(element, chartOptions(still));
        this.series = this.chart.addSeries(CandlestickSeries, {
            upColor: UP, downColor: DOWN, wickUpColor: UP, wickDownColor: DOWN,
            borderVisible: false, priceLineStyle: LineStyle.SparseDotted,
        });
        this.prices = new PriceAxis(this.series);
        this.map = new Heatmap();
        this.series.attachPrimitive(this.map);
        this.series.applyOptions({
            /* A range that was asked for is shown whole, however far the candles go. */
            autoscaleInfoProvider: (/** @type {() => import('../vendor/lightweight-charts.mjs').AutoscaleInfo | null} */ usual) =>
                (this.map.whole ? this.map.autoscaleInfo(0, 0) : usual()),
        });
        /** @type {Snapshot | null} */
        this.snapshot = null;
        /** @type {Cursor | null} */
        this.cursor = null;
        this.time.subscribeVisibleLogicalRangeChange(() => this.viewChanged());
        new ResizeObserver(() => {
            this.width = element.clientWidth;
            this.viewChanged();
            /* The library itself takes the new size over first. */
            requestAnimationFrame(() => this.refit());
        }).observe(element);
        /** The view when two fingers came down. */
        this.held = this.view();
        this.listenMouse();
        this.listenTouch();
        element.addEventListener('keydown', (event) => this.onKey(event));
    }

    get time() {
        return this.chart.timeScale();
    }

    /**
     * Show a snapshot.
     *
     * @param {Snapshot} snapshot  kept, not changed
     * @param {import('./scale.js').Colours} colours  made for it
     * @param {boolean} reset  a new symbol, interval or window: forget the view
     */
    show(snapshot, colours, reset) {
        const before = reset ? null : this.snapshot;
        const view = this.time.getVisibleLogicalRange();
        this.snapshot = snapshot;
        if (!before)
            this.dress(snapshot);
        this.map.whole = Number.isFinite(snapshot.filter.range);
        this.map.setMap(snapshot.grid, snapshot.candles, lastPrice(snapshot), colours);
        this.offset = this.local ? localOffset(snapshot) : 0;
        this.series.setData(barsOf(snapshot, this.offset));
        if (!before || !view)
            this.fit();
        else
            this.keepView(view, before, snapshot);
        this.viewChanged();
    }

    /** @param {import('./scale.js').Colours} colours  for the map that is shown */
    recolour(colours) {
        this.map.setColours(colours);
    }

    /** @param {{ground: string, text: string, line: string}} colours  of the theme */
    setTheme({ ground, text, line }) {
        this.chart.applyOptions({
            layout: { background: { color: ground }, textColor: text },
            rightPriceScale: { borderColor: line },
            timeScale: { borderColor: line },
        });
    }

    /** @param {boolean} on  prices at equal ratios are equally far apart */
    setLogPrice(on) {
        if (on === this.map.logPrice)
            return;
        this.map.logPrice = on;
        this.prices.setLog(on);
        this.viewChanged();
    }

    /** @param {boolean} on  the time axis is in the zone of this computer */
    setLocalTime(on) {
        if (on === this.local)
            return;
        this.local = on;
        const { snapshot } = this;
        if (!snapshot)
            return;
        const view = this.time.getVisibleLogicalRange();
        this.hideCursor();
        this.offset = on ? localOffset(snapshot) : 0;
        this.dress(snapshot);
        this.series.setData(barsOf(snapshot, this.offset));
        if (view)
            this.time.setVisibleLogicalRange(view);
    }

    /** Forget the data, so that nothing old stands under a new name. */
    clear() {
        this.snapshot = null;
        this.map.clear();
        this.series.setData([]);
        this.hideCursor();
    }

    /** @param {Snapshot} snapshot  the first of its symbol and interval */
    dress({ candles, interval }) {
        const decimals = decimalsOf(candles.close.subarray(-50));
        const daily = interval === '1d';
        this.series.applyOptions({
            priceFormat: {
                type: 'custom',
                minMove: 10 ** -decimals,
                formatter: (/** @type {number} */ value) => formatPrice(value, decimals),
            },
        });
        this.chart.applyOptions({
            timeScale: { timeVisible: !daily, secondsVisible: false },
            localization: {
                timeFormatter: (/** @type {unknown} */ t) => moment((Number(t) - this.offset) * 1000, daily),
            },
        });
    }

    /**
     * The same candles stay where they were; a view that follows the newest
     * candle goes on following it.
     *
     * @param {import('../vendor/lightweight-charts.mjs').LogicalRange} view
     * @param {Snapshot} before
     * @param {Snapshot} now
     */
    keepView(view, before, now) {
        const follows = view.to >= before.candles.time.length - 1;
        const shift = follows ? 0 : shiftOf(before.candles.time, now.candles.time);
        this.time.setVisibleLogicalRange({ from: view.from - shift, to: view.to - shift });
    }

    /** The whole window with a small margin; the price axis by itself. */
    fit() {
        const n = this.snapshot ? this.snapshot.candles.time.length : 0;
        if (n === 0)
            return;
        this.prices.fit();
        this.fitTime(n);
        this.viewChanged();
    }

    /** @param {number} n  candles */
    fitTime(n) {
        /* Before the first layout the axis is as wide as the chart. */
        const width = Math.max(this.time.width(), 2 * this.rightRoom);
        const room = this.rightRoom > 0 ? n * this.rightRoom / (width - this.rightRoom) : 0;
        this.fitted = { from: -0.5, to: n - 0.5 + Math.max(2, n * RIGHT_MARGIN, room) };
        this.time.setVisibleLogicalRange(this.fitted);
    }

    /** Another width or room: fit again, unless somebody has chosen a view. */
    refit() {
        const now = this.time.getVisibleLogicalRange();
        const { fitted, snapshot } = this;
        if (now && fitted && snapshot && Math.abs(now.from - fitted.from) + Math.abs(now.to - fitted.to) < 0.5)
            this.fitTime(snapshot.candles.time.length);
    }

    /** @param {number} px  to leave free right of the newest candle */
    setRightRoom(px) {
        if (px === this.rightRoom)
            return;
        this.rightRoom = px;
        this.refit();
    }

    /**
     * Bring a band of prices to the middle, at the present scale when it fits.
     *
     * @param {{from: number, to: number}} band
     */
    centre(band) {
        this.prices.centre(band);
        this.viewChanged();
    }

    /** @param {import('../vendor/lightweight-charts.mjs').ISeriesPrimitive<import('../vendor/lightweight-charts.mjs').Time>} primitive */
    attach(primitive) {
        this.series.attachPrimitive(primitive);
    }

    /** Choose what is under the crosshair. */
    pick() {
        if (this.cursor)
            this.onPick(this.cursor);
    }

    /** What is on the screen; for the tests and for a permalink. */
    view() {
        const time = this.time.getVisibleLogicalRange();
        return { time, price: this.prices.range, width: this.time.width(), height: this.paneHeight() };
    }

    /** The view as somebody chose it. @returns {import('./viewport.js').Viewport | null} null: the whole */
    viewport() {
        const { snapshot } = this;
        const range = this.time.getVisibleLogicalRange();
        if (!snapshot || !range)
            return null;
        const { chosen } = this.prices;
        return viewportOf(range, chosen && [chosen.from, chosen.to], snapshot.candles.time);
    }

    /** @param {import('./viewport.js').Viewport} view */
    restore(view) {
        const span = this.snapshot && spanOf(view, this.snapshot.candles.time);
        if (!span)
            return;
        this.time.setVisibleLogicalRange(span);
        if (view.prices)
            this.prices.set({ from: view.prices[0], to: view.prices[1] });
    }

    viewChanged() {
        if (this.viewDue)
            return;
        this.viewDue = true;
        requestAnimationFrame(() => {
            this.viewDue = false;
            /* Another candle may lie under a mouse that kept still. */
            this.again();
            this.onView();
        });
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
            /* Moves of ours carry no source event and are told by point(). */
            if (event.sourceEvent === undefined && event.point !== undefined)
                return;
            if (event.point === undefined || event.logical === undefined)
                this.tell(null);
            else
                this.tell(this.cursorAt(event.point.x, event.point.y, Math.round(event.logical), 'mouse'));
        });
        this.chart.subscribeClick((event) => {
            const { point, logical } = event;
            const cursor = point && logical !== undefined
                ? this.cursorAt(point.x, point.y, Math.round(logical), 'mouse') : null;
            if (cursor)
                this.onPick(cursor);
        });
        this.element.addEventListener('wheel', (event) => this.onWheel(event), { capture: true, passive: false });
        this.element.addEventListener('pointerup', () => this.viewChanged());
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
        this.viewChanged();
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
     * Always from the view at the start: the library takes a new view over
     * with the next frame, and what it says until then is old.
     *
     * @param {{x: number, y: number}} from
     * @param {{x: number, y: number}} to
     * @param {number} scale  above 1 shows less
     */
    pinch(from, to, scale) {
        const { time, price, width, height } = this.held;
        if (!time || !price)
            return;
        const perPx = (time.to - time.from) / width;
        const left = time.from + from.x * perPx - to.x * perPx / scale;
        this.time.setVisibleLogicalRange({ from: left, to: left + width * perPx / scale });
        /* Slips of some pixels while pinching leave the price axis alone. */
        this.holdsPrice ||= Math.abs(to.y - from.y) > PRICE_PAN_PX;
        if (this.holdsPrice)
            this.prices.pan(price, (to.y - from.y) / height);
        this.viewChanged();
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
                this.held = this.view();
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
        const x = this.time.logicalToCoordinate(/** @type {import('../vendor/lightweight-charts.mjs').Logical} */ (column));
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
        this.tell({ ...place, column: at, price, by });
    }

    /** @param {number} x @param {number} y @param {number} column @param {"mouse"} by @returns {Cursor | null} */
    cursorAt(x, y, column, by) {
        const price = this.series.coordinateToPrice(y);
        return price === null ? null : { x, y, column, price, by };
    }

    /** @param {Cursor | null} cursor */
    tell(cursor) {
        this.cursor = cursor;
        this.onCursor(cursor);
    }

    hideCursor() {
        this.chart.clearCrosshairPosition();
        this.tell(null);
    }

    /** Tell the cursor once more: the data under it may have changed. */
    again() {
        const { cursor } = this;
        if (!cursor)
            return;
        if (cursor.by === 'mouse') {
            const logical = this.time.coordinateToLogical(cursor.x);
            this.tell(logical === null ? null : this.cursorAt(cursor.x, cursor.y, Math.round(logical), 'mouse'));
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
 * all candles: an hour that a summer time repeats would stand twice on the axis.
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
