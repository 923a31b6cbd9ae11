/** Mock of KuCoin futures: bare numbers, sizes in lots, candles without trades left out. */
import { HOUR, Refusal, coinOf, text, whole } from './market.mjs';

const GRANULARITIES = { 1: '1m', 5: '5m', 15: '15m', 30: '30m', 60: '1h', 120: '2h', 240: '4h', 480: '8h', 720: '12h',
  1440: '1d', 10080: '1w' };
const PERIODS = { '5min': '5m', '15min': '15m', '30min': '30m', '1hour': '1h', '4hour': '4h', '1day': '1d' };
const MOST_ROWS = 500;
const COINS_PER_LOT = { BTC: 0.001, ETH: 0.01, SOL: 0.1 };

const wrong = (name) => new Refusal('400100', `Invalid ${name}`, 200);
const unknown = new Refusal('100003', 'The contract does not exist.', 200);
const number = (x, digits = 8) => Number(text(x, digits));

const named = ({ mock, query, path }, name = query.get('symbol') ?? path.split('/').find((p) => p.endsWith('M'))) =>
  mock.contract(name, unknown);

/* Of too long a range the first rows only. */
function candles(call) {
  const { query, now } = call;
  const contract = named(call);
  const interval = GRANULARITIES[query.get('granularity')];
  if (!interval) throw wrong('granularity');
  const [from, to] = [whole(query, 'from', wrong), whole(query, 'to', wrong)];
  const range = { now, from: from ?? 0, to: to ?? now, limit: from === null ? MOST_ROWS : Infinity };
  return contract.newest(interval, range).filter((c) => c.contracts > 0).slice(0, MOST_ROWS)
    .map((c) => [c.t, c.o, c.h, c.l, c.c, c.contracts]);
}

function contract(c, now) {
  const day = c.day(now);
  const found = c.interest(now);
  const { rate, next } = c.funding(now);
  const coin = c.coin === 'BTC' ? 'XBT' : c.name.replace(/USDTM$/, '');
  return { symbol: c.name, rootSymbol: 'USDT', type: 'FFWCSX', baseCurrency: coin, quoteCurrency: 'USDT', settleCurrency: 'USDT',
    lotSize: 1, tickSize: number(c.tick), multiplier: c.unit, initialMargin: number(1 / c.leverage.max),
    maintainMargin: c.leverage.maintenance, maxLeverage: c.leverage.max, isInverse: false, status: 'Open', expireDate: null,
    fundingFeeRate: rate === null ? null : Number(rate), predictedFundingFeeRate: null, fundingRateGranularity: 8 * HOUR,
    openInterest: found ? String(found.contracts) : null, turnoverOf24h: number(day.quote, 4), volumeOf24h: number(day.base, 4),
    markPrice: day.c, indexPrice: day.c, lastTradePrice: day.c, nextFundingRateTime: next - now, lowPrice: day.l, highPrice: day.h,
    priceChg: number(day.c - day.o), priceChgPct: number((day.c - day.o) / day.o, 4) };
}

function active({ mock, now }) {
  const out = [...mock.contracts.values()].map((c) => contract(c, now));
  if (out.length) {
    out.push({ ...out[0], symbol: 'XBTUSDM', isInverse: true, multiplier: -1, quoteCurrency: 'USD', settleCurrency: 'XBT' },
      { ...out[0], symbol: 'LUNAUSDTM', baseCurrency: 'LUNA', status: 'BeingSettled' });
  }
  return out;
}

function interestHistory(call) {
  const { query, now } = call;
  const period = PERIODS[query.get('interval')];
  if (!period) throw wrong('interval');
  const [from, to] = [whole(query, 'startAt', wrong) ?? 0, whole(query, 'endAt', wrong) ?? now];
  return named(call).history(period, { now, from, to, last: whole(query, 'pageSize', wrong) ?? 30 }).reverse()
    .map((row) => ({ openInterest: String(row.contracts), ts: row.t }));
}

function funding(call) {
  const { rate, next } = named(call).funding(call.now);
  return { symbol: `.${named(call).name}FPI8H`, granularity: 8 * HOUR, timePoint: next - 8 * HOUR, value: Number(rate ?? 0),
    predictedValue: Number(rate ?? 0) };
}

/* Sizes in lots; ts in nanoseconds. */
function book(call, levels) {
  const contract = named(call);
  const { bids, asks } = contract.book(call.now, levels);
  const level = (l) => [l.price, l.contracts];
  return { symbol: contract.name, sequence: 1697895963339, asks: asks.map(level), bids: bids.map(level), ts: call.now * 1e6 };
}

/* [weight in the public pool, answer] */
const ENDPOINTS = {
  '/api/v1/kline/query': [3, candles],
  '/api/v1/contracts/active': [3, active],
  '/api/v1/contracts/*': [3, (call) => contract(named(call), call.now)],
  '/api/v1/level2/snapshot': [3, (call) => book(call, 2000)],
  '/api/v1/level2/depth100': [5, (call) => book(call, 100)],
  '/api/v1/ticker': [2, (call) => ({ sequence: 1001, symbol: named(call).name, side: 'buy', size: 1,
    price: text(named(call).last(call.now)), ts: call.now * 1e6 })],
  '/api/v1/mark-price/*': [3, (call) => ({ symbol: named(call).name, granularity: 1000, timePoint: call.now,
    value: named(call).last(call.now), indexPrice: named(call).last(call.now) })],
  '/api/v1/funding-rate/*': [2, funding],
  '/api/v1/contract/funding-rates': [5, (call) => named(call).recording.funding.filter((f) => f.t <= call.now).slice(-100)
    .reverse().map((f) => ({ symbol: named(call).name, fundingRate: Number(f.rate), timepoint: f.t }))],
  '/api/ua/v1/market/open-interest': [10, interestHistory],
  '/api/v1/timestamp': [2, ({ now }) => now],
  '/api/v1/status': [4, () => ({ status: 'open', msg: 'upgrade match engine' })],
};

const error = (code, msg) => JSON.stringify({ code, msg });
const tooMany = error('429000', 'Too many requests in a short period of time, please retry later');

export const kucoin = {
  name: 'kucoin',
  pools: { public: { limit: 2000, windowMs: 30_000 } },
  contracts: (symbol) => {
    const [coin, bundle] = coinOf(symbol);
    return [{ name: `${coin === 'BTC' ? 'XBT' : symbol.replace(/USDT$/, '')}USDTM`, per: bundle, unit: COINS_PER_LOT[coin] ?? 1 }];
  },
  endpoint: (path) => path.replace(/^(\/api\/v1\/(contracts|mark-price|funding-rate))\/(?!active$).*/, '$1/*'),
  routes: Object.fromEntries(Object.entries(ENDPOINTS).map(([path, [weight, answer]]) =>
    [path, { costs: () => [['public', weight]], answer }])),
  body: (data) => ({ code: '200000', data }),
  headers: (mock) => ({ 'gw-ratelimit-limit': 2000, 'gw-ratelimit-remaining': Math.max(0, 2000 - mock.limits.used),
    'gw-ratelimit-reset': mock.limits.main.resetMs(Date.now()) }),
  refused: ({ status, code, message }) => ({ status, body: error(code, message) }),
  limited: () => ({ status: 429, body: tooMany }),
  failures: { 403: error('400500', 'Your located country/region is currently not supported for the trading of this token.'),
    429: tooMany, 451: error('40010', 'Unavailable to proxy'), 500: error('500000', 'Internal Server Error'),
    503: '<html><body>503 Service Temporarily Unavailable</body></html>' },
};
