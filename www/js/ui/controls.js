/* Symbol, exchange, interval and bars: the inputs, kept equal to the choice. */

import { byId, make } from './dom.js';
import { radios } from './inputs.js';
import { exchangeName } from '../data/format.js';
import { BARS, INTERVALS, SYMBOLS, cleanSymbol } from '../data/query.js';
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
        this.reads = ['query', 'symbols', 'exchanges'];
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
        this.exchange.addEventListener('change', () => choose(store, { exchange: this.exchange.value === 'auto' ? '' : this.exchange.value }));
        this.symbol.addEventListener('change', () => this.takeSymbol());
        this.form.addEventListener('submit', (event) => {
            event.preventDefault();
            this.takeSymbol();
        });
        /* All the list is offered, not only what begins like the present one. */
        this.symbol.addEventListener('focus', () => this.symbol.select());
    }

    /** @param {readonly string[]} symbols  from the server */
    offer(symbols) {
        this.known = [...new Set([...SYMBOLS.filter((s) => symbols.length === 0 || symbols.includes(s)), ...symbols])];
        this.list.replaceChildren(...this.known.map((symbol) => {
            const option = make('option');
            option.value = symbol;
            return option;
        }));
    }

    /**
     * A choice of one is no choice; of several, the server can take the first
     * that answers, or all.
     *
     * @param {readonly string[]} names  from the server
     */
    offerExchanges(names) {
        const offered = names.length > 1 ? new Set(['auto', 'all', ...names]) : new Set(names);
        this.exchange.replaceChildren(...[...offered].map((name) => {
            const option = make('option', '', exchangeName(name));
            option.value = name;
            return option;
        }));
        byId('exchange-field', HTMLElement).hidden = names.length < 2;
    }

    /** @param {State} state @param {State | null} before */
    render({ query, symbols, exchanges }, before) {
        if (symbols !== before?.symbols)
            this.offer(symbols);
        if (exchanges !== before?.exchanges)
            this.offerExchanges(exchanges);
        this.exchange.value = query.exchange || 'auto';
        if (query === before?.query)
            return;
        this.symbol.value = query.symbol;
        this.setInterval(query.interval);
        this.setBars(String(query.bars));
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
