/* Which map is asked for, and how address and API write it. */

/**
 * @typedef {object} Query
 * @property {string} symbol    "BTCUSDT"
 * @property {string} interval  one of INTERVALS
 * @property {number} bars      one of BARS
 * @property {string} exchange  "" leaves the choice to the server
 * @property {Contract} contract  margined in dollars, in the coin; "" leaves it to the server
 * @property {number} end       ms, the map as it was known then; 0: now
 * @property {string} tiers     leverages by commas, lowest first; "" for all
 * @property {Side} side
 * @property {number} range     percent around price, one of RANGES; 0: what the candles need
 * @property {boolean} [older]  not of the address: older candles were asked for by panning
 *
 * @typedef {"both" | "long" | "short"} Side
 * @typedef {"" | "linear" | "inverse" | "both"} Contract
 */

export const INTERVALS = Object.freeze(['5m', '15m', '1h', '4h', '1d']);
export const BARS = Object.freeze([100, 200, 500, 1000, 1500]);
export const SYMBOLS = Object.freeze(['BTCUSDT', 'ETHUSDT', 'SOLUSDT']);

export const TIERS = Object.freeze([2, 3, 5, 10, 25, 50, 100]);
/** @type {readonly Side[]} */
export const SIDES = Object.freeze(['both', 'long', 'short']);
/** @type {readonly Contract[]} */
const CONTRACTS = Object.freeze(['', 'linear', 'inverse', 'both']);
export const RANGES = Object.freeze([0, 2, 5, 10, 20]);

/** @type {Readonly<Query>} */
export const DEFAULT = Object.freeze(
    { symbol: 'BTCUSDT', interval: '1h', bars: 200, exchange: '', contract: '', end: 0, tiers: '', side: 'both', range: 0 });

/** On a phone, so that a candle is a candle. */
const PHONE_BARS = 100;

/** Seconds of one candle. @type {Readonly<Record<string, number>>} */
export const INTERVAL_S = Object.freeze(
    { '5m': 300, '15m': 900, '1h': 3600, '4h': 14400, '1d': 86400 });

/**
 * A symbol as the server spells it.
 *
 * @param {string} text  what was typed: "btc", " BTCUSDT "
 * @param {readonly string[]} [known]  lets a bare asset find its USDT pair
 * @returns {string} "" when it cannot be a symbol
 */
export function cleanSymbol(text, known = SYMBOLS) {
    const s = text.trim().toUpperCase().replace(/[\s/]/g, '');
    if (!/^[A-Z0-9][A-Z0-9_-]{0,31}$/.test(s))
        return '';
    return !known.includes(s) && known.includes(s + 'USDT') ? s + 'USDT' : s;
}

/**
 * Read the choice out of an address; what is missing or impossible is the
 * default.
 *
 * @param {string} search  location.search
 * @param {boolean} [narrow]  a phone
 * @returns {Query}
 */
export function queryFrom(search, narrow = false) {
    const q = new URLSearchParams(search);
    const interval = (q.get('interval') ?? '').toLowerCase();
    const bars = Number(q.get('bars'));
    const exchange = q.get('exchange') ?? '';
    const side = SIDES.find((known) => known === q.get('side'));
    const range = Number(q.get('range'));
    return {
        symbol: cleanSymbol(q.get('symbol') ?? '') || DEFAULT.symbol,
        interval: INTERVALS.includes(interval) ? interval : DEFAULT.interval,
        bars: BARS.includes(bars) ? bars : narrow ? PHONE_BARS : DEFAULT.bars,
        exchange: /^[a-z0-9_-]{1,32}$/.test(exchange) ? exchange : '',
        contract: CONTRACTS.find((known) => known === q.get('contract')) ?? DEFAULT.contract,
        end: endOf(q.get('end') ?? ''),
        tiers: tiersText((q.get('tiers') ?? '').split(',').map(Number)),
        side: side ?? DEFAULT.side,
        range: RANGES.includes(range) ? range : DEFAULT.range,
    };
}

/**
 * A choice of tiers as the address writes it.
 *
 * @param {readonly number[]} leverages  in any order; anything else is ignored
 * @returns {string} "" for all, and for none: a map of nothing is no choice
 */
export function tiersText(leverages) {
    const chosen = TIERS.filter((leverage) => leverages.includes(leverage));
    return chosen.length === TIERS.length ? '' : chosen.join(',');
}

/** @param {Query} state @returns {readonly number[]} */
export function tiersOf({ tiers }) {
    return tiers === '' ? TIERS : tiers.split(',').map(Number);
}

/** @param {string} text  ms or ISO @returns {number} ms; 0 for none */
function endOf(text) {
    const ms = /^\d{1,14}$/.test(text) ? Number(text) : Date.parse(text);
    return ms > 0 && ms < 8e15 ? ms : 0;
}

/**
 * The address of a choice; also the query of the API.
 *
 * @param {Query} query
 * @returns {string} "?symbol=BTCUSDT&interval=1h&bars=500"
 */
export function queryText(query) {
    const q = new URLSearchParams({
        symbol: query.symbol,
        interval: query.interval,
        bars: String(query.bars),
    });
    if (query.exchange)
        q.set('exchange', query.exchange);
    if (query.contract)
        q.set('contract', query.contract);
    if (query.end > 0)
        q.set('end', new Date(query.end).toISOString().replace('.000Z', 'Z'));
    if (query.tiers)
        q.set('tiers', query.tiers);
    if (query.side !== DEFAULT.side)
        q.set('side', query.side);
    if (query.range)
        q.set('range', String(query.range));
    return '?' + q.toString();
}

/** What a map is asked for with: half of the bytes of the plain form. */
export const COMPACT = '&format=compact';

/** @param {Query} a @param {Query} b */
export function sameQuery(a, b) {
    return queryText(a) === queryText(b);
}

/** Whether one map lies where the other lay: only what is shown of it differs. @param {Query} a @param {Query} b */
export function sameWindow(a, b) {
    return sameQuery({ ...a, end: 0, tiers: '', side: 'both' }, { ...b, end: 0, tiers: '', side: 'both' });
}

/** Ranges of time on offer, in days. @type {readonly (readonly [string, number])[]} */
export const SPANS = Object.freeze(/** @type {const} */ ([
    ['12h', 0.5], ['1d', 1], ['3d', 3], ['1w', 7], ['2w', 14], ['1M', 30], ['3M', 90], ['6M', 180], ['1Y', 365],
]));

/** About so many candles can be told apart. */
const GOOD_COUNT = 150;

/**
 * The map that shows a range of time.
 *
 * @param {number} days
 * @returns {{interval: string, bars: number, candles: number}} candles: of the range itself,
 *     at most bars
 */
export function mapOfSpan(days) {
    const choices = INTERVALS.map((interval) => ({ interval, candles: Math.round(86400 * days / INTERVAL_S[interval]) }))
        .filter(({ candles }) => candles >= 2 && candles <= BARS[BARS.length - 1]);
    const { interval, candles } = choices.reduce((best, choice) =>
        (Math.abs(choice.candles - GOOD_COUNT) < Math.abs(best.candles - GOOD_COUNT) ? choice : best));
    return { interval, candles, bars: /** @type {number} */ (BARS.find((bars) => bars >= candles)) };
}
