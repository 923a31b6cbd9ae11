/* The panel beside the map: open or not, which of its parts are unfolded, and
 * what those say of a snapshot. */

import { byId, headRow, make, setText } from './dom.js';
import { imbalanceRows, modelWords, statisticsRows } from './facts.js';
import { LevelTable } from './levels.js';
import { panelOpen } from './room.js';
import { recall, remember } from './store.js';
import { exchangeName, span, usd } from './format.js';

/**
 * @typedef {import('./snapshot.js').Snapshot} Snapshot
 * @typedef {import('./answers.js').Level} Level
 */

export class Panel {
    /**
     * @param {object} on
     * @param {(level: Level | null) => void} on.look   at a level; null: no more
     * @param {(level: Level) => void} on.centre
     */
    constructor(on) {
        this.root = byId('panel', HTMLElement);
        /* The second one is a phone's. */
        this.toggles = ['panel-toggle', 'sheet-open'].map((id) => byId(id, HTMLButtonElement));
        this.levels = new LevelTable(byId('levels', HTMLElement), on);
        /** What was last written where. @type {Map<HTMLElement, string>} */
        this.written = new Map();
        this.setOpen(panelOpen());
        for (const toggle of this.toggles)
            toggle.addEventListener('click', () => this.choose(this.root.hidden));
        byId('panel-close', HTMLButtonElement).addEventListener('click', () => {
            this.choose(false);
            this.toggles.find((toggle) => toggle.checkVisibility())?.focus();
        });
        this.rememberFolds();
    }

    /** @param {boolean} open  the person's choice */
    choose(open) {
        remember('panel', open);
        this.setOpen(open);
    }

    /** @param {boolean} open */
    setOpen(open) {
        this.root.hidden = !open;
        for (const toggle of this.toggles)
            toggle.setAttribute('aria-expanded', String(open));
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
            byId(id, HTMLElement).replaceChildren();
        this.written.clear();
    }

    /** @param {Snapshot} snapshot */
    show(snapshot) {
        this.levels.show(snapshot);
        setText(byId('levels-note', HTMLElement), Number.isFinite(snapshot.grid.usdPerUnit) ? 'dollars: upper bound' : '');
        this.write('imbalance', imbalanceRows(snapshot), writeImbalance);
        this.write('model', modelWords(snapshot), writeModel);
        this.write('exchanges', snapshot.exchanges, writeExchanges);
        byId('sec-exchanges', HTMLElement).hidden = snapshot.exchanges.length === 0;
    }

    /**
     * The part that changes by itself.
     *
     * @param {Snapshot} snapshot
     * @param {number} ageMs  of the data
     */
    tick(snapshot, ageMs) {
        this.write('statistics', statisticsRows(snapshot, ageMs), writePairs);
    }

    /**
     * Rebuild a part only when it says something else.
     *
     * @template T
     * @param {string} id
     * @param {T} said
     * @param {(root: HTMLElement, said: T) => void} build
     */
    write(id, said, build) {
        const root = byId(id, HTMLElement);
        const text = JSON.stringify(said);
        if (this.written.get(root) === text)
            return;
        this.written.set(root, text);
        build(root, said);
    }
}

/** @param {HTMLElement} root @param {[string, string][]} rows */
function writePairs(root, rows) {
    root.replaceChildren(...rows.flatMap(([name, value]) => [make('dt', '', name), make('dd', '', value)]));
}

/** @param {HTMLElement} root @param {import('./facts.js').ImbalanceRow[]} rows */
function writeImbalance(root, rows) {
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
    root.replaceChildren(list, make('p', 'fine',
        'Modelled longs below price against shorts above it. Not a forecast of direction.'));
}

/** @param {number} share */
function part(share) {
    const element = make('i');
    element.style.setProperty('--part', share.toFixed(4));
    return element;
}

/** @param {HTMLElement} root @param {import('./facts.js').ModelWords} words */
function writeModel(root, { about, tiers, assumptions, warnings }) {
    const rows = tiers.map((tier) => {
        const swatch = make('span', `swatch tier-${tier.leverage}`);
        const name = make('th', '', swatch, `${tier.leverage}×`);
        name.scope = 'row';
        return make('tr', '', name, make('td', '', tier.distance), make('td', '', tier.share), make('td', '', tier.halfLife));
    });
    root.replaceChildren(...about.map((line) => make('p', '', line)));
    if (rows.length > 0) {
        root.append(make('table', 'tiers-table',
            make('caption', 'unseen', 'Assumed tiers of leverage'),
            make('thead', '', headRow(['Leverage', 'Closed at', 'Share', 'Half-life'])),
            make('tbody', '', ...rows)));
    }
    root.append(...assumptions.map((line) => make('p', '', line)),
        ...warnings.map((line) => make('p', 'fine', line)));
}

/** @param {HTMLElement} root @param {import('./answers.js').ExchangePart[]} parts */
function writeExchanges(root, parts) {
    const rows = parts.flatMap((one) => {
        const state = !one.included ? 'out' : one.stale ? 'stale' : 'in';
        const name = make('th', '', make('span', 'part-state'), exchangeName(one.name));
        name.scope = 'row';
        const row = make('tr', '', name,
            make('td', '', one.included && one.share >= 0 ? `${(100 * one.share).toFixed(1)} %` : 'left out'),
            make('td', '', usd(one.openInterestUsd)),
            make('td', '', one.ageMs >= 0 ? span(one.ageMs) : '–'));
        row.dataset.state = state;
        row.dataset.exchange = one.name;
        const why = [...new Set([one.reason, ...one.warnings])].filter(Boolean);
        if (one.stale && one.included)
            why.unshift('old data');
        if (why.length === 0)
            return [row];
        const cell = make('td', 'parts-why', why.join(' · '));
        cell.colSpan = 4;
        return [row, make('tr', '', cell)];
    });
    root.replaceChildren(make('table', 'parts',
        make('caption', 'unseen', 'Exchanges in this map'),
        make('thead', '', headRow(['Exchange', 'Share', 'Open interest', 'Age'])),
        make('tbody', '', ...rows)));
}
