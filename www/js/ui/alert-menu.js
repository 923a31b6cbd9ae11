/* The "Alerts" menu, and how an alert is delivered: a notification where they
 * are allowed, a line on the page always, a sound on request. */

import { Watch, distanceOf, ruleOf } from '../data/alert-rules.js';
import { byId, make, rebuild, setText } from './dom.js';
import { decimalsOf, density, price, priceDecimals } from '../data/format.js';
import { action, numberInput, tick } from './inputs.js';
import { menu } from './menu.js';
import { lastPrice } from '../data/snapshot.js';
import { follow, watch } from '../data/watched.js';

/**
 * @typedef {import('../data/snapshot.js').Snapshot} Snapshot
 * @typedef {import('../data/state.js').State} State
 */

/** Two tones, the second higher. */
const TONES_HZ = [660, 880];
const TONE_S = 0.16;

export class AlertMenu {
    /** @param {import('../data/state.js').PageStore} store */
    constructor(store) {
        this.store = store;
        /** @type {readonly (keyof import('../data/state.js').State)[]} */
        this.reads = ['rule', 'map', 'watched'];
        this.watch = new Watch();
        /** @type {AudioContext | null} */
        this.audio = null;
        this.toast = byId('toast', HTMLElement);
        this.toastText = byId('toast-text', HTMLElement);
        byId('toast-close', HTMLButtonElement).addEventListener('click', () => { this.toast.hidden = true; });
        this.button = byId('alerts-menu-open', HTMLButtonElement);
        this.on = tick('alerts-on', 'Alert when price comes near a strong level', (on) => this.change({ on }));
        this.sound = tick('alerts-sound', 'Sound', (sound) => this.change({ sound }));
        this.list = make('ul', 'watched');
        this.list.dataset.testid = 'watched';
        this.permission = make('p', 'menu-note');
        this.permission.setAttribute('role', 'status');
        this.permission.dataset.testid = 'alerts-permission';
        menu('alerts-menu', () => this.show(store.state.rule)).append(
            this.on.element,
            this.number('percent', 'Nearer than', '% of price', 0.05, 20, 0.05),
            this.number('density', 'Denser than', 'density', 0, 100, 5),
            this.number('minutes', 'Repeat after', 'minutes', 1, 1440, 5),
            this.sound.element, this.addRow(), this.list, this.permission,
            make('div', 'menu-buttons', action('alerts-test', 'Test alert', () => this.try())),
            make('p', 'menu-note', 'Alerts work while this page is open, also in the background. A level is where forced orders appear if price gets there; it is not a forecast.'));
    }

    /** @param {"percent" | "density" | "minutes"} key @param {string} label @param {string} unit @param {number} min @param {number} max @param {number} step */
    number(key, label, unit, min, max, step) {
        const input = numberInput(key, [min, max], step);
        input.className = 'menu-number';
        input.value = String(this.store.state.rule[key]);
        input.dataset.testid = 'alerts-' + key;
        input.addEventListener('change', () => {
            const rule = ruleOf({ ...this.store.state.rule, [key]: input.value === '' ? NaN : Number(input.value) });
            input.value = String(rule[key]);
            this.change({ [key]: rule[key] });
        });
        return make('label', 'menu-row', make('span', 'menu-name', label), make('span', 'menu-unit', input, ' ' + unit));
    }

    /** @param {Partial<import('../data/alert-rules.js').Rule>} change */
    async change(change) {
        this.watch.forget();
        this.store.set({ rule: { ...this.store.state.rule, ...change } });
        if (change.on) {
            this.wake();
            await askToNotify();
            this.show(this.store.state.rule);
        }
    }

    /** @param {import('../data/state.js').State} state @param {import('../data/state.js').State | null} before */
    render(state, before) {
        const { rule, map } = state;
        if (rule !== before?.rule)
            this.show(rule);
        const { watched } = state;
        rebuild(this.list, watched, () => watched.map((one) => this.watchedRow(one)));
        this.button.dataset.on = String(rule.on || watched.length > 0);
        if (!map || map === before?.map || map.query.end !== 0)
            return;
        this.check(map.snapshot, rule, Date.now());
        this.followWatched(map.snapshot, watched, rule.percent);
    }

    /** To be told of a price. */
    addRow() {
        const input = numberInput('alert-price', [0, 1e12], 'any');
        input.className = 'menu-number';
        input.dataset.testid = 'alerts-price';
        const add = () => {
            const { map, watched } = this.store.state;
            if (!map || !(Number(input.value) > 0))
                return;
            this.store.set({ watched: [...watched, watch(map.snapshot, Number(input.value))] });
            input.value = '';
            this.wake();
            askToNotify().then(() => this.show(this.store.state.rule));
        };
        input.addEventListener('keydown', (event) => {
            if (event.key === 'Enter')
                add();
        });
        return make('div', 'menu-row', make('label', 'menu-unit', 'At a price ', input), action('alerts-add', 'Add', add));
    }

    /** @param {import('../data/watched.js').Watched} one */
    watchedRow(one) {
        const remove = action('alerts-remove', 'Remove', () =>
            this.store.set({ watched: this.store.state.watched.filter((other) => other !== one) }));
        return make('li', '', `${one.symbol} ${nameOf(one)}`, remove);
    }

    /** @param {Snapshot} snapshot @param {State["watched"]} watched @param {number} percent  counts as near */
    followWatched(snapshot, watched, percent) {
        if (snapshot.stale || watched.length === 0)
            return;
        const { list, events } = follow(watched, snapshot, percent);
        if (list.length !== watched.length || list.some((one, i) => one !== watched[i]))
            this.store.set({ watched: list });
        if (events.length > 0) {
            this.notify(`${snapshot.source === 'demo' ? 'DEMO: ' : ''}${snapshot.symbol} ${price(lastPrice(snapshot), priceDecimals(snapshot))}`,
                events.map(({ watched: one, event }) => `${nameOf(one)} ${HAPPENED[event]}.`).join(' '));
        }
    }

    /** @param {import('../data/alert-rules.js').Rule} rule */
    show({ on, sound }) {
        this.on.input.checked = on;
        this.sound.input.checked = sound;
        this.button.setAttribute('aria-label', on ? 'Alerts, on' : 'Alerts');
        setText(this.permission, on ? permissionText() : '');
    }

    /** Browsers let a page sound only after a touch or a click. */
    wake() {
        if (!this.audio && 'AudioContext' in window)
            this.audio = new AudioContext();
        this.audio?.resume().catch(() => {});
    }

    try() {
        this.wake();
        this.notify('This is a test alert', 'No level is near.');
        askToNotify().then(() => this.show(this.store.state.rule));
    }

    /** @param {Snapshot} snapshot  of now @param {import('../data/alert-rules.js').Rule} rule @param {number} now  ms */
    check(snapshot, rule, now) {
        /* Old data raises no alert. */
        if (snapshot.stale || !rule.on)
            return;
        const last = lastPrice(snapshot);
        const due = this.watch.decide(snapshot.symbol, snapshot.levels, last, rule, now);
        if (due.length === 0)
            return;
        const decimals = priceDecimals(snapshot);
        const [nearest] = due;
        const away = distanceOf(nearest, last);
        const more = due.length > 1 ? ` And ${due.length - 1} more.` : '';
        this.notify(`${snapshot.source === 'demo' ? 'DEMO: ' : ''}${snapshot.symbol} ${price(last, decimals)}`,
            `${nearest.side === 'long' ? 'Longs' : 'Shorts'} at ${price(nearest.price, decimals)}, `
            + `${away > 0 ? away.toFixed(2) + ' % away' : 'price is in the band'}, density ${density(nearest.density)}.${more}`);
    }

    /** @param {string} title @param {string} text */
    notify(title, text) {
        setText(this.toastText, `${title}. ${text}`);
        this.toast.hidden = false;
        if (this.store.state.rule.sound)
            this.beep();
        if (!('Notification' in window) || Notification.permission !== 'granted')
            return;
        try {
            const note = new Notification(title, { body: text, tag: 'liqmap', icon: 'icons/icon-192.png' });
            note.onclick = () => window.focus();
        } catch {
            /* Some phones notify only for installed workers; the line is there. */
        }
    }

    beep() {
        const { audio } = this;
        if (!audio || audio.state !== 'running')
            return;
        TONES_HZ.forEach((hz, i) => {
            const tone = audio.createOscillator();
            const volume = audio.createGain();
            const start = audio.currentTime + i * TONE_S;
            tone.frequency.value = hz;
            volume.gain.setValueAtTime(0.0001, start);
            volume.gain.exponentialRampToValueAtTime(0.2, start + 0.02);
            volume.gain.exponentialRampToValueAtTime(0.0001, start + TONE_S);
            tone.connect(volume).connect(audio.destination);
            tone.start(start);
            tone.stop(start + TONE_S);
        });
    }
}

/** What an alert says. @type {Readonly<Record<import('../data/watched.js').Event, string>>} */
const HAPPENED = {
    approached: 'approached: price is near',
    touched: 'touched: price is in the band',
    swept: 'swept: price passed and the level is gone',
    faded: 'faded: the level is gone, price was not there',
    reached: 'reached',
};

/** @param {import('../data/watched.js').Watched} one */
function nameOf({ side, price: at }) {
    return `${{ long: 'Longs at', short: 'Shorts at', price: 'Price' }[side]} ${price(at, decimalsOf([at]))}`;
}

/** Asked for only when alerts are switched on. */
async function askToNotify() {
    if ('Notification' in window && Notification.permission === 'default')
        await Notification.requestPermission();
}

function permissionText() {
    if (!('Notification' in window))
        return 'This browser has no notifications. Alerts appear on the page.';
    return Notification.permission === 'granted' ? 'On: alerts appear as notifications and on the page.'
        : 'Notifications are not allowed. Alerts appear on the page.';
}
