/* Maps of older windows, joined to the left of the newest one.
 *
 * Each answer is a map of its own: its price axis has other rows and its first
 * columns know nothing of positions from before its warm-up.  Joined, all have
 * the rows and the unit of the newest map: the mass of an older row is divided
 * among the rows that it covers, so no mass is lost or made.  Where one map
 * ends and another begins is a seam, which the chart marks. */

/**
 * @typedef {import('./snapshot.js').Snapshot} Snapshot
 * @typedef {import('./snapshot.js').Candles} Candles
 * @typedef {import('./snapshot.js').Grid} Grid
 * @typedef {import('./query.js').Query} Query
 */

/** Older maps reach so many candles into the next one, which moves on meanwhile. */
const OVERLAP = 100;

/** Older maps beside the newest: 4300 candles in all, 14 MB of cells at most. */
export const PARTS_MAX = 2;

/** A joined map has no more rows; prices beyond are not shown. */
const ROWS_MAX = 1600;

const CELL_MAX = 0xffff;

/**
 * What to ask for to get the candles before a map.
 *
 * @param {Snapshot} snapshot
 * @param {Query} query  of the newest map
 * @returns {Query}
 */
export function pastQuery({ candles }, query) {
    return { ...query, end: candles.time[Math.min(OVERLAP, candles.time.length - 1)], older: true };
}

/** What to ask for to get something else of the candles of an older map. @param {Snapshot} part @param {Query} query  of the newest map @returns {Query} */
export function partQuery({ candles: { time } }, query) {
    return { ...query, end: 2 * time[time.length - 1] - time[time.length - 2] };
}

/**
 * How many candles of an older map come before a newer one.
 *
 * @param {Snapshot} older
 * @param {Snapshot} newer
 * @returns {number} 0 when it has none, or when candles would be missing between the two
 */
export function candlesBefore(older, newer) {
    return Math.max(0, older.candles.time.indexOf(newer.candles.time[0]));
}

/**
 * Put older maps before the newest.
 *
 * @param {readonly Snapshot[]} parts  the oldest first; not changed
 * @param {Snapshot} newest  not changed
 * @returns {Snapshot} newest itself when there is nothing to join
 */
export function joinPast(parts, newest) {
    return parts.reduceRight((joined, part) => joinOne(part, joined), newest);
}

/** @param {Snapshot} older @param {Snapshot} newer @returns {Snapshot} */
function joinOne(older, newer) {
    const count = candlesBefore(older, newer);
    if (count === 0)
        return newer;
    const candles = joinCandles(older.candles, newer.candles, count);
    const grid = joinGrids(older, newer, count);
    const factor = newer.grid.max * newer.grid.quantum / (grid.max * grid.quantum);
    return {
        ...newer, candles, grid,
        /* Percent of the strongest cell, which may be an older one now. */
        levels: factor === 1 || !(grid.max > 0) ? newer.levels : newer.levels.map((level) => ({ ...level, density: level.density * factor })),
        seams: [{ column: count, end: older.candles.time[older.candles.time.length - 1] },
            ...(newer.seams ?? []).map((seam) => ({ ...seam, column: seam.column + count }))],
    };
}

/** @param {Candles} older @param {Candles} newer @param {number} count @returns {Candles} */
function joinCandles(older, newer, count) {
    const both = /** @param {keyof Candles} key */ (key) => {
        const list = new Float64Array(count + newer[key].length);
        list.set(older[key].subarray(0, count));
        list.set(newer[key], count);
        return list;
    };
    return {
        time: both('time'), open: both('open'), high: both('high'), low: both('low'), close: both('close'),
        volume: both('volume'), quoteVolume: both('quoteVolume'),
    };
}

/**
 * Rows to add below and above, so that an older map's prices have a place.
 *
 * @param {Snapshot} older @param {Snapshot} newer
 * @returns {{below: number, above: number}}
 */
function rowsToAdd({ grid: old }, { grid, filter }) {
    /* A range that was asked for stays the range. */
    if (Number.isFinite(filter.range))
        return { below: 0, above: 0 };
    const top = grid.priceMin + grid.rows * grid.priceStep;
    const below = Math.max(0, Math.ceil((grid.priceMin - old.priceMin) / grid.priceStep - 1e-9));
    const above = Math.max(0, Math.ceil((old.priceMin + old.rows * old.priceStep - top) / grid.priceStep - 1e-9));
    const share = Math.min(1, Math.max(0, ROWS_MAX - grid.rows) / Math.max(1, below + above));
    return { below: Math.floor(below * share), above: Math.floor(above * share) };
}

/** @param {Snapshot} older @param {Snapshot} newer @param {number} count @returns {Grid} */
function joinGrids(older, newer, count) {
    const { grid } = newer;
    const { below, above } = rowsToAdd(older, newer);
    const rows = below + grid.rows + above;
    const priceMin = grid.priceMin - below * grid.priceStep;
    const past = spread(older.grid, count, { priceMin, priceStep: grid.priceStep, rows, quantum: grid.quantum });
    let strongest = grid.max;
    for (const value of past)
        strongest = Math.max(strongest, Math.round(value));
    /* A cell has 16 bits: where older ones need more, all get a larger unit. */
    const shrink = Math.max(1, Math.ceil(strongest / CELL_MAX));
    const columns = count + grid.columns;
    const cells = new Uint16Array(rows * columns);
    for (let r = 0; r < rows; r++) {
        for (let c = 0; c < count; c++)
            cells[r * columns + c] = Math.round(past[r * count + c] / shrink);
    }
    for (let r = 0; r < grid.rows; r++) {
        const row = grid.cells.subarray(r * grid.columns, (r + 1) * grid.columns);
        cells.set(shrink === 1 ? row : row.map((value) => Math.round(value / shrink)), (below + r) * columns + count);
    }
    return { ...grid, priceMin, rows, columns, quantum: grid.quantum * shrink, max: Math.round(strongest / shrink), cells };
}

/**
 * The first columns of a map on another price axis and in another unit.
 *
 * @param {Grid} grid
 * @param {number} count  columns
 * @param {{priceMin: number, priceStep: number, rows: number, quantum: number}} axis
 * @returns {Float32Array} [axis.rows][count], not rounded
 */
function spread(grid, count, axis) {
    const sum = new Float32Array(axis.rows * count);
    const unit = grid.quantum / axis.quantum;
    for (let r = 0; r < grid.rows; r++) {
        const from = (grid.priceMin + r * grid.priceStep - axis.priceMin) / axis.priceStep;
        const to = from + grid.priceStep / axis.priceStep;
        for (let row = Math.max(0, Math.floor(from)); row < Math.min(axis.rows, to); row++) {
            const share = unit * (Math.min(to, row + 1) - Math.max(from, row)) / (to - from);
            for (let c = 0; share > 1e-9 && c < count; c++)
                sum[row * count + c] += share * grid.cells[r * grid.columns + c];
        }
    }
    return sum;
}

/**
 * The moment whose map a column belongs to.
 *
 * @param {Snapshot} snapshot
 * @param {number} column
 * @returns {number} ms; 0 for the newest map
 */
export function endOfColumn({ seams = [] }, column) {
    return seams.find((seam) => column < seam.column)?.end ?? 0;
}
