import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT } from '../../www/js/data/query.js';
import { MOST, emptyEntry, entriesOf, symbolsOf, toggled, watchQuery } from '../../www/js/data/watchlist.js';

test('the list begins with the usual symbols and keeps what makes sense', () => {
    assert.deepEqual(symbolsOf(undefined), ['BTCUSDT', 'ETHUSDT', 'SOLUSDT']);
    assert.deepEqual(symbolsOf('BTCUSDT'), ['BTCUSDT', 'ETHUSDT', 'SOLUSDT']);
    assert.deepEqual(symbolsOf([]), [], 'an empty list was chosen');
    assert.deepEqual(symbolsOf(['XRPUSDT', 'xrp', 7, 'XRPUSDT', 'A,B', 'X', 'A'.repeat(32), '1000PEPEUSDT']), ['XRPUSDT', '1000PEPEUSDT']);
    assert.equal(symbolsOf(Array.from({ length: 30 }, (_, i) => `S${i}USDT`)).length, MOST);
});

test('a symbol is added once and removed again; a full list stays', () => {
    assert.deepEqual(toggled(['BTCUSDT'], 'XRPUSDT'), ['BTCUSDT', 'XRPUSDT']);
    assert.deepEqual(toggled(['BTCUSDT', 'XRPUSDT'], 'BTCUSDT'), ['XRPUSDT']);
    const full = Array.from({ length: MOST }, (_, i) => `S${i}USDT`);
    assert.deepEqual(toggled(full, 'XRPUSDT'), full);
});

test('the question is about the map that is shown, now', () => {
    assert.equal(watchQuery(['BTCUSDT', 'ETHUSDT'], DEFAULT), '?symbols=BTCUSDT,ETHUSDT&interval=1h&bars=200');
    assert.equal(watchQuery(['BTCUSDT'], { ...DEFAULT, bars: 1500, exchange: 'okx', contract: 'inverse', end: 1, tiers: '10', side: 'long', range: 5 }),
        '?symbols=BTCUSDT&interval=1h&bars=500&exchange=okx&contract=inverse');
});

const item = (symbol, change = {}) => ({
    symbol, price: 110850.55, above: { price: 111900, distance_percent: 0.947 }, below: { price: 110300.5, distance_percent: -0.5 }, imbalance: -0.24, stale: false, ...change,
});

test('an entry is texts as a trader reads them', () => {
    const [entry] = entriesOf({ symbols: [item('BTCUSDT')] }, ['BTCUSDT']);
    assert.deepEqual(entry, {
        symbol: 'BTCUSDT', name: 'BTC', price: '110,851', above: { price: '111,900', distance: '+0.9 %' }, below: { price: '110,301', distance: '−0.5 %' },
        imbalance: -0.24, stale: false, problem: '',
    });
});

test('prices of any size have about five digits', () => {
    const texts = [95000, 3332.84, 156.806, 2.34567, 0.22141, 0.0000123456].map((price) => entriesOf({ symbols: [item('X1USDT', { price })] }, ['X1USDT'])[0].price);
    assert.deepEqual(texts, ['95,000', '3,332.8', '156.81', '2.3457', '0.22141', '0.00001235']);
});

test('entries are in the order of the list, and each that is missing says so', () => {
    const json = { symbols: [item('ETHUSDT', { stale: true, above: null, imbalance: null }), { symbol: 'NOUSDT', error: { code: 'unknown_symbol', message: 'NOUSDT is not listed' } }] };
    const [lost, no, eth] = entriesOf(json, ['BTCUSDT', 'NOUSDT', 'ETHUSDT']);
    assert.notEqual(lost.problem, '');
    assert.deepEqual([no.problem, no.price], ['NOUSDT is not listed', '–']);
    assert.deepEqual([eth.problem, eth.stale, eth.above, eth.imbalance], ['', true, null, undefined]);
});

test('nonsense is a problem of every symbol, not an exception', () => {
    for (const json of [null, undefined, 7, [], {}, { symbols: 'x' }, { symbols: [null, 3] }])
        assert.ok(entriesOf(json, ['BTCUSDT'])[0].problem, JSON.stringify(json));
    assert.deepEqual([emptyEntry('BTCUSDT').price, emptyEntry('BTCUSDT').problem], ['–', '']);
});

test('a name that is nothing but the quote currency stays', () => {
    assert.deepEqual(['USDT', 'BTCUSD', '1INCHUSDT'].map((symbol) => emptyEntry(symbol).name), ['USDT', 'BTCUSD', '1INCH']);
});
