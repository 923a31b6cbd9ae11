/* What a snapshot says about market and model, in words. */

import { countdown, date, fundingText, percent, price, priceDecimals, span, tierText, usd } from './format.js';
import { lastPrice } from './snapshot.js';

/**
 * @typedef {import('./snapshot.js').Snapshot} Snapshot
 *
 * @typedef {object} ImbalanceRow
 * @property {number} percent  around price
 * @property {number} longs    their part of the modelled mass, 0 .. 1; NaN unknown
 * @property {string} words    of the other part, or why it is unknown
 *
 * @typedef {object} ModelWords
 * @property {string[]} about
 * @property {{leverage: number, name: string, distance: string, share: string, halfLife: string}[]} tiers
 * @property {string[]} assumptions
 * @property {string[]} remarks
 */

/**
 * What a contract allows, and who says so.
 *
 * @param {import('./answers.js').Limits} limits
 * @returns {string} "up to 40×, margin 1.25 % (contract)"; "" where unknown
 */
export function limitsText({ maxLeverage, marginRate, source }) {
    if (!(maxLeverage > 0) || !(marginRate >= 0))
        return '';
    return `up to ${+maxLeverage.toFixed(1)}×, margin ${+(100 * marginRate).toFixed(3)} %${source && ` (${source})`}`;
}

/** @param {Snapshot} snapshot @returns {ImbalanceRow[]} */
export function imbalanceRows({ statistics }) {
    return [1, 2, 5, 10].map((around) => {
        const value = statistics.imbalance.get(around);
        if (value === undefined)
            return { percent: around, longs: NaN, words: 'beyond the map' };
        const longs = (1 - value) / 2;
        return { percent: around, longs, words: `${100 - Math.round(100 * longs)} % shorts` };
    });
}

/**
 * @param {Snapshot} snapshot
 * @param {number} ageMs  of the data; NaN unknown
 * @returns {[string, string][]}
 */
export function statisticsRows(snapshot, ageMs) {
    const { ticker, statistics, candles, grid } = snapshot;
    const decimals = priceDecimals({ candles });
    const untilFunding = statistics.nextFundingTime - snapshot.dataTime - ageMs;
    const accounts = statistics.longShare;
    let shown = 0;
    for (let r = 0; r < grid.rows; r++)
        shown += grid.cells[(r + 1) * grid.columns - 1];
    const inside = shown * grid.quantum / (shown * grid.quantum + grid.outside);
    return [
        ['Last price', price(lastPrice(snapshot), decimals)],
        ['Change in 24 h', percent(ticker.change)],
        ['24 h high', price(ticker.high, decimals)],
        ['24 h low', price(ticker.low, decimals)],
        ['24 h volume', usd(ticker.quoteVolume)],
        ['Open interest', usd(statistics.openInterestUsd)],
        ['Volume / open interest', (ticker.quoteVolume / statistics.openInterestUsd).toFixed(2).replace('NaN', '–')],
        ['Funding rate', fundingText(snapshot)],
        ['Next funding in', countdown(untilFunding)],
        ['Accounts long / short', accounts >= 0 ? `${(100 * accounts).toFixed(1)} / ${(100 - 100 * accounts).toFixed(1)} %` : '–'],
        ['Share of all mass on this map', inside >= 0 ? `${Math.round(100 * inside)} %` : '–'],
        ['Data', Number.isFinite(ageMs) ? `${span(ageMs)} old` : '–'],
    ];
}

/**
 * The model of a snapshot; follows MODEL.md, sections 2 to 7.
 *
 * @param {Snapshot} snapshot
 * @returns {ModelWords}
 */
export function modelWords({ model, interval, grid, warnings, notes, filter }) {
    const margin = model.marginRate;
    const about = ['The volume of each candle counts as new positions, half long and half short, distributed over '
        + 'the candle’s prices and the leverage tiers below. A position is liquidated where its margin is used up. '
        + 'When price touches that row, the position is removed.'];
    if (model.engineInterval) {
        const since = Number.isFinite(model.seriesStart) ? ` since ${date(model.seriesStart)}` : '';
        about.push(`${name(model)} is computed on ${model.engineInterval} candles${since} and shown by ${interval} candles, in ${grid.rows} rows of ${grid.priceStep}.`);
    }
    const { maxLeverage, inverse } = model.limits;
    const tiers = model.tiers.map(({ leverage, share, halfLifeHours }) => {
        const effective = maxLeverage < leverage ? maxLeverage : leverage;
        return {
            leverage,
            name: tierText(leverage, effective),
            distance: margin >= 0 ? distances(effective, margin, inverse) : '–',
            share: share >= 0 ? `${Math.round(100 * share)} %` : '–',
            halfLife: halfLife(halfLifeHours),
        };
    });
    return { about, tiers, assumptions: assumptions(model, grid, filter), remarks: [...warnings, ...notes] };
}

/** @param {import('./snapshot.js').Model} model */
function name(model) {
    return model.name ? `The model, ${model.name}${model.version > 0 ? ` version ${model.version}` : ''},` : 'The model';
}

/**
 * How far from its entry a position of a leverage is closed, long and short.
 *
 * @param {number} leverage
 * @param {number} margin  maintenance margin rate
 * @param {boolean} inverse  margined in the coin
 */
function distances(leverage, margin, inverse) {
    const long = 100 * ((inverse ? (1 + margin) / (1 + 1 / leverage) : (1 - 1 / leverage) / (1 - margin)) - 1);
    const short = 100 * ((inverse ? (1 - margin) / (1 - 1 / leverage) : (1 + 1 / leverage) / (1 + margin)) - 1);
    const digits = (/** @type {number} */ x) => (Math.abs(x) < 9.95 ? Math.abs(x).toFixed(1) : Math.abs(x).toFixed(0));
    return `−${digits(long)} / +${digits(short)} %`;
}

/** @param {number} hours */
function halfLife(hours) {
    if (!(hours > 0))
        return '–';
    return hours < 48 ? `${hours} h` : `${+(hours / 24).toFixed(1)} d`;
}

/**
 * @param {import('./snapshot.js').Model} model
 * @param {import('./snapshot.js').Grid} grid
 * @param {import('./answers.js').Filter} filter
 */
function assumptions(model, grid, filter) {
    const lines = ['Shares of open positions are an assumption: exchanges do not publish leverage. '
        + 'Half-lives say how fast owners close their positions.'];
    if (model.marginRate >= 0)
        lines.push(`Maintenance margin ${+(100 * model.marginRate).toFixed(3)} %, isolated, first bracket, without fees.`);
    const limits = limitsText(model.limits);
    if (limits)
        lines.push(`What the contract allows: ${limits}${model.limits.inverse ? ', in the coin' : ''}.`);
    if (model.leverageSpread > 0) {
        const round = model.roundShare > 0 ? `; ${+(100 * model.roundShare).toFixed(1)} % of entries are at round prices` : '';
        lines.push(`Each band is blurred by ${+(100 * model.leverageSpread).toFixed(1)} % of its distance for added margin and cross-margined positions${round}.`);
    }
    lines.push(model.scaledBy === 'open_interest' && Number.isFinite(grid.usdPerUnit)
        ? 'Dollars distribute the open interest, a long and a short for each contract, over all mass, also outside the map. They are an upper bound: most positions are closed by a stop or by their owner.'
        : 'Open interest is unknown, so there are no dollars: densities are relative.');
    if (filter.tiers.length > 0 && filter.tiers.length < model.tiers.length)
        lines.push(`Shown here: only ${filter.tiers.map((t) => t + '×').join(', ')}.`);
    if (filter.side !== 'both')
        lines.push(`Shown here: only ${filter.side}s.`);
    lines.push('A level is where forced orders appear if price gets there. It is not a magnet and not a forecast.');
    return lines;
}
