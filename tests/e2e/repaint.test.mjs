/** A closed column is the same at every later refresh, and after a restart. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startExchange } from '../mock/exchanges.mjs';
import { against, get, startDaemon, startLighttpd, until } from './harness.mjs';
import { HOUR, MINUTE, generateRecording } from '../mock/recording.mjs';

const START = Date.UTC(2025, 9, 10, 12, 2);
const STEP = 7 * MINUTE;
const STEPS = 40;
const SETTINGS = { 'cache.ttl_ms': 20, 'cache.lead_ms': 1, 'cache.swr_ms': 0, 'cache.error_ms': 1 };

/* Columns by their candle's open time, as text: what a closed one says must never change. */
function columns({ candles, grid }) {
  return new Map(candles.open_time.map((open, j) =>
    [open, JSON.stringify(grid.cells.map((row) => row[j]))]));
}

const scale = ({ grid }) => JSON.stringify([grid.price_min, grid.price_step, grid.rows, grid.quantum]);

/* The closed columns that both show, once equal; how many. */
function compare(old, now) {
  if (scale(old) !== scale(now)) return 0;
  const before = columns(old);
  const closed = now.candles.open_time.slice(0, -1).filter((open) =>
    before.has(open) && open !== old.candles.open_time.at(-1));
  const after = columns(now);
  for (const open of closed) assert.equal(after.get(open), before.get(open), new Date(open).toISOString());
  return closed.length;
}

describe('closed columns', () => {
  let mock;
  let daemon;
  let web;
  before(async () => {
    const recordings = [generateRecording({ symbol: 'BTCUSDT', seed: 5, until: START + STEPS * STEP + HOUR,
      price: 100_000, digits: 1 })];
    mock = await startExchange({ recordings, clock: START, speed: 0 });
    mock.setClock(START, 0);
    daemon = await startDaemon({ settings: against(mock, SETTINGS) });
    web = await startLighttpd(daemon.socket);
  });
  after(async () => { await web?.stop(); await daemon?.stop(); await mock?.close(); });

  /* The map as of the mock exchange's clock. */
  const map = () => until(async () => {
    const answer = await get(web.url, '/api/v1/heatmap?interval=1h&bars=100&rows=100');
    const snapshot = answer.status === 200 && answer.json();
    return snapshot && snapshot.data_time >= mock.now() && !snapshot.stale && snapshot;
  }, 'a map of now');

  it('do not change while candles come and go, nor across a restart', async () => {
    let old = await map();
    let compared = 0;
    let restarted = 0;
    for (let i = 1; i <= STEPS; i++) {
      mock.setClock(START + i * STEP, 0);
      if (i === STEPS / 2) {
        const { socket } = daemon;
        await daemon.stop();
        daemon = await startDaemon({ settings: against(mock, SETTINGS), socket });
      }
      const now = await map();
      const same = compare(old, now);
      if (i === STEPS / 2) restarted = same;
      compared += same;
      old = now;
    }
    assert.ok(compared > STEPS * 50, `${compared} columns compared`);
    assert.ok(restarted >= 98, `${restarted} across the restart`);
  });
});
