/** A cold start of five intervals at every exchange that is served: alone, added up, and as a fallback. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { DEFINITIONS } from '../mock/exchanges.mjs';
import { INTERVALS, bucket } from '../mock/recording.mjs';
import { ROOT, movableClock, startPatientLighttpd, startSite, until } from './harness.mjs';

/* Half a second before all windows of limits end: what has no place in one of a minute waits for the next one. */
const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 59, 500);
const SHOWN = ['5m', '15m', '1h', '4h', '1d'];
const BARS = 200;
const LONG_MS = 10_000;
const MINUTE = 60_000;
/* Basis points between two mock exchanges at the most, and what rounding to five digits adds. */
const APART = 1e-3;

const served = readFileSync(join(ROOT, 'conf/liqmap.conf'), 'utf8').match(/^exchanges *= *(.+)$/m)[1].split(',');

describe('a cold start', () => {
  const clock = movableClock();
  let site;
  const maps = new Map();
  before(async () => {
    site = await startSite({ startWeb: startPatientLighttpd, names: served, mocks: { clock: CLOCK, enforce: true }, env: clock.env,
      settings: { 'fetch.deadline_ms': 120_000, 'cache.ttl_ms': 600_000 } });
    /* A process that stands still for seconds gets the requests of several short windows at once. */
    for (const mock of site.mocks.all) {
      for (const pool of Object.values(mock.limits.pools)) if (pool.windowMs < LONG_MS) pool.limit = pool.normal *= 100;
    }
  });
  after(() => {
    maps.clear(); /* 60 maps are too much to keep for the files that follow */
    return site?.stop();
  });

  /* What has no place in the budget of a minute waits for the next one: half of the deadline at most. */
  const withinMinute = async (mock, asked) => {
    const minutes = Object.values(mock.limits.pools).every(({ windowMs }) => windowMs >= MINUTE);
    let settled = false;
    asked.finally(() => { settled = true; }).catch(() => {});
    for (let ms = 0; minutes && ms < MINUTE && !settled; ms += 1000) {
      clock.shift(1000);
      await setTimeout(20);
    }
    return asked;
  };

  it('every exchange that is served has a mock', () => {
    for (const name of served) assert.ok(name in DEFINITIONS, name);
  });

  for (const name of served) {
    it(`${name}: five intervals at once`, async () => {
      const asked = Promise.all(SHOWN.map((interval) => site.get(`heatmap?exchange=${name}&interval=${interval}&bars=${BARS}`)));
      const answers = await withinMinute(site.mocks.by[name], asked);
      assert.deepEqual(answers.filter((a) => a.status !== 200).map((a) => a.text.slice(0, 200)), []);
      answers.forEach((a, i) => maps.set(`${name} ${SHOWN[i]}`, a.json()));
    });

    it(`${name}: which cost no more than what we allow ourselves in a window`, () => {
      const { limits, requests } = site.mocks.by[name];
      for (const [pool, { limit, windowMs }] of Object.entries(limits.pools)) {
        const cost = requests.flatMap((r) => r.costs).reduce((sum, [of, weight]) => sum + (of === pool ? weight : 0), 0);
        /* A place in a short window is soon free again. */
        if (windowMs >= LONG_MS) assert.ok(cost <= limit / 2, `${pool}: ${cost} of ${limit}`);
      }
    });
  }

  for (const interval of SHOWN) {
    it(`${interval}: no candle is missing, and all exchanges show the same market`, () => {
      const reference = maps.get(`${served[0]} ${interval}`).candles;
      const last = bucket(interval, CLOCK)[0];
      for (const name of served) {
        const { candles, warnings, exchange } = maps.get(`${name} ${interval}`);
        assert.equal(exchange, name);
        assert.deepEqual(warnings.filter((w) => /missing|candle|gap/i.test(w)), [], name);
        assert.deepEqual(candles.open_time, Array.from({ length: BARS }, (_, i) => last - (BARS - 1 - i) * INTERVALS[interval]), name);
        for (const column of ['open', 'high', 'low', 'close']) {
          candles[column].forEach((x, i) => assert.ok(Math.abs(x / reference[column][i] - 1) < APART,
            `${name} ${column} ${i}: ${x} and ${reference[column][i]}`));
        }
      }
    });
  }

  it('open interest in dollars is what each mock publishes, where it publishes any', () => {
    for (const mock of site.mocks.all) {
      const contract = [...mock.contracts.values()][0];
      const shown = maps.get(`${mock.name} 1h`).statistics.open_interest_usd;
      if (mock.name === 'binance-spot') assert.equal(shown, null);
      else assert.ok(Math.abs(shown / contract.interest(CLOCK).usd - 1) < 0.02, `${mock.name}: ${shown} of ${contract.interest(CLOCK).usd}`);
    }
  });

  for (const interval of SHOWN) {
    it(`${interval}: all adds every exchange up that publishes open interest`, async () => {
      const a = await site.get(`heatmap?exchange=all&interval=${interval}&bars=${BARS}`);
      assert.equal(a.status, 200, a.text.slice(0, 200));
      const { exchanges, statistics } = a.json();
      assert.deepEqual(exchanges.filter((e) => !e.included).map((e) => e.name), served.filter((name) => name === 'binance-spot'));
      const sum = exchanges.filter((e) => e.included).reduce((s, e) => s + e.open_interest_usd, 0);
      assert.ok(Math.abs(statistics.open_interest_usd / sum - 1) < 1e-6);
      assert.ok(Math.abs(exchanges.reduce((s, e) => s + (e.share ?? 0), 0) - 1) < 1e-6);
    });
  }

  it('auto is the first of them', async () => {
    const a = await site.get(`heatmap?exchange=auto&interval=1h&bars=${BARS}`);
    assert.deepEqual([a.status, a.json().exchange, a.json().fallback], [200, served[0], null]);
  });

  it('no exchange saw its limit exceeded, nor a request it refused', () => {
    for (const mock of site.mocks.all) {
      assert.deepEqual(mock.limits.overrun, [], mock.name);
      const refused = mock.requests.filter((r) => r.status !== 200).map((r) => `${r.status} ${r.path}${r.query}`);
      assert.deepEqual(refused, [], mock.name);
    }
  });

  it('and it ends cleanly', async () => assert.deepEqual(await site.daemon.stop(), { code: 0, signal: null }));
});

/* On a server of its own: the requests above leave nothing of a minute's budget. */
describe('a cold start in the past', () => {
  let site;
  before(async () => {
    site = await startSite({ names: served, mocks: { clock: CLOCK, enforce: true }, startWeb: startPatientLighttpd,
      settings: { 'fetch.deadline_ms': 60000, 'cache.ttl_ms': 600000 } });
  });
  after(() => site?.stop());

  it('all and auto', async () => {
    for (const exchange of ['all', 'auto']) {
      const a = await site.get(`klines?exchange=${exchange}&interval=1d&bars=10&end=2025-10-01T00:00:00Z`);
      assert.equal(a.status, 200, a.text.slice(0, 200));
      assert.equal(a.json().candles.open_time.at(-1), Date.UTC(2025, 8, 30));
    }
  });
});

describe('five intervals of one symbol at once', () => {
  it('share one request of each kind', async () => {
    const site = await startSite({ startWeb: startPatientLighttpd, names: ['bybit'], mocks: { clock: CLOCK },
      settings: { 'fetch.deadline_ms': 60000, 'cache.ttl_ms': 600000 } });
    try {
      const { bybit } = site.mocks.by;
      bybit.fault({ path: '/v5/market/tickers', kind: 'stall' });
      const ask = (interval) => site.get(`klines?exchange=bybit&bars=10&interval=${interval}`);
      /* One that began later is not followed: it might end after those who follow must. */
      const first = ask(SHOWN[0]);
      await until(() => bybit.stalled.size > 0, 'a ticker');
      const answers = [first, ...SHOWN.slice(1).map(ask)];
      const shown = () => new Set(bybit.requests.filter((r) => r.path === '/v5/market/kline')
        .map((r) => new URLSearchParams(r.query).get('interval')));
      await until(() => shown().size === SHOWN.length, 'candles of all');
      bybit.release();
      for (const { status, text } of await Promise.all(answers)) assert.equal(status, 200, text.slice(0, 200));
      assert.equal(bybit.count('/v5/market/tickers'), 1);
      assert.equal(bybit.count('/v5/market/risk-limit'), 1);
    } finally {
      await site.stop();
    }
  });
});

describe('a cold start over two rounds', () => {
  it("asks for the exchange's clock, then for all else at once", async () => {
    const site = await startSite({ startWeb: startPatientLighttpd, mocks: { clock: CLOCK, speed: 0 }, settings: { 'fetch.deadline_ms': 120000 } });
    try {
      const { binance } = site.mocks.by;
      binance.fault({ path: '*', kind: 'stall' });
      const asked = site.get('heatmap?interval=5m&bars=500');
      await until(() => binance.stalled.size > 0, 'the first request');
      assert.deepEqual(binance.requests.map((r) => r.path), ['/fapi/v1/time']);
      binance.release();
      binance.fault({ path: '*', kind: 'stall' });
      /* 18 pages of candles, and six requests for all else. */
      await until(() => binance.stalled.size >= 24, 'all requests under way, none answered');
      const atOnce = binance.stalled.size;
      binance.release();
      const answer = await asked;
      assert.equal(answer.status, 200, answer.text.slice(0, 200));
      assert.equal(binance.requests.length, 1 + atOnce);
    } finally {
      await site.stop();
    }
  });
});
