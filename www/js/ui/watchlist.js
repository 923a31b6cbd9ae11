/* The watchlist: a line of symbols with price, nearest levels and imbalance.
 * One request for all of them follows each map. */

import { byId, make, rebuild, setText } from './dom.js';
import { imbalanceText } from './header.js';
import { recall, remember } from './storage.js';
import { choose } from '../data/state.js';
import { MOST, emptyEntry, entriesOf, symbolsOf, toggled, watchQuery } from '../data/watchlist.js';

/**
 * @typedef {import('../data/state.js').State} State
 * @typedef {import('../data/watchlist.js').Entry} Entry
 * @typedef {import('../data/watchlist.js').Nearby} Nearby
 */

export class Watchlist {
    /**
     * @param {import('../data/state.js').PageStore} store
     * @param {(query: string, signal: AbortSignal) => Promise<unknown>} ask  the server, with "?symbols=…"
     */
    constructor(store, ask) {
        this.store = store;
        this.ask = ask;
        /** @type {readonly (keyof State)[]} */
        this.reads = ['age', 'query', 'symbols'];
        this.root = byId('watchlist', HTMLElement);
        this.star = make('button', 'round star');
        this.star.type = 'button';
        this.star.dataset.testid = 'watchlist-star';
        this.star.addEventListener('click', () => this.toggle());
        this.list = make('ul', 'watch-list');
        this.root.replaceChildren(this.star, this.list);
        this.symbols = symbolsOf(recall('watchlist'));
        /** What the server said, by symbol. @type {Map<string, Entry>} */
        this.entries = new Map();
        /** @type {Map<string, HTMLButtonElement>} */
        this.buttons = new Map();
        /** The map that was asked about, without the symbols. */
        this.query = '';
        this.old = false;
        this.loading = new AbortController();
    }

    /** @param {State} state @param {State | null} before */
    render(state, before) {
        const { age, query, symbols } = state;
        if (symbols !== before?.symbols && symbols.length > 0)
            this.offer(symbols);
        this.show(query.symbol);
        if (query.symbol !== before?.query.symbol)
            this.toCurrent();
        /* A replay shows many maps; the watchlist is about now. */
        if (age !== before?.age && (query.end === 0 || this.query === ''))
            this.load(state);
    }

    /** A list of one is of no use; its space is known at the next visit. @param {readonly string[]} symbols  of the server */
    offer(symbols) {
        const alone = symbols.length === 1;
        this.root.hidden = alone;
        remember('alone', alone);
    }

    toggle() {
        const { state } = this.store;
        const { symbol } = state.query;
        this.symbols = toggled(this.symbols, symbol);
        remember('watchlist', this.symbols);
        this.show(symbol);
        if (!this.entries.has(symbol))
            this.load(state);
    }

    /** Ask for all of them, where they can be seen. @param {State} state */
    async load({ query, hidden }) {
        this.loading.abort();
        if (this.symbols.length === 0 || hidden || this.root.offsetHeight === 0)
            return;
        this.loading = new AbortController();
        const { signal } = this.loading;
        const { symbols } = this;
        const text = watchQuery(symbols, query);
        const where = text.replace(/^[^&]*/, '');
        /* Numbers of another exchange or interval are not shown as this one’s. */
        if (where !== this.query)
            this.entries.clear();
        this.query = where;
        try {
            const entries = entriesOf(await this.ask(text, signal), symbols);
            if (signal.aborted)
                return;
            const first = this.entries.size === 0;
            this.entries = new Map(entries.map((entry) => [entry.symbol, entry]));
            this.old = false;
            this.show(this.store.state.query.symbol);
            /* The numbers made every button wider. */
            if (first)
                this.toCurrent();
        } catch {
            if (signal.aborted)
                return;
            this.old = true;
            this.show(this.store.state.query.symbol);
        }
    }

    /** Bring the symbol of the map into sight. */
    toCurrent() {
        this.list.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    }

    /** @param {string} current  the symbol of the map */
    show(current) {
        this.showStar(current);
        /* The buttons stay: one may have the focus. */
        rebuild(this.list, this.symbols, (symbols) => symbols.map((symbol) => make('li', '', this.buttonOf(symbol))));
        for (const symbol of this.symbols)
            this.showEntry(this.entries.get(symbol) ?? emptyEntry(symbol), symbol === current);
    }

    /** @param {string} current */
    showStar(current) {
        const listed = this.symbols.includes(current);
        const full = !listed && this.symbols.length >= MOST;
        const label = full ? `The watchlist is full: ${MOST} symbols` : listed ? `Remove ${current} from the watchlist` : `Add ${current} to the watchlist`;
        setText(this.star, listed ? '★' : '☆');
        this.star.setAttribute('aria-label', label);
        this.star.title = label;
        this.star.disabled = full;
    }

    /** @param {string} symbol @returns {HTMLButtonElement} */
    buttonOf(symbol) {
        const known = this.buttons.get(symbol);
        if (known)
            return known;
        const button = make('button', 'watch');
        button.type = 'button';
        button.dataset.testid = 'watch-' + symbol;
        button.addEventListener('click', () => choose(this.store, { symbol }));
        this.buttons.set(symbol, button);
        return button;
    }

    /** @param {Entry} entry @param {boolean} current */
    showEntry(entry, current) {
        const button = this.buttonOf(entry.symbol);
        const old = this.old || entry.stale;
        rebuild(button, entry, rowsOf);
        button.classList.toggle('watch-old', old);
        button.title = entry.problem || `${entry.symbol}: price, nearest levels above and below, larger side within 2 %${
            old ? '; the newest numbers could not be loaded' : ''}`;
        if (current)
            button.setAttribute('aria-current', 'true');
        else
            button.removeAttribute('aria-current');
    }
}

/** Side by side, or one above the other on a phone. @param {Entry} entry @returns {HTMLElement[]} */
function rowsOf({ name, price, above, below, imbalance, problem }) {
    const row = (/** @type {HTMLElement[]} */ ...children) => make('span', 'watch-row', ...children.flatMap((child) => [child, ' ']));
    if (problem)
        return [row(make('strong', '', name)), row(make('span', '', 'no data'))];
    const side = make('span', 'watch-side', make('span', 'unseen', 'within 2 % '), imbalanceText(imbalance));
    return [
        row(make('strong', '', name), make('span', 'watch-price', price), side),
        row(nearbyOf('▲', 'level above', above), nearbyOf('▼', 'level below', below)),
    ];
}

/** @param {string} arrow @param {string} words  for whom no arrow is seen @param {Nearby | null} nearby */
function nearbyOf(arrow, words, nearby) {
    const mark = make('span', '', arrow);
    mark.setAttribute('aria-hidden', 'true');
    return make('span', 'watch-level', make('span', 'unseen', words), mark, nearby ? ` ${nearby.price} ${nearby.distance}` : ' –');
}
