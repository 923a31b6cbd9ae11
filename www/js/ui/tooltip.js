/* What lies under the cursor, beside the cursor. */

import { byId, make, setText } from './dom.js';
import { baseAsset, compact, density, moment, percent, price, priceDecimals, usd } from '../data/format.js';
import { cascadeAt } from '../data/profile.js';
import { cellAt, lastPrice } from '../data/snapshot.js';

/**
 * @typedef {import('../data/snapshot.js').Snapshot} Snapshot
 * @typedef {import('../data/state.js').Cursor} Cursor
 * @typedef {import('../data/profile.js').Cascade} Cascade
 * @typedef {import('../data/scale.js').Colours} Colours
 *
 * @typedef {object} Pane  where the tooltip may be, CSS pixels
 * @property {number} left
 * @property {number} width   its right edge, from the pane's left
 * @property {number} height
 */

const GAP_PX = 18;
/** A fingertip hides about this much around its middle. */
const FINGER_PX = 44;
const EDGE_PX = 6;

/**
 * Where to put the tooltip: never out of the pane, and not over the cursor as
 * long as it fits beside it.
 *
 * @param {{x: number, y: number}} cursor
 * @param {{width: number, height: number}} box
 * @param {Pane} pane
 * @param {boolean} finger  above the finger; else right of the mouse
 * @returns {{left: number, top: number}}
 */
export function placeTooltip(cursor, box, pane, finger) {
    const clampX = /** @param {number} v */ (v) => Math.max(pane.left + EDGE_PX, Math.min(v, pane.width - box.width - EDGE_PX));
    const clampY = /** @param {number} v */ (v) => Math.max(EDGE_PX, Math.min(v, pane.height - box.height - EDGE_PX));
    const gap = finger ? FINGER_PX : GAP_PX;
    const above = cursor.y - gap - box.height;
    if (finger && above >= EDGE_PX)
        return { left: clampX(cursor.x - box.width / 2), top: above };
    const right = cursor.x + gap;
    const left = cursor.x - gap - box.width;
    if (right + box.width + EDGE_PX <= pane.width)
        return { left: right, top: clampY(finger ? cursor.y - box.height / 2 : cursor.y + GAP_PX) };
    if (left >= pane.left + EDGE_PX)
        return { left, top: clampY(finger ? cursor.y - box.height / 2 : cursor.y + GAP_PX) };
    /* Too wide for either side: above or below, where there is more room. */
    const under = cursor.y + gap;
    const fits = under + box.height <= pane.height;
    return { left: clampX(cursor.x - box.width / 2), top: clampY(fits || cursor.y < pane.height / 2 ? under : above) };
}

/**
 * The side of a card that the crosshair is on.
 *
 * @param {Pane} pane
 * @param {number} x  of the crosshair
 * @param {HTMLElement} card
 * @returns {Pane} all of it where there is no card, or one as wide as the pane
 */
function freePane(pane, x, { hidden, offsetLeft: from, offsetWidth: width }) {
    if (hidden || width > pane.width / 2)
        return pane;
    if (x < from)
        return { ...pane, width: from };
    return x > from + width ? { ...pane, left: from + width } : pane;
}

export class Tooltip {
    /** @param {import('../data/state.js').PageStore} store */
    constructor(store) {
        /** @type {readonly (keyof import('../data/state.js').State)[]} */
        this.reads = ['cursor', 'map', 'paint', 'bars'];
        this.store = store;
        this.root = byId('tooltip', HTMLElement);
        /** A live region for the keyboard's crosshair. */
        this.spoken = byId('spoken', HTMLElement);
        /** The card of a cell, which the tooltip keeps clear of. */
        this.card = byId('why', HTMLElement);
        this.swatch = make('span', 'tip-swatch');
        this.swatch.dataset.testid = 'tip-swatch';
        /** @type {Record<string, HTMLElement>} */
        this.field = {};
        this.distanceKey = make('span', 'tip-key');
        this.cascadeKey = make('span', 'tip-key');
        this.cascadeLine = make('div', 'tip-line', this.cascadeKey, this.value('cascade'));
        this.mixLine = make('div', 'tip-line', make('span', 'tip-key', 'By leverage'), this.value('mix'));
        /** For fingers, which cannot click a cell. */
        this.act = make('button', 'plain tip-act', 'Why is it hot?');
        this.act.type = 'button';
        this.act.dataset.testid = 'tip-why';
        this.act.addEventListener('click', () => store.set({ picked: store.state.cursor }));
        this.root.replaceChildren(
            make('div', 'tip-head', this.value('time')),
            make('div', 'tip-ohlc', ...['open', 'high', 'low', 'close'].flatMap(
                (name) => [make('span', 'tip-key', name[0].toUpperCase()), this.value(name)])),
            make('div', 'tip-line tip-change-line', make('span', 'tip-key', 'Change'), this.value('change')),
            make('div', 'tip-line tip-volume-line', make('span', 'tip-key', 'Volume'), this.value('volume')),
            make('div', 'tip-rule'),
            make('div', 'tip-line', make('span', 'tip-key', 'Price'), this.value('price')),
            make('div', 'tip-line', this.distanceKey, this.value('distance')),
            make('div', 'tip-line', make('span', 'tip-key', 'Density'),
                make('span', 'tip-density', this.swatch, this.value('density'))),
            make('div', 'tip-line', make('span', 'tip-key', 'Open interest'), this.value('usd')),
            this.mixLine, this.cascadeLine,
            this.value('side'), this.act);
        this.size = { width: 0, height: 0 };
    }

    /** @param {string} name @returns {HTMLElement} */
    value(name) {
        const element = make('span', 'tip-' + name);
        element.dataset.testid = 'tip-' + name;
        this.field[name] = element;
        return element;
    }

    hide() {
        this.root.hidden = true;
        delete this.root.dataset.column;
    }

    /** @param {import('../data/state.js').State} state */
    render({ cursor, map, paint, bars, visible }) {
        if (!cursor || !map || !paint || !visible) {
            this.hide();
            return;
        }
        const pane = freePane({ left: 0, width: visible.width, height: visible.height }, cursor.x, this.card);
        const when = map.query.end > 0 ? 'Then' : 'Now';
        this.show(map.snapshot, paint.colours, cursor, pane, cascadeAt(bars, cursor.price), when);
    }

    /**
     * @param {Snapshot} snapshot
     * @param {Colours} colours
     * @param {Cursor} cursor
     * @param {Pane} pane
     * @param {Cascade | null} cascade
     * @param {string} when  the newest column is
     */
    show(snapshot, colours, cursor, pane, cascade, when) {
        /* Right of the newest candle is the profile: what is there now. */
        const newest = snapshot.candles.time.length - 1;
        const now = cascade !== null && cursor.column > newest;
        this.write(snapshot, colours, cursor, now ? newest : cursor.column);
        if (now)
            this.set('time', when);
        this.root.dataset.now = String(now);
        this.set('mix', cascade?.mix ?? '');
        this.mixLine.hidden = !now || !cascade?.mix;
        this.cascadeLine.hidden = cascade === null;
        setText(this.distanceKey, cursor.column >= 0 && cursor.column < newest ? 'From its close' : 'From last price');
        /* The profile knows only the newest column. */
        setText(this.cascadeKey, `${when}, up to this price`);
        this.set('cascade', cascade ? `${cascade.amount} ${cascade.side}s` : '', cascade?.side);
        this.root.dataset.by = cursor.by;
        this.root.hidden = false;
        const box = this.root.getBoundingClientRect();
        const { left, top } = placeTooltip(cursor, box, pane, cursor.by === 'touch');
        this.root.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
        if (cursor.by === 'keyboard')
            setText(this.spoken, this.sentence());
    }

    /** @param {Snapshot} snapshot @param {Colours} colours @param {Cursor} cursor @param {number} column  of the cell */
    write(snapshot, colours, cursor, column) {
        const decimals = priceDecimals(snapshot);
        const last = lastPrice(snapshot);
        this.set('price', price(cursor.price, decimals));
        /* Of a past candle, the price of then counts. */
        const { close } = snapshot.candles;
        const from = cursor.column >= 0 && cursor.column < close.length - 1 ? close[cursor.column] : last;
        this.set('distance', percent(100 * (cursor.price / from - 1)));
        this.writeCandle(snapshot, cursor.column, decimals);
        this.writeCell(snapshot, colours, column, cursor.price);
        const { dataset } = this.root;
        dataset.column = String(cursor.column);
        dataset.price = String(cursor.price);
    }

    /** @param {Snapshot} snapshot @param {number} column @param {number} decimals */
    writeCandle({ candles, interval, symbol }, column, decimals) {
        const there = column >= 0 && column < candles.time.length;
        this.set('time', there ? moment(candles.time[column], interval === '1d') : 'No candle yet');
        /** @type {["open", "high", "low", "close"]} */
        const names = ['open', 'high', 'low', 'close'];
        for (const name of names)
            this.set(name, price(there ? candles[name][column] : NaN, decimals));
        const change = there ? 100 * (candles.close[column] / candles.open[column] - 1) : NaN;
        this.set('change', percent(change), toneOf(change));
        const [base, quote] = [candles.volume[column] ?? NaN, candles.quoteVolume[column] ?? NaN];
        this.set('volume', volumeText(base, quote, baseAsset(symbol)));
    }

    /** @param {Snapshot} snapshot @param {Colours} colours @param {number} column @param {number} at  price */
    writeCell(snapshot, colours, column, at) {
        const { grid } = snapshot;
        const cell = cellAt(snapshot, column, at);
        this.swatch.hidden = cell === null;
        this.swatch.style.backgroundColor = colours.css(cell ? cell.value * grid.quantum : 0, cell?.side ?? 'long');
        this.set('density', !cell ? 'outside the map' : cell.value === 0 ? 'none' : `${density(cell.density, cell.step)} / 100`);
        /* Of few steps, one digit is known. */
        const digits = cell && (cell.step < 1 || cell.value >= 20) ? 2 : 1;
        this.set('usd', usdText(cell ? usd(cell.usd, digits) : '–', Number.isFinite(grid.usdPerUnit)));
        if (!cell || cell.value === 0)
            this.set('side', cell ? 'No modelled positions here' : '');
        else
            this.set('side', cell.side === 'long' ? 'Long liquidations · forced selling'
                : 'Short liquidations · forced buying', cell.side);
    }

    /** @param {string} name @param {string} text @param {string} [tone] */
    set(name, text, tone = '') {
        const element = this.field[name];
        setText(element, text);
        if ((element.dataset.tone ?? '') !== tone)
            element.dataset.tone = tone;
    }

    /** @returns {string} for a screen reader */
    sentence() {
        const say = /** @param {string} name */ (name) => this.field[name].textContent;
        return `${say('time')}, price ${say('price')}, ${this.distanceKey.textContent?.toLowerCase()} ${say('distance')}, `
            + `density ${say('density')}. ${say('side')}`;
    }
}

/** @param {number} change */
function toneOf(change) {
    return change > 0 ? 'up' : change < 0 ? 'down' : '';
}

/** @param {string} dollars @param {boolean} known  open interest is */
function usdText(dollars, known) {
    if (!known)
        return 'unknown';
    return dollars === '–' ? dollars : '≤ ' + dollars;
}

/** @param {number} base @param {number} quote @param {string} asset */
function volumeText(base, quote, asset) {
    const parts = [];
    if (Number.isFinite(base))
        parts.push(`${compact(base)} ${asset}`);
    if (Number.isFinite(quote))
        parts.push(usd(quote));
    return parts.join(' · ') || '–';
}
