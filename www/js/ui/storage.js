/* What this browser remembers.  A browser that forbids it forgets. */

const PREFIX = 'liqmap.';

/**
 * @param {string} key
 * @returns {unknown} undefined where nothing readable is stored
 */
export function recall(key) {
    try {
        const text = localStorage.getItem(PREFIX + key);
        return text === null ? undefined : JSON.parse(text);
    } catch {
        return undefined;
    }
}

/** @param {string} key @param {unknown} value  anything JSON can hold */
export function remember(key, value) {
    try {
        localStorage.setItem(PREFIX + key, JSON.stringify(value));
    } catch {
        /* Private windows and full disks: the page works without. */
    }
}
