import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as format from '../../www/js/data/format.js';

/** @param {string} name @param {Function} run @param {[string, unknown[], string | number][]} cases */
function table(name, run, cases) {
    for (const [about, input, expected] of cases)
        test(`${name}: ${about}`, () => assert.equal(run(...input), expected));
}

table('price', format.price, [
    ['groups thousands', [1234567.891, 1], '1,234,567.9'],
    ['leaves decimals ungrouped', [0.1234567, 7], '0.1234567'],
    ['no decimals', [999.6, 0], '1,000'],
    ['negative', [-1234.5, 1], '−1,234.5'],
    ['unknown is a dash, not zero', [NaN, 1], '–'],
]);

table('compact', format.compact, [
    ['billions', [1.2449e9], '1.24 B'],
    ['rounding up to the next unit', [999950], '1.00 M'],
    ['just below', [999400], '999 k'],
    ['tens keep one decimal', [12.34e6], '12.3 M'],
    ['small', [0.0123], '0.012'],
    ['zero', [0], '0'],
    ['negative', [-2500], '−2.50 k'],
    ['unknown', [NaN], '–'],
]);

table('usd', format.usd, [
    ['sign before the dollar', [-5e6], '−$5.00 M'],
    ['plain', [42], '$42'],
    ['two digits', [7.69e6, 2], '$7.7 M'],
    ['one digit', [7.69e6, 1], '$8 M'],
    ['two digits that reach the next unit', [999600, 2], '$1 M'],
    ['unknown', [NaN], '–'],
]);

table('percent', format.percent, [
    ['rise', [1.239], '+1.24 %'],
    ['fall', [-0.3], '−0.30 %'],
    ['rounds to nothing without a sign', [-0.001], '0.00 %'],
    ['decimals', [0.00412, 4], '+0.0041 %'],
    ['unknown', [NaN], '–'],
]);

table('span', format.span, [
    ['seconds', [59999], '59 s'],
    ['minutes', [185000], '3 min'],
    ['hours', [7500000], '2 h 05 min'],
    ['days', [4 * 86400000], '4 d'],
    ['never negative', [-5], '0 s'],
    ['unknown', [NaN], '–'],
]);

table('countdown', format.countdown, [
    ['hours', [27600000], '07:40:00'],
    ['a started second counts', [1], '00:00:01'],
    ['over', [-1], '00:00:00'],
]);

table('moment', format.moment, [
    ['UTC, whatever the host', [Date.UTC(2025, 9, 12, 4, 5), false], '12 Oct 2025 04:05 UTC'],
    ['a day', [Date.UTC(2025, 0, 1), true], '1 Jan 2025'],
]);

table('density', format.density, [
    ['whole', [87.4], '87'],
    ['small keeps a decimal', [3.14], '3.1'],
    ['tiny is not nothing', [0.04], '< 0.1'],
    ['of steps of about one', [7.7, 1], '8'],
    ['less than a step', [0.51, 1], '< 1'],
    ['exactly a step', [1, 1], '1'],
    ['nothing', [0], '0'],
]);

table('baseAsset', format.baseAsset, [
    ['perpetual', ['BTCUSDT'], 'BTC'],
    ['with a dash', ['ETH-USDT-SWAP'], 'ETH'],
    ['digits', ['1000PEPEUSDT'], '1000PEPE'],
    ['unknown stays', ['XBT'], 'XBT'],
]);

test('decimalsOf: as many as the finest price needs', () => {
    assert.equal(format.decimalsOf([110420, 110420.5, 110421]), 1);
    assert.equal(format.decimalsOf([0.07421, 0.0742]), 5);
    assert.equal(format.decimalsOf([100, 200]), 0);
    assert.equal(format.decimalsOf([0.1 + 0.2]), 1);
});

test('marks of the time axis: year, month, day, time', () => {
    const s = Date.UTC(2025, 10, 4, 8, 5) / 1000;
    assert.deepEqual([0, 1, 2, 3, 4].map((kind) => format.axisMark(s, kind)), ['2025', 'Nov', '4', '08:05', '08:05']);
});
