/** Mock of Binance spot: candles and prices only; every list weighs the same. */
import { MINUTE } from './market.mjs';
import { common, each, klines, listed, named, spend, ticker } from './binance.mjs';

const info = ({ mock, now, query }) => ({ timezone: 'UTC', serverTime: now, exchangeFilters: [],
  rateLimits: [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6000 }],
  symbols: (query.has('symbol') ? [named({ mock, query })] : [...mock.contracts.values()]).map((c) => {
    const entry = listed(c, { status: 'TRADING', quoteAsset: 'USDT', isSpotTradingAllowed: true, permissions: [] });
    delete entry.contractType;
    delete entry.pair;
    return { ...entry, baseAsset: c.name.replace(/USDT$/, '') };
  }) });

export const binanceSpot = {
  ...common,
  name: 'binance-spot',
  pools: { weight: { limit: 6000, windowMs: MINUTE, aligned: true } },
  contracts: (symbol) => [{ name: symbol.replace(/^1000/, ''), per: 1 }],
  routes: {
    '/api/v3/ping': { costs: spend(1), answer: () => ({}) },
    '/api/v3/time': { costs: spend(1), answer: ({ now }) => ({ serverTime: now }) },
    '/api/v3/klines': { costs: spend(2), answer: (call) => klines(call, named(call), 1000) },
    '/api/v3/ticker/24hr': { costs: spend(({ query }) => (query.has('symbol') ? 2 : 80)), answer: each((c, now) =>
      ({ ...ticker(c, now), prevClosePrice: '0', bidPrice: '0', bidQty: '0', askPrice: '0', askQty: '0' })) },
    '/api/v3/ticker/price': { costs: spend(({ query }) => (query.has('symbol') ? 2 : 4)), answer: each((c, now) =>
      ({ symbol: c.name, price: String(c.last(now)) })) },
    '/api/v3/exchangeInfo': { costs: spend(20), answer: info },
  },
};
