/* The state of the page: what was chosen, what came from the server, what is
 * pointed at, and what follows from these. */

import { barsOfSingle, barsOfTiers } from './profile.js';
import { paintOf } from './paint.js';
import { BARS, sameQuery, sameWindow } from './query.js';
import { profileKind, sameView } from './view.js';

/**
 * @typedef {import('./snapshot.js').Snapshot} Snapshot
 * @typedef {import('./query.js').Query} Query
 * @typedef {import('./answers.js').Level} Level
 * @typedef {import('./viewport.js').Viewport} Viewport
 *
 * @typedef {object} LoadedMap
 * @property {Snapshot} snapshot
 * @property {Query} query  it was asked for
 *
 * @typedef {object} Cursor  where the crosshair is
 * @property {number} x       CSS pixels in the pane
 * @property {number} y
 * @property {number} column  candle under it; may lie outside the candles
 * @property {number} price
 * @property {"mouse" | "touch" | "keyboard"} by
 *
 * @typedef {{column: number, price: number}} Spot  a place of the chart
 *
 * @typedef {object} Measured
 * @property {Spot} from
 * @property {Spot} to
 * @property {boolean} [following]  its end is the crosshair while there is one
 *
 * @typedef {object} Visible  what the chart shows
 * @property {{from: number, to: number} | null} time    candles by index
 * @property {number} candles  how many there were to be seen
 * @property {{from: number, to: number} | null} prices
 * @property {number} width   of the pane, CSS pixels
 * @property {number} height
 * @property {number} axis          width of the price axis
 * @property {number} profileWidth  kept free right of the newest candle
 * @property {Viewport | null} viewport  as the person chose it; null: all of the window
 *
 * @typedef {object} Explaining  the card of a cell
 * @property {{right: boolean, low: boolean}} place
 * @property {boolean} focus  the card takes the focus
 * @property {import('./answers.js').Explanation | null} explanation  null: not here yet
 * @property {string} problem  why there is none
 *
 * @typedef {object} Failure  of the last request
 * @property {string} code
 * @property {string} message
 * @property {string[]} allowed
 * @property {boolean} final  asking again cannot help
 * @property {number} [status]  of HTTP
 *
 * @typedef {object} Chosen
 * @property {Query} query
 * @property {import('./view.js').View} view
 * @property {string} theme
 * @property {boolean} local    times in the zone of this computer
 * @property {boolean} panel    the side panel is open
 * @property {import('./alert-rules.js').Rule} rule
 * @property {readonly import('./watched.js').Watched[]} watched  levels and prices to be told of
 *
 * @typedef {object} Past  maps of older windows, joined to the left of the newest
 * @property {readonly Snapshot[]} parts  the oldest first
 * @property {string} note  why there are no older ones; "": they can be asked for
 *
 * @typedef {object} Received
 * @property {LoadedMap | null} map
 * @property {Past} past
 * @property {string} etag
 * @property {{ms: number, at: number}} age  of the map's data, and when that was; ms NaN: unknown
 * @property {import('./answers.js').Single | null} single
 * @property {string} singleProblem
 * @property {readonly string[]} symbols    offered by the server
 * @property {readonly string[]} exchanges
 * @property {boolean} busy     a map is being loaded
 * @property {number} retryAt   when the next request is due, on the clock; Infinity: none
 * @property {number} clock     ms, monotonic; moves at least once a second while visible
 *
 * @typedef {object} Pointed
 * @property {Cursor | null} cursor
 * @property {Visible | null} visible
 * @property {Viewport | null} wanted  to be shown with the next map
 * @property {Level | null} level      highlighted in the list
 * @property {Cursor | null} picked    whose cell is to be explained; another object for each time
 * @property {Explaining | null} explaining
 * @property {Measured | null} measured
 * @property {number} head      height of the profile's caption, CSS pixels
 * @property {boolean} narrow   a phone
 * @property {boolean} hidden   nobody looks at the tab
 *
 * @typedef {object} Derived
 * @property {Failure | null} error  of the last request for this query
 * @property {import('./paint.js').Paint | null} paint
 * @property {import('./view.js').ProfileKind} kind  of profile
 * @property {import('./profile.js').Bars | null} bars
 *
 * @typedef {Chosen & Received & Pointed & Derived} State
 * @typedef {import('./store.js').Store<State>} PageStore
 */

/** @type {Readonly<Omit<State, keyof Chosen | "narrow" | "hidden">>} */
export const EMPTY = Object.freeze({
    map: null, past: { parts: [], note: '' }, etag: '', age: { ms: NaN, at: 0 }, single: null, singleProblem: '', symbols: [], exchanges: [],
    busy: false, error: null, retryAt: Infinity, clock: 0,
    cursor: null, visible: null, wanted: null, level: null, picked: null, explaining: null, measured: null, head: 0,
    paint: null, kind: 'off', bars: null,
});

/**
 * @param {State} next
 * @param {State | null} before
 * @returns {Derived}
 */
export function derive(next, before) {
    const { map, view, narrow, single } = next;
    const unpainted = map !== before?.map || view !== before?.view;
    const kind = profileKind(view, narrow);
    const unbarred = kind !== before?.kind || map?.snapshot !== before?.map?.snapshot || single !== before?.single;
    return {
        paint: map && unpainted ? paintOf(map, view, before) : map ? next.paint : null,
        kind,
        error: next.query === before?.query ? next.error : null,
        bars: unbarred ? barsOf(kind, map, single) : next.bars,
    };
}

/** @param {State["kind"]} kind @param {LoadedMap | null} map @param {State["single"]} single */
function barsOf(kind, map, single) {
    if (kind === 'tiers' && map?.snapshot.profile)
        return barsOfTiers(map.snapshot.profile);
    return kind === 'single' && map && single ? barsOfSingle(single) : null;
}

/** Of the data on the screen. @param {State} state @returns {number} ms, NaN unknown */
export function ageOf({ age, clock }) {
    return age.ms + clock - age.at;
}

/** The exchange's time. @param {State} state @returns {number} ms, NaN unknown */
export function exchangeNow(state) {
    const { map, age, clock } = state;
    if (!map)
        return NaN;
    return map.query.end > 0 ? map.snapshot.generatedAt + clock - age.at : map.snapshot.dataTime + ageOf(state);
}

/** The map on the screen is another than the one asked for. @param {State} state */
export function isSwitching(state) {
    const { map, query } = state;
    return map !== null && !isExtension(query, map.query) && !sameQuery({ ...query, end: 0 }, { ...map.query, end: 0 });
}

/**
 * Whether a map is another one with older candles before it.
 *
 * @param {Query} query
 * @param {Query} before
 */
export function isExtension(query, before) {
    return query.older === true && query.bars > before.bars && sameQuery({ ...query, bars: before.bars }, before);
}

/** Candles may be missing on the left by this share of all before older ones are asked for. */
const MISSING = 0.02;

/**
 * The query for older candles, where the chart shows time before the first.
 *
 * @param {State} state
 * @returns {Query | null} null: nothing is missing, or there are no more to be had at once
 */
export function olderQuery({ map, query, visible, busy, error, wanted }) {
    const bars = BARS.find((count) => count > query.bars);
    return bars && showsVoid({ map, query, visible, busy, error, wanted }) ? { ...query, bars, older: true } : null;
}

/** Beyond the most candles of one map: the map of an older window is missing. @param {State} state */
export function wantsPast(state) {
    return state.query.bars === BARS[BARS.length - 1] && state.past.note === '' && showsVoid(state);
}

/** The chart shows time before the first candle. @param {Pick<State, "map" | "query" | "visible" | "busy" | "error" | "wanted">} state */
function showsVoid({ map, query, visible, busy, error, wanted }) {
    /* What is visible is told a frame after the map. */
    if (!map || !visible?.time || visible.candles !== map.snapshot.candles.time.length || busy || error || wanted)
        return false;
    /* The cheaper question first: this runs in each frame of a pan. */
    return visible.time.from < -1 - MISSING * query.bars && sameQuery(query, map.query);
}

/** The map asked for lies where the one on the screen lies. @param {State} state @param {Query} [query] */
export function keepsWindow({ map, ...state }, query = state.query) {
    return map !== null && sameWindow(query, map.query);
}

/** @param {Snapshot} snapshot @param {Cursor} cursor @returns {{row: number, column: number} | null} the cell to explain */
export function cellUnder({ grid, candles }, { column, price }) {
    const row = Math.floor((price - grid.priceMin) / grid.priceStep);
    return row >= 0 && row < grid.rows && column >= 0 ? { row, column: Math.min(column, candles.time.length - 1) } : null;
}


/** Ask for another map, if it is another. @param {PageStore} store @param {Partial<Query>} change */
export function choose(store, change) {
    const query = { ...store.state.query, ...change };
    if (!sameQuery(query, store.state.query))
        store.set({ query });
}

/** Display the map in another way. @param {PageStore} store @param {Partial<import('./view.js').View>} change */
export function display(store, change) {
    const view = { ...store.state.view, ...change };
    if (!sameView(view, store.state.view))
        store.set({ view });
}
