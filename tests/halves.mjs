/* The test files of a folder in two processes: in each, what files share is loaded,
 * compiled and computed once: a browser, the mocks' markets and maps. */

import { readdirSync, statSync } from 'node:fs';
import { describe } from 'node:test';

/**
 * The files in two lists, by size: each goes to the list that has less.
 *
 * @param {URL} folder
 * @param {string[]} long  two that take far longer than their size says, one for each list
 * @returns {string[][]}
 */
function halves(folder, long) {
    const files = readdirSync(folder).filter((name) => name.endsWith('.test.mjs') && !long.includes(name))
        .map((name) => ({ name, bytes: statSync(new URL(name, folder)).size })).sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
    const lists = [long.slice(0, 1), long.slice(1)];
    const sums = [0, 0];
    for (const { name, bytes } of files) {
        const to = sums[0] <= sums[1] ? 0 : 1;
        lists[to].push(name);
        sums[to] += bytes;
    }
    return lists;
}

/**
 * Load the test files of one half, the tests of each as a suite.
 *
 * @param {0 | 1} which
 * @param {string} url  of a file in their folder
 * @param {string[]} [long]  see halves()
 */
export async function loadHalf(which, url, long = []) {
    const folder = new URL('./', url);
    for (const name of halves(folder, long)[which].sort()) {
        /* One after another, as a test belongs to the suite whose promises led to
         * it; for the same reason this waits for a promise of its own. */
        await new Promise((resolve) => {
            describe(name.replace('.test.mjs', ''), () => import(new URL(name, folder).href).finally(resolve));
        });
    }
}
