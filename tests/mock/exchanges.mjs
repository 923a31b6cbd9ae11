/** All mock exchanges, one or several of them started on one market and one clock. */
import { binance } from './binance.mjs';
import { binanceCoin } from './binance-coin.mjs';
import { binanceSpot } from './binance-spot.mjs';
import { bitget } from './bitget.mjs';
import { bybit } from './bybit.mjs';
import { gate } from './gate.mjs';
import { htx } from './htx.mjs';
import { hyperliquid } from './hyperliquid.mjs';
import { kucoin } from './kucoin.mjs';
import { Clock } from './market.mjs';
import { okx } from './okx.mjs';
import { bucket, generateRecording, readRecording } from './recording.mjs';
import { MockExchange } from './server.mjs';

/* The coin-margined contracts of a host that has others too. */
const coinMargined = (definition) => ({ ...definition, name: `${definition.name}-coin`, sharesLimits: definition.name,
  contracts: (symbol) => definition.contracts(symbol).filter((how) => how.inverse) });

export const DEFINITIONS = Object.fromEntries([binance, bybit, okx, bitget, gate, kucoin, hyperliquid, htx, binanceSpot,
  binanceCoin, coinMargined(bybit), coinMargined(okx)].map((d) => [d.name, d]));

/* How far prices lie above the recording's (basis points), and the share of its volume and open interest. */
const PLACE = { binance: [0, 1], bybit: [1, 0.6], okx: [-1, 0.35], bitget: [2, 0.3], gate: [-2, 0.22], kucoin: [3, 0.07],
  hyperliquid: [1.5, 0.4], htx: [-1.5, 0.35], 'binance-spot': [-3, 0.5], 'binance-coin': [0.5, 0.15],
  'bybit-coin': [1, 0.1], 'okx-coin': [-1, 0.1] };

export const DEFAULT_CLOCK = Date.UTC(2025, 9, 10, 22);
const PRICES = { BTCUSDT: 100_000, ETHUSDT: 4_000, SOLUSDT: 200, '1000PEPEUSDT': 0.01 };

function generate(symbol, seed, until) {
  const price = PRICES[symbol] ?? 10;
  return generateRecording({ symbol, seed, until, price, digits: price > 50_000 ? 1 : price < 1 ? 7 : 2 });
}

/* Recordings do not change, and tests of one file have the same. */
const known = new Map();
function once(key, make) {
  if (!known.has(key)) known.set(key, make());
  return known.get(key);
}

/** Recordings of symbols: from a folder of recorded data, or generated up to a time. */
export function makeRecordings({ data = null, symbols = ['BTCUSDT', 'ETHUSDT'], until }) {
  return symbols.map((symbol, i) => (data ? once(`${symbol} ${data}`, () => readRecording(data, symbol))
    : once(`${symbol} ${i} ${bucket('5m', until)[0]}`, () => generate(symbol, i + 1, until))));
}

/**
 * Start one mock exchange.
 *
 * @param {object} options  exchange (its name, default binance); data (folder) or recordings; symbols; clock (ms, ISO
 *     text or a Clock), speed, port; weight: refuse above so much; and what MockExchange takes
 * @returns {Promise<MockExchange>} listening; its base is the base URL; close() ends it
 */
export async function startExchange({ exchange = 'binance', data = null, recordings = null, symbols, clock = DEFAULT_CLOCK,
  speed = 1, weight = null, port = 0, ...options } = {}) {
  const shared = clock instanceof Clock ? clock : new Clock(clock, speed);
  const definition = DEFINITIONS[exchange];
  if (!definition) throw new Error(`no exchange ${exchange}; there are: ${Object.keys(DEFINITIONS).join(', ')}`);
  const mock = new MockExchange(definition, { clock: shared, ...options,
    recordings: recordings ?? makeRecordings({ data, symbols, until: shared.now() }) });
  if (weight !== null) mock.limits.setNormal(weight);
  return mock.listen(port);
}

/** Several on one market and one clock. */
export class MockExchanges {
  constructor(mocks, clock) {
    this.all = mocks;
    this.clock = clock;
    this.by = Object.fromEntries(mocks.map((m) => [m.name, m]));
  }

  setClock(time, speed) {
    this.clock.set(time, speed);
  }

  fault(fault) {
    for (const mock of this.all) mock.fault(fault);
  }

  clear() {
    for (const mock of this.all) mock.clear();
  }

  forget() {
    for (const mock of this.all) mock.forget();
  }

  count(endpoint = null) {
    return this.all.reduce((sum, mock) => sum + mock.count(endpoint), 0);
  }

  close() {
    return Promise.all(this.all.map((mock) => mock.close()));
  }
}

/**
 * Start several, each at its own distance and size; options of one exchange come under its name.
 *
 * @returns {Promise<MockExchanges>}
 */
export async function startExchanges(names, { recordings = null, data = null, symbols, clock = DEFAULT_CLOCK, speed = 0,
  enforce = false, ...of } = {}) {
  const shared = new Clock(clock, speed);
  const market = recordings ?? makeRecordings({ data, symbols, until: shared.now() });
  const mocks = await Promise.all(names.map((exchange) => {
    const [bps, share] = PLACE[exchange];
    return startExchange({ exchange, recordings: market, clock: shared, bps, share, enforce, ...of[exchange] });
  }));
  const several = new MockExchanges(mocks, shared);
  /* One limit for each address that requests, whatever kind of contract it is about. */
  for (const mock of mocks) mock.limits = several.by[mock.definition.sharesLimits]?.limits ?? mock.limits;
  return several;
}
