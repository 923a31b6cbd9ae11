/* Wires the document, the network and the chart; the only module that knows
 * all three. */

import { AlertMenu } from './alertmenu.js';
import { ApiError, fetchChoices, fetchHeatmap, fetchJson } from './api.js';
import { Beside } from './beside.js';
import { Chart } from './chart.js';
import { ColourBar } from './colourbar.js';
import { Controls } from './controls.js';
import { byId, make, setText } from './dom.js';
import { date, decimalsOf, percent, price, span, useLocalTime, zoneName } from './format.js';
import { Header } from './header.js';
import { Help, dialogOf } from './help.js';
import { listenKeys, writeKeys } from './keys.js';
import { DEFAULT_LOOK, lookFromQuery, lookQuery, sameLook } from './look.js';
import { Measure } from './measure.js';
import { Painter } from './painter.js';
import { Refresher } from './refresh.js';
import { Replay } from './replay.js';
import { ShareMenu } from './share.js';
import { sameShown, shownFromQuery, shownQuery } from './shown.js';
import { SnapshotError, lastPrice, parseSnapshot } from './snapshot.js';
import { Speaker } from './speak.js';
import { INTERVALS, fromQuery, sameState, sameWindow, toQuery } from './state.js';
import { statusOf } from './status.js';
import { recall, remember } from './store.js';
import { applyTheme, colourOf, storedTheme } from './theme.js';
import { Tooltip } from './tooltip.js';
import { ViewMenu } from './viewmenu.js';
import { viewportFromQuery, viewportQuery } from './viewport.js';

/**
 * @typedef {import('./snapshot.js').Snapshot} Snapshot
 * @typedef {import('./state.js').State} State
 */

/** The address follows a view that has come to rest. */
const ADDRESS_MS = 400;

const MINUTE_MS = 60000;

class Page {
    constructor() {
        /** @type {State} */
        this.state = fromQuery(location.search);
        /** @type {Snapshot | null} */
        this.snapshot = null;
        /** What the snapshot was asked for. @type {State | null} */
        this.shownFor = null;
        this.etag = '';
        this.look = lookFromQuery(location.search, lookFromQuery(String(recall('look') ?? ''), DEFAULT_LOOK));
        this.painter = new Painter(this.look);
        /** @type {import('./scale.js').Colours | null} */
        this.colours = null;
        this.themeName = storedTheme();
        this.local = recall('zone') === 'local';
        this.ageMs = NaN;
        this.ageAt = 0;
        /** @type {ApiError | null} */
        this.error = null;

        this.header = new Header();
        this.bar = new ColourBar(byId('legend', HTMLElement), (ends) => this.setEnds(ends));
        this.help = new Help();
        this.tooltip = new Tooltip(byId('tooltip', HTMLElement), byId('spoken', HTMLElement));
        this.chart = new Chart(byId('chart', HTMLElement), (cursor) => this.onCursor(cursor));
        this.measure = new Measure(this.chart);
        /** To be restored with the next map. */
        this.viewDue = viewportFromQuery(location.search);
        this.addressDue = 0;
        this.replay = new Replay({
            end: (end) => this.setEnd(end),
            state: () => ({ end: this.state.end, interval: this.state.interval, now: this.now, local: this.local }),
        });
        this.shareMenu = new ShareMenu({
            link: (moment) => this.link(moment),
            picture: () => this.picture(),
            snapshot: () => this.snapshot,
            json: () => byId('json-link', HTMLAnchorElement).href,
        });
        this.speaker = new Speaker((text) => setText(byId('announced', HTMLElement), text));
        this.controls = new Controls((change) => this.choose({ ...this.state, ...change }));
        this.viewMenu = new ViewMenu({
            look: (change) => this.setLook({ ...this.look, ...change }),
            pin: (on) => this.setPin(on),
            theme: (name) => this.setTheme(name),
            zone: (zone) => this.setZone(zone === 'local'),
            replay: () => this.replay.toggle(),
            alerts: () => byId('alerts-menu', HTMLElement).showPopover(),
        });
        this.beside = new Beside(this.chart, shownFromQuery(location.search), {
            filter: (change) => this.choose({ ...this.state, ...change }),
            shown: (shown) => this.chooseShown(shown),
            ask: fetchJson,
        });
        this.loadingProfile = new AbortController();
        this.tooltip.act.addEventListener('click', () => this.chart.pick());
        this.refresher = new Refresher({
            load: (signal) => this.load(signal),
            failed: (error) => this.onError(error),
            changed: () => this.showStatus(),
        });
        this.alerts = new AlertMenu((on) => this.refresher.setBackground(on));
        this.refresher.background = this.alerts.rule.on;
    }

    start() {
        this.setTheme(this.themeName);
        this.setZone(this.local);
        this.chart.setLogPrice(this.look.logPrice);
        this.controls.show(this.state);
        this.beside.setShown(this.beside.shown, this.state);
        this.header.clear(this.state.symbol);
        this.listen();
        this.refresher.setHidden(document.hidden);
        this.refresher.restart();
        this.showLinks();
        fetchChoices().then(({ symbols, exchanges }) => {
            this.controls.offer(symbols);
            this.controls.offerExchanges(exchanges);
        });
        setInterval(() => {
            if (!document.hidden)
                this.showStatus();
        }, 1000);
    }

    listen() {
        document.addEventListener('visibilitychange', () => {
            this.refresher.setHidden(document.hidden);
            this.showStatus();
        });
        window.addEventListener('popstate', () => {
            this.viewDue = viewportFromQuery(location.search);
            this.showShown(shownFromQuery(location.search));
            this.follow(fromQuery(location.search));
        });
        window.addEventListener('online', () => {
            if (this.error)
                this.refresher.loadNow();
        });
        for (const id of ['retry', 'blank-retry'])
            byId(id, HTMLButtonElement).addEventListener('click', () => this.refresher.loadNow());
        byId('replay-open', HTMLButtonElement).addEventListener('click', () => this.replay.toggle());
        byId('reset-view', HTMLButtonElement).addEventListener('click', () => this.chart.fit());
        /* A tap anywhere else puts the touch crosshair away. */
        document.addEventListener('pointerdown', (event) => {
            const target = /** @type {Node} */ (event.target);
            if (event.pointerType === 'touch' && !this.chart.element.contains(target) && !this.tooltip.root.contains(target))
                this.chart.hideCursor();
        });
        this.chart.onView = () => {
            this.tellView();
            this.beside.showScale();
            this.measure.show();
            this.addressLater();
        };
        this.chart.onPress = (spot, begins) => {
            if (!spot)
                this.measure.clear();
            else if (begins)
                this.measure.start(spot);
            else
                this.measure.move(spot);
        };
        this.listenKeys();
    }

    listenKeys() {
        writeKeys(byId('key-list', HTMLElement));
        const intervals = INTERVALS.map((interval, i) => [String(i + 1), () => this.choose({ ...this.state, interval })]);
        listenKeys({
            ...Object.fromEntries(intervals),
            '?': dialogOf('keys'),
            l: () => this.setLook({ ...this.look, logPrice: !this.look.logPrice }),
            m: () => this.measure.toggle(),
            r: () => this.replay.toggle(),
            v: () => byId('view-menu', HTMLElement).togglePopover(),
            s: () => byId('share-menu', HTMLElement).togglePopover(),
            Escape: () => {
                this.measure.clear();
                this.chart.hideCursor();
            },
        }, (event) => this.chart.onKey(event));
    }

    /** @param {State} state  the person's choice */
    choose(state) {
        if (sameState(state, this.state))
            return;
        history.pushState(null, '', this.address(state));
        this.follow(state);
    }

    /** @param {import('./shown.js').Shown} shown  the person's choice */
    chooseShown(shown) {
        if (sameShown(shown, this.beside.shown))
            return;
        const { kind } = this.beside;
        this.showShown(shown);
        history.replaceState(null, '', this.address(this.state));
        if (this.beside.kind !== kind || this.beside.kind === 'single')
            this.reloadProfile();
    }

    /** @param {import('./shown.js').Shown} shown */
    showShown(shown) {
        this.beside.setShown(shown, this.state);
    }

    /** Only the profile: the map stays. */
    async reloadProfile() {
        this.loadingProfile.abort();
        this.loadingProfile = new AbortController();
        const { signal } = this.loadingProfile;
        const { state } = this;
        const loaded = await this.beside.loadProfile(state, signal);
        if (!signal.aborted && state === this.state)
            this.beside.takeProfile(loaded);
    }

    /** The address of a state, drawn as it is drawn now. @param {State} state */
    address(state) {
        const q = new URLSearchParams(toQuery(state));
        for (const [key, value] of [...lookQuery(this.look), ...shownQuery(this.beside.shown), ...this.viewQuery(state)])
            q.set(key, value);
        return '?' + q.toString();
    }

    /** What of another map's view is its own is not taken along. @param {State} state */
    viewQuery(state) {
        const same = this.shownFor !== null && sameWindow(state, this.shownFor);
        return same ? viewportQuery(this.chart.viewport()) : [];
    }

    /** The view has moved: browsers allow no more than a few addresses a second. */
    addressLater() {
        clearTimeout(this.addressDue);
        this.addressDue = window.setTimeout(() => {
            const address = this.address(this.state);
            if (this.snapshot && this.viewDue === null && address !== location.search)
                history.replaceState(null, '', address);
        }, ADDRESS_MS);
    }

    /** The exchange's time. @returns {number} ms, NaN unknown */
    get now() {
        const { snapshot, shownFor } = this;
        if (!snapshot)
            return NaN;
        return shownFor && shownFor.end > 0 ? snapshot.generatedAt + performance.now() - this.ageAt
            : snapshot.dataTime + this.age;
    }

    /** @param {number} end  ms, a moment of the past; 0: now */
    setEnd(end) {
        if (end === this.state.end)
            return;
        const state = { ...this.state, end };
        history.replaceState(null, '', this.address(state));
        this.follow(state);
    }

    /** All of the view, for another browser. @param {boolean} moment  as it is now, also tomorrow */
    link(moment) {
        const { state, snapshot } = this;
        const end = moment && snapshot && state.end === 0 && Number.isFinite(this.now)
            ? Math.floor(this.now / MINUTE_MS) * MINUTE_MS : state.end;
        const q = new URLSearchParams(this.address({ ...state, end }));
        for (const [key, value] of lookQuery(this.look, true))
            q.set(key, value);
        return location.origin + location.pathname + '?' + q.toString();
    }

    /** What a picture shows. @returns {import('./exports.js').Picture | null} */
    picture() {
        const { snapshot, chart } = this;
        if (!snapshot)
            return null;
        const shot = chart.chart.takeScreenshot(true, chart.cursor !== null);
        return { chart: shot, ratio: shot.width / chart.element.clientWidth, snapshot, replay: this.state.end, ...this.bar.drawing() };
    }

    /** @param {import('./look.js').Look} look */
    setLook(look) {
        if (sameLook(look, this.look))
            return;
        this.look = look;
        this.painter.setLook(look);
        remember('look', new URLSearchParams(lookQuery(look, true)).toString());
        history.replaceState(null, '', this.address(this.state));
        this.chart.setLogPrice(look.logPrice);
        this.showLook();
        this.paint(false);
    }

    /** @param {{dark: number, bright: number} | null} ends  percent of the cells; null for the usual */
    setEnds(ends) {
        const { scale } = this.look;
        const { dark, bright } = ends ?? DEFAULT_LOOK.scale;
        const pinned = scale.pin !== null;
        this.setLook({ ...this.look, scale: { ...scale, dark, bright, pin: null } });
        if (pinned && ends)
            this.setPin(true);
    }

    /** @param {boolean} on  colours keep their dollars from now on */
    setPin(on) {
        const pin = on && this.snapshot ? this.painter.pinNow(this.snapshot.grid) : null;
        this.setLook({ ...this.look, scale: { ...this.look.scale, pin } });
        this.showLook();
    }

    /** @param {string} name */
    setTheme(name) {
        this.themeName = name;
        applyTheme(name);
        this.chart.setTheme({ ground: colourOf('--ground'), text: colourOf('--soft'), line: colourOf('--line') });
        this.showLook();
    }

    /** @param {boolean} local */
    setZone(local) {
        this.local = local;
        useLocalTime(local);
        remember('zone', local ? 'local' : 'utc');
        this.chart.setLocalTime(local);
        this.replay.show();
        setText(byId('foot-time', HTMLElement), `Times in ${zoneName(Date.now())}`);
        this.showLook();
    }

    showLook() {
        this.viewMenu.show(this.look, this.themeName, this.local ? 'local' : 'utc');
    }

    /** Colour the map that is shown. @param {boolean} reset  forget where its ends were */
    paint(reset) {
        const { snapshot, painter } = this;
        if (!snapshot)
            return;
        const colours = painter.colours(snapshot, reset);
        if (!colours.equals(this.colours))
            this.chart.recolour(colours);
        this.colours = colours;
        this.showBar();
        this.help.paint(colours.palette);
    }

    showBar() {
        const { snapshot, painter, colours } = this;
        if (snapshot && colours && painter.ranks)
            this.bar.show({ grid: snapshot.grid, ranks: painter.ranks, scale: this.look.scale, colours });
    }

    /** @param {State} state */
    follow(state) {
        this.state = state;
        this.controls.show(state);
        this.beside.setShown(this.beside.shown, state);
        this.error = null;
        this.showLinks();
        this.replay.show();
        this.refresher.restart();
    }

    /** @param {AbortSignal} signal */
    async load(signal) {
        const { state } = this;
        const same = this.shownFor !== null && sameState(state, this.shownFor);
        this.loadingProfile.abort();
        this.loadingProfile = new AbortController();
        const alongside = this.loadingProfile;
        signal.addEventListener('abort', () => alongside.abort(), { once: true });
        const profile = this.beside.loadProfile(state, alongside.signal);
        const answer = await fetchHeatmap(toQuery(state), same ? this.etag : '', signal);
        if (answer.json !== undefined)
            this.show(parseSnapshot(answer.json), state, !same);
        this.etag = answer.etag;
        this.ageMs = answer.ageMs;
        this.ageAt = performance.now();
        this.error = null;
        const loaded = await profile;
        if (!alongside.signal.aborted)
            this.beside.takeProfile(loaded);
        this.replay.show();
        this.replay.arrived();
        /* The past does not change. */
        return { freshMs: state.end > 0 ? Infinity : answer.freshMs };
    }

    /** @param {Snapshot} snapshot @param {State} state @param {boolean} reset  another map than the one on the screen */
    show(snapshot, state, reset) {
        const moved = this.shownFor === null || !sameWindow(state, this.shownFor);
        const other = moved || !sameState({ ...state, end: 0 }, { .../** @type {State} */ (this.shownFor), end: 0 });
        this.colours = this.painter.colours(snapshot, reset && other);
        this.snapshot = snapshot;
        this.shownFor = state;
        this.chart.show(snapshot, this.colours, moved);
        if (this.viewDue)
            this.chart.restore(this.viewDue);
        this.viewDue = null;
        this.beside.show(snapshot, state);
        this.header.show(snapshot);
        this.showBar();
        this.help.paint(this.colours.palette);
        this.help.show(snapshot);
        if (state.end === 0)
            this.alerts.see(snapshot, Date.now());
        const decimals = decimalsOf(snapshot.candles.close.subarray(-50));
        document.title = `${price(lastPrice(snapshot), decimals)} ${snapshot.symbol} ${state.interval} · Liqmap`;
    }

    /** @param {unknown} error  anything but an abort */
    onError(error) {
        this.error = readable(error);
        /* The map of one symbol may not stand under the name of another. */
        if (this.shownFor && !sameState(this.state, this.shownFor)) {
            this.snapshot = null;
            this.shownFor = null;
            this.etag = '';
            this.chart.clear();
            this.beside.clear();
            this.header.clear(this.state.symbol);
            document.title = `${this.state.symbol} · Liqmap`;
        }
        this.showStatus();
    }

    /** Of the data on the screen, now. @returns {number} ms, NaN unknown */
    get age() {
        return this.ageMs + performance.now() - this.ageAt;
    }

    showStatus() {
        const { snapshot, refresher, error } = this;
        const status = statusOf({
            snapshot, ageMs: this.age, busy: refresher.busy, error, retryMs: refresher.dueIn, replay: this.state.end > 0,
        });
        const { dataset } = document.body;
        dataset.state = status.state;
        dataset.busy = String(refresher.busy);
        dataset.switching = String(this.shownFor !== null && !sameState({ ...this.state, end: 0 }, { ...this.shownFor, end: 0 }));
        dataset.source = snapshot?.source ?? '';
        dataset.map = String(snapshot !== null);
        setText(byId('status', HTMLElement), status.label);
        setText(byId('age', HTMLElement), ageText(snapshot, this.age));
        byId('chart', HTMLElement).setAttribute('aria-busy', String(refresher.busy));
        this.showNotice(status);
        this.speak(status);
        if (snapshot) {
            this.header.tick(snapshot, snapshot.dataTime + this.age);
            this.beside.panel.tick(snapshot, this.age);
        }
        const { symbol, interval, bars } = this.state;
        setText(byId('blank-loading', HTMLElement), `Loading ${symbol} ${interval}, ${bars} candles…`);
    }

    /** @param {import('./status.js').Status} status */
    showNotice({ title, lines, retry }) {
        const blank = this.snapshot === null;
        byId('notice', HTMLElement).hidden = blank || title === '';
        byId('blank-error', HTMLElement).hidden = !blank || title === '';
        setText(byId(blank ? 'blank-title' : 'notice-title', HTMLElement), title);
        const list = byId(blank ? 'blank-lines' : 'notice-lines', HTMLElement);
        if (list.dataset.lines !== lines.join('\n')) {
            list.dataset.lines = lines.join('\n');
            list.replaceChildren(...lines.flatMap((line) => [make('span', '', line), ' ']));
        }
        byId(blank ? 'blank-retry' : 'retry', HTMLElement).hidden = !retry;
    }

    /** @param {import('./status.js').Status} status */
    speak({ state, title, lines }) {
        const { snapshot } = this;
        const { symbol, interval } = this.state;
        const about = title ? `${title}. ${lines[0] ?? ''}` : snapshot ? `${symbol} ${interval} ${state}` : '';
        this.speaker.hear({
            /* An age that grows is no news. */
            state: [state, title.replace(/\d+ (s|min|h|d)\b/g, ''), symbol, interval, snapshot !== null].join(),
            about,
            price: snapshot ? spokenPrice(snapshot) : '',
        }, performance.now());
    }

    showLinks() {
        byId('json-link', HTMLAnchorElement).href = 'api/v1/heatmap' + toQuery(this.state);
    }

    /** @param {import('./chart.js').Cursor | null} cursor */
    onCursor(cursor) {
        const { snapshot, colours } = this;
        const cascade = this.beside?.cascade(snapshot ? cursor : null);
        this.measure?.follow(cursor);
        if (!snapshot || !cursor || !colours) {
            this.tooltip.hide();
            return;
        }
        const pane = { width: this.chart.time.width(), height: this.chart.paneHeight() };
        this.tooltip.show(snapshot, colours, cursor, pane, cascade);
    }

    /** The view in attributes, for tests and for whoever scripts the page. */
    tellView() {
        const { time, price: prices, width, height } = this.chart.view();
        const { dataset } = this.chart.element;
        dataset.timeView = time ? `${time.from.toFixed(3)} ${time.to.toFixed(3)}` : '';
        dataset.priceView = prices ? `${prices.from} ${prices.to}` : '';
        dataset.pane = `${width} ${height}`;
    }
}

/** @param {unknown} error @returns {ApiError} */
function readable(error) {
    if (error instanceof ApiError)
        return error;
    if (error instanceof SnapshotError)
        return new ApiError('answer', `The server’s answer has an unknown shape (${error.message}).`);
    return new ApiError('page', error instanceof Error ? error.message : String(error));
}

/** @param {Snapshot} snapshot */
function spokenPrice(snapshot) {
    const decimals = decimalsOf(snapshot.candles.close.subarray(-50));
    return `${snapshot.symbol} ${price(lastPrice(snapshot), decimals)}, ${percent(snapshot.ticker.change)} in 24 hours`;
}

/** @param {Snapshot | null} snapshot @param {number} age */
function ageText(snapshot, age) {
    if (!snapshot)
        return '';
    if (snapshot.source === 'file')
        return Number.isFinite(snapshot.dataTime) ? date(snapshot.dataTime) : '';
    return Number.isFinite(age) ? span(age) : '';
}

new Page().start();
