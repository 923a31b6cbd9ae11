/** What every snapshot must satisfy, whatever it shows. */
import assert from 'node:assert/strict';
import { INTERVALS, bucket } from '../mock/recording.mjs';

export const ENGINE = { '5m': '1m', '15m': '5m', '1h': '15m', '4h': '1h', '1d': '4h' };

const whole = (x) => Number.isInteger(x);

/** Assert that a heatmap answer is whole and consistent with itself. */
export function checkSnapshot(s, { symbol = 'BTCUSDT', interval, bars, source = 'live' }) {
  assert.equal(s.api, 1);
  assert.deepEqual([s.symbol, s.interval, s.bars, s.source], [symbol, interval, bars, source]);
  assert.equal(s.model.name, 'gauss7');
  assert.equal(s.model.tiers.length, 7);
  assert.equal(s.model.engine_interval, ENGINE[interval]);
  const { candles, grid } = s;
  const n = candles.open_time.length;
  assert.ok(n > 0 && n <= bars, `${n} candles of ${bars}`);
  for (const column of ['open', 'high', 'low', 'close', 'volume', 'quote_volume']) {
    assert.equal(candles[column].length, n, column);
    assert.ok(candles[column].every((x) => Number.isFinite(x) && x >= 0), column);
  }
  for (let i = 0; i < n; i++) {
    assert.equal(bucket(interval, candles.open_time[i])[0], candles.open_time[i]);
    assert.ok(i === 0 || candles.open_time[i] - candles.open_time[i - 1] >= INTERVALS[interval]);
    assert.ok(candles.low[i] <= Math.min(candles.open[i], candles.close[i]) &&
      candles.high[i] >= Math.max(candles.open[i], candles.close[i]));
  }
  assert.equal(grid.columns, n);
  assert.equal(grid.cells.length, grid.rows);
  assert.ok(grid.cells.every((row) => row.length === n && row.every((x) => whole(x) && x >= 0)));
  assert.equal(Math.max(...grid.cells.map((row) => Math.max(...row))), grid.max);
  assert.ok(grid.max > 0 && grid.max <= 1000);
  const top = grid.price_min + grid.rows * grid.price_step;
  if (s.filter.range === null) {
    assert.ok(grid.price_min <= Math.min(...candles.low) && top >= Math.max(...candles.high));
  }
  checkNobodySurvives(s);
}

/* In no column does mass stand at the prices its candle closed at: a long at or
 * above the close, or a short at or below it, is liquidated. */
function checkNobodySurvives({ candles, grid }) {
  for (let j = 0; j < grid.columns; j++) {
    const row = Math.floor((candles.close[j] - grid.price_min) / grid.price_step);
    if (row >= 0 && row < grid.rows) assert.equal(grid.cells[row][j], 0, `column ${j}`);
  }
}

/** Assert that the candles are those of the exchange (rows of its klines). */
export function checkCandles({ candles }, rows) {
  assert.deepEqual(candles.open_time, rows.map((r) => r[0]));
  const names = ['open', 'high', 'low', 'close'];
  for (const [i, name] of names.entries()) {
    assert.deepEqual(candles[name], rows.map((r) => Number(r[i + 1])), name);
  }
  for (const [i, row] of rows.entries()) {
    assert.ok(Math.abs(candles.volume[i] - Number(row[5])) <= 1e-9 * Number(row[5]) + 1e-9, 'volume');
  }
}

/** max-age of an answer, seconds. */
export const maxAge = ({ headers }) => Number(headers['cache-control'].match(/max-age=(\d+)/)[1]);
