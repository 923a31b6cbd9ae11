/** Mock of Hyperliquid: one POST endpoint, whose body names what is wanted; no history but candles, no time endpoint. */
import { INTERVALS, MINUTE, Refusal, bucket, coinOf, text } from './market.mjs';

const NEWEST_ROWS = 5000;
const SUPPORTED = ['1m', '3m', '5m', '15m', '30m', '1h', '2h', '4h', '8h', '12h', '1d', '3d', '1w', '1M'];
const LEVERAGE = { BTC: 40, ETH: 25, SOL: 20 };
const SIGNIFICANT = 5;

const malformed = new Refusal(422, 'Failed to deserialize the JSON body into the target type', 422);

/* Five significant digits; integers whole. */
function price(x) {
  const digits = Math.max(0, SIGNIFICANT - 1 - Math.floor(Math.log10(x)));
  return Math.min(digits, 6) === 0 ? `${Math.round(x)}.0` : x.toFixed(Math.min(digits, 6));
}

function candles({ mock, posted, now }) {
  const { coin, interval, startTime, endTime } = posted.req ?? {};
  if (!SUPPORTED.includes(interval) || typeof coin !== 'string' || !Number.isInteger(startTime)) throw malformed;
  const contract = mock.contract(coin, new Refusal(500, 'null', 500));
  const oldest = bucket(interval, now)[0] - (NEWEST_ROWS - 1) * INTERVALS[interval];
  return contract.newest(interval, { now, from: Math.max(startTime, oldest), to: endTime ?? now, limit: NEWEST_ROWS })
    .map((c) => ({ t: c.t, T: c.t + INTERVALS[interval] - 1,
      s: coin, i: interval, o: price(c.o), c: price(c.c), h: price(c.h), l: price(c.l), v: text(c.base, 5), n: c.n }));
}

const listed = ({ mock }) => [...mock.contracts.values()];
/* The order of the universe is not the order of anything else. */
const universe = (call) => [...listed(call).reverse().map((c, i) => ({ szDecimals: 5, name: c.name, maxLeverage: c.leverage.max,
  marginTableId: 50 + i })), { szDecimals: 2, name: 'LUNA', maxLeverage: 3, marginTableId: 3, isDelisted: true }];

const meta = (call) => ({ universe: universe(call), marginTables: listed(call).reverse().map((c, i) => [50 + i,
  { description: `tiered ${c.leverage.max}x`, marginTiers: [{ lowerBound: '0.0', maxLeverage: c.leverage.max },
    { lowerBound: '150000000.0', maxLeverage: c.leverage.max / 2 }] }]), collateralToken: 0 });

function context(contract, now) {
  const day = contract.day(now);
  const found = contract.interest(now);
  const p = price(day.c);
  return { funding: text(Number(contract.funding(now).rate ?? 0) / 8, 10), openInterest: found ? text(found.base, 5) : '0.0',
    prevDayPx: price(day.o), dayNtlVlm: text(day.quote, 4), premium: '0.0', oraclePx: p, markPx: p, midPx: p,
    impactPxs: [p, p], dayBaseVlm: text(day.base, 5) };
}

const contexts = (call) => [meta(call), [...listed(call).reverse().map((c) => context(c, call.now)),
  { funding: '0.0', openInterest: '0.0', prevDayPx: '1.0', dayNtlVlm: '0.0', premium: null, oraclePx: '1.0', markPx: '1.0',
    midPx: null, impactPxs: null, dayBaseVlm: '0.0' }]];

function fundingHistory({ mock, posted, now }) {
  const { recording } = mock.contract(posted.coin, new Refusal(500, 'null', 500));
  return recording.funding.filter((f) => f.t >= (posted.startTime ?? 0) && f.t <= Math.min(now, posted.endTime ?? now)).slice(0, 500)
    .map((f) => ({ coin: posted.coin, fundingRate: f.rate, premium: '0.0', time: f.t }));
}

/* Twenty levels a side; levels of one rounded price are one level. */
function l2Book({ mock, posted, now }) {
  const contract = mock.contract(posted.coin, new Refusal(500, 'null', 500));
  const { nSigFigs = null, mantissa = 1 } = posted;
  if (![null, 2, 3, 4, 5].includes(nSigFigs) || (mantissa !== 1 && nSigFigs !== 5)) throw malformed;
  const { bids, asks } = contract.book(now, 2000);
  const side = (levels, round) => {
    const out = new Map();
    for (const { price: p, base } of levels) {
      const step = nSigFigs === null ? contract.tick : mantissa * 10 ** (Math.floor(Math.log10(p)) + 1 - nSigFigs);
      const px = Number((round(p / step) * step).toPrecision(12));
      const level = out.get(px) ?? { px: text(px), sz: 0, n: 0 };
      out.set(px, Object.assign(level, { sz: level.sz + base, n: level.n + 1 }));
    }
    return [...out.values()].slice(0, 20).map((l) => ({ ...l, sz: text(l.sz, 5) }));
  };
  return { coin: contract.name, time: now, levels: [side(bids, Math.floor), side(asks, Math.ceil)] };
}

/* [weight, rows for one more weight, answer] */
const CALLS = {
  candleSnapshot: [20, 60, candles],
  metaAndAssetCtxs: [20, Infinity, contexts],
  meta: [20, Infinity, meta],
  fundingHistory: [20, 20, fundingHistory],
  l2Book: [2, Infinity, l2Book],
  exchangeStatus: [2, Infinity, ({ now }) => ({ time: now, specialStatuses: null })],
  allMids: [2, Infinity, (call) => Object.fromEntries(listed(call).map((c) => [c.name, price(c.last(call.now))]))],
};

export const hyperliquid = {
  name: 'hyperliquid',
  pools: { weight: { limit: 1200, windowMs: MINUTE } },
  contracts: (symbol) => {
    const [coin, bundle] = coinOf(symbol);
    const max = LEVERAGE[coin] ?? 10;
    return [{ name: bundle > 1 ? `k${coin}` : coin, per: bundle, leverage: { max, maintenance: 1 / (2 * max) } }];
  },
  endpoint: (path, posted) => (path === '/info' ? posted?.type ?? path : path),
  routes: Object.fromEntries(Object.entries(CALLS).map(([type, [weight, rows, answer]]) => [type, { answer,
    costs: (call, value) => [['weight', weight + Math.ceil((Array.isArray(value) ? value.length : 0) / rows)]] }])),
  route: (path) => (path === '/info' ? { costs: () => [['weight', 20]], answer: () => { throw malformed; } } : undefined),
  refused: ({ status, message }) => ({ status, body: message }),
  limited: () => ({ status: 429, body: 'null' }),
  failures: { 403: '<html><body>403 Forbidden</body></html>', 429: 'null', 451: '<html><body>451</body></html>', 500: 'null',
    503: '<html><body>503 Service Temporarily Unavailable</body></html>' },
};

