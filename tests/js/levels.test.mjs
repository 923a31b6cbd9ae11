import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelAt, marksOf } from '../../www/js/draw/level-marks.js';
import { imbalanceRows, modelWords } from '../../www/js/data/facts.js';
import { exchangeName } from '../../www/js/data/format.js';
import { linesOf, strongest } from '../../www/js/data/levels.js';

test('the strongest level above and below price', () => {
    const levels = [{ price: 110, mass: 3 }, { price: 120, mass: 9 }, { price: 90, mass: 2 }, { price: 80, mass: 1 }];
    assert.deepEqual(strongest(levels, 100), { above: levels[1], below: levels[2] });
    assert.deepEqual(strongest([], 100), { above: null, below: null });
});

for (const [about, y, expected] of [
    ['on its line', 100, { top: 91, inside: true }],
    ['above the pane', -50, { top: 4, inside: false }],
    ['below the pane', 500, { top: 278, inside: false }],
    ['at the very edge', 300, { top: 278, inside: true }],
])
    test(`a marker’s label, ${about}`, () => assert.deepEqual(labelAt(y, 300), expected));

test('imbalance in parts of both sides', () => {
    const rows = imbalanceRows({ statistics: { imbalance: new Map([[1, -0.5], [2, 1]]) } });
    assert.deepEqual(rows.map((row) => [row.percent, row.longs, row.words]).slice(0, 2), [[1, 0.75, '25 % shorts'], [2, 0, '100 % shorts']]);
    assert.ok(Number.isNaN(rows[2].longs));
});

test('the model in words says what is not known', () => {
    const model = { name: '', version: NaN, engineInterval: '', seriesStart: NaN, marginRate: 0.004, leverageSpread: NaN, roundShare: NaN, scaledBy: '', tiers: [{ leverage: 100, share: NaN, halfLifeHours: 12 }] };
    const words = modelWords({ model, interval: '1h', grid: { rows: 1, priceStep: 1, usdPerUnit: NaN }, warnings: ['w'], filter: { tiers: [], side: 'long', range: NaN } });
    assert.deepEqual(words.tiers, [{ leverage: 100, distance: '−0.6 / +0.6 %', share: '–', halfLife: '12 h' }]);
    assert.match(words.assumptions.join(' '), /no dollars.*only longs.*not a forecast/);
    assert.deepEqual(words.warnings, ['w']);
});

test('exchanges by their own names', () => {
    assert.deepEqual(['okx', 'binance-spot', 'auto', ''].map(exchangeName), ['OKX', 'Binance spot', 'Automatic', '']);
});

test('marks: each candle once, with all its tiers; none when the cell has left', () => {
    const candles = { time: [0, 10, 20], low: [1, 2, 3], high: [4, 5, 6] };
    const said = { time: 20, from: 7, to: 8, causes: [{ time: 10, share: 0.5 }, { time: 10, share: 0.2 }, { time: -10, share: 0.1 }] };
    const marks = marksOf(said, { candles });
    assert.equal(marks.column, 2);
    assert.deepEqual(marks.candles, [{ column: 1, share: 0.7, low: 2, high: 5 }]);
    assert.equal(marksOf({ ...said, time: 99 }, { candles }), null);
});

for (const [about, generatedAt, expected] of [['live: until now', 3600000 * 5.5, '5 h'], ['replay: until the end of the newest candle', 3600000 * 90, '6 h']]) {
    test(`the age of a level, ${about}`, () => {
        const level = { side: 'long', price: 90, mass: 1, usd: 5, distance: -10, since: 0, tiers: [] };
        const candles = { time: [3600000 * 5], close: Float64Array.of(100) };
        const [line] = linesOf({ levels: [level], candles, interval: '1h', generatedAt, dataTime: NaN }, 100);
        assert.equal(line.cells[4], expected);
    });
}

test('a label keeps below what is taken at the top', () => {
    assert.deepEqual(labelAt(10, 300, 56), { top: 56, inside: true });
    assert.deepEqual(labelAt(150, 300, 56), labelAt(150, 300));
});
