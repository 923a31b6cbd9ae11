/**
 * What the mock exchanges trade: recorded candles, open interest and
 * funding of one symbol, read from files or generated, and every interval made
 * from them as it looked at a given moment.
 *
 * Candles are {t, o, h, l, c, v, q, n}: open time in ms UTC, prices, base volume
 * in thousandths, quote volume in cents (integers, so that sums are exact),
 * trades.
 *
 * Intervals that no file has:
 * - coarser ones are the aggregate of the coarsest file that divides them;
 * - 1m comes from 5m, 1h from 4h and 4h from 1d (only where no finer file
 *   reaches), by walking a fixed path through the coarse candle: open, then the
 *   extreme away from the close (low first when it closed up), the other
 *   extreme, close.  The pieces' aggregate is exactly the coarse candle, volume
 *   is spread evenly.
 * The forming candle is what the finest file's candles amount to up to the
 * clock, the one being traded walked along the same path.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Fixed intervals in ms; 1w and 1M are calendar ones, see bucket(). */
export const INTERVALS = {
  '1m': MINUTE, '3m': 3 * MINUTE, '5m': 5 * MINUTE, '15m': 15 * MINUTE,
  '30m': 30 * MINUTE, '1h': HOUR, '2h': 2 * HOUR, '4h': 4 * HOUR,
  '6h': 6 * HOUR, '8h': 8 * HOUR, '12h': 12 * HOUR, '1d': DAY, '3d': 3 * DAY,
  '1w': 7 * DAY, '1M': 31 * DAY,
};
const SPLIT_FROM = { '1m': '5m', '1h': '4h', '4h': '1d' };
const EPOCH_TO_MONDAY = 4 * DAY;

/** [start, end) of the candle of an interval that holds a time. */
export function bucket(interval, t) {
  if (interval === '1M') {
    const d = new Date(t);
    return [Date.UTC(d.getUTCFullYear(), d.getUTCMonth()),
      Date.UTC(d.getUTCFullYear(), d.getUTCMonth() + 1)];
  }
  const ms = INTERVALS[interval];
  const shift = interval === '1w' ? EPOCH_TO_MONDAY : 0;
  const start = Math.floor((t - shift) / ms) * ms + shift;
  return [start, start + ms];
}

/** Index of the first of ascending times that is >= t. */
export function lowerBound(times, t) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < t) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Rows with a time, ascending, by columns: a market has tens of thousands, and an object for each would cost more than all else. */
export class Table {
  /** @param {Object<string, Float64Array>} columns  of one length, t among them */
  constructor(columns) {
    this.columns = columns;
    this.times = columns.t;
    this.names = Object.keys(columns);
  }

  static empty(names, length) {
    return new Table(Object.fromEntries(names.map((name) => [name, new Float64Array(length)])));
  }

  static of(rows, names) {
    const table = Table.empty(names, rows.length);
    for (const name of names) {
      const column = table.columns[name];
      for (let i = 0; i < rows.length; i++) column[i] = rows[i][name];
    }
    return table;
  }

  get length() {
    return this.times.length;
  }

  /** Index of the first row with a time >= t. */
  from(t) {
    return lowerBound(this.times, t);
  }

  /** Row i as an object. */
  row(i) {
    const row = {};
    for (const name of this.names) row[name] = this.columns[name][i];
    return row;
  }

  /** Rows [from, to) as objects. */
  rows(from = 0, to = this.length) {
    return Array.from({ length: Math.max(0, to - from) }, (_, i) => this.row(from + i));
  }

  last() {
    return this.row(this.length - 1);
  }
}

const CANDLE = ['t', 'o', 'h', 'l', 'c', 'v', 'q', 'n'];
const METRIC = ['t', 'oi', 'value', 'ratio'];

/* Candles [from, to) of a table and perhaps one more as one candle. */
function merge({ columns: { o, h, l, c, v, q, n } }, from, to, t, more = null) {
  const all = { t, o: from < to ? o[from] : more.o, h: -Infinity, l: Infinity, c: 0, v: 0, q: 0, n: 0 };
  for (let i = from; i < to; i++) {
    all.h = Math.max(all.h, h[i]);
    all.l = Math.min(all.l, l[i]);
    all.v += v[i];
    all.q += q[i];
    all.n += n[i];
  }
  all.c = more ? more.c : c[to - 1];
  if (more) {
    all.h = Math.max(all.h, more.h);
    all.l = Math.min(all.l, more.l);
    all.v += more.v;
    all.q += more.q;
    all.n += more.n;
  }
  return all;
}

/** Rounded to some digits after the point; far faster than toFixed, and a market has hundreds of thousands of prices. */
const POWERS = Array.from({ length: 13 }, (_, n) => 10 ** n);
export const rounded = (x, digits) => Math.round(x * POWERS[digits]) / POWERS[digits];

function decimals(x) {
  let digits = 0;
  while (digits < 12 && rounded(x, digits) !== x) digits++;
  return digits;
}

const digitsOf = (row) => Math.max(decimals(row.o), decimals(row.h), decimals(row.l), decimals(row.c));

/* A candle cut into equal parts of ms. */
function cut(coarse, parts, ms) {
  const digits = digitsOf(coarse);
  return Array.from({ length: parts }, (_, i) => piece(coarse, i / parts, (i + 1) / parts, coarse.t + i * ms, digits));
}

/** The part of a candle between two fractions of its time, 0 <= from <= to <= 1. */
export function piece(row, from, to, t, digits = digitsOf(row)) {
  const up = row.c >= row.o;
  const path = [[0, row.o], [0.35, up ? row.l : row.h], [0.7, up ? row.h : row.l],
    [1, row.c]];
  const at = (f) => {
    let i = 1;
    while (i < 3 && path[i][0] < f) i++;
    const [[f0, p0], [f1, p1]] = [path[i - 1], path[i]];
    if (f === f1) return p1;
    return rounded(p0 + (p1 - p0) * (f - f0) / (f1 - f0), digits);
  };
  const seen = [at(from), at(to),
    ...path.filter(([f]) => f > from && f < to).map(([, p]) => p)];
  const share = (x) => Math.round(x * to) - Math.round(x * from);
  return { t, o: seen[0], h: Math.max(...seen), l: Math.min(...seen), c: seen[1],
    v: share(row.v), q: share(row.q), n: share(row.n) };
}

/** One symbol's market. */
export class Recording {
  /**
   * @param {string} symbol
   * @param {Object<string, object[] | Table>} files  candles by interval, ascending
   * @param {object[] | Table} metrics  {t, oi, value, ratio}, ascending; NaN where absent
   * @param {object[]} funding  {t, rate}, ascending
   */
  constructor(symbol, files, metrics = [], funding = []) {
    const table = (rows, names) => (rows instanceof Table ? rows : Table.of(rows, names));
    this.symbol = symbol;
    this.files = Object.fromEntries(Object.entries(files).map(([interval, rows]) => [interval, table(rows, CANDLE)]));
    this.metrics = table(metrics, METRIC);
    this.funding = funding;
    this.made = new Map();
    this.fine = Object.keys(files).sort((a, b) => INTERVALS[a] - INTERVALS[b]);
  }

  /** Every closed candle there will ever be, ascending. */
  series(interval) {
    return this.#closed(interval, -Infinity, Infinity);
  }

  /* Every closed candle that files have or add up to. */
  #known(interval) {
    if (!this.made.has(interval)) this.made.set(interval, this.#make(interval));
    return this.made.get(interval);
  }

  #make(interval) {
    const file = this.files[interval];
    const finer = this.fine.filter((f) => INTERVALS[f] < INTERVALS[interval]);
    if (file && finer.length === 0) return file;
    const rows = new Map(file?.rows().map((row) => [row.t, row]));
    for (const coarseFirst of finer.reverse()) this.#aggregate(interval, coarseFirst, rows);
    if (interval === '3m') this.#fold(interval, Table.of(this.#closed('1m', -Infinity, Infinity), CANDLE), MINUTE, rows);
    return Table.of([...rows.values()].sort((a, b) => a.t - b.t), CANDLE);
  }

  #aggregate(interval, file, rows) {
    if (INTERVALS[interval] % INTERVALS[file] === 0 || interval === '1M') {
      this.#fold(interval, this.files[file], INTERVALS[file], rows);
    }
  }

  #fold(interval, source, sourceMs, rows) {
    if (source.length === 0) return;
    const { times } = source;
    const last = times[times.length - 1] + sourceMs;
    for (let i = 0; i < times.length;) {
      const [start, end] = bucket(interval, times[i]);
      const first = i;
      while (i < times.length && times[i] < end) i++;
      const whole = start >= times[0] && end <= last;
      if (whole && !rows.has(start)) rows.set(start, merge(source, first, i, start));
    }
  }

  /*
   * Closed candles that open in [from, to), ascending: those that are known, and what coarser ones are cut into where none
   * is known.  At most the first `first` or the last `last` are wanted; more may come.
   */
  #closed(interval, from, to, { first = Infinity, last = Infinity } = {}) {
    const all = this.#known(interval);
    const [begin, end] = [all.from(from), all.from(to)];
    const known = all.rows(Math.max(begin, end - last), Math.min(end, begin + first));
    const source = this.files[SPLIT_FROM[interval]];
    if (!source || known.length >= last) return known;
    const [ms, whole] = [INTERVALS[interval], INTERVALS[SPLIT_FROM[interval]]];
    const made = this.#bare(all, source, whole, from, to, { first: first * ms / whole, last: last * ms / whole })
      .flatMap((row) => cut(row, whole / ms, ms)).filter((row) => row.t >= from && row.t < to);
    return known.length === 0 ? made : [...made, ...known].sort((a, b) => a.t - b.t);
  }

  /* Candles of `whole` ms of source that reach into [from, to) and within which no finer one is known. */
  #bare(all, source, whole, from, to, { first, last }) {
    const isBare = (t) => !(all.times[all.from(t)] < t + whole);
    const [begin, end] = [source.from(from - whole + 1), source.from(to)];
    const chosen = [];
    if (last < Infinity) {
      for (let i = end - 1; i >= begin && chosen.length < last + 1; i--) {
        if (isBare(source.times[i])) chosen.unshift(source.row(i));
      }
    } else {
      for (let i = begin; i < end && chosen.length < first + 1; i++) {
        if (isBare(source.times[i])) chosen.push(source.row(i));
      }
    }
    return chosen;
  }

  /** The finest file's candle that is being traded at now, or null. */
  #trading(now) {
    for (const file of this.fine) {
      const table = this.files[file];
      const i = table.from(now + 1) - 1;
      if (i >= 0 && now < table.times[i] + INTERVALS[file]) return { file, table, i };
    }
    return null;
  }

  /** The forming candle of an interval at now, or null in a gap. */
  forming(interval, now) {
    const [start] = bucket(interval, now);
    return this.since(start, now);
  }

  /** Everything traded in [start, now) as one candle, or null. */
  since(start, now) {
    const trading = this.#trading(now);
    if (!trading) return null;
    const { file, table, i } = trading;
    const row = table.row(i);
    const done = (now - row.t) / INTERVALS[file];
    if (start >= row.t) return piece(row, (start - row.t) / INTERVALS[file], done, start);
    return merge(table, table.from(start), i, start, piece(row, 0, done, row.t));
  }

  /** The newest candle whatever the interval, for prices; null before the first. */
  newest(now) {
    const trading = this.since(now - DAY, now);
    if (trading) return trading;
    for (const file of this.fine) {
      const table = this.files[file];
      const i = table.from(now + 1 - INTERVALS[file]) - 1;
      if (i >= 0) return table.row(i);
    }
    return null;
  }

  /** Candles as they are at now: closed ones and the forming one; without `from` the newest. */
  candles(interval, { now, from = null, to = null, limit }) {
    const end = Math.min(bucket(interval, now)[0], (to ?? Infinity) + 1);
    const forming = this.forming(interval, now);
    const tail = forming && forming.t <= (to ?? Infinity) && forming.t >= (from ?? -Infinity) ? [forming] : [];
    if (from === null) {
      const closed = this.#closed(interval, -Infinity, end, { last: limit });
      return [...closed.slice(Math.max(0, closed.length - limit + tail.length)), ...tail];
    }
    return [...this.#closed(interval, from, end, { first: limit }).slice(0, limit), ...tail].slice(0, limit);
  }

  /** The newest metrics at now for which ok(row); or null. */
  latestMetrics(now, ok) {
    for (let i = this.metrics.from(now + 1) - 1; i >= 0; i--) {
      const row = this.metrics.row(i);
      if (ok(row)) return row;
    }
    return null;
  }

  /** The rate that funding had at now, or null. */
  fundingRate(now) {
    return this.funding.findLast((row) => row.t <= now)?.rate ?? null;
  }
}

/* --- from files ------------------------------------------------------------ */

/** A CSV file with a header line, plain or .gz: an array of {column: text}. */
export function readTable(path) {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const [head, ...lines] = text.trim().split(/\r?\n/);
  const names = head.split(',');
  return lines.map((line) => {
    const fields = line.split(',');
    return Object.fromEntries(names.map((name, i) => [name, fields[i]]));
  });
}

function candle(row) {
  const [o, h, l, c, volume] = [row.open, row.high, row.low, row.close, row.volume].map(Number);
  const quote = row.quote_volume === undefined ? volume * (h + l + c) / 3 : Number(row.quote_volume);
  return { t: Number(row.open_time), o, h, l, c, v: Math.round(volume * 1e3),
    q: Math.round(quote * 100), n: Number(row.count ?? 0) };
}

const number = (text) => (text === undefined || text === '' ? NaN : Number(text));

function metric(row) {
  return { t: Date.parse(`${row.create_time.replace(' ', 'T')}Z`),
    oi: number(row.sum_open_interest), value: number(row.sum_open_interest_value),
    ratio: number(row.count_long_short_ratio) };
}

const byTime = (rows) => [...new Map(rows.map((row) => [row.t, row])).values()]
  .sort((a, b) => a.t - b.t);

/** Rows of all files of one kind; on a repeated time a file with quote volume wins. */
function readAll(folder, match, convert) {
  const names = readdirSync(folder).filter((name) => match.test(name)).sort();
  const tables = names.map((name) => readTable(join(folder, name)));
  tables.sort((a, b) => Number('quote_volume' in a[0]) - Number('quote_volume' in b[0]));
  return byTime(tables.flatMap((table) => table.map(convert)));
}

/**
 * Read um_<symbol>_* of a market-data folder (klines/, metrics/, funding/).
 *
 * @returns {Recording}
 */
export function readRecording(folder, symbol) {
  const files = {};
  for (const name of readdirSync(join(folder, 'klines'))) {
    const interval = name.match(`^um_${symbol}_([0-9]+[mhdwM])_.*\\.csv(\\.gz)?$`)?.[1];
    if (interval && !files[interval]) {
      files[interval] = readAll(join(folder, 'klines'),
        new RegExp(`^um_${symbol}_${interval}_`), candle);
    }
  }
  const fine = (rows) => rows.filter((row) => Number.isFinite(row.t));
  return new Recording(symbol, files,
    fine(readAll(join(folder, 'metrics'), new RegExp(`^um_${symbol}_metrics_`), metric)),
    fine(readAll(join(folder, 'funding'), new RegExp(`^um_${symbol}_funding_`),
      (row) => ({ t: Number(row.funding_time), rate: row.funding_rate }))));
}

/* --- generated ------------------------------------------------------------- */

/** Uniform numbers in [0, 1) from a seed, the same on every machine. */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}

/* A market calm for the most part, one steep fall at crash. */
function walk(random, start, end, stepMs, price, crash, digits) {
  const table = Table.empty(CANDLE, Math.ceil((end - start) / stepMs));
  const { columns } = table;
  const sigma = 0.0012 * Math.sqrt(stepMs / (5 * MINUTE));
  let mood = 1;
  for (let t = start, i = 0; t < end; t += stepMs, i++) {
    const gauss = random() + random() + random() + random() - 2;
    mood = Math.min(4, Math.max(0.4, mood * (0.96 + 0.08 * random())));
    const falls = t >= crash && t < crash + 12 * stepMs;
    const move = gauss * 1.7 * sigma * mood - (falls ? 6 * sigma : 0);
    const close = price * Math.exp(move);
    const h = rounded(Math.max(price, close) * (1 + random() * sigma), digits);
    const l = rounded(Math.min(price, close) * (1 - random() * sigma * (falls ? 8 : 1)), digits);
    const volume = Math.round((20 + 400 * random() * mood * (falls ? 12 : 1)) *
      1e3 * stepMs / (5 * MINUTE));
    const o = rounded(price, digits);
    const c = rounded(close, digits);
    columns.t[i] = t;
    columns.o[i] = o;
    columns.h[i] = Math.max(o, h, c);
    columns.l[i] = Math.min(o, l, c);
    columns.c[i] = c;
    columns.v[i] = volume;
    columns.q[i] = Math.round(volume * (h + l + c) / 30);
    columns.n[i] = Math.round(volume / 1e2);
    price = c;
  }
  return table;
}

/**
 * A market that looks recorded: 5m candles for `days` before `until` and a day
 * after it, 4h candles for 2200 days, open interest every 5 minutes and funding.
 */
export function generateRecording({ symbol = 'BTCUSDT', seed = 1, until, price = 100_000,
  days = 100, digits = 1, crash = until - 45 * MINUTE }) {
  const random = seeded(seed);
  const end = bucket('1d', until)[1] + DAY;
  const fine = bucket('1d', until - days * DAY)[0];
  const far = walk(random, end - 2200 * DAY, fine, 4 * HOUR, price, Infinity, digits);
  const near = walk(random, fine, end, 5 * MINUTE, far.last().c,
    bucket('5m', crash)[0], digits);
  const { t: times, o: opens } = near.columns;
  const metrics = Table.empty(METRIC, near.length);
  const { t, oi, value, ratio } = metrics.columns;
  for (let i = 0; i < near.length; i++) {
    t[i] = times[i];
    oi[i] = rounded(90_000 + 5_000 * Math.sin(i / 500), 3);
    value[i] = rounded(oi[i] * opens[i], 2);
    ratio[i] = rounded(1.2 + 0.3 * Math.sin(i / 90), 4);
  }
  const funding = Array.from(times).filter((time) => time % (8 * HOUR) === 0)
    .map((time, i) => ({ t: time, rate: (0.0001 * Math.cos(i / 7)).toFixed(8) }));
  return new Recording(symbol, { '5m': near, '4h': far }, metrics, funding);
}
