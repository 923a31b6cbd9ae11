import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BARS, DEFAULT, INTERVALS, cleanSymbol, fromQuery, sameState, toQuery } from '../../www/js/state.js';

test('every choice survives the address', () => {
    for (const interval of INTERVALS) {
        for (const bars of BARS) {
            const state = { symbol: 'SOLUSDT', interval, bars, exchange: 'okx' };
            assert.deepEqual(fromQuery(toQuery(state)), state);
        }
    }
});

test('an empty address is the default', () => {
    assert.deepEqual(fromQuery(''), { ...DEFAULT });
});

for (const [about, query, expected] of [
    ['an unknown interval', '?interval=7m', { interval: '1h' }],
    ['1D as people write it', '?interval=1D', { interval: '1d' }],
    ['bars that are not offered', '?bars=123', { bars: 500 }],
    ['bars that are no number', '?bars=many', { bars: 500 }],
    ['a lower case symbol', '?symbol=ethusdt', { symbol: 'ETHUSDT' }],
    ['markup for a symbol', '?symbol=%3Cb%3E', { symbol: 'BTCUSDT' }],
    ['an exchange with a path', '?exchange=../x', { exchange: '' }],
]) {
    test(`address: ${about}`, () => assert.deepEqual(fromQuery(query), { ...DEFAULT, ...expected }));
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

test('sameState sees every part', () => {
    assert.ok(sameState(DEFAULT, { ...DEFAULT }));
    for (const change of [{ symbol: 'X' }, { interval: '5m' }, { bars: 100 }, { exchange: 'okx' }])
        assert.ok(!sameState(DEFAULT, { ...DEFAULT, ...change }));
});
