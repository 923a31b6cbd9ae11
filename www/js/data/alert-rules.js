/* Which levels to report as price comes near. */

/**
 * @typedef {object} Rule
 * @property {boolean} on
 * @property {number} percent   of price: nearer than this is near
 * @property {number} density   0 .. 100: weaker levels do not count
 * @property {number} minutes   until the same level may be reported again
 * @property {boolean} sound
 *
 * @typedef {{side: "long" | "short", price: number, from: number, to: number, density: number}} Level
 *
 * @typedef {object} Report
 * @property {string} symbol
 * @property {Level} level
 * @property {number} at     ms
 * @property {boolean} left  price has been away from it since
 */

/** @type {Readonly<Rule>} */
export const DEFAULT_RULE = Object.freeze({ on: false, percent: 1, density: 50, minutes: 30, sound: true });

/** Price is away from a level again at this many times the distance that counts as near. */
const AWAY = 1.25;

/**
 * @param {unknown} stored  anything
 * @returns {Rule} with what of it makes sense
 */
export function ruleOf(stored) {
    const given = /** @type {Partial<Rule>} */ (typeof stored === 'object' && stored !== null ? stored : {});
    /** @param {"percent" | "density" | "minutes"} key @param {number} least @param {number} most */
    const number = (key, least, most) => {
        const value = given[key];
        return typeof value === 'number' && value >= least && value <= most ? value : DEFAULT_RULE[key];
    };
    return {
        on: given.on === true,
        percent: number('percent', 0.05, 20),
        density: number('density', 0, 100),
        minutes: number('minutes', 1, 1440),
        sound: given.sound !== false,
    };
}

/**
 * @param {{from: number, to: number}} level
 * @param {number} last  price, > 0
 * @returns {number} percent from price to the level's nearer edge; 0 within it
 */
export function distanceOf({ from, to }, last) {
    return 100 * Math.max(0, from - last, last - to) / last;
}

/** One level in two answers: the band moves a little as candles close.
 * @param {{side: string, from: number, to: number}} a @param {{side: string, from: number, to: number}} b */
export function isSame(a, b) {
    return a.side === b.side && a.from < b.to && b.from < a.to;
}

/** Remembers what was reported, so that nothing is reported twice in a row. */
export class Watch {
    constructor() {
        /** @type {Report[]} */
        this.reported = [];
    }

    /**
     * @param {string} symbol
     * @param {readonly Level[]} levels
     * @param {number} last  price
     * @param {Rule} rule
     * @param {number} now   ms
     * @returns {Level[]} to report now, nearest first
     */
    decide(symbol, levels, last, rule, now) {
        if (!rule.on || !(last > 0))
            return [];
        for (const report of this.reported) {
            if (report.symbol === symbol && distanceOf(report.level, last) > rule.percent * AWAY)
                report.left = true;
        }
        /* Away and cooled down: forgotten, to be reported again. */
        this.reported = this.reported.filter((report) => !(report.left && now - report.at >= rule.minutes * 60000));
        const due = levels.filter((level) => level.density >= rule.density && distanceOf(level, last) <= rule.percent
            && !this.reported.some((report) => report.symbol === symbol && isSame(report.level, level)));
        this.reported.push(...due.map((level) => ({ symbol, level, at: now, left: false })));
        return due.sort((a, b) => distanceOf(a, last) - distanceOf(b, last));
    }

    /** Another rule begins from nothing. */
    forget() {
        this.reported = [];
    }
}
