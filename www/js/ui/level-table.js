/* The levels as a table: a ladder of prices with the last price in its middle. */

import { headRow, make } from './dom.js';
import { price, priceDecimals } from '../data/format.js';
import { lastPrice } from '../data/snapshot.js';
import { linesOf } from '../data/levels.js';

/**
 * @typedef {import('../data/snapshot.js').Snapshot} Snapshot
 * @typedef {import('../data/answers.js').Level} Level
 */

/** @param {boolean} dollars  they are known; else the strongest level is 100 % */
const columns = (dollars) => ['Price', 'Side', dollars ? '≤ Dollars' : 'Relative', 'Distance', 'Age', 'Tiers'];

export class LevelTable {
    /**
     * @param {HTMLElement} root
     * @param {(level: Level | null) => void} highlight
     * @param {(level: Level) => void} centre
     */
    constructor(root, highlight, centre) {
        this.root = root;
        this.written = '';
        /** The level of each row. @type {Map<Element, Level>} */
        this.rows = new Map();
        root.addEventListener('pointerover', (event) => highlight(this.levelOf(event.target)));
        root.addEventListener('pointerleave', () => highlight(this.levelOf(document.activeElement)));
        root.addEventListener('focusin', (event) => highlight(this.levelOf(event.target)));
        root.addEventListener('focusout', () => highlight(null));
        root.addEventListener('click', (event) => {
            const level = this.levelOf(event.target);
            if (level)
                centre(level);
        });
    }

    /** @param {EventTarget | null} target @returns {Level | null} */
    levelOf(target) {
        const row = target instanceof Element ? target.closest('tr') : null;
        return row ? this.rows.get(row) ?? null : null;
    }

    clear() {
        this.written = '';
        this.rows.clear();
        this.root.replaceChildren();
    }

    /** @param {Snapshot} snapshot */
    show(snapshot) {
        const last = lastPrice(snapshot);
        const decimals = priceDecimals(snapshot);
        const lines = linesOf(snapshot, last);
        const written = JSON.stringify([lines.map((line) => line.cells), price(last, decimals)]);
        if (written === this.written)
            return;
        this.written = written;
        this.rebuild(lines, last, decimals);
    }

    /** @param {import('../data/levels.js').Line[]} lines @param {number} last @param {number} decimals */
    rebuild(lines, last, decimals) {
        const focused = this.levelOf(document.activeElement);
        this.rows.clear();
        if (lines.length === 0) {
            this.root.replaceChildren(make('p', '', 'No level stands out here.'));
            return;
        }
        const body = make('tbody');
        const now = make('th', '', `Last price ${price(last, decimals)}`);
        const names = columns(lines.some(({ level }) => Number.isFinite(level.usd)));
        now.colSpan = names.length;
        const nowRow = make('tr', 'ladder-now', now);
        for (const line of lines) {
            if (line.level.price < last && !nowRow.parentNode)
                body.append(nowRow);
            const row = rowOf(line);
            this.rows.set(row, line.level);
            body.append(row);
        }
        if (!nowRow.parentNode)
            body.append(nowRow);
        this.root.replaceChildren(make('table', 'ladder',
            make('caption', 'unseen', 'Levels by price. Choose one to centre it on the chart.'),
            make('thead', '', headRow(names)), body));
        this.refocus(focused);
    }

    /** A refresh must not take the focus away. @param {Level | null} level */
    refocus(level) {
        for (const [row, other] of this.rows) {
            if (level && other.side === level.side && other.price === level.price)
                row.querySelector('button')?.focus({ preventScroll: true });
        }
    }
}

/** @param {import('../data/levels.js').Line} line @returns {HTMLTableRowElement} */
function rowOf({ level, strength, cells }) {
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
    const row = make('tr', '', head, make('td', 'ladder-side', side), make('td', '', dollars),
        make('td', '', distance), make('td', '', old), make('td', '', mix, make('span', 'unseen', tiers)));
    row.dataset.side = level.side;
    row.title = tiers;
    return row;
}
