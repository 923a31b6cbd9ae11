import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT } from '../../www/js/data/query.js';
import { lineOf, notesOf, parseVolume, placesOf, plotsOf, volumeQuery } from '../../www/js/data/volume.js';

const answer = (more = {}) => ({
    open_time: [1000, 2000, 3000], volume: [10, 2500, 30], delta: [5, -7, null], cumulative_delta: [5, -2, null],
    open_interest_usd: [null, null, 8.2e9],
    given_by: { delta: ['binance'], open_interest_usd: ['binance'] }, missing_from: { delta: [], open_interest_usd: [] },
    ...more,
});

test('columns are read, null is unknown', () => {
    const v = parseVolume(answer());
    assert.deepEqual([...v.volume], [10, 2500, 30]);
    assert.deepEqual([...v.delta], [5, -7, NaN]);
});

for (const wrong of [{ volume: [1, 2] }, { delta: [1, 2, 'x'] }, { given_by: null }, { open_interest_usd: undefined }])
    test(`refused: ${JSON.stringify(wrong)}`, () => assert.throws(() => parseVolume(answer(wrong)), /expected/));

test('one value alone is no plot', () => {
    assert.deepEqual(plotsOf(parseVolume(answer())), ['volume', 'cumulative']);
    assert.deepEqual(plotsOf(parseVolume(answer({ open_interest_usd: [1, 2, 3], cumulative_delta: [null, null, 1] }))), ['volume', 'interest']);
});

test('candles find their column by time', () => {
    assert.deepEqual([...placesOf(parseVolume(answer()), [500, 1000, 3000, 4000])], [-1, 0, 2, -1]);
});

test('lines name the values of a candle', () => {
    const v = parseVolume(answer());
    assert.equal(lineOf(v, 'volume', 1, 'BTC'), 'Volume 2.50 k BTC');
    assert.equal(lineOf(v, 'cumulative', 1, 'BTC'), 'Cumulative delta −2.00 BTC (candle −7.00)');
    assert.equal(lineOf(v, 'interest', 2, 'BTC'), 'Open interest $8.20 B');
    assert.equal(lineOf(v, 'volume', -1, 'BTC'), 'Volume – BTC');
});

const names = (given, missing) => ({
    given_by: { delta: given, open_interest_usd: ['binance'] }, missing_from: { delta: missing, open_interest_usd: [] },
});
for (const [about, more, expected] of [
    ['nobody', { ...names([], ['bybit']), open_interest_usd: [1, 2, 3] }, ['No cumulative delta: Bybit gives no taker volume.']],
    ['some', { ...names(['binance', 'binance-coin'], ['bybit', 'okx']), open_interest_usd: [1, 2, 3] },
        ['Cumulative delta of 2 of 4 exchanges (Binance, Binance coin); Bybit, OKX give no taker volume.']],
    ['many', { ...names(['binance'], ['a', 'b', 'c', 'd']), open_interest_usd: [1, 2, 3] },
        ['Cumulative delta of 1 of 5 exchanges (Binance); 4 exchanges give no taker volume.']],
    ['history', {}, ['Open interest $8.20 B; its history is not read.']],
    ['no open interest', { given_by: { delta: ['spot'], open_interest_usd: [] }, missing_from: { delta: [], open_interest_usd: ['spot'] } },
        ['No open interest: Spot gives no open interest.']],
])
    test(`said of what is missing: ${about}`, () => assert.deepEqual(notesOf(parseVolume(answer(more))), expected));

test('asked of the exchange that the map is of', () => {
    const query = { ...DEFAULT, contract: 'inverse', side: 'long', range: 5 };
    assert.equal(volumeQuery(query, 'binance-coin'), '?symbol=BTCUSDT&interval=1h&bars=200&exchange=binance-coin');
    assert.equal(volumeQuery({ ...query, exchange: 'all', contract: 'both' }, 'all'),
        '?symbol=BTCUSDT&interval=1h&bars=200&exchange=all&contract=both');
    assert.equal(volumeQuery(DEFAULT, ''), '?symbol=BTCUSDT&interval=1h&bars=200');
});
