/* The caption of the profile: which model, and the scale of what is seen. */

import { amountText, rowsBetween, scaleOf } from '../data/profile.js';
import { byId, make, rebuild } from './dom.js';

/** @typedef {import('../data/state.js').State} State */

const GAP_PX = 3;

export class ProfileCaption {
    /** @param {import('../data/state.js').PageStore} store  gets `head`, the height */
    constructor(store) {
        this.store = store;
        /** @type {readonly (keyof State)[]} */
        this.reads = ['bars', 'visible'];
        this.root = byId('profile-head', HTMLElement);
    }

    /** @param {State} state @param {State | null} before */
    render({ bars, visible, map }, before) {
        /* Written again, even the same would have the styles of the whole page computed. */
        if (visible && visible.profileWidth !== before?.visible?.profileWidth)
            this.root.style.setProperty('--profile', `${visible.profileWidth}px`);
        if (visible && visible.axis !== before?.visible?.axis)
            document.documentElement.style.setProperty('--axis', `${visible.axis}px`);
        if (!before || bars !== before.bars) {
            this.root.hidden = bars === null;
            byId('chart', HTMLElement).dataset.profile = bars ? bars.kind : 'off';
        }
        const text = bars && visible?.prices ? captionOf(bars, visible.prices, (map?.query.end ?? 0) > 0) : [];
        const rebuilt = rebuild(this.root, text, ([title, ...lines]) => {
            const scale = make('span', 'profile-scale', ...lines.flatMap((line, i) => (i > 0 ? [make('br'), line] : [line])));
            return [make('span', '', make('strong', '', title ?? ''), scale)];
        });
        /* The labels of levels begin below it. */
        if (rebuilt)
            this.store.set({ head: bars ? this.root.offsetTop + this.root.offsetHeight + GAP_PX : 0 });
    }
}

/**
 * @param {import('../data/profile.js').Bars} bars
 * @param {{from: number, to: number}} prices  in sight
 * @param {boolean} past  the newest column is not of now
 * @returns {string[]} title and lines
 */
function captionOf(bars, prices, past) {
    const { first, end } = rowsBetween(bars, prices.from, prices.to);
    const { bar, sum } = scaleOf(bars, first, end);
    return [
        bars.kind === 'tiers' ? `${past ? 'Then' : 'Now'}, by tier` : `Single ${bars.leverage}×`,
        ...bars.kind === 'tiers' ? [] : ['simpler model, weights'],
        `longest bar ${amountText(bars, bar)}`, `line: sum ${amountText(bars, sum)}`,
        ...bars.outside > 0 ? [`outside the map ${amountText(bars, bars.outside)}`] : [],
    ];
}
