import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compactCells, plainCandles } from '../../www/js/data/compact.js';
import { SnapshotError } from '../../www/js/data/snapshot.js';
import * as written from '../web/compact.mjs';

/** Smooth rows, steps and noise, as maps have them; always the same. */
function grid(rows, columns, max) {
    let seed = 7;
    const random = () => { seed = (seed * 1103515245 + 12345) % 2147483648; return seed / 2147483648; };
    return Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (__, c) => {
        if ((r + c) % 17 === 0)
            return 0;
        if (random() < 0.02)
            return random() < 0.5 ? max : 0;
        return Math.round(max * (0.5 + 0.4 * Math.sin(r / 5) * Math.cos(c / 40)) + random());
    }));
}

test('cells come back as they were written, jumps too', () => {
    for (const [rows, columns, max] of [[1, 1, 5], [1, 30, 300], [40, 1, 300], [60, 200, 200], [30, 100, 600]]) {
        const cells = grid(rows, columns, max);
        assert.deepEqual([...compactCells(written.compactCells(cells), columns, max + 2)], cells.flat(), `${rows} x ${columns}`);
    }
});

test('rows as README.md has them', () => {
    assert.deepEqual([...compactCells(['#$%', '#$#'], 3, 9)], [0, 1, 0, 0, 1, 1]);
    /* A change along the row below is expected, less one. */
    assert.deepEqual([...compactCells(['#,', '##'], 2, 9)], [0, 5, 0, 4]);
    /* From 64 on, here 65, a pair of characters. */
    assert.deepEqual([...compactCells(['d$'], 1, 99)], [33]);
});

test('a damaged row is refused', () => {
    const cells = grid(4, 20, 100);
    const lines = written.compactCells(cells);
    const bad = [
        ['too short', lines[2].slice(0, -1)], ['too long', lines[2] + '#'], ['no text', 5], ['empty', ''],
        ['no digit', '"' + lines[2].slice(1)], ['backslash', '\\' + lines[2].slice(1)], ['beyond the digits', '\u00e9' + lines[2].slice(1)],
        ['half a pair', lines[2].slice(0, -1) + '~'], ['too large', '~~' + lines[2].slice(1)], ['below zero', '%' + lines[2].slice(1)],
    ];
    for (const [name, line] of bad) {
        const damaged = lines.with ? lines.with(2, line) : lines.map((l, i) => (i === 2 ? line : l));
        const first = name === 'below zero' || name === 'too large' ? [line, ...lines.slice(1)] : damaged;
        assert.throws(() => compactCells(first, 20, 102), SnapshotError, name);
    }
});

test('candles come back exactly, whatever the tick', () => {
    for (const scale of [1, 10, 100, 1e5, 1e8]) {
        const price = (n) => n / scale;
        const plain = {
            open_time: [1760155200000, 1760158800000, 1760169600000], open: [1234567, 1234570, 1234001].map(price), high: [1234600, 1234571, 1234999].map(price),
            low: [1234001, 1234001, 1233000].map(price), close: [1234570, 1234002, 1234998].map(price), volume: [1, null, 3], quote_volume: [1, 2, 3],
        };
        const { ticks_per_unit, ...back } = plainCandles(written.compactCandles(plain, scale));
        assert.deepEqual(back, plain);
        assert.equal(ticks_per_unit, scale);
    }
});

test('candles without a tick or a list are refused', () => {
    const json = written.compactCandles({ open_time: [1], open: [1], high: [1], low: [1], close: [1], volume: [1], quote_volume: [1] });
    for (const change of [{ ticks_per_unit: 0 }, { ticks_per_unit: '10' }, { close: undefined }, { open_time: 'x' }])
        assert.throws(() => plainCandles({ ...json, ...change }), SnapshotError, JSON.stringify(change));
});
