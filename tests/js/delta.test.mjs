import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wholes } from '../../www/js/data/compact.js';
import { applyDelta, isDelta } from '../../www/js/data/delta.js';
import { SnapshotError, parseSnapshot } from '../../www/js/data/snapshot.js';
import * as written from '../web/compact.mjs';

/** Three candles on four rows. */
function wholeMap() {
    return {
        symbol: 'BTCUSDT', exchange: 'binance', interval: '1h', source: 'live', generated_at: 10, warnings: ['one'], cursor: 'a000000000000000',
        statistics: { open_interest_usd: 5, imbalance: { 1: 0.5 } },
        candles: written.compactCandles({ open_time: [0, 1, 2], open: [10, 11, 12], high: [12, 12, 13], low: [9, 10, 11], close: [11, 12, 12.5],
            volume: [1, 2, 3], quote_volume: [4, 5, 6] }, 10),
        grid: { price_min: 8, price_step: 2, rows: 4, columns: 3, quantum: 1, max: 9, usd_per_unit: 2, outside: 0,
            cells: written.compactCells([[1, 2, 3], [0, 0, 0], [9, 9, 8], [0, 1, 2]]) },
        profile: { price_min: 8, price_step: 2, rows: 4, quantum: 1, max: 9, usd_per_unit: 2, tiers: { 2: [0.1, 0, 5.3, 0], 100: [1, 0, 0, 2] },
            outside: { long_below: 1, long_above: 0, short_below: 0, short_above: 2 } },
        levels: { long: [{ price: 9, from: 8, to: 10, mass: 3 }], short: [{ price: 13, from: 12, to: 14, mass: 8 }] },
        model: { tiers: [] },
    };
}

const base = () => ({ json: wholeMap(), snapshot: parseSnapshot(wholeMap()) });

/** The first candle leaves, the last closes, one comes. */
const delta = (more = {}) => ({
    since: 'a000000000000000', cursor: 'b000000000000000', dropped: 1, from: 1,
    candles: { ticks_per_unit: 100, open_time: [2, 1], open: [1200, 25], high: [50, 5], low: [100, 10], close: [75, 0], volume: [3.5, 0.1], quote_volume: [7, 1] },
    cells: ['$##%', '####'], tiers: { 2: '#$#%', 100: '####' },
    patch: { generated_at: 30, warnings: [['one', 'two']], statistics: { open_interest_usd: null }, grid: { max: 10 }, levels: { long: [[]], short: { 0: { mass: 7 } } } },
    ...more,
});

test('differences as README.md has them', () => {
    assert.deepEqual([...wholes('#$%&', 4)], [0, 1, -1, 2]);
    /* 32 is the number 63, one digit; -32 is 64, the digit 64 and then 0. */
    assert.deepEqual([...wholes('cd#', 2)], [32, -32]);
    const numbers = [1, -1, 31, 32, -32, 33, 900, -4096, 65535, -65535];
    const text = numbers.map((difference) => {
        const digit = (n) => String.fromCharCode(35 + n + (35 + n >= 92 ? 1 : 0));
        let n = difference > 0 ? 2 * difference - 1 : -2 * difference;
        let out = '';
        for (; n >= 64; n = Math.floor((n - 64) / 27))
            out += digit(64 + (n - 64) % 27);
        return out + digit(n);
    }).join('');
    assert.deepEqual([...wholes(text, numbers.length)], numbers);
});

test('candles leave on the left and come on the right, and what changed is changed', () => {
    const before = base();
    const { json, snapshot } = applyDelta(before, delta());
    assert.deepEqual([...snapshot.candles.time], [1, 2, 3]);
    assert.deepEqual([...snapshot.candles.open], [11, 12, 13]);
    assert.deepEqual([...snapshot.candles.high], [12, 13.25, 13.05]);
    assert.deepEqual([...snapshot.candles.close], [12, 12.75, 13]);
    assert.deepEqual([...snapshot.candles.volume], [2, 3.5, 0.1]);
    assert.deepEqual([...snapshot.grid.cells], [2, 3, 3, 0, 0, 0, 9, 9, 9, 1, 0, 0]);
    assert.equal(snapshot.grid.max, 10);
    assert.deepEqual(snapshot.profile?.tiers.map(({ mass }) => [...mass]), [[0.1, 0.1, 5.3, -0.1], [1, 0, 0, 2]]);
    assert.equal(snapshot.profile?.price, 13);
    assert.deepEqual(snapshot.warnings, ['one', 'two']);
    assert.equal(snapshot.generatedAt, 30);
    assert.ok(Number.isNaN(snapshot.statistics.openInterestUsd));
    assert.equal(snapshot.statistics.imbalance.get(1), 0.5);
    assert.deepEqual(snapshot.levels.map(({ side, mass }) => [side, mass]), [['short', 7]]);
    assert.equal(json.cursor, 'b000000000000000');
    assert.deepEqual(before, base(), 'the map before is not changed');
});

test('a delta where nothing changed leaves all as it is', () => {
    const same = { since: 'a000000000000000', cursor: 'a000000000000000', dropped: 0, from: 3, cells: [], tiers: { 2: '####', 100: '####' }, patch: {} };
    assert.ok(isDelta(same));
    assert.ok(!isDelta(wholeMap()));
    assert.deepEqual(applyDelta(base(), same).snapshot, base().snapshot);
});

test('a delta that does not fit the map is refused', () => {
    const cases = {
        'another cursor': { since: 'c000000000000000' }, 'no cursor': { cursor: undefined }, 'more columns than there are': { from: 3 },
        'a column too few': { cells: ['####'] }, 'a column too many': { cells: ['####', '####', '####'] }, 'a row too few': { cells: ['###', '####'] },
        'below zero': { cells: ['####', '###~%'] }, 'no tier': { tiers: { 2: '####' } }, 'a tier too short': { tiers: { 2: '####', 100: '###' } },
        'no digit': { tiers: { 2: '####', 100: '##"#' } }, 'no patch': { patch: undefined }, 'another number of rows': { patch: { grid: { rows: 5 } } },
        'no candles': { candles: undefined }, 'a damaged member': { patch: { levels: 5 } },
    };
    for (const [name, change] of Object.entries(cases))
        assert.throws(() => applyDelta(base(), delta(change)), SnapshotError, name);
    assert.doesNotThrow(() => applyDelta(base(), delta()));
});
