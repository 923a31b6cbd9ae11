/* What changed since a map, api/v1/heatmap?format=compact&since=…, as README.md
 * has it: the next map from the one before. */

import { plainCandles, wholes } from './compact.js';
import { SnapshotError, array, object, text, whole } from './read.js';
import { candlesOf, parseSnapshot } from './snapshot.js';

/**
 * @typedef {import('./read.js').Json} Json
 * @typedef {import('./snapshot.js').Snapshot} Snapshot
 * @typedef {import('./snapshot.js').Candles} Candles
 * @typedef {import('./snapshot.js').Grid} Grid
 *
 * @typedef {object} Base  a map that the next delta is applied to
 * @property {Json} json  the answer; candles and cells may be older than the snapshot's
 * @property {Snapshot} snapshot  what is shown of it
 */

/** @param {Json} json  an answer @returns {boolean} it says what changed; else it is a whole map */
export const isDelta = (json) => json.since !== undefined;

/**
 * What an object of JSON becomes: an array holds a new value alone, an object
 * is the same for a member or an item, anything else is a new value.
 *
 * @param {any} before  not changed
 * @param {any} patch
 * @returns {any}
 */
function patched(before, patch) {
    if (Array.isArray(patch))
        return patch[0];
    if (typeof patch !== 'object' || patch === null)
        return patch;
    const now = Array.isArray(before) ? [...before] : { ...before };
    for (const [key, part] of Object.entries(patch))
        now[key] = patched(before[key], part);
    return now;
}

/**
 * Candles of which the first have left and the last are new.
 *
 * @param {Candles} before @param {number} dropped @param {number} kept
 * @param {Candles | null} tail
 * @returns {Candles}
 */
function candlesAfter(before, dropped, kept, tail) {
    const list = /** @param {keyof Candles} key */ (key) => {
        const values = new Float64Array(kept + (tail ? tail[key].length : 0));
        values.set(before[key].subarray(dropped, dropped + kept));
        values.set(tail ? tail[key] : [], kept);
        return values;
    };
    return {
        time: list('time'), open: list('open'), high: list('high'), low: list('low'), close: list('close'),
        volume: list('volume'), quoteVolume: list('quoteVolume'),
    };
}

/**
 * @param {Grid} before @param {number} dropped @param {number} kept
 * @param {unknown[]} lines  a text for each new column: its differences from the one before it
 * @returns {Uint16Array} [rows][kept + lines.length]
 */
function cellsAfter({ cells, rows, columns }, dropped, kept, lines) {
    const all = kept + lines.length;
    const now = new Uint16Array(rows * all);
    for (let r = 0; r < rows; r++)
        now.set(cells.subarray(r * columns + dropped, r * columns + dropped + kept), r * all);
    lines.forEach((line, i) => {
        const column = kept + i;
        wholes(line, rows).forEach((difference, r) => {
            const level = (column > 0 ? now[r * all + column - 1] : 0) + difference;
            if (!(level >= 0 && level <= 0xffff))
                throw new SnapshotError(`cells[${i}]`, 'levels of 16 bits');
            now[r * all + column] = level;
        });
    });
    return now;
}

/**
 * The tiers of a profile; what is written there is tenths.
 *
 * @param {Json} before @param {Json} differences
 */
function tiersAfter(before, differences) {
    return Object.fromEntries(Object.entries(before).map(([leverage, list]) => {
        if (!Array.isArray(list))
            throw new SnapshotError(`tiers.${leverage}`, 'a list before');
        const change = wholes(differences[leverage], list.length);
        return [leverage, list.map((mass, r) => (Math.round(mass * 10) + change[r]) / 10)];
    }));
}

/**
 * @param {Base} base  not changed
 * @param {Json} delta  an answer to since=, of which isDelta
 * @returns {Base} the same as of the whole answer
 * @throws {SnapshotError} when it does not belong to this map, or has a wrong shape
 */
export function applyDelta({ json, snapshot }, delta) {
    if (text(delta, 'since') !== json.cursor)
        throw new SnapshotError('since', 'the cursor of the map before');
    const [dropped, from] = [whole(delta, 'dropped'), whole(delta, 'from')];
    const { grid } = snapshot;
    if (from > 0 && dropped + from > grid.columns)
        throw new SnapshotError('from', 'columns of the map before');
    const tail = delta.candles === undefined ? null : candlesOf(plainCandles(object(delta.candles, 'candles')));
    const next = patched(json, object(delta.patch, 'patch'));
    const profile = object(json.profile, 'profile');
    const now = { ...next, cursor: text(delta, 'cursor'),
        profile: { ...next.profile, tiers: tiersAfter(object(profile.tiers, 'tiers'), object(delta.tiers, 'tiers')) } };
    const candles = candlesAfter(snapshot.candles, dropped, from, tail);
    const cells = cellsAfter(grid, dropped, from, array(delta, 'cells'));
    return { json: now, snapshot: parseSnapshot(now, { candles, cells }) };
}
