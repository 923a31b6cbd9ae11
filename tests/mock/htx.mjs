/**
 * Mock of HTX linear swaps: candle times in seconds, sizes in contracts; written from its documentation alone, which says
 * of every volume and of open interest that they are the sum of the buy and the sell side.
 */
import { HOUR, Refusal, coinOf, text, whole } from './market.mjs';

const PERIODS = { '1min': '1m', '5min': '5m', '15min': '15m', '30min': '30m', '60min': '1h', '4hour': '4h', '1day': '1d',
  '1week': '1w', '1mon': '1M' };
const HISTORY = { '60min': '1h', '4hour': '4h', '12hour': '12h', '1day': '1d' };
const RATIOS = { '5min': '5m', '15min': '15m', '30min': '30m', '60min': '1h', '4hour': '4h', '1day': '1d' };
const MOST_ROWS = 2000;
const SIDES = 2;
const COINS_PER_CONTRACT = { BTC: 0.001, ETH: 0.01 };

const wrong = (name) => new Refusal('invalid-parameter', `invalid ${name}`, 200);
const number = (x, digits = 8) => Number(text(x, digits));

const named = ({ mock, query }) => mock.contract(query.get('contract_code')?.toUpperCase(),
  new Refusal(1332, 'The perpetual contract does not exist.', 200));

/* Either size (the newest) or from and to (seconds); at most 2000 rows. */
function candles(call) {
  const { query, now } = call;
  const contract = named(call);
  const period = PERIODS[query.get('period')];
  if (!period) throw wrong('period');
  const [from, to] = [whole(query, 'from', wrong), whole(query, 'to', wrong)];
  const size = whole(query, 'size', wrong) ?? (from === null ? 150 : MOST_ROWS);
  if (size < 1 || size > MOST_ROWS) throw wrong('size');
  return contract.newest(period, { now, from: (from ?? 0) * 1000, to: to === null ? now : to * 1000, limit: size })
    .map((c) => ({ id: c.t / 1000, open: c.o, close: c.c, low: c.l, high: c.h, amount: number(SIDES * c.contracts * contract.unit),
      vol: SIDES * c.contracts, trade_turnover: number(SIDES * c.quote, 4), count: c.n }));
}

function merged(call) {
  const c = named(call);
  const day = c.day(call.now);
  return { id: Math.floor(call.now / 1000), ts: call.now, open: text(day.o), close: text(day.c), low: text(day.l), high: text(day.h),
    amount: text(SIDES * day.base, 4), vol: String(SIDES * day.contracts), trade_turnover: text(SIDES * day.quote, 4), count: day.n,
    bid: [day.c, 1], ask: [day.c, 1] };
}

const listed = (call) => (call.query.has('contract_code') ? [named(call)] : [...call.mock.contracts.values()]);
const swap = (c) => ({ symbol: c.coin, contract_code: c.name, business_type: 'swap', pair: c.name, contract_type: 'swap' });

const interest = (call) => listed(call).flatMap((c) => {
  const found = c.interest(call.now);
  return found ? [{ volume: SIDES * found.contracts, amount: number(SIDES * found.contracts * c.unit), value: number(SIDES * found.usd, 4), trade_amount: 0,
    trade_volume: 0, trade_turnover: 0, ...swap(c) }] : [];
});

const info = (call) => listed(call).flatMap((c) => {
  const entry = { ...swap(c), contract_size: c.unit, price_tick: number(c.tick), delivery_date: '', delivery_time: '',
    create_date: '20201021', contract_status: 1, settlement_date: '', support_margin_mode: 'all', trade_partition: 'USDT' };
  return [entry, { ...entry, contract_code: `${c.name}-251226`, business_type: 'futures', contract_type: 'quarter' }];
});

function interestHistory(call) {
  const period = HISTORY[call.query.get('period')];
  if (!period) throw wrong('period');
  const c = named(call);
  const size = Math.min(whole(call.query, 'size', wrong) ?? 48, 200);
  return { ...swap(c), tick: c.history(period, { now: call.now, last: size }).reverse().map((row) =>
    ({ volume: SIDES * row.contracts, amount_type: 1, ts: row.t, value: number(SIDES * row.usd, 4) })) };
}

function ratios(call) {
  const period = RATIOS[call.query.get('period')];
  if (!period) throw wrong('period');
  const c = named(call);
  return { ...swap(c), list: c.history(period, { now: call.now, what: 'ratio', last: 30 }).map((row) => ({
    buy_ratio: number(row.ratio / (1 + row.ratio), 4), sell_ratio: number(1 / (1 + row.ratio), 4), locked_ratio: 0, ts: row.t })) };
}

function funding(call) {
  const c = named(call);
  const { rate, next } = c.funding(call.now);
  return { estimated_rate: null, funding_rate: rate ?? '', contract_code: c.name, symbol: c.coin, fee_asset: 'USDT',
    funding_time: String(next), next_funding_time: String(next + 8 * HOUR), trade_partition: 'USDT' };
}

/* 150 levels that are not merged; sizes in contracts. */
function depth(call) {
  if (call.query.get('type') !== 'step0') throw wrong('type');
  const { bids, asks } = named(call).book(call.now, 150);
  const level = (l) => [l.price, l.contracts];
  return { asks: asks.map(level), bids: bids.map(level), mrid: 1, id: Math.floor(call.now / 1000), ts: call.now, version: 1 };
}

const MOST_MS = 2 * HOUR;

/* What a test put there: {t, long, coins, price}.  Of v3, whose bodies have a code and no status; newest first, one page. */
function liquidations({ mock, query, now }) {
  const c = mock.contract(query.get('contract')?.toUpperCase(), new Refusal(1332, 'The perpetual contract does not exist.', 200));
  const [from, to] = [whole(query, 'start_time', wrong) ?? now - MOST_MS, whole(query, 'end_time', wrong) ?? now];
  if (to - from > MOST_MS || query.get('direct') !== 'prev' || query.get('trade_type') !== '0') throw wrong('start_time');
  const rows = (mock.liquidations ?? []).filter(({ t }) => t >= from && t <= to).sort((a, b) => b.t - a.t);
  return { status: undefined, code: 200, msg: '', data: rows.map(({ t, long, coins, price }, i) => ({ query_id: rows.length - i, ...swap(c), offset: 'close',
    direction: long ? 'sell' : 'buy', volume: coins / c.unit, amount: coins, price, trade_turnover: number(coins * price, 4), created_at: t })) };
}

const data = (make) => ({ costs: () => [['market', 1]], answer: (call) => ({ data: make(call) }) });

export const htx = {
  name: 'htx',
  pools: { market: { limit: 800, windowMs: 1000 } },
  contracts: (symbol) => {
    const [coin, bundle] = coinOf(symbol);
    return [{ name: `${coin}-USDT`, per: 1, unit: bundle > 1 ? 1_000_000 : COINS_PER_CONTRACT[coin] ?? 1 }];
  },
  routes: {
    '/linear-swap-ex/market/history/kline': { costs: () => [['market', 1]], answer: (call) =>
      ({ ch: `market.${call.query.get('contract_code')}.kline.${call.query.get('period')}`, data: candles(call) }) },
    '/linear-swap-ex/market/detail/merged': { costs: () => [['market', 1]], answer: (call) =>
      ({ ch: `market.${call.query.get('contract_code')}.detail.merged`, tick: merged(call) }) },
    '/linear-swap-ex/market/depth': { costs: () => [['market', 1]], answer: (call) =>
      ({ ch: `market.${call.query.get('contract_code')}.depth.step0`, tick: depth(call) }) },
    '/linear-swap-api/v1/swap_open_interest': data(interest),
    '/linear-swap-api/v1/swap_his_open_interest': data(interestHistory),
    '/linear-swap-api/v1/swap_elite_account_ratio': data(ratios),
    '/linear-swap-api/v1/swap_contract_info': data(info),
    '/linear-swap-api/v1/swap_funding_rate': data(funding),
    '/linear-swap-api/v3/swap_liquidation_orders': { costs: () => [['market', 1]], answer: liquidations },
    '/api/v1/timestamp': { costs: () => [['market', 1]], answer: () => ({}) },
  },
  body: (value, { now }) => ({ status: 'ok', ...value, ts: now }),
  refused: ({ status, code, message }, { now }) => ({ status, body: JSON.stringify(typeof code === 'number'
    ? { status: 'error', err_code: code, err_msg: message, ts: now }
    : { status: 'error', 'err-code': code, 'err-msg': message, ts: now }) }),
  limited: () => ({ status: 429, body: JSON.stringify({ status: 'error', err_code: 1032, err_msg: 'The number of visits exceeds the limit.' }) }),
  failures: { 403: '<html><body>403 Forbidden</body></html>', 451: '<html><body>451</body></html>',
    429: JSON.stringify({ status: 'error', err_code: 1032, err_msg: 'The number of visits exceeds the limit.' }),
    500: JSON.stringify({ status: 'error', err_code: 1000, err_msg: 'System error.' }), 503: '<html><body>503</body></html>' },
};
