/* A module that imports another is two round trips; one that the page names is
 * one. */

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

const www = new URL('../../www/', import.meta.url);
const html = readFileSync(new URL('index.html', www), 'utf8');

test('index.html names every module, and none that is not there', () => {
    const named = [...html.matchAll(/<link rel="modulepreload" href="js\/([^"]+)">/g)].map((m) => m[1]).sort();
    const there = readdirSync(new URL('js/', www)).filter((name) => name !== 'first.js').sort();
    assert.deepEqual(named, there);
});
