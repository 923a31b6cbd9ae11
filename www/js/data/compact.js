/* The compact form of a map, api/v1/heatmap?format=compact, as README.md has it. */

import { SnapshotError, array, positive } from './read.js';

/** @typedef {import('./read.js').Json} Json */

/* The digits: the characters from # to ~ without the backslash. */
const FIRST = 35;
const BACKSLASH = 92;
const DIGITS = 91;
/** Digits below stand alone; those from it on begin a pair. */
const PAIR = 64;
/** Of a difference from -65535 to 65535. */
const WHOLE_MAX = 2 * 0xffff;

/**
 * @param {string} line
 * @param {number} at
 * @returns {number} NaN for what is no digit, and behind the end
 */
function digit(line, at) {
    const c = line.charCodeAt(at);
    return c >= FIRST && c < FIRST + DIGITS + 1 && c !== BACKSLASH ? c - FIRST - Number(c > BACKSLASH) : NaN;
}

/**
 * What the neighbours let expect: the change along the row below, less one.
 *
 * @param {number} left @param {number} below @param {number} corner
 */
const expected = (left, below, corner) => left + below - corner - Math.sign(below - corner);

/**
 * One row of cells from its text and the row below it.
 *
 * @param {string} line
 * @param {Uint16Array} cells  [rows][columns]; this row is filled
 * @param {number} begin  of the row in cells
 * @param {number} columns
 * @param {number} max  none may be larger
 * @returns {boolean} whether the text is as long as the row and all is within max
 */
function readRow(line, cells, begin, columns, max) {
    let at = 0;
    let left = 0;
    let corner = 0;
    for (let i = begin; i < begin + columns; i++) {
        const below = begin > 0 ? cells[i - columns] : 0;
        let n = digit(line, at++);
        if (n >= PAIR)
            n = PAIR + (n - PAIR) * DIGITS + digit(line, at++);
        const value = expected(left, below, corner) + (n % 2 === 1 ? (n + 1) / 2 : -n / 2);
        if (!(value >= 0 && value <= max))
            return false;
        cells[i] = value;
        left = value;
        corner = below;
    }
    return at === line.length;
}

/**
 * @param {unknown[]} lines  a text for each row, the lowest price first
 * @param {number} columns
 * @param {number} max
 * @returns {Uint16Array} [rows][columns]
 * @throws {SnapshotError}
 */
export function compactCells(lines, columns, max) {
    const cells = new Uint16Array(lines.length * columns);
    lines.forEach((line, r) => {
        if (typeof line !== 'string' || !readRow(line, cells, r * columns, columns, max))
            throw new SnapshotError(`grid.cells[${r}]`, `the text of ${columns} cells up to ${max}`);
    });
    return cells;
}

/**
 * Differences from their text, as liq_put_whole writes them.
 *
 * @param {unknown} line
 * @param {number} count
 * @returns {Int32Array} [count]
 * @throws {SnapshotError} when the text is none or has another length
 */
export function wholes(line, count) {
    const text = typeof line === 'string' ? line : '';
    const values = new Int32Array(count);
    let at = 0;
    let good = true;
    for (let i = 0; good && i < count; i++) {
        let [n, unit, last] = [0, 1, digit(text, at++)];
        for (; last >= PAIR; last = digit(text, at++)) {
            n += unit * last;
            unit *= DIGITS - PAIR;
        }
        n += unit * last;
        good = n <= WHOLE_MAX;
        values[i] = n % 2 === 1 ? (n + 1) / 2 : -n / 2;
    }
    if (!good || at !== text.length)
        throw new SnapshotError('differences', `the text of ${count}`);
    return values;
}

/**
 * Candles in the plain form.
 *
 * @param {Json} json  with ticks_per_unit
 * @returns {Json} what is no list of numbers is left for the reader of the plain form to refuse
 * @throws {SnapshotError} when a list is missing
 */
export function plainCandles(json) {
    const scale = positive(json, 'ticks_per_unit');
    const lists = ['open_time', 'open', 'high', 'low', 'close'].map((key) => array(json, key).map(Number));
    const [times, opens, highs, lows, closes] = lists;
    /** @type {number[][]} */
    const [open_time, open, high, low, close] = lists.map(() => []);
    let time = 0;
    let last = 0;
    opens.forEach((opened, i) => {
        const first = last + opened;
        last = first + closes[i];
        time += times[i];
        open_time.push(time);
        open.push(first / scale);
        high.push((Math.max(first, last) + highs[i]) / scale);
        low.push((Math.min(first, last) - lows[i]) / scale);
        close.push(last / scale);
    });
    return { ...json, open_time, open, high, low, close };
}
