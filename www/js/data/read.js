/* Reading fields out of the server's JSON: what has a wrong shape is refused
 * with an error that names the field. */

export class SnapshotError extends Error {
    /** @param {string} where @param {string} expected */
    constructor(where, expected) {
        super(`${where}: expected ${expected}`);
        this.name = 'SnapshotError';
    }
}

/** @typedef {Record<string, unknown>} Json */

/** @param {unknown} value @param {string} where @returns {Json} */
export function object(value, where) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw new SnapshotError(where, 'an object');
    return /** @type {Json} */ (value);
}

/** An object that may be missing. @param {unknown} value @param {string} where */
export function objectOrEmpty(value, where) {
    return value === undefined || value === null ? {} : object(value, where);
}

/** @param {Json} from @param {string} key @returns {string} */
export function text(from, key) {
    const value = from[key];
    if (typeof value !== 'string' || value === '')
        throw new SnapshotError(key, 'a string');
    return value;
}

/** @param {Json} from @param {string} key @returns {string} "" where missing */
export function textOrEmpty(from, key) {
    const value = from[key] ?? '';
    if (typeof value !== 'string')
        throw new SnapshotError(key, 'a string or null');
    return value;
}

/** @param {Json} from @param {string} key @returns {number} finite */
export function number(from, key) {
    const value = from[key];
    if (typeof value !== 'number' || !Number.isFinite(value))
        throw new SnapshotError(key, 'a finite number');
    return value;
}

/** @param {Json} from @param {string} key @returns {number} NaN where missing */
export function numberOrNaN(from, key) {
    return from[key] === undefined || from[key] === null ? NaN : number(from, key);
}

/** @param {Json} from @param {string} key @returns {number} > 0 */
export function positive(from, key) {
    const value = number(from, key);
    if (!(value > 0))
        throw new SnapshotError(key, 'a number above 0');
    return value;
}

/** @param {Json} from @param {string} key @returns {number} whole, >= least */
export function whole(from, key, least = 0) {
    const value = number(from, key);
    if (!Number.isInteger(value) || value < least)
        throw new SnapshotError(key, `a whole number of at least ${least}`);
    return value;
}

/** @param {Json} from @param {string} key @returns {unknown[]} */
export function array(from, key) {
    const value = from[key];
    if (!Array.isArray(value))
        throw new SnapshotError(key, 'an array');
    return value;
}
