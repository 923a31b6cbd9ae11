import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SnapshotError, cellAt, lastPrice, parseSnapshot, shiftOf } from '../../www/js/data/snapshot.js';

/** Three candles, four rows of 10 from 100. */
function good() {
    return {
        api: 1, symbol: 'BTCUSDT', exchange: 'binance', market: 'usdm-perpetual', interval: '1h', bars: 3,
        source: 'live', generated_at: 2000, data_time: 1000, stale: false, stale_reason: null, warnings: [],
        ticker: { last: 121, high_24h: 130, low_24h: 101, change_percent_24h: -1.5, quote_volume_24h: 5e9 },
        statistics: { open_interest_usd: 1e9, funding_rate: 0.0001, next_funding_time: 9000, long_account_share: 0.6, imbalance: { 1: null, 2: 0.5 } },
        model: { name: 'gauss7', version: 1, engine_interval: '15m', series_start: 0, tiers: [{ leverage: 2, standing_share: 0.15, half_life_hours: 1440 }], maintenance_margin_rate: 0.004 },
        candles: {
            open_time: [0, 3600000, 7200000], open: [110, 115, 120], high: [116, 121, 125], low: [109, 114, 118],
            close: [115, 120, 121], volume: [1, 2, 3], quote_volume: [100, null, 300],
        },
        grid: {
            price_min: 100, price_step: 10, rows: 4, columns: 3, quantum: 5, max: 40, usd_per_unit: 2,
            cells: [[1, 2, 3], [0, 0, 0], [4, 5, 0], [10, 20, 40]],
        },
    };
}

/** A copy of good() with the value at a path replaced. */
function without(path, value) {
    const json = good();
    const keys = path.split('.');
    const last = keys.pop();
    let at = json;
    for (const key of keys)
        at = at[key];
    if (value === undefined)
        delete at[last];
    else
        at[last] = value;
    return json;
}

test('a good answer arrives whole', () => {
    const s = parseSnapshot(good());
    assert.equal(s.symbol, 'BTCUSDT');
    assert.deepEqual([...s.candles.close], [115, 120, 121]);
    assert.deepEqual([...s.grid.cells], [1, 2, 3, 0, 0, 0, 4, 5, 0, 10, 20, 40]);
    assert.ok(s.grid.cells instanceof Uint16Array);
    assert.equal(s.statistics.imbalance.get(2), 0.5);
    assert.equal(s.model.tiers[0].halfLifeHours, 1440);
    assert.equal(lastPrice(s), 121);
});

test('the answer is not changed', () => {
    const json = good();
    parseSnapshot(json);
    assert.deepEqual(json, good());
});

test('what is missing is unknown, never zero', () => {
    const json = good();
    json.ticker = null;
    delete json.statistics;
    json.grid.usd_per_unit = null;
    const s = parseSnapshot(json);
    assert.ok(Number.isNaN(s.ticker.change));
    assert.ok(Number.isNaN(s.statistics.openInterestUsd));
    assert.ok(Number.isNaN(s.grid.usdPerUnit));
    assert.ok(Number.isNaN(s.candles.quoteVolume[1]));
    assert.equal(s.statistics.imbalance.has(1), false);
    assert.equal(lastPrice(s), 121, 'the last close stands in for the ticker');
});

for (const [about, path, value] of [
    ['no symbol', 'symbol', undefined],
    ['a source nobody knows', 'source', 'synthetic'],
    ['no candles', 'candles', undefined],
    ['empty candles', 'candles', { open_time: [], open: [], high: [], low: [], close: [] }],
    ['a short column', 'candles.high', [1, 2]],
    ['a missing price', 'candles.close', [115, null, 121]],
    ['a price as text', 'candles.close', [115, '120', 121]],
    ['time standing still', 'candles.open_time', [0, 0, 1]],
    ['no grid', 'grid', null],
    ['a row too few', 'grid.cells', [[1, 2, 3]]],
    ['a ragged row', 'grid.cells', [[1, 2, 3], [0, 0], [4, 5, 0], [1, 1, 1]]],
    ['a cell above max', 'grid.cells', [[1, 2, 41], [0, 0, 0], [4, 5, 0], [1, 1, 1]]],
    ['a negative cell', 'grid.cells', [[1, 2, -1], [0, 0, 0], [4, 5, 0], [1, 1, 1]]],
    ['half a unit', 'grid.cells', [[1, 2, 0.5], [0, 0, 0], [4, 5, 0], [1, 1, 1]]],
    ['columns other than candles', 'grid.columns', 2],
    ['no rows', 'grid.rows', 0],
    ['a step of nothing', 'grid.price_step', 0],
    ['a quantum below nothing', 'grid.quantum', -1],
    ['cells that do not fit', 'grid.max', 70000],
    ['warnings that are not a list', 'warnings', 'late'],
    ['a ticker of text', 'ticker.last', 'high'],
    ['dollars of text', 'grid.usd_per_unit', '2'],
]) {
    test(`refuses ${about}`, () => assert.throws(() => parseSnapshot(without(path, value)), SnapshotError));
}

for (const value of [null, undefined, 7, 'x', []]) {
    test(`refuses ${JSON.stringify(value)} for an answer`, () => assert.throws(() => parseSnapshot(value), SnapshotError));
}

test('an error names the field', () => {
    assert.throws(() => parseSnapshot(without('grid.cells', [[1, 2, 3], [0, 0, 0], [4, 5, 'x'], [1, 1, 1]])), /grid\.cells\[2\]\[2\]/);
});

test('cellAt: the cell of a price and a candle', () => {
    const s = parseSnapshot(good());
    assert.deepEqual(cellAt(s, 2, 130), { row: 3, column: 2, value: 40, density: 100, step: 1, usd: 400, side: 'short' });
    assert.deepEqual(cellAt(s, 0, 109.99), { row: 0, column: 0, value: 1, density: 2.5, step: 1, usd: 10, side: 'long' });
    assert.equal(cellAt(s, 1, 110).row, 1, 'a lower edge belongs to its row');
});

test('cellAt: where a level has its peak, the figure of the level, in the newest column alone', () => {
    const s = { ...parseSnapshot(good()), levels: [{ price: 115, density: 7.4 }, { price: 125, density: NaN }] };
    const { density, step, usd } = cellAt(s, 2, 111);
    assert.deepEqual([density.toFixed(6), step, usd.toFixed(6)], ['7.400000', 0.1, (0.074 * 400).toFixed(6)]);
    assert.deepEqual([cellAt(s, 1, 111).step, cellAt(s, 2, 121).step], [1, 1]);
});

test('cellAt: nothing outside the map', () => {
    const s = parseSnapshot(good());
    for (const [column, price] of [[-1, 120], [3, 120], [0, 99.9], [0, 140], [0, NaN]])
        assert.equal(cellAt(s, column, price), null);
});

test('shiftOf: how far candles moved', () => {
    const times = (...t) => Float64Array.from(t);
    assert.equal(shiftOf(times(1, 2, 3), times(1, 2, 3)), 0);
    assert.equal(shiftOf(times(1, 2, 3), times(3, 4, 5)), 2);
    assert.equal(shiftOf(times(3, 4, 5), times(1, 2, 3)), -2);
    assert.equal(shiftOf(times(1, 2), times(8, 9)), 0);
});
