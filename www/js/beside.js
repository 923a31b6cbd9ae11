/* All that stands beside and over the map: the panel, the level markers, the
 * profile and the card of a cell.  Knows the chart and the document; the
 * network comes in from main. */

import { parseExplanation, parseProfile, parseSingle } from './answers.js';
import { Bands } from './bands.js';
import { byId, make } from './dom.js';
import { Filters } from './filters.js';
import { compact, decimalsOf, percent, price, usd } from './format.js';
import { strongest } from './levels.js';
import { Panel } from './panel.js';
import { ProfileView, barsOfSingle, barsOfTiers, cascadeTo, mixAt } from './profile.js';
import { profileKind } from './room.js';
import { sameShown, singleQuery } from './shown.js';
import { lastPrice } from './snapshot.js';
import { sameState, toQuery } from './state.js';
import { WhyCard, marksOf } from './why.js';

/**
 * @typedef {import('./chart.js').Chart} Chart
 * @typedef {import('./chart.js').Cursor} Cursor
 * @typedef {import('./snapshot.js').Snapshot} Snapshot
 * @typedef {import('./state.js').State} State
 * @typedef {import('./shown.js').Shown} Shown
 *
 * @typedef {object} Loaded  null: nobody waits for it any more
 * @property {import('./profile.js').Bars | null} bars
 * @property {string} problem  "" for none
 */

const CAPTION_GAP_PX = 3;

/** A double click resets the view and must not ask for a cell. */
const SECOND_CLICK_MS = 220;

export class Beside {
    /**
     * @param {Chart} chart
     * @param {object} on
     * @param {() => State} on.state  what is asked for
     * @param {() => Shown} on.shown
     * @param {(change: Partial<State>) => void} on.filter  the person's choice, as the next
     * @param {(change: Partial<Shown>) => void} on.choose
     * @param {(url: string, signal: AbortSignal) => Promise<unknown>} on.ask
     */
    constructor(chart, on) {
        this.chart = chart;
        this.on = on;
        this.shown = on.shown();
        this.kind = profileKind(this.shown);
        /** @type {Snapshot | null} */
        this.snapshot = null;
        /** What the snapshot was asked for. @type {State | null} */
        this.state = null;
        /** @type {import('./profile.js').Bars | null} */
        this.bars = null;
        this.bands = new Bands();
        this.profile = new ProfileView();
        this.caption = byId('profile-head', HTMLElement);
        /** @type {import('./answers.js').Explanation | null} */
        this.said = null;
        this.asking = new AbortController();
        this.loading = new AbortController();
        chart.attach(this.profile);
        chart.attach(this.bands);
        this.panel = new Panel({
            look: (level) => this.bands.setBand(level),
            centre: (level) => chart.centre(level),
        });
        this.filters = new Filters(byId('filters', HTMLElement), {
            filter: (change) => on.filter(change),
            shown: (change) => on.choose(change),
        });
        this.why = new WhyCard(() => this.forgetCell());
        this.listen();
    }

    listen() {
        /** @type {ReturnType<typeof setTimeout> | undefined} */
        let due;
        this.chart.onPick = (cursor) => {
            clearTimeout(due);
            due = setTimeout(() => this.explain(cursor), cursor.by === 'mouse' ? SECOND_CLICK_MS : 0);
        };
        this.chart.element.addEventListener('dblclick', () => clearTimeout(due));
        document.addEventListener('keydown', (event) => this.onKey(event), { capture: true });
    }

    /** @param {KeyboardEvent} event */
    onKey(event) {
        if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]'))
            return;
        const { target } = event;
        const typing = target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement
            || (target instanceof HTMLInputElement && !/^(radio|checkbox)$/.test(target.type));
        if (event.key === 'Escape' && this.why.open) {
            event.stopPropagation();
            this.why.close();
        } else if (!typing && event.key.toLowerCase() === 'h') {
            this.on.choose({ heat: !this.shown.heat });
        }
    }

    /** After any choice: what is asked for, or what is shown of it. */
    choose() {
        const { shown, kind } = this;
        this.shown = this.on.shown();
        this.kind = profileKind(this.shown);
        this.filters.show(this.on.state(), { ...this.shown, profile: this.kind });
        const other = this.kind !== kind || (this.kind === 'single' && !sameShown(shown, this.shown));
        if (this.bars && this.bars.kind !== this.kind)
            this.showProfile(null);
        /* Only the profile: the map stays. */
        if (other && this.snapshot)
            this.loadProfile(this.on.state()).then((loaded) => this.takeProfile(loaded));
    }

    /** @param {Snapshot} snapshot @param {State} state  it was asked for */
    show(snapshot, state) {
        if (this.state && !sameState(state, this.state))
            this.why.close();
        this.snapshot = snapshot;
        this.state = state;
        this.panel.show(snapshot);
        this.bands.setMarkers(markersOf(snapshot), snapshot.candles.time.length - 1);
        if (this.said)
            this.bands.setCell(marksOf(this.said, snapshot));
    }

    clear() {
        this.snapshot = null;
        this.state = null;
        this.why.close();
        this.panel.clear();
        this.bands.setMarkers([], 0);
        this.bands.setBand(null);
        this.showProfile(null);
    }

    /**
     * Ask for the profile that goes with a map; the last one asked for counts.
     *
     * @param {State} state
     * @param {AbortSignal} [signal]
     * @returns {Promise<Loaded | null>} never rejects
     */
    async loadProfile(state, signal) {
        this.loading.abort();
        const loading = new AbortController();
        this.loading = loading;
        signal?.addEventListener('abort', () => loading.abort(), { once: true });
        const { kind, shown } = this;
        if (kind === 'off')
            return { bars: null, problem: '' };
        const query = kind === 'single' ? singleQuery(state, shown.knobs) : toQuery(state);
        try {
            const json = await this.on.ask('api/v1/profile' + query, loading.signal);
            return loading.signal.aborted ? null
                : { bars: kind === 'single' ? barsOfSingle(parseSingle(json)) : barsOfTiers(parseProfile(json)), problem: '' };
        } catch (error) {
            return loading.signal.aborted ? null
                : { bars: null, problem: `No profile: ${error instanceof Error ? error.message : error}` };
        }
    }

    /** @param {Loaded | null} loaded */
    takeProfile(loaded) {
        if (!loaded)
            return;
        this.filters.showProblem(loaded.problem);
        this.showProfile(loaded.bars?.kind === this.kind ? loaded.bars : null);
    }

    /** @param {import('./profile.js').Bars | null} bars */
    showProfile(bars) {
        this.bars = bars;
        this.profile.set(bars, this.chart.rightRoom);
        this.caption.hidden = bars === null;
        this.chart.element.dataset.profile = bars ? bars.kind : 'off';
        this.chart.again();
        this.showScale();
    }

    /** When the newest column is: a replay's is not now. */
    get when() {
        return this.state?.end ? 'Then' : 'Now';
    }

    /** After the view has moved: the caption tells the scale of what is seen. */
    showScale() {
        const { bars } = this;
        const { rightRoom: room } = this.chart;
        if (room !== this.profile.width)
            this.profile.set(bars, room);
        this.caption.style.setProperty('--profile', `${room}px`);
        document.documentElement.style.setProperty('--axis', `${this.chart.width - this.chart.time.width()}px`);
        if (!bars) {
            this.bands.setHead(0);
            this.caption.dataset.said = '';
            return;
        }
        this.profile.measure(bars, this.chart.paneHeight());
        const { bar, sum } = this.profile.scale;
        const amount = (/** @type {number} */ value) => (Number.isFinite(bars.usdPerUnit)
            ? `≤ ${usd(value * bars.usdPerUnit)}` : `weight ${compact(value)}`);
        const title = bars.kind === 'tiers' ? `${this.when}, by tier` : `Single ${this.shown.knobs.leverage}×`;
        const lines = bars.kind === 'tiers' ? [] : ['another model, weights'];
        const text = [...lines, `bar ${amount(bar)}`, `curve ${amount(sum)}`,
            ...(bars.outside > 0 ? [`off the map ${amount(bars.outside)}`] : [])];
        const key = JSON.stringify([title, text]);
        if (this.caption.dataset.said === key)
            return;
        this.caption.dataset.said = key;
        this.caption.replaceChildren(make('span', '', make('strong', '', title),
            make('span', 'profile-scale', ...text.flatMap((line, i) => (i > 0 ? [make('br'), line] : [line])))));
        /* The labels of markers begin below it. */
        this.bands.setHead(this.caption.offsetTop + this.caption.offsetHeight + CAPTION_GAP_PX);
    }

    /**
     * What lies between the price and the crosshair.
     *
     * @param {Cursor | null} cursor
     * @returns {import('./tooltip.js').Cascade | null} for the tooltip; null where nothing is known
     */
    cascade(cursor) {
        const found = this.bars && cursor ? cascadeTo(this.bars, cursor.price) : null;
        if (!found || !cursor || !this.bars) {
            this.profile.setCursor(NaN, '');
            return null;
        }
        const amount = this.bars.kind === 'single' ? `weight ${compact(found.amount)}`
            : Number.isFinite(found.usd) ? `≤ ${usd(found.usd)}` : `${compact(found.amount)} units`;
        this.profile.setCursor(cursor.price, `${amount} to here`);
        return { text: `${amount} ${found.side}s`, side: found.side, mix: mixText(this.bars, cursor.price), when: this.when };
    }

    /** @param {Cursor} cursor */
    async explain({ x, y, column, price: at, by }) {
        const { snapshot, state } = this;
        if (!snapshot || !state)
            return;
        const { grid, candles } = snapshot;
        const row = Math.floor((at - grid.priceMin) / grid.priceStep);
        if (!(row >= 0 && row < grid.rows) || column < 0)
            return;
        this.asking.abort();
        this.asking = new AbortController();
        const { signal } = this.asking;
        const place = { right: x < this.chart.time.width() / 2, low: y > this.chart.paneHeight() / 2 };
        /* A finger’s tooltip has been read and would hide the cell. */
        if (by === 'touch')
            this.chart.hideCursor();
        this.why.wait(place, by === 'mouse' || by === 'touch' ? null : this.chart.element);
        /* The tooltip makes room for the card. */
        this.chart.again();
        const q = new URLSearchParams({
            time: String(candles.time[Math.min(column, candles.time.length - 1)]),
            price: String(Number((grid.priceMin + (row + 0.5) * grid.priceStep).toPrecision(12))),
        });
        try {
            const json = await this.on.ask(`api/v1/explain${toQuery(state)}&${q}`, signal);
            if (signal.aborted || !this.snapshot)
                return;
            this.said = parseExplanation(json);
            this.why.show(this.said, this.snapshot);
            this.bands.setCell(marksOf(this.said, this.snapshot));
        } catch (error) {
            if (!signal.aborted)
                this.why.fail(error instanceof Error ? error.message : String(error));
        }
    }

    forgetCell() {
        this.asking.abort();
        this.said = null;
        this.bands.setCell(null);
    }
}

/** What the bar at a price is made of. @param {import('./profile.js').Bars} bars @param {number} price */
function mixText(bars, price) {
    return mixAt(bars, price).slice(0, 3)
        .map(({ name, share }) => `${name} ${Math.round(100 * share)} %`).join(', ');
}

/** A line and its labels for the strongest level above and below. @param {Snapshot} snapshot @returns {import('./bands.js').Marker[]} */
function markersOf(snapshot) {
    const last = lastPrice(snapshot);
    const decimals = decimalsOf(snapshot.candles.close.subarray(-50));
    const { above, below } = strongest(snapshot.levels, last);
    return [above, below].flatMap((level) => {
        if (!level)
            return [];
        const fine = Math.min(decimals, decimalsOf([level.price]));
        const distance = percent(100 * (level.price / last - 1), 1);
        const text = `${level.side === 'long' ? 'Longs' : 'Shorts'} ${distance}${Number.isFinite(level.usd) ? ` · ≤ ${usd(level.usd)}` : ''}`;
        return [{ price: level.price, above: level.price > last, text, onAxis: price(level.price, fine) }];
    });
}

