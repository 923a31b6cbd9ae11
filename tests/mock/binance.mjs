/** Mock of Binance: USD-M futures, and what spot and COIN-M share with them. */
import { DAY, INTERVALS, MINUTE, Refusal, bucket, text, whole } from './market.mjs';

const PERIODS = ['5m', '15m', '30m', '1h', '2h', '4h', '6h', '12h', '1d'];
const malformed = (name) =>
  new Refusal(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
const invalid = (name) => new Refusal(-1130, `Data sent for parameter '${name}' is not valid.`);

/* --- what the three have in common ----------------------------------------------- */

/** The contract that a query's symbol names. */
export function named({ mock, query }) {
  const symbol = query.get('symbol');
  if (!symbol) throw malformed('symbol');
  return mock.contract(symbol, new Refusal(-1121, 'Invalid symbol.'));
}

/* limit and both time bounds of a list. */
function range(query, normal, most) {
  const from = whole(query, 'startTime', malformed);
  const to = whole(query, 'endTime', malformed);
  const limit = whole(query, 'limit', malformed) ?? normal;
  if (limit < 1) throw invalid('limit');
  if (from !== null && to !== null && from > to) throw new Refusal(-1023, 'Start time is greater than end time.');
  return { from, to, limit: Math.min(limit, most) };
}

/** Share of a candle whose taker bought. */
const bought = (c) => (c.c >= c.o ? 0.55 : 0.4);

/** Candles: without times the newest, with a start the oldest from it. */
export function klines({ query, now }, contract, most) {
  const interval = query.get('interval');
  if (!(interval in INTERVALS)) throw new Refusal(-1120, 'Invalid interval.');
  return contract.candles(interval, { now, ...range(query, 500, most) }).map((c) => {
    const [volume, other] = contract.inverse ? [c.contracts, (c.contracts * contract.unit) / c.c] : [c.base, c.quote];
    const [amount, worth] = contract.inverse ? [(x) => String(Math.round(x)), (x) => x.toFixed(8)]
      : [(x) => x.toFixed(3), (x) => x.toFixed(2)];
    return [c.t, String(c.o), String(c.h), String(c.l), String(c.c), amount(volume), bucket(interval, c.t)[1] - 1,
      worth(other), c.n, amount(bought(c) * volume), worth(bought(c) * other), '0'];
  });
}

/** 24 hours of one contract. */
export function ticker(contract, now) {
  const day = contract.day(now);
  if (!day) throw new Refusal(-1121, 'Invalid symbol.');
  const volume = contract.inverse ? { volume: String(day.contracts), baseVolume: (day.quote / day.c).toFixed(8) }
    : { volume: day.base.toFixed(3), quoteVolume: day.quote.toFixed(2) };
  return { symbol: contract.name, priceChange: (day.c - day.o).toFixed(2),
    priceChangePercent: (100 * (day.c - day.o) / day.o).toFixed(3),
    weightedAvgPrice: day.base ? text(day.quote / day.base, 2) : '0', lastPrice: String(day.c), lastQty: '0.001',
    openPrice: String(day.o), highPrice: String(day.h), lowPrice: String(day.l), ...volume,
    openTime: now - DAY, closeTime: now, firstId: 1, lastId: day.n, count: day.n };
}

export function premium(contract, now) {
  const price = String(contract.last(now));
  const { rate, next } = contract.funding(now);
  return { symbol: contract.name, markPrice: price, indexPrice: price, estimatedSettlePrice: price,
    lastFundingRate: rate ?? '', interestRate: '0.00010000', time: now, nextFundingTime: rate === null ? 0 : next };
}

export function interest(contract, now) {
  const found = contract.interest(now);
  if (!found) {
    throw new Refusal(-4108, 'Symbol is on delivering or delivered or settling or closed or pre-trading.');
  }
  return { symbol: contract.name, time: now,
    openInterest: contract.inverse ? String(found.contracts) : text(found.base, 3) };
}

/** /futures/data/ lists: one row a period, 30 days back at most. */
export function history({ query, now }, contract, what, show) {
  const period = query.get('period');
  if (!PERIODS.includes(period)) throw invalid('period');
  const { from, to, limit } = range(query, 30, 500);
  if (from !== null && from < now - 30 * DAY) throw new Refusal(-1130, "parameter 'startTime' is invalid.");
  return contract.history(period, { now, from: from ?? now - 30 * DAY, to: to ?? now, what,
    ...(from === null ? { last: limit } : { first: limit }) }).map((row) => ({ ...show(row), timestamp: row.t }));
}

export const accounts = (row) => ({ longShortRatio: row.ratio.toFixed(4),
  longAccount: (row.ratio / (1 + row.ratio)).toFixed(4), shortAccount: (1 / (1 + row.ratio)).toFixed(4) });

export function fundingHistory({ query, now }, contract) {
  const { from, to, limit } = range(query, 100, 1000);
  const rows = contract.recording.funding.filter((f) => f.t <= Math.min(now, to ?? now) && f.t >= (from ?? 0));
  return (from === null ? rows.slice(-limit) : rows.slice(0, limit)).map((f) =>
    ({ symbol: contract.name, fundingRate: f.rate, fundingTime: f.t, markPrice: '' }));
}

/** An entry of exchangeInfo. */
export function listed(contract, changes) {
  return { symbol: contract.name, pair: contract.name, contractType: 'PERPETUAL', baseAsset: contract.coin,
    pricePrecision: 2, quantityPrecision: 3,
    filters: [{ filterType: 'PRICE_FILTER', minPrice: '0.10', maxPrice: '10000000', tickSize: text(contract.tick) },
      { filterType: 'LOT_SIZE', minQty: '0.001', maxQty: '1000', stepSize: '0.001' }], ...changes };
}

/** Weight of klines by their limit, futures only. */
export function klinesWeight({ query }) {
  const limit = Number(query.get('limit') ?? 500);
  if (limit < 100) return 1;
  if (limit < 500) return 2;
  return limit <= 1000 ? 5 : 10;
}

const error = (code, msg) => JSON.stringify({ code, msg });
const banned = (end) => error(-1003, `Way too many requests; IP(127.0.0.1) banned until ${end}. Please use the websocket for live updates to avoid bans.`);
const tooMany = error(-1003, 'Too many requests; current limit of IP(127.0.0.1) is 2400 requests per minute.');

/** Weight pool, bans, error bodies and the used-weight header. */
export const common = {
  ban: { after: 5, ms: 120_000 },
  headers: (mock, costs) => (costs[0][0] === 'weight' ? { 'X-MBX-USED-WEIGHT-1M': mock.limits.used } : {}),
  refused: ({ status, code, message }) => ({ status, body: error(code, message) }),
  limited: (over, { mock }) => ({ status: over.banned ? 418 : 429, retryAfter: Math.ceil(over.resetMs / 1000),
    body: over.banned ? banned(mock.limits.bannedUntil) : tooMany }),
  failures: {
    403: '<html><head><title>403 Forbidden</title></head><body>Forbidden</body></html>',
    418: banned,
    429: tooMany,
    451: error(0, "Service unavailable from a restricted location according to 'b. Eligibility' in the terms."),
    500: error(-1001, 'Internal error; unable to process your request. Please try again.'),
    503: error(-1000, 'Unknown error, please check your request or try again later.'),
  },
};

export const spend = (weight) => (call) => [['weight', typeof weight === 'function' ? weight(call) : weight]];
export const unless = (many) => ({ query }) => (query.has('symbol') ? 1 : many);
/** One object of the symbol that is named, or all as an array. */
export const each = (make) => (call) => (call.query.has('symbol') ? make(named(call), call.now)
  : [...call.mock.contracts.values()].map((c) => make(c, call.now)));

/** Levels that an order book may have, and what they weigh. */
const DEPTHS = { 5: 2, 10: 2, 20: 2, 50: 2, 100: 5, 500: 10, 1000: 20 };

function depth({ query, now }, contract) {
  const limit = whole(query, 'limit', malformed) ?? 500;
  if (!(limit in DEPTHS)) throw new Refusal(-4021, `${limit} is not valid depth limit.`);
  const { bids, asks } = contract.book(now, limit);
  const level = (l) => [String(l.price), text(l.base, 3)];
  return { lastUpdateId: now, E: now, T: now - 9, bids: bids.map(level), asks: asks.map(level) };
}

/* --- USD-M ------------------------------------------------------------------------- */

const data = () => [['data', 1]];
const rates = () => [['rates', 1]];

/* What is recorded, among listings that are no USDT perpetual in trading. */
function info({ mock, now }) {
  const usdt = { status: 'TRADING', quoteAsset: 'USDT', marginAsset: 'USDT' };
  const real = [...mock.contracts.values()];
  const other = (symbol, changes) => ({ ...listed(real[0], usdt), symbol, pair: symbol,
    baseAsset: symbol.replace(/USD[TC].*/, ''), ...changes });
  return { timezone: 'UTC', serverTime: now, futuresType: 'U_MARGINED',
    rateLimits: [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2400 }],
    exchangeFilters: [], assets: [],
    symbols: [...real.map((c) => listed(c, { ...usdt, baseAsset: c.name.replace(/USDT$/, '') })),
      other('BTCUSDT_251226', { pair: 'BTCUSDT', contractType: 'CURRENT_QUARTER' }),
      other('BTCUSDC', { quoteAsset: 'USDC', marginAsset: 'USDC' }),
      other('LUNAUSDT', { status: 'SETTLING' }),
      other('TSLAUSDT', { contractType: 'TRADIFI_PERPETUAL' })] };
}

export const binance = {
  ...common,
  name: 'binance',
  pools: { weight: { limit: 2400, windowMs: MINUTE, aligned: true }, data: { limit: 1000, windowMs: 5 * MINUTE },
    rates: { limit: 500, windowMs: 5 * MINUTE } },
  contracts: (symbol) => [{ name: symbol, per: symbol.startsWith('1000') ? 1000 : 1 }],
  routes: {
    '/fapi/v1/ping': { costs: spend(1), answer: () => ({}) },
    '/fapi/v1/time': { costs: spend(1), answer: ({ now }) => ({ serverTime: now }) },
    '/fapi/v1/klines': { costs: spend(klinesWeight), answer: (call) => klines(call, named(call), 1500) },
    '/fapi/v1/ticker/24hr': { costs: spend(unless(40)), answer: each(ticker) },
    '/fapi/v1/depth': { costs: spend(({ query }) => DEPTHS[query.get('limit') ?? 500] ?? 2),
      answer: (call) => depth(call, named(call)) },
    '/fapi/v1/openInterest': { costs: spend(1), answer: (call) => interest(named(call), call.now) },
    '/fapi/v1/premiumIndex': { costs: spend(unless(10)), answer: each(premium) },
    '/fapi/v1/exchangeInfo': { costs: spend(1), answer: info },
    '/fapi/v1/fundingRate': { costs: rates, answer: (call) => fundingHistory(call, named(call)) },
    '/fapi/v1/fundingInfo': { costs: rates, answer: () => [] },
    '/futures/data/openInterestHist': { costs: data, answer: (call) => history(call, named(call), 'oi', (row) =>
      ({ symbol: call.query.get('symbol'), sumOpenInterest: text(row.base, 3), sumOpenInterestValue: text(row.usd, 2) })) },
    '/futures/data/globalLongShortAccountRatio': { costs: data, answer: (call) => history(call, named(call), 'ratio',
      (row) => ({ symbol: call.query.get('symbol'), ...accounts(row) })) },
  },
};

