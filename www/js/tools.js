/* What is around the map and not needed to draw it: panel, profile,
 * levels, menus, replay, measure, alerts, keys.  Loaded once the first map is
 * on the screen. */

import { Announcer, announcementOf } from './data/announcer.js';
import { applyDelta } from './data/delta.js';
import { parseExplanation, parseSingle } from './data/answers.js';
import { endOfColumn } from './data/join.js';
import { markersOf } from './data/levels.js';
import { INTERVALS, queryText } from './data/query.js';
import { lastPrice } from './data/snapshot.js';
import { cellUnder, choose, display } from './data/state.js';
import { DEFAULT_VIEW, singleQuery } from './data/view.js';
import { LevelMarks, marksOf } from './draw/level-marks.js';
import { Measure } from './draw/measure.js';
import { keepOverlays } from './draw/overlay.js';
import { ProfileView } from './draw/profile-view.js';
import { RidgeLines } from './draw/ridge-lines.js';
import { SeamLines } from './draw/seam-lines.js';
import { fetchAged, fetchJson } from './net/api.js';
import { AlertMenu } from './ui/alert-menu.js';
import { drawingOf } from './ui/colour-bar.js';
import { byId, setText } from './ui/dom.js';
import { Filters } from './ui/filters.js';
import { dialogOf, listenWelcome } from './ui/help.js';
import { listenKeys } from './ui/keys.js';
import { menu } from './ui/menu.js';
import { Panel } from './ui/panel.js';
import { ProfileCaption } from './ui/profile-caption.js';
import { Replay } from './ui/replay.js';
import { colourOf } from './ui/theme.js';
import { Watchlist } from './ui/watchlist.js';

/**
 * @typedef {import('./data/state.js').State} State
 * @typedef {import('./data/state.js').Cursor} Cursor
 */

/**
 * @typedef {object} Host  what a part that is loaded later gets of the page
 * @property {import('./data/state.js').PageStore} store
 * @property {import('./draw/chart.js').Chart} chart
 * @property {typeof colourOf} colour
 * @property {<T>(on: import('./net/feed.js').On<T>) => import('./net/feed.js').Feed<T>} feed  of the server
 */

/** What few people show is loaded when they do. */
const LAYERS = {
    volume: async () => {
        const { Panes } = await import('./draw/panes.js');
        return (/** @type {Host} */ host) => new Panes(host);
    },
    depth: async () => {
        const { Depth } = await import('./draw/depth.js');
        return (/** @type {Host} */ host) => new Depth(host);
    },
    executed: async () => {
        const [{ Executed }, { ExecutedWords }] = await Promise.all([import('./draw/executed.js'), import('./ui/executed-words.js')]);
        return (/** @type {Host} */ host) => new Executed(host, new ExecutedWords(host.chart.element));
    },
};

/** A double click resets the view and must not ask for a cell. */
const SECOND_CLICK_MS = 220;

export class Tools {
    /**
     * @param {import('./data/state.js').PageStore} store
     * @param {import('./draw/chart.js').Chart} chart
     * @param {import('./draw/pointer.js').Pointer} pointer
     */
    constructor(store, chart, pointer) {
        this.store = store;
        this.chart = chart;
        this.pointer = pointer;
        this.applyDelta = applyDelta;
        this.explaining = new AbortController();
        this.loading = new AbortController();
        this.measure = new Measure(chart, byId('measure', HTMLElement), byId('measure-text', HTMLElement));
        this.replay = new Replay(store);
        this.card = once(() => this.addCard(), () => store.set({ explaining: null }));
        this.marks = new LevelMarks();
        this.drawProfile();
        this.drawLevels();
        /* The caption and the watchlist measure themselves: after what changes the page. */
        for (const renderer of [new Panel(store, (level) => chart.centre(level)), new Filters(byId('filters', HTMLElement), store),
            this.measure, this.replay, new AlertMenu(store), new ProfileCaption(store),
            new Watchlist(store, (query, signal) => fetchJson('api/v1/watch' + query, signal))])
            store.add(renderer);
        for (const name of /** @type {(keyof typeof LAYERS)[]} */ (Object.keys(LAYERS)))
            this.addLayer(name);
        store.add({ reads: ['map', 'kind', 'view'], render: (state, before) => this.followSingle(state, before) });
        this.announce();
        this.addMenus();
        this.listen();
        this.listenKeys();
    }

    /** @param {keyof typeof LAYERS} name */
    addLayer(name) {
        const { store, chart } = this;
        let begun = false;
        const render = async () => {
            if (begun || !store.state.view[name])
                return;
            begun = true;
            try {
                const [layer, { Feed }] = await Promise.all([LAYERS[name](), import('./net/feed.js')]);
                store.add(layer({ store, chart, colour: colourOf, feed: (on) => new Feed(fetchAged, on) }));
                /* Labels are written over what the layer draws: the last one attached is on top. */
                chart.series.detachPrimitive(this.marks);
                chart.series.attachPrimitive(this.marks);
            } catch {
                begun = false;
                display(store, { [name]: DEFAULT_VIEW[name] });
                sayMissing();
            }
        };
        store.add({ reads: ['view'], render });
    }

    drawProfile() {
        const profile = new ProfileView(this.marks);
        this.chart.series.attachPrimitive(profile);
        this.store.add({
            reads: ['bars', 'visible'],
            render: ({ bars }) => profile.set(bars, this.chart.profileWidth),
        });
        this.store.add({ reads: ['theme'], render: () => profile.redraw() });
        /* The chart redraws its overlay by itself as the crosshair moves. */
        this.store.add({ reads: ['cursor', 'bars'], render: ({ cursor }) => { profile.cursor = cursor?.price; } });
    }

    drawLevels() {
        const ridges = new RidgeLines();
        this.chart.series.attachPrimitive(ridges);
        this.store.add({
            reads: ['map', 'view'],
            render: ({ map, view }) => ridges.set(map && view.ridges && view.heat ? map.snapshot : null),
        });
        const seams = new SeamLines();
        this.chart.series.attachPrimitive(seams);
        this.store.add({
            reads: ['map', 'past'],
            render: ({ map, past }) => seams.set(map?.snapshot.seams ?? [], past.note),
        });
        const { marks } = this;
        this.chart.series.attachPrimitive(marks);
        keepOverlays(this.chart.element);
        this.store.add({
            reads: ['cursor', 'view'],
            render: ({ cursor, view }) => [seams, marks].forEach((each) => each.raise(cursor !== null || view.depth)),
        });
        const { prices } = this.chart;
        prices.labels = () => {
            const { map } = this.store.state;
            return map ? [...marks.labels, marks.y(lastPrice(map.snapshot))] : marks.labels;
        };
        this.store.add({
            reads: ['map'],
            render: ({ map }) => {
                marks.setMarkers(map ? markersOf(map.snapshot) : [], map ? map.snapshot.candles.time.length - 1 : 0);
                /* The axis is written anew. */
                prices.scale.applyOptions({});
            },
        });
        this.store.add({
            reads: ['map', 'level', 'explaining', 'head'],
            render: ({ map, level, explaining, head }) => {
                const explanation = explaining?.explanation;
                marks.set(level, map && explanation ? marksOf(explanation, map.snapshot) : null, head);
            },
        });
    }

    /** Filled when they are opened for the first time. */
    addMenus() {
        const { store } = this;
        const view = once(async () => {
            const { ViewMenu } = await import('./ui/view-menu.js');
            store.add(new ViewMenu(viewPanel, store, {
                replay: () => this.replay.toggle(), alerts: () => byId('alerts-menu', HTMLElement).showPopover(),
            }));
        });
        const share = once(async () => {
            const { ShareMenu } = await import('./ui/share-menu.js');
            return new ShareMenu(sharePanel, store, (snapshot) => this.picture(snapshot));
        });
        /* With the first move or key, so that they open at once, and without the server too. */
        const load = () => void Promise.all([import('./ui/view-menu.js'), import('./ui/share-menu.js'), import('./ui/help-text.js')]).catch(() => {});
        for (const type of ['pointermove', 'pointerdown', 'keydown'])
            document.addEventListener(type, load, { once: true });
        const viewPanel = menu('view-menu', view);
        const sharePanel = menu('share-menu', () => share().then((filled) => filled?.opened()));
    }

    announce() {
        const announcer = new Announcer((text) => setText(byId('announced', HTMLElement), text));
        this.store.add({
            reads: ['map', 'query', 'busy', 'error', 'clock'],
            render: (state) => announcer.hear(announcementOf(state), performance.now()),
        });
    }

    listen() {
        /** @type {ReturnType<typeof setTimeout> | undefined} */
        let due;
        this.store.add({
            reads: ['picked'],
            render: ({ picked }) => {
                clearTimeout(due);
                if (picked)
                    due = setTimeout(() => this.explain(picked), picked.by === 'mouse' ? SECOND_CLICK_MS : 0);
            },
        });
        this.store.add({
            reads: ['explaining'],
            render: ({ explaining }) => {
                if (explaining)
                    this.card();
            },
        });
        byId('replay-open', HTMLButtonElement).addEventListener('click', () => this.replay.toggle());
        const openDialog = dialogOf('help');
        const help = once(async () => {
            const { HelpText } = await import('./ui/help-text.js');
            this.store.add(new HelpText(byId('help-body', HTMLElement)));
            return true;
        });
        const openHelp = () => help().then((there) => there && openDialog());
        byId('help-open', HTMLButtonElement).addEventListener('click', openHelp);
        listenWelcome(openHelp);
    }

    /** Loaded when somebody asks for the first time. */
    async addCard() {
        const { ExplanationCard } = await import('./ui/explanation-card.js');
        this.store.add(new ExplanationCard(this.store));
        this.pointer.refresh();
    }

    listenKeys() {
        const { store, pointer, measure } = this;
        const openList = dialogOf('keys');
        const intervals = INTERVALS.map((interval, i) => [String(i + 1), () => choose(store, { interval })]);
        listenKeys({
            ...Object.fromEntries(intervals),
            '?': () => import('./ui/key-list.js').then(({ writeKeys }) => {
                writeKeys(byId('key-list', HTMLElement));
                openList();
            }).catch(sayMissing),
            b: () => display(store, { volume: !store.state.view.volume }),
            d: () => display(store, { depth: !store.state.view.depth }),
            e: () => display(store, { executed: store.state.view.executed ? '' : 'both' }),
            h: () => display(store, { heat: !store.state.view.heat }),
            l: () => display(store, { logPrice: !store.state.view.logPrice }),
            m: () => measure.toggle(),
            r: () => this.replay.toggle(),
            v: () => byId('view-menu', HTMLElement).togglePopover(),
            s: () => byId('share-menu', HTMLElement).togglePopover(),
            Escape: () => {
                if (store.state.explaining) {
                    store.set({ explaining: null });
                    return;
                }
                store.set({ measured: null });
                pointer.hide();
            },
        }, (event) => pointer.onKey(event));
    }

    /** The chart with its legend. @param {import('./data/snapshot.js').Snapshot} snapshot @returns {Promise<HTMLCanvasElement>} */
    async picture(snapshot) {
        const { drawPicture, notesOf, shoot } = await import('./draw/picture.js');
        const { chart } = this;
        const { map, paint, view, cursor } = this.store.state;
        if (map?.snapshot !== snapshot || !paint)
            throw new Error('the map has changed; try again');
        const shot = await shoot(chart.vendor, chart.element, cursor !== null);
        return drawPicture({
            chart: shot, ratio: shot.width / chart.element.clientWidth, snapshot, replay: map.query.end,
            notes: notesOf(/** @type {Element} */ (chart.element.parentElement)), colour: colourOf, ...drawingOf(snapshot.grid, paint, view.scale),
        });
    }

    /** Load the single-leverage bars that belong to the map. @param {State} state @param {State | null} before */
    async followSingle({ map, kind, view }, before) {
        if (map === before?.map && kind === before?.kind && view.knobs === before.view.knobs)
            return;
        this.loading.abort();
        if (kind !== 'single' || !map)
            return;
        this.loading = new AbortController();
        const { signal } = this.loading;
        try {
            const single = parseSingle(await fetchJson('api/v1/profile' + singleQuery(map.query, view.knobs), signal));
            if (!signal.aborted)
                this.store.set({ single, singleProblem: '' });
        } catch (error) {
            if (!signal.aborted)
                this.store.set({ single: null, singleProblem: `No profile: ${messageOf(error)}` });
        }
    }

    /** Ask why a cell is hot, and show the answer. @param {Cursor} cursor */
    async explain(cursor) {
        const { store, pointer } = this;
        const { map, visible } = store.state;
        const cell = map && cellUnder(map.snapshot, cursor);
        if (!map || !cell || !visible)
            return;
        const { grid, candles } = map.snapshot;
        this.explaining.abort();
        this.explaining = new AbortController();
        const { signal } = this.explaining;
        /* A finger’s tooltip has been read and would hide the cell. */
        if (cursor.by === 'touch')
            pointer.hide();
        const explaining = {
            place: { right: cursor.x < visible.width / 2, low: cursor.y > visible.height / 2 },
            focus: cursor.by === 'keyboard', explanation: null, problem: '',
        };
        store.set({ explaining });
        /* The tooltip makes room for the card. */
        pointer.refresh();
        const q = new URLSearchParams({
            time: String(candles.time[cell.column]),
            price: String(Number((grid.priceMin + (cell.row + 0.5) * grid.priceStep).toPrecision(12))),
        });
        /** @param {Partial<import('./data/state.js').Explaining>} change  unless the card was closed */
        const answer = (change) => {
            if (!signal.aborted && store.state.explaining === explaining)
                store.set({ explaining: { ...explaining, ...change } });
        };
        try {
            const query = { ...map.query, end: endOfColumn(map.snapshot, cell.column) || map.query.end };
            answer({ explanation: parseExplanation(await fetchJson(`api/v1/explain${queryText(query)}&${q}`, signal)) });
        } catch (error) {
            answer({ problem: messageOf(error) });
        }
    }
}

/**
 * Loads a part of the page at the first call; one that failed, at the next.
 *
 * @template T
 * @param {() => Promise<T>} load
 * @param {() => void} [failed]
 * @returns {() => Promise<T | undefined>} what was loaded; undefined when that failed
 */
function once(load, failed) {
    /** @type {Promise<T | undefined> | null} */
    let loaded = null;
    return () => (loaded ??= load().catch(() => {
        loaded = null;
        failed?.();
        sayMissing();
        return undefined;
    }));
}

function sayMissing() {
    setText(byId('toast-text', HTMLElement), 'A part of the page could not be loaded; try again.');
    byId('toast', HTMLElement).hidden = false;
}

/** @param {unknown} error */
const messageOf = (error) => (error instanceof Error ? error.message : String(error));
