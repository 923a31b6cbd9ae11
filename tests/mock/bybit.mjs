/** Mock of Bybit v5: linear and inverse perpetuals; lists are newest first, every value is a string. */
import { Refusal, coinOf, text, whole } from './market.mjs';

const INTERVALS = { 1: '1m', 3: '3m', 5: '5m', 15: '15m', 30: '30m', 60: '1h', 120: '2h', 240: '4h', 360: '6h',
  720: '12h', D: '1d', W: '1w', M: '1M' };
const PERIODS = { '5min': '5m', '15min': '15m', '30min': '30m', '1h': '1h', '4h': '4h', '1d': '1d' };
const BANNED_MS = 600_000;

const wrong = (what) => new Refusal(10001, `params error: ${what}`, 200);

function named({ mock, query }) {
  const contract = mock.contract(query.get('symbol'), new Refusal(10001, 'Not supported symbols', 200));
  if (contract.inverse !== (query.get('category') === 'inverse')) throw new Refusal(10001, 'Not supported symbols', 200);
  return contract;
}

function limit(query, normal, most) {
  const n = whole(query, 'limit', wrong) ?? normal;
  if (n < 1 || n > most) throw wrong('Limit Invalid');
  return n;
}

/* The newest rows of [start, end]. */
function klines(call) {
  const { query, now } = call;
  const contract = named(call);
  const interval = INTERVALS[query.get('interval')];
  if (!interval) throw wrong('Invalid period!');
  const from = whole(query, 'start', wrong) ?? 0;
  const to = whole(query, 'end', wrong) ?? now;
  const list = contract.newest(interval, { now, from, to, limit: limit(query, 200, 1000) }).reverse().map((c) => {
    const sizes = contract.inverse ? [c.contracts * contract.unit, c.contracts * contract.unit / c.c] : [c.base, c.quote];
    return [c.t, c.o, c.h, c.l, c.c, ...sizes].map((x) => text(x));
  });
  return { category: query.get('category'), symbol: contract.name, list };
}

/* Both sides of the open interest, one side, and their values. */
function positions(contract, found) {
  const amount = contract.inverse ? found.contracts * contract.unit : found.base;
  return { openInterest: text(2 * amount), openInterestValue: text(2 * (contract.inverse ? found.base : found.usd), 4),
    singleOpenInterest: text(amount), singleOpenInterestValue: text(contract.inverse ? found.base : found.usd, 4) };
}

function ticker(contract, now) {
  const day = contract.day(now);
  const found = contract.interest(now);
  const { rate, next } = contract.funding(now);
  const none = { openInterest: '', openInterestValue: '', singleOpenInterest: '', singleOpenInterestValue: '' };
  return { symbol: contract.name, lastPrice: text(day.c), indexPrice: text(day.c), markPrice: text(day.c),
    prevPrice24h: text(day.o), price24hPcnt: text((day.c - day.o) / day.o, 6), highPrice24h: text(day.h),
    lowPrice24h: text(day.l), turnover24h: text(contract.inverse ? day.quote / day.c : day.quote, 4),
    volume24h: text(contract.inverse ? day.quote : day.base, 3), ...(found ? positions(contract, found) : none),
    fundingRate: rate ?? '', nextFundingTime: rate === null ? '0' : String(next), fundingIntervalHour: '8',
    fundingCap: '0.005', bid1Price: text(day.c), ask1Price: text(day.c) };
}

/* A list of [startTime, endTime], newest first, with a cursor where there is more. */
function list(call, normal, most, period, what, show) {
  const { query, now } = call;
  const contract = named(call);
  if (!PERIODS[period]) throw wrong('Invalid interval');
  const from = whole(query, 'startTime', wrong) ?? 0;
  const to = Math.min(whole(query, 'endTime', wrong) ?? now, whole(query, 'cursor', wrong) ?? now);
  const n = limit(query, normal, most);
  const rows = contract.history(PERIODS[period], { now, from, to, what, last: n + 1 }).reverse();
  return { category: query.get('category'), symbol: contract.name, list: rows.slice(0, n).map((row) => show(row, contract)),
    nextPageCursor: rows.length > n ? String(rows[n].t) : '' };
}

const interestHistory = (call) => list(call, 50, 200, call.query.get('intervalTime'), 'oi', (row, c) => {
  const { openInterest, singleOpenInterest } = positions(c, row);
  return { openInterest, singleOpenInterest, timestamp: String(row.t) };
});

const accounts = (call) => list(call, 50, 500, call.query.get('period'), 'ratio', (row, c) => ({ symbol: c.name,
  buyRatio: (row.ratio / (1 + row.ratio)).toFixed(4), sellRatio: (1 / (1 + row.ratio)).toFixed(4), timestamp: String(row.t) }));

function fundingHistory(call) {
  const { query, now } = call;
  if (query.has('startTime') && !query.has('endTime')) throw wrong('endTime is required');
  const [from, to] = [whole(query, 'startTime', wrong) ?? 0, whole(query, 'endTime', wrong) ?? now];
  const { recording, name } = named(call);
  const rows = recording.funding.filter((f) => f.t >= from && f.t <= Math.min(to, now)).reverse();
  return { category: query.get('category'), list: rows.slice(0, limit(query, 200, 200)).map((f) =>
    ({ symbol: name, fundingRate: f.rate, fundingRateTimestamp: String(f.t) })) };
}

const category = ({ mock, query }) => [...mock.contracts.values()]
  .filter((c) => c.inverse === (query.get('category') === 'inverse'));

/* Pages with a cursor; a dated future among them. */
function instruments(call) {
  const { mock, query } = call;
  if (!['linear', 'inverse'].includes(query.get('category'))) throw wrong('Illegal category');
  const all = (query.has('symbol') ? [named(call)] : category(call)).map((c) => ({ symbol: c.name,
    contractType: c.inverse ? 'InversePerpetual' : 'LinearPerpetual', status: 'Trading', baseCoin: c.name.replace(/USDT?$/, ''),
    quoteCoin: c.inverse ? 'USD' : 'USDT', settleCoin: c.inverse ? c.coin : 'USDT', launchTime: '1585526400000',
    deliveryTime: '0', priceScale: '2', leverageFilter: { minLeverage: '1', maxLeverage: text(c.leverage.max, 2), leverageStep: '0.01' },
    priceFilter: { minPrice: text(c.tick), maxPrice: '1999999.8', tickSize: text(c.tick) },
    lotSizeFilter: { qtyStep: '0.001', minOrderQty: '0.001', maxOrderQty: '1190' }, fundingInterval: 480 }));
  if (!query.has('symbol') && all.length) {
    all.push({ ...all[0], symbol: 'BTC-26DEC25', contractType: all[0].contractType.replace('Perpetual', 'Futures') });
  }
  const from = whole(query, 'cursor', wrong) ?? 0;
  const n = Math.min(limit(query, 500, 1000), mock.rows.instruments ?? 1000);
  return { category: query.get('category'), list: all.slice(from, from + n),
    nextPageCursor: from + n < all.length ? String(from + n) : '' };
}

const riskLimits = (call) => ({ category: call.query.get('category'), nextPageCursor: '',
  list: (call.query.has('symbol') ? [named(call)] : category(call).slice(0, 15)).flatMap((c) => [1, 2].map((id) => ({ id, symbol: c.name,
    riskLimitValue: String(2_000_000 * id), maintenanceMargin: text(c.leverage.maintenance * id),
    initialMargin: text(id / c.leverage.max), isLowestRisk: id === 1 ? 1 : 0, maxLeverage: text(c.leverage.max / id, 2), mmDeduction: '' }))) });

/* At most 500 levels of futures, "b" the bids. */
function orderbook(call) {
  const contract = named(call);
  const { bids, asks } = contract.book(call.now, limit(call.query, 25, 500));
  const level = (l) => [text(l.price), contract.inverse ? String(l.contracts) : text(l.base, 3)];
  return { s: contract.name, b: bids.map(level), a: asks.map(level), ts: call.now, u: 18521288, seq: 7961638724, cts: call.now - 9 };
}

const costs = () => [['requests', 1]];
const route = (answer) => ({ costs, answer });
const envelope = (retCode, retMsg, result, time) => ({ retCode, retMsg, result, retExtInfo: {}, time });
const frequent = 'access too frequent';

export const bybit = {
  name: 'bybit',
  pools: { requests: { limit: 600, windowMs: 5000 } },
  ban: { after: 0, ms: BANNED_MS },
  contracts: (symbol) => {
    const [coin, bundle] = coinOf(symbol);
    const spelled = symbol === '1000SHIBUSDT' ? 'SHIB1000USDT' : symbol;
    const linear = { name: spelled, per: bundle };
    return bundle === 1 ? [linear, { name: `${coin}USD`, inverse: true, unit: 1 }] : [linear];
  },
  routes: {
    '/v5/market/time': route(({ now }) => ({ timeSecond: String(Math.floor(now / 1000)), timeNano: `${now}000000` })),
    '/v5/market/kline': route(klines),
    '/v5/market/orderbook': route(orderbook),
    '/v5/market/tickers': route((call) => ({ category: call.query.get('category'),
      list: (call.query.has('symbol') ? [named(call)] : category(call)).map((c) => ticker(c, call.now)) })),
    '/v5/market/open-interest': route(interestHistory),
    '/v5/market/account-ratio': route(accounts),
    '/v5/market/funding/history': route(fundingHistory),
    '/v5/market/instruments-info': route(instruments),
    '/v5/market/risk-limit': route(riskLimits),
  },
  body: (value, { now }) => envelope(0, 'OK', value, now),
  refused: ({ status, code, message }, { now }) => ({ status, body: JSON.stringify(envelope(code, message, {}, now)) }),
  limited: () => ({ status: 403, body: frequent }),
  failures: { 403: frequent, 429: JSON.stringify(envelope(10429, 'System protection', {}, 0)),
    451: 'The Amazon CloudFront distribution is configured to block access from your country.',
    500: JSON.stringify(envelope(10016, 'Server error.', {}, 0)), 503: '<html><body>503 Service Unavailable</body></html>' },
};

