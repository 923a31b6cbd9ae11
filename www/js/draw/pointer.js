/* Mouse, fingers and keys on the chart: they move the crosshair, the time axis
 * and the price axis, choose a cell, and measure. */

import { lastPrice } from '../data/snapshot.js';
import { listenTouch } from './touch.js';

/**
 * @typedef {import('../data/state.js').State} State
 * @typedef {import('../data/state.js').Cursor} Cursor
 */

/** One notch of a mouse wheel is 100 px of deltaY. */
const WHEEL_ZOOM_PER_PX = 0.0012;
const LINE_PX = 33;

/** Slips of less while pinching leave the price axis alone. */
const PRICE_PAN_PX = 24;

export class Pointer {
    /** @param {import('./chart.js').Chart} chart */
    constructor(chart) {
        this.chart = chart;
        this.store = chart.store;
        /** @type {readonly (keyof State)[]} */
        this.reads = ['map', 'local', 'visible'];
        /** What prices were shown when two fingers came down. @type {import('./price-axis.js').Range | null} */
        this.held = null;
        this.movesPrices = false;
        this.listenMouse();
        this.listenTouch();
        chart.element.addEventListener('keydown', (event) => this.onKey(event));
    }

    get cursor() {
        return this.store.state.cursor;
    }

    /** @param {State} state @param {State | null} before */
    render({ map, local, visible }, before) {
        if (!this.cursor)
            return;
        if (!map || (before && local !== before.local))
            this.hide();
        else if (visible !== before?.visible)
            this.refresh();
    }

    listenMouse() {
        const { element, vendor } = this.chart;
        vendor.subscribeCrosshairMove((event) => {
            /* Moves of ours carry no source event and are emitted by point(). */
            if (event.sourceEvent !== undefined || event.point === undefined)
                this.emit(this.cursorOf(event));
        });
        vendor.subscribeClick((event) => {
            const picked = this.cursorOf(event);
            if (picked)
                this.store.set({ picked });
        });
        element.addEventListener('wheel', (event) => this.onWheel(event), { capture: true, passive: false });
        element.addEventListener('pointerup', () => this.chart.visibleChanged());
        element.addEventListener('dblclick', (event) => {
            this.store.set({ picked: null });
            /* The library itself resets the price axis. */
            if (event.clientX - element.getBoundingClientRect().left < this.chart.times.width)
                this.chart.fit();
        });
    }

    /** @param {import('../../vendor/lightweight-charts.mjs').MouseEventParams} event @returns {Cursor | null} null outside the map's pane */
    cursorOf({ point, logical, paneIndex = 0 }) {
        return point && logical !== undefined && paneIndex === 0 ? this.cursorAt(point.x, point.y, Math.round(logical)) : null;
    }

    /** @param {number} x @param {number} y @param {number} column @returns {Cursor | null} of a mouse */
    cursorAt(x, y, column) {
        const price = this.chart.series.coordinateToPrice(y);
        return price === null ? null : { x, y, column, price, by: 'mouse' };
    }

    /** @param {WheelEvent} event  over the price axis it zooms prices */
    onWheel(event) {
        const { chart } = this;
        const box = chart.element.getBoundingClientRect();
        const y = event.clientY - box.top;
        if (event.clientX - box.left < chart.times.width || y >= chart.paneHeight())
            return;
        event.preventDefault();
        event.stopPropagation();
        const px = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * LINE_PX;
        chart.prices.zoom(Math.exp(px * WHEEL_ZOOM_PER_PX), y);
        chart.visibleChanged();
    }

    listenTouch() {
        const { chart, store } = this;
        listenTouch(chart.element, {
            inside: (x, y) => chart.inPane(x, y),
            point: (x, y) => this.point(x, y, 'touch'),
            press: (x, y) => {
                const from = chart.spotAt(x, y);
                store.set({ measured: from && { from, to: from } });
            },
            pressed: (x, y) => {
                const { measured } = store.state;
                const to = chart.spotAt(x, y);
                if (measured && to)
                    store.set({ measured: { ...measured, to } });
            },
            tap: (x, y) => {
                store.set({ measured: null });
                if (this.cursor)
                    this.hide();
                else
                    this.point(x, y, 'touch');
            },
            doubleTap: () => {
                this.hide();
                chart.fit();
            },
            twoFingersStart: () => {
                this.hide();
                chart.times.hold();
                this.held = chart.prices.range;
                this.movesPrices = false;
            },
            twoFingers: (from, to, scale) => this.pinch(from, to, scale),
        });
    }

    /**
     * @param {{x: number, y: number}} from  their middle when they came down
     * @param {{x: number, y: number}} to    and now
     * @param {number} scale  above 1 shows less
     */
    pinch(from, to, scale) {
        const { chart, held } = this;
        chart.times.pinch(from.x, to.x, scale);
        this.movesPrices ||= Math.abs(to.y - from.y) > PRICE_PAN_PX;
        if (this.movesPrices && held)
            chart.prices.pan(held, (to.y - from.y) / chart.paneHeight());
        chart.visibleChanged();
    }

    /**
     * Put the crosshair at a place of the pane.
     *
     * @param {number} x
     * @param {number} y
     * @param {"touch" | "keyboard"} by
     */
    point(x, y, by) {
        const spot = this.chart.spotAt(x, y);
        if (spot)
            this.pointAt(spot.column, spot.price, by);
    }

    /** @param {number} column @param {number} price @param {"touch" | "keyboard"} by */
    pointAt(column, price, by) {
        const { chart } = this;
        if (!chart.snapshot || !Number.isFinite(price))
            return;
        const last = chart.snapshot.candles.time.length - 1;
        const at = Math.min(last, Math.max(0, column));
        const place = chart.placeOf({ column: at, price });
        if (!place)
            return;
        chart.vendor.setCrosshairPosition(price, chart.secondsOf(at), chart.series);
        this.emit({ ...place, column: at, price, by });
    }

    /** @param {Cursor | null} cursor */
    emit(cursor) {
        this.store.set({ cursor });
    }

    hide() {
        this.chart.vendor.clearCrosshairPosition();
        this.emit(null);
    }

    /** Emit the cursor once more: another candle may lie under a mouse that kept still. */
    refresh() {
        const { cursor } = this;
        if (!cursor)
            return;
        if (cursor.by === 'mouse') {
            const column = this.chart.times.columnAt(cursor.x);
            this.emit(column === null ? null : this.cursorAt(cursor.x, cursor.y, column));
        } else {
            this.pointAt(cursor.column, cursor.price, cursor.by);
        }
    }

    /** @param {KeyboardEvent} event */
    onKey(event) {
        if (!this.chart.snapshot || event.ctrlKey || event.metaKey || event.altKey)
            return;
        const action = KEYS[event.key];
        if (!action)
            return;
        event.preventDefault();
        action(this, event.shiftKey ? 10 : 1);
    }

    /** @param {number} columns @param {number} rows */
    step(columns, rows) {
        const { snapshot } = this.chart;
        if (!snapshot)
            return;
        const from = this.cursor ?? { column: snapshot.candles.time.length - 1 - columns, price: lastPrice(snapshot) };
        this.pointAt(from.column + columns, from.price + rows * snapshot.grid.priceStep, 'keyboard');
    }

    /** @param {number} factor  above 1 shows more */
    zoomTime(factor) {
        const { times } = this.chart;
        times.zoom(factor, times.width);
    }
}

/** @type {Record<string, (pointer: Pointer, step: number) => void>} */
const KEYS = {
    ArrowLeft: (pointer, step) => pointer.step(-step, 0),
    ArrowRight: (pointer, step) => pointer.step(step, 0),
    ArrowUp: (pointer, step) => pointer.step(0, step),
    ArrowDown: (pointer, step) => pointer.step(0, -step),
    Enter: (pointer) => pointer.cursor && pointer.store.set({ picked: pointer.cursor }),
    '+': (pointer) => pointer.zoomTime(0.8),
    '=': (pointer) => pointer.zoomTime(0.8),
    '-': (pointer) => pointer.zoomTime(1.25),
    '0': (pointer) => pointer.chart.fit(),
    Home: (pointer) => pointer.chart.fit(),
};
