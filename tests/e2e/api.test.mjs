/** Every route over HTTP: scripts/run with lighttpd and liqmapd, against a mock exchange. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { marked } from '../../www/js/data/levels.js';
import { lastPrice, parseSnapshot } from '../../www/js/data/snapshot.js';
import { startExchange } from '../mock/exchanges.mjs';
import { ROOT, WWW, hashedFile, against, get, marketData, startRun, startServers, until } from './harness.mjs';
import { checkCandles, checkSnapshot, maxAge } from './snapshot.mjs';

/* Not the year of whoever runs this. */
const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const INTERVALS = ['5m', '15m', '1h', '4h', '1d'];
const heatmap = (query) => `/api/v1/heatmap?${query}`;

const sources = [['generated', null]];
if (marketData) sources.push(['recorded', marketData]);

for (const [name, data] of sources) {
  describe(`live maps of ${name} candles`, () => {
    let mock;
    let run;
    before(async () => {
      mock = await startExchange({ data, clock: CLOCK, speed: 0 });
      run = await (data ? startServers : startRun)({ settings: against(mock) });
    });
    after(async () => {
      const ended = await run?.stop();
      await mock?.close();
      assert.deepEqual([ended?.code, run.err], [0, ''], 'ends well, and silently');
    });
    const exchange = async (query) => (await get(mock.url, `/fapi/v1/klines?${query}`)).json();

    for (const interval of INTERVALS) {
      it(`${interval}: the exchange's candles, the forming one last, and a map of them`, async () => {
        const answer = await get(run.url, heatmap(`symbol=BTCUSDT&interval=${interval}&bars=200`));
        assert.equal(answer.status, 200, answer.text.slice(0, 300));
        const s = answer.json();
        checkSnapshot(s, { interval, bars: 200 });
        checkCandles(s, await exchange(`symbol=BTCUSDT&interval=${interval}&limit=200`));
        assert.equal(s.stale, false);
        /* The recording has holes of its own. */
        assert.deepEqual(s.warnings.filter((w) => !/are missing at the exchange/.test(w)), []);
        assert.ok(Math.abs(s.data_time - CLOCK) < 60_000, 'on the clock of the exchange');
        assert.ok(s.age_ms >= 0 && s.age_ms < 60_000);
      });
    }

    for (const bars of [100, 200, 500, 1000, 1500]) {
      it(`1h with ${bars} bars`, async () => {
        const s = (await get(run.url, heatmap(`interval=1h&bars=${bars}`))).json();
        checkSnapshot(s, { interval: '1h', bars });
        assert.equal(s.candles.open_time.length, bars);
      });
    }

    it('the compact form is the same map in less than half of the bytes', async () => {
      const zip = { headers: { 'Accept-Encoding': 'gzip' } };
      for (const query of ['interval=1h&bars=500', 'symbol=ETHUSDT&interval=15m&bars=200&side=long', 'interval=1d&bars=100']) {
        const [plain, compact] = await Promise.all(['plain', 'compact'].map((format) => get(run.url, heatmap(`${query}&format=${format}`), zip)));
        assert.ok(compact.raw.length < plain.raw.length / 2, `${query}: ${compact.raw.length} of ${plain.raw.length} bytes`);
        /* Generated candles move more. */
        assert.ok(compact.raw.length < (data ? 55_000 : 60_000), `${query}: ${compact.raw.length} bytes over the wire`);
        const [a, b] = [parseSnapshot(plain.json()), parseSnapshot(compact.json())];
        for (const column of ['time', 'open', 'high', 'low', 'close']) assert.deepEqual(b.candles[column], a.candles[column], `${query}: ${column}`);
        for (const column of ['volume', 'quoteVolume']) {
          const off = a.candles[column].map((v, i) => Math.abs(b.candles[column][i] / v - 1));
          assert.ok(off.every((share) => !(share > 0.005)), `${query}: three digits of ${column}`);
        }
        assert.ok(b.grid.max >= 100 && b.grid.max <= 200, `${query}: ${b.grid.max} levels`);
        const step = b.grid.quantum / a.grid.quantum;
        assert.equal(step, Math.round(step));
        const worst = a.grid.cells.reduce((most, v, i) => Math.max(most, Math.abs(v - b.grid.cells[i] * step)), 0);
        assert.ok(worst <= step / 2 + 0.5, `${query}: a cell is ${worst} quanta off`);
        assert.ok(a.grid.cells.every((v, i) => v > 0 || b.grid.cells[i] === 0), `${query}: what is empty stays empty`);
        assert.deepEqual([b.levels, b.filter, b.ticker], [a.levels, a.filter, a.ticker]);
        const { total, cumulative, rows } = plain.json().profile;
        assert.ok(!('total' in compact.json().profile || 'cumulative' in compact.json().profile), `${query}: sums are left to the reader`);
        const rounding = 0.05 * b.profile.tiers.length * rows;
        assert.ok(cumulative.every((v, r) => Math.abs(v - b.profile.cumulative[r]) <= rounding), `${query}: sums outward from the price`);
        assert.ok(total.every((v, r) => Math.abs(v - b.profile.tiers.reduce((sum, { mass }) => sum + mass[r], 0)) <= 0.36), `${query}: all tiers`);
      }
    });

    it('different bar counts are views of one series', async () => {
      const [few, many] = await Promise.all([100, 500].map(async (bars) =>
        (await get(run.url, heatmap(`interval=15m&bars=${bars}&range=20`))).json()));
      const last = (s, column) => s.candles[column].slice(-100);
      assert.deepEqual(last(few, 'close'), last(many, 'close'));
      assert.equal(few.model.series_start, many.model.series_start);
      /* Same axis, so the same mass in the same cell, up to the two quanta. */
      assert.deepEqual([few.grid.price_min, few.grid.price_step], [many.grid.price_min, many.grid.price_step]);
      for (let r = 0; r < few.grid.rows; r++) {
        for (let j = 0; j < 100; j++) {
          const [a, b] = [few.grid.cells[r][j] * few.grid.quantum,
            many.grid.cells[r][j + many.grid.columns - 100] * many.grid.quantum];
          assert.ok(Math.abs(a - b) <= (few.grid.quantum + many.grid.quantum) / 2 * 1.000001);
        }
      }
    });

    it('the header numbers are those of the exchange', async () => {
      const s = (await get(run.url, heatmap('interval=1h&bars=100'))).json();
      const ask = async (path) => (await get(mock.url, `${path}?symbol=BTCUSDT`)).json();
      const ticker = await ask('/fapi/v1/ticker/24hr');
      assert.deepEqual([s.ticker.last, s.ticker.high_24h, s.ticker.low_24h, s.ticker.change_percent_24h,
        s.ticker.volume_24h, s.ticker.quote_volume_24h], ['lastPrice', 'highPrice', 'lowPrice',
        'priceChangePercent', 'volume', 'quoteVolume'].map((key) => Number(ticker[key])));
      const premium = await ask('/fapi/v1/premiumIndex');
      assert.equal(s.statistics.funding_rate, Number(premium.lastFundingRate));
      assert.equal(s.statistics.next_funding_time, premium.nextFundingTime);
      const interest = Number((await ask('/fapi/v1/openInterest')).openInterest) * Number(premium.markPrice);
      assert.ok(Math.abs(s.statistics.open_interest_usd / interest - 1) < 0.05);
      assert.ok(s.statistics.long_account_share > 0.2 && s.statistics.long_account_share < 0.8);
      assert.equal(s.model.scaled_by, 'open_interest');
      const both = s.grid.usd_per_unit * s.grid.total;
      assert.ok(Math.abs(both / (2 * s.statistics.open_interest_usd) - 1) < 1e-6);
    });

    it('one exchange by any name: itself, the first that answers, or all added up', async () => {
      const ask = async (exchange) =>
        (await get(run.url, heatmap(`interval=1h&bars=100&exchange=${exchange}`))).json();
      const [one, first, all] = [await ask('binance'), await ask('auto'), await ask('all')];
      assert.deepEqual([first.exchange, all.exchange], ['binance', 'all']);
      const step = ({ grid }) => grid.quantum * grid.usd_per_unit;
      for (const s of [first, all]) {
        checkSnapshot(s, { interval: '1h', bars: 100 });
        assert.deepEqual(s.candles, one.candles);
        /* The same dollars, in whatever unit. */
        const tolerance = 0.51 * (step(s) + step(one));
        for (const [r, row] of s.grid.cells.entries()) {
          for (const [j, cell] of row.entries()) {
            assert.ok(Math.abs(cell * step(s) - one.grid.cells[r][j] * step(one)) <= tolerance, `${r} ${j}`);
          }
        }
      }
    });

    it('another symbol is another map', async () => {
      const s = (await get(run.url, heatmap('symbol=ETHUSDT&interval=15m&bars=100'))).json();
      checkSnapshot(s, { symbol: 'ETHUSDT', interval: '15m', bars: 100 });
      checkCandles(s, await exchange('symbol=ETHUSDT&interval=15m&limit=100'));
    });

    it('klines and ticker alone say the same as the map', async () => {
      const whole = (await get(run.url, heatmap('interval=1h&bars=100'))).json();
      const klines = (await get(run.url, '/api/v1/klines?interval=1h&bars=100')).json();
      const ticker = (await get(run.url, '/api/v1/ticker?symbol=BTCUSDT')).json();
      assert.deepEqual(klines.candles, whole.candles);
      assert.deepEqual(ticker.ticker, whole.ticker);
    });

    it('volume, with the delta of what takers bought and sold', async () => {
      const rows = await exchange('symbol=BTCUSDT&interval=1h&limit=100');
      const answer = await get(run.url, '/api/v1/volume?interval=1h&bars=100', { headers: { 'Accept-Encoding': 'gzip' } });
      const v = answer.json();
      assert.deepEqual(v.open_time, rows.map((r) => r[0]));
      /* Sums of finer candles, each with three decimals. */
      rows.forEach((r, i) => {
        assert.ok(Math.abs(v.volume[i] - Number(r[5])) < 0.01, `volume ${i}`);
        assert.ok(Number.isFinite(v.delta[i]) && Math.abs(v.delta[i]) <= v.volume[i], `delta ${i}`);
      });
      const sum = v.delta.reduce((a, b) => a + b, 0);
      assert.ok(Math.abs(v.cumulative_delta.at(-1) - sum) < 0.1);
      assert.deepEqual(v.open_interest_usd.map((x) => x !== null), rows.map((_, i) => i === rows.length - 1));
      assert.deepEqual(v.missing_from, { delta: [], open_interest_usd: [] });
    });

    it('levels, profile and explanation are read off the same map', async () => {
      const query = 'symbol=BTCUSDT&interval=1h&bars=200';
      const ask = async (route) => (await get(run.url, `/api/v1/${route}${query}`)).json();
      const { grid, candles } = await ask('heatmap?');
      const last = grid.columns - 1;
      const close = candles.close[last];
      const rowOf = (price) => Math.floor((price - grid.price_min) / grid.price_step);
      const { levels } = await ask('levels?');
      assert.ok(levels.long.length > 0 && levels.short.length > 0);
      for (const [side, sign] of [['long', -1], ['short', 1]]) {
        for (const level of levels[side]) {
          assert.ok(sign * (level.price - close) > 0, `${side} at ${level.price}`);
          assert.ok(Math.abs(level.distance_percent - 100 * (level.price / close - 1)) < 1e-4);
          assert.ok(level.from <= level.price && level.price <= level.to);
          const cell = grid.cells[rowOf(level.price)][last];
          assert.ok(Math.abs(level.density - 100 * cell / grid.max) < 0.2, `${level.price}: ${level.density}`);
        }
      }
      const { profile } = await ask('profile?');
      for (let r = 0; r < grid.rows; r++) {
        const sum = Object.values(profile.tiers).reduce((total, row) => total + row[r] * profile.quantum, 0);
        assert.ok(Math.abs(sum - grid.cells[r][last] * grid.quantum) <= 0.51 * grid.quantum, `row ${r}`);
      }
      const top = levels.short[0];
      const why = await ask(`explain?time=${candles.open_time[last]}&price=${top.price}&`);
      assert.equal(why.cell.value, grid.cells[rowOf(top.price)][last]);
      assert.equal(why.cell.side, 'short');
      const listed = why.causes.reduce((total, cause) => total + cause.mass, 0) / why.cell.mass;
      assert.ok(Math.abs(listed - why.listed_share) < 1e-3 && listed > 0.2 && listed < 1.001);
    });

    it('watch says of each symbol what the page says of its map', async () => {
      for (const query of INTERVALS.flatMap((interval) => [`interval=${interval}`, `interval=${interval}&bars=500&exchange=all`])) {
        const answer = await get(run.url, `/api/v1/watch?symbols=BTCUSDT,ETHUSDT&${query}`);
        assert.equal(answer.status, 200, answer.text);
        for (const watched of answer.json().symbols) {
          const map = parseSnapshot((await get(run.url, heatmap(`symbol=${watched.symbol}&${query}`))).json());
          const last = lastPrice(map);
          const { above, below } = marked(map.levels, last);
          const what = `${watched.symbol} ${query}`;
          assert.equal(watched.price, last, what);
          assert.deepEqual([watched.above?.price, watched.below?.price], [above[0]?.price, below[0]?.price], what);
          assert.ok(above[0] && Math.abs(watched.above.distance_percent - 100 * (above[0].price / last - 1)) < 0.00501, what);
          assert.ok(Math.abs(watched.imbalance - map.statistics.imbalance.get(2)) < 0.00051, what);
          assert.ok(Math.abs(watched.change_percent_24h - map.ticker.change) < 0.00501, what);
        }
      }
    });

    it('watch gives the good symbols beside one that nobody lists', async () => {
      const answer = await get(run.url, '/api/v1/watch?symbols=NOSUCHUSDT,BTCUSDT,LUNAUSDT', { headers: { 'Accept-Encoding': 'gzip' } });
      assert.deepEqual([answer.status, answer.headers['content-encoding']], [200, 'gzip']);
      const { symbols } = answer.json();
      assert.deepEqual(symbols.map(({ symbol, error }) => [symbol, error?.code]),
        [['NOSUCHUSDT', 'unknown_symbol'], ['BTCUSDT', undefined], ['LUNAUSDT', 'unknown_symbol']]);
    });

    const spellings = [['profile?model=single&leverage=20', 'profile?model=singl%65&leverage=%320', (b) => b.profile ?? b],
      ['levels?tiers=50,100&side=long', 'levels?tiers=50%2C100&side=l%6Fng', (b) => b.levels],
      ['klines?interval=4h&bars=3', 'klines?%69nterval=%34h&bars=%33', (b) => b.candles]];
    for (const [plain, encoded, part] of spellings) {
      it(`${encoded} is ${plain}`, async () => {
        const [a, b] = await Promise.all([plain, encoded].map((q) => get(run.url, `/api/v1/${q}`)));
        assert.deepEqual([a.status, b.status], [200, 200], b.text.slice(0, 200));
        assert.equal(b.json().model?.name, a.json().model?.name);
        assert.deepEqual(part(b.json()), part(a.json()));
      });
    }

    it('never asks for so much that the exchange would mind', async () => {
      assert.ok(mock.limits.most < 1200, `${mock.limits.most} weight in a minute`);
    });
  });
}

describe('the map around a crash', { skip: !marketData }, () => {
  let mock;
  let run;
  before(async () => {
    mock = await startExchange({ data: marketData, clock: Date.UTC(2025, 9, 10, 22), speed: 0 });
    run = await startServers({ settings: against(mock) });
  });
  after(async () => { await run?.stop(); await mock?.close(); });

  it('has no long left above the low that the wick reached', async () => {
    const s = (await get(run.url, heatmap('interval=1h&bars=500'))).json();
    const at = s.candles.low.indexOf(Math.min(...s.candles.low));
    assert.equal(s.candles.open_time[at], Date.UTC(2025, 9, 10, 21));
    const rowOf = (price) => Math.floor((price - s.grid.price_min) / s.grid.price_step);
    const [low, before] = [rowOf(s.candles.low[at]), rowOf(s.candles.low[at - 1])];
    const sum = (j, from, to) => {
      let total = 0;
      for (let r = from; r < to; r++) total += s.grid.cells[r][j];
      return total;
    };
    assert.ok(sum(at - 1, low, before) > 0, 'there was something to sweep');
    /* What is there afterwards was seeded inside this hour, after the wick: little. */
    assert.ok(sum(at, low, before) < 0.5 * sum(at - 1, low, before), 'and it was swept');
  });
});

describe('HTTP', () => {
  let mock;
  let run;
  const path = heatmap('symbol=BTCUSDT&interval=1h&bars=100');
  before(async () => {
    mock = await startExchange({ clock: CLOCK, speed: 0 });
    run = await startServers({ settings: against(mock, { 'cache.ttl_ms': 60000 }) });
  });
  after(async () => { await run?.stop(); await mock?.close(); });
  beforeEach(() => mock.clear());

  it('gzip or identity, the same bytes', async () => {
    const plain = await get(run.url, path);
    const zipped = await get(run.url, path, { headers: { 'Accept-Encoding': 'gzip, br' } });
    assert.equal(plain.headers['content-encoding'], undefined);
    assert.equal(zipped.headers['content-encoding'], 'gzip');
    assert.ok(zipped.raw.length < plain.raw.length / 3);
    assert.ok(zipped.body.equals(plain.body));
    for (const answer of [plain, zipped]) {
      assert.match(answer.headers.vary, /accept-encoding/i);
      assert.equal(Number(answer.headers['content-length']), answer.raw.length);
      assert.match(answer.headers['content-type'], /^application\/json/);
      assert.equal(answer.headers['access-control-allow-origin'], '*');
    }
    assert.notEqual(plain.headers.etag, zipped.headers.etag);
  });

  for (const encoding of ['identity', 'gzip']) {
    it(`304 for what the browser has, ${encoding}`, async () => {
      const headers = { 'Accept-Encoding': encoding };
      const first = await get(run.url, path, { headers });
      const again = await get(run.url, path, { headers: { ...headers, 'If-None-Match': first.headers.etag } });
      assert.deepEqual([again.status, again.raw.length, again.headers.etag], [304, 0, first.headers.etag]);
      assert.match(again.headers['cache-control'], /max-age/);
      const other = await get(run.url, path, { headers: { ...headers, 'If-None-Match': '"else"' } });
      assert.equal(other.status, 200);
    });
  }

  for (const route of [path, '/api/v1/levels', '/api/v1/profile', '/api/v1/profile?model=single&leverage=20', '/api/v1/klines?bars=10', '/api/v1/ticker', '/api/v1/watch', '/api/v1/health', '/']) {
    it(`HEAD ${route} is GET without the body`, async () => {
      const [head, whole] = [await get(run.url, route, { method: 'HEAD' }), await get(run.url, route)];
      assert.deepEqual([head.status, head.raw.length], [whole.status, 0]);
      assert.equal(head.headers['content-type'], whole.headers['content-type']);
      /* These are made for each request, with the age in them. */
      if (!/health|single/.test(route)) assert.equal(head.headers.etag, whole.headers.etag);
    });
  }

  it('max-age is what is really left, and goes down', async () => {
    const first = await get(run.url, path);
    assert.match(first.headers['cache-control'], /^public, max-age=\d+, stale-while-revalidate=\d+/);
    assert.ok(maxAge(first) <= 60);
    await until(async () => {
      const later = await get(run.url, path);
      assert.equal(later.headers.etag, first.headers.etag);
      assert.ok(maxAge(later) <= maxAge(first));
      return maxAge(later) < maxAge(first);
    }, 'a smaller max-age');
  });

  it('health tells of the data', async () => {
    const health = await get(run.url, '/api/v1/health');
    assert.equal(health.status, 200, health.text);
    assert.match(health.headers['cache-control'], /no-store|no-cache/);
    assert.equal(typeof health.json(), 'object');
  });

  it('symbols lists what trades as a perpetual', async () => {
    const answer = await get(run.url, '/api/v1/symbols');
    assert.equal(answer.status, 200);
    assert.match(answer.text, /"BTCUSDT"/);
    assert.match(answer.text, /"ETHUSDT"/);
    assert.doesNotMatch(answer.text, /BTCUSDT_251226|LUNAUSDT/);
  });

  const refused = [
    ['a wrong interval', heatmap('interval=7m'), 400, 'bad_interval', INTERVALS],
    ['a wrong bar count', heatmap('bars=123'), 400, 'bad_bars', ['100', '200', '500', '1000', '1500']],
    ['a wrong exchange', heatmap('exchange=mtgox'), 400, 'bad_exchange', ['auto', 'all', 'binance']],
    ['an unknown parameter', heatmap('colour=red'), 400, 'bad_parameter', null],
    ['a malformed symbol', heatmap('symbol=btc/usdt'), 400, 'bad_symbol', undefined],
    ['a malformed symbol of several', '/api/v1/watch?symbols=BTCUSDT,btc', 400, 'bad_symbols', undefined],
    ['a symbol nobody lists', heatmap('symbol=NOSUCHUSDT'), 404, 'unknown_symbol', undefined],
    ['a delivery contract', heatmap('symbol=LUNAUSDT'), 404, 'unknown_symbol', undefined],
    ['an unknown route', '/api/v1/nope', 404, null, null],
  ];
  for (const [what, query, status, code, allowed] of refused) {
    it(`refuses ${what}`, async () => {
      const answer = await get(run.url, query);
      assert.equal(answer.status, status, answer.text);
      assert.match(answer.headers['content-type'], /^application\/json/);
      assert.equal(answer.headers['access-control-allow-origin'], '*');
      const { error } = answer.json();
      assert.ok(error.message.length > 10);
      if (code) assert.equal(error.code, code);
      if (allowed) assert.deepEqual(error.allowed, allowed);
      else if (allowed === null) assert.ok(error.allowed.length > 0);
    });
  }

  it('refuses to be written to, and says what is allowed', async () => {
    const answer = await get(run.url, path, { method: 'DELETE' });
    assert.equal(answer.status, 405);
    assert.match(answer.headers.allow, /GET/);
    assert.equal(typeof answer.json().error.message, 'string');
  });

  it('answers nonsense of every kind with an error, never with 500', async () => {
    const nonsense = ['?%00', '?symbol=%', '?symbol=%zz', `?symbol=${'A'.repeat(3000)}`, '?&&&=&', '?bars=-1',
      '?bars=1e9', '?symbol=BTCUSDT&symbol=ETHUSDT', '?interval=%31h%00', "?symbol='--", '?rows=99999999999999'];
    for (const query of nonsense) {
      const answer = await get(run.url, `/api/v1/heatmap${query}`);
      assert.ok([400, 404, 414].includes(answer.status) || query === '?&&&=&', `${query}: ${answer.status}`);
    }
    assert.equal((await get(run.url, path)).status, 200);
  });

  const files = [['/', 'text/html'], ['/index.html', 'text/html'], ['main.js', 'text/javascript'],
    ['style.css', 'text/css'], ['/icons/icon.svg', 'image/svg+xml']];
  for (const [name, type] of files) {
    it(`serves ${name} with type, tag and a strict policy`, async () => {
      const file = name.startsWith('/') ? name : hashedFile(...name.split(/(?=\.)/));
      const answer = await get(run.url, file);
      assert.equal(answer.status, 200);
      assert.ok(answer.headers['content-type'].startsWith(type), answer.headers['content-type']);
      assert.equal(answer.headers['cache-control'], file === name ? 'no-cache' : 'public, max-age=31536000, immutable');
      assert.equal(answer.headers['x-content-type-options'], 'nosniff');
      const policy = answer.headers['content-security-policy'];
      if (file === name) {
        assert.equal(answer.headers['referrer-policy'], 'no-referrer');
        assert.match(policy, /default-src 'self'/);
        assert.doesNotMatch(policy, /unsafe/);
      } else {
        assert.equal(policy, undefined, 'the page has one, and what it loads is under it');
      }
      const again = await get(run.url, file, { headers: { 'If-None-Match': answer.headers.etag } });
      assert.equal(again.status, 304);
    });
  }

  it('serves nothing from outside the page', async () => {
    for (const file of ['/../conf/liqmap.conf', '/%2e%2e/conf/liqmap.conf', '/static/', '/nope.html']) {
      const { status } = await get(run.url, file);
      assert.ok([400, 403, 404].includes(status), `${file}: ${status}`);
    }
  });

  it('every file the page names exists', async () => {
    const page = readFileSync(join(WWW, 'index.html'), 'utf8');
    for (const [, file] of page.matchAll(/(?:src|href)="([^"#:]+)"/g)) {
      assert.equal((await get(run.url, new URL(file, 'http://page/').pathname)).status, 200, file);
    }
  });
});

describe('an exchange that publishes no open interest', () => {
  let mock;
  let run;
  before(async () => {
    mock = await startExchange({ clock: CLOCK, speed: 0 });
    mock.drop('open_interest');
    run = await startServers({ settings: against(mock) });
  });
  after(async () => { await run?.stop(); await mock?.close(); });

  it('has a relative map with a warning, and no number in its place', async () => {
    const s = (await get(run.url, heatmap('interval=1h&bars=100'))).json();
    checkSnapshot(s, { interval: '1h', bars: 100 });
    assert.ok(s.warnings.some((w) => /open interest/i.test(w)), JSON.stringify(s.warnings));
    assert.deepEqual([s.statistics.open_interest, s.statistics.open_interest_usd, s.grid.usd_per_unit,
      s.model.scaled_by], [null, null, null, null]);
  });
});
