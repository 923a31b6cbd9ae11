/* The "Alerts" panel, and how an alert is told: a notification where they are
 * allowed, a line on the page always, a sound on request. */

import { Watch, distanceOf, ruleOf } from './alerts.js';
import { byId, make, setText } from './dom.js';
import { decimalsOf, density, price } from './format.js';
import { action, menu, tick } from './menu.js';
import { lastPrice } from './snapshot.js';
import { recall, remember } from './store.js';

/** @typedef {import('./snapshot.js').Snapshot} Snapshot */

/** Two tones, the second higher: heard, and no alarm. */
const TONES_HZ = [660, 880];
const TONE_S = 0.16;

export class AlertMenu {
    /** @param {(on: boolean) => void} onSwitch  the page is to refresh in the background too */
    constructor(onSwitch) {
        this.onSwitch = onSwitch;
        this.rule = ruleOf(recall('alerts'));
        this.watch = new Watch();
        /** @type {AudioContext | null} */
        this.audio = null;
        this.toast = byId('toast', HTMLElement);
        this.toastText = byId('toast-text', HTMLElement);
        byId('toast-close', HTMLButtonElement).addEventListener('click', () => { this.toast.hidden = true; });
        this.button = byId('alerts-menu-open', HTMLButtonElement);
        this.on = tick('alerts-on', 'Tell me when price comes near a strong level', (on) => this.change({ on }));
        this.sound = tick('alerts-sound', 'With a sound', (sound) => this.change({ sound }));
        this.said = make('p', 'menu-note');
        this.said.setAttribute('role', 'status');
        this.said.dataset.testid = 'alerts-said';
        menu('alerts-menu', () => this.show()).append(
            this.on.element,
            this.number('percent', 'Nearer than', '% of price', 0.05, 20, 0.05),
            this.number('density', 'Stronger than', '/ 100 density', 0, 100, 5),
            this.number('minutes', 'Again after', 'minutes', 1, 1440, 5),
            this.sound.element, this.said,
            make('div', 'menu-buttons', action('alerts-test', 'Try it', () => this.try())),
            make('p', 'menu-note', 'Watches the map of this page, also while it is in the background, and not when it is closed. A level is where forced orders appear if price gets there: no forecast.'));
        this.show();
    }

    /** @param {"percent" | "density" | "minutes"} key @param {string} label @param {string} unit @param {number} min @param {number} max @param {number} step */
    number(key, label, unit, min, max, step) {
        const input = make('input', 'menu-number');
        Object.assign(input, { type: 'number', min: String(min), max: String(max), step: String(step), inputMode: 'decimal' });
        input.value = String(this.rule[key]);
        input.dataset.testid = 'alerts-' + key;
        input.addEventListener('change', () => {
            const rule = ruleOf({ ...this.rule, [key]: input.value === '' ? NaN : Number(input.value) });
            input.value = String(rule[key]);
            this.change({ [key]: rule[key] });
        });
        return make('label', 'menu-row', make('span', 'menu-name', label), make('span', 'menu-unit', input, ' ' + unit));
    }

    /** @param {Partial<import('./alerts.js').Rule>} change */
    async change(change) {
        this.rule = { ...this.rule, ...change };
        remember('alerts', this.rule);
        this.watch.forget();
        this.show();
        this.onSwitch(this.rule.on);
        if (change.on) {
            this.wake();
            await askToNotify();
            this.show();
        }
    }

    show() {
        this.on.input.checked = this.rule.on;
        this.sound.input.checked = this.rule.sound;
        this.button.dataset.on = String(this.rule.on);
        this.button.setAttribute('aria-label', this.rule.on ? 'Alerts, on' : 'Alerts');
        setText(this.said, this.rule.on ? permissionText() : '');
    }

    /** Browsers let a page sound only after a touch or a click. */
    wake() {
        if (!this.audio && 'AudioContext' in window)
            this.audio = new AudioContext();
        this.audio?.resume().catch(() => {});
    }

    try() {
        this.wake();
        this.tell('This is how an alert looks', 'No level is near because of it.');
        askToNotify().then(() => this.show());
    }

    /** @param {Snapshot} snapshot  of now @param {number} now  ms */
    see(snapshot, now) {
        /* What is old is no news. */
        if (snapshot.stale || !this.rule.on)
            return;
        const last = lastPrice(snapshot);
        const due = this.watch.decide(snapshot.symbol, snapshot.levels, last, this.rule, now);
        if (due.length === 0)
            return;
        const decimals = decimalsOf(snapshot.candles.close.subarray(-50));
        const [nearest] = due;
        const away = distanceOf(nearest, last);
        const more = due.length > 1 ? ` And ${due.length - 1} more.` : '';
        this.tell(`${snapshot.source === 'demo' ? 'DEMO: ' : ''}${snapshot.symbol} ${price(last, decimals)}`,
            `${nearest.side === 'long' ? 'Longs' : 'Shorts'} at ${price(nearest.price, decimals)}, `
            + `${away > 0 ? away.toFixed(2) + ' % away' : 'price is in the band'}, density ${density(nearest.density)}.${more}`);
    }

    /** @param {string} title @param {string} text */
    tell(title, text) {
        setText(this.toastText, `${title}. ${text}`);
        this.toast.hidden = false;
        if (this.rule.sound)
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

/** Asked for only when alerts are switched on. */
async function askToNotify() {
    if ('Notification' in window && Notification.permission === 'default')
        await Notification.requestPermission();
}

function permissionText() {
    if (!('Notification' in window))
        return 'This browser has no notifications: a line on the page, and the sound.';
    return Notification.permission === 'granted' ? 'On: notification and a line on the page.'
        : 'Notifications are not allowed here: a line on the page, and the sound.';
}
