/** What is renewed without a request: each exchange by itself, symbol lists too, on connections that stay open. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeRecordings } from '../mock/exchanges.mjs';
import { HOUR, MINUTE } from '../mock/recording.mjs';
import { movableClock, startSite, until } from './harness.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const DAY_MS = 86400000;

describe('renewal', () => {
  const withSite = (options, use) => async () => {
    const site = await startSite(options);
    try {
      await use(site);
      site.mocks.clear();
      assert.deepEqual(await site.daemon.stop(), { code: 0, signal: null });
    } finally {
      await site.stop('SIGKILL');
    }
  };

  const clock = movableClock();
  it('symbol lists: an hour-old one is replaced before anybody asks', withSite({ names: ['binance', 'bybit'], mocks: { clock: CLOCK },
    env: clock.env, settings: { 'cache.hot_ms': DAY_MS } }, async (site) => {
    const names = async () => (await site.get('symbols')).json().exchanges.flatMap((e) => e.symbols.map((s) => s.symbol));
    assert.ok(!(await names()).includes('SOLUSDT'));
    const [sol] = makeRecordings({ symbols: ['SOLUSDT'], until: CLOCK });
    for (const mock of site.mocks.all) mock.list(sol);
    site.mocks.forget();
    clock.shift(7 * HOUR);
    await until(() => site.mocks.by.binance.count('/fapi/v1/exchangeInfo') && site.mocks.by.bybit.count('/v5/market/instruments-info'),
      'lists that nobody asked for', 500);
    /* The response was made of what there was; it is soon made again. */
    clock.shift(MINUTE);
    await until(async () => (await names()).includes('SOLUSDT'), 'the new symbol', 500);
  }));

  it('an exchange that stalls does not hold up another', withSite({ names: ['binance', 'bybit'], mocks: { clock: CLOCK },
    settings: { 'cache.ttl_ms': 300, 'cache.lead_ms': 200, 'cache.hot_ms': DAY_MS, 'fetch.deadline_ms': 60000 } }, async (site) => {
    const { binance, bybit } = site.mocks.by;
    for (const exchange of ['binance', 'bybit']) assert.equal((await site.get(`heatmap?exchange=${exchange}&interval=1h`)).status, 200);
    binance.fault({ path: '*', kind: 'stall' });
    await until(() => binance.stalled.size > 0, 'a renewal that stalls');
    bybit.forget();
    await until(() => bybit.count('/v5/market/tickers') >= 3, 'three renewals of the other', 500);
    assert.ok(binance.stalled.size > 0, 'which stalls to the end');
  }));

  it('a Hyperliquid ticker that is used again keeps its own time', withSite({ names: ['hyperliquid'], mocks: { clock: CLOCK },
    settings: { 'cache.ttl_ms': 50, 'cache.lead_ms': 1, 'cache.swr_ms': 0, 'cache.hot_ms': 0, 'exchange.hyperliquid.budget': 100000 } },
  async (site) => {
    const { hyperliquid } = site.mocks.by;
    const map = async () => (await site.get('heatmap?exchange=hyperliquid&interval=1h&bars=100')).json();
    /* Its time comes from the Date header, which has whole seconds. */
    const agree = (s) => {
      const { now } = hyperliquid.requests.findLast((r) => r.path === 'metaAndAssetCtxs');
      assert.ok(Math.abs(s.ticker.time - now) < MINUTE / 2, `${(s.ticker.time - now) / 1000} s after the exchange gave it`);
    };
    agree(await map());
    for (let i = 1; i <= 5; i++) {
      site.mocks.setClock(CLOCK + i * MINUTE);
      agree(await until(async () => {
        const s = await map();
        return s.data_time >= CLOCK + i * MINUTE && s;
      }, 'data of that time'));
    }
  }));

  it('connections stay open while exchanges alternate', withSite({ names: ['binance', 'bybit', 'gate', 'kucoin'],
    mocks: { clock: CLOCK }, settings: { 'fetch.max_connections': 8 } }, async (site) => {
    for (const interval of ['1h', '4h', '1d']) {
      for (const { name } of site.mocks.all) {
        assert.equal((await site.get(`klines?exchange=${name}&interval=${interval}&bars=100`)).status, 200, name);
      }
    }
    for (const mock of site.mocks.all) {
      assert.ok(mock.connections <= 8, `${mock.name}: ${mock.connections} connections for ${mock.count()} requests`);
    }
  }));
});
