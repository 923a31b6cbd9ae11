/* The numbers above the map, all from one snapshot. */

import { byId, make, rebuild, setText } from './dom.js';
import { compact, countdown, exchangeName, fundingText, percent, price, priceDecimals, usd } from '../data/format.js';
import { nearestTexts } from '../data/levels.js';
import { lastPrice } from '../data/snapshot.js';
import { exchangeNow } from '../data/state.js';

/**
 * @typedef {import('../data/snapshot.js').Snapshot} Snapshot
 * @typedef {import('../data/state.js').State} State
 */

/** Name, label, and what the number is. @type {readonly (readonly [string, string, string])[]} */
const STATS = [
    ['levels', 'Nearest levels', 'The nearest of the large levels above and below price'],
    ['high', '24 h high', 'Highest price of 24 hours'],
    ['low', '24 h low', 'Lowest price of 24 hours'],
    ['volume', '24 h volume', 'Traded in 24 hours, in the quote currency'],
    ['oi', 'Open interest', 'Notional of all open contracts'],
    ['funding', 'Funding', 'What longs pay shorts at the next funding time'],
    ['ratio', 'Long / short', 'Share of accounts that are long and short'],
    ['imbalance', 'Within 2 %', 'Which side has more modelled liquidations within 2 % of price'],
];

const DAY_MS = 86400000;

export class Header {
    constructor() {
        /** @type {readonly (keyof State)[]} */
        this.reads = ['map', 'query', 'clock'];
        this.symbol = byId('symbol-name', HTMLElement);
        this.market = byId('market-name', HTMLElement);
        this.price = byId('price', HTMLElement);
        this.change = byId('change', HTMLElement);
        this.list = byId('stats', HTMLElement);
        /** @type {Map<string, {box: HTMLElement, value: HTMLElement}>} */
        this.stats = new Map(STATS.map(([name, label, about]) => {
            const value = make('dd', '', '–');
            value.dataset.testid = 'stat-' + name;
            const box = make('div', `stat stat-${name}`, make('dt', '', label), value);
            box.title = about;
            this.list.append(box);
            return [name, { box, value }];
        }));
    }

    /** @private */
    get fundingLabel() {
        return /** @type {HTMLElement} */ (this.stats.get('funding')?.box.querySelector('dt'));
    }

    /** @param {State} state @param {State | null} before */
    render(state, before) {
        const { map, query } = state;
        if (!map)
            this.clear(query.symbol);
        else if (map !== before?.map)
            this.show(map.snapshot, map.query.end > 0);
        if (map)
            this.showFunding(map.snapshot, exchangeNow(state));
    }

    /** Name what is asked for and forget all numbers. @param {string} symbol */
    clear(symbol) {
        setText(this.symbol, symbol);
        setText(this.market, '');
        setText(this.price, '');
        setText(this.change, '');
        for (const { value } of this.stats.values())
            rebuild(value, '–', (text) => [text]);
    }

    /** @param {Snapshot} snapshot @param {boolean} past  no ticker is of then, and all candles are closed */
    show(snapshot, past) {
        const { statistics, candles } = snapshot;
        const day = past ? dayOf(candles) : snapshot.ticker;
        const decimals = priceDecimals({ candles });
        setText(this.symbol, snapshot.symbol);
        setText(this.market, marketText(snapshot));
        setText(this.price, price(lastPrice(snapshot), decimals));
        setText(this.change, past && Number.isNaN(day.change) ? '' : percent(day.change));
        this.change.dataset.tone = day.change > 0 ? 'up' : day.change < 0 ? 'down' : '';
        const { value } = /** @type {{value: HTMLElement}} */ (this.stats.get('levels'));
        rebuild(value, nearestTexts(snapshot), (texts) => texts.flatMap((text) => [make('span', '', text), ' ']));
        this.set('high', price(day.high, decimals));
        this.set('low', price(day.low, decimals));
        this.set('volume', usd(day.quoteVolume));
        this.set('oi', usd(statistics.openInterestUsd));
        this.set('ratio', ratioText(statistics.longShare));
        const imbalance = statistics.imbalance.get(2);
        this.set('imbalance', imbalanceText(imbalance));
        const { box } = /** @type {{box: HTMLElement}} */ (this.stats.get('imbalance'));
        box.hidden = imbalance === undefined;
    }

    /**
     * The part that changes by itself.
     *
     * @param {Snapshot} snapshot
     * @param {number} now  ms on the exchange's clock; NaN unknown
     */
    showFunding(snapshot, now) {
        const left = snapshot.statistics.nextFundingTime - now;
        this.set('funding', fundingText(snapshot, true));
        setText(this.fundingLabel, left >= 0 ? `Funding in ${countdown(left)}` : 'Funding');
    }

    /** @param {string} name @param {string} text */
    set(name, text) {
        const stat = this.stats.get(name);
        if (stat)
            rebuild(stat.value, text, () => [text]);
    }
}

/** What a ticker would say, of the last 24 hours of closed candles; not finite where they begin later. @param {Snapshot["candles"]} candles */
export function dayOf({ time, high, low, close, quoteVolume }) {
    const end = time.length - 1;
    const before = time.indexOf(time[end] - DAY_MS);
    /** @param {Float64Array} column */
    const of = (column) => column.subarray(before < 0 ? end + 1 : before + 1);
    return {
        change: 100 * (close[end] / close[before] - 1), high: Math.max(...of(high)), low: Math.min(...of(low)),
        quoteVolume: of(quoteVolume).reduce((a, b) => a + b, before < 0 ? NaN : 0),
    };
}

/** @param {Snapshot} snapshot */
function marketText({ exchange, market }) {
    const name = exchangeName(exchange);
    const kind = market.replace(/-/g, ' ');
    return [name, kind === exchange || exchange === 'all' ? '' : kind].filter(Boolean).join(' · ');
}

/** @param {number} share of longs, 0 .. 1 */
function ratioText(share) {
    return share >= 0 && share <= 1
        ? `${(100 * share).toFixed(1)} / ${(100 - 100 * share).toFixed(1)} %` : '–';
}

/** @param {number | undefined} value  -1 all longs below .. 1 all shorts above */
export function imbalanceText(value) {
    if (value === undefined)
        return '–';
    const share = compact(Math.round(50 + 50 * Math.abs(value)));
    return value === 0 ? 'even' : `${share} % ${value > 0 ? 'shorts' : 'longs'}`;
}
