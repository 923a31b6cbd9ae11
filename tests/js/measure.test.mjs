import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measured } from '../../www/js/draw/measure.js';

for (const [about, from, to, expected] of [
    ['up and on', [10, 100000], [24, 102500], '+2.50 % · +2,500.0 · 14 candles · 14 h 00 min'],
    ['down and back', [24, 102500], [23, 100000], '−2.44 % · −2,500.0 · −1 candle · 1 h 00 min'],
    ['nowhere', [5, 100], [5, 100], '0.00 % · 0.0 · 0 candles · 0 s'],
]) {
    test(`measured: ${about}`, () => assert.equal(measured(
        { column: from[0], price: from[1] }, { column: to[0], price: to[1] }, 3600000, 1), expected));
}
