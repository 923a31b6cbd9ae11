/** The mock exchange itself: what it must get right for the other tests to mean anything. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, beforeEach, describe, it } from 'node:test';
import { spawn } from 'node:child_process';
import { startExchange } from '../mock/exchanges.mjs';
import { DAY, HOUR, INTERVALS, MINUTE, bucket, generateRecording, piece, seeded } from '../mock/recording.mjs';
import { get, marketData } from './harness.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);

/* What a list of exchange rows amounts to. */
function total(rows) {
  return [rows[0][0], rows[0][1], Math.max(...rows.map((r) => Number(r[2]))),
    Math.min(...rows.map((r) => Number(r[3]))), rows[rows.length - 1][4],
    rows.reduce((sum, r) => sum + Math.round(r[5] * 1e3), 0),
    rows.reduce((sum, r) => sum + Math.round(r[7] * 1e2), 0)];
}

describe('pieces of a candle', () => {
  const random = seeded(7);
  const cases = Array.from({ length: 200 }, (_, i) => {
    const [a, b, c, d] = [0, 0, 0, 0].map(() => Number((100 + 10 * random()).toFixed(1)));
    return { t: i * 5 * MINUTE, o: a, c: b, h: Math.max(a, b, c), l: Math.min(a, b, d),
      v: Math.floor(1e6 * random()), q: Math.floor(1e9 * random()), n: 5 };
  });
  for (const parts of [4, 5, 6]) {
    it(`${parts} of them amount to it exactly and join without a gap`, () => {
      for (const row of cases) {
        const made = Array.from({ length: parts }, (_, i) => piece(row, i / parts, (i + 1) / parts, i));
        const sum = (key) => made.reduce((s, p) => s + p[key], 0);
        assert.equal(made[0].o, row.o);
        assert.equal(made[parts - 1].c, row.c);
        assert.equal(Math.max(...made.map((p) => p.h)), row.h);
        assert.equal(Math.min(...made.map((p) => p.l)), row.l);
        assert.deepEqual([sum('v'), sum('q'), sum('n')], [row.v, row.q, row.n]);
        for (let i = 1; i < parts; i++) assert.equal(made[i].o, made[i - 1].c);
        for (const p of made) assert.ok(p.l <= Math.min(p.o, p.c) && p.h >= Math.max(p.o, p.c));
      }
    });
  }
});

describe('generated market', () => {
  it('is the same from the same seed and another from another', () => {
    const make = (seed) => generateRecording({ seed, until: CLOCK, days: 3 }).files['5m'].rows();
    assert.deepEqual(make(1), make(1));
    assert.notDeepEqual(make(1), make(2));
  });
  it('falls at the crash', () => {
    const rows = generateRecording({ until: CLOCK, days: 3, crash: CLOCK - HOUR }).files['5m'].rows();
    const at = (t) => rows.find((r) => r.t === bucket('5m', t)[0]);
    assert.ok(at(CLOCK).c < 0.95 * at(CLOCK - HOUR).o);
  });
});

const sources = [['generated', null]];
if (marketData) sources.push(['recorded', marketData]);

for (const [name, data] of sources) {
  describe(`mock exchange on ${name} data`, () => {
    let mock;
    const klines = async (query) => (await get(mock.url, `/fapi/v1/klines?symbol=BTCUSDT&${query}`)).json();
    before(async () => { mock = await startExchange({ data, clock: CLOCK, speed: 0 }); });
    after(() => mock.close());
    beforeEach(() => { mock.clear(); mock.forget(); mock.setClock(CLOCK, 0); });

    it('says its own time in body and Date header', async () => {
      const answer = await get(mock.url, '/fapi/v1/time');
      assert.equal(answer.json().serverTime, CLOCK);
      assert.equal(Date.parse(answer.headers.date), CLOCK - CLOCK % 1000);
    });

    it('gives every interval, ascending, on its grid, the forming candle last', async () => {
      for (const interval of Object.keys(INTERVALS)) {
        const rows = await klines(`interval=${interval}&limit=20`);
        assert.ok(rows.length > 3, interval);
        assert.equal(rows[rows.length - 1][0], bucket(interval, CLOCK)[0], interval);
        for (const [i, row] of rows.entries()) {
          assert.equal(row.length, 12);
          assert.deepEqual(bucket(interval, row[0]), [row[0], row[6] + 1], interval);
          assert.ok(i === 0 || row[0] > rows[i - 1][0], interval);
          assert.ok(row.slice(1, 6).every((x) => typeof x === 'string'));
        }
      }
    });

    const finer = [['5m', '1m'], ['15m', '5m'], ['30m', '5m'], ['1h', '1m'], ['2h', '1h'], ['1d', '15m']];
    for (const [coarse, fine] of finer) {
      it(`${coarse} candles, also the forming one, are the aggregate of ${fine}`, async () => {
        for (const [open, ...rest] of (await klines(`interval=${coarse}&limit=3`)).map((r) => [r[0], r])) {
          const end = open + INTERVALS[coarse] - 1;
          const rows = await klines(`interval=${fine}&startTime=${open}&endTime=${end}&limit=1500`);
          const [want, have] = [total(rest), total(rows)];
          assert.deepEqual(have.slice(0, 6), want.slice(0, 6));
          /* Only some files say the quote volume; else it is volume x typical price. */
          assert.ok(Math.abs(have[6] - want[6]) <= 0.01 * want[6]);
        }
      });
    }

    it('keeps closed candles and grows the forming one as the clock moves', async () => {
      const first = await klines('interval=15m&limit=5');
      mock.setClock(CLOCK + 2 * MINUTE);
      const second = await klines('interval=15m&limit=5');
      assert.deepEqual(second.slice(0, 4), first.slice(0, 4));
      assert.equal(second[4][1], first[4][1]);
      assert.ok(Number(second[4][5]) > Number(first[4][5]));
      mock.setClock(bucket('15m', CLOCK)[1]);
      const third = await klines('interval=15m&limit=5');
      assert.equal(third[4][5], '0.000');
      assert.equal(third[3][0], first[4][0]);
    });

    const open = bucket('1h', CLOCK)[0];
    const windows = [
      ['start and end inclusive', `startTime=${open - 3 * HOUR}&endTime=${open - HOUR}`, [3, 2, 1]],
      ['one ms late leaves the first out', `startTime=${open - 3 * HOUR + 1}&endTime=${open - HOUR}`, [2, 1]],
      ['one ms early leaves the last out', `startTime=${open - 3 * HOUR}&endTime=${open - HOUR - 1}`, [3, 2]],
      ['limit counts from the start', `startTime=${open - 9 * HOUR}&limit=2`, [9, 8]],
      ['end alone takes the newest before it', `endTime=${open - HOUR}&limit=2`, [2, 1]],
      ['the forming one is in range', `startTime=${open - HOUR}`, [1, 0]],
      ['the future is empty', `startTime=${open + DAY}`, []],
      ['no times: the newest', 'limit=3', [2, 1, 0]],
      ['limit 1 is the forming one', 'limit=1', [0]],
    ];
    for (const [what, query, hours] of windows) {
      it(`window: ${what}`, async () => {
        const rows = await klines(`interval=1h&${query}`);
        assert.deepEqual(rows.map((r) => (open - r[0]) / HOUR), hours);
      });
    }

    it('caps limit at 1500 and defaults to 500', async () => {
      assert.equal((await klines('interval=5m&limit=9999')).length, 1500);
      assert.equal((await klines('interval=5m')).length, 500);
    });

    const errors = [
      ['unknown symbol', 'klines?symbol=NOPE&interval=1h', -1121],
      ['unknown interval', 'klines?symbol=BTCUSDT&interval=7m', -1120],
      ['no symbol', 'klines?interval=1h', -1102],
      ['start after end', 'klines?symbol=BTCUSDT&interval=1h&startTime=2&endTime=1', -1023],
      ['limit 0', 'klines?symbol=BTCUSDT&interval=1h&limit=0', -1130],
    ];
    for (const [what, path, code] of errors) {
      it(`refuses: ${what}`, async () => {
        const answer = await get(mock.url, `/fapi/v1/${path}`);
        assert.equal(answer.status, 400);
        assert.equal(answer.json().code, code);
      });
    }

    it('knows price, open interest, accounts, funding and listings of now', async () => {
      const ask = async (path) => (await get(mock.url, path)).json();
      const ticker = await ask('/fapi/v1/ticker/24hr?symbol=BTCUSDT');
      const [forming] = await klines('interval=5m&limit=1');
      assert.equal(ticker.lastPrice, forming[4]);
      assert.ok(Number(ticker.lowPrice) <= Number(forming[3]));
      const interest = await ask('/fapi/v1/openInterest?symbol=BTCUSDT');
      const history = await ask('/futures/data/openInterestHist?symbol=BTCUSDT&period=5m&limit=3');
      assert.equal(history.length, 3);
      assert.equal(history[2].sumOpenInterest, interest.openInterest);
      assert.ok(CLOCK - history[2].timestamp < 10 * MINUTE);
      const [, accounts] = await ask('/futures/data/globalLongShortAccountRatio?symbol=BTCUSDT&period=5m&limit=2');
      assert.ok(Math.abs(Number(accounts.longAccount) + Number(accounts.shortAccount) - 1) < 2e-4);
      const premium = await ask('/fapi/v1/premiumIndex?symbol=BTCUSDT');
      assert.ok(Math.abs(premium.lastFundingRate) < 0.01 && premium.lastFundingRate !== '');
      assert.equal(premium.nextFundingTime, Date.UTC(2025, 9, 11));
      const names = (await ask('/fapi/v1/exchangeInfo')).symbols.map((s) => s.symbol);
      assert.ok(names.includes('BTCUSDT') && names.includes('BTCUSDT_251226'));
    });

    it('publishes no open interest once dropped', async () => {
      mock.drop('open_interest');
      assert.equal((await get(mock.url, '/fapi/v1/openInterest?symbol=BTCUSDT')).status, 400);
      assert.deepEqual((await get(mock.url,
        '/futures/data/openInterestHist?symbol=BTCUSDT&period=5m')).json(), []);
    });

    const weights = [[1, 1], [99, 1], [100, 2], [499, 2], [500, 5], [1000, 5], [1001, 10], [1500, 10]];
    it('weighs klines by limit, and the header adds up', async () => {
      /* A minute may end in between: then the header starts again, and once more is enough. */
      for (const last of [false, true]) {
        mock.forget();
        let sum = 0;
        let agree = true;
        for (const [limit, weight] of weights) {
          const answer = await get(mock.url, `/fapi/v1/klines?symbol=BTCUSDT&interval=1h&limit=${limit}`);
          sum += weight;
          agree = agree && answer.headers['x-mbx-used-weight-1m'] === String(sum);
          assert.equal(mock.requests.at(-1).weight, weight, `limit ${limit}`);
        }
        if (agree) return;
        assert.ok(!last, 'the header is the sum of the weights');
      }
    });

    it('answers 429 above its weight and 418 to whoever goes on', async () => {
      mock.command({ ban: 3 });
      const statuses = [];
      for (let i = 0; i < 40 && !statuses.includes(418); i++) {
        const answer = await get(mock.url, '/fapi/v1/time');
        statuses.push(answer.status);
        if (answer.status !== 200) assert.ok(Number(answer.headers['retry-after']) > 0);
      }
      assert.ok(statuses.includes(200) && statuses.includes(429) && statuses.at(-1) === 418);
    });

    for (const status of [403, 418, 429, 451, 500, 503]) {
      it(`answers ${status} when told to, as often as told`, async () => {
        mock.fault({ path: '/fapi/v1/time', kind: 'status', status, retry_after: 9, times: 1 });
        const answer = await get(mock.url, '/fapi/v1/time');
        assert.equal(answer.status, status);
        assert.equal(answer.headers['retry-after'], '9');
        assert.equal((await get(mock.url, '/fapi/v1/time')).status, 200);
      });
    }

    const bodies = [['garbage', /\u0000/], ['html', /^<!doctype/], ['empty', /^$/], ['types', /not/]];
    for (const [kind, shape] of bodies) {
      it(`sends ${kind}`, async () => {
        mock.fault({ path: '*', kind });
        assert.match((await get(mock.url, '/fapi/v1/time')).text, shape);
      });
    }

    it('cuts a body, and stalls until cleared', async () => {
      mock.fault({ path: '*', kind: 'cut' });
      await assert.rejects(get(mock.url, '/fapi/v1/exchangeInfo'));
      mock.clear();
      mock.fault({ path: '/fapi/v1/time', kind: 'stall' });
      const waiting = assert.rejects(get(mock.url, '/fapi/v1/time'));
      while (mock.stalled.size === 0) await new Promise(setImmediate);
      mock.clear();
      await waiting;
      mock.fault({ path: '/fapi/v1/time', kind: 'stall' });
      const late = get(mock.url, '/fapi/v1/time');
      while (mock.stalled.size === 0) await new Promise(setImmediate);
      mock.release();
      assert.equal((await late).json().serverTime, CLOCK);
    });

    it('is told all this over HTTP too', async () => {
      const post = (body) => new Promise((done, failed) => {
        const req = request(`${mock.url}/control`, { method: 'POST' }, (res) => {
          res.resume();
          res.on('end', () => done(res.statusCode));
        });
        req.on('error', failed);
        req.end(body);
      });
      assert.equal(await post('{"clock":"2025-10-09T00:00:00Z"}'), 200);
      assert.equal((await get(mock.url, '/fapi/v1/time')).json().serverTime, Date.UTC(2025, 9, 9));
      assert.equal(await post('{"fault":{"path":"*","kind":"status","status":451}}'), 200);
      assert.equal((await get(mock.url, '/fapi/v1/time')).status, 451);
      assert.deepEqual((await get(mock.url, '/control')).json().counts, { '/fapi/v1/time': 2 });
      assert.equal(await post('{"clear":true,"forget":true}'), 200);
      assert.equal(mock.count(), 0);
      assert.equal(await post('nonsense'), 400);
    });
  });
}

describe('a mock that remembers', () => {
  it('gives a request the same bytes again, and still counts it', async () => {
    const [mock, plain] = await Promise.all([true, false].map((remember) => startExchange({ clock: CLOCK, speed: 0, remember })));
    try {
      const path = '/fapi/v1/klines?symbol=BTCUSDT&interval=5m&limit=300';
      const ask = (of) => get(of.url, path, { headers: { 'Accept-Encoding': 'gzip' } });
      const [first, again, other] = [await ask(mock), await ask(mock), await ask(plain)];
      assert.deepEqual([first.raw, again.raw], [other.raw, other.raw]);
      assert.deepEqual([mock.count(), mock.limits.used], [2, 4]);
      mock.fault({ path: '*', kind: 'types', times: 1 });
      assert.notEqual((await ask(mock)).text, first.text);
      assert.equal((await ask(mock)).text, first.text);
    } finally {
      await Promise.all([mock, plain].map((m) => m.close()));
    }
  });
});

describe('recorded market data', { skip: !marketData }, () => {
  it('holds the crash of 2025-10-10 and years of 4h candles', async () => {
    const mock = await startExchange({ data: marketData, clock: CLOCK, speed: 0 });
    try {
      const ask = async (query) => (await get(mock.url, `/fapi/v1/klines?symbol=BTCUSDT&${query}`)).json();
      const crash = await ask(`interval=1h&startTime=${Date.UTC(2025, 9, 10, 21)}&limit=1`);
      assert.deepEqual(crash[0].slice(1, 5).map(Number), [114200.4, 115075.6, 101516.5, 113253.6]);
      assert.equal((await ask('interval=4h&startTime=1600000000000&limit=1500')).length, 1500);
    } finally {
      await mock.close();
    }
  });
});

describe('alone', () => {
  it('prints its address, serves, and ends on SIGTERM', async () => {
    const child = spawn(process.execPath, [new URL('exchange.mjs', import.meta.url).pathname,
      '--port', '0', '--clock', '2025-10-10T22:00:00Z', '--speed', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const gone = new Promise((done) => { child.on('exit', done); });
    try {
      const url = await new Promise((done) => { child.stdout.once('data', (d) => done(String(d).trim())); });
      assert.equal((await get(url, '/fapi/v1/time')).json().serverTime, Date.UTC(2025, 9, 10, 22));
    } finally {
      child.kill('SIGTERM');
    }
    assert.equal(await gone, 0);
  });
  it('says what is wrong with an option', async () => {
    const child = spawn(process.execPath, [new URL('exchange.mjs', import.meta.url).pathname, '--nope', '1']);
    let text = '';
    child.stderr.on('data', (d) => { text += d; });
    assert.equal(await new Promise((done) => { child.on('close', done); }), 2);
    assert.match(text, /--nope/);
  });
});
