import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Heatmap, blockFor, priceView, reduce } from '../../www/js/draw/heatmap.js';

const map = (rows, columns, cells) => ({ rows, columns, cells: Uint16Array.from(cells) });

test('reduce: means of blocks, none skipped', () => {
    const small = reduce(map(4, 2, [0, 10, 20, 30, 100, 0, 0, 0]), 2, 1);
    assert.deepEqual([small.rows, small.columns, [...small.cells]], [2, 2, [10, 20, 50, 0]]);
    const both = reduce(map(2, 4, [0, 4, 8, 8, 4, 8, 8, 8]), 2, 2);
    assert.deepEqual([...both.cells], [4, 8]);
});

test('reduce: a block cut off by the edge is the mean of what it has', () => {
    const small = reduce(map(3, 1, [10, 20, 60]), 2, 1);
    assert.deepEqual([small.rows, [...small.cells]], [2, [15, 60]]);
});

test('reduce: one bright row shows wherever it lies', () => {
    for (let row = 0; row < 64; row++) {
        const cells = new Uint16Array(64);
        cells[row] = 800;
        const small = reduce({ rows: 64, columns: 1, cells }, 8, 1);
        assert.equal(small.cells[Math.floor(row / 8)], 100);
        assert.equal(small.cells.reduce((a, b) => a + b), 100);
    }
});

test('blockFor: a pixel or more for every block', () => {
    for (const [px, block] of [[3, 1], [1, 1], [0.99, 1], [0.6, 2], [0.5, 2], [0.3, 4], [0.01, 32]])
        assert.equal(blockFor(px), block, `${px} px`);
});

const grid = { priceMin: 80, priceStep: 0.1, rows: 400, columns: 1, quantum: 1, max: 1, usdPerUnit: NaN, cells: new Uint16Array(400) };

test('priceView: room around the candles, inside the map', () => {
    const { minValue, maxValue } = priceView(95, 105, 100, grid);
    assert.ok(minValue < 93 && minValue >= 80);
    assert.ok(maxValue > 107 && maxValue <= 120);
});

test('priceView: quiet candles are not squeezed', () => {
    const { minValue, maxValue } = priceView(99.9, 100.1, 100, grid);
    assert.ok(0.2 / (maxValue - minValue) > 0.16);
});

test('priceView: the axis keeps still while the newest candle grows', () => {
    const views = new Set();
    for (let high = 105; high < 106; high += 0.02)
        views.add(JSON.stringify(priceView(95, high, high, grid)));
    assert.ok(views.size <= 4, `${views.size} axes for a rise of a tenth`);
});

test('priceView: candles that leave the map are shown all the same', () => {
    const { minValue, maxValue } = priceView(70, 125, 100, grid);
    assert.ok(minValue <= 70 && maxValue >= 125);
});

/** What blit hands to drawImage; `rowsFrom` and `rowPx` lay the rows down from the highest price. */
function drawn(rows, columns, x, { from: rowsFrom, cell: rowPx }, size = { width: 100, height: 100 }) {
    const heatmap = new Heatmap();
    heatmap.grid = { ...grid, rows, columns, cells: new Uint16Array(rows * columns) };
    heatmap.image = (rowBlock, columnBlock) => ({ rowBlock, columnBlock });
    let call = null;
    heatmap.blit({ set imageSmoothingEnabled(on) { assert.equal(on, false); }, drawImage: (...args) => { call = args; } }, size, x,
        (row) => rowsFrom + (rows - row) * rowPx);
    return call;
}

test('blit: one drawImage of what is visible, at whole cells', () => {
    const [image, sx, sy, sw, sh, dx, dy, dw, dh] = drawn(50, 50, { from: -45, cell: 10 }, { from: 15, cell: 10 });
    assert.deepEqual(image, { rowBlock: 1, columnBlock: 1 });
    assert.deepEqual([sx, sw, dx, dw], [4, 11, -5, 110]);
    assert.deepEqual([sy, sh, dy, dh], [0, 9, 15, 90]);
});

test('blit: a map smaller than its rows uses a reduced image in the same place', () => {
    const [image, sx, sy, sw, sh, dx, dy, dw, dh] = drawn(150, 400, { from: 0, cell: 0.25 }, { from: 0, cell: 0.5 });
    assert.deepEqual(image, { rowBlock: 2, columnBlock: 4 });
    assert.deepEqual([sx, sw, dx, dw], [0, 100, 0, 100]);
    assert.deepEqual([sy, sh, dy, dh], [0, 75, 0, 75]);
});

test('blit: a topmost block that is cut keeps the rows in place', () => {
    const [, , sy, , sh, , dy, , dh] = drawn(151, 10, { from: 0, cell: 10 }, { from: 0, cell: 0.5 });
    assert.deepEqual([sy, sh, dy, dh], [0.5, 75.5, 0, 75.5]);
});

test('blit: nothing where the map is off the screen', () => {
    assert.equal(drawn(10, 10, { from: 200, cell: 5 }, { from: 0, cell: 5 }), null);
    assert.equal(drawn(10, 10, { from: -200, cell: 5 }, { from: 0, cell: 5 }), null);
    assert.equal(drawn(10, 10, { from: 0, cell: 0 }, { from: 0, cell: 5 }), null);
});
