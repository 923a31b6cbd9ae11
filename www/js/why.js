/* "Why is this cell hot?": the card that lists the candles and tiers behind a
 * cell. */

import { byId, headRow, make } from './dom.js';
import { clock, date, decimalsOf, density, price, usd, zoneName } from './format.js';

/**
 * @typedef {import('./answers.js').Explanation} Explanation
 * @typedef {import('./snapshot.js').Snapshot} Snapshot
 */

export class WhyCard {
    /** @param {() => void} onClose */
    constructor(onClose) {
        this.onClose = onClose;
        this.root = byId('why', HTMLElement);
        this.body = make('div', 'why-body');
        this.body.setAttribute('aria-live', 'polite');
        const title = make('h2', '', 'Why is this cell hot?');
        title.id = 'why-title';
        this.closer = make('button', 'round', '✕');
        this.closer.type = 'button';
        this.closer.dataset.testid = 'why-close';
        this.closer.setAttribute('aria-label', 'Close');
        this.closer.addEventListener('click', () => this.close());
        this.root.replaceChildren(make('div', 'why-head', title, this.closer), this.body);
        /** Where the focus was when the card took it. @type {HTMLElement | null} */
        this.back = null;
    }

    get open() {
        return !this.root.hidden;
    }

    /**
     * @param {{right: boolean, low: boolean}} place  so that the cell stays in sight; low: the cell is
     * @param {HTMLElement | null} back  takes the focus after the card; null: the card takes none
     */
    wait({ right, low }, back) {
        this.root.dataset.place = right ? 'right' : 'left';
        this.root.dataset.low = String(low);
        this.root.hidden = false;
        this.body.replaceChildren(make('p', '', 'Looking…'));
        this.back = back;
        if (back)
            this.root.focus({ preventScroll: true });
    }

    /**
     * The side of the card that the crosshair is on.
     *
     * @param {import('./tooltip.js').Pane} pane
     * @param {number} x  of the crosshair
     * @returns {import('./tooltip.js').Pane} all of it where there is no card, or one as wide as the pane
     */
    free(pane, x) {
        const { offsetLeft: from, offsetWidth: width } = this.root;
        if (!this.open || width > pane.width / 2)
            return pane;
        if (x < from)
            return { ...pane, width: from };
        return x > from + width ? { ...pane, left: from + width } : pane;
    }

    close() {
        if (!this.open)
            return;
        const inside = this.root.contains(document.activeElement);
        this.root.hidden = true;
        if (inside)
            this.back?.focus({ preventScroll: true });
        this.back = null;
        this.onClose();
    }

    /** @param {string} message */
    fail(message) {
        this.body.replaceChildren(make('p', '', message));
    }

    /** @param {Explanation} said @param {Snapshot} snapshot */
    show(said, { interval, grid, candles }) {
        const decimals = decimalsOf([grid.priceMin, grid.priceStep, said.from, said.to].map((v) => Number(v.toPrecision(10))));
        const daily = interval === '1d';
        const dollars = Number.isFinite(said.usd) ? ` · ≤ ${usd(said.usd)}` : '';
        const who = make('strong', '', said.side === 'long' ? 'Longs' : 'Shorts');
        who.dataset.side = said.side;
        this.body.replaceChildren(
            make('p', '', who, ` at ${price(said.from, decimals)} to ${price(said.to, decimals)}, `
                + `as of ${moment(said.time, daily)}${daily ? '' : ' ' + zoneName(said.time)}. Density ${density(said.density)} / 100${dollars}.`));
        if (said.causes.length === 0)
            this.body.append(make('p', '', 'Nothing stands here: nobody’s positions in this model are closed in this row.'));
        else
            this.body.append(...causesTable(said, daily));
        if (Number.isFinite(said.sweptAt))
            this.body.append(make('p', 'fine', `Price swept this row at ${moment(said.sweptAt, false)} ${zoneName(said.sweptAt)}; what stood there before is gone.`));
        const earlier = said.causes.filter((cause) => cause.time < candles.time[0]).length;
        if (earlier > 0)
            this.body.append(make('p', 'fine', `${earlier} of these are left of the chart.`));
    }
}

/** @param {number} ms @param {boolean} daily */
function moment(ms, daily) {
    const [day, month] = date(ms).split(' ');
    return daily ? date(ms) : `${day} ${month} ${clock(ms)}`;
}

/** @param {Explanation} said @param {boolean} daily @returns {Node[]} */
function causesTable({ causes, total, listedShare, usd: all, time }, daily) {
    const dollars = Number.isFinite(all);
    const rows = causes.map((cause) => {
        const when = make('th', '', moment(cause.time, daily));
        when.scope = 'row';
        return make('tr', '', when,
            make('td', '', make('span', `swatch tier-${cause.leverage}`), `${cause.leverage}×`),
            make('td', '', `${(100 * cause.share).toFixed(1)} %`),
            ...(dollars ? [make('td', '', '≤ ' + usd(cause.usd))] : []));
    });
    const note = causes.length < total
        ? `The ${causes.length} largest of ${total}; together ${(100 * listedShare).toFixed(0)} % of the cell.`
        : `All of it: ${total} ${total === 1 ? 'entry' : 'entries'}.`;
    return [
        make('p', '', 'Positions opened in these candles would be closed here:'),
        make('table', 'causes', make('caption', 'unseen', 'Candles and tiers behind the cell'),
            make('thead', '', headRow([daily ? 'Candle' : `Candle, ${zoneName(time)}`, 'Tier', 'Share', ...(dollars ? ['Dollars'] : [])])),
            make('tbody', '', ...rows)),
        make('p', 'fine', note),
    ];
}

/**
 * The candles behind a cell, each once.
 *
 * @param {Explanation} said
 * @param {Snapshot} snapshot
 * @returns {import('./bands.js').Cell | null} null when the cell has left the window
 */
export function marksOf(said, { candles }) {
    const column = candles.time.indexOf(said.time);
    if (column < 0)
        return null;
    /** @type {Map<number, number>} */
    const shares = new Map();
    for (const { time, share } of said.causes)
        shares.set(time, (shares.get(time) ?? 0) + share);
    const behind = [...shares].map(([time, share]) => ({ column: candles.time.indexOf(time), share }))
        .filter((cause) => cause.column >= 0);
    return {
        column, from: said.from, to: said.to,
        candles: behind.map((cause) => ({ ...cause, low: candles.low[cause.column], high: candles.high[cause.column] })),
    };
}
