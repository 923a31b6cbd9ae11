/** Two exchanges over real HTTP: auto falls back, all adds them up, and one that stalls delays nobody. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { makeRecordings } from '../mock/exchanges.mjs';
import { movableClock, passing, startSite, until } from './harness.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const recordings = makeRecordings({ until: CLOCK });

describe('two exchanges', () => {
  const clock = movableClock();
  let site;
  let binance;
  let bybit;
  const ask = async (query, path = 'heatmap') => {
    const answer = await passing(clock, [binance, bybit], 20_000, site.get(`${path}?${query}`));
    return { status: answer.status, headers: answer.headers, body: answer.json() };
  };
  beforeEach(async () => {
    site = await startSite({ names: ['binance', 'bybit'], mocks: { recordings, clock: CLOCK, bybit: { bps: 2, share: 0.5 } }, env: clock.env,
      settings: { 'cache.ttl_ms': 400, 'cache.lead_ms': 10, 'cache.swr_ms': 0, 'cache.error_ms': 50, 'cache.stale_ms': 60_000,
        'fetch.deadline_ms': 20_000, 'fetch.connect_ms': 500 } });
    ({ binance, bybit } = site.mocks.by);
  });
  afterEach(() => site.stop());

  it('all: the sum in dollars, with what each puts in', async () => {
    const [one, two, all] = [(await ask('exchange=binance&bars=100')).body,
      (await ask('exchange=bybit&bars=100')).body, (await ask('exchange=all&bars=100')).body];
    const interest = [one, two].map((s) => s.statistics.open_interest_usd);
    assert.equal(two.exchange, 'bybit');
    assert.ok(Math.abs(interest[1] / interest[0] - 0.5) < 0.01, 'half as large, the mark 20 higher');
    assert.equal(all.exchange, 'all');
    assert.deepEqual(all.exchanges.map((e) => [e.name, e.included]), [['binance', true], ['bybit', true]]);
    assert.ok(Math.abs(all.statistics.open_interest_usd - interest[0] - interest[1]) < 2);
    assert.ok(Math.abs(all.exchanges[1].share - interest[1] / (interest[0] + interest[1])) < 1e-6);
    assert.deepEqual(all.candles.close, one.candles.close, 'the candles of the larger one');
    const dollars = (s) => s.grid.cells.flat().reduce((a, b) => a + b, 0) * s.grid.quantum * s.grid.usd_per_unit;
    /* The second one's own axis lies 20 higher: the sums agree but for the ends. */
    assert.ok(Math.abs(dollars(all) / (dollars(one) + dollars(two)) - 1) < 0.02);
  });

  it('auto: the second while the first is blocked, and says so', async () => {
    binance.fault({ path: '*', kind: 'status', status: 451 });
    const { body } = await ask('exchange=auto');
    assert.equal(body.exchange, 'bybit');
    assert.equal(body.fallback.from, 'binance');
    assert.match(body.fallback.reason, /451|restricted/);
    assert.equal((await ask('exchange=binance')).status, 503);
  });

  it('all: one that stalls costs the deadline once, is reused while young and excluded then', async () => {
    assert.equal((await ask('exchange=all')).body.exchanges[1].included, true);
    bybit.fault({ path: '*', kind: 'stall' });
    const stale = await until(async () => {
      const { body } = await ask('exchange=all');
      return body.exchanges?.[1].stale && body;
    }, 'old data of bybit');
    assert.equal(stale.stale, false, 'the first is fresh');
    assert.match(stale.exchanges[1].reason, /bybit/);
    const without = await until(async () => {
      const { body } = await ask('exchange=all');
      return body.exchanges?.[1].included === false && body;
    }, 'bybit excluded');
    assert.equal(without.exchanges[0].share, 1);
    assert.ok(without.warnings.some((w) => /bybit.*excluded/.test(w)), without.warnings.join('; '));
    assert.equal((await ask('exchange=binance')).body.stale, false);
    bybit.clear();
    await until(async () => (await ask('exchange=all')).body.exchanges?.[1].included, 'bybit again');
  });

  it('limits that are not public are those of another exchange, asked for once', async () => {
    for (const query of ['exchange=binance', 'exchange=binance&interval=4h']) {
      const { status, body } = await ask(`${query}&symbol=ETHUSDT&bars=100`);
      assert.equal(status, 200);
      assert.equal(body.model.limits.source, 'borrowed from bybit', JSON.stringify(body.model.limits));
    }
    assert.equal(bybit.count('/v5/market/risk-limit'), 1);
    assert.equal(bybit.count(), 1, 'nothing else was requested of the lender');
    const { body } = await ask('exchange=binance&symbol=BTCUSDT&bars=100');
    assert.equal(body.model.limits.source, 'documented');
  });

  it('symbols: from both lists', async () => {
    const { body } = await ask('', 'symbols');
    assert.deepEqual(body.exchanges.map((e) => e.exchange), ['binance', 'bybit']);
    for (const e of body.exchanges) {
      assert.deepEqual(e.symbols.map((s) => s.symbol).filter((s) => /^(BTC|ETH)USDT$/.test(s)), ['BTCUSDT', 'ETHUSDT']);
    }
    assert.equal((await ask('symbol=NOPEUSDT')).status, 404);
  });
});
