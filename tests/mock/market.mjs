/**
 * One market for all mock exchanges: recorded or generated candles (recording.mjs), seen as each exchange trades them.
 * Prices of two exchanges differ by their basis, some basis points, so the candles agree; sizes and open interest are a
 * share of the recording's.
 */
import { DAY, HOUR, INTERVALS, MINUTE, bucket, rounded } from './recording.mjs';

/** What an exchange refuses: its own code and text, and the HTTP status that goes with it. */
export class Refusal extends Error {
  constructor(code, message, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/* Coins that are sold in thousands: BTCUSDT style symbol -> coin and how many of it. */
const BUNDLES = { '1000PEPEUSDT': ['PEPE', 1000], '1000SHIBUSDT': ['SHIB', 1000], '1000BONKUSDT': ['BONK', 1000] };

/** Coin and bundle of a recording's symbol: BTCUSDT is [BTC, 1], 1000PEPEUSDT is [PEPE, 1000]. */
export const coinOf = (symbol) => BUNDLES[symbol] ?? [symbol.replace(/USDT$/, ''), 1];

/** Digits after the point that give a price six or seven significant ones. */
const digitsFor = (price) => Math.max(0, 6 - Math.floor(Math.log10(price)));

/** One contract as one exchange trades it. */
export class Contract {
  /**
   * @param {Recording} recording
   * @param {object} how
   *     name      the exchange's spelling
   *     per       coins that its price and its sizes are for: 1, or 1000 for 1000PEPE
   *     unit      sizes per contract, or dollars per contract when inverse
   *     inverse   coin-margined
   *     leverage  {max, maintenance} that the exchange allows
   * @param {object} settings  of the mock: bps, share, size (see MockExchange), openInterest
   */
  constructor(recording, { name, per = 1, unit = 1, inverse = false, leverage = { max: 100, maintenance: 0.005 } }, settings) {
    const [coin, bundle] = coinOf(recording.symbol);
    Object.assign(this, { recording, name, coin, unit, inverse, leverage, settings });
    /* The recording's price is for a bundle. */
    this.scale = per / bundle;
    const sample = recording.newest(Infinity) ?? recording.files[recording.fine[0]].last();
    this.digits = digitsFor(sample.c * this.scale);
    this.tick = 10 ** -this.digits;
  }

  price(x) {
    if (this.settings.bps === 0 && this.scale === 1) return x;
    return rounded(x * (1 + this.settings.bps / 1e4) * this.scale, this.digits);
  }

  /* A recording's candle: {t, o, h, l, c, base, quote, contracts, n}, quote in dollars. */
  #candle(row) {
    const [o, h, l, c] = [row.o, row.h, row.l, row.c].map((x) => this.price(x));
    const quote = row.q / 100 * this.settings.share;
    const base = row.v / 1e3 * this.settings.share / this.scale;
    return { t: row.t, o, h, l, c, base, quote, n: row.n, contracts: Math.round((this.inverse ? quote : base) / this.unit) };
  }

  /** Candles of an interval of recording.mjs; see Recording.candles. */
  candles(interval, query) {
    return this.recording.candles(interval, query).map((row) => this.#candle(row));
  }

  /** The newest `limit` candles that open in [from, to], ascending. */
  newest(interval, { now, from = 0, to = now, limit }) {
    const rows = this.recording.candles(interval, { now, from: from > 0 ? from : null, to, limit: from > 0 ? Infinity : limit });
    return rows.slice(-limit).map((row) => this.#candle(row));
  }

  /** The same of days and halves that begin at shiftMs after midnight UTC, made of 2h candles. */
  newestShifted(ms, shiftMs, { now, from = 0, to = now, limit }) {
    const out = [];
    for (const row of this.recording.candles('2h', { now, from: 0, to: now, limit: Infinity })) {
      const t = Math.floor((row.t - shiftMs) / ms) * ms + shiftMs;
      const last = out.at(-1);
      if (last?.t === t) Object.assign(last, { h: Math.max(last.h, row.h), l: Math.min(last.l, row.l), c: row.c,
        v: last.v + row.v, q: last.q + row.q, n: last.n + row.n });
      else out.push({ ...row, t });
    }
    return out.filter((row) => row.t >= from && row.t <= to).slice(-limit).map((row) => this.#candle(row));
  }

  /** The last 24 hours as one candle, or null before the first. */
  day(now) {
    const row = this.recording.since(now - DAY, now) ?? this.recording.newest(now);
    return row && this.#candle(row);
  }

  last(now) {
    const row = this.recording.newest(now);
    return row ? this.price(row.c) : 0;
  }

  #position(oi, t, price) {
    const base = oi * this.settings.sizeAt(t) / this.scale;
    const usd = base * price;
    return { base, usd, contracts: Math.round((this.inverse ? usd : base) / this.unit) };
  }

  #metric(m) {
    const price = this.price(m.value / m.oi);
    return { t: Math.floor(m.t / (5 * MINUTE)) * 5 * MINUTE, ratio: m.ratio, price, ...this.#position(m.oi, m.t, price) };
  }

  /** Open interest now {base, usd, contracts}, or null when none is published. */
  interest(now) {
    const found = this.settings.openInterest && this.recording.latestMetrics(now, (m) => m.oi > 0);
    if (!found) return null;
    return this.#position(found.oi, now, this.last(now));
  }

  /**
   * Rows {t, base, usd, contracts, price, ratio} of a period that lie in [from, to], ascending: the first or the last so many
   * of those that are among the newest so many.
   */
  history(period, { now, from = 0, to = now, what = 'oi', first = Infinity, last = Infinity, among = Infinity }) {
    if (what === 'oi' && !this.settings.openInterest) return [];
    const { metrics } = this.recording;
    const ms = INTERVALS[period];
    const chosen = [];
    for (let i = metrics.from(now + 1) - 1, seen = 0; i >= 0 && metrics.times[i] >= from; i--) {
      if (seen === among || chosen.length === last) break;
      if (Math.floor(metrics.times[i] / (5 * MINUTE)) * 5 * MINUTE % ms !== 0 || !(metrics.columns[what][i] > 0)) continue;
      seen++;
      if (metrics.times[i] <= to) chosen.push(i);
    }
    return chosen.reverse().slice(0, first).map((i) => this.#metric(metrics.row(i)));
  }

  /**
   * The order book now: so many levels of a side, 0.002 % apart, the best first; each {price, base, contracts}.  Levels have
   * a size of their own that stays while price moves; every 97th holds eighty times as much.
   */
  book(now, count) {
    const last = this.last(now);
    const apart = Math.max(this.tick, Number((2e-5 * last).toFixed(this.digits)));
    const level = (n) => {
      const size = (1 + (Math.abs(n * 7919) % 13) / 13) * (n % 97 === 0 ? 80 : 1);
      const price = Number((n * apart).toFixed(this.digits));
      const base = size * 1e4 * this.settings.share / price;
      return { price, base, contracts: Math.max(1, Math.round((this.inverse ? base * price : base) / this.unit)) };
    };
    const first = Math.floor(last / apart);
    return { bids: Array.from({ length: count }, (_, i) => level(first - i)),
      asks: Array.from({ length: count }, (_, i) => level(first + 1 + i)) };
  }

  /** {rate, next}: the funding rate text of now and when it is paid next. */
  funding(now, everyMs = 8 * HOUR) {
    return { rate: this.recording.fundingRate(now),
      next: (Math.floor(now / everyMs) + 1) * everyMs };
  }
}

/** A clock that several mocks share, and that tests set. */
export class Clock {
  constructor(time, speed = 1) {
    this.speed = speed;
    this.set(time, speed);
  }

  now() {
    return Math.floor(this.time + (Date.now() - this.setAt) * this.speed);
  }

  set(time, speed = this.speed) {
    const ms = typeof time === 'number' ? time : Date.parse(time);
    if (!Number.isFinite(ms)) throw new Refusal(0, `not a time: ${time}`);
    Object.assign(this, { time: ms, speed, setAt: Date.now() });
  }
}

/** A whole number of a query, null when it is missing; `refuse` says what a malformed one is answered with. */
export function whole(query, name, refuse = (n) => new Refusal(400, `${n} is malformed`)) {
  const text = query.get(name);
  if (text === null || text === '') return null;
  if (!/^[0-9]+$/.test(text)) throw refuse(name);
  return Number(text);
}

/* Up to here a product with a power of ten is exact enough to be rounded. */
const EXACT_MOST = 2 ** 50;

/** A decimal as exchanges print it: no exponent, at most `digits` after the point. */
export const text = (x, digits = 8) => {
  if (Math.abs(x) * 10 ** digits < EXACT_MOST) {
    const short = String(rounded(Number(x), digits));
    if (!short.includes('e')) return short;
  }
  const s = Number(x).toFixed(digits);
  return s.includes('.') ? s.replace(/\.?0+$/, '') : s;
};

export { DAY, HOUR, INTERVALS, MINUTE, bucket };
