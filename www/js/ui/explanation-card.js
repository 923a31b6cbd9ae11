/* "Why is this cell hot?": the card that lists the candles and tiers behind a
 * cell.  Loaded when somebody asks. */

import { byId, headRow, make } from './dom.js';
import { clock, date, decimalsOf, density, price, tierText, usd, zoneName } from '../data/format.js';
import { cellAt } from '../data/snapshot.js';

/**
 * @typedef {import('../data/answers.js').Explanation} Explanation
 * @typedef {import('../data/snapshot.js').Snapshot} Snapshot
 */

export class ExplanationCard {
    /** @param {import('../data/state.js').PageStore} store */
    constructor(store) {
        this.store = store;
        /** @type {readonly (keyof import('../data/state.js').State)[]} */
        this.reads = ['explaining'];
        this.root = byId('why', HTMLElement);
        this.body = make('div', 'why-body');
        this.body.setAttribute('aria-live', 'polite');
        /* It may scroll. */
        this.body.tabIndex = 0;
        const title = make('h2', '', 'Why is this cell hot?');
        title.id = 'why-title';
        this.closer = make('button', 'round', '✕');
        this.closer.type = 'button';
        this.closer.dataset.testid = 'why-close';
        this.closer.setAttribute('aria-label', 'Close');
        this.closer.addEventListener('click', () => this.close());
        this.root.replaceChildren(make('div', 'why-head', title, this.closer), this.body);
        /** Where the focus was when the card took it. @type {Element | null} */
        this.back = null;
    }

    close() {
        this.store.set({ explaining: null });
    }

    /** @param {import('../data/state.js').State} state */
    render({ explaining, map }) {
        if (!explaining || !map) {
            this.hide();
            return;
        }
        const { explanation, problem } = explaining;
        if (this.root.hidden || (!explanation && !problem))
            this.wait(explaining);
        if (explanation)
            this.show(explanation, map.snapshot);
        else if (problem)
            this.body.replaceChildren(make('p', '', problem));
    }

    /** @param {import('../data/state.js').Explaining} explaining */
    wait({ place: { right, low }, focus }) {
        this.root.dataset.place = right ? 'right' : 'left';
        this.root.dataset.low = String(low);
        this.root.hidden = false;
        this.body.replaceChildren(make('p', '', 'Loading…'));
        this.back = focus ? document.activeElement : null;
        if (focus)
            this.root.focus({ preventScroll: true });
    }

    hide() {
        const inside = this.root.contains(document.activeElement);
        this.root.hidden = true;
        if (inside && this.back instanceof HTMLElement)
            this.back.focus({ preventScroll: true });
        this.back = null;
    }

    /** @param {Explanation} explanation @param {Snapshot} snapshot */
    show(explanation, snapshot) {
        const { interval, grid, candles } = snapshot;
        /* As the tooltip says it. */
        const cell = cellAt(snapshot, candles.time.indexOf(explanation.time), (explanation.from + explanation.to) / 2);
        const decimals = decimalsOf([grid.priceMin, grid.priceStep, explanation.from, explanation.to].map((v) => Number(v.toPrecision(10))));
        const daily = interval === '1d';
        const dollars = Number.isFinite(explanation.usd) ? ` · ≤ ${usd(explanation.usd)}` : '';
        const who = make('strong', '', explanation.side === 'long' ? 'Longs' : 'Shorts');
        who.dataset.side = explanation.side;
        this.body.replaceChildren(
            make('p', '', who, ` at ${price(explanation.from, decimals)} to ${price(explanation.to, decimals)}, `
                + `as of ${moment(explanation.time, daily)}${daily ? '' : ' ' + zoneName(explanation.time)}. Density ${cell ? density(cell.density, cell.step) : density(explanation.density)} / 100${dollars}.`));
        if (explanation.causes.length === 0)
            this.body.append(make('p', '', 'No positions: in this model nothing would be liquidated in this row.'));
        else
            this.body.append(...causesTable(explanation, daily));
        if (Number.isFinite(explanation.sweptAt))
            this.body.append(make('p', 'fine', `Price swept this row at ${moment(explanation.sweptAt, false)} ${zoneName(explanation.sweptAt)}; earlier positions were removed.`));
        const earlier = explanation.causes.filter((cause) => cause.time < candles.time[0]).length;
        if (earlier > 0)
            this.body.append(make('p', 'fine', `${earlier} of these candles are earlier than the chart.`));
    }
}

/** @param {number} ms @param {boolean} daily */
function moment(ms, daily) {
    const [day, month] = date(ms).split(' ');
    return daily ? date(ms) : `${day} ${month} ${clock(ms)}`;
}

/** @param {Explanation} explanation @param {boolean} daily @returns {Node[]} */
function causesTable({ causes, total, listedShare, usd: all, time }, daily) {
    const dollars = Number.isFinite(all);
    const rows = causes.map((cause) => {
        const when = make('th', '', moment(cause.time, daily));
        when.scope = 'row';
        return make('tr', '', when,
            make('td', '', make('span', `swatch tier-${cause.leverage}`), tierText(cause.leverage, cause.effective)),
            make('td', '', `${(100 * cause.share).toFixed(1)} %`),
            ...(dollars ? [make('td', '', '≤ ' + usd(cause.usd))] : []));
    });
    const note = causes.length < total
        ? `The ${causes.length} largest of ${total}; together ${(100 * listedShare).toFixed(0)} % of the cell.`
        : `All ${total} ${total === 1 ? 'entry' : 'entries'}.`;
    return [
        make('p', '', 'Positions opened in these candles would be liquidated here:'),
        make('table', 'causes', make('caption', 'unseen', 'Candles and tiers behind the cell'),
            make('thead', '', headRow([daily ? 'Candle' : `Candle, ${zoneName(time)}`, 'Tier', 'Share', ...(dollars ? ['Dollars'] : [])])),
            make('tbody', '', ...rows)),
        make('p', 'fine', note),
    ];
}
