/* How far it is from one place of the chart to another: in price and in time. */

import { percent, price, priceDecimals, span } from '../data/format.js';

/**
 * @typedef {import('./chart.js').Chart} Chart
 * @typedef {import('../data/state.js').State} State
 * @typedef {import('../data/state.js').Spot} Spot
 */

/**
 * @param {Spot} from
 * @param {Spot} to
 * @param {number} barMs  length of a candle
 * @param {number} decimals  of a price
 * @returns {string} "+2.31 % · +2,540.0 · 14 candles · 14 h 00 min"
 */
export function measured(from, to, barMs, decimals) {
    const difference = to.price - from.price;
    const bars = to.column - from.column;
    const size = Math.abs(bars);
    return [
        percent(100 * (to.price / from.price - 1)),
        (difference > 0 ? '+' : '') + price(difference, decimals),
        `${bars < 0 ? '−' : ''}${size} candle${size === 1 ? '' : 's'}`,
        span(size * barMs),
    ].join(' · ');
}

export class Measure {
    /**
     * @param {Chart} chart
     * @param {HTMLElement} box    laid over what is measured
     * @param {HTMLElement} label  in it
     */
    constructor(chart, box, label) {
        this.chart = chart;
        this.box = box;
        this.label = label;
        /** @type {readonly (keyof State)[]} */
        this.reads = ['measured', 'cursor', 'visible'];
        /** @type {Spot | null} */
        this.to = null;
        this.listen();
    }

    listen() {
        const { element, store } = this.chart;
        let dragging = false;
        /** @param {PointerEvent} event */
        const spot = (event) => {
            const box = element.getBoundingClientRect();
            return this.chart.spotAt(event.clientX - box.left, event.clientY - box.top);
        };
        element.addEventListener('pointerdown', (event) => {
            if (event.pointerType === 'touch' || event.button !== 0)
                return;
            const box = element.getBoundingClientRect();
            dragging = event.shiftKey && this.chart.inPane(event.clientX - box.left, event.clientY - box.top);
            const from = dragging ? spot(event) : null;
            store.set({ measured: from && { from, to: from } });
        }, { capture: true });
        /* The library would pan. */
        element.addEventListener('mousedown', (event) => {
            if (dragging)
                event.stopPropagation();
        }, { capture: true });
        window.addEventListener('pointermove', (event) => {
            const { measured } = store.state;
            const to = dragging && spot(event);
            if (measured && to)
                store.set({ measured: { ...measured, to } });
        });
        window.addEventListener('pointerup', () => { dragging = false; });
    }

    /** From the crosshair on, or no more. */
    toggle() {
        const { store } = this.chart;
        const { measured, cursor } = store.state;
        const from = !measured && cursor;
        store.set({ measured: from ? { from, to: from, following: true } : null });
    }

    /** @param {State} state */
    render({ measured, cursor }) {
        /* Where the crosshair was last, once it has left. */
        this.to = measured && (measured.following ? cursor ?? this.to : measured.to);
        this.show(measured?.from ?? null, this.to);
    }

    /** @param {Spot | null} from @param {Spot | null} to */
    show(from, to) {
        const { chart } = this;
        const snapshot = chart.snapshot;
        const a = from && chart.placeOf(from);
        const b = to && chart.placeOf(to);
        this.box.hidden = !(a && b && snapshot);
        if (!from || !to || !a || !b || !snapshot)
            return;
        const { time } = snapshot.candles;
        const barMs = time.length > 1 ? time[time.length - 1] - time[time.length - 2] : 0;
        const { style } = this.box;
        style.left = Math.min(a.x, b.x) + 'px';
        style.top = Math.min(a.y, b.y) + 'px';
        style.width = Math.abs(b.x - a.x) + 'px';
        style.height = Math.abs(b.y - a.y) + 'px';
        this.box.dataset.tone = to.price < from.price ? 'down' : 'up';
        /* The label is beyond the end, and never above the pane. */
        const under = Math.max(a.y, b.y) + 34 < chart.paneHeight();
        this.box.dataset.label = (to.price < from.price && under) || Math.min(a.y, b.y) < 34 ? 'below' : 'above';
        const middle = (a.x + b.x) / 2;
        const half = 125;
        const kept = Math.min(chart.times.width - half, Math.max(half, middle));
        style.setProperty('--shift', Math.round(kept - middle) + 'px');
        this.label.textContent = measured(from, to, barMs, priceDecimals(snapshot));
    }
}
