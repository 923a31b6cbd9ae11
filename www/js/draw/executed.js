/* Executed liquidations as the recorder has them: circles on the map, totals in
 * a pane under it, both sides of a candle in the tooltip, and what they lack.
 *
 * Loaded when somebody switches them on, and bundled by itself, as panes.js is;
 * what is written around the map is executed-words.js.  It asks while they are
 * shown in a tab that is seen, and never otherwise. */

import { CIRCLES_MAX, executedLines, executedQuery, joinExecuted, parseExecuted, sampleOf, totalsOf } from '../data/executed.js';
import { partQuery } from '../data/join.js';
import { CANDLES } from '../data/palette.js';
import { sameQuery } from '../data/query.js';
import { isExtension } from '../data/state.js';
import { Circles, leastOf, radiusOf } from './circles.js';
import { followColumn } from './pane-layout.js';
import { Totals } from './totals.js';

/**
 * @typedef {import('../data/state.js').State} State
 * @typedef {import('../data/executed.js').Total} Total
 *
 * @typedef {object} Loaded
 * @property {import('../data/executed.js').Executed} executed
 * @property {import('../data/query.js').Query} query  of the map that it was asked for with
 * @property {Total[]} totals
 *
 * @typedef {import('../net/feed.js').Feed<Loaded>} Source
 */

/** As often as a live map is asked for. */
const FRESH_MS = 20_000;

export class Executed {
    /** @param {import('../tools.js').Host} host @param {import('../ui/executed-words.js').ExecutedWords} words */
    constructor({ store, chart, colour, feed }, words) {
        /** @type {readonly (keyof State)[]} */
        this.reads = ['map', 'past', 'view', 'theme', 'local', 'cursor', 'visible', 'hidden'];
        this.store = store;
        this.chart = chart;
        this.colour = colour;
        this.circles = new Circles(colour);
        chart.attach(this.circles);
        this.totals = new Totals(chart, colour);
        this.words = words;
        /** @param {number} freshMs  of what is not of the past @returns {Source} */
        this.open = (freshMs) => feed({
            read: (json) => this.read(json), freshMs: ({ query }) => (query.end > 0 ? Infinity : freshMs),
            changed: () => {
                this.draw(store.state);
                this.write(store.state);
            },
        });
        this.feed = this.open(FRESH_MS);
        /** Of the older windows, from the one beside the newest. @type {Source[]} */
        this.older = [];
        /** What is known of each candle of the chart. @type {readonly (Total | null)[]} */
        this.columns = [];
        /** @type {import('./circles.js').Drawn["circles"]} */
        this.drawn = [];
        /** The candle under a mouse that is over a pane; -1: none. */
        this.column = -1;
        followColumn(chart.vendor, (column) => {
            this.column = column;
            this.writeLine(store.state);
        });
    }

    /** @param {State} state @param {State | null} before */
    render(state, before) {
        const { map, view, theme, local } = state;
        if (!view.executed && before && !before.view.executed)
            return;
        this.follow(state);
        if (!before || map !== before.map || theme !== before.theme || local !== before.local
            || view.executed !== before.view.executed || view.candles !== before.view.candles)
            this.draw(state);
        this.write(state);
    }

    /** Whether, for what and when the server is asked. @param {State} state */
    follow({ map, past, view, hidden }) {
        /** @param {import('../data/query.js').Query} query @param {string} exchange */
        const urlOf = (query, exchange) => {
            const text = executedQuery(query, exchange);
            return text && 'api/v1/liquidations' + text;
        };
        const on = view.executed && map;
        /* A candle that has closed is not waited for. */
        this.feed.follow(on ? urlOf(map.query, map.snapshot.exchange) : '', map?.query.end === 0 ? map.snapshot.candles.time.at(-1) : 0);
        while (this.older.length < past.parts.length)
            this.older.push(this.open(Infinity));
        for (const [i, source] of this.older.entries()) {
            const part = past.parts.at(-1 - i);
            source.follow(on && part ? urlOf(partQuery(part, map.query), part.exchange) : '');
        }
        for (const source of [this.feed, ...this.older])
            source.setHidden(hidden);
    }

    /** @param {unknown} json @returns {Loaded} */
    read(json) {
        const executed = parseExecuted(json);
        const { query } = /** @type {import('../data/state.js').LoadedMap} */ (this.store.state.map);
        return { executed, query, totals: totalsOf(executed) };
    }

    /** What there is of the newest map on the screen. @param {State} state @returns {Loaded | null} */
    shown({ map, view }) {
        const loaded = this.feed.last?.value;
        return view.executed && map && loaded && (sameQuery(loaded.query, map.query) || isExtension(map.query, loaded.query)) ? loaded : null;
    }

    /** @param {State} state @returns {import('./circles.js').Sides} */
    sides({ view }) {
        const { up, down, hollow } = CANDLES[view.candles];
        /* Longs are closed by selling, which is what the colour of a falling candle stands for. */
        return { long: down, short: hollow ? '#ffffff' : up };
    }

    /** @param {State} state */
    draw(state) {
        const { map, view } = state;
        const loaded = this.shown(state);
        const { dataset } = this.chart.element;
        const older = this.older.flatMap(({ last, wanted }) => (last && last.of === wanted ? [last.value] : []));
        const { columns, circles } = map && loaded ? joinExecuted([loaded, ...older], map.snapshot.candles.time) : { columns: [], circles: [] };
        /* Nothing is known of any candle: words say why. */
        const none = columns.every((total) => !total || Number.isNaN(total.long));
        this.columns = none ? [] : columns;
        this.drawn = none || view.executed === 'totals' ? [] : circles;
        if (none) {
            this.circles.set(null);
            this.totals.set(null, this.sides(state));
            dataset.executed = '';
            return;
        }
        const sides = this.sides(state);
        const withCircles = view.executed !== 'totals';
        this.circles.set(withCircles ? { circles: this.drawn, unheard: runsOf(columns), sides } : null);
        /* White bars would not be seen on a light ground. */
        const short = CANDLES[view.candles].hollow ? this.colour('--text') : sides.short;
        this.totals.set(view.executed === 'circles' ? null : columns, { ...sides, short });
        dataset.executed = `${this.drawn.length} ${view.executed === 'circles' ? 0 : columns.filter((total) => total && total.long + total.short > 0).length}`;
    }

    /** @param {State} state */
    write(state) {
        const { map, view, visible, cursor } = state;
        const loaded = this.shown(state);
        this.words.writeTip(this.columns.length > 0, cursor ? this.columns[cursor.column] ?? null : null);
        this.words.writeCaption({
            lines: view.executed && map ? this.linesOf(state, loaded) : [], problem: loaded === null, sides: this.sides(state),
            key: loaded ? keyOf(this.drawn, loaded.executed, visible?.width ?? 0) : null, profileWidth: visible?.profileWidth ?? 0,
        });
        this.writeLine(state);
    }

    /** @param {State} state @param {Loaded | null} loaded @returns {string[]} */
    linesOf({ map }, loaded) {
        const { wanted, problem } = this.feed;
        if (loaded && map)
            return [...problem ? [`Not renewed: ${problem}`] : [], ...executedLines(loaded.executed, map.snapshot.interval === '1d')];
        if (wanted === '')
            return ['No executed liquidations: none of contracts margined in the coin are recorded'];
        return [problem ? `No executed liquidations: ${problem}` : 'Loading executed liquidations'];
    }

    /** The line above the totals. @param {State} state */
    writeLine({ cursor }) {
        const column = this.column >= 0 ? this.column : cursor?.column ?? -1;
        const newest = this.columns.length - 1;
        this.words.writeLine(this.totals.top, this.columns[column >= 0 && column <= newest ? column : newest] ?? null);
    }
}

/**
 * What the areas of circles mean.
 *
 * @param {import('./circles.js').Drawn["circles"]} circles @param {import('../data/executed.js').Executed} executed  of the newest
 * @param {number} width  of the map
 * @returns {import('../ui/executed-words.js').Key | null} null without circles
 */
function keyOf(circles, { circles: { length: shown }, all }, width) {
    if (circles.length === 0 || width === 0)
        return null;
    const [{ usd: largest }] = circles;
    const dollars = sampleOf(largest);
    const cut = shown < all || circles.length === CIRCLES_MAX ? circles[circles.length - 1].usd : 0;
    return { dollars, radius: radiusOf(dollars, largest, width), least: Math.max(cut, leastOf(largest, width)) };
}

/** Columns next to each other of which nothing was recorded. @param {readonly (Total | null)[]} columns */
function runsOf(columns) {
    /** @type {{from: number, to: number}[]} */
    const runs = [];
    for (const [i, total] of columns.entries()) {
        if (!total || !Number.isNaN(total.long))
            continue;
        const last = runs.at(-1);
        if (last?.to === i - 1)
            last.to = i;
        else
            runs.push({ from: i, to: i });
    }
    return runs;
}
