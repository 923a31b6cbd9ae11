/** Order books of every mock exchange over real HTTP: amounts, costs, sums, and failures in words. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { makeRecordings, startExchanges } from '../mock/exchanges.mjs';
import { againstAll, get, startDaemon, startLighttpd, until } from './harness.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const recordings = makeRecordings({ until: CLOCK });

/* What one request weighs, and where it goes. */
const EXCHANGES = {
  binance: ['/fapi/v1/depth', 20], bybit: ['/v5/market/orderbook', 1], okx: ['/api/v5/market/books-full', 1],
  bitget: ['/api/v2/mix/market/merge-depth', 1], gate: ['/futures/usdt/order_book', 1], kucoin: ['/api/v1/level2/snapshot', 3],
  hyperliquid: ['l2Book', 2], htx: ['/linear-swap-ex/market/depth', 1],
};
const NAMES = Object.keys(EXCHANGES);
const WITHOUT = ['binance-spot', 'okx-coin'];

const sum = (list) => list.reduce((a, b) => a + b, 0);

describe('depth of the order book', () => {
  let mocks;
  let daemon;
  let web;
  const ask = async (query) => {
    const answer = await get(web.url, `/api/v1/depth?${query}`);
    return { status: answer.status, body: answer.json() };
  };
  before(async () => {
    mocks = await startExchanges([...NAMES, ...WITHOUT], { recordings, clock: CLOCK, enforce: true });
    daemon = await startDaemon({ settings: againstAll(mocks, { 'cache.error_ms': 50 }) });
    web = await startLighttpd(daemon.socket);
  });
  after(async () => {
    await web?.stop();
    await daemon?.stop();
    await mocks?.close();
  });
  beforeEach(() => { mocks.clear(); mocks.forget(); });

  /* The mock's levels in dollars between two prices, by the size of its contracts. */
  const held = (name, side, from, to) => {
    const contract = mocks.by[name].contracts.get({ okx: 'BTC-USDT-SWAP', gate: 'BTC_USDT', kucoin: 'XBTUSDTM', hyperliquid: 'BTC',
      htx: 'BTC-USDT' }[name] ?? 'BTCUSDT');
    return sum(contract.book(CLOCK, 5000)[side].filter((l) => l.price >= from && l.price < to).map((l) => l.base * l.price));
  };

  for (const name of NAMES) {
    it(`${name}: what waits at each price, in dollars, for one request`, async () => {
      const { status, body } = await ask(`symbol=BTCUSDT&exchange=${name}`);
      assert.equal(status, 200, JSON.stringify(body));
      assert.equal(body.exchange, name);
      const [{ from, to }] = body.exchanges;
      const { price_step: step, price } = body;
      assert.ok(from < price && price < to && step <= 2e-4 * price && step > 7e-5 * price, `${from} ${price} ${to} ${step}`);
      /* Bins within what the exchange told, and away from the price, are whole. */
      for (const [side, low, high] of [['bids', from + 2 * step, price - 2 * step], ['asks', price + 2 * step, to - 2 * step]]) {
        const { price_min: min, usd } = body[side];
        const first = Math.ceil(Math.max(low, 0.951 * price) / step);
        const end = Math.floor(Math.min(high, 1.049 * price) / step);
        assert.ok(end - first > 1, `${side}: ${end - first} whole bins`);
        const bins = usd.slice(Math.round(first - min / step), Math.round(end - min / step));
        const expected = held(name, side, first * step, end * step);
        /* Whole contracts, and prices that Hyperliquid rounds. */
        assert.ok(Math.abs(sum(bins) / expected - 1) < (name === 'hyperliquid' ? 0.5 : 0.02), `${side}: ${sum(bins)} and ${expected}`);
      }
      const [path, weight] = EXCHANGES[name];
      const mock = mocks.by[name];
      assert.equal(mock.count(path), 1);
      assert.equal(mock.requests.find((r) => r.path === path || r.endpoint === path)?.weight ?? weight, weight);
      assert.equal(mock.limits.exceeded, 0);
    });
  }

  it('walls are named, each on a level of the mock that holds eighty times as much', async () => {
    const { body } = await ask('symbol=BTCUSDT&exchange=okx');
    const { price_step: step } = body;
    assert.ok(body.walls.length >= 2 && body.walls.length <= 10, JSON.stringify(body.walls));
    for (const { side, price_min: low, price_max: high, usd, times } of body.walls) {
      assert.ok(times >= 5 && Math.abs(high - low - step) < 1e-6);
      assert.ok(Math.abs(held('okx', `${side}s`, low, high) / usd - 1) < 0.02);
    }
  });

  it('all adds them up and names those without', async () => {
    const all = await until(async () => {
      const { body } = await ask('symbol=BTCUSDT&exchange=all&contract=both');
      return NAMES.every((name) => body.exchanges?.find((e) => e.exchange === name)?.used) && body;
    }, 'every exchange');
    const each = await Promise.all(NAMES.map(async (name) => (await ask(`symbol=BTCUSDT&exchange=${name}`)).body));
    const total = sum(each.map((body) => body.bids.usd_total));
    assert.ok(Math.abs(all.bids.usd_total / total - 1) < 0.01, `${all.bids.usd_total} and ${total}`);
    assert.deepEqual(all.exchanges.filter((e) => !e.used).map((e) => [e.exchange, e.reason]).sort(),
      WITHOUT.map((name) => [name, `no depth for ${name}`]).sort());
  });

  for (const name of WITHOUT) {
    it(`${name}: no depth`, async () => {
      const { status, body } = await ask(`exchange=${name}`);
      assert.deepEqual([status, body.error.code, body.error.message], [404, 'no_depth', `no depth for ${name}`]);
      assert.equal(mocks.by[name].count(), 0);
    });
  }

  it('a failure is said in words, and the map does not care', async () => {
    mocks.by.bybit.fault({ path: '/v5/market/orderbook', kind: 'status', status: 500 });
    const { status, body } = await ask('symbol=ETHUSDT&exchange=bybit');
    assert.equal(status, 502);
    assert.match(body.error.message, /bybit: HTTP 500/);
    assert.equal((await get(web.url, '/api/v1/heatmap?symbol=ETHUSDT&exchange=bybit&bars=100')).status, 200);
    mocks.by.bybit.clear();
    await until(async () => (await ask('symbol=ETHUSDT&exchange=bybit')).status === 200, 'the order book');
    assert.equal((await ask('symbol=NOPEUSDT&exchange=bybit')).status, 404);
  });
});
