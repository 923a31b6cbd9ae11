/* From a map and a scale to colours, kept still between two closes. */

import { sameQuery } from './query.js';
import { Colours, rangesOf, ranksOf } from './scale.js';

/**
 * @typedef {import('./state.js').LoadedMap} LoadedMap
 * @typedef {import('./view.js').View} View
 * @typedef {import('./scale.js').Scale} Scale
 *
 * @typedef {object} Paint  never changed
 * @property {Colours} colours  the same object as long as no colour changes
 * @property {ReturnType<typeof ranksOf>} ranks
 * @property {import('./scale.js').Ranges} ranges
 * @property {string} ranksFor   what the ranks were computed for
 * @property {string} rangesFor
 */

/**
 * @param {LoadedMap} map
 * @param {View} view
 * @param {{map: LoadedMap | null, view: View, paint: Paint | null} | null} before
 *     the last state, whose ends are kept while the data has not clearly moved them
 * @returns {Paint}
 */
export function paintOf({ snapshot, query }, { palette, scale }, before) {
    const { grid, candles, symbol } = snapshot;
    const newest = candles.time[candles.time.length - 1];
    /* A mass is a mass per row: another row height needs other ends. */
    const rangesFor = [symbol, newest, grid.priceStep].join();
    const ranksFor = [rangesFor, grid.columns, grid.quantum, grid.max].join();
    const same = before?.map && before.paint && sameQuery({ ...query, end: 0, bars: 0 }, { ...before.map.query, end: 0, bars: 0 })
        && (query.bars === before.map.query.bars || query.older === true)
        && JSON.stringify(scale) === JSON.stringify(before.view.scale) ? before.paint : null;
    const ranks = same?.ranksFor === ranksFor ? same.ranks : ranksOf(grid, candles, scale.sides && !scale.pin);
    const settled = same?.rangesFor.endsWith(',' + grid.priceStep) && !scale.pin ? same.ranges : null;
    const ranges = same?.rangesFor === rangesFor ? same.ranges : rangesOf(ranks, grid, scale, settled);
    const colours = new Colours(palette, ranges, scale.log);
    const kept = before?.paint?.colours;
    return { colours: kept && colours.equals(kept) ? kept : colours, ranks, ranges, ranksFor, rangesFor };
}

/**
 * The ends of now as a pin, so that a colour means the same tomorrow.
 *
 * @param {Paint} paint
 * @param {import('./snapshot.js').Grid} grid  it was made for
 * @returns {import('./scale.js').Pin}
 */
export function pinOf({ ranges }, { usdPerUnit }) {
    const { dark, bright, rise } = ranges.long;
    const known = Number.isFinite(usdPerUnit);
    const factor = known ? usdPerUnit : 1;
    return { unit: known ? 'usd' : 'mass', dark: dark * factor, bright: bright * factor, rise };
}

/**
 * A scale with other ends; one that was pinned stays pinned, at these.
 *
 * @param {{dark: number, bright: number}} ends  percent of the cells
 * @param {View} view
 * @param {LoadedMap | null} map
 * @returns {Scale}
 */
export function withEnds({ dark, bright }, view, map) {
    const scale = { ...view.scale, dark, bright, pin: null };
    return view.scale.pin && map
        ? { ...scale, pin: pinOf(paintOf(map, { ...view, scale }, null), map.snapshot.grid) } : scale;
}
