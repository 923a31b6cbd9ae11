import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelAt, marksOf } from '../../www/js/draw/level-marks.js';
import { imbalanceRows, limitsText, modelWords } from '../../www/js/data/facts.js';
import { exchangeName, fundingText } from '../../www/js/data/format.js';
import { folded, linesOf, marked, nearestTexts } from '../../www/js/data/levels.js';

test('the levels that matter: a near one before a far one of twice its size, nearest first', () => {
    const levels = [{ price: 101, mass: 5 }, { price: 120, mass: 20 }, { price: 105, mass: 4 }, { price: 130, mass: 9 }, { price: 99, mass: 1 }];
    const { above, below } = marked(levels, 100);
    assert.deepEqual(above.map((level) => level.price), [101, 105, 120]);
    assert.deepEqual(below, [levels[4]]);
    assert.deepEqual(marked([], 100), { above: [], below: [] });
});

test('in the header: the nearest of them on either side, or what there is', () => {
    const snapshot = (levels) => ({ levels, ticker: { last: 111000 }, candles: { close: Float64Array.of(111000.5) } });
    const [up, down] = [{ price: 111900, mass: 1 }, { price: 110300, mass: 1 }];
    assert.deepEqual(nearestTexts(snapshot([up, down])), ['▲ 111,900 +0.8 %', '▼ 110,300 −0.6 %']);
    assert.deepEqual(nearestTexts(snapshot([down])), ['▼ 110,300 −0.6 %']);
    assert.deepEqual(nearestTexts(snapshot([])), []);
});

test('far levels are folded, four near ones a side are not', () => {
    const lines = [160, 150, 140, 130, 120, 110, 90, 80].map((price) => ({ level: { price } }));
    const { above, near, below } = folded(lines, 100);
    assert.deepEqual([above.length, near.length, below.length], [2, 6, 0]);
    assert.equal(near[0].level.price, 140);
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
    const model = { name: '', version: NaN, engineInterval: '', seriesStart: NaN, marginRate: 0.004, leverageSpread: NaN, roundShare: NaN, scaledBy: '', tiers: [{ leverage: 100, share: NaN, halfLifeHours: 12 }], limits: { maxLeverage: NaN, marginRate: NaN, inverse: false, source: '' } };
    const words = modelWords({ model, interval: '1h', grid: { rows: 1, priceStep: 1, usdPerUnit: NaN }, warnings: ['w'], notes: ['n'], filter: { tiers: [], side: 'long', range: NaN } });
    assert.deepEqual(words.tiers, [{ leverage: 100, name: '100×', distance: '−0.6 / +0.6 %', share: '–', halfLife: '12 h' }]);
    assert.match(words.assumptions.join(' '), /no dollars.*only longs.*not a forecast/);
    assert.deepEqual(words.remarks, ['w', 'n']);
});

test('a contract that allows less: its leverage, its distances, who says so', () => {
    const limits = { maxLeverage: 40, marginRate: 0.0125, inverse: false, source: 'contract' };
    const model = { name: '', version: NaN, engineInterval: '', seriesStart: NaN, marginRate: 0.0125, leverageSpread: NaN, roundShare: NaN, scaledBy: '', tiers: [25, 100].map((leverage) => ({ leverage, share: 0.1, halfLifeHours: 12 })), limits };
    const ask = (more) => modelWords({ model: { ...model, limits: { ...limits, ...more } }, interval: '1h', grid: { rows: 1, priceStep: 1, usdPerUnit: NaN }, warnings: [], notes: [], filter: { tiers: [], side: 'both', range: NaN } });
    assert.deepEqual(ask({}).tiers.map((tier) => [tier.name, tier.distance]), [['25×', '−2.8 / +2.7 %'], ['100×: 40× here', '−1.3 / +1.2 %']]);
    assert.match(ask({}).assumptions.join(' '), /What the contract allows: up to 40×, margin 1.25 % \(contract\)\./);
    assert.deepEqual(ask({ inverse: true }).tiers.map((tier) => tier.distance), ['−2.6 / +2.9 %', '−1.2 / +1.3 %']);
    assert.equal(limitsText({ ...limits, source: 'assumed' }), 'up to 40×, margin 1.25 % (assumed)');
    assert.equal(limitsText({ ...limits, maxLeverage: NaN }), '');
});

for (const [about, exchange, statistics, expected] of [
    ['every eight hours', 'binance', [0.0001, 28800000, 0.1095], '+0.0100 % / 8 h (+11 % a year)'],
    ['every hour, paid by shorts', 'hyperliquid', [-0.0000125, 3600000, -0.1095], '−0.0013 % / 1 h (−11 % a year)'],
    ['little', 'okx', [0.00001, 28800000, 0.01095], '+0.0010 % / 8 h (+1.1 % a year)'],
    ['an unknown interval', 'gate', [0.0001, NaN, NaN], '+0.0100 %'],
    ['unknown', 'gate', [NaN, 28800000, NaN], '–'],
    ['of a sum', 'all', [0.0001, 28800000, 0.2], '+20 % a year'],
])
    test(`funding: ${about}`, () => {
        const [fundingRate, fundingIntervalMs, fundingYearly] = statistics;
        assert.equal(fundingText({ exchange, statistics: { fundingRate, fundingIntervalMs, fundingYearly } }), expected);
    });

test('exchanges by their own names', () => {
    assert.deepEqual(['okx', 'binance-spot', 'auto', ''].map(exchangeName), ['OKX', 'Binance spot', 'Auto', '']);
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
