import assert from 'node:assert/strict';
import { test } from 'node:test';

import { barsOfSingle, barsOfTiers, cascadeAt, cascadeTo, meanOf, mixAt, scaleOf } from '../../www/js/data/profile.js';
import { labelBeside } from '../../www/js/draw/profile-view.js';

const list = (...values) => Float64Array.from(values);
/* Price in row 2 of five rows of 10 from 100. */
const bars = barsOfTiers({
    price: 125, priceMin: 100, priceStep: 10, rows: 5, usdPerUnit: 2,
    tiers: [{ leverage: 5, mass: list(1, 2, 0, 3, 0) }, { leverage: 100, mass: list(0, 6, 0, 1, 1) }],
    total: list(1, 8, 0, 4, 1), cumulative: list(9, 8, 0, 4, 5), outside: 3,
});
const single = barsOfSingle({
    price: 125, priceMin: 100, priceStep: 10, rows: 5, leverage: 25,
    long: list(1, 2, 3, 0, 0), short: list(0, 0, 4, 5, 6), cumulativeLong: list(6, 5, 3, 0, 0), cumulativeShort: list(0, 0, 4, 9, 15),
});

test('the highest tier stands nearest the axis', () => {
    assert.deepEqual(bars.stacks.map((stack) => stack.colour), ['--tier-100', '--tier-5']);
});

for (const [about, of, price, expected] of [
    ['below: longs, the row included', bars, 112, { side: 'long', amount: 8, usd: 16 }],
    ['the lowest row', bars, 100, { side: 'long', amount: 9, usd: 18 }],
    ['above: shorts', bars, 149.9, { side: 'short', amount: 5, usd: 10 }],
    ['off the rows', bars, 150, null],
    ['under the rows', bars, 99, null],
    ['single: longs', single, 105, { side: 'long', amount: 6, usd: NaN }],
    ['single: shorts', single, 135, { side: 'short', amount: 9, usd: NaN }],
])
    test(`cascade, ${about}`, () => assert.deepEqual(cascadeTo(of, price), expected));

test('the cascade in words: dollars, units or weights', () => {
    assert.deepEqual(cascadeAt(bars, 112), { amount: '≤ $16', side: 'long', mix: '100× 75 %, 5× 25 %' });
    assert.equal(cascadeAt({ ...bars, usdPerUnit: NaN }, 112).amount, '8.00 units');
    assert.equal(cascadeAt(single, 135).amount, 'weight 9.00');
    assert.deepEqual([cascadeAt(null, 112), cascadeAt(bars, undefined), cascadeAt(bars, 150)], [null, null, null]);
});

test('what a row is made of, and an empty one', () => {
    assert.deepEqual(mixAt(bars, 115), [{ name: '100×', share: 0.75 }, { name: '5×', share: 0.25 }]);
    assert.deepEqual(mixAt(bars, 125), []);
    assert.deepEqual(mixAt(bars, 999), []);
});

test('rows that share a bar are means, cut off at the ends', () => {
    assert.equal(meanOf(list(1, 3, 8), 0, 2), 2);
    assert.equal(meanOf(list(1, 3, 8), 2, 2), 8);
    assert.equal(meanOf(list(1, 3, 8), 5, 2), 0);
});

test('both scales are of the rows in sight', () => {
    assert.deepEqual(scaleOf(bars, 0, 5), { bar: 8, sum: 9 });
    assert.deepEqual(scaleOf(bars, 3, 5), { bar: 4, sum: 5 });
    assert.deepEqual(scaleOf(bars, 7, 9), { bar: 0, sum: 0 });
});

for (const [about, y, tops, expected] of [
    ['above the crosshair', 100, [], 78],
    ['below it at the top', 10, [], 14],
    ['over a level’s label at the crosshair', 100, [91], 72],
    ['over one that is above it', 100, [74], 55],
    ['under one that is above it, where it is nearer', 100, [85, 66], 104],
    ['under all of them at the top', 40, [19, 38], 57],
])
    test(`the crosshair’s label: ${about}`, () => assert.equal(labelBeside(y, 300, { tops, head: 4 }), expected));
