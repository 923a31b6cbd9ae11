/**
 * Everything an exchange can do wrong.  With nothing in the cache the answer is an
 * error that says so; with something it is that, marked stale, up to its limit; and
 * as soon as the exchange is well again, so are we.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { startExchange } from '../mock/exchanges.mjs';
import { against, get, movableClock, passing, startDaemon, startLighttpd, until } from './harness.mjs';
import { checkSnapshot } from './snapshot.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const KLINES = '/fapi/v1/klines';
const path = (query) => `/api/v1/heatmap?bars=100&${query}`;
const IMPATIENT = { 'cache.ttl_ms': 100, 'cache.lead_ms': 0, 'cache.swr_ms': 0, 'cache.error_ms': 100,
  'cache.hot_ms': 0, 'fetch.deadline_ms': 6000, 'fetch.connect_ms': 2000, 'server.log_level': 'error' };

/* [name, fault, status of our answer, its code, words of its message] */
const FAULTS = [
  ['429 with Retry-After', { kind: 'status', status: 429, retry_after: 1 }, 503, 'rate', /429|wait|rate|many/i],
  ['418 with Retry-After', { kind: 'status', status: 418, retry_after: 1 }, 503, 'rate', /418|ban|wait|rate/i],
  ['500', { kind: 'status', status: 500 }, 502, 'net', /500/],
  ['503', { kind: 'status', status: 503 }, 502, 'net', /503/],
  ['a stall past the deadline', { kind: 'stall' }, 504, 'timeout', /deadline|time/i],
  ['a cut body', { kind: 'cut' }, 502, 'net', /./],
  ['garbage', { kind: 'garbage' }, 502, 'format', /./],
  ['an HTML page', { kind: 'html' }, 502, 'format', /./],
  ['an empty body', { kind: 'empty' }, 502, 'format', /./],
  ['wrong types', { kind: 'types' }, 502, 'format', /./],
  ['an object instead of a list', { kind: 'body', body: '{"code":0}' }, 502, null, /./],
  ['a list of nothing', { kind: 'body', body: '[null,1,"x"]' }, 502, 'format', /./],
];
/* Each fault finds nothing in the cache: its own symbol and interval. */
const cold = FAULTS.map((_, i) => ({ symbol: ['ETHUSDT', 'SOLUSDT', 'BTCUSDT'][Math.floor(i / 5)],
  interval: ['5m', '15m', '1h', '4h', '1d'][i % 5] }));

/* A daemon and a web server; the daemon's clock can be moved, so that nobody waits for what it does later. */
async function startServer(settings) {
  const clock = movableClock();
  const daemon = await startDaemon({ settings, env: clock.env });
  const web = await startLighttpd(daemon.socket);
  /* Ask until the condition is met; time passes for the daemon meanwhile. */
  const later = (condition, what) => until(async () => {
    const value = await condition();
    if (!value) clock.shift(500);
    return value;
  }, what);
  const stop = async () => {
    await web.stop();
    return daemon.stop();
  };
  return { daemon, clock, later, stop, url: web.url };
}

/* Behind a deadline two seconds are left to make a map, and a process may stand still for as long: it is there for who asks again. */
const tooLate = (fault, answer) => fault.kind === 'stall' && answer.status === 504;

const answerTo = (run, mock, url) => passing(run.clock, [mock], IMPATIENT['fetch.deadline_ms'], get(run.url, url));

describe('an exchange that fails', () => {
  let mock;
  let run;
  before(async () => {
    mock = await startExchange({ clock: CLOCK, speed: 0, symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'] });
    run = await startServer(against(mock, IMPATIENT));
  });
  after(async () => {
    const ended = await run?.stop();
    await mock?.close();
    assert.deepEqual(ended, { code: 0, signal: null });
    assert.doesNotMatch(run.daemon.err, /Sanitizer|assert|abort/i);
  });
  beforeEach(() => {
    mock.clear();
    mock.forget();
    run.clock.shift(60_000); /* for the requests of the case before, the budget of a minute is spent */
  });

  for (const [i, [name, fault, status, code, words]] of FAULTS.entries()) {
    const { symbol, interval } = cold[i];
    it(`${name}, nothing in the cache: ${status}, then well again`, async () => {
      mock.fault({ path: KLINES, ...fault });
      const url = path(`symbol=${symbol}&interval=${interval}`);
      const answer = await answerTo(run, mock, url);
      assert.equal(answer.status, status, answer.text.slice(0, 300));
      const { error } = answer.json();
      if (code) assert.equal(error.code, code, error.message);
      assert.match(error.message, words);
      assert.match(error.message, /binance/i, 'says who failed');
      if (status === 503) assert.ok(Number(answer.headers['retry-after']) >= 1);
      assert.doesNotMatch(answer.headers['cache-control'] ?? '', /max-age=[1-9]/, 'errors are not kept');
      mock.clear();
      const well = await run.later(async () => {
        const a = await answerTo(run, mock, url);
        return a.status === 200 && a;
      }, 'a good answer');
      checkSnapshot(well.json(), { symbol, interval, bars: 100 });
    });
  }

  for (const [name, fault, , , words] of FAULTS) {
    it(`${name}, after a good answer: the old map, stale and saying why, then fresh`, async () => {
      const url = path('symbol=BTCUSDT&interval=15m&range=7');
      const good = (await run.later(async () => {
        const a = await answerTo(run, mock, url);
        return a.status === 200 && a.json().stale === false && a;
      }, 'a fresh map')).json();
      mock.fault({ path: KLINES, ...fault });
      const stale = (await run.later(async () => {
        const a = await answerTo(run, mock, url);
        if (tooLate(fault, a)) return false;
        assert.equal(a.status, 200, a.text.slice(0, 300));
        return a.json().stale && a;
      }, 'a stale map')).json();
      assert.match(stale.stale_reason, words);
      assert.deepEqual(stale.candles, good.candles);
      assert.deepEqual(stale.grid.cells, good.grid.cells);
      await run.later(async () => (await answerTo(run, mock, url)).json().age_ms > stale.age_ms, 'an age that grows');
      mock.clear();
      const fresh = (await run.later(async () => {
        const a = await answerTo(run, mock, url);
        return a.status === 200 && !a.json().stale && a;
      }, 'a fresh map again')).json();
      assert.equal(fresh.stale_reason, null);
      assert.ok(fresh.age_ms < stale.age_ms + 60_000);
    });
  }

  const parts = [
    ['open interest', ['/fapi/v1/openInterest', '/futures/data/openInterestHist'], /open interest/i,
      (s) => assert.deepEqual([s.statistics.open_interest, s.grid.usd_per_unit], [null, null])],
    ['the ticker', ['/fapi/v1/ticker/24hr'], /ticker/i,
      (s) => assert.deepEqual([s.ticker.last, s.ticker.volume_24h], [null, null])],
    ['the ratio', ['/futures/data/globalLongShortAccountRatio'], /ratio/i,
      (s) => assert.equal(s.statistics.long_account_share, null)],
    ['mark price and funding', ['/fapi/v1/premiumIndex'], /funding|mark/i,
      (s) => assert.deepEqual([s.statistics.funding_rate, s.statistics.next_funding_time], [null, null])],
  ];
  const ways = [['500', { kind: 'status', status: 500 }], ['garbage', { kind: 'garbage' }],
    ['empty', { kind: 'empty' }], ['wrong types', { kind: 'types' }], ['stalled', { kind: 'stall' }]];
  for (const [what, paths, words, absent] of parts) {
    for (const [how, fault] of ways) {
      it(`${what} ${how}: a map without it, and a warning`, async () => {
        for (const p of paths) mock.fault({ path: p, ...fault });
        const url = path('symbol=BTCUSDT&interval=1h&range=9');
        const s = (await run.later(async () => {
          const a = await answerTo(run, mock, url);
          if (tooLate(fault, a)) return false;
          assert.equal(a.status, 200, a.text.slice(0, 300));
          return a.json().warnings.some((w) => words.test(w)) && a;
        }, `a warning that says ${words}`)).json();
        absent(s);
        checkSnapshot(s, { interval: '1h', bars: 100 });
        mock.clear();
        await run.later(async () => (await answerTo(run, mock, url)).json().warnings.length === 0, 'no warning');
      });
    }
  }
});

describe('what an exchange forbids', () => {
  for (const [name, fault] of [['418', { status: 418, retry_after: 600 }], ['429', { status: 429, retry_after: 600 }],
    ['451', { status: 451 }], ['403', { status: 403 }]]) {
    it(`${name}: nothing more is asked, and the answer says why`, async () => {
      const mock = await startExchange({ clock: CLOCK, speed: 0 });
      let run;
      try {
        run = await startServer(against(mock, IMPATIENT));
        await answerTo(run, mock, path('interval=1h'));
        mock.fault({ path: '*', kind: 'status', ...fault });
        /* Something must find out; then there is silence. */
        const refused = await run.later(async () => {
          const a = await answerTo(run, mock, path('interval=4h'));
          return a.status !== 200 && a;
        }, 'a refusal');
        assert.ok([502, 503].includes(refused.status), String(refused.status));
        assert.ok(Number(refused.headers['retry-after']) > 0);
        const { error } = refused.json();
        assert.match(error.message, /binance/i);
        if (fault.retry_after) assert.ok(Number(refused.headers['retry-after']) > 500);
        mock.forget();
        for (let i = 0; i < 20; i++) {
          await get(run.url, path('interval=5m'));
          const old = (await answerTo(run, mock, path('interval=1h'))).json();
          assert.equal(old.candles.open_time.length, 100, 'what there is, is still shown');
        }
        assert.equal(mock.count(), 0);
      } finally {
        await run?.stop();
        await mock.close();
      }
    });
  }
});

describe('old maps', () => {
  it('are not shown beyond the limit: then 503 with Retry-After, and an unhealthy health', async () => {
    const mock = await startExchange({ clock: CLOCK, speed: 0 });
    let run;
    try {
      run = await startServer(against(mock, { ...IMPATIENT, 'cache.stale_ms': 1000, 'cache.hot_ms': 300000 }));
      assert.equal((await answerTo(run, mock, path('interval=1h'))).status, 200);
      assert.equal((await get(run.url, '/api/v1/health')).status, 200);
      mock.fault({ path: '*', kind: 'status', status: 500 });
      const gone = await run.later(async () => {
        const a = await answerTo(run, mock, path('interval=1h'));
        return a.status !== 200 && a;
      }, 'an error');
      assert.equal(gone.status, 503);
      assert.ok(Number(gone.headers['retry-after']) > 0);
      assert.match(gone.json().error.message, /binance.*500/);
      const health = await run.later(async () => {
        const a = await get(run.url, '/api/v1/health');
        return a.status === 503 && a;
      }, 'an unhealthy state');
      assert.equal(health.json().status, 'unhealthy');
      mock.clear();
      await run.later(async () => (await answerTo(run, mock, path('interval=1h'))).status === 200, 'a map');
    } finally {
      await run?.stop();
      await mock.close();
    }
  });
});

describe('an exchange that is away', () => {
  it('refuses connections: 502, and back once it is there', async () => {
    let mock = await startExchange({ clock: CLOCK, speed: 0 });
    const { port } = mock;
    await mock.close();
    let run;
    try {
      run = await startServer(against(mock, IMPATIENT));
      const answer = await get(run.url, path('interval=1h'));
      assert.ok([502, 504].includes(answer.status), String(answer.status));
      mock = await startExchange({ clock: CLOCK, speed: 0, port });
      await run.later(async () => (await get(run.url, path('interval=1h'))).status === 200, 'a map');
    } finally {
      await run?.stop();
      await mock.close();
    }
  });
});
