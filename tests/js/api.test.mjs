import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, ageOf, freshnessOf, choicesOf } from '../../www/js/net/api.js';

test('freshness is the max-age the answer has left', () => {
    assert.equal(freshnessOf('public, max-age=13, stale-while-revalidate=600'), 13000);
    assert.equal(freshnessOf('max-age=0'), 0);
    assert.ok(Number.isNaN(freshnessOf('public, s-maxage=9')));
    assert.ok(Number.isNaN(freshnessOf('')));
});

test('age is the server’s plus what a shared cache held it', () => {
    assert.equal(ageOf(new Headers({ 'X-Liqmap-Age-Ms': '1200' })), 1200);
    assert.equal(ageOf(new Headers({ 'X-Liqmap-Age-Ms': '1200', Age: '5' })), 6200);
    assert.ok(Number.isNaN(ageOf(new Headers())));
    assert.ok(Number.isNaN(ageOf(new Headers({ 'X-Liqmap-Age-Ms': 'soon' }))));
});

test('symbols and exchanges on offer, each once, whatever else is in the answer', () => {
    assert.deepEqual(choicesOf({ exchanges: [
        { exchange: 'a', symbols: [{ symbol: 'BTCUSDT', base: 'BTC' }, { symbol: 'ETHUSDT' }] },
        { exchange: 'b', symbols: [{ symbol: 'BTCUSDT' }, { base: 'X' }, null] }, { exchange: 'a' }, {}, null,
    ] }), { symbols: ['BTCUSDT', 'ETHUSDT'], exchanges: ['a', 'b'] });
    for (const none of [null, {}, { exchanges: 7 }])
        assert.deepEqual(choicesOf(none), { symbols: [], exchanges: [] });
});

test('only a bad question is final', () => {
    for (const [status, final] of [[400, true], [404, true], [408, false], [429, false], [502, false], [503, false], [0, false]])
        assert.equal(new ApiError('x', 'y', { status }).final, final, String(status));
});
