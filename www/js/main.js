/* The map and what asks for it: makes the store and joins data, network, chart
 * and document.  The rest of the page is tools.js, loaded
 * after the first map. */

import { parseSnapshot } from './data/snapshot.js';
import { SnapshotError, object } from './data/read.js';
import { ruleOf } from './data/alert-rules.js';
import { PARTS_MAX, candlesBefore, joinPast, pastQuery } from './data/join.js';
import { useLocalTime } from './data/format.js';
import { queryFrom, queryText, sameQuery } from './data/query.js';
import { EMPTY, derive, isExtension, olderQuery, wantsPast } from './data/state.js';
import { Store } from './data/store.js';
import { DEFAULT_VIEW, appearanceText, layersFrom, viewFrom } from './data/view.js';
import { viewportFromQuery } from './data/viewport.js';
import { watchedOf } from './data/watched.js';
import { Chart } from './draw/chart.js';
import { Pointer } from './draw/pointer.js';
import { ApiError, fetchChoices, fetchHeatmap } from './net/api.js';
import { offerEarly } from './net/early.js';
import { Refresher } from './net/refresher.js';
import { AddressBar } from './ui/address-bar.js';
import { ColourBar } from './ui/colour-bar.js';
import { Controls } from './ui/controls.js';
import { byId } from './ui/dom.js';
import { Header } from './ui/header.js';
import { panelWanted, showPart } from './ui/layout.js';
import { StatusBar } from './ui/status-bar.js';
import { recall, remember } from './ui/storage.js';
import { THEMES, applyTheme, colourOf, onSystemTheme } from './ui/theme.js';
import { Tooltip } from './ui/tooltip.js';

/**
 * @typedef {import('./data/state.js').State} State
 * @typedef {import('./tools.js').Tools} Tools
 */

/** Asked for again with the next map. */
const PAST_FAILED = 'Older candles failed: ';

const PHONE = '(max-width: 47.5em), (max-height: 520px)';

export class Page {
    constructor() {
        const phone = matchMedia(PHONE);
        /** @type {import('./data/state.js').PageStore} */
        this.store = new Store(firstState(phone.matches), derive);
        /** @type {Promise<Tools> | null} */
        this.tools = null;
        /** The newest map by itself, without older ones. @type {import('./data/snapshot.js').Snapshot | null} */
        this.newest = null;
        /** The answer that it is from. @type {import('./data/read.js').Json} */
        this.answer = {};
        this.loadingPast = new AbortController();
        this.chart = new Chart(byId('chart', HTMLElement), this.store, useTheme(this.store.state.theme));
        this.pointer = new Pointer(this.chart);
        this.tooltip = new Tooltip(this.store);
        this.refresher = new Refresher({
            load: (signal) => this.load(signal),
            failed: (error) => this.fail(error),
            changed: () => this.tick(),
        });
        phone.addEventListener('change', () => this.store.set({ narrow: phone.matches }));
    }

    /** @param {import('./net/early.js').Early} early  the request for the first map, already sent */
    start(early) {
        offerEarly(early);
        const { store, chart, refresher } = this;
        store.add({ reads: ['local'], render: ({ local }) => useLocalTime(local) });
        store.add({ reads: ['theme'], render: ({ theme }, before) => before && chart.setTheme(useTheme(theme)) });
        /* The chart measures the room that the others leave it. */
        for (const renderer of [new Controls(store), new Header(), new ColourBar(byId('legend', HTMLElement), store),
            this.tooltip, new StatusBar(() => refresher.loadNow()), new AddressBar(), chart, this.pointer])
            store.add(renderer);
        store.add({ reads: ['view', 'theme', 'local', 'panel', 'rule', 'watched'], render: rememberChanges });
        store.add({ reads: ['rule', 'watched'], render: ({ rule, watched }) => refresher.setBackground(rule.on || watched.length > 0) });
        store.add({ reads: ['hidden'], render: ({ hidden }) => refresher.setHidden(hidden) });
        showPart('main');
        this.listen();
        store.add({ reads: ['query'], render: () => refresher.restart() });
        store.add({ reads: ['visible', 'busy'], render: (state) => this.loadOlder(state) });
        setInterval(() => {
            if (!store.state.hidden)
                this.tick();
        }, 1000);
    }

    listen() {
        const { store, chart, refresher } = this;
        document.addEventListener('visibilitychange', () => {
            store.set({ hidden: document.hidden });
            this.tick();
        });
        window.addEventListener('popstate', () => {
            const { search } = location;
            store.set({
                query: queryFrom(search, store.state.narrow), view: { ...store.state.view, ...layersFrom(search) }, wanted: viewportFromQuery(search),
            });
        });
        window.addEventListener('online', () => {
            if (store.state.error)
                refresher.loadNow();
        });
        onSystemTheme(() => chart.setTheme(useTheme(store.state.theme)));
        byId('reset-view', HTMLButtonElement).addEventListener('click', () => chart.fit());
        /* A tap anywhere else puts the touch crosshair away. */
        document.addEventListener('pointerdown', (event) => {
            const target = /** @type {Node} */ (event.target);
            if (event.pointerType === 'touch' && !chart.element.contains(target) && !this.tooltip.root.contains(target))
                this.pointer.hide();
        });
    }

    /** Panning to the left of the first candle loads older ones. @param {State} state */
    loadOlder(state) {
        const query = olderQuery(state);
        if (query)
            this.store.set({ query });
        else if (wantsPast(state))
            this.loadPast(state);
    }

    /** Load the map of the window before the first candle, and join it. @param {State} state */
    async loadPast({ map, past }) {
        if (!map || !this.newest)
            return;
        this.loadingPast = new AbortController();
        const { signal } = this.loadingPast;
        this.store.set({ past: { ...past, note: 'Loading older candles' } });
        try {
            const { json } = await fetchHeatmap(queryText(pastQuery(map.snapshot, map.query)), '', signal);
            signal.throwIfAborted();
            const part = parseSnapshot(json);
            if (part.exchange !== this.newest.exchange)
                this.store.set({ past: { ...past, note: `Older candles only from ${part.exchange}` } });
            else if (candlesBefore(part, map.snapshot) === 0)
                this.store.set({ past: { ...past, note: 'No older candles' } });
            else
                this.showPast([part, ...past.parts]);
        } catch (error) {
            if (!signal.aborted)
                this.store.set({ past: { ...past, note: PAST_FAILED + readable(error).message } });
        }
    }

    /** @param {readonly import('./data/snapshot.js').Snapshot[]} parts */
    showPast(parts) {
        const { map } = this.store.state;
        if (!map || !this.newest)
            return;
        this.store.set({
            map: { ...map, snapshot: joinPast(parts, this.newest) },
            past: { parts, note: parts.length < PARTS_MAX ? '' : 'Older maps: Replay' },
        });
    }

    /**
     * The older maps that a new one keeps: while they lie next to it, and the
     * chart is not far from them.
     *
     * @param {import('./data/snapshot.js').Snapshot} snapshot @param {State["query"]} query @returns {State["past"]}
     */
    pastOf(snapshot, query) {
        const { map, past, visible } = this.store.state;
        const [oldest, ...others] = past.parts;
        const same = map !== null && sameQuery(query, map.query);
        if (same && (!oldest || candlesBefore(past.parts[past.parts.length - 1], snapshot) > 0)) {
            const end = map.snapshot.seams?.[0]?.column ?? 0;
            if (oldest && visible?.time && visible.time.from > end + query.bars)
                return { parts: others, note: '' };
            return past.note.startsWith(PAST_FAILED) ? { ...past, note: '' } : past;
        }
        this.loadingPast.abort();
        return EMPTY.past;
    }

    /** Time goes on, or a request begins or ends. */
    tick() {
        const clock = performance.now();
        this.store.set({ busy: this.refresher.busy, retryAt: clock + this.refresher.dueIn, clock });
    }

    /**
     * Load the rest of the page.
     *
     * @returns {Promise<Tools>}
     * @throws {ApiError}
     */
    withTools() {
        this.tools ??= this.loadTools();
        return this.tools;
    }

    async loadTools() {
        try {
            const { Tools } = await import('./tools.js');
            const tools = new Tools(this.store, this.chart, this.pointer);
            showPart('tools');
            fetchChoices().then((choices) => this.store.set(choices));
            return tools;
        } catch (error) {
            this.tools = null;
            throw new ApiError('page', `A part of the page could not be loaded; load it again. (${error instanceof Error ? error.message : error})`);
        }
    }

    /** @param {AbortSignal} signal */
    async load(signal) {
        const { query } = this.store.state;
        let answer = await this.ask(query, signal);
        let read = await this.read(answer.json);
        if (!read) {
            this.answer = {};
            answer = await this.ask(query, signal);
            read = await this.read(answer.json);
        }
        signal.throwIfAborted();
        const { snapshot, json = this.answer } = read ?? {};
        this.answer = json;
        const clock = performance.now();
        this.store.set({
            ...snapshot ? this.mapOf(snapshot, query) : {},
            etag: answer.etag, age: { ms: answer.ageMs, at: clock }, clock, error: null,
        });
        this.store.set({ wanted: null });
        /* The map does not wait for the rest of the page. */
        if (!this.tools)
            await painted();
        await this.withTools();
        /* The past does not change. */
        return { freshMs: query.end > 0 ? Infinity : answer.freshMs };
    }

    /**
     * An answer that is a whole map, or says what changed since the newest.
     *
     * @param {unknown} json  undefined: nothing did
     * @returns {Promise<Partial<import('./data/delta.js').Base> | null>}  empty: nothing changed; null: it does not fit the newest map
     */
    async read(json) {
        if (json === undefined)
            return {};
        const answer = object(json, 'answer');
        if (answer.since === undefined)
            return { json: answer, snapshot: parseSnapshot(answer) };
        if (answer.since === answer.cursor && answer.cursor === this.answer.cursor)
            return {};
        try {
            const { applyDelta } = await this.withTools();
            return this.newest && applyDelta({ json: this.answer, snapshot: this.newest }, answer);
        } catch (error) {
            if (error instanceof SnapshotError)
                return null;
            throw error;
        }
    }

    /** @param {import('./data/snapshot.js').Snapshot} snapshot @param {State["query"]} query @returns {Partial<State>} */
    mapOf(snapshot, query) {
        const { map } = this.store.state;
        /* A cell of another map is not explained here. */
        this.newest = snapshot;
        const past = this.pastOf(snapshot, query);
        return { past, map: { snapshot: joinPast(past.parts, snapshot), query }, ...map && sameQuery(query, map.query) ? {} : { explaining: null } };
    }

    /**
     * Ask for a map; without one, the rest of the page is of use all the more.
     *
     * @param {State["query"]} query @param {AbortSignal} signal
     */
    async ask(query, signal) {
        const { map, etag } = this.store.state;
        const known = map && sameQuery(query, map.query);
        try {
            return await fetchHeatmap(queryText(query), known ? etag : '', signal, known ? this.answer.cursor : undefined);
        } catch (error) {
            await this.withTools().catch(() => {});
            throw error;
        }
    }

    /** @param {unknown} error  anything but an abort */
    fail(error) {
        const { map, query } = this.store.state;
        /* Never the map of one symbol under the name of another. */
        const other = map && !sameQuery(query, map.query) && !isExtension(query, map.query) ? { map: null, etag: '', explaining: null, level: null, single: null } : {};
        this.store.set({ error: readable(error), ...other });
    }
}

/** From the address and from what this browser remembers. @param {boolean} narrow @returns {State} */
function firstState(narrow) {
    const { search } = location;
    const theme = recall('theme');
    return {
        ...EMPTY, narrow, hidden: document.hidden, query: queryFrom(search, narrow),
        view: viewFrom(search, viewFrom(String(recall('look') ?? ''), DEFAULT_VIEW)),
        wanted: viewportFromQuery(search),
        theme: typeof theme === 'string' && THEMES.includes(theme) ? theme : THEMES[0],
        panel: panelWanted(),
        local: recall('zone') === 'local', rule: ruleOf(recall('alerts')), watched: watchedOf(recall('watched')), clock: performance.now(),
    };
}

/** @param {string} theme @returns {import('./draw/chart-options.js').Theme} for the chart */
function useTheme(theme) {
    applyTheme(theme);
    return { ground: colourOf('--ground'), text: colourOf('--soft'), line: colourOf('--line') };
}

/** @param {State} state @param {State | null} before */
function rememberChanges({ view, theme, local, panel, rule, watched }, before) {
    if (!before)
        return;
    if (appearanceText(view) !== appearanceText(before.view))
        remember('look', appearanceText(view));
    if (theme !== before.theme)
        remember('theme', theme);
    if (local !== before.local)
        remember('zone', local ? 'local' : 'utc');
    if (panel !== before.panel)
        remember('panel', panel);
    if (rule !== before.rule)
        remember('alerts', rule);
    if (watched !== before.watched)
        remember('watched', watched);
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
