/* What is on the screen as tables. */

/** @typedef {import('./snapshot.js').Snapshot} Snapshot */

/** @param {number} ms @returns {string} "2025-10-12T00:20:00Z" */
export function iso(ms) {
    return Number.isFinite(ms) ? new Date(ms).toISOString().replace('.000Z', 'Z') : '';
}

/** @param {unknown} value @returns {string} a field of a CSV; empty where unknown */
function field(value) {
    if (typeof value === 'number')
        return Number.isFinite(value) ? String(Number(value.toPrecision(10))) : '';
    const text = String(value ?? '');
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @param {readonly unknown[][]} rows @returns {string} */
function csv(rows) {
    return rows.map((row) => row.map(field).join(',')).join('\r\n') + '\r\n';
}

/** @param {Snapshot} snapshot @returns {string} one line a level, shorts first */
export function levelsCsv({ levels }) {
    const head = ['side', 'price', 'from', 'to', 'density', 'mass', 'modelled_usd_at_most', 'distance_percent', 'since', 'tiers'];
    return csv([head, ...levels.map((level) => [
        level.side, level.price, level.from, level.to, level.density, level.mass, level.usd, level.distance,
        iso(level.since), level.tiers.map((tier) => `${tier.leverage}x:${tier.share}`).join(' '),
    ])]);
}

/**
 * The whole grid, the highest prices first as on the screen.
 *
 * @param {Snapshot} snapshot
 * @returns {string} a line for each row, a column for each candle; dollars (an upper
 *     bound), or the model's mass where they are unknown
 */
export function gridCsv({ grid, candles }) {
    const dollars = Number.isFinite(grid.usdPerUnit);
    const unit = grid.quantum * (dollars ? grid.usdPerUnit : 1);
    const name = dollars ? 'usd_at_most' : 'mass';
    const rows = [['price_from', 'price_to', ...Array.from(candles.time, (t) => `${name} ${iso(t)}`)]];
    for (let r = grid.rows - 1; r >= 0; r--) {
        const cells = grid.cells.subarray(r * grid.columns, (r + 1) * grid.columns);
        const from = grid.priceMin + r * grid.priceStep;
        rows.push([field(from), field(from + grid.priceStep), ...Array.from(cells, (v) => String(Math.round(v * unit)))]);
    }
    return csv(rows);
}

/** @param {Snapshot} snapshot @param {string} what "levels.csv" */
export function fileName({ symbol, interval, dataTime, candles }, what) {
    const time = Number.isFinite(dataTime) ? dataTime : candles.time[candles.time.length - 1];
    return `liqmap-${symbol}-${interval}-${iso(time).slice(0, 16).replace(':', '')}Z-${what}`;
}
