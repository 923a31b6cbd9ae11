/** Mock of Binance COIN-M: contracts of 100 or 10 dollars, margined in the coin. */
import { DAY, MINUTE, Refusal, coinOf, text } from './market.mjs';
import { accounts, common, fundingHistory, history, interest, klines, klinesWeight, listed, named, premium, spend,
  ticker } from './binance.mjs';

const MOST_DAYS = 200;

/* Start and end at most 200 days apart. */
function candles(call) {
  const [from, to] = ['startTime', 'endTime'].map((name) => Number(call.query.get(name) ?? NaN));
  if ((Number.isNaN(to) ? call.now : to) - from > MOST_DAYS * DAY) {
    throw new Refusal(-4088, 'Maximum time interval is 200 days.');
  }
  return klines(call, named(call), 1500);
}

/* The lists under /futures/data/ name a pair, BTCUSD. */
function paired({ mock, query }) {
  return mock.contract(`${query.get('pair')}_PERP`, new Refusal(-1121, 'Invalid symbol.'));
}

const list = (make) => (call) => (call.query.has('symbol') ? [named(call)] : [...call.mock.contracts.values()])
  .map((c) => make(c, call.now));

const info = ({ mock, now }) => ({ timezone: 'UTC', serverTime: now, exchangeFilters: [],
  rateLimits: [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2400 }],
  symbols: [...mock.contracts.values()].flatMap((c) => {
    const entry = listed(c, { pair: `${c.coin}USD`, contractStatus: 'TRADING', quoteAsset: 'USD', marginAsset: c.coin,
      contractSize: c.unit });
    return [entry, { ...entry, symbol: `${c.coin}USD_251226`, contractType: 'CURRENT_QUARTER' }];
  }) });

export const binanceCoin = {
  ...common,
  name: 'binance-coin',
  sharesLimits: 'binance',
  pools: { weight: { limit: 2400, windowMs: MINUTE, aligned: true }, data: { limit: 1000, windowMs: 5 * MINUTE },
    rates: { limit: 500, windowMs: 5 * MINUTE } },
  contracts: (symbol) => {
    const [coin, bundle] = coinOf(symbol);
    return bundle === 1 ? [{ name: `${coin}USD_PERP`, inverse: true, unit: coin === 'BTC' ? 100 : 10 }] : [];
  },
  routes: {
    '/dapi/v1/ping': { costs: spend(1), answer: () => ({}) },
    '/dapi/v1/time': { costs: spend(1), answer: ({ now }) => ({ serverTime: now }) },
    '/dapi/v1/klines': { costs: spend(klinesWeight), answer: candles },
    '/dapi/v1/ticker/24hr': { costs: spend(({ query }) => (query.has('symbol') ? 1 : 40)), answer: list((c, now) =>
      ({ ...ticker(c, now), pair: `${c.coin}USD` })) },
    '/dapi/v1/openInterest': { costs: spend(1), answer: (call) => ({ ...interest(named(call), call.now),
      pair: `${named(call).coin}USD`, contractType: 'PERPETUAL' }) },
    '/dapi/v1/premiumIndex': { costs: spend(10), answer: list((c, now) => ({ ...premium(c, now), pair: `${c.coin}USD` })) },
    '/dapi/v1/exchangeInfo': { costs: spend(1), answer: info },
    '/dapi/v1/fundingRate': { costs: () => [['rates', 1]], answer: (call) => fundingHistory(call, named(call)) },
    '/futures/data/openInterestHist': { costs: () => [['data', 1]], answer: (call) => history(call, paired(call), 'oi',
      (row) => ({ pair: call.query.get('pair'), contractType: 'PERPETUAL', sumOpenInterest: String(row.contracts),
        sumOpenInterestValue: text(row.base, 8) })) },
    '/futures/data/globalLongShortAccountRatio': { costs: () => [['data', 1]], answer: (call) => history(call,
      paired(call), 'ratio', (row) => ({ pair: call.query.get('pair'), ...accounts(row) })) },
  },
};
