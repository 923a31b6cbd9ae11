/* The tests of the page in two processes: in each one browser, one cache of the
 * page's scripts, and each of the mock's maps computed once. */

import { readdirSync, statSync } from 'node:fs';
import { describe } from 'node:test';

const folder = new URL('./', import.meta.url);

/** The files in two lists, by size: each goes to the list that has less. @returns {string[][]} */
function halves() {
    const files = readdirSync(folder).filter((name) => name.endsWith('.test.mjs'))
        .map((name) => ({ name, bytes: statSync(new URL(name, folder)).size })).sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
    const lists = [[], []];
    const sums = [0, 0];
    for (const { name, bytes } of files) {
        const to = sums[0] <= sums[1] ? 0 : 1;
        lists[to].push(name);
        sums[to] += bytes;
    }
    return lists;
}

/**
 * Load test files, the tests of each as a suite.
 *
 * @param {string[]} names
 */
export async function load(names) {
    for (const name of names) {
        /* One after another, as a test belongs to the suite whose promises led to
         * it; for the same reason this waits for a promise of its own. */
        await new Promise((resolve) => {
            describe(name.replace('.test.mjs', ''), () => import(new URL(name, folder).href).finally(resolve));
        });
    }
}

/** @param {0 | 1} which */
export const loadHalf = (which) => load(halves()[which].sort());
