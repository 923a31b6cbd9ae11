/** How often the exchange is asked, however many ask us. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { startExchange } from '../mock/exchanges.mjs';
import { against, get, startServers, until } from './harness.mjs';
import { MINUTE } from '../mock/recording.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const KLINES = '/fapi/v1/klines';
const path = (query) => `/api/v1/heatmap?${query}`;

describe('requests to the exchange', () => {
  let mock;
  let run;
  before(async () => {
    mock = await startExchange({ clock: CLOCK, speed: 0 });
    run = await startServers({ settings: against(mock, { 'cache.ttl_ms': 600000, 'cache.swr_ms': 0 }) });
    /* What is fetched once for all series. */
    await get(run.url, path('interval=1h&bars=100'));
  });
  after(async () => { await run?.stop(); await mock?.close(); });
  beforeEach(() => { mock.clear(); mock.forget(); });

  it('many clients at once cost one refresh, and none waits for a second', async () => {
    await get(run.url, path('interval=5m&bars=100&symbol=ETHUSDT'));
    const alone = mock.count();
    mock.forget();
    const answers = await Promise.all(Array.from({ length: 40 }, () => get(run.url, path('interval=5m&bars=100'))));
    assert.equal(mock.count(), alone, 'as many requests as for one client');
    assert.ok(alone > 4);
    const good = answers.filter((a) => a.status === 200);
    const refused = answers.filter((a) => a.status === 503);
    assert.equal(good.length + refused.length, 40);
    assert.ok(good.length >= 6, `${good.length} good answers`);
    assert.equal(new Set(good.map((a) => a.headers.etag)).size, 1);
    for (const a of refused) assert.ok(Number(a.headers['retry-after']) > 0);
    assert.equal((await get(run.url, path('interval=5m&bars=100'))).status, 200);
    assert.equal(mock.count(), alone);
  });

  it('another bar count of a series that is there asks for nothing', async () => {
    await get(run.url, path('interval=1h&bars=100'));
    mock.forget();
    for (const query of ['bars=500', 'bars=1500', 'bars=200&range=10', 'bars=200&tiers=100']) {
      assert.equal((await get(run.url, path(`interval=1h&${query}`))).status, 200, query);
    }
    assert.equal(mock.count(), 0);
  });

  it('asks for each page of a history once, within its limits', async () => {
    await get(run.url, path('interval=15m&bars=1500'));
    const asked = mock.requests.filter((r) => r.path === KLINES).map((r) => r.query);
    assert.ok(asked.length > 1);
    assert.equal(new Set(asked).size, asked.length, 'no page twice');
    for (const query of asked) assert.ok(Number(query.match(/limit=(\d+)/)[1]) <= 1500);
  });
});

describe('a series that is kept up to date', () => {
  let mock;
  let run;
  before(async () => {
    mock = await startExchange({ clock: CLOCK, speed: 0 });
    run = await startServers({ settings: against(mock, { 'cache.ttl_ms': 200, 'cache.lead_ms': 0, 'cache.swr_ms': 0 }) });
  });
  after(async () => { await run?.stop(); await mock?.close(); });

  it('asks for its newest candles only, and closed columns do not change', async () => {
    const ask = async () => (await get(run.url, path('interval=5m&bars=200&range=10'))).json();
    const first = await ask();
    mock.forget();
    mock.setClock(CLOCK + 4 * MINUTE, 0);
    const second = await until(async () => {
      const s = await ask();
      return s.candles.open_time.at(-1) > first.candles.open_time.at(-1) && s;
    }, 'the next candle');
    const pages = mock.requests.filter((r) => r.path === KLINES);
    const refreshes = mock.count('/fapi/v1/ticker/24hr');
    /* One may have sent a part of its requests. */
    assert.ok(pages.length <= refreshes + 1, `${pages.length} pages in ${refreshes} refreshes`);
    for (const { weight } of pages) assert.ok(weight <= 2, `weight ${weight}`);
    /* The same columns, cell by cell, where the axis stayed. */
    const column = (s, t) => {
      const j = s.candles.open_time.indexOf(t);
      return new Map(s.grid.cells.map((row, r) => [Math.round((s.grid.price_min + r * s.grid.price_step) * 1e6), row[j] * s.grid.quantum]));
    };
    assert.equal(first.grid.price_step, second.grid.price_step);
    const tolerance = (first.grid.quantum + second.grid.quantum) / 2 * 1.000001;
    for (const t of first.candles.open_time.slice(1, -1)) {
      const [a, b] = [column(first, t), column(second, t)];
      for (const [price, mass] of a) {
        if (b.has(price)) assert.ok(Math.abs(b.get(price) - mass) <= tolerance, `${t} ${price}`);
      }
    }
  });

  it('follows the clock of the exchange while time goes on', async () => {
    mock.setClock(CLOCK + 20 * MINUTE, 0);
    await until(async () => (await get(run.url, path('interval=5m&bars=100'))).json().data_time >= CLOCK + 20 * MINUTE,
      'data of that time');
  });
});

describe('what viewers look at', () => {
  let mock;
  let run;
  before(async () => {
    mock = await startExchange({ clock: CLOCK, speed: 1 });
    run = await startServers({ settings: against(mock, { 'cache.ttl_ms': 1500, 'cache.lead_ms': 800 }) });
  });
  after(async () => { await run?.stop(); await mock?.close(); });

  it('is refreshed before it expires, without being asked for', async () => {
    const url = path('interval=1h&bars=100');
    await get(run.url, url);
    mock.forget();
    await until(() => mock.count('/fapi/v1/ticker/24hr') >= 2, 'two refreshes that nobody asked for');
    assert.equal((await get(run.url, url)).status, 200);
  });
});
