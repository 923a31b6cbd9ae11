/** Every mock exchange: its candles agree with the others', and it pages, orders, refuses and limits as the real one does. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, beforeEach, describe, it } from 'node:test';
import { DEFINITIONS, makeRecordings, startExchanges } from '../mock/exchanges.mjs';
import { DAY, HOUR } from '../mock/recording.mjs';
import { get } from './harness.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const LAST = Date.UTC(2025, 9, 10, 22);
const recordings = makeRecordings({ symbols: ['BTCUSDT', 'ETHUSDT', '1000PEPEUSDT'], until: CLOCK });
const ASCENDING = 1;
const DESCENDING = -1;

function post(base, body) {
  return new Promise((done, failed) => {
    const req = request(`${base}/info`, { method: 'POST', headers: { 'Content-Type': 'application/json' } }, (res) => {
      let text = '';
      res.on('data', (d) => { text += d; });
      res.on('end', () => done({ status: res.statusCode, headers: res.headers, text, json: () => JSON.parse(text) }));
    });
    req.on('error', failed);
    req.end(JSON.stringify(body));
  });
}

const array = ([t, , , , close]) => [Number(t), Number(close)];

/*
 * symbol       spellings of BTCUSDT; other: of 1000PEPEUSDT, bundle: how many of its coins the price is for
 * klines       GET path of hourly candles in [from, to]; rows(body): them, pair(row): [open time, close]
 * most, order  rows per page and their order
 * unknown      status and code of a symbol that is not listed; code(body)
 * limit        how many candle requests are allowed in a window; over: the status of one more
 */
const EXCHANGES = {
  binance: { symbol: 'BTCUSDT', other: '1000PEPEUSDT', bundle: 1000,
    klines: (s, from, to) => `/fapi/v1/klines?symbol=${s}&interval=1h&startTime=${from}&endTime=${to}&limit=1500`,
    rows: (b) => b, pair: array, most: 1500, order: ASCENDING, unknown: [400, -1121], code: (b) => b.code, limit: 240, over: 429 },
  'binance-spot': { symbol: 'BTCUSDT', other: 'PEPEUSDT', bundle: 1,
    klines: (s, from, to) => `/api/v3/klines?symbol=${s}&interval=1h&startTime=${from}&endTime=${to}&limit=1000`,
    rows: (b) => b, pair: array, most: 1000, order: ASCENDING, unknown: [400, -1121], code: (b) => b.code, limit: 3000, over: 429 },
  'binance-coin': { symbol: 'BTCUSD_PERP',
    klines: (s, from, to) => `/dapi/v1/klines?symbol=${s}&interval=1h&startTime=${from}&endTime=${to}&limit=1500`,
    rows: (b) => b, pair: array, most: 1500, order: ASCENDING, unknown: [400, -1121], code: (b) => b.code, limit: 240, over: 429 },
  bybit: { symbol: 'BTCUSDT', other: '1000PEPEUSDT', bundle: 1000,
    klines: (s, from, to) => `/v5/market/kline?category=linear&symbol=${s}&interval=60&start=${from}&end=${to}&limit=1000`,
    rows: (b) => b.result.list, pair: array, most: 1000, order: DESCENDING, unknown: [200, 10001], code: (b) => b.retCode,
    limit: 600, over: 403 },
  okx: { symbol: 'BTC-USDT-SWAP', other: 'PEPE-USDT-SWAP', bundle: 1,
    klines: (s, from, to) => `/api/v5/market/candles?instId=${s}&bar=1H&after=${to + 1}&before=${from - 1}&limit=300`,
    rows: (b) => b.data, pair: array, most: 300, order: DESCENDING, unknown: [200, '51001'], code: (b) => b.code, limit: 40, over: 429 },
  bitget: { symbol: 'BTCUSDT', other: '1000PEPEUSDT', bundle: 1000,
    klines: (s, from, to) => `/api/v2/mix/market/candles?symbol=${s}&productType=usdt-futures&granularity=1H&startTime=${from}&endTime=${to}&limit=1000`,
    rows: (b) => b.data, pair: array, most: 1000, order: ASCENDING, unknown: [400, '40034'], code: (b) => b.code, limit: 20, over: 429 },
  gate: { symbol: 'BTC_USDT', other: 'PEPE_USDT', bundle: 1,
    klines: (s, from, to) => `/futures/usdt/candlesticks?contract=${s}&interval=1h&from=${from / 1000}&to=${to / 1000}`,
    rows: (b) => b, pair: (r) => [1000 * r.t, Number(r.c)], most: null, order: ASCENDING, unknown: [400, 'CONTRACT_NOT_FOUND'],
    code: (b) => b.label, limit: 200, over: 429 },
  kucoin: { symbol: 'XBTUSDTM', other: '1000PEPEUSDTM', bundle: 1000,
    klines: (s, from, to) => `/api/v1/kline/query?symbol=${s}&granularity=60&from=${from}&to=${to}`,
    rows: (b) => b.data, pair: array, most: 500, order: ASCENDING, unknown: [200, '100003'], code: (b) => b.code, limit: 666, over: 429 },
  hyperliquid: { symbol: 'BTC', other: 'kPEPE', bundle: 1000,
    klines: (s, from, to) => ({ type: 'candleSnapshot', req: { coin: s, interval: '1h', startTime: from, endTime: to } }),
    rows: (b) => b, pair: (r) => [r.t, Number(r.c)], most: 5000, order: ASCENDING, unknown: [500, undefined], code: () => undefined,
    limit: 57, over: 429 },
  htx: { symbol: 'BTC-USDT', other: 'PEPE-USDT', bundle: 1,
    klines: (s, from, to) => `/linear-swap-ex/market/history/kline?contract_code=${s}&period=60min&from=${from / 1000}&to=${to / 1000}`,
    rows: (b) => b.data, pair: (r) => [1000 * r.id, r.close], most: 2000, order: ASCENDING, unknown: [200, 1332],
    code: (b) => b.err_code, limit: 800, over: 429 },
};

const coinMargined = (x, symbol, klines) => ({ ...x, symbol, other: undefined, klines });
EXCHANGES['bybit-coin'] = coinMargined(EXCHANGES.bybit, 'BTCUSD', (...args) => EXCHANGES.bybit.klines(...args).replace('linear', 'inverse'));
EXCHANGES['okx-coin'] = coinMargined(EXCHANGES.okx, 'BTC-USD-SWAP', EXCHANGES.okx.klines);

describe('mock exchanges', () => {
  let mocks;
  before(async () => { mocks = await startExchanges(Object.keys(EXCHANGES), { recordings, clock: CLOCK, enforce: true }); });
  after(() => mocks?.close());
  beforeEach(() => { mocks.clear(); mocks.forget(); });

  const ask = (name, what) => (typeof what === 'string' ? get(mocks.by[name].base, mocks.by[name].definition.prefix
    ? mocks.by[name].definition.prefix + what : what) : post(mocks.by[name].base, what));
  const candles = async (name, from, to, symbol = EXCHANGES[name].symbol) => {
    const { klines, rows, pair } = EXCHANGES[name];
    return rows((await ask(name, klines(symbol, from, to))).json()).map(pair);
  };

  it('are all tested here', () => assert.deepEqual(Object.keys(EXCHANGES).sort(), Object.keys(DEFINITIONS).sort()));

  for (const [name, x] of Object.entries(EXCHANGES)) {
    it(`${name}: hourly candles in its order, within 10 basis points of Binance's`, async () => {
      const from = LAST - 99 * HOUR;
      const own = await candles(name, from, LAST);
      const times = own.map(([t]) => t);
      assert.deepEqual(times, Array.from({ length: 100 }, (_, i) => (x.order === ASCENDING ? from + i * HOUR : LAST - i * HOUR)));
      const closes = new Map(await candles('binance', from, LAST));
      for (const [t, close] of own) assert.ok(Math.abs(close / closes.get(t) - 1) < 1e-3, `${close} and ${closes.get(t)}`);
    });

    it(`${name}: bundles of a coin have the right price`, { skip: !x.other }, async () => {
      const [[, close]] = await candles(name, LAST - HOUR, LAST - HOUR, x.other);
      const [[, reference]] = await candles('binance', LAST - HOUR, LAST - HOUR, '1000PEPEUSDT');
      assert.ok(Math.abs(close / reference * 1000 / x.bundle - 1) < 1e-3, `${close} and ${reference}`);
    });

    it(`${name}: a page is no longer than allowed`, { skip: x.most === null }, async () => {
      const rows = await candles(name, LAST - 199 * DAY, LAST);
      assert.equal(rows.length, Math.min(x.most, 199 * 24 + 1));
    });

    it(`${name}: refuses what is not listed`, async () => {
      const answer = await ask(name, x.klines('NOPE', LAST - HOUR, LAST));
      assert.equal(answer.status, x.unknown[0]);
      assert.deepEqual(x.code(answer.json()), x.unknown[1]);
    });

    it(`${name}: ${x.limit} candle requests, and ${x.over} for one more`, async () => {
      const { limits } = mocks.by[name];
      const one = () => ask(name, x.klines(x.symbol, LAST - HOUR, LAST));
      limits.wallMs = () => CLOCK;
      assert.equal((await one()).status, 200);
      const { costs } = mocks.by[name].requests[0];
      for (let n = 1; n < x.limit; n++) assert.equal(limits.spend(costs), null, `${n} before`);
      assert.equal((await one()).status, x.over);
      assert.equal(limits.exceeded, 1);
      limits.wallMs = () => CLOCK + 11 * 60_000;
      assert.equal((await one()).status, 200, 'in another window');
      limits.wallMs = Date.now;
    });
  }

  it('bybit: bans for ten minutes whoever exceeds its limit', async () => {
    const { limits } = mocks.by.bybit;
    limits.wallMs = () => CLOCK;
    for (let i = 0; i < 600; i++) assert.equal(limits.spend([['requests', 1]]), null);
    const status = async () => (await ask('bybit', '/v5/market/time')).status;
    assert.equal(await status(), 403);
    limits.wallMs = () => CLOCK + 10 * 60_000 - 1;
    assert.equal(await status(), 403);
    limits.wallMs = () => CLOCK + 10 * 60_000;
    assert.equal(await status(), 200);
    limits.wallMs = Date.now;
  });

  it('gate: no limit beside from and to, 2000 points a request, 10000 at all', async () => {
    const path = '/futures/usdt/candlesticks?contract=BTC_USDT&interval=5m';
    const label = async (query) => (await ask('gate', path + query)).json().label ?? null;
    assert.equal(await label(`&from=${LAST / 1000 - 3600}&to=${LAST / 1000}&limit=5`), 'INVALID_PARAM_VALUE');
    assert.equal(await label(`&from=${LAST / 1000 - 300 * 2001}&to=${LAST / 1000}`), 'INVALID_PARAM_VALUE');
    assert.equal(await label(`&from=${LAST / 1000 - 300 * 10_001}&to=${LAST / 1000 - 300 * 10_000}`), 'INVALID_PARAM_VALUE');
    assert.equal(await label('&limit=2000'), null);
  });

  it('okx: days begin at 16:00 UTC unless they are asked for in UTC; the newest 1440 rows only', async () => {
    const first = async (query) => Number((await ask('okx', `/api/v5/market/${query}`)).json().data[0]?.[0]);
    assert.equal(await first('candles?instId=BTC-USDT-SWAP&bar=1D'), Date.UTC(2025, 9, 10, 16));
    assert.equal(await first('candles?instId=BTC-USDT-SWAP&bar=1Dutc'), Date.UTC(2025, 9, 10));
    const old = `instId=BTC-USDT-SWAP&bar=1H&after=${LAST - 1500 * HOUR}`;
    assert.ok(Number.isNaN(await first(`candles?${old}`)));
    assert.equal(await first(`history-candles?${old}`), LAST - 1501 * HOUR);
  });

  it('bybit: lists instruments in pages, with a cursor', async () => {
    mocks.by.bybit.rows = { instruments: 2 };
    const names = [];
    for (let cursor = ''; ;) {
      const { list, nextPageCursor } = (await ask('bybit', `/v5/market/instruments-info?category=linear&cursor=${cursor}`)).json().result;
      names.push(...list.map((i) => i.symbol));
      cursor = nextPageCursor;
      if (!cursor) break;
    }
    mocks.by.bybit.rows = {};
    assert.deepEqual(names, ['BTCUSDT', 'ETHUSDT', '1000PEPEUSDT', 'BTC-26DEC25']);
  });

  it('hyperliquid: long answers weigh more', async () => {
    await candles('hyperliquid', LAST - 599 * HOUR, LAST);
    assert.equal(mocks.by.hyperliquid.requests.at(-1).weight, 20 + 600 / 60);
  });

  it('open interest follows a function of the time, also in the past', async () => {
    const { binance } = mocks.by;
    binance.size = (t) => (t < LAST ? 1 : 0.5);
    const history = (await ask('binance', '/futures/data/openInterestHist?symbol=BTCUSDT&period=1h&limit=2')).json();
    const [before2, now] = history.map((r) => Number(r.sumOpenInterest));
    assert.ok(Math.abs(now / before2 - 0.5) < 0.05);
    binance.size = 1;
  });

  it('delays a response, answers 404, and counts connections', async () => {
    const { okx } = mocks.by;
    okx.fault({ path: '/api/v5/public/time', kind: 'delay', ms: 30 });
    assert.equal((await ask('okx', '/api/v5/public/time')).json().data[0].ts, String(CLOCK));
    okx.clear();
    okx.fault({ path: '*', kind: 'missing', times: 1 });
    assert.equal((await ask('okx', '/api/v5/public/time')).status, 404);
    okx.forget();
    for (let i = 0; i < 2; i++) await get(okx.base, '/api/v5/public/time', { agent: false });
    assert.equal(okx.connections, 2);
  });
});
