/* Symbol, exchange, interval and bars: the inputs, kept equal to the choice. */

import { addChoices, byId, make } from './dom.js';
import { exchangeName } from './format.js';
import { BARS, INTERVALS, SYMBOLS, cleanSymbol } from './state.js';

/** @typedef {import('./state.js').State} State */

export class Controls {
    /** @param {(change: Partial<State>) => void} onChange */
    constructor(onChange) {
        this.onChange = onChange;
        this.form = byId('controls', HTMLFormElement);
        this.symbol = byId('symbol', HTMLInputElement);
        this.list = byId('symbols', HTMLDataListElement);
        /** @type {readonly string[]} */
        this.known = SYMBOLS;
        this.exchange = byId('exchange', HTMLSelectElement);
        this.offer([]);
        addChoices(byId('intervals', HTMLElement), 'interval', INTERVALS, (v) => (v === '1d' ? '1D' : v));
        addChoices(byId('bars', HTMLElement), 'bars', BARS.map(String), (v) => v);
        this.form.addEventListener('change', (event) => this.changed(event));
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
        if (this.current)
            this.showExchange(this.current);
    }

    /** @param {State} state */
    showExchange({ exchange }) {
        this.exchange.value = exchange || 'auto';
    }

    /** @param {State} state */
    show(state) {
        this.current = state;
        this.symbol.value = state.symbol;
        this.showExchange(state);
        for (const [name, value] of [['interval', state.interval], ['bars', String(state.bars)]]) {
            const inputs = this.form.elements.namedItem(name);
            if (inputs instanceof RadioNodeList)
                inputs.value = value;
        }
    }

    /** @param {Event} event */
    changed({ target }) {
        if (target === this.exchange)
            this.onChange({ exchange: this.exchange.value === 'auto' ? '' : this.exchange.value });
        if (!(target instanceof HTMLInputElement))
            return;
        if (target === this.symbol)
            this.takeSymbol();
        else if (target.name === 'interval')
            this.onChange({ interval: target.value });
        else if (target.name === 'bars')
            this.onChange({ bars: Number(target.value) });
    }

    takeSymbol() {
        const symbol = cleanSymbol(this.symbol.value, this.known);
        const valid = symbol !== '';
        this.symbol.setAttribute('aria-invalid', String(!valid));
        if (!valid)
            return;
        this.symbol.value = symbol;
        if (symbol !== this.current?.symbol)
            this.onChange({ symbol });
    }
}
