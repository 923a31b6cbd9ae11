/* The levels as a table: a ladder of prices with the last price in its middle. */

import { headRow, make } from './dom.js';
import { decimalsOf, percent, price, span, usd } from './format.js';
import { lastPrice } from './snapshot.js';
import { INTERVAL_S } from './state.js';

/**
 * @typedef {import('./snapshot.js').Snapshot} Snapshot
 * @typedef {import('./answers.js').Level} Level
 */

/** @param {boolean} dollars  they are known; else the strongest level is 100 % */
const columns = (dollars) => ['Price', 'Side', dollars ? '≤ Dollars' : 'Relative', 'Distance', 'Age', 'Tiers'];

/**
 * The levels a person asks for first.
 *
 * @param {readonly Level[]} levels
 * @param {number} last  price
 * @returns {{above: Level | null, below: Level | null}} the strongest on each side of price
 */
export function strongest(levels, last) {
    /** @param {(level: Level) => boolean} there */
    const best = (there) => levels.filter(there).reduce(
        (most, level) => (most === null || level.mass > most.mass ? level : most),
        /** @type {Level | null} */ (null));
    return { above: best((level) => level.price > last), below: best((level) => level.price < last) };
}

export class LevelTable {
    /**
     * @param {HTMLElement} root
     * @param {object} on
     * @param {(level: Level | null) => void} on.look
     * @param {(level: Level) => void} on.centre
     */
    constructor(root, on) {
        this.root = root;
        this.on = on;
        this.shown = '';
        /** The level of each row. @type {Map<Element, Level>} */
        this.rows = new Map();
        root.addEventListener('pointerover', (event) => on.look(this.levelOf(event.target)));
        root.addEventListener('pointerleave', () => on.look(this.levelOf(document.activeElement)));
        root.addEventListener('focusin', (event) => on.look(this.levelOf(event.target)));
        root.addEventListener('focusout', () => on.look(null));
        root.addEventListener('click', (event) => {
            const level = this.levelOf(event.target);
            if (level)
                on.centre(level);
        });
    }

    /** @param {EventTarget | null} target @returns {Level | null} */
    levelOf(target) {
        const row = target instanceof Element ? target.closest('tr') : null;
        return row ? this.rows.get(row) ?? null : null;
    }

    clear() {
        this.shown = '';
        this.rows.clear();
        this.root.replaceChildren();
    }

    /** @param {Snapshot} snapshot */
    show(snapshot) {
        const last = lastPrice(snapshot);
        const decimals = decimalsOf(snapshot.candles.close.subarray(-50));
        const lines = linesOf(snapshot, last);
        const shown = JSON.stringify([lines.map((line) => line.cells), price(last, decimals)]);
        if (shown === this.shown)
            return;
        this.shown = shown;
        this.rebuild(lines, last, decimals);
    }

    /** @param {Line[]} lines @param {number} last @param {number} decimals */
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

/**
 * @typedef {object} Line
 * @property {Level} level
 * @property {number} strength  0 .. 1 of the strongest that is listed
 * @property {string[]} cells   one text per column
 */

/** @param {Snapshot} snapshot @param {number} last @returns {Line[]} highest price first */
export function linesOf({ levels, candles, interval, generatedAt, dataTime }, last) {
    const most = Math.max(...levels.map((level) => level.mass));
    /* In a replay the clock stands at the end of the newest candle. */
    const end = candles.time[candles.time.length - 1] + 1000 * (INTERVAL_S[interval] ?? 0);
    const now = Math.min(Number.isFinite(generatedAt) ? generatedAt : dataTime, end);
    const dollars = levels.some((level) => Number.isFinite(level.usd));
    const decimals = Math.max(0, ...levels.map((level) => decimalsOf([level.price])));
    const fine = Math.min(decimals, decimalsOf(candles.close.subarray(-50)) + 1);
    return [...levels].sort((a, b) => b.price - a.price).map((level) => ({
        level,
        strength: level.mass / most,
        cells: [
            price(level.price, fine),
            level.side === 'long' ? 'Long' : 'Short',
            dollars ? usd(level.usd) : `${Math.round(100 * level.mass / most)} %`,
            percent(Number.isFinite(level.distance) ? level.distance : 100 * (level.price / last - 1)),
            age(now - level.since),
            level.tiers.map((tier) => `${tier.leverage}× ${Math.round(100 * tier.share)} %`).join(', '),
        ],
    }));
}

/** @param {number} ms @returns {string} short: a table has little room */
function age(ms) {
    const hours = ms / 3600000;
    return hours >= 1 && hours < 48 ? `${Math.floor(hours)} h` : span(ms);
}

/** @param {Line} line @returns {HTMLTableRowElement} */
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
