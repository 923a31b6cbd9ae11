import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paintOf, pinOf, withEnds } from '../../www/js/data/paint.js';
import { DEFAULT } from '../../www/js/data/query.js';
import { DEFAULT_VIEW } from '../../www/js/data/view.js';
import { paletteOf } from '../../www/js/data/palette.js';
import { Colours, DEFAULT_SCALE, Ranks, indexOf, percentAt, placeOf, rangesOf, ranksOf, stepped } from '../../www/js/data/scale.js';

/** rows x columns of one unit, with exceptions. */
function gridOf(rows, columns, fill, more = {}) {
    const cells = new Uint16Array(rows * columns).map((_, i) => fill(Math.floor(i / columns), i % columns));
    return { priceMin: 0, priceStep: 1, rows, columns, quantum: 2, max: Math.max(...cells), usdPerUnit: 10, cells, ...more };
}

/** Candles that close in the middle of the map. */
const candlesOf = (grid, close = grid.rows / 2) => ({
    time: Float64Array.from({ length: grid.columns }, (_, i) => i * 3600000),
    close: new Float64Array(grid.columns).fill(close),
});

const rangesWith = (grid, change = {}, before = null) => rangesOf(ranksOf(grid, candlesOf(grid), change.sides ?? false), grid, { ...DEFAULT_SCALE, ...change }, before);

/** Without the exponent. */
const ends = (...args) => Object.fromEntries(Object.entries(rangesWith(...args)).map(([side, { dark, bright }]) => [side, { dark, bright }]));

test('the bright end is a high percentile of what is not empty', () => {
    /* 1 .. 1000 in the closed columns. */
    const { bright } = ends(gridOf(1, 2001, (_, c) => (c < 1000 ? 0 : c - 999))).long;
    assert.ok(bright >= 2 * 990 && bright <= 2 * 997, String(bright));
});

test('empty cells do not dim the map', () => {
    assert.deepEqual(ends(gridOf(100, 101, (r) => (r === 5 ? 40 : 0))).long, { dark: 0, bright: 80 });
});

test('the forming column does not count', () => {
    assert.equal(ends(gridOf(10, 11, (_, c) => (c === 10 ? 1000 : 7))).long.bright, 14);
});

test('an empty map has a range all the same', () => {
    const grid = gridOf(3, 3, () => 0);
    const ranges = rangesWith(grid);
    assert.deepEqual(ranges.long, { dark: 0, bright: 2, rise: 1.6 });
    assert.deepEqual([...new Colours('viridis', ranges, false).table(grid, 'long')], [0]);
});

test('the dark end removes its share of the cells', () => {
    const grid = gridOf(1, 1001, (_, c) => c + 1);
    for (const dark of [1, 10, 35, 80]) {
        const limit = ends(grid, { dark }).long.dark;
        const removed = grid.cells.subarray(0, 1000).filter((v) => v * grid.quantum <= limit).length;
        assert.ok(Math.abs(removed - 10 * dark) <= 4, `${removed} of 1000 dark at ${dark} %`);
    }
});

test('at most a quarter of the cells is above a quarter of the palette, however dense the map', () => {
    for (const power of [0.6, 1, 3]) {
        const grid = gridOf(1, 1001, (_, c) => Math.ceil(1000 * ((c + 1) / 1001) ** power));
        const table = new Colours('viridis', rangesWith(grid), false).table(grid, 'long');
        const above = grid.cells.subarray(0, 1000).filter((v) => table[v] > 64).length;
        assert.ok(above <= 255 && above > (power === 3 ? 100 : 230), `${above} of 1000 for ${power}`);
    }
});

test('a candle that closes moves the ends only when the data has clearly moved', () => {
    const before = rangesWith(gridOf(10, 11, () => 100));
    assert.equal(before.long.bright, 200);
    assert.equal(ends(gridOf(10, 11, () => 107), {}, before).long.bright, 200);
    assert.equal(ends(gridOf(10, 11, () => 130), {}, before).long.bright, 260);
    assert.equal(ends(gridOf(10, 11, () => 50, { quantum: 4 }), {}, before).long.bright, 200, 'mass, not units');
});

test('each side has ends of its own on request', () => {
    const grid = gridOf(20, 11, (r) => (r < 10 ? 30 : 900));
    assert.deepEqual(ends(grid, { sides: true }), { long: { dark: 0, bright: 60 }, short: { dark: 0, bright: 1800 } });
    const both = ends(grid);
    assert.deepEqual(both.long, both.short);
});

test('a pin in dollars is the same whatever the map holds', () => {
    const pin = { unit: 'usd', dark: 100, bright: 4000, rise: 2 };
    for (const level of [3, 70, 900])
        assert.deepEqual(ends(gridOf(4, 4, () => level), { pin }).long, { dark: 10, bright: 400 });
    const relative = ends(gridOf(4, 4, () => 70, { usdPerUnit: NaN }), { pin }).long;
    assert.equal(relative.bright, 140, 'without dollars the percentiles count');
});

for (const log of [false, true]) {
    test(`colours rise from the dark to the bright end, ${log ? 'log' : 'linear'}`, () => {
        const range = { dark: 10, bright: 500, rise: 1.6 };
        assert.equal(indexOf(0, range, log), 0);
        assert.equal(indexOf(10, range, log), 0);
        assert.equal(indexOf(500, range, log), 255);
        assert.equal(indexOf(9000, range, log), 255);
        for (let m = 11; m <= 500; m += 7)
            assert.ok(indexOf(m, range, log) >= indexOf(m - 7, range, log));
    });
}

test('log lifts the weak', () => assert.ok(indexOf(50, { dark: 0, bright: 500, rise: 1.6 }, true) > 2 * indexOf(50, { dark: 0, bright: 500, rise: 1.6 }, false)));

test('place and percent are inverses, and the dense tenth has half of the bar', () => {
    for (const p of [0, 1, 35, 90, 99.5, 100])
        assert.ok(Math.abs(percentAt(placeOf(p)) - p) < 1e-9);
    assert.ok(placeOf(90) < 0.56 && placeOf(90) > 0.45);
});

test('every step of a handle changes what is removed', () => {
    /* Half of the cells hold the same value. */
    const ranks = new Ranks(gridOf(1, 1001, (_, c) => (c < 500 ? 3 : c)));
    let percent = 0;
    let units = ranks.unitsAt(percent);
    for (let i = 0; i < 20; i++) {
        percent = stepped(ranks, percent, 1);
        assert.ok(ranks.unitsAt(percent) > units, `step ${i} to ${percent} %`);
        units = ranks.unitsAt(percent);
    }
    assert.ok(stepped(ranks, 80, -1) < 80);
    assert.equal(stepped(ranks, 80, -1000), 0);
});

test('colours: side, palette and equality', () => {
    const ranges = { long: { dark: 0, bright: 10, rise: 1 }, short: { dark: 0, bright: 100, rise: 1 } };
    const colours = new Colours('ember', ranges, false);
    assert.equal(colours.palette, paletteOf('ember'));
    assert.equal(colours.index(10, 'long'), 255);
    assert.ok(colours.index(10, 'short') < 100);
    assert.equal(colours.same, false);
    assert.ok(colours.equals(new Colours('ember', structuredClone(ranges), false)));
    assert.ok(!colours.equals(new Colours('steel', ranges, false)));
    assert.ok(!colours.equals(new Colours('ember', ranges, true)));
});

/** A snapshot whose newest candle is number n. */
const snapshotOf = (n, level, more = {}) => {
    const grid = gridOf(20, 11, () => level, more);
    const candles = candlesOf(grid);
    candles.time = candles.time.map((t) => t + n * 3600000);
    return { symbol: 'BTCUSDT', grid, candles };
};

/** Commits maps one after the other, as the store does. */
function painter(scale) {
    const view = { ...DEFAULT_VIEW, scale: { ...DEFAULT_SCALE, ...scale } };
    let before = null;
    return (snapshot, query = DEFAULT) => {
        const map = { snapshot, query };
        before = { map, view, paint: paintOf(map, view, before) };
        return before.paint;
    };
}

test('between two closes no end moves, pinned in dollars or not', () => {
    for (const pin of [null, { unit: 'usd', dark: 0, bright: 2000, rise: 1.6 }]) {
        const next = painter({ pin });
        const { colours } = next(snapshotOf(5, 100));
        assert.equal(next(snapshotOf(5, 100, { usdPerUnit: 11 })).colours, colours, 'open interest moves every second');
        assert.equal(next(snapshotOf(5, 150)).colours, colours);
    }
});

test('after a close a pin in dollars follows open interest, percentiles only a clear move', () => {
    const pinned = painter({ pin: { unit: 'usd', dark: 0, bright: 2200, rise: 1.6 } });
    pinned(snapshotOf(5, 100));
    assert.equal(pinned(snapshotOf(6, 100, { usdPerUnit: 11 })).ranges.long.bright, 200);
    const free = painter({});
    free(snapshotOf(5, 100));
    assert.equal(free(snapshotOf(6, 105)).ranges.long.bright, 200);
    assert.equal(free(snapshotOf(7, 150)).ranges.long.bright, 300);
});

test('another map has ends of its own; the same one replayed keeps them', () => {
    const next = painter({});
    next(snapshotOf(5, 100));
    assert.equal(next(snapshotOf(4, 105), { ...DEFAULT, end: 7 }).ranges.long.bright, 200);
    assert.equal(next(snapshotOf(4, 105), { ...DEFAULT, interval: '4h' }).ranges.long.bright, 210);
});

test('what is pinned is what is shown, and stays pinned when its ends are moved', () => {
    const snapshot = snapshotOf(5, 100);
    const paint = painter({})(snapshot);
    const pin = pinOf(paint, snapshot.grid);
    assert.deepEqual(pin, { unit: 'usd', dark: 0, bright: 2000, rise: 1.6 });
    assert.deepEqual(pinOf(paint, { ...snapshot.grid, usdPerUnit: NaN }), { unit: 'mass', dark: 0, bright: 200, rise: 1.6 });
    const view = { ...DEFAULT_VIEW, scale: { ...DEFAULT_SCALE, pin: { ...pin, bright: 4000 } } };
    assert.deepEqual(withEnds({ dark: 0, bright: 90 }, view, { snapshot, query: DEFAULT }).pin, pin);
    assert.equal(withEnds({ dark: 0, bright: 90 }, DEFAULT_VIEW, { snapshot, query: DEFAULT }).pin, null);
});
