/* What a screen reader hears of the header: a change of state at once, the
 * price once a minute at most. */

import { percent, price, priceDecimals } from './format.js';
import { lastPrice } from './snapshot.js';
import { statusNow } from './status.js';

const PRICE_MS = 60000;

export class Announcer {
    /** @param {(text: string) => void} say */
    constructor(say) {
        this.say = say;
        this.state = '';
        this.priceAt = -Infinity;
    }

    /**
     * @param {object} now
     * @param {string} now.state   changes when something happened: "stale BTCUSDT 1h"
     * @param {string} now.about   the state in words, "" where there is nothing to say
     * @param {string} now.price   "BTCUSDT 110,420.5, −0.30 % in 24 hours"; "" unknown
     * @param {number} ms  any clock
     */
    hear({ state, about, price }, ms) {
        const changed = state !== this.state;
        if (!changed && (price === '' || ms - this.priceAt < PRICE_MS))
            return;
        this.state = state;
        if (price !== '')
            this.priceAt = ms;
        const text = [changed ? about : '', price].filter(Boolean).join('. ');
        if (text)
            this.say(text);
    }
}

/** @param {import('./state.js').State} state @returns {Parameters<Announcer["hear"]>[0]} */
export function announcementOf(state) {
    const { map, query: { symbol, interval } } = state;
    const { state: name, title, lines } = statusNow(state);
    return {
        /* An age that grows is no news. */
        state: [name, title.replace(/\d+ (s|min|h|d)\b/g, ''), symbol, interval, map !== null].join(),
        about: title ? `${title}. ${lines[0] ?? ''}` : map ? `${symbol} ${interval} ${name}` : '',
        price: map ? spokenPrice(map.snapshot) : '',
    };
}

/** @param {import('./snapshot.js').Snapshot} snapshot */
function spokenPrice(snapshot) {
    return `${snapshot.symbol} ${price(lastPrice(snapshot), priceDecimals(snapshot))}, ${percent(snapshot.ticker.change)} in 24 hours`;
}
