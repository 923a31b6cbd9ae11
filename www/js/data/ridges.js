/* The crests of the bands: from the newest closed column back to where each was
 * born. */

/**
 * @typedef {import('./snapshot.js').Grid} Grid
 *
 * @typedef {{row: number, from: number, to: number}} Run  columns, `to` included
 */

/** A crest is the highest of so many rows on either side, as a share of all. */
const REACH = 1 / 90;
/** The valley on its lower side is this much below it. */
const DEPTH = 0.2;
/** Before a band was born there was less than this share of its most. */
const BORN = 0.3;
/** More would be a raster. */
const MOST = 9;
/** At this distance, percent of price, a crest counts half. */
const HALF_AT = 3;

/**
 * @param {Grid} grid
 * @param {number} close  of the newest closed column
 * @returns {Run[]} rows with their columns, each crest from its newest column back
 */
export function ridgesOf(grid, close) {
    const last = Math.max(0, grid.columns - 2);
    const at = (/** @type {number} */ row, /** @type {number} */ column) => grid.cells[row * grid.columns + column];
    const now = (close - grid.priceMin) / grid.priceStep;
    const score = (/** @type {number} */ row) =>
        at(row, last) / (1 + 100 * Math.abs(row - now) * grid.priceStep / close / HALF_AT);
    const crests = crestsOf(grid.rows, (row) => at(row, last)).sort((a, b) => score(b) - score(a));
    return [crests.filter((row) => row > now), crests.filter((row) => row < now)]
        .flatMap((side) => side.slice(0, MOST)).flatMap((row) => runsOf(row, last, grid.rows, at));
}

/** @param {number} rows @param {(row: number) => number} value @returns {number[]} */
function crestsOf(rows, value) {
    const reach = Math.max(2, Math.round(rows * REACH));
    const found = [];
    for (let row = 1; row < rows - 1; row++) {
        const top = value(row);
        let highest = top > 0;
        for (let d = 1; highest && d <= reach; d++)
            highest = !(row >= d && value(row - d) > top) && !(row + d < rows && value(row + d) >= top);
        if (highest && valley(row, -1) <= (1 - DEPTH) * top && valley(row, 1) <= (1 - DEPTH) * top)
            found.push(row);
    }
    return found;

    /** The lowest value before a higher one. @param {number} row @param {number} step */
    function valley(row, step) {
        const top = value(row);
        let low = top;
        for (let r = row + step; r >= 0 && r < rows && value(r) <= top; r += step)
            low = Math.min(low, value(r));
        return low;
    }
}

/** @param {number} row @param {number} last @param {number} rows @param {(row: number, column: number) => number} at @returns {Run[]} */
function runsOf(row, last, rows, at) {
    const runs = [{ row, from: last, to: last }];
    let most = at(row, last);
    for (let c = last - 1; c >= 0; c--) {
        const next = [row, row - 1, row + 1].filter((r) => r >= 0 && r < rows)
            .reduce((best, r) => (at(r, c) > at(best, c) ? r : best));
        const value = at(next, c);
        if (value < BORN * most || value === 0)
            break;
        most = Math.max(most, value);
        const run = runs[runs.length - 1];
        if (next === run.row)
            run.from = c;
        else
            runs.push({ row: next, from: c, to: c });
        row = next;
    }
    return runs;
}
