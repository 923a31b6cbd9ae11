/* What of the model is shown: tiers, side, range, the map itself, the profile
 * and its knobs.  The inputs, kept equal to the choice. */

import { byId, make, setText } from './dom.js';
import { choice, numberInput } from './inputs.js';
import { RANGES, TIERS, tiersOf, tiersText } from '../data/query.js';
import { choose, display } from '../data/state.js';
import { KNOBS, KNOB_LIMITS, knobAllowed } from '../data/view.js';

/**
 * @typedef {import('../data/query.js').Query} Query
 * @typedef {import('../data/state.js').State} State
 * @typedef {import('../data/view.js').View} View
 * @typedef {import('../data/view.js').Knobs} Knobs
 */

const SIDES = /** @type {const} */ ([['both', 'Both'], ['long', 'Longs'], ['short', 'Shorts']]);
const PROFILES = /** @type {const} */ ([['tiers', 'By tier'], ['single', 'Single'], ['off', 'Off']]);

/** Label, step and unit of each knob. @type {Readonly<Record<keyof Knobs, readonly [string, string, string]>>} */
const KNOB_LABELS = {
    leverage: ['Leverage', '0.5', '×'],
    margin: ['Margin %', '0.1', 'maintenance margin, percent of the position'],
    lambda: ['Decay λ', '0.05', 'per hour: how fast the weight of older candles falls'],
    reach: ['Range ± %', '1', 'percent around price'],
};

export class Filters {
    /**
     * @param {HTMLElement} root
     * @param {import('../data/state.js').PageStore} store
     */
    constructor(root, store) {
        this.store = store;
        /** @type {readonly (keyof State)[]} */
        this.reads = ['query', 'view', 'kind', 'singleProblem'];
        this.form = make('form', 'filters');
        this.form.autocomplete = 'off';
        this.chips = make('div', 'chips', ...TIERS.map(tierChip));
        this.side = choice('pick', 'Side', 'side', SIDES, (side) => choose(store, { side: /** @type {Query["side"]} */ (side) }));
        this.range = choice('pick', 'Range', 'range', RANGES.map((r) => /** @type {const} */ ([String(r), r ? `±${r} %` : 'Fit'])),
            (range) => choose(store, { range: Number(range) }));
        this.profile = choice('pick', 'Profile', 'profile', PROFILES, (profile) => display(store, { profile: /** @type {View["profile"]} */ (profile) }));
        this.heat = make('input');
        this.heat.type = 'checkbox';
        this.heat.name = 'heat';
        /** @type {Map<keyof Knobs, HTMLInputElement>} */
        this.knobs = new Map();
        this.knobBox = this.makeKnobs();
        this.problem = make('p', 'fine');
        this.problem.setAttribute('role', 'status');
        this.problem.dataset.testid = 'profile-problem';
        const heat = make('label', 'switch', this.heat, 'Heatmap', make('kbd', '', 'H'));
        this.form.append(
            make('fieldset', 'pick', make('legend', '', 'Tiers'), this.chips),
            this.side.element, this.range.element, this.profile.element, this.knobBox, this.problem, heat);
        root.replaceChildren(this.form);
        this.form.addEventListener('submit', (event) => event.preventDefault());
        this.form.addEventListener('change', (event) => this.changed(event));
        this.clear = byId('filtered', HTMLButtonElement);
        this.clear.addEventListener('click', () => {
            choose(store, { tiers: '', side: 'both', range: 0 });
            this.clear.hidden = true;
        });
    }

    makeKnobs() {
        const fields = /** @type {(keyof Knobs)[]} */ (Object.keys(KNOBS)).map((name) => {
            const [label, step, about] = KNOB_LABELS[name];
            const input = numberInput(name, KNOB_LIMITS[name], step);
            this.knobs.set(name, input);
            const field = make('label', 'knob', label, input);
            field.title = about;
            return field;
        });
        const box = make('div', 'knobs', ...fields, make('p', 'fine',
            'A simpler model: one leverage, entries at the open; positions stay when price passes. Weights, not dollars.'));
        box.dataset.testid = 'knobs';
        return box;
    }

    /** @param {State} state */
    render({ query, view, kind, singleProblem }) {
        const chosen = tiersOf(query);
        for (const input of this.chips.querySelectorAll('input'))
            input.checked = chosen.includes(Number(input.value));
        this.side.set(query.side);
        this.range.set(String(query.range));
        this.profile.set(kind);
        this.heat.checked = view.heat;
        this.knobBox.hidden = kind !== 'single';
        for (const [name, input] of this.knobs) {
            if (document.activeElement !== input || Number(input.value) !== view.knobs[name])
                input.value = String(view.knobs[name]);
            input.setAttribute('aria-invalid', 'false');
        }
        const problem = kind === 'single' ? singleProblem : '';
        setText(this.problem, problem);
        this.problem.hidden = problem === '';
        this.showFiltered(query);
    }

    /** A filter must be seen even with the panel closed. @param {Query} query */
    showFiltered(query) {
        const parts = [];
        if (query.tiers)
            parts.push(tiersOf(query).map((t) => t + '×').join(' '));
        if (query.side !== 'both')
            parts.push(query.side + 's');
        if (query.range)
            parts.push(`± ${query.range} %`);
        this.clear.hidden = parts.length === 0;
        setText(this.clear, `✕  Only ${parts.join(' · ')}`);
    }

    /** @param {Event} event */
    changed({ target }) {
        if (!(target instanceof HTMLInputElement))
            return;
        if (target.name === 'tier')
            this.takeTiers();
        else if (target === this.heat)
            display(this.store, { heat: target.checked });
        else if (target.type === 'number')
            this.takeKnobs();
    }

    takeTiers() {
        const inputs = [...this.chips.querySelectorAll('input')];
        const chosen = inputs.filter((input) => input.checked).map((input) => Number(input.value));
        /* A map without tiers is empty: clearing the last one selects all. */
        if (chosen.length === 0)
            inputs.forEach((input) => { input.checked = true; });
        choose(this.store, { tiers: tiersText(chosen) });
    }

    takeKnobs() {
        const knobs = { ...KNOBS };
        let good = true;
        for (const [name, input] of this.knobs) {
            const value = Number(input.value);
            const allowed = input.value !== '' && knobAllowed(name, value);
            input.setAttribute('aria-invalid', String(!allowed));
            good &&= allowed;
            knobs[name] = value;
        }
        if (good)
            display(this.store, { knobs });
    }
}

/** @param {number} leverage */
function tierChip(leverage) {
    const input = make('input');
    input.type = 'checkbox';
    input.name = 'tier';
    input.value = String(leverage);
    return make('label', `tier-chip tier-${leverage}`, input, make('span', '', `${leverage}×`));
}
