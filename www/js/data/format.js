/* Numbers and times as a trader reads them. The same value
 * gives the same text everywhere: no locale of the host. */

const NONE = '–';
const MINUS = '−';
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep',
    'Oct', 'Nov', 'Dec'];

/** @param {number} n @returns {string} two digits */
const two = (n) => String(n).padStart(2, '0');

/**
 * How many decimals are needed to write these prices without loss.
 *
 * @param {ArrayLike<number>} prices
 * @returns {number} 0 .. 8
 */
export function decimalsOf(prices) {
    let most = 0;
    for (let i = 0; i < prices.length; i++) {
        const text = prices[i].toFixed(8).replace(/0+$/, '');
        most = Math.max(most, text.length - text.indexOf('.') - 1);
    }
    return most;
}

/** How many decimals the prices of a chart have. @param {{candles: {close: Float64Array}}} snapshot */
export function priceDecimals({ candles }) {
    return decimalsOf(candles.close.subarray(-50));
}

/**
 * A price with thin grouping.
 *
 * @param {number} value  quote per base; not finite gives a dash
 * @param {number} decimals  0 .. 8
 * @returns {string} "110,420.5"
 */
export function price(value, decimals) {
    if (!Number.isFinite(value))
        return NONE;
    const [whole, part] = Math.abs(value).toFixed(decimals).split('.');
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
    return (value < 0 ? MINUS : '') + grouped + (part ? '.' + part : '');
}

/**
 * A large number in four characters and a unit.
 *
 * @param {number} value  not finite gives a dash
 * @param {number} [digits]  1 or 2: no more are known
 * @returns {string} "1.24 B", "950 k", "12.3"
 */
export function compact(value, digits) {
    if (!Number.isFinite(value))
        return NONE;
    const size = digits ? Number(Math.abs(value).toPrecision(digits)) : Math.abs(value);
    const sign = value < 0 ? MINUS : '';
    /* 999,500 would read "1000 k": the unit is chosen after rounding. */
    for (const [unit, name] of UNITS) {
        if (size >= unit * 0.9995)
            return sign + (digits ? size / unit : digits3(size / unit)) + ' ' + name;
    }
    return sign + (digits ? size : digits3(size));
}

/** @type {readonly (readonly [number, string])[]} */
const UNITS = [[1e12, 'T'], [1e9, 'B'], [1e6, 'M'], [1e3, 'k']];

/** @param {number} x >= 0 @returns {string} about three digits */
function digits3(x) {
    if (x >= 99.95 || x === 0)
        return x.toFixed(0);
    if (x >= 9.995)
        return x.toFixed(1).replace(/\.0$/, '');
    return x >= 0.995 ? x.toFixed(2) : Number(x.toPrecision(2)).toString();
}

/** @param {number} value dollars @param {number} [digits]  as in compact @returns {string} "$1.24 B" */
export function usd(value, digits) {
    if (!Number.isFinite(value))
        return NONE;
    return (value < 0 ? MINUS : '') + '$' + compact(Math.abs(value), digits);
}

/**
 * @param {number} value  percent
 * @param {number} [decimals]
 * @returns {string} signed: "+1.24 %", "−0.30 %", "0.00 %"
 */
export function percent(value, decimals = 2) {
    if (!Number.isFinite(value))
        return NONE;
    const text = Math.abs(value).toFixed(decimals);
    const sign = Number(text) === 0 ? '' : value < 0 ? MINUS : '+';
    return sign + text + ' %';
}

/**
 * @param {number} ms  a span of time; negative counts as none
 * @returns {string} "0 s", "59 s", "3 min", "2 h 05 min", "4 d"
 */
export function span(ms) {
    if (!Number.isFinite(ms))
        return NONE;
    const s = Math.max(0, Math.floor(ms / 1000));
    if (s < 60)
        return s + ' s';
    if (s < 3600)
        return Math.floor(s / 60) + ' min';
    if (s < 2 * 86400)
        return Math.floor(s / 3600) + ' h ' + two(Math.floor(s / 60) % 60) + ' min';
    return Math.floor(s / 86400) + ' d';
}

/** @param {number} ms  until something @returns {string} "07:59:30" */
export function countdown(ms) {
    if (!Number.isFinite(ms))
        return NONE;
    const s = Math.max(0, Math.ceil(ms / 1000));
    return [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60].map(two).join(':');
}

/** The zone that the person chose for times; dates of whole days stay in UTC. */
let local = false;

/** @param {boolean} on  the zone of this computer instead of UTC */
export function useLocalTime(on) {
    local = on;
}

/** @param {number} ms  Unix time @param {boolean} here  in this computer's zone */
function dateIn(ms, here) {
    const d = new Date(ms);
    return here ? `${d.getDate()} ${MONTHS[d.getMonth()]} ${d.getFullYear()}`
        : `${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]} ${d.getUTCFullYear()}`;
}

/** @param {number} ms  Unix time @returns {string} "12 Oct 2025" */
export function date(ms) {
    return dateIn(ms, false);
}

/** @param {number} ms  Unix time @returns {string} "14:05" */
export function clock(ms) {
    const d = new Date(ms);
    return local ? two(d.getHours()) + ':' + two(d.getMinutes())
        : two(d.getUTCHours()) + ':' + two(d.getUTCMinutes());
}

/** The zone of clock() at a time. @param {number} ms @returns {string} "UTC", "UTC+2" */
export function zoneName(ms) {
    const minutes = local ? -new Date(ms).getTimezoneOffset() : 0;
    if (minutes === 0)
        return 'UTC';
    const size = Math.abs(minutes);
    const part = size % 60 ? ':' + two(size % 60) : '';
    return `UTC${minutes < 0 ? MINUS : '+'}${Math.floor(size / 60)}${part}`;
}

/**
 * The time of a candle's open.
 *
 * @param {number} ms  Unix time
 * @param {boolean} daily  a day's candle needs no clock
 */
export function moment(ms, daily) {
    return daily ? date(ms) : `${dateIn(ms, local)} ${clock(ms)} ${zoneName(ms)}`;
}

/**
 * What a mark of the time axis begins.
 *
 * @param {number} s  Unix time as the axis has it: in its zone, as if that were UTC
 * @param {number} kind  0 a year, 1 a month, 2 a day, more a time of day
 * @returns {string} "2025", "Nov", "14", "08:00"
 */
export function axisMark(s, kind) {
    const d = new Date(1000 * s);
    return [String(d.getUTCFullYear()), MONTHS[d.getUTCMonth()], String(d.getUTCDate())][kind]
        ?? two(d.getUTCHours()) + ':' + two(d.getUTCMinutes());
}

/**
 * Relative density; what is there but tiny is not shown as nothing.
 *
 * @param {number} value  0 .. 100
 * @param {number} [step]  how exactly it is known, 0.1 or 1
 * @returns {string}
 */
export function density(value, step = 0.1) {
    if (!Number.isFinite(value))
        return NONE;
    if (value > 0 && value < step)
        return `< ${step}`;
    return value.toFixed(value > 0 && value < 10 && step < 1 ? 1 : 0);
}

/**
 * The base asset of a perpetual's symbol, for units beside volumes.
 *
 * @param {string} symbol
 * @returns {string} "BTC" of "BTCUSDT"; the symbol itself when unsure
 */
export function baseAsset(symbol) {
    const m = /^(.+?)[-_/]?(?:USDT|USDC|USD)(?:[-_].*)?$/.exec(symbol);
    return m ? m[1] : symbol;
}

/** @param {string} name  as the API spells it @returns {string} as its owner does */
export function exchangeName(name) {
    const known = { okx: 'OKX', htx: 'HTX', kucoin: 'KuCoin', all: 'All exchanges', auto: 'Auto' };
    return known[/** @type {keyof typeof known} */ (name)]
        ?? (name ? name[0].toUpperCase() + name.slice(1).replaceAll('-', ' ') : '');
}

/** More than three are a number. @param {readonly string[]} names  as the API spells them */
export function exchangeNames(names) {
    return names.length > 3 ? `${names.length} exchanges` : names.map(exchangeName).join(', ');
}

/**
 * Funding as it is paid, and by the year, so that exchanges compare.  Of a sum only the year has a meaning.
 *
 * @param {{statistics: import('./snapshot.js').Statistics, exchange: string}} snapshot
 * @param {boolean} [brief]  without the hours
 * @returns {string} "+0.0100 % / 8 h (+11 % a year)"
 */
export function fundingText({ statistics, exchange }, brief = false) {
    const { fundingRate, fundingIntervalMs, fundingYearly } = statistics;
    const yearly = 100 * fundingYearly;
    const year = Number.isFinite(yearly) ? `${percent(yearly, Math.abs(yearly) < 9.95 ? 1 : 0)} a year` : '';
    if (exchange === 'all' && year)
        return year;
    const hours = fundingIntervalMs > 0 && !brief ? ` / ${+(fundingIntervalMs / 3600000).toFixed(1)} h` : '';
    return percent(100 * fundingRate, 4) + (Number.isFinite(fundingRate) ? hours + (year && ` (${year})`) : '');
}

/**
 * A tier by its name, and what its leverage is where the contract allows less.
 *
 * @param {number} leverage
 * @param {number} effective  NaN unknown
 * @returns {string} "100×: 40× here"
 */
export function tierText(leverage, effective) {
    return effective < leverage ? `${leverage}×: ${+effective.toFixed(1)}× here` : `${leverage}×`;
}
