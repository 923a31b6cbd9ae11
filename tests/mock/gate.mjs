/** Mock of Gate v4, USDT futures: no envelope, times in seconds, sizes in contracts. */
import { HOUR, INTERVALS, Refusal, bucket, coinOf, text, whole } from './market.mjs';

const SPELLED = { '1m': '1m', '5m': '5m', '15m': '15m', '30m': '30m', '1h': '1h', '4h': '4h', '8h': '8h', '1d': '1d', '7d': '1w',
  '30d': '1M' };
const PERIODS = ['5m', '15m', '30m', '1h', '4h', '1d'];
const PERIOD_ROWS = 100;
const POINTS = 2000;
const NEWEST_ROWS = 10_000;
const COINS_PER_CONTRACT = { BTC: 0.0001, ETH: 0.01 };

const wrong = (message) => new Refusal('INVALID_PARAM_VALUE', message);
const malformed = (name) => wrong(`Invalid ${name}`);
const seconds = (ms) => Math.floor(ms / 1000);

function named({ mock, query }, name = query.get('contract')) {
  if (!name) throw new Refusal('MISSING_REQUIRED_PARAM', 'Missing required parameter: contract');
  return mock.contract(name, new Refusal('CONTRACT_NOT_FOUND', `contract ${name} not found`));
}

/* With from and to all of it, with a limit the newest; never both. */
function candles(call) {
  const { query, now } = call;
  const contract = named(call);
  const interval = SPELLED[query.get('interval') ?? '5m'];
  if (!interval) throw malformed('interval');
  const [from, to] = [whole(query, 'from', malformed), whole(query, 'to', malformed)];
  const limit = whole(query, 'limit', malformed);
  if (limit !== null && (from !== null || to !== null)) throw wrong('limit is not allowed together with from or to');
  if (limit !== null && (limit < 1 || limit > POINTS)) throw malformed('limit');
  if (from === null) {
    return contract.newest(interval, { now, to: to === null ? now : to * 1000, limit: limit ?? 100 }).map((c) => row(c));
  }
  if (from * 1000 < bucket(interval, now)[0] - (NEWEST_ROWS - 1) * INTERVALS[interval]) {
    throw wrong('Candlestick too long ago. Maximum 10000 points ago are allowed');
  }
  const chosen = contract.newest(interval, { now, from: from * 1000, to: to === null ? now : to * 1000, limit: POINTS + 1 });
  if (chosen.length > POINTS) throw wrong(`Candlestick range too broad. Maximum ${POINTS} data points are allowed per request`);
  return chosen.map((c) => row(c));
}

const row = (c) => ({ t: seconds(c.t), v: c.contracts, c: text(c.c), h: text(c.h), l: text(c.l), o: text(c.o), sum: text(c.quote, 4) });

function ticker(contract, now) {
  const day = contract.day(now);
  const found = contract.interest(now);
  const p = text(day.c);
  return { contract: contract.name, last: p, low_24h: text(day.l), high_24h: text(day.h),
    change_percentage: text(100 * (day.c - day.o) / day.o, 2), total_size: found ? String(found.contracts) : '',
    volume_24h: String(day.contracts), volume_24h_base: text(day.base, 4), volume_24h_quote: text(day.quote, 4),
    volume_24h_settle: text(day.quote, 4), mark_price: p, funding_rate: contract.funding(now).rate ?? '',
    funding_rate_indicative: contract.funding(now).rate ?? '', index_price: p, highest_bid: p, lowest_ask: p,
    quanto_base_rate: '' };
}

/* The oldest rows from `from`, else the newest. */
function stats(call) {
  const { query, now } = call;
  const contract = named(call);
  const period = query.get('interval') ?? '5m';
  if (!PERIODS.includes(period)) throw malformed('interval');
  const limit = Math.min(whole(query, 'limit', malformed) ?? 30, PERIOD_ROWS);
  const from = whole(query, 'from', malformed);
  const all = contract.history(period, { now, from: (from ?? 0) * 1000, what: 'ratio',
    ...(from === null ? { last: limit } : { first: limit }) });
  return all.map((r) => ({ time: seconds(r.t), lsr_taker: 1,
    lsr_account: Number(r.ratio.toFixed(4)), long_liq_size: 0, long_liq_amount: 0, long_liq_usd: 0, short_liq_size: 0,
    short_liq_amount: 0, short_liq_usd: 0, open_interest: call.mock.openInterest ? r.contracts : 0,
    open_interest_usd: call.mock.openInterest ? Number(r.usd.toFixed(2)) : 0, top_lsr_account: 1, top_lsr_size: 1, mark_price: r.price }));
}

function contract(c, now) {
  const { rate, next } = c.funding(now);
  const found = c.interest(now);
  const p = text(c.last(now));
  return { name: c.name, type: 'direct', quanto_multiplier: text(c.unit), maintenance_rate: text(c.leverage.maintenance),
    leverage_min: '1', leverage_max: text(c.leverage.max), mark_type: 'index', last_price: p, mark_price: p, index_price: p,
    order_price_round: text(c.tick), mark_price_round: text(c.tick), funding_rate: rate ?? '', funding_rate_indicative: rate ?? '',
    funding_interval: 8 * HOUR / 1000, funding_next_apply: seconds(next), in_delisting: false, status: 'trading',
    enable_decimal: false, position_size: found?.contracts ?? 0, risk_limit_base: '1000000', order_size_min: 1 };
}

function contracts({ mock, now }) {
  const out = [...mock.contracts.values()].map((c) => contract(c, now));
  if (out.length) out.push({ ...out[0], name: 'LUNA_USDT', in_delisting: true, status: 'delisting' });
  return out;
}

const tiers = (call) => {
  const { name, leverage } = named(call);
  return [1, 2, 3].map((n) => ({ tier: n, risk_limit: String(500_000 * n), initial_rate: text(n / leverage.max),
    maintenance_rate: text(leverage.maintenance * n), leverage_max: text(leverage.max / n, 2), deduction: '0', contract: name }));
};

const BOOK_ROWS = 300;

function orderBook(call) {
  const limit = whole(call.query, 'limit', malformed) ?? 10;
  if (limit > BOOK_ROWS) throw new Refusal('TOO_BIG', `limit must be at most ${BOOK_ROWS}`);
  const { bids, asks } = named(call).book(call.now, limit);
  const level = (l) => ({ p: text(l.price), s: l.contracts });
  return { current: call.now / 1000, update: (call.now - 9) / 1000, asks: asks.map(level), bids: bids.map(level) };
}

const HOUR_S = 3600;

/* What a test put there: {t, size, price}. */
function liquidations(call) {
  const { query, mock } = call;
  const { name } = named(call);
  const [from, to] = [whole(query, 'from', malformed) ?? 0, whole(query, 'to', malformed) ?? seconds(call.now)];
  if (to - from > HOUR_S || (whole(query, 'limit', malformed) ?? 100) > 1000) throw malformed('from');
  return (mock.liquidations ?? []).filter(({ t }) => seconds(t) >= from && seconds(t) <= to).map(({ t, size, price }) => ({
    time: seconds(t), contract: name, size, order_size: -size, order_price: text(price), fill_price: text(price), left: 0 }));
}

const futures = '/futures/usdt';
const ENDPOINTS = {
  [`${futures}/candlesticks`]: candles,
  [`${futures}/tickers`]: (call) => (call.query.has('contract') ? [ticker(named(call), call.now)]
    : [...call.mock.contracts.values()].map((c) => ticker(c, call.now))),
  [`${futures}/contract_stats`]: stats,
  [`${futures}/order_book`]: orderBook,
  [`${futures}/liq_orders`]: liquidations,
  [`${futures}/contracts`]: contracts,
  [`${futures}/contracts/*`]: (call) => contract(named(call, call.path.split('/').pop()), call.now),
  [`${futures}/risk_limit_tiers`]: tiers,
  [`${futures}/funding_rate`]: (call) => named(call).recording.funding.filter((f) => f.t <= call.now)
    .slice(-(whole(call.query, 'limit', malformed) ?? 100)).reverse().map((f) => ({ t: seconds(f.t), r: f.rate })),
  '/spot/time': ({ now }) => ({ server_time: now }),
};

const error = (label, message) => JSON.stringify({ label, message });
const tooMany = error('TOO_MANY_REQUESTS', 'Request Rate limit Exceeded (200/10s)');

export const gate = {
  name: 'gate',
  prefix: '/api/v4',
  pools: Object.fromEntries(Object.keys(ENDPOINTS).map((path) => [path, { limit: 200, windowMs: 10_000 }])),
  contracts: (symbol) => {
    const [coin, bundle] = coinOf(symbol);
    return [{ name: `${coin}_USDT`, per: 1, unit: bundle > 1 ? 10_000_000 : COINS_PER_CONTRACT[coin] ?? 1 }];
  },
  endpoint: (path) => path.replace(/^(\/futures\/usdt\/contracts)\/.*/, '$1/*'),
  routes: Object.fromEntries(Object.entries(ENDPOINTS).map(([path, answer]) => [path, { costs: () => [[path, 1]], answer }])),
  headers: (mock, [[pool]]) => ({ 'X-Gate-RateLimit-Limit': 200,
    'X-Gate-RateLimit-Requests-Remain': Math.max(0, 200 - (mock.limits.pools[pool]?.used ?? 0)),
    'X-Gate-RateLimit-Reset-Timestamp': seconds(Date.now()) + 10 }),
  refused: ({ status, code, message }) => ({ status, body: error(code, message) }),
  limited: () => ({ status: 429, body: tooMany }),
  failures: { 403: error('FORBIDDEN', 'forbidden'), 429: tooMany, 451: error('FORBIDDEN', 'not available in your region'),
    500: error('SERVER_ERROR', 'Internal server error'), 503: error('TOO_BUSY', 'Service is temporarily unavailable') },
};
