/* The state of the page: chip, age, notice, what replaces a missing
 * map, the links of the footer, the title. */

import { date, price, priceDecimals, span, zoneName } from '../data/format.js';
import { queryText } from '../data/query.js';
import { lastPrice } from '../data/snapshot.js';
import { ageOf, isSwitching } from '../data/state.js';
import { statusNow } from '../data/status.js';
import { byId, make, rebuild, setText } from './dom.js';

/** @typedef {import('../data/state.js').State} State */

export class StatusBar {
    /** @param {() => void} onRetry */
    constructor(onRetry) {
        /** @type {readonly (keyof State)[]} */
        this.reads = ['map', 'age', 'query', 'busy', 'error', 'retryAt', 'clock', 'local'];
        this.status = byId('status', HTMLElement);
        this.age = byId('age', HTMLElement);
        this.link = byId('json-link', HTMLAnchorElement);
        for (const id of ['retry', 'blank-retry'])
            byId(id, HTMLButtonElement).addEventListener('click', onRetry);
    }

    /** @param {State} state */
    render(state) {
        const { map, query, busy } = state;
        const status = statusNow(state);
        Object.assign(document.body.dataset, {
            state: status.state, busy: String(busy), switching: String(isSwitching(state)),
            source: map?.snapshot.source ?? '', map: String(map !== null),
        });
        setText(this.status, status.label);
        setText(this.age, ageText(state));
        byId('chart', HTMLElement).setAttribute('aria-busy', String(busy));
        this.showNotice(status, map === null);
        setText(byId('blank-loading', HTMLElement), `Loading ${query.symbol} ${query.interval}, ${query.bars} candles…`);
        setText(byId('foot-time', HTMLElement), `Times in ${zoneName(Date.now())}`);
        const href = 'api/v1/heatmap' + queryText(query);
        if (this.link.getAttribute('href') !== href)
            this.link.href = href;
        const title = titleOf(state);
        if (document.title !== title)
            document.title = title;
    }

    /** @param {import('../data/status.js').Status} status @param {boolean} blank  there is no map */
    showNotice({ title, lines, retry }, blank) {
        byId('notice', HTMLElement).hidden = blank || title === '';
        byId('blank-error', HTMLElement).hidden = !blank || title === '';
        setText(byId(blank ? 'blank-title' : 'notice-title', HTMLElement), title);
        const list = byId(blank ? 'blank-lines' : 'notice-lines', HTMLElement);
        rebuild(list, lines, () => lines.flatMap((line) => [make('span', '', line), ' ']));
        byId(blank ? 'blank-retry' : 'retry', HTMLElement).hidden = !retry;
    }
}

/** @param {State} state */
function ageText(state) {
    const { map } = state;
    if (map?.snapshot.source === 'file')
        return Number.isFinite(map.snapshot.dataTime) ? date(map.snapshot.dataTime) : '';
    return map && Number.isFinite(ageOf(state)) ? span(ageOf(state)) : '';
}

/** @param {State} state */
function titleOf({ map, query }) {
    if (!map)
        return `${query.symbol} · Liqmap`;
    const { snapshot } = map;
    return `${price(lastPrice(snapshot), priceDecimals(snapshot))} ${snapshot.symbol} ${map.query.interval} · Liqmap`;
}
