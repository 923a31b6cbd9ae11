/* Executed liquidations by candles, what of the time is known, and what is said
 * of it. */

import { exchangeName, exchangeNames, moment, span } from './format.js';
import { SnapshotError, array, number, object, text, whole } from './read.js';
import { queryText } from './query.js';

/**
 * @typedef {object} Feed  where executed liquidations of one exchange come from
 * @property {string} exchange
 * @property {boolean} reports  the exchange publishes any
 * @property {boolean} stream   it does without being asked
 * @property {boolean} sampled  it does not report all
 * @property {{from: number, to: number}[]} gaps  ms; when it was not heard
 * @property {number} known     ms; gaps are named up to there
 *
 * @typedef {object} Circle  liquidations of one candle, side and price row
 * @property {number} candle  index
 * @property {boolean} long
 * @property {number} price   mean by dollars
 * @property {number} usd
 *
 * @typedef {object} Executed
 * @property {string} symbol
 * @property {string} exchange  "all" for a sum
 * @property {Float64Array} time   ms, ascending, at equal steps
 * @property {number} step         ms
 * @property {number} until        ms; what came later cannot be in it
 * @property {Float64Array} long   dollars by candle of liquidated longs
 * @property {Float64Array} short
 * @property {Circle[]} circles    by dollars, from the largest
 * @property {number} all          circles that there would be
 * @property {Feed[]} feeds
 *
 * @typedef {0 | 1 | 2} Cover  of a candle: no feed was heard; some, or not all of the time; all
 *
 * @typedef {object} Total  of one candle
 * @property {Cover} cover
 * @property {number} long    dollars; NaN where nothing was recorded
 * @property {number} short
 * @property {boolean} least  there may have been more
 */

/** What has not been written yet is no gap: those that are requested are so each minute. */
const LATE_MS = 180_000;

/** More slow a pan where no graphics card draws; the totals have all. */
export const CIRCLES_MAX = 400;

/**
 * The query of the liquidations that belong to a map.
 *
 * @param {import('./query.js').Query} query
 * @param {string} exchange  that the map is of
 * @returns {string} "?symbol=…"; "" where none are recorded: of contracts margined in the coin
 */
export function executedQuery(query, exchange) {
    if (query.contract === 'inverse' && query.exchange === 'all')
        return '';
    const q = new URLSearchParams(queryText(query));
    for (const name of ['tiers', 'side', 'range', 'contract'])
        q.delete(name);
    if (query.exchange !== 'all' && exchange)
        q.set('exchange', exchange);
    return '?' + q.toString();
}

/** @param {import('./read.js').Json} json @param {string} key @param {number} n @returns {Float64Array} */
function column(json, key, n) {
    const values = array(json, key);
    if (values.length !== n || !values.every((value) => Number.isFinite(value) && Number(value) >= 0))
        throw new SnapshotError(key, `${n} numbers`);
    return Float64Array.from(values, Number);
}

/** @param {import('./read.js').Json} json @returns {Circle[]} */
function circlesOf(json) {
    const n = array(json, 'candle').length;
    const [candle, price, usd] = ['candle', 'price', 'usd'].map((key) => column(json, key, n));
    const side = array(json, 'side');
    return Array.from(candle, (at, i) => ({ candle: at, long: side[i] === 'long', price: price[i], usd: usd[i] }));
}

/** @param {unknown} value @param {number} until @returns {Feed} */
function feedOf(value, until) {
    const json = object(value, 'exchanges');
    const gaps = array(json, 'gaps').map((item) => object(item, 'gaps'))
        .map((gap) => ({ from: number(gap, 'from'), to: number(gap, 'to') }))
        .filter(({ from, to }) => to < until || to - from > LATE_MS);
    return {
        exchange: text(json, 'exchange'), reports: json.feed !== null, stream: json.feed === 'stream', sampled: json.sampled === true, gaps,
        known: json.more_gaps === true ? gaps.at(-1)?.to ?? 0 : until,
    };
}

/**
 * @param {unknown} value  of api/v1/liquidations
 * @returns {Executed}
 * @throws {SnapshotError}
 */
export function parseExecuted(value) {
    const json = object(value, 'liquidations');
    const n = array(json, 'open_time').length;
    const time = column(json, 'open_time', n);
    const until = number(json, 'time');
    const clusters = object(json.clusters, 'clusters');
    if (n < 1)
        throw new SnapshotError('open_time', 'candles');
    return {
        symbol: text(json, 'symbol'), exchange: text(json, 'exchange'), time, until,
        step: n > 1 ? time[1] - time[0] : until - time[0],
        long: column(json, 'long_usd', n), short: column(json, 'short_usd', n),
        circles: circlesOf(clusters).slice(0, CIRCLES_MAX), all: whole(clusters, 'all'),
        feeds: array(json, 'exchanges').map((item) => feedOf(item, until)).filter((feed) => feed.reports),
    };
}

/** How much of a span of time no feed covered. @param {Feed} feed @param {number} from @param {number} to @returns {number} ms */
function missed({ gaps, known }, from, to) {
    /** @param {number} a @param {number} b */
    const common = (a, b) => Math.max(0, Math.min(b, to) - Math.max(a, from));
    return gaps.reduce((sum, gap) => sum + common(gap.from, gap.to), common(Math.max(known, from), to));
}

/** @param {Executed} executed @param {number} i  candle @returns {Cover} */
function coverAt({ feeds, time, step, until }, i) {
    const from = time[i];
    const to = Math.min(from + step, until);
    const out = feeds.map((feed) => missed(feed, from, to));
    if (out.every((ms) => ms >= to - from))
        return 0;
    return out.every((ms) => ms === 0) ? 2 : 1;
}

/** What is known of each candle. @param {Executed} executed @returns {Total[]} */
export function totalsOf(executed) {
    const { time, long, short, feeds } = executed;
    const sampled = feeds.some((feed) => feed.sampled);
    return Array.from(time, (_, i) => {
        const cover = coverAt(executed, i);
        /* Imported ones lie outside the time in which feeds were heard. */
        const none = cover === 0 && long[i] + short[i] === 0;
        return { cover, long: none ? NaN : long[i], short: none ? NaN : short[i], least: sampled || cover < 2 };
    });
}

/** Where a candle of the chart is in the totals. @param {Executed} executed @param {number} ms @returns {number} -1: not there */
export function placeOf({ time, step }, ms) {
    const place = (ms - time[0]) / step;
    return Number.isInteger(place) && place >= 0 && place < time.length ? place : -1;
}

/**
 * What several windows of time know of the candles of a chart.
 *
 * @param {readonly {executed: Executed, totals: readonly Total[]}[]} windows  where two know a candle, the first counts
 * @param {ArrayLike<number>} times  ms of the candles, at equal steps
 * @returns {{columns: (Total | null)[], circles: (Circle & {column: number})[]}} columns: null where no window
 *     reaches; circles: by dollars, from the largest
 */
export function joinExecuted(windows, times) {
    const sources = Array.from(times, (ms) => windows.findIndex(({ executed }) => placeOf(executed, ms) >= 0));
    const columns = sources.map((source, i) => (source < 0 ? null : windows[source].totals[placeOf(windows[source].executed, times[i])]));
    const circles = windows.flatMap(({ executed }, source) => executed.circles.map((circle) => {
        const column = Math.round((executed.time[circle.candle] - times[0]) / executed.step);
        return { ...circle, column, known: sources[column] === source && times[column] === executed.time[circle.candle] };
    })).filter(({ known }) => known);
    return { columns, circles: circles.sort((a, b) => b.usd - a.usd).slice(0, CIRCLES_MAX) };
}

/** When the first feed was heard first. @param {Executed} executed */
function begins({ feeds, time }) {
    const [from] = time;
    return Math.min(...feeds.map(({ gaps: [first] }) => (first && first.from <= from ? first.to : from)));
}

/** @param {Executed} executed @param {boolean} daily @returns {string[]} what of the time is missing */
function gapNotes(executed, daily) {
    const { feeds, time, until } = executed;
    const from = begins(executed);
    const lacking = feeds.map((feed) => ({ exchange: feed.exchange, ms: missed(feed, from, until) }))
        .filter(({ ms }) => ms > 0).sort((a, b) => b.ms - a.ms);
    return [
        ...from > time[0] ? [`recorded since ${moment(from, daily)}`] : [],
        ...lacking.length > 0 ? [`missed: ${lacking.slice(0, 3).map(({ exchange, ms }) => `${exchangeName(exchange)} ${span(ms)}`).join(', ')}`
            + (lacking.length > 3 ? ` and ${lacking.length - 3} more` : '')] : [],
    ];
}

/**
 * Why there is nothing to show.
 *
 * @param {Executed} executed
 * @returns {string} "" where there is something
 */
export function whyNothing(executed) {
    const { exchange, symbol, feeds, time, until, long, short } = executed;
    if (long.some((usd) => usd > 0) || short.some((usd) => usd > 0))
        return '';
    if (feeds.length === 0)
        return exchange === 'all' ? 'no exchange that is served here publishes any'
            : `${exchangeName(exchange)} publishes none`;
    if (begins(executed) >= until)
        return `none of ${symbol} were recorded in this time`;
    return feeds.some((feed) => missed(feed, time[0], until) > 0) ? 'none were heard in this time' : 'there were none in this time';
}

/** @param {Feed[]} feeds @returns {string[]} who does not report all */
function sampledNotes(feeds) {
    /** @param {boolean} stream */
    const names = (stream) => feeds.filter((feed) => feed.sampled && feed.stream === stream).map((feed) => feed.exchange);
    const [streams, others] = [names(true), names(false)];
    return [
        ...streams.length > 0 ? [`${exchangeNames(streams)} ${streams.length === 1 ? 'reports' : 'report'} at most one order a second`] : [],
        ...others.length > 0 ? [`${exchangeNames(others)} may not report all`] : [],
    ].map((note, i, { length }) => (i === length - 1 ? `${note}: sums are lower bounds` : note));
}

/**
 * What is said of it.
 *
 * @param {Executed} executed @param {boolean} daily  candles are of days
 * @returns {string[]} whose first
 */
export function executedLines(executed, daily) {
    const { feeds } = executed;
    const nothing = whyNothing(executed);
    const heard = feeds.length > 0 && begins(executed) < executed.until;
    const gaps = heard ? gapNotes(executed, daily) : nothing ? [] : ['not recorded here in this time: imported ones only'];
    if (nothing)
        return [`No executed liquidations: ${nothing}`, ...gaps];
    return [
        `Executed liquidations, ${exchangeNames(feeds.map((feed) => feed.exchange)) || exchangeName(executed.exchange)}`,
        ...sampledNotes(feeds),
        ...gaps,
    ];
}

/** A round number of dollars of which a circle is half as large or less. @param {number} largest @returns {number} */
export function sampleOf(largest) {
    const half = largest / 2;
    const power = 10 ** Math.floor(Math.log10(half));
    return power * (half >= 5 * power ? 5 : half >= 2 * power ? 2 : 1);
}
