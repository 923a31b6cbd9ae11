/* The levels as a table: a ladder of prices with the last price in its middle. */

import { headRow, make } from './dom.js';
import { price, priceDecimals } from '../data/format.js';
import { lastPrice } from '../data/snapshot.js';
import { findWatched, watch } from '../data/watched.js';
import { folded, linesOf } from '../data/levels.js';

/**
 * @typedef {import('../data/snapshot.js').Snapshot} Snapshot
 * @typedef {import('../data/answers.js').Level} Level
 */

/** @param {boolean} dollars  they are known; else the strongest level is 100 % */
const columns = (dollars) => ['Price', 'Side', dollars ? '≤ Dollars' : 'Relative', 'Distance', 'Age', 'Tiers', 'Alert'];

export class LevelTable {
    /**
     * @param {HTMLElement} root
     * @param {import('../data/state.js').PageStore} store
     * @param {(level: Level) => void} centre
     */
    constructor(root, store, centre) {
        this.root = root;
        this.store = store;
        const highlight = (/** @type {Level | null} */ level) => store.set({ level });
        this.written = '';
        /** The sides whose far levels are listed. @type {Set<string>} */
        this.unfolded = new Set();
        /** @type {Snapshot | null} */
        this.snapshot = null;
        /** The level of each row. @type {Map<Element, Level>} */
        this.rows = new Map();
        root.addEventListener('pointerover', (event) => highlight(this.levelOf(event.target)));
        root.addEventListener('pointerleave', () => highlight(this.levelOf(document.activeElement)));
        root.addEventListener('focusin', (event) => highlight(this.levelOf(event.target)));
        root.addEventListener('focusout', () => highlight(null));
        root.addEventListener('click', (event) => {
            const level = this.levelOf(event.target);
            if (level && event.target instanceof Element && event.target.closest('.bell'))
                this.toggleWatch(level);
            else if (level)
                centre(level);
        });
    }

    /** @param {EventTarget | null} target @returns {Level | null} */
    levelOf(target) {
        const row = target instanceof Element ? target.closest('tr') : null;
        return row ? this.rows.get(row) ?? null : null;
    }

    /** @param {Level} level */
    toggleWatch(level) {
        const { map, watched } = this.store.state;
        if (!map)
            return;
        const known = findWatched(watched, map.snapshot.symbol, level);
        this.store.set({ watched: known ? watched.filter((one) => one !== known) : [...watched, watch(map.snapshot, level)] });
    }

    clear() {
        this.written = '';
        this.rows.clear();
        this.root.replaceChildren();
    }

    /** @param {Snapshot} snapshot */
    show(snapshot) {
        this.snapshot = snapshot;
        const last = lastPrice(snapshot);
        const decimals = priceDecimals(snapshot);
        const lines = linesOf(snapshot, last);
        const written = JSON.stringify([lines.map((line) => line.cells), price(last, decimals), [...this.unfolded], this.store.state.watched]);
        if (written === this.written)
            return;
        this.written = written;
        const focused = this.levelOf(document.activeElement);
        const onBell = document.activeElement?.classList.contains('bell') ?? false;
        this.rows.clear();
        if (lines.length === 0) {
            this.root.replaceChildren(make('p', '', 'No level stands out here.'));
            return;
        }
        const names = columns(lines.some(({ level }) => Number.isFinite(level.usd)));
        const { above, near, below } = folded(lines, last);
        const wide = (/** @type {string} */ className, /** @type {Node | string} */ content) => {
            const cell = make('th', '', content);
            cell.colSpan = names.length;
            return make('tr', className, cell);
        };
        const rows = (/** @type {import('../data/levels.js').Line[]} */ some) => some.map((line) => this.row(line));
        this.root.replaceChildren(make('table', 'ladder',
            make('caption', 'unseen', 'Levels by price. Choose one to centre it on the chart.'),
            make('thead', '', headRow(names)),
            make('tbody', '', ...this.far('above', above, wide), ...rows(near.filter(({ level }) => level.price >= last)),
                wide('ladder-now', `Last price ${price(last, decimals)}`),
                ...rows(near.filter(({ level }) => level.price < last)), ...this.far('below', below, wide))));
        this.refocus(focused, onBell);
    }

    /**
     * The far levels of a side, or the button that unfolds them.
     *
     * @param {"above" | "below"} side
     * @param {import('../data/levels.js').Line[]} lines
     * @param {(className: string, content: Node) => HTMLElement} wide  makes a row of one cell
     */
    far(side, lines, wide) {
        if (lines.length === 0)
            return [];
        const open = this.unfolded.has(side);
        const button = make('button', 'ladder-more', `${open ? 'Hide' : 'Show'} ${lines.length} farther ${side}`);
        button.type = 'button';
        button.setAttribute('aria-expanded', String(open));
        button.addEventListener('click', () => {
            if (!this.unfolded.delete(side))
                this.unfolded.add(side);
            if (this.snapshot)
                this.show(this.snapshot);
            /** @type {HTMLElement | null} */ (this.root.querySelector(`[data-far="${side}"]`))?.focus({ preventScroll: true });
        });
        button.dataset.far = side;
        const more = wide('ladder-far', button);
        const rows = open ? lines.map((line) => this.row(line)) : [];
        return side === 'above' ? [more, ...rows] : [...rows, more];
    }

    /** @param {import('../data/levels.js').Line} line */
    row(line) {
        const { map, watched } = this.store.state;
        const row = rowOf(line, map !== null && findWatched(watched, map.snapshot.symbol, line.level) !== undefined);
        this.rows.set(row, line.level);
        return row;
    }

    /** A refresh must not take the focus away. @param {Level | null} level @param {boolean} bell  it was on the bell */
    refocus(level, bell) {
        for (const [row, other] of this.rows) {
            if (level && other.side === level.side && other.price === level.price)
                /** @type {HTMLElement | null} */ (row.querySelector(bell ? '.bell' : 'button'))?.focus({ preventScroll: true });
        }
    }
}

/** @param {import('../data/levels.js').Line} line @param {boolean} watched @returns {HTMLTableRowElement} */
function rowOf({ level, strength, cells }, watched) {
    const [at, side, dollars, distance, old, tiers] = cells;
    const button = make('button', 'ladder-price', at);
    button.type = 'button';
    button.style.setProperty('--strength', strength.toFixed(3));
    const head = make('th', '', button);
    head.scope = 'row';
    const mix = make('span', 'mix', ...level.tiers.map((tier) => {
        const piece = make('i', `tier-${tier.leverage}`);
        piece.style.setProperty('--share', String(tier.share));
        return piece;
    }));
    mix.setAttribute('aria-hidden', 'true');
    const bell = make('button', 'bell');
    bell.type = 'button';
    bell.setAttribute('aria-label', `Alert for ${at}`);
    bell.setAttribute('aria-pressed', String(watched));
    const row = make('tr', '', head, make('td', 'ladder-side', side), make('td', '', dollars),
        make('td', '', distance), make('td', '', old), make('td', '', mix, make('span', 'unseen', tiers)), make('td', 'ladder-bell', bell));
    row.dataset.side = level.side;
    row.title = tiers;
    return row;
}
