/* The map and what asks for it: wires the document, the network and the chart.
 * What stands around the map is tools.js and comes after it. */

import { ApiError, fetchChoices, fetchHeatmap } from './api.js';
import { Chart } from './chart.js';
import { ColourBar } from './colourbar.js';
import { Controls } from './controls.js';
import { byId, make, setText } from './dom.js';
import { date, decimalsOf, price, span, useLocalTime, zoneName } from './format.js';
import { Header } from './header.js';
import { DEFAULT_LOOK, lookFromQuery, lookQuery, sameLook } from './look.js';
import { Painter } from './painter.js';
import { Refresher } from './refresh.js';
import { onProfileRoom, panelOpen, profileRoom } from './room.js';
import { sameShown, shownFromQuery, shownQuery } from './shown.js';
import { SnapshotError, lastPrice, parseSnapshot } from './snapshot.js';
import { fromQuery, sameState, sameWindow, toQuery } from './state.js';
import { statusOf } from './status.js';
import { recall, remember } from './store.js';
import { applyTheme, colourOf, storedTheme } from './theme.js';
import { Tooltip } from './tooltip.js';
import { viewportFromQuery, viewportQuery } from './viewport.js';

/**
 * @typedef {import('./snapshot.js').Snapshot} Snapshot
 * @typedef {import('./state.js').State} State
 * @typedef {import('./tools.js').Tools} Tools
 */

/** The address follows a view that has come to rest. */
const ADDRESS_MS = 400;

const MINUTE_MS = 60000;

export class Page {
    constructor() {
        /** @type {State} */
        this.state = fromQuery(location.search);
        /** @type {Snapshot | null} */
        this.snapshot = null;
        /** What the snapshot was asked for. @type {State | null} */
        this.shownFor = null;
        this.etag = '';
        this.look = lookFromQuery(location.search, lookFromQuery(String(recall('look') ?? ''), DEFAULT_LOOK));
        this.shown = shownFromQuery(location.search);
        this.painter = new Painter(this.look);
        /** @type {import('./scale.js').Colours | null} */
        this.colours = null;
        this.themeName = storedTheme();
        this.local = recall('zone') === 'local';
        this.ageMs = NaN;
        this.ageAt = 0;
        /** @type {ApiError | null} */
        this.error = null;
        /** What stands around the map, once it is there. @type {Tools | null} */
        this.tools = null;
        /** @type {Promise<Tools> | null} */
        this.toolsDue = null;

        this.layOut();
        this.chart = new Chart(byId('chart', HTMLElement), (cursor) => this.onCursor(cursor));
        this.setTheme(this.themeName);
        this.header = new Header();
        this.bar = new ColourBar(byId('legend', HTMLElement), (ends) => this.setEnds(ends));
        this.tooltip = new Tooltip(byId('tooltip', HTMLElement), byId('spoken', HTMLElement));
        /** To be restored with the next map. */
        this.viewDue = viewportFromQuery(location.search);
        this.addressDue = 0;
        this.controls = new Controls((change) => this.choose({ ...this.state, ...change }));
        this.refresher = new Refresher({
            load: (signal) => this.load(signal),
            failed: (error) => this.onError(error),
            changed: () => this.showStatus(),
        });
    }

    start() {
        this.setZone(this.local);
        this.chart.setLogPrice(this.look.logPrice);
        this.controls.show(this.state);
        this.header.clear(this.state.symbol);
        this.showShown();
        this.listen();
        this.refresher.setHidden(document.hidden);
        this.refresher.restart();
        this.showLinks();
        setInterval(() => {
            if (!document.hidden)
                this.showStatus();
        }, 1000);
    }

    /** What takes room beside the map takes it before the map is drawn. */
    layOut() {
        byId('panel', HTMLElement).hidden = !panelOpen();
        byId('welcome', HTMLElement).hidden = recall('welcomed') === true;
        byId('replay', HTMLElement).hidden = this.state.end === 0;
    }

    /**
     * Load what stands around the map.
     *
     * @returns {Promise<Tools>}
     * @throws {ApiError}
     */
    withTools() {
        this.toolsDue ??= this.loadTools();
        return this.toolsDue;
    }

    async loadTools() {
        try {
            const { Tools } = await import('./tools.js');
            this.tools = new Tools(this);
        } catch (error) {
            this.toolsDue = null;
            throw new ApiError('page', `A part of the page could not be loaded; load it again. (${error instanceof Error ? error.message : error})`);
        }
        fetchChoices().then(({ symbols, exchanges }) => {
            this.controls.offer(symbols);
            this.controls.offerExchanges(exchanges);
        });
        return this.tools;
    }

    listen() {
        document.addEventListener('visibilitychange', () => {
            this.refresher.setHidden(document.hidden);
            this.showStatus();
        });
        window.addEventListener('popstate', () => {
            this.viewDue = viewportFromQuery(location.search);
            this.shown = shownFromQuery(location.search);
            this.showShown();
            this.follow(fromQuery(location.search));
        });
        window.addEventListener('online', () => {
            if (this.error)
                this.refresher.loadNow();
        });
        for (const id of ['retry', 'blank-retry'])
            byId(id, HTMLButtonElement).addEventListener('click', () => this.refresher.loadNow());
        byId('reset-view', HTMLButtonElement).addEventListener('click', () => this.chart.fit());
        /* A tap anywhere else puts the touch crosshair away. */
        document.addEventListener('pointerdown', (event) => {
            const target = /** @type {Node} */ (event.target);
            if (event.pointerType === 'touch' && !this.chart.element.contains(target) && !this.tooltip.root.contains(target))
                this.chart.hideCursor();
        });
        this.tooltip.act.addEventListener('click', () => this.chart.pick());
        onProfileRoom(() => this.showShown());
        this.chart.onView = () => {
            this.tellView();
            this.makeRoom();
            this.tools?.moved();
            this.addressLater();
        };
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
        if (sameShown(shown, this.shown))
            return;
        this.shown = shown;
        history.replaceState(null, '', this.address(this.state));
        this.showShown();
    }

    /** After a choice, or another width of the screen. */
    showShown() {
        this.chart.map.setVisible(this.shown.heat);
        document.body.dataset.heat = String(this.shown.heat);
        this.makeRoom();
        this.tools?.chosen();
    }

    makeRoom() {
        this.chart.setRightRoom(profileRoom(this.shown, this.chart.width));
    }

    /** The address of a state, drawn as it is drawn now. @param {State} state */
    address(state) {
        const q = new URLSearchParams(toQuery(state));
        for (const [key, value] of [...lookQuery(this.look), ...shownQuery(this.shown), ...this.viewQuery(state)])
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
        setText(byId('foot-time', HTMLElement), `Times in ${zoneName(Date.now())}`);
        this.showLook();
    }

    showLook() {
        this.tools?.looked();
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
        this.error = null;
        this.showLinks();
        this.tools?.chosen();
        this.refresher.restart();
    }

    /** @param {AbortSignal} signal */
    async load(signal) {
        const { state } = this;
        const same = this.shownFor !== null && sameState(state, this.shownFor);
        const asked = this.tools?.load(state, signal);
        const answer = await this.ask(toQuery(state), same ? this.etag : '', signal);
        signal.throwIfAborted();
        if (answer.json !== undefined)
            this.show(parseSnapshot(answer.json), state, !same);
        this.etag = answer.etag;
        this.ageMs = answer.ageMs;
        this.ageAt = performance.now();
        this.error = null;
        /* The map waits for nothing that stands around it. */
        this.showStatus();
        if (!this.tools)
            await painted();
        const tools = await this.withTools();
        signal.throwIfAborted();
        tools.arrived(await (asked ?? tools.load(state, signal)));
        /* The past does not change. */
        return { freshMs: state.end > 0 ? Infinity : answer.freshMs };
    }

    /**
     * Ask for a map; without one, the rest of the page is of use all the more.
     *
     * @param {string} query @param {string} etag @param {AbortSignal} signal
     */
    async ask(query, etag, signal) {
        try {
            return await fetchHeatmap(query, etag, signal);
        } catch (error) {
            await this.withTools().catch(() => {});
            throw error;
        }
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
        this.header.show(snapshot);
        this.showBar();
        this.tools?.show(snapshot, state);
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
            this.tools?.clear();
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
        this.tools?.tell(status);
        if (snapshot)
            this.header.tick(snapshot, snapshot.dataTime + this.age);
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

    showLinks() {
        byId('json-link', HTMLAnchorElement).href = 'api/v1/heatmap' + toQuery(this.state);
    }

    /** @param {import('./chart.js').Cursor | null} cursor */
    onCursor(cursor) {
        const { snapshot, colours } = this;
        const cascade = this.tools?.point(snapshot ? cursor : null);
        if (!snapshot || !cursor || !colours) {
            this.tooltip.hide();
            return;
        }
        const pane = { left: 0, width: this.chart.time.width(), height: this.chart.paneHeight() };
        this.tooltip.show(snapshot, colours, cursor, this.tools?.free(pane, cursor.x) ?? pane, cascade);
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

/** What the next frame draws is on the screen; a hidden tab has no frames to wait for. */
function painted() {
    return document.hidden ? null
        : new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); });
}

/** @param {Snapshot | null} snapshot @param {number} age */
function ageText(snapshot, age) {
    if (!snapshot)
        return '';
    if (snapshot.source === 'file')
        return Number.isFinite(snapshot.dataTime) ? date(snapshot.dataTime) : '';
    return Number.isFinite(age) ? span(age) : '';
}
