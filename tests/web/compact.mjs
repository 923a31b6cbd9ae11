/* A map in the compact form, written from README.md and not from the daemon's
 * source. */

const DIGITS = Array.from({ length: 92 }, (_, i) => String.fromCharCode(35 + i)).filter((c) => c !== '\\');

/** @param {number} difference */
function written(difference) {
    const n = difference > 0 ? 2 * difference - 1 : -2 * difference;
    return n < 64 ? DIGITS[n] : DIGITS[64 + Math.floor((n - 64) / 91)] + DIGITS[(n - 64) % 91];
}

/** @param {number[][]} cells  [rows][columns] @returns {string[]} */
export function compactCells(cells) {
    const at = (r, c) => (r < 0 || c < 0 ? 0 : cells[r][c]);
    return cells.map((row, r) => row.map((value, c) => {
        const change = at(r - 1, c) - at(r - 1, c - 1);
        return written(value - at(r, c - 1) - Math.sign(change) * Math.max(0, Math.abs(change) - 1));
    }).join(''));
}

/** The fewest decimals that hold all prices. */
function ticksOf({ open, high, low, close }) {
    const decimals = [open, high, low, close].flat().map((v) => (String(v).split('.')[1] ?? '').length);
    return 10 ** Math.max(...decimals);
}

/** @param {{open_time: number[], open: number[]}} plain @param {number} [ticks_per_unit] */
export function compactCandles(plain, ticks_per_unit = ticksOf(plain)) {
    const [open, high, low, close] = ['open', 'high', 'low', 'close'].map((key) => plain[key].map((v) => Math.round(v * ticks_per_unit)));
    return {
        ...plain, ticks_per_unit,
        open_time: plain.open_time.map((t, i) => (i ? t - plain.open_time[i - 1] : t)),
        open: open.map((v, i) => (i ? v - close[i - 1] : v)),
        high: high.map((v, i) => v - Math.max(open[i], close[i])),
        low: low.map((v, i) => Math.min(open[i], close[i]) - v),
        close: close.map((v, i) => v - open[i]),
    };
}

/** The map with each cell as it is: no levels are merged. */
export const compactOf = (json) => ({
    ...json, candles: compactCandles(json.candles),
    ...json.profile && { profile: { ...json.profile, total: undefined, cumulative: undefined } },
    ...Array.isArray(json.grid.cells) && { grid: { ...json.grid, cells: compactCells(json.grid.cells) } },
});
