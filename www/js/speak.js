/* What a screen reader hears of the header: a change of state at once, the
 * price once a minute at most.  No DOM. */

const PRICE_MS = 60000;

export class Speaker {
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
