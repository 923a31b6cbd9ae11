/** Mock of OKX v5: USDT and coin-margined swaps; every value is a string, lists are newest first. */
import { DAY, HOUR, INTERVALS, Refusal, bucket, coinOf, text, whole } from './market.mjs';

/* Six hours and more are cut in Hong Kong unless the name ends in utc. */
const BARS = { '1m': '1m', '3m': '3m', '5m': '5m', '15m': '15m', '30m': '30m', '1H': '1h', '2H': '2h', '4H': '4h',
  '6Hutc': '6h', '12Hutc': '12h', '1Dutc': '1d', '3Dutc': '3d', '1Wutc': '1w', '1Mutc': '1M' };
const HONG_KONG = { '6H': 6 * HOUR, '12H': 12 * HOUR, '1D': DAY };
const HONG_KONG_SHIFT = 16 * HOUR;
const PERIODS = { '5m': '5m', '15m': '15m', '30m': '30m', '1H': '1h', '2H': '2h', '4H': '4h', '6Hutc': '6h', '12Hutc': '12h',
  '1Dutc': '1d' };
const NEWEST_ROWS = 1440;
const COIN_VALUE = { BTC: 0.01, ETH: 0.1 };

const wrong = (name) => new Refusal('51000', `Parameter ${name} error`);
const unknown = new Refusal('51001', "Instrument ID, Instrument ID code, or Spread ID doesn't exist.", 200);

function named({ mock, query }) {
  if (!query.get('instId')) throw new Refusal('50014', 'Parameter instId cannot be empty.');
  return mock.contract(query.get('instId'), unknown);
}

function rows({ query }, normal, most) {
  const n = whole(query, 'limit', wrong) ?? normal;
  if (n < 1) throw wrong('limit');
  return Math.min(n, most);
}

const price = (contract, x) => text(x, contract.digits);

/* after: older than; before: newer than; the newest of what is between.  /candles has the newest 1440 rows, and
 * /history-candles what is closed. */
function candles(call, most, deep) {
  const { query, now } = call;
  const contract = named(call);
  const bar = query.get('bar') ?? '1m';
  if (!(bar in BARS) && !(bar in HONG_KONG)) throw wrong('bar');
  const ms = HONG_KONG[bar] ?? INTERVALS[BARS[bar]];
  const forming = bar in BARS ? bucket(BARS[bar], now)[0]
    : Math.floor((now - HONG_KONG_SHIFT) / ms) * ms + HONG_KONG_SHIFT;
  const asked = { now, limit: rows(call, 100, most),
    from: Math.max((whole(query, 'before', wrong) ?? -1) + 1, deep ? 0 : forming - (NEWEST_ROWS - 1) * ms),
    to: Math.min((whole(query, 'after', wrong) ?? now + 1) - 1, deep ? forming - 1 : now) };
  const list = bar in BARS ? contract.newest(BARS[bar], asked) : contract.newestShifted(ms, HONG_KONG_SHIFT, asked);
  return list.reverse().map((c) => [String(c.t), ...[c.o, c.h, c.l, c.c].map((x) => price(contract, x)), text(c.contracts),
    text(contract.inverse ? c.contracts * contract.unit / c.c : c.base), text(c.quote, 4), c.t < forming ? '1' : '0']);
}

function ticker(contract, now) {
  const day = contract.day(now);
  const p = (x) => price(contract, x);
  return { instType: 'SWAP', instId: contract.name, last: p(day.c), lastSz: '1', askPx: p(day.c), askSz: '1', bidPx: p(day.c),
    bidSz: '1', open24h: p(day.o), high24h: p(day.h), low24h: p(day.l), vol24h: text(day.contracts),
    volCcy24h: text(contract.inverse ? day.quote / day.c : day.base), ts: String(now), sodUtc0: p(day.o), sodUtc8: p(day.o) };
}

function interest(call) {
  const every = call.query.has('instId') ? [named(call)] : [...call.mock.contracts.values()];
  return every.flatMap((c) => {
    const found = c.interest(call.now);
    return found ? [{ instType: 'SWAP', instId: c.name, oi: text(found.contracts), oiCcy: text(found.base),
      oiUsd: text(found.usd, 2), ts: String(call.now) }] : [];
  });
}

function history(call, what, show) {
  const { query, now } = call;
  const contract = named(call);
  const period = PERIODS[query.get('period') ?? '5m'];
  if (!period) throw wrong('period');
  const [from, to] = [(whole(query, 'begin', wrong) ?? -1) + 1, (whole(query, 'end', wrong) ?? now + 1) - 1];
  return contract.history(period, { now, from, to, what, among: NEWEST_ROWS, last: rows(call, 100, 100) })
    .reverse().map((row) => [String(row.t), ...show(row)]);
}

function funding(call) {
  const contract = named(call);
  const { rate, next } = contract.funding(call.now);
  return [{ instId: contract.name, instType: 'SWAP', fundingRate: rate ?? '', nextFundingRate: '', fundingTime: String(next),
    nextFundingTime: String(next + 8 * HOUR), minFundingRate: '-0.00375', maxFundingRate: '0.00375', settFundingRate: rate ?? '',
    premium: '0', ts: String(call.now) }];
}

function instruments(call) {
  if (call.query.get('instType') !== 'SWAP') throw wrong('instType');
  const every = call.query.has('instId') ? [named(call)] : [...call.mock.contracts.values()];
  const out = every.map((c) => ({ instType: 'SWAP', instId: c.name, instFamily: c.name.replace('-SWAP', ''),
    uly: c.name.replace('-SWAP', ''), baseCcy: '', quoteCcy: '', settleCcy: c.inverse ? c.coin : 'USDT', ctVal: text(c.unit),
    ctMult: '1', ctValCcy: c.inverse ? 'USD' : c.coin, ctType: c.inverse ? 'inverse' : 'linear', lever: text(c.leverage.max),
    tickSz: text(c.tick), lotSz: '0.01', minSz: '0.01', listTime: '1606468572000', expTime: '', state: 'live' }));
  if (!call.query.has('instId') && out.length) out.push({ ...out[0], instId: 'LUNA-USDT-SWAP', state: 'suspend' });
  return out;
}

function tiers(call) {
  const family = call.query.get('instFamily') ?? call.query.get('uly');
  const contract = call.mock.contract(`${family}-SWAP`, unknown);
  return [1, 2, 3].map((n) => ({ tier: String(n), minSz: String((n - 1) * 10_000), maxSz: String(n * 10_000),
    mmr: text(contract.leverage.maintenance * n), imr: text(n / contract.leverage.max), maxLever: text(contract.leverage.max / n, 2),
    instFamily: family, instId: '', uly: family, optMgnFactor: '0', baseMaxLoan: '', quoteMaxLoan: '' }));
}

/* Sizes in contracts; the short form has a fourth column, which was of liquidations once. */
function books(call, most, show) {
  const contract = named(call);
  const size = whole(call.query, 'sz', wrong) ?? 1;
  if (size < 1 || size > most) throw wrong('sz');
  const { bids, asks } = contract.book(call.now, size);
  const level = (l) => show(price(contract, l.price), text(l.contracts));
  return [{ asks: asks.map(level), bids: bids.map(level), ts: String(call.now) }];
}

/* [requests in two seconds, answer], each endpoint by itself */
const ENDPOINTS = {
  '/api/v5/market/candles': [40, (call) => candles(call, 300, false)],
  '/api/v5/market/history-candles': [20, (call) => candles(call, call.mock.rows.history ?? 300, true)],
  '/api/v5/market/books': [40, (call) => books(call, 400, (p, size) => [p, size, '0', '1'])],
  '/api/v5/market/books-full': [10, (call) => books(call, 5000, (p, size) => [p, size, '1'])],
  '/api/v5/market/ticker': [20, (call) => [ticker(named(call), call.now)]],
  '/api/v5/market/tickers': [20, ({ mock, now }) => [...mock.contracts.values()].map((c) => ticker(c, now))],
  '/api/v5/public/open-interest': [20, interest],
  '/api/v5/public/funding-rate': [20, funding],
  '/api/v5/public/funding-rate-history': [10, (call) => named(call).recording.funding.filter((f) => f.t <= call.now).slice(-100)
    .reverse().map((f) => ({ instId: call.query.get('instId'), fundingRate: f.rate, realizedRate: f.rate, fundingTime: String(f.t) }))],
  '/api/v5/public/mark-price': [10, (call) => [{ instType: 'SWAP', instId: named(call).name,
    markPx: price(named(call), named(call).last(call.now)), ts: String(call.now) }]],
  '/api/v5/public/position-tiers': [10, tiers],
  '/api/v5/public/instruments': [20, instruments],
  '/api/v5/public/time': [10, ({ now }) => [{ ts: String(now) }]],
  '/api/v5/rubik/stat/contracts/open-interest-history': [10, (call) => history(call, 'oi', (row) =>
    [text(row.contracts), text(row.base), text(row.usd, 2)])],
  '/api/v5/rubik/stat/contracts/long-short-account-ratio-contract': [5, (call) => history(call, 'ratio', (row) => [text(row.ratio, 4)])],
};

const envelope = (code, msg, data = []) => ({ code, msg, data });
const tooMany = JSON.stringify({ msg: 'Too Many Requests', code: '50011' });

export const okx = {
  name: 'okx',
  pools: Object.fromEntries(Object.entries(ENDPOINTS).map(([path, [limit]]) => [path, { limit, windowMs: 2000 }])),
  contracts: (symbol) => {
    const [coin, bundle] = coinOf(symbol);
    const linear = { name: `${coin}-USDT-SWAP`, per: 1, unit: bundle > 1 ? 10_000_000 : COIN_VALUE[coin] ?? 1 };
    return bundle > 1 ? [linear]
      : [linear, { name: `${coin}-USD-SWAP`, inverse: true, unit: coin === 'BTC' ? 100 : 10 }];
  },
  routes: Object.fromEntries(Object.entries(ENDPOINTS).map(([path, [, answer]]) =>
    [path, { costs: () => [[path, 1]], answer }])),
  body: (value) => envelope('0', '', value),
  refused: ({ status, code, message }) => ({ status, body: JSON.stringify(envelope(code, message)) }),
  limited: () => ({ status: 429, body: tooMany }),
  failures: { 403: '<html><body>Access denied</body></html>', 429: tooMany,
    451: JSON.stringify(envelope('50052', 'Due to local laws and regulations, this service is not available.')),
    500: JSON.stringify(envelope('50026', 'System error. Try again later.')),
    503: JSON.stringify(envelope('50001', 'Service temporarily unavailable. Try again later.')) },
};

