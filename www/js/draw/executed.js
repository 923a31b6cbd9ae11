/* Executed liquidations as the recorder has them: circles on the map, totals in
 * a pane under it, both sides of a candle in the tooltip, and what they lack.
 *
 * Loaded when somebody switches them on, and bundled by itself, as panes.js is;
 * what is written around the map is executed-words.js.  It asks while they are
 * shown in a tab that is seen, and never otherwise. */

import { executedLines, executedQuery, parseExecuted, placeOf, sampleOf, totalsOf } from '../data/executed.js';
import { CANDLES } from '../data/palette.js';
import { sameQuery } from '../data/query.js';
import { isExtension } from '../data/state.js';
import { Circles, leastOf, radiusOf } from './circles.js';
import { Totals } from './totals.js';

/**
 * @typedef {import('../data/state.js').State} State
 * @typedef {import('../data/executed.js').Total} Total
 *
 * @typedef {object} Loaded
 * @property {import('../data/executed.js').Executed} executed
 * @property {import('../data/query.js').Query} query  of the map that it was asked for with
 * @property {Total[]} totals
 */

/** As often as a live map is asked for. */
const FRESH_MS = 20_000;

export class Executed {
    /** @param {import('../tools.js').Host} host @param {import('../ui/executed-words.js').ExecutedWords} words */
    constructor({ store, chart, colour, feed }, words) {
        /** @type {readonly (keyof State)[]} */
        this.reads = ['map', 'view', 'theme', 'local', 'cursor', 'visible', 'hidden'];
        this.store = store;
        this.chart = chart;
        this.colour = colour;
        this.circles = new Circles(colour);
        chart.attach(this.circles);
        this.totals = new Totals(chart, colour);
        this.words = words;
        /* What is asked for belongs to the map that is there when it is. */
        this.feed = feed({
            read: (json) => this.read(json), freshMs: ({ query }) => (query.end > 0 ? Infinity : FRESH_MS),
            changed: () => {
                this.draw(store.state);
                this.write(store.state);
            },
        });
        /** The candle under a mouse that is over a pane; -1: none. */
        this.column = -1;
        chart.library.subscribeCrosshairMove(({ paneIndex = 0, logical }) => {
            const column = paneIndex > 0 && logical !== undefined ? Math.round(logical) : -1;
            if (column === this.column)
                return;
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
    follow({ map, view, hidden }) {
        const query = view.executed && map ? executedQuery(map.query, map.snapshot.exchange) : '';
        this.feed.setHidden(hidden);
        /* A candle that has closed is not waited for. */
        this.feed.follow(query && 'api/v1/liquidations' + query, map?.query.end === 0 ? map.snapshot.candles.time.at(-1) : 0);
    }

    /** @param {unknown} json @returns {Loaded} */
    read(json) {
        const executed = parseExecuted(json);
        const { query } = /** @type {import('../data/state.js').LoadedMap} */ (this.store.state.map);
        return { executed, query, totals: totalsOf(executed) };
    }

    /** What there is of the map on the screen. @param {State} state @returns {Loaded | null} */
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
        /* Nothing is known of any candle: words say why. */
        if (!map || !loaded || loaded.totals.every(({ long }) => Number.isNaN(long))) {
            this.circles.set(null);
            this.totals.set(null, this.sides(state));
            dataset.executed = '';
            return;
        }
        const { executed, totals } = loaded;
        const columns = Array.from(map.snapshot.candles.time, (ms) => totals[placeOf(executed, ms)] ?? null);
        const sides = this.sides(state);
        const withCircles = view.executed !== 'totals';
        const drawn = withCircles ? this.circlesOf(loaded, map.snapshot.candles.time) : [];
        this.circles.set(withCircles ? { circles: drawn, unheard: runsOf(columns), sides } : null);
        /* White bars would not be seen on a light ground. */
        const short = CANDLES[view.candles].hollow ? this.colour('--text') : sides.short;
        this.totals.set(view.executed === 'circles' ? null : columns, { ...sides, short });
        dataset.executed = `${drawn.length} ${view.executed === 'circles' ? 0 : columns.filter((total) => total && total.long + total.short > 0).length}`;
    }

    /** @param {Loaded} loaded @param {Float64Array} times  of the chart's candles */
    circlesOf({ executed }, times) {
        const first = placeOf(executed, times[times.length - 1]) - times.length + 1;
        return executed.circles.map((circle) => ({ ...circle, column: circle.candle - first }))
            .filter(({ candle, column }) => times[column] === executed.time[candle]);
    }

    /** @param {State} state */
    write(state) {
        const { map, view, visible, cursor } = state;
        const loaded = this.shown(state);
        const known = loaded !== null && this.chart.element.dataset.executed !== '';
        this.words.writeTip(known, cursor ? this.totalAt(state, cursor.column) : null);
        this.words.writeCaption({
            lines: view.executed && map ? this.linesOf(state, loaded) : [], problem: loaded === null, sides: this.sides(state),
            key: loaded && view.executed !== 'totals' ? keyOf(loaded.executed, visible?.width ?? 0) : null, profileWidth: visible?.profileWidth ?? 0,
        });
        this.writeLine(state);
    }

    /** @param {State} state @param {number} column  of the chart @returns {Total | null} */
    totalAt(state, column) {
        const loaded = this.shown(state);
        return loaded && state.map ? loaded.totals[placeOf(loaded.executed, state.map.snapshot.candles.time[column])] ?? null : null;
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
    writeLine(state) {
        const { map, cursor } = state;
        const { top } = this.totals;
        const column = this.column >= 0 ? this.column : cursor?.column ?? -1;
        const newest = (map?.snapshot.candles.time.length ?? 0) - 1;
        this.words.writeLine(top, this.totalAt(state, column >= 0 && column <= newest ? column : newest));
    }
}

/**
 * What the areas of circles mean.
 *
 * @param {import('../data/executed.js').Executed} executed @param {number} width  of the map
 * @returns {import('../ui/executed-words.js').Key | null} null without circles
 */
function keyOf({ circles, all }, width) {
    if (circles.length === 0 || width === 0)
        return null;
    const [{ usd: largest }] = circles;
    const dollars = sampleOf(largest);
    const cut = circles.length < all ? circles[circles.length - 1].usd : 0;
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
