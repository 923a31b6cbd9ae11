import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COLOURS, PALETTE, brightMass, brightUnits, colourIndex, colourTable, cssColour, shareAt } from '../../www/js/palette.js';

const colour = (i) => PALETTE.subarray(3 * i, 3 * i + 3);

/** OKLab of a colour, written apart from the palette's own inverse. */
function lab(rgb) {
    const [r, g, b] = [...rgb].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    return [0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
        1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
        0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s];
}

test('the palette has 256 colours from dark purple over teal and green to yellow', () => {
    assert.equal(PALETTE.length, COLOURS * 3);
    const [r0, g0, b0] = colour(0);
    assert.ok(b0 > r0 && r0 > g0 && b0 < 80, 'dark purple');
    const [r1, g1, b1] = colour(120);
    assert.ok(g1 > 100 && b1 > 100 && r1 < 60, 'teal');
    const [r2, g2, b2] = colour(185);
    assert.ok(g2 > r2 && g2 > b2 + 30, 'green');
    const [r3, g3, b3] = colour(255);
    assert.ok(r3 > 220 && g3 > 200 && b3 < 90, 'yellow');
});

test('lightness rises with every colour', () => {
    for (let i = 1; i < COLOURS; i++)
        assert.ok(lab(colour(i))[0] > lab(colour(i - 1))[0] - 0.002, `colour ${i}`);
});

test('steps are perceptually even', () => {
    const steps = [];
    for (let i = 8; i < COLOURS; i += 8)
        steps.push(Math.hypot(...lab(colour(i)).map((v, k) => v - lab(colour(i - 8))[k])));
    const mean = steps.reduce((a, b) => a + b) / steps.length;
    for (const [i, step] of steps.entries())
        assert.ok(step > 0.75 * mean && step < 1.25 * mean, `step ${i}: ${step / mean} of the mean`);
});

test('colourIndex spans the palette, rises, and stops at both ends', () => {
    assert.equal(colourIndex(0), 0);
    assert.equal(colourIndex(-1), 0);
    assert.equal(colourIndex(NaN), 0);
    assert.equal(colourIndex(1), 255);
    assert.equal(colourIndex(9), 255);
    for (let i = 1; i <= 100; i++)
        assert.ok(colourIndex(i / 100) > colourIndex((i - 1) / 100));
    assert.ok(colourIndex(0.5) > 128, 'gamma lifts the middle');
    assert.ok(Math.abs(colourIndex(shareAt(0.4)) / 255 - 0.4) < 0.005, 'shareAt is its inverse');
});

test('cssColour is the colour', () => {
    assert.equal(cssColour(0), `rgb(${[...colour(0)].join(', ')})`);
});

/** rows x columns of one unit, with exceptions. */
function gridOf(rows, columns, fill, more = {}) {
    const cells = new Uint16Array(rows * columns).map((_, i) => fill(Math.floor(i / columns), i % columns));
    return { priceMin: 0, priceStep: 1, rows, columns, quantum: 2, max: Math.max(...cells), usdPerUnit: NaN, cells, ...more };
}

test('the bright end is a high percentile of what is not empty', () => {
    const grid = gridOf(1, 2001, (_, c) => (c < 1000 ? 0 : c - 999));
    /* 1 .. 1000 in the closed columns. */
    assert.ok(brightUnits(grid) >= 990 && brightUnits(grid) <= 997, String(brightUnits(grid)));
});

test('empty cells do not dim the map', () => {
    const sparse = gridOf(100, 101, (r) => (r === 5 ? 40 : 0));
    assert.equal(brightUnits(sparse), 40);
});

test('the forming column does not count', () => {
    const grid = gridOf(10, 11, (_, c) => (c === 10 ? 1000 : 7));
    assert.equal(brightUnits(grid), 7);
});

test('an empty map has a range all the same', () => {
    const grid = gridOf(3, 3, () => 0);
    assert.equal(brightUnits(grid), 0);
    assert.equal(brightMass(grid, 0), 2);
    assert.deepEqual([...colourTable(grid, brightMass(grid, 0))], [0]);
});

test('a small move keeps the colours, a large one does not', () => {
    const before = brightMass(gridOf(10, 11, () => 100), 0);
    assert.equal(before, 200);
    assert.equal(brightMass(gridOf(10, 11, () => 107), before), 200);
    assert.equal(brightMass(gridOf(10, 11, () => 130), before), 260);
    assert.equal(brightMass(gridOf(10, 11, () => 50, { quantum: 4 }), before), 200, 'mass, not units');
});

test('colourTable: dark for nothing, brightest from the bright end on', () => {
    const grid = gridOf(1, 3, (_, c) => [0, 50, 100][c]);
    const table = colourTable(grid, 100);
    assert.equal(table.length, 101);
    assert.equal(table[0], 0);
    assert.equal(table[50], 255);
    assert.equal(table[100], 255);
    assert.ok(table[25] > 128 && table[25] < 255);
});
