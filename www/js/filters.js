/* What of the model is shown: tiers, side, range, the map itself, the profile
 * and its knobs.  The inputs, kept equal to the choice. */

import { addChoices, byId, make, setText } from './dom.js';
import { KNOBS, KNOB_LIMITS, knobAllowed } from './shown.js';
import { RANGES, SIDES, TIERS, tiersOf, tiersText } from './state.js';

/**
 * @typedef {import('./state.js').State} State
 * @typedef {import('./shown.js').Shown} Shown
 * @typedef {import('./shown.js').Knobs} Knobs
 */

const SIDE_NAMES = { both: 'Both', long: 'Longs', short: 'Shorts' };
const PROFILE_NAMES = { tiers: 'By tier', single: 'Single', off: 'Off' };

/** Label, step and unit of each knob. @type {Readonly<Record<keyof Knobs, readonly [string, string, string]>>} */
const KNOB_LABELS = {
    leverage: ['Leverage', '0.5', '×'],
    margin: ['Margin %', '0.1', 'maintenance margin, percent of the position'],
    lambda: ['Decay λ', '0.05', 'per hour: how fast older candles count for less'],
    reach: ['Range ± %', '1', 'percent around price'],
};

export class Filters {
    /**
     * @param {HTMLElement} root
     * @param {object} on
     * @param {(change: Partial<State>) => void} on.filter
     * @param {(change: Partial<Shown>) => void} on.shown
     */
    constructor(root, on) {
        this.on = on;
        this.form = make('form', 'filters');
        this.form.autocomplete = 'off';
        this.chips = make('div', 'chips', ...TIERS.map(tierChip));
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
            group('Tiers', this.chips),
            group('Side', choices('side', SIDES, (v) => SIDE_NAMES[/** @type {"both"} */ (v)])),
            group('Range', choices('range', RANGES.map(String), (v) => (v === '0' ? 'Fit' : `±${v} %`))),
            group('Profile', choices('profile', Object.keys(PROFILE_NAMES), (v) => PROFILE_NAMES[/** @type {"off"} */ (v)])),
            this.knobBox, this.problem, heat);
        root.replaceChildren(this.form);
        this.form.addEventListener('submit', (event) => event.preventDefault());
        this.form.addEventListener('change', (event) => this.changed(event));
        this.clear = byId('filtered', HTMLButtonElement);
        this.clear.addEventListener('click', () => {
            on.filter({ tiers: '', side: 'both', range: 0 });
            this.clear.hidden = true;
        });
    }

    makeKnobs() {
        const fields = /** @type {(keyof Knobs)[]} */ (Object.keys(KNOBS)).map((name) => {
            const [label, step, about] = KNOB_LABELS[name];
            const input = make('input');
            input.type = 'number';
            input.name = name;
            [input.min, input.max] = KNOB_LIMITS[name].map(String);
            input.step = step;
            this.knobs.set(name, input);
            const field = make('label', 'knob', label, input);
            field.title = about;
            return field;
        });
        const box = make('div', 'knobs', ...fields, make('p', 'fine',
            'Another, simpler model: one leverage for everybody, entries at the open, nothing is cleared when price passes. Weights, not dollars.'));
        box.dataset.testid = 'knobs';
        return box;
    }

    /** @param {State} state @param {Shown} shown  its profile resolved */
    show(state, shown) {
        const chosen = tiersOf(state);
        for (const input of this.chips.querySelectorAll('input'))
            input.checked = chosen.includes(Number(input.value));
        for (const [name, value] of [['side', state.side], ['range', String(state.range)], ['profile', shown.profile]]) {
            const inputs = this.form.elements.namedItem(name);
            if (inputs instanceof RadioNodeList)
                inputs.value = value;
        }
        this.heat.checked = shown.heat;
        this.knobBox.hidden = shown.profile !== 'single';
        for (const [name, input] of this.knobs) {
            if (document.activeElement !== input || Number(input.value) !== shown.knobs[name])
                input.value = String(shown.knobs[name]);
            input.setAttribute('aria-invalid', 'false');
        }
        this.showFiltered(state);
    }

    /** A filter must be seen even with the panel closed. @param {State} state */
    showFiltered(state) {
        const parts = [];
        if (state.tiers)
            parts.push(tiersOf(state).map((t) => t + '×').join(' '));
        if (state.side !== 'both')
            parts.push(state.side + 's');
        if (state.range)
            parts.push(`± ${state.range} %`);
        this.clear.hidden = parts.length === 0;
        setText(this.clear, `✕  Only ${parts.join(' · ')}`);
    }

    /** @param {string} text  why there is no profile, "" when there is */
    showProblem(text) {
        setText(this.problem, text);
        this.problem.hidden = text === '';
    }

    /** @param {Event} event */
    changed({ target }) {
        if (!(target instanceof HTMLInputElement))
            return;
        if (target.name === 'tier')
            this.takeTiers();
        else if (target.name === 'side')
            this.on.filter({ side: /** @type {State["side"]} */ (target.value) });
        else if (target.name === 'range')
            this.on.filter({ range: Number(target.value) });
        else if (target.name === 'profile')
            this.on.shown({ profile: /** @type {Shown["profile"]} */ (target.value) });
        else if (target === this.heat)
            this.on.shown({ heat: target.checked });
        else
            this.takeKnobs();
    }

    takeTiers() {
        const inputs = [...this.chips.querySelectorAll('input')];
        const chosen = inputs.filter((input) => input.checked).map((input) => Number(input.value));
        /* A map of no tier is none: the last one taken off brings all back. */
        if (chosen.length === 0)
            inputs.forEach((input) => { input.checked = true; });
        this.on.filter({ tiers: tiersText(chosen) });
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
            this.on.shown({ knobs });
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

/** @param {string} name @param {Node} inputs */
function group(name, inputs) {
    return make('fieldset', 'pick', make('legend', '', name), inputs);
}

/** @param {string} name @param {readonly string[]} values @param {(value: string) => string} label */
function choices(name, values, label) {
    const box = make('div', 'choices');
    addChoices(box, name, values, label);
    return box;
}
