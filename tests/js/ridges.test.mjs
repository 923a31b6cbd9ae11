import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ridgesOf } from '../../www/js/data/ridges.js';

/** A grid of bells: {row, from, drift} born at a column, fading by 2 % a column. */
function gridOf(bells, rows = 100, columns = 40) {
    const cells = new Uint16Array(rows * columns);
    for (let r = 0; r < rows; r++) {
        for (let c = 0; c < columns; c++) {
            cells[r * columns + c] = bells.reduce((sum, { row, from, high = 500, drift = 0 }) => (c < from ? sum
                : sum + high * 0.98 ** (c - from) * Math.exp(-(((r - row - Math.round(drift * (columns - 1 - c))) / 2) ** 2))), 0);
        }
    }
    return { priceMin: 0, priceStep: 1, rows, columns, quantum: 1, max: 1000, cells };
}

test('a crest on either side, drawn back to where it was born', () => {
    const runs = ridgesOf(gridOf([{ row: 70, from: 12 }, { row: 30, from: 5 }]), 50);
    assert.deepEqual(runs, [{ row: 70, from: 12, to: 38 }, { row: 30, from: 5, to: 38 }]);
});

test('a crest that moves is followed by a row a column', () => {
    const runs = ridgesOf(gridOf([{ row: 70, from: 10, drift: 0.25 }]), 50);
    assert.equal(runs[0].row, 70);
    assert.equal(runs.at(-1).from, 10);
    for (let i = 1; i < runs.length; i++)
        assert.deepEqual([Math.abs(runs[i].row - runs[i - 1].row), runs[i].to], [1, runs[i - 1].from - 1]);
});

test('the forming column has no say: it changes at every refresh', () => {
    const grid = gridOf([{ row: 70, from: 12 }]);
    for (let r = 0; r < grid.rows; r++)
        grid.cells[r * grid.columns + grid.columns - 1] = (r * 37) % 91;
    assert.deepEqual(ridgesOf(grid, 50), [{ row: 70, from: 12, to: 38 }]);
});

test('a shoulder is no crest, nothing has none, and not more than a few', () => {
    assert.equal(ridgesOf(gridOf([{ row: 70, from: 0 }, { row: 73, from: 0, high: 250 }]), 50).length, 1);
    assert.deepEqual(ridgesOf(gridOf([]), 50), []);
    const many = Array.from({ length: 40 }, (_, i) => ({ row: 210 + 12 * i, from: 0, high: 100 + i }));
    assert.equal(ridgesOf(gridOf(many, 700), 200).length, 9);
});
