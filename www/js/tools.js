/* What stands around the map and is not needed to draw it: panel, profile,
 * markers, menus, replay, measure, alerts, keys.  Loaded once the first map is
 * on the screen; knows the page, which knows it by the methods below. */

import { AlertMenu } from './alertmenu.js';
import { fetchJson } from './api.js';
import { Beside } from './beside.js';
import { byId, setText } from './dom.js';
import { decimalsOf, percent, price } from './format.js';
import { Help, dialogOf } from './help.js';
import { listenKeys, writeKeys } from './keys.js';
import { Measure } from './measure.js';
import { Replay } from './replay.js';
import { ShareMenu } from './share.js';
import { lastPrice } from './snapshot.js';
import { Speaker } from './speak.js';
import { INTERVALS } from './state.js';
import { ViewMenu } from './viewmenu.js';

/**
 * @typedef {import('./main.js').Page} Page
 * @typedef {import('./snapshot.js').Snapshot} Snapshot
 * @typedef {import('./state.js').State} State
 */

export class Tools {
    /** @param {Page} page */
    constructor(page) {
        this.page = page;
        this.help = new Help();
        this.measure = new Measure(page.chart);
        this.replay = new Replay({
            end: (end) => page.setEnd(end),
            state: () => ({ end: page.state.end, interval: page.state.interval, now: page.now, local: page.local }),
        });
        this.share = new ShareMenu({
            link: (moment) => page.link(moment),
            picture: () => page.picture(),
            snapshot: () => page.snapshot,
            json: () => byId('json-link', HTMLAnchorElement).href,
        });
        this.speaker = new Speaker((text) => setText(byId('announced', HTMLElement), text));
        this.view = new ViewMenu({
            look: (change) => page.setLook({ ...page.look, ...change }),
            pin: (on) => page.setPin(on),
            theme: (name) => page.setTheme(name),
            zone: (zone) => page.setZone(zone === 'local'),
            replay: () => this.replay.toggle(),
            alerts: () => byId('alerts-menu', HTMLElement).showPopover(),
        });
        this.beside = new Beside(page.chart, {
            state: () => page.state,
            shown: () => page.shown,
            filter: (change) => page.choose({ ...page.state, ...change }),
            choose: (change) => page.chooseShown({ ...page.shown, ...change }),
            ask: fetchJson,
        });
        this.alerts = new AlertMenu((on) => page.refresher.setBackground(on));
        page.refresher.setBackground(this.alerts.rule.on);
        byId('replay-open', HTMLButtonElement).addEventListener('click', () => this.replay.toggle());
        page.chart.onPress = (spot, begins) => {
            if (!spot)
                this.measure.clear();
            else if (begins)
                this.measure.start(spot);
            else
                this.measure.move(spot);
        };
        this.listenKeys();
        this.looked();
        this.chosen();
        if (page.snapshot && page.shownFor)
            this.show(page.snapshot, page.shownFor);
    }

    listenKeys() {
        const { page } = this;
        writeKeys(byId('key-list', HTMLElement));
        const intervals = INTERVALS.map((interval, i) => [String(i + 1), () => page.choose({ ...page.state, interval })]);
        listenKeys({
            ...Object.fromEntries(intervals),
            '?': dialogOf('keys'),
            l: () => page.setLook({ ...page.look, logPrice: !page.look.logPrice }),
            m: () => this.measure.toggle(),
            r: () => this.replay.toggle(),
            v: () => byId('view-menu', HTMLElement).togglePopover(),
            s: () => byId('share-menu', HTMLElement).togglePopover(),
            Escape: () => {
                this.measure.clear();
                page.chart.hideCursor();
            },
        }, (event) => page.chart.onKey(event));
    }

    /** A map has come. @param {Snapshot} snapshot @param {State} state  it was asked for */
    show(snapshot, state) {
        this.beside.show(snapshot, state);
        this.help.show(snapshot);
        this.paint();
        if (state.end === 0)
            this.alerts.see(snapshot, Date.now());
    }

    /** The map has new colours. */
    paint() {
        const { colours } = this.page;
        if (colours)
            this.help.paint(colours.palette);
    }

    /** There is no map any more. */
    clear() {
        this.beside.clear();
    }

    /**
     * What is asked for together with a map.
     *
     * @param {State} state
     * @param {AbortSignal} signal
     * @returns {ReturnType<Beside['loadProfile']>}
     */
    load(state, signal) {
        return this.beside.loadProfile(state, signal);
    }

    /** All of a map has come. @param {Awaited<ReturnType<Beside['loadProfile']>>} profile */
    arrived(profile) {
        this.beside.takeProfile(profile);
        this.replay.show();
        this.replay.arrived();
    }

    /** The state or what is shown of it has changed. */
    chosen() {
        this.beside.choose();
        this.replay.show();
    }

    /** Theme, colours, axis or time zone have changed. */
    looked() {
        const { look, themeName, local } = this.page;
        this.view.show(look, themeName, local ? 'local' : 'utc');
        this.replay.show();
        this.paint();
    }

    /** Other candles or prices are on the screen. */
    moved() {
        this.beside.showScale();
        this.measure.show();
    }

    /**
     * The crosshair is elsewhere.
     *
     * @param {import('./chart.js').Cursor | null} cursor
     * @returns {import('./tooltip.js').Cascade | null} what lies between price and there
     */
    point(cursor) {
        this.measure.follow(cursor);
        return this.beside.cascade(cursor);
    }

    /** What of the pane nothing covers. @param {import('./tooltip.js').Pane} pane @param {number} x  of the crosshair */
    free(pane, x) {
        return this.beside.why.free(pane, x);
    }

    /** Once a second, and after whatever happened. @param {import('./status.js').Status} status */
    tell({ state, title, lines }) {
        const { snapshot, age, state: { symbol, interval } } = this.page;
        if (snapshot)
            this.beside.panel.tick(snapshot, age);
        const about = title ? `${title}. ${lines[0] ?? ''}` : snapshot ? `${symbol} ${interval} ${state}` : '';
        this.speaker.hear({
            /* An age that grows is no news. */
            state: [state, title.replace(/\d+ (s|min|h|d)\b/g, ''), symbol, interval, snapshot !== null].join(),
            about,
            price: snapshot ? spokenPrice(snapshot) : '',
        }, performance.now());
    }
}

/** @param {Snapshot} snapshot */
function spokenPrice(snapshot) {
    const decimals = decimalsOf(snapshot.candles.close.subarray(-50));
    return `${snapshot.symbol} ${price(lastPrice(snapshot), decimals)}, ${percent(snapshot.ticker.change)} in 24 hours`;
}
