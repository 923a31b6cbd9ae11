/* From a snapshot and a scale to colours, kept still between two closes.
 * No DOM. */

import { Colours, rangesOf, ranksOf } from './scale.js';

/**
 * @typedef {import('./snapshot.js').Snapshot} Snapshot
 * @typedef {import('./look.js').Look} Look
 */

export class Painter {
    /** @param {Look} look */
    constructor(look) {
        this.look = look;
        /** @type {ReturnType<typeof ranksOf> | null} */
        this.ranks = null;
        this.ranksFor = '';
        /** @type {import('./scale.js').Ranges | null} */
        this.ranges = null;
        this.rangesFor = '';
    }

    /** @param {Look} look */
    setLook(look) {
        if (JSON.stringify(look.scale) !== JSON.stringify(this.look.scale)) {
            this.ranges = null;
            this.ranksFor = '';
        }
        this.look = look;
    }

    /**
     * @param {Snapshot} snapshot
     * @param {boolean} reset  of another symbol, interval or window than the last
     * @returns {Colours}
     */
    colours({ grid, candles, symbol }, reset) {
        const { scale, palette } = this.look;
        const newest = candles.time[candles.time.length - 1];
        /* A mass is a mass per row: another row height needs other ends. */
        const rangesFor = [symbol, newest, grid.priceStep].join();
        const ranksFor = [rangesFor, grid.columns, grid.quantum, grid.max].join();
        if (!this.ranks || reset || ranksFor !== this.ranksFor) {
            this.ranks = ranksOf(grid, candles, scale.sides && !scale.pin);
            this.ranksFor = ranksFor;
        }
        if (!this.ranges || reset || rangesFor !== this.rangesFor) {
            const before = reset || !this.rangesFor.endsWith(',' + grid.priceStep) ? null : this.ranges;
            this.ranges = rangesOf(this.ranks, grid, scale, scale.pin ? null : before);
            this.rangesFor = rangesFor;
        }
        return new Colours(palette, this.ranges, scale.log);
    }

    /**
     * The ends of now as a pin, so that colours mean the same tomorrow.
     *
     * @param {import('./snapshot.js').Grid} grid  the last one shown
     * @returns {import('./scale.js').Pin | null} null before the first map
     */
    pinNow(grid) {
        if (!this.ranges)
            return null;
        const { dark, bright } = this.ranges.long;
        const known = Number.isFinite(grid.usdPerUnit);
        const factor = known ? grid.usdPerUnit : 1;
        return { unit: known ? 'usd' : 'mass', dark: dark * factor, bright: bright * factor };
    }
}
