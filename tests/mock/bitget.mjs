/** Mock of Bitget v2, USDT futures: values are strings; no history of open interest. */
import { DAY, HOUR, MINUTE, Refusal, coinOf, text, whole } from './market.mjs';

const BARS = { '1m': '1m', '3m': '3m', '5m': '5m', '15m': '15m', '30m': '30m', '1H': '1h', '4H': '4h', '6Hutc': '6h',
  '12Hutc': '12h', '1Dutc': '1d', '3Dutc': '3d', '1Wutc': '1w', '1Mutc': '1M' };
const HONG_KONG = { '6H': 6 * HOUR, '12H': 12 * HOUR, '1D': DAY };
const HONG_KONG_SHIFT = 16 * HOUR;
/* How far back /candles goes, days by granularity; older candles come from /history-candles. */
const DEPTH = { '1m': 30, '3m': 30, '5m': 30, '15m': 52, '30m': 62, '1h': 83, '4h': 240 };
const PERIODS = ['5m', '15m', '30m', '1h', '2h', '4h', '6h', '12h', '1d'];
const PRODUCT = 'USDT-FUTURES';

const wrong = (name) => new Refusal('40020', `Parameter ${name} error`);

function product({ query }) {
  if (query.get('productType')?.toUpperCase() !== PRODUCT) throw new Refusal('40019', 'Parameter productType cannot be empty');
}

function named(call) {
  product(call);
  return call.mock.contract(call.query.get('symbol'), new Refusal('40034', `Parameter ${call.query.get('symbol')} does not exist`));
}

/* The newest rows of [startTime, endTime], ascending. */
function candles(call, normal, most, deep) {
  const { query, now } = call;
  const contract = named(call);
  const bar = query.get('granularity');
  if (!(bar in BARS) && !(bar in HONG_KONG)) throw new Refusal('400172', `Parameter verification failed granularity=${bar}`);
  const limit = whole(query, 'limit', wrong) ?? normal;
  if (limit < 1 || limit > most) throw wrong('limit');
  const [start, end] = [whole(query, 'startTime', wrong), whole(query, 'endTime', wrong)];
  if (start !== null && end !== null && start > end) throw new Refusal('40017', 'Parameter verification failed');
  const depth = deep ? Infinity : (DEPTH[BARS[bar]] ?? Infinity) * DAY;
  const asked = { now, from: Math.max(start ?? 0, now - depth), to: end ?? now, limit };
  const list = bar in BARS ? contract.newest(BARS[bar], asked)
    : contract.newestShifted(HONG_KONG[bar], HONG_KONG_SHIFT, asked);
  return list.map((c) => [c.t, c.o, c.h, c.l, c.c, c.base, c.quote].map((x) => text(x)));
}

function ticker(contract, now) {
  const day = contract.day(now);
  const found = contract.interest(now);
  return { symbol: contract.name, lastPr: text(day.c), askPr: text(day.c), bidPr: text(day.c), bidSz: '1', askSz: '1',
    high24h: text(day.h), low24h: text(day.l), ts: String(now), change24h: text((day.c - day.o) / day.o, 5),
    baseVolume: text(day.base), quoteVolume: text(day.quote), usdtVolume: text(day.quote), openUtc: text(day.o),
    changeUtc24h: '0', indexPrice: text(day.c), fundingRate: contract.funding(now).rate ?? '',
    holdingAmount: found ? text(found.base) : '', open24h: text(day.o), markPrice: text(day.c) };
}

function interest(call) {
  const contract = named(call);
  const found = contract.interest(call.now);
  return { openInterestList: found ? [{ symbol: contract.name, size: text(found.base) }] : [], ts: String(call.now) };
}

function accounts({ mock, query, now }) {
  const contract = mock.contract(query.get('symbol'), new Refusal('40034', `Parameter ${query.get('symbol')} does not exist`));
  const period = query.get('period') ?? '5m';
  if (!PERIODS.includes(period)) throw new Refusal('400172', `Parameter verification failed period=${period}`);
  return contract.history(period, { now, what: 'ratio', last: 30 }).map((row) => ({
    longAccountRatio: (row.ratio / (1 + row.ratio)).toFixed(4), shortAccountRatio: (1 / (1 + row.ratio)).toFixed(4),
    longShortAccountRatio: row.ratio.toFixed(4), ts: String(row.t) }));
}

function funding(call) {
  const contract = named(call);
  const { rate, next } = contract.funding(call.now);
  return [{ symbol: contract.name, fundingRate: rate ?? '', fundingRateInterval: '8', nextUpdate: String(next),
    minFundingRate: '-0.003', maxFundingRate: '0.003' }];
}

function contracts(call) {
  product(call);
  const every = call.query.has('symbol') ? [named(call)] : [...call.mock.contracts.values()];
  const out = every.map((c) => ({ symbol: c.name, baseCoin: c.name.replace(/USDT$/, ''), quoteCoin: 'USDT', supportMarginCoins: ['USDT'],
    minTradeNum: '0.0001', pricePlace: String(c.digits), priceEndStep: '1', volumePlace: '4', sizeMultiplier: '0.0001',
    symbolType: 'perpetual', symbolStatus: 'normal', maxLever: text(c.leverage.max), minLever: '1', fundInterval: '8' }));
  if (!call.query.has('symbol') && out.length) out.push({ ...out[0], symbol: 'LUNAUSDT', baseCoin: 'LUNA', symbolStatus: 'off' });
  return out;
}

const levels = (call) => {
  const { name, leverage } = named(call);
  return [1, 2, 3].map((n) => ({ symbol: name, level: String(n), startUnit: String((n - 1) * 150_000), endUnit: String(n * 150_000),
    leverage: text(leverage.max / n, 0), keepMarginRate: text(leverage.maintenance * n) }));
};

function depth(call) {
  const levels = { 1: 1, 5: 5, 15: 15, 50: 50, max: 400 }[call.query.get('limit')] ?? 100;
  if (!['scale0', null].includes(call.query.get('precision'))) throw wrong('precision');
  const { bids, asks } = named(call).book(call.now, levels);
  const level = (l) => [l.price, Number(text(l.base, 4))];
  return { asks: asks.map(level), bids: bids.map(level), ts: String(call.now), scale: '0.1', precision: 'scale0', isMaxPrecision: 'NO' };
}

const base = '/api/v2/mix/market';
/* [requests a second, answer], each endpoint by itself; all together 6000 a minute */
const ENDPOINTS = {
  [`${base}/candles`]: [20, (call) => candles(call, 100, 1000, false)],
  [`${base}/history-candles`]: [20, (call) => candles(call, 100, 200, true)],
  [`${base}/ticker`]: [20, (call) => [ticker(named(call), call.now)]],
  [`${base}/merge-depth`]: [20, depth],
  [`${base}/tickers`]: [20, (call) => [...call.mock.contracts.values()].map((c) => ticker(c, call.now))],
  [`${base}/open-interest`]: [20, interest],
  [`${base}/account-long-short`]: [1, accounts],
  [`${base}/current-fund-rate`]: [20, funding],
  [`${base}/symbol-price`]: [20, (call) => [{ symbol: named(call).name, price: text(named(call).last(call.now)),
    indexPrice: text(named(call).last(call.now)), markPrice: text(named(call).last(call.now)), ts: String(call.now) }]],
  [`${base}/query-position-lever`]: [10, levels],
  [`${base}/contracts`]: [20, contracts],
  '/api/v2/public/time': [20, ({ now }) => ({ serverTime: String(now) })],
};

const envelope = (code, msg, data, requestTime) => ({ code, msg, requestTime, data });
const tooMany = JSON.stringify(envelope('429', 'Too Many Requests', null, 0));

export const bitget = {
  name: 'bitget',
  pools: { all: { limit: 6000, windowMs: MINUTE },
    ...Object.fromEntries(Object.entries(ENDPOINTS).map(([path, [limit]]) => [path, { limit, windowMs: 1000 }])) },
  contracts: (symbol) => [{ name: symbol, per: coinOf(symbol)[1] }],
  routes: Object.fromEntries(Object.entries(ENDPOINTS).map(([path, [, answer]]) =>
    [path, { costs: () => [[path, 1], ['all', 1]], answer }])),
  body: (value, { now }) => envelope('00000', 'success', value, now),
  refused: ({ status, code, message }, { now }) => ({ status, body: JSON.stringify(envelope(code, message, null, now)) }),
  limited: () => ({ status: 429, body: tooMany }),
  failures: { 403: '<html><body>403 Forbidden</body></html>', 429: tooMany,
    451: JSON.stringify(envelope('40104', 'Service is not available in your region', null, 0)),
    500: JSON.stringify(envelope('40015', 'System is abnormal, please try again later', null, 0)),
    503: JSON.stringify(envelope('40200', 'Server upgrade, please try again later', null, 0)) },
};
