import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BARS, DEFAULT, INTERVALS, SPANS, cleanSymbol, mapOfSpan, queryFrom, sameQuery, sameWindow, tiersOf, tiersText, queryText } from '../../www/js/data/query.js';

test('every choice survives the address', () => {
    for (const interval of INTERVALS) {
        for (const bars of BARS) {
            const state = { symbol: 'SOLUSDT', interval, bars, exchange: 'okx', contract: 'inverse', end: Date.UTC(2025, 9, 10, 12, 30), tiers: '10,25', side: 'long', range: 5 };
            assert.deepEqual(queryFrom(queryText(state)), state);
        }
    }
});

test('an empty address is the default', () => {
    assert.deepEqual(queryFrom(''), { ...DEFAULT });
});

for (const [about, query, expected] of [
    ['an unknown interval', '?interval=7m', { interval: '1h' }],
    ['1D as people write it', '?interval=1D', { interval: '1d' }],
    ['bars that are not offered', '?bars=123', { bars: 200 }],
    ['bars that are no number', '?bars=many', { bars: 200 }],
    ['a lower case symbol', '?symbol=ethusdt', { symbol: 'ETHUSDT' }],
    ['markup for a symbol', '?symbol=%3Cb%3E', { symbol: 'BTCUSDT' }],
    ['a moment in ms', '?end=1760097600000', { end: 1760097600000 }],
    ['a moment that is none', '?end=yesterday', { end: 0 }],
    ['an exchange with a path', '?exchange=../x', { exchange: '' }],
    ['a kind of contract', '?contract=both', { contract: 'both' }],
    ['a kind of contract that is none', '?contract=spot', { contract: '' }],
    ['tiers in any order, twice, and one that is none', '?tiers=50,7,10,50', { tiers: '10,50' }],
    ['all tiers', '?tiers=2,3,5,10,25,50,100', { tiers: '' }],
    ['no tier', '?tiers=', { tiers: '' }],
    ['an unknown side', '?side=up', { side: 'both' }],
    ['a range that is not offered', '?range=7', { range: 0 }],
]) {
    test(`address: ${about}`, () => assert.deepEqual(queryFrom(query), { ...DEFAULT, ...expected }));
}

for (const [typed, known, expected] of [
    ['btc', undefined, 'BTCUSDT'],
    [' btc/usdt ', undefined, 'BTCUSDT'],
    ['doge', ['DOGEUSDT'], 'DOGEUSDT'],
    ['doge', [], 'DOGE'],
    ['1000pepeusdt', undefined, '1000PEPEUSDT'],
    ['', undefined, ''],
    ['a'.repeat(40), undefined, ''],
    ['é', undefined, ''],
]) {
    test(`symbol typed as "${typed}" of ${known ?? 'the usual'}`, () => assert.equal(cleanSymbol(typed, known), expected));
}

test('sameQuery sees every part', () => {
    assert.ok(sameQuery(DEFAULT, { ...DEFAULT }));
    for (const change of [{ symbol: 'X' }, { interval: '5m' }, { bars: 100 }, { exchange: 'okx' }, { contract: 'linear' }, { tiers: '5' }, { side: 'long' }, { range: 2 }])
        assert.ok(!sameQuery(DEFAULT, { ...DEFAULT, ...change }));
});

test('a filter leaves the window where it is; a range does not', () => {
    assert.ok(sameWindow(DEFAULT, { ...DEFAULT, tiers: '5', side: 'short' }));
    for (const change of [{ symbol: 'X' }, { interval: '5m' }, { bars: 100 }, { exchange: 'okx' }, { range: 2 }])
        assert.ok(!sameWindow(DEFAULT, { ...DEFAULT, ...change }));
});

test('tiers: all and none are written alike, and read as all', () => {
    assert.equal(tiersText([]), '');
    assert.equal(tiersText([100, 2]), '2,100');
    assert.deepEqual(tiersOf({ ...DEFAULT, tiers: '2,100' }), [2, 100]);
    assert.equal(tiersOf(DEFAULT).length, 7);
});

test('a phone has fewer candles unless the address says so', () => {
    assert.equal(queryFrom('', true).bars, 100);
    assert.equal(queryFrom('?bars=1500', true).bars, 1500);
});

test('a range of time: candles that can be told apart, all of the range, counts on offer', () => {
    const made = Object.fromEntries(SPANS.map(([name, days]) => [name, mapOfSpan(days)]));
    assert.deepEqual(made['12h'], { interval: '5m', candles: 144, bars: 200 });
    assert.deepEqual(made['1w'], { interval: '1h', candles: 168, bars: 200 });
    assert.deepEqual(made['1Y'], { interval: '1d', candles: 365, bars: 500 });
    for (const { interval, candles, bars } of Object.values(made))
        assert.ok(INTERVALS.includes(interval) && BARS.includes(bars) && candles <= bars && candles >= 72);
});
