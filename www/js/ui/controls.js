/* Symbol, exchange, interval and bars: the inputs, kept equal to the choice. */

import { byId, make } from './dom.js';
import { radios } from './inputs.js';
import { exchangeName } from '../data/format.js';
import { BARS, INTERVALS, SPANS, SYMBOLS, cleanSymbol, mapOfSpan } from '../data/query.js';
import { choose } from '../data/state.js';

/**
 * @typedef {import('../data/query.js').Query} Query
 * @typedef {import('../data/state.js').State} State
 */

export class Controls {
    /** @param {import('../data/state.js').PageStore} store */
    constructor(store) {
        this.store = store;
        /** @type {readonly (keyof State)[]} */
        this.reads = ['query', 'symbols', 'exchanges', 'visible', 'narrow'];
        this.form = byId('controls', HTMLFormElement);
        this.symbol = byId('symbol', HTMLInputElement);
        this.list = byId('symbols', HTMLDataListElement);
        /** @type {readonly string[]} */
        this.known = SYMBOLS;
        this.exchange = byId('exchange', HTMLSelectElement);
        this.setInterval = radios(byId('intervals', HTMLElement), 'interval', INTERVALS.map((i) => /** @type {const} */ ([i, i === '1d' ? '1D' : i])),
            (interval) => choose(store, { interval }));
        this.setBars = radios(byId('bars', HTMLElement), 'bars', BARS.map((n) => /** @type {const} */ ([String(n), String(n)])),
            (bars) => choose(store, { bars: Number(bars) }));
        this.span = byId('span', HTMLSelectElement);
        this.span.addEventListener('change', () => this.takeSpan(this.span.value));
        this.exchange.addEventListener('change', () => choose(store, { exchange: this.exchange.value === 'auto' ? '' : this.exchange.value }));
        this.symbol.addEventListener('change', () => this.takeSymbol());
        this.form.addEventListener('submit', (event) => {
            event.preventDefault();
            this.takeSymbol();
        });
        /* All the list is offered, not only what begins like the present one. */
        this.symbol.addEventListener('focus', () => this.symbol.select());
    }

    /** Ranges of time; on a phone, which has no buttons for them, also counts. @param {boolean} narrow */
    offerSpans(narrow) {
        const counts = make('optgroup', '', ...BARS.map((bars) => optionOf(String(bars), String(bars))));
        const times = make('optgroup', '', ...SPANS.map(([name]) => optionOf(name, name)));
        counts.label = 'Candles';
        times.label = 'Time';
        this.span.replaceChildren(...narrow ? [counts] : [optionOf('', 'Time')], times);
    }

    /** @param {string} value  of an option */
    takeSpan(value) {
        const days = new Map(SPANS).get(value);
        if (days === undefined) {
            choose(this.store, { bars: Number(value) || this.store.state.query.bars });
            return;
        }
        const { interval, bars, candles } = mapOfSpan(days);
        this.store.set({
            query: { ...this.store.state.query, interval, bars, end: 0 },
            wanted: { bars: candles, room: NaN, from: NaN, to: NaN, prices: null },
        });
    }

    /** @param {readonly string[]} symbols  from the server */
    offer(symbols) {
        this.known = [...new Set([...SYMBOLS.filter((s) => symbols.length === 0 || symbols.includes(s)), ...symbols])];
        this.list.replaceChildren(...this.known.map((symbol) => optionOf(symbol, '')));
    }

    /**
     * A choice of one is no choice; of several, the server can take the first
     * that answers, or all.
     *
     * @param {readonly string[]} names  from the server
     */
    offerExchanges(names) {
        const offered = names.length > 1 ? new Set(['auto', 'all', ...names]) : new Set(names);
        this.exchange.replaceChildren(...[...offered].map((name) => optionOf(name, name === 'all' ? 'All' : exchangeName(name))));
        byId('exchange-field', HTMLElement).hidden = names.length < 2;
    }

    /** @param {State} state @param {State | null} before */
    render({ query, symbols, exchanges, visible, narrow }, before) {
        if (narrow !== before?.narrow)
            this.offerSpans(narrow);
        if (symbols !== before?.symbols)
            this.offer(symbols);
        if (exchanges !== before?.exchanges)
            this.offerExchanges(exchanges);
        /* Setting a select costs a layout, and this runs as the chart is panned. */
        if (query !== before?.query || exchanges !== before.exchanges)
            this.exchange.value = query.exchange || 'auto';
        const span = spanOfMap(query, visible?.viewport?.bars ?? 0) ?? (narrow ? String(query.bars) : '');
        if (span !== this.span.value)
            this.span.value = span;
        if (query === before?.query)
            return;
        this.symbol.value = query.symbol;
        this.setInterval(query.interval);
        this.setBars(String(query.bars));
        this.symbol.size = Math.max(8, query.symbol.length + 1);
    }

    takeSymbol() {
        const symbol = cleanSymbol(this.symbol.value, this.known);
        const valid = symbol !== '';
        this.symbol.setAttribute('aria-invalid', String(!valid));
        if (!valid)
            return;
        this.symbol.value = symbol;
        choose(this.store, { symbol });
    }
}

/** The range of time that is shown. @param {Query} query @param {number} bars  in sight, up to the newest; 0: all */
function spanOfMap(query, bars) {
    return SPANS.find(([, days]) => {
        const map = mapOfSpan(days);
        return map.interval === query.interval && map.bars === query.bars && map.candles === (bars || query.bars);
    })?.[0];
}

/** @param {string} value @param {string} text */
function optionOf(value, text) {
    const option = make('option', '', text);
    option.value = value;
    return option;
}
