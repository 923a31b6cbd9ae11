/* Which colour a density has: from what on it is no longer dark, from what on
 * it is brightest, and how it rises between. */

import { COLOURS, colourIndex, cssColour, paletteOf } from './palette.js';

/**
 * @typedef {import('./snapshot.js').Grid} Grid
 * @typedef {import('./snapshot.js').Candles} Candles
 * @typedef {"long" | "short"} Side
 *
 * @typedef {object} Pin  ends that no map moves
 * @property {"usd" | "mass"} unit  dollars, or the model's mass where they are unknown
 * @property {number} dark    >= 0
 * @property {number} bright  > dark
 * @property {number} rise
 *
 * @typedef {object} Scale  what the person chose
 * @property {number} dark    percent of the closed columns' non-empty cells that stay dark
 * @property {number} bright  percent of them that stay below the brightest colour
 * @property {boolean} log
 * @property {boolean} sides  longs and shorts each have ends of their own
 * @property {Pin | null} pin
 *
 * @typedef {object} Range
 * @property {number} dark    mass, >= 0
 * @property {number} bright  mass, > dark
 * @property {number} rise    exponent of a linear scale between them
 *
 * @typedef {{long: Range, short: Range}} Ranges
 */

/** @type {Readonly<Scale>} */
export const DEFAULT_SCALE = Object.freeze({ dark: 0, bright: 99.5, log: false, sides: false, pin: null });

/** The ends keep still until the data has moved them by this share. */
const HYSTERESIS = 0.12;

/** A logarithm needs a beginning: the dark end where none was chosen. */
const LOG_SPAN = 40;

/* The background of a map is most of its cells.  How dense it is differs from
 * market to market, so the exponent is chosen for each map: this percentage of
 * the cells is in the first quarter of the palette.  On all recorded candles a
 * fixed exponent of 1.6 left 10 to 63 % of the cells above it. */
const BACKGROUND = 75;
const QUARTER = 0.25;
const RISE_MIN = 0.8;
const RISE_MAX = 8;
export const DEFAULT_RISE = 1.6;

/** Below this price row a column's cells are longs. @param {Grid} grid @param {number} close */
export function sideRow(grid, close) {
    return (close - grid.priceMin) / grid.priceStep;
}

/** How the non-empty cells of the closed columns are spread. */
export class Ranks {
    /**
     * The forming column does not count: it changes at every refresh.
     *
     * @param {Grid} grid
     * @param {Candles} [candles]  needed for a side
     * @param {Side} [side]  that side's cells alone
     */
    constructor(grid, candles, side) {
        const closed = Math.max(1, grid.columns - 1);
        /** Cells of at most so many units. */
        this.atMost = new Float64Array(grid.max + 1);
        for (let c = 0; c < closed; c++) {
            const border = candles && side ? Math.ceil(sideRow(grid, candles.close[c])) : 0;
            const from = side === 'short' ? Math.max(0, border) : 0;
            const to = side === 'long' ? Math.min(grid.rows, border) : grid.rows;
            for (let r = from; r < to; r++)
                this.atMost[grid.cells[r * grid.columns + c]]++;
        }
        this.atMost[0] = 0;
        for (let v = 1; v <= grid.max; v++)
            this.atMost[v] += this.atMost[v - 1];
        this.total = this.atMost[grid.max];
    }

    /**
     * @param {number} percent  0 .. 100
     * @returns {number} the fewest units that so many of the cells do not exceed; 0 for none
     */
    unitsAt(percent) {
        const want = this.total * percent / 100;
        if (!(want > 0))
            return 0;
        let low = 0;
        let high = this.atMost.length - 1;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (this.atMost[middle] >= want - 1e-9)
                high = middle;
            else
                low = middle + 1;
        }
        return low;
    }

    /** @param {number} units  any number >= 0 @returns {number} percent of the cells that do not exceed it */
    percentOf(units) {
        if (!(this.total > 0))
            return units > 0 ? 100 : 0;
        const at = Math.min(this.atMost.length - 1, Math.max(0, Math.floor(units)));
        return 100 * this.atMost[at] / this.total;
    }
}

/**
 * The ends of one side in mass.
 *
 * @param {Ranks} ranks
 * @param {Grid} grid
 * @param {Scale} scale
 * @returns {Range}
 */
function rangeOf(ranks, grid, scale) {
    const { pin } = scale;
    if (pin) {
        const unit = pin.unit === 'usd' ? 1 / grid.usdPerUnit : 1;
        /* Dollars mean nothing while open interest is unknown. */
        if (Number.isFinite(unit))
            return { dark: pin.dark * unit, bright: pin.bright * unit, rise: pin.rise };
    }
    const bright = Math.max(1, ranks.unitsAt(scale.bright));
    const dark = Math.min(ranks.unitsAt(scale.dark), bright - 0.5);
    return { dark: dark * grid.quantum, bright: bright * grid.quantum, rise: riseOf(ranks, dark, bright) };
}

/** @param {Ranks} ranks @param {number} dark  units @param {number} bright  units */
function riseOf(ranks, dark, bright) {
    const share = (ranks.unitsAt(BACKGROUND) - dark) / (bright - dark);
    const rise = share > 0 && share < 1 ? Math.log(QUARTER) / Math.log(share) : DEFAULT_RISE;
    return Math.min(RISE_MAX, Math.max(RISE_MIN, rise));
}

/**
 * Keep an end where the data has not clearly moved it: a candle that closes
 * must not recolour the map.
 *
 * @param {Range} now
 * @param {Range | undefined} before
 * @returns {Range}
 */
function settle(now, before) {
    if (!before)
        return now;
    const near = /** @param {number} a @param {number} b */ (a, b) => Math.abs(a - b) <= HYSTERESIS * b;
    return near(now.bright, before.bright) && near(now.dark, before.dark) && near(now.rise, before.rise) ? before : now;
}

/**
 * @param {Grid} grid
 * @param {Candles} candles
 * @param {boolean} sides  each by itself
 * @returns {{all: Ranks, long: Ranks, short: Ranks}}
 */
export function ranksOf(grid, candles, sides) {
    const all = new Ranks(grid);
    return {
        all,
        long: sides ? new Ranks(grid, candles, 'long') : all,
        short: sides ? new Ranks(grid, candles, 'short') : all,
    };
}

/**
 * Both sides' ends in mass.
 *
 * @param {{long: Ranks, short: Ranks}} ranks
 * @param {Grid} grid
 * @param {Scale} scale
 * @param {Ranges | null} before  the same map's with the same scale; null for a new one
 * @returns {Ranges}
 */
export function rangesOf(ranks, grid, scale, before) {
    return {
        long: settle(rangeOf(ranks.long, grid, scale), before?.long),
        short: settle(rangeOf(ranks.short, grid, scale), before?.short),
    };
}

/**
 * Where a mass lies between the ends.
 *
 * @param {number} mass
 * @param {Range} range
 * @param {boolean} log
 * @returns {number} colour index, 0 .. 255
 */
export function indexOf(mass, { dark, bright, rise }, log) {
    if (!(mass > dark))
        return 0;
    if (!log)
        return colourIndex((mass - dark) / (bright - dark), rise);
    const from = Math.max(dark, bright / LOG_SPAN);
    const share = Math.log(mass / from) / Math.log(bright / from);
    return share > 0 ? Math.round((COLOURS - 1) * Math.min(1, share)) : 0;
}

/** A palette and a scale, made for one map; never changed. */
export class Colours {
    /**
     * @param {string} palette  a name of palette.js
     * @param {Ranges} ranges
     * @param {boolean} log
     */
    constructor(palette, ranges, log) {
        this.palette = paletteOf(palette);
        this.ranges = ranges;
        this.log = log;
    }

    /** One table serves longs and shorts. */
    get same() {
        const { long, short } = this.ranges;
        return long.dark === short.dark && long.bright === short.bright && long.rise === short.rise;
    }

    /** @param {number} mass @param {Side} side @returns {number} 0 .. 255 */
    index(mass, side) {
        return indexOf(mass, this.ranges[side], this.log);
    }

    /** @param {number} mass @param {Side} side @returns {string} "rgb(12, 34, 56)" */
    css(mass, side) {
        return cssColour(this.index(mass, side), this.palette);
    }

    /**
     * Colour index of every unit a cell can hold.
     *
     * @param {Grid} grid
     * @param {Side} side
     * @returns {Uint8Array} [grid.max + 1]
     */
    table(grid, side) {
        return Uint8Array.from({ length: grid.max + 1 }, (_, unit) => this.index(unit * grid.quantum, side));
    }

    /** @param {Colours | null} other */
    equals(other) {
        return other !== null && this.palette === other.palette && this.log === other.log
            && JSON.stringify(this.ranges) === JSON.stringify(other.ranges);
    }
}

/* The bar's axis: the densest tenth of the cells holds most of what is worth
 * telling apart, so it gets half of the bar. */
const STRETCH = 3;

/** @param {number} percent 0 .. 100 @returns {number} place on the bar, 0 .. 1 */
export function placeOf(percent) {
    return 1 - (1 - Math.min(100, Math.max(0, percent)) / 100) ** (1 / STRETCH);
}

/** What placeOf was given. @param {number} place 0 .. 1 @returns {number} percent */
export function percentAt(place) {
    return 100 * (1 - (1 - Math.min(1, Math.max(0, place))) ** STRETCH);
}

/** Steps that a key takes from one end of the bar to the other. */
const KEY_STEPS = 50;

/**
 * The next place in a direction where the map looks different.
 *
 * @param {Ranks} ranks
 * @param {number} percent  from here
 * @param {number} steps    how many; their sign is the direction
 * @returns {number} percent, 0 .. 100
 */
export function stepped(ranks, percent, steps) {
    const from = ranks.unitsAt(percent);
    const way = Math.sign(steps);
    let place = placeOf(percent) + steps / KEY_STEPS;
    while (place > 0 && place < 1 && ranks.unitsAt(percentAt(place)) === from)
        place += way / KEY_STEPS / 4;
    return percentAt(place);
}
