/** Strangers who ask for the past, for new maps and for new symbols, beside viewers of the live map: these never see an
 * error, and the exchange is never asked for more than it allows. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { HOUR, MINUTE, Recording, generateRecording } from '../mock/recording.mjs';
import { memory, movableClock, startSite } from './harness.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const BUDGET = 1200;
const VIEWED = ['5m', '15m', '1h'].map((interval) => `heatmap?symbol=BTCUSDT&interval=${interval}`);
const MAX_BYTES = 96 << 20;

/* count calls of make(i), so many at a time. */
async function flood(count, make, atOnce = 20) {
  let i = 0;
  const client = async () => {
    while (i < count) await make(i++);
  };
  await Promise.all(Array.from({ length: atOnce }, client));
}

describe('floods beside live viewers', () => {
  let site;
  let clock;
  let mock;
  let seen;
  let now = CLOCK;

  before(async () => {
    clock = movableClock();
    const one = generateRecording({ symbol: 'BTCUSDT', seed: 9, until: CLOCK + HOUR, price: 100, digits: 2 });
    const named = (symbol) => Object.assign(new Recording(symbol, one.files, one.metrics, one.funding), { made: one.made });
    const recordings = ['BTCUSDT', ...Array.from({ length: 40 }, (_, i) => `COIN${i}USDT`)].map(named);
    site = await startSite({ mocks: { clock: CLOCK, speed: 0, recordings, enforce: true }, env: clock.env,
      settings: { 'exchange.binance.budget': BUDGET, 'cache.max_bytes': MAX_BYTES, 'fetch.deadline_ms': 60_000,
        'cache.ttl_ms': 1000, 'cache.lead_ms': 200, 'cache.swr_ms': 0 } });
    [mock] = site.mocks.all;
    for (const path of VIEWED) assert.equal((await site.get(path)).status, 200);
  });
  after(() => site?.stop());

  /* The exchange's clock and ours go on; the mock counts its windows by the system's. */
  const forward = (ms) => {
    const minute = Math.floor(now / MINUTE);
    now += ms;
    mock.setClock(now, 0);
    if (Math.floor(now / MINUTE) > minute) mock.limits.main.reset();
    clock.shift(ms);
  };

  /* One round of all viewers, after so much time that each of them costs a refresh.  Requests in flight see it go by as
   * well, so it must be short against their deadline. */
  const look = async (step) => {
    forward(step);
    for (const path of VIEWED) {
      const answer = await site.get(path);
      assert.equal(answer.status, 200, answer.text.slice(0, 200));
      const { stale, stale_reason: why, data_time: time } = answer.json();
      assert.equal(stale, false, why);
      assert.ok(now - time <= 2 * step, `${(now - time) / 1000} s old`);
      seen++;
    }
  };

  /* Strangers until they are done, viewers meanwhile. */
  const beside = async (count, make, step = 2000) => {
    const statuses = {};
    let over = false;
    seen = 0;
    const strangers = flood(count, async (i) => {
      const { status, headers } = await site.get(make(i));
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status === 429 || status === 503) assert.ok(Number(headers['retry-after']) >= 1);
    }).finally(() => { over = true; });
    do await look(step); while (!over);
    await strangers;
    assert.ok(seen >= VIEWED.length);
    assert.equal(mock.limits.exceeded, 0, 'above the limit of the exchange');
    return statuses;
  };

  it('500 times of the past: a quarter of the budget, beyond it 429 with Retry-After', async () => {
    const statuses = await beside(500, (i) => `klines?interval=1h&bars=1&end=${CLOCK - i * HOUR}`);
    assert.deepEqual(Object.keys(statuses).sort(), ['200', '429'], JSON.stringify(statuses));
    assert.ok(statuses[429] > 300, JSON.stringify(statuses));
  });

  /* The viewers' series are renewed meanwhile. */
  it('500 times within one candle are one map, and cost one series', async () => {
    forward(10 * MINUTE);
    const before = mock.count('/fapi/v1/klines');
    const start = CLOCK - CLOCK % HOUR - 3 * HOUR;
    const bodies = new Set();
    await flood(500, async (i) => {
      const answer = await site.get(`levels?interval=1h&end=${start + i * 7100}`);
      assert.equal(answer.status, 200, answer.text.slice(0, 200));
      bodies.add(answer.headers.etag);
    });
    assert.equal(bodies.size, 1);
    assert.ok(mock.count('/fapi/v1/klines') - before <= 60, `${mock.count('/fapi/v1/klines') - before} requests`);
  });

  it('maps that nobody had before: rows, range, tiers, sides', async () => {
    const tiers = ['5', '10', '25', '50', '100', '5,10', '25,50', '5,10,25,50'];
    const statuses = await beside(50, (i) => `levels?rows=${50 + 2 * i}&range=${1 + i % 89}.${i % 10}` +
      `&tiers=${tiers[i % tiers.length]}&side=${i % 2 ? 'long' : 'short'}`);
    assert.deepEqual(Object.keys(statuses).filter((status) => !['200', '503', '504'].includes(status)), [], JSON.stringify(statuses));
    assert.ok(memory(site.daemon.pid, 'VmHWM') < 3 * MAX_BYTES, `${memory(site.daemon.pid, 'VmHWM') >> 20} MB`);
  });

  it('images of sizes that nobody had before', async () => {
    const statuses = await beside(30, (i) => `heatmap.png?width=${320 + 20 * i}&height=${200 + 20 * i}&palette=${i % 2 ? 'ember' : 'steel'}`);
    assert.deepEqual(Object.keys(statuses).filter((status) => !['200', '503', '504'].includes(status)), [], JSON.stringify(statuses));
    assert.ok(memory(site.daemon.pid, 'VmHWM') < 3 * MAX_BYTES, `${memory(site.daemon.pid, 'VmHWM') >> 20} MB`);
  });

  it('symbols that nobody had before leave a quarter of the budget to refreshes', async () => {
    const statuses = await beside(40, (i) => `klines?symbol=COIN${i}USDT&interval=15m&bars=1`, 20_000);
    assert.deepEqual(Object.keys(statuses).filter((status) => !['200', '503', '504'].includes(status)), [], JSON.stringify(statuses));
  });
});
