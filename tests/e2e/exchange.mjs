/**
 * A stand-in exchange: Binance's USD-M futures REST over real HTTP, from
 * recorded or generated candles, on a clock that can be moved.
 *
 *   node tests/e2e/exchange.mjs --port 0 --data DIR --clock 2025-10-10T22:00:00Z
 *
 *   --data DIR      folder with klines/, metrics/, funding/ (see recording.mjs);
 *                   without it a generated market is served
 *   --clock TIME    where the exchange's clock starts (default: 2025-10-10T22:00:00Z)
 *   --speed N       how fast it runs; 0 holds it (default 1)
 *   --symbols A,B   which recordings to read (default BTCUSDT,ETHUSDT)
 *   --weight N      answer 429, then 418, above N weight in a minute (default: only count)
 *   --port N        0 picks a free one (default 0); always 127.0.0.1
 *
 * GET /control tells clock, counts and requests; POST /control takes one object:
 *   {"clock": "2025-10-10T22:05:00Z" | ms, "speed": 0}
 *   {"fault": {"path": "/fapi/v1/klines" | "*", "kind": "status" | "stall" | "cut" |
 *              "garbage" | "html" | "empty" | "types" | "body", "status": 429,
 *              "retry_after": 7, "body": "...", "match": "interval=1m", "times": 1}}
 *   {"drop": "open_interest"}   the symbols publish none, as some really do
 *   {"ban": 2400 | null}        the same as --weight
 *   {"release": true}           answer what is stalled
 *   {"clear": true}             end all of these
 *   {"forget": true}            count from zero
 */
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { DAY, HOUR, INTERVALS, MINUTE, bucket, generateRecording, readRecording } from './recording.mjs';

export const DEFAULT_CLOCK = Date.UTC(2025, 9, 10, 22);
const RETRY_AFTER_429_BECOMES_BAN = 5;
const BAN_SECONDS = 120;
const PERIODS = ['5m', '15m', '30m', '1h', '2h', '4h', '6h', '12h', '1d'];

class Refusal extends Error {
  constructor(code, message, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

const volumeText = (v) => (v / 1e3).toFixed(3);
const quoteText = (q) => (q / 100).toFixed(2);

function row(interval, c) {
  return [c.t, String(c.o), String(c.h), String(c.l), String(c.c), volumeText(c.v),
    bucket(interval, c.t)[1] - 1, quoteText(c.q), c.n, '0', '0', '0'];
}

/** The answers, given a clock: no HTTP here. */
class Exchange {
  constructor(recordings) {
    this.recordings = new Map(recordings.map((r) => [r.symbol, r]));
    this.openInterest = true;
  }

  recording(query) {
    const symbol = query.get('symbol');
    if (!symbol) throw new Refusal(-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.");
    const found = this.recordings.get(symbol);
    if (!found) throw new Refusal(-1121, 'Invalid symbol.');
    return found;
  }

  /* limit and both time bounds of a list. */
  window(query, normal, most) {
    const whole = (name) => {
      const text = query.get(name);
      if (text === null) return null;
      if (!/^[0-9]+$/.test(text)) {
        throw new Refusal(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
      }
      return Number(text);
    };
    const [from, to, limit] = [whole('startTime'), whole('endTime'), whole('limit') ?? normal];
    if (limit < 1) throw new Refusal(-1130, "Data sent for parameter 'limit' is not valid.");
    if (from !== null && to !== null && from > to) {
      throw new Refusal(-1023, 'Start time is greater than end time.');
    }
    return { from, to, limit: Math.min(limit, most) };
  }

  klines(query, now) {
    const recording = this.recording(query);
    const interval = query.get('interval');
    if (!(interval in INTERVALS)) throw new Refusal(-1120, 'Invalid interval.');
    return recording.candles(interval, { now, ...this.window(query, 500, 1500) })
      .map((c) => row(interval, c));
  }

  ticker(recording, now) {
    const day = recording.since(now - DAY, now) ?? recording.newest(now);
    if (!day) throw new Refusal(-1121, 'Invalid symbol.');
    const change = day.c - day.o;
    const volume = day.v / 1e3;
    return { symbol: recording.symbol, priceChange: change.toFixed(2),
      priceChangePercent: (100 * change / day.o).toFixed(3),
      weightedAvgPrice: volume ? (day.q / 100 / volume).toFixed(2) : '0',
      lastPrice: String(day.c), lastQty: '0.001', openPrice: String(day.o),
      highPrice: String(day.h), lowPrice: String(day.l), volume: volumeText(day.v),
      quoteVolume: quoteText(day.q), openTime: now - DAY, closeTime: now,
      firstId: 1, lastId: day.n, count: day.n };
  }

  premium(recording, now) {
    const price = String(recording.newest(now)?.c ?? 0);
    const funding = recording.latest('funding', now);
    return { symbol: recording.symbol, markPrice: price, indexPrice: price,
      estimatedSettlePrice: price, lastFundingRate: funding ? funding.rate : '',
      interestRate: '0.00010000', time: now,
      nextFundingTime: funding ? (Math.floor(now / (8 * HOUR)) + 1) * 8 * HOUR : 0 };
  }

  interest(recording, now) {
    const found = this.openInterest && recording.latest('metrics', now, (m) => m.oi > 0);
    if (!found) {
      throw new Refusal(-4108, 'Symbol is on delivering or delivered or settling or closed or pre-trading.');
    }
    return { symbol: recording.symbol, openInterest: String(found.oi), time: now };
  }

  /* /futures/data/ lists: one row a period, 30 days back at most. */
  history(query, now, ok, show) {
    const recording = this.recording(query);
    const period = query.get('period');
    if (!PERIODS.includes(period)) throw new Refusal(-1130, "Data sent for parameter 'period' is not valid.");
    const { from, to, limit } = this.window(query, 30, 500);
    if (from !== null && from < now - 30 * DAY) {
      throw new Refusal(-1130, "parameter 'startTime' is invalid.");
    }
    const slot = (t) => Math.floor(t / (5 * MINUTE)) * 5 * MINUTE;
    const rows = recording.metrics.filter((m) => slot(m.t) % INTERVALS[period] === 0 &&
      m.t <= now && m.t >= (from ?? now - 30 * DAY) && m.t <= (to ?? now) && ok(m));
    const chosen = from === null ? rows.slice(-limit) : rows.slice(0, limit);
    return chosen.map((m) => ({ symbol: recording.symbol, ...show(m), timestamp: slot(m.t) }));
  }

  interestHistory(query, now) {
    return this.history(query, now, (m) => this.openInterest && m.oi > 0,
      (m) => ({ sumOpenInterest: String(m.oi), sumOpenInterestValue: String(m.value) }));
  }

  accounts(query, now) {
    return this.history(query, now, (m) => m.ratio > 0, (m) => ({
      longShortRatio: m.ratio.toFixed(4), longAccount: (m.ratio / (1 + m.ratio)).toFixed(4),
      shortAccount: (1 / (1 + m.ratio)).toFixed(4) }));
  }

  fundingHistory(query, now) {
    const recording = this.recording(query);
    const { from, to, limit } = this.window(query, 100, 1000);
    const rows = recording.funding.filter((f) => f.t <= Math.min(now, to ?? now) && f.t >= (from ?? 0));
    return (from === null ? rows.slice(-limit) : rows.slice(0, limit)).map((f) =>
      ({ symbol: recording.symbol, fundingRate: f.rate, fundingTime: f.t, markPrice: '' }));
  }

  /* What is recorded, among listings that are no USDT perpetual in trading. */
  info(now) {
    const entry = (symbol, changes = {}) => ({ symbol, pair: symbol,
      contractType: 'PERPETUAL', status: 'TRADING', baseAsset: symbol.replace(/USD[TC].*/, ''),
      quoteAsset: 'USDT', marginAsset: 'USDT', pricePrecision: 2, quantityPrecision: 3,
      filters: [{ filterType: 'PRICE_FILTER', minPrice: '0.10', maxPrice: '10000000', tickSize: '0.10' },
        { filterType: 'LOT_SIZE', minQty: '0.001', maxQty: '1000', stepSize: '0.001' }], ...changes });
    return { timezone: 'UTC', serverTime: now, futuresType: 'U_MARGINED',
      rateLimits: [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2400 }],
      exchangeFilters: [], assets: [],
      symbols: [...[...this.recordings.keys()].map((s) => entry(s)),
        entry('BTCUSDT_251226', { pair: 'BTCUSDT', contractType: 'CURRENT_QUARTER' }),
        entry('BTCUSDC', { quoteAsset: 'USDC', marginAsset: 'USDC' }),
        entry('LUNAUSDT', { status: 'SETTLING' }),
        entry('TSLAUSDT', { contractType: 'TRADIFI_PERPETUAL' })] };
  }

  /* One symbol's object, or all as an array when none is named. */
  each(query, make, now) {
    if (query.has('symbol')) return make.call(this, this.recording(query), now);
    return [...this.recordings.values()].map((r) => make.call(this, r, now));
  }
}

const klinesWeight = (query) => {
  const limit = Number(query.get('limit') ?? 500);
  if (limit < 100) return 1;
  if (limit < 500) return 2;
  return limit <= 1000 ? 5 : 10;
};
const unless = (many) => (query) => (query.has('symbol') ? 1 : many);

/* path -> weight and answer(exchange, query, now); weight null: counted apart,
 * without the used-weight header. */
const ROUTES = {
  '/fapi/v1/ping': [() => 1, () => ({})],
  '/fapi/v1/time': [() => 1, (x, q, now) => ({ serverTime: now })],
  '/fapi/v1/klines': [klinesWeight, (x, q, now) => x.klines(q, now)],
  '/fapi/v1/ticker/24hr': [unless(40), (x, q, now) => x.each(q, x.ticker, now)],
  '/fapi/v1/openInterest': [() => 1, (x, q, now) => x.interest(x.recording(q), now)],
  '/fapi/v1/premiumIndex': [unless(10), (x, q, now) => x.each(q, x.premium, now)],
  '/fapi/v1/fundingRate': [null, (x, q, now) => x.fundingHistory(q, now)],
  '/fapi/v1/fundingInfo': [null, () => []],
  '/fapi/v1/exchangeInfo': [() => 1, (x, q, now) => x.info(now)],
  '/futures/data/openInterestHist': [null, (x, q, now) => x.interestHistory(q, now)],
  '/futures/data/globalLongShortAccountRatio': [null, (x, q, now) => x.accounts(q, now)],
};

const WORDS = {
  403: '<html><head><title>403 Forbidden</title></head><body>Forbidden</body></html>',
  418: (end) => JSON.stringify({ code: -1003, msg: `Way too many requests; IP(127.0.0.1) banned until ${end}. Please use the websocket for live updates to avoid bans.` }),
  429: () => JSON.stringify({ code: -1003, msg: 'Too many requests; current limit of IP(127.0.0.1) is 2400 requests per minute.' }),
  451: () => JSON.stringify({ code: 0, msg: "Service unavailable from a restricted location according to 'b. Eligibility' in the terms." }),
  500: () => JSON.stringify({ code: -1001, msg: 'Internal error; unable to process your request. Please try again.' }),
  503: () => JSON.stringify({ code: -1000, msg: 'Unknown error, please check your request or try again later.' }),
};

/* The same shape with every leaf of another type than it should have. */
function wrongTypes(value) {
  if (Array.isArray(value)) return value.map(wrongTypes);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, wrongTypes(v)]));
  }
  return typeof value === 'number' ? { not: 'a number' } : null;
}

/** Request weight in the running minute of the machine's clock, and bans. */
class Budget {
  constructor(limit, wallMs) {
    this.limit = limit;
    this.wallMs = wallMs;
    this.reset();
  }

  reset() {
    this.minute = -1;
    this.used = 0;
    this.most = 0;
    this.refused = 0;
    this.bannedUntil = 0;
  }

  /* Returns null, or {status, retryAfter} of a refusal. */
  spend(weight) {
    const now = this.wallMs();
    const minute = Math.floor(now / MINUTE);
    if (minute !== this.minute) Object.assign(this, { minute, used: 0, refused: 0 });
    this.used += weight;
    this.most = Math.max(this.most, this.used);
    if (now < this.bannedUntil) {
      return { status: 418, retryAfter: Math.ceil((this.bannedUntil - now) / 1000) };
    }
    if (!this.limit || this.used <= this.limit) return null;
    if (++this.refused > RETRY_AFTER_429_BECOMES_BAN) {
      this.bannedUntil = now + BAN_SECONDS * 1000;
      return { status: 418, retryAfter: BAN_SECONDS };
    }
    return { status: 429, retryAfter: Math.ceil(((minute + 1) * MINUTE - now) / 1000) };
  }
}

/** The server around an Exchange: clock, faults, weights, counting. */
export class StandIn {
  constructor({ recordings, clock = DEFAULT_CLOCK, speed = 1, weight = null }) {
    this.exchange = new Exchange(recordings);
    this.budget = new Budget(weight, Date.now);
    this.requests = [];
    this.faults = [];
    this.stalled = new Set();
    this.setClock(clock, speed);
    this.server = createServer((req, res) => this.#serve(req, res));
    this.sockets = new Set();
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => {});
    });
  }

  now() {
    return Math.floor(this.clock + (Date.now() - this.clockSet) * this.speed);
  }

  setClock(time, speed = this.speed) {
    this.clock = typeof time === 'number' ? time : Date.parse(time);
    if (!Number.isFinite(this.clock)) throw new Refusal(0, `no time: ${time}`);
    this.speed = speed;
    this.clockSet = Date.now();
  }

  /** Make a path fail; see the head of this file. */
  fault(fault) {
    this.faults.push({ times: Infinity, ...fault });
  }

  drop(what) {
    if (what !== 'open_interest') throw new Refusal(0, `cannot drop ${what}`);
    this.exchange.openInterest = false;
  }

  /** End every fault, drop and ban; stalled requests are cut. */
  clear() {
    this.faults = [];
    this.exchange.openInterest = true;
    this.budget.limit = null;
    this.budget.reset();
    for (const { res } of this.stalled) res.destroy();
    this.stalled.clear();
  }

  /** Let stalled requests have their answers after all. */
  release() {
    this.faults = this.faults.filter((f) => f.kind !== 'stall');
    for (const { answer } of this.stalled) answer();
    this.stalled.clear();
  }

  forget() {
    this.requests = [];
    this.budget.reset();
  }

  /** How many requests came, of one path or of all. */
  count(path = null) {
    return this.requests.filter((r) => path === null || r.path === path).length;
  }

  state() {
    const counts = {};
    for (const { path } of this.requests) counts[path] = (counts[path] ?? 0) + 1;
    return { clock: this.now(), speed: this.speed, counts, weight_used: this.budget.used,
      weight_most: this.budget.most, faults: this.faults, requests: this.requests };
  }

  listen(port = 0) {
    return new Promise((done, failed) => {
      this.server.once('error', failed);
      this.server.listen(port, '127.0.0.1', () => {
        this.port = this.server.address().port;
        this.url = `http://127.0.0.1:${this.port}`;
        done(this);
      });
    });
  }

  close() {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((done) => { this.server.close(done); });
  }

  #serve(req, res) {
    const url = new URL(req.url, 'http://stand.in');
    if (url.pathname === '/control') return this.#control(req, res);
    const now = this.now();
    const route = ROUTES[url.pathname];
    const weight = route?.[0] ? route[0](url.searchParams) : 0;
    const fault = this.faults.find((f) => f.times > 0 && (f.path === '*' || f.path === url.pathname) &&
      url.search.includes(f.match ?? ''));
    const seen = { path: url.pathname, query: url.search, weight, at: Date.now(), status: 0 };
    this.requests.push(seen);
    if (fault) fault.times--;
    const refused = this.budget.spend(weight);
    if (!route || route[0]) res.setHeader('X-MBX-USED-WEIGHT-1M', String(this.budget.used));
    const answer = this.#answer({ route, query: url.searchParams, now, fault, refused });
    seen.status = answer.status;
    return this.#send(req, res, now, answer, fault);
  }

  #answer({ route, query, now, fault, refused }) {
    const words = (status) => {
      const text = WORDS[status] ?? '';
      return typeof text === 'function' ? text(this.budget.bannedUntil || now + BAN_SECONDS * 1000) : text;
    };
    if (fault?.kind === 'status') {
      return { status: fault.status, body: fault.body ?? words(fault.status), retryAfter: fault.retry_after };
    }
    if (refused) return { ...refused, body: words(refused.status) };
    if (!route) return { status: 404, body: '<html><body>404 Not found</body></html>' };
    try {
      const value = route[1](this.exchange, query, now);
      return { status: 200, body: JSON.stringify(fault?.kind === 'types' ? wrongTypes(value) : value) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { status: error.status, body: JSON.stringify({ code: error.code, msg: error.message }) };
    }
  }

  #send(req, res, now, answer, fault) {
    const bodies = { garbage: '\u0000\u0001{"]]}{[[1,2,"\ufffd', empty: '', body: fault?.body,
      html: '<!doctype html><html><title>Maintenance</title><p>We will be back soon.</html>' };
    const text = fault && fault.kind in bodies ? bodies[fault.kind] : answer.body;
    if (fault?.kind === 'stall') {
      this.stalled.add({ res, answer: () => this.#send(req, res, now, answer, null) });
      return;
    }
    let body = Buffer.from(text);
    /* The exchange's clock, not the machine's. */
    res.setHeader('Date', new Date(now).toUTCString());
    res.setHeader('Content-Type', /^\s*</.test(text) ? 'text/html' : 'application/json;charset=UTF-8');
    if (answer.retryAfter !== undefined) res.setHeader('Retry-After', String(answer.retryAfter));
    if (/\bgzip\b/.test(req.headers['accept-encoding'] ?? '')) {
      body = gzipSync(body, { level: 1 });
      res.setHeader('Content-Encoding', 'gzip');
    }
    res.setHeader('Content-Length', body.length);
    res.writeHead(answer.status);
    if (fault?.kind === 'cut') {
      res.write(body.subarray(0, body.length >> 1), () => res.socket?.destroy());
    } else {
      res.end(body);
    }
  }

  #control(req, res) {
    let text = '';
    req.on('data', (chunk) => { text += chunk; });
    req.on('end', () => {
      let status = 200;
      let body;
      try {
        if (req.method === 'POST') this.command(JSON.parse(text));
        body = this.state();
      } catch (error) {
        status = 400;
        body = { error: error.message };
      }
      res.writeHead(status, { 'Content-Type': 'application/json' });
      res.end(JSON.stringify(body));
    });
  }

  /** What POST /control takes. */
  command(c) {
    if ('clear' in c) this.clear();
    if ('release' in c) this.release();
    if ('forget' in c) this.forget();
    if ('clock' in c) this.setClock(c.clock);
    if ('speed' in c) this.setClock(this.now(), c.speed);
    if ('fault' in c) this.fault(c.fault);
    if ('drop' in c) this.drop(c.drop);
    if ('ban' in c) this.budget.limit = c.ban;
  }
}

/**
 * Start a stand-in.
 *
 * @param {object} options  data (folder) or recordings; symbols; clock (ms or ISO
 *     text), speed, weight, port
 * @returns {Promise<StandIn>} listening; its url is the base URL; close() ends it
 */
export function startExchange({ data = null, recordings = null, symbols = ['BTCUSDT', 'ETHUSDT'],
  clock = DEFAULT_CLOCK, port = 0, ...options } = {}) {
  const until = typeof clock === 'number' ? clock : Date.parse(clock);
  const prices = { BTCUSDT: 100_000, ETHUSDT: 4_000, SOLUSDT: 200 };
  const made = recordings ?? symbols.map((symbol, i) => (data
    ? readRecording(data, symbol)
    : generateRecording({ symbol, seed: i + 1, until, price: prices[symbol] ?? 10,
      digits: (prices[symbol] ?? 10) > 50_000 ? 1 : 2 })));
  return new StandIn({ recordings: made, clock: until, ...options }).listen(port);
}

async function main(argv) {
  const options = {};
  for (let i = 0; i < argv.length; i += 2) {
    const name = argv[i].replace(/^--/, '');
    if (!['port', 'data', 'clock', 'speed', 'symbols', 'weight'].includes(name) || argv[i + 1] === undefined) {
      throw new Error(`exchange.mjs: ${argv[i]}: see the head of the file for the options`);
    }
    const text = argv[i + 1];
    options[name] = ['port', 'speed', 'weight'].includes(name) ? Number(text) : text;
  }
  if (options.symbols) options.symbols = options.symbols.split(',');
  const stand = await startExchange(options);
  process.stdout.write(`${stand.url}\n`);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => { stand.close().then(() => process.exit(0)); });
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(process.argv.slice(2)).catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  });
}
