/* The panel beside the map: open or not, which of its parts are unfolded, and
 * what those say of a snapshot. */

import { byId, headRow, make, pairs, rebuild } from './dom.js';
import { imbalanceRows, limitsText, modelWords, statisticsRows } from '../data/facts.js';
import { LevelTable } from './level-table.js';
import { ageOf } from '../data/state.js';
import { recall, remember } from './storage.js';
import { exchangeName, span, usd } from '../data/format.js';

/**
 * @typedef {import('../data/snapshot.js').Snapshot} Snapshot
 * @typedef {import('../data/answers.js').Level} Level
 * @typedef {import('../data/state.js').State} State
 */

export class Panel {
    /**
     * @param {import('../data/state.js').PageStore} store
     * @param {(level: Level) => void} centre  show it in the middle of the chart
     */
    constructor(store, centre) {
        this.store = store;
        /** @type {readonly (keyof State)[]} */
        this.reads = ['map', 'panel', 'clock', 'watched'];
        this.root = byId('panel', HTMLElement);
        /* The second one is a phone's. */
        this.toggles = ['panel-toggle', 'sheet-open'].map((id) => byId(id, HTMLButtonElement));
        this.levels = new LevelTable(byId('levels', HTMLElement), store, centre);
        for (const toggle of this.toggles)
            toggle.addEventListener('click', () => this.choose(this.root.hidden));
        byId('panel-close', HTMLButtonElement).addEventListener('click', () => {
            this.choose(false);
            this.toggles.find((toggle) => toggle.checkVisibility())?.focus();
        });
        this.rememberFolds();
    }

    /** @param {boolean} panel  open */
    choose(panel) {
        this.store.set({ panel });
    }

    /** @param {State} state @param {State | null} before */
    render(state, before) {
        const { map, panel } = state;
        this.root.hidden = !panel;
        for (const toggle of this.toggles)
            toggle.setAttribute('aria-expanded', String(panel));
        if (!map)
            this.clear();
        else if (map !== before?.map)
            this.show(map.snapshot);
        else if (state.watched !== before.watched)
            this.levels.show(map.snapshot);
        if (map)
            rebuild(byId('statistics', HTMLElement), statisticsRows(map.snapshot, ageOf(state)), pairs);
    }

    rememberFolds() {
        for (const details of this.root.querySelectorAll('details')) {
            const stored = recall(details.id);
            if (typeof stored === 'boolean')
                details.open = stored;
            details.addEventListener('toggle', () => remember(details.id, details.open));
        }
    }

    clear() {
        this.levels.clear();
        for (const id of ['imbalance', 'statistics', 'model', 'exchanges', 'levels-note'])
            rebuild(byId(id, HTMLElement), null, () => []);
    }

    /** @param {Snapshot} snapshot */
    show(snapshot) {
        this.levels.show(snapshot);
        rebuild(byId('levels-note', HTMLElement), Number.isFinite(snapshot.grid.usdPerUnit) ? 'dollars: upper bound' : '', (note) => [note]);
        rebuild(byId('imbalance', HTMLElement), imbalanceRows(snapshot), imbalanceNodes);
        rebuild(byId('model', HTMLElement), modelWords(snapshot), modelNodes);
        rebuild(byId('exchanges', HTMLElement), snapshot.exchanges, exchangeNodes);
        byId('sec-exchanges', HTMLElement).hidden = snapshot.exchanges.length === 0;
    }
}

/** @param {import('../data/facts.js').ImbalanceRow[]} rows */
function imbalanceNodes(rows) {
    const list = make('dl', 'gauge', ...rows.flatMap(({ percent, longs, words }) => {
        const value = make('dd');
        value.dataset.percent = String(percent);
        if (Number.isNaN(longs)) {
            value.append(make('span', 'fine', words));
        } else {
            const bar = make('span', 'gauge-bar', part(longs), part(1 - longs));
            bar.setAttribute('aria-hidden', 'true');
            value.append(bar, make('span', 'gauge-long', `${Math.round(100 * longs)} % longs`),
                make('span', 'gauge-short', words));
        }
        return [make('dt', '', `± ${percent} %`), value];
    }));
    return [list, make('p', 'fine',
        'Modelled longs below price against shorts above it. Not a forecast of direction.')];
}

/** @param {number} share */
function part(share) {
    const element = make('i');
    element.style.setProperty('--part', share.toFixed(4));
    return element;
}

/** @param {import('../data/facts.js').ModelWords} words */
function modelNodes({ about, tiers, assumptions, remarks }) {
    const rows = tiers.map((tier) => {
        const swatch = make('span', `swatch tier-${tier.leverage}`);
        const name = make('th', '', swatch, tier.name);
        name.scope = 'row';
        return make('tr', '', name, make('td', '', tier.distance), make('td', '', tier.share), make('td', '', tier.halfLife));
    });
    const table = make('table', 'tiers-table',
        make('caption', 'unseen', 'Assumed tiers of leverage'),
        make('thead', '', headRow(['Leverage', 'Liquidated at', 'Share', 'Half-life'])),
        make('tbody', '', ...rows));
    return [...about.map((line) => make('p', '', line)), ...rows.length > 0 ? [table] : [],
        ...assumptions.map((line) => make('p', '', line)), ...remarks.map((line) => make('p', 'fine', line))];
}

/** @param {import('../data/answers.js').ExchangePart[]} parts */
function exchangeNodes(parts) {
    const rows = parts.flatMap((one) => {
        const state = !one.included ? 'out' : one.stale ? 'stale' : 'in';
        const name = make('th', '', make('span', 'part-state'), exchangeName(one.name));
        name.scope = 'row';
        const row = make('tr', '', name,
            make('td', '', one.included && one.share >= 0 ? `${(100 * one.share).toFixed(1)} %` : one.missing ? 'to come' : 'excluded'),
            make('td', '', usd(one.openInterestUsd)),
            make('td', '', one.ageMs >= 0 ? span(one.ageMs) : '–'));
        row.dataset.state = state;
        row.dataset.exchange = one.name;
        const why = [...new Set([one.contract, limitsText(one.limits), one.reason, ...one.warnings])].filter(Boolean);
        if (one.stale && one.included)
            why.unshift('stale');
        if (why.length === 0)
            return [row];
        const cell = make('td', 'parts-why', why.join(' · '));
        cell.colSpan = 4;
        return [row, make('tr', '', cell)];
    });
    return [make('table', 'parts',
        make('caption', 'unseen', 'Exchanges in this map'),
        make('thead', '', headRow(['Exchange', 'Share', 'Open interest', 'Age'])),
        make('tbody', '', ...rows))];
}
