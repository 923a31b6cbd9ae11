/* Older maps before the newest. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { candlesBefore, endOfColumn, joinPast, partQuery, pastQuery } from '../../www/js/data/join.js';

/** A map of columns of cells, the lowest row first. */
function mapOf(first, columns, { priceMin = 100, priceStep = 10, quantum = 1 } = {}) {
    const numbers = (add) => Float64Array.from(columns, (_, i) => first + i + add);
    const rows = columns[0].length;
    const cells = Uint16Array.from({ length: rows * columns.length }, (_, i) => columns[i % columns.length][Math.floor(i / columns.length)]);
    return {
        candles: { time: numbers(0), open: numbers(0.1), high: numbers(0.4), low: numbers(0), close: numbers(0.2), volume: numbers(0), quoteVolume: numbers(0) },
        grid: { priceMin, priceStep, rows, columns: columns.length, quantum, max: Math.max(...cells), usdPerUnit: 3, outside: 0, cells },
        levels: [{ price: 105, density: 100 }], filter: { range: NaN },
    };
}

const column = ({ grid }, c) => Array.from({ length: grid.rows }, (_, r) => grid.cells[r * grid.columns + c] * grid.quantum);
const newest = mapOf(5, [[10, 20], [11, 21], [12, 22]]);

test('candles and columns of the older map come first, once each, and the seam says where', () => {
    const joined = joinPast([mapOf(3, [[1, 2], [3, 4], [99, 99]])], newest);
    assert.deepEqual([...joined.candles.time], [3, 4, 5, 6, 7]);
    assert.deepEqual([0, 1, 2, 3, 4].map((c) => column(joined, c)), [[1, 2], [3, 4], [10, 20], [11, 21], [12, 22]]);
    assert.deepEqual(joined.seams, [{ column: 2, end: 5 }]);
    assert.deepEqual([0, 1, 2, 4].map((c) => endOfColumn(joined, c)), [5, 5, 0, 0]);
    assert.equal(joined.levels, newest.levels);
});

test('another axis and another unit: mass is divided among rows, none is lost', () => {
    const older = mapOf(4, [[8, 4], [0, 0]], { priceMin: 85, priceStep: 20, quantum: 10 });
    const joined = joinPast([older], newest);
    assert.equal(joined.grid.priceMin, 80);
    assert.equal(joined.grid.rows, 5);
    assert.deepEqual(column(joined, 0), [20, 40, 30, 20, 10], 'of 80 from 85 to 105 and 40 from 105 to 125');
    assert.deepEqual(column(joined, 1), [0, 0, 10, 20, 0], 'the newest where it was');
    assert.equal(joined.grid.max, 40);
    assert.equal(Math.round(joined.levels[0].density), 55, 'percent of the strongest cell, an older one now');
});

test('what has more mass than 16 bits hold gets a larger unit', () => {
    const joined = joinPast([mapOf(4, [[60000, 0], [0, 0]], { quantum: 10 })], newest);
    assert.ok(joined.grid.max <= 65535);
    assert.ok(Math.abs(column(joined, 0)[0] / 600000 - 1) < 1e-4);
    assert.equal(column(joined, 1)[1], 20);
});

test('a range that was asked for stays the range', () => {
    const joined = joinPast([mapOf(4, [[8, 4], [0, 0]], { priceMin: 90 })], { ...newest, filter: { range: 5 } });
    assert.deepEqual([joined.grid.priceMin, joined.grid.rows], [100, 2]);
    assert.deepEqual(column(joined, 0), [4, 0]);
});

test('nothing is joined where candles would be missing, or none are older', () => {
    for (const older of [mapOf(1, [[1, 1], [1, 1]]), mapOf(5, [[1, 1]])]) {
        assert.equal(candlesBefore(older, newest), 0);
        assert.equal(joinPast([older], newest), newest);
    }
});

test('the next window ends a hundred candles after the first, or at the newest', () => {
    assert.equal(pastQuery(newest, { symbol: 'X', end: 0 }).end, 7);
    assert.equal(pastQuery(mapOf(1000, Array.from({ length: 300 }, () => [0])), { end: 0 }).end, 1100);
});

test('two older maps: seams are counted in the joined columns', () => {
    const joined = joinPast([mapOf(2, [[5, 6], [0, 0]]), mapOf(3, [[1, 2], [3, 4], [0, 0]])], newest);
    assert.deepEqual(joined.seams, [{ column: 1, end: 3 }, { column: 3, end: 5 }]);
    assert.deepEqual([0, 1, 3].map((c) => endOfColumn(joined, c)), [3, 5, 0]);
});

test('what else is asked for of an older map ends with its last candle', () => {
    assert.equal(partQuery(newest, { end: 0 }).end, 8);
    assert.equal(partQuery(newest, { end: 99 }).end, 8);
});
