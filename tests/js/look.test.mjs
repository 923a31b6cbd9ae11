import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_LOOK, lookFromQuery, lookQuery, sameLook } from '../../www/js/look.js';

const query = (look, all) => new URLSearchParams(lookQuery(look, all)).toString();
const OTHER = {
    palette: 'steel',
    scale: { dark: 35.5, bright: 99.9, log: true, sides: true, pin: { unit: 'usd', dark: 0, bright: 2.5e8 } },
    logPrice: true,
};

test('the usual look needs no words', () => assert.equal(query(DEFAULT_LOOK), ''));

test('every part of a look survives the address', () => {
    assert.deepEqual(lookFromQuery(query(OTHER), DEFAULT_LOOK), OTHER);
    assert.deepEqual(lookFromQuery(query(OTHER, true), DEFAULT_LOOK), OTHER);
});

test('a complete address overrides what is remembered', () => {
    assert.deepEqual(lookFromQuery(query(DEFAULT_LOOK, true), OTHER), DEFAULT_LOOK);
});

test('what an address leaves out is as remembered', () => {
    assert.deepEqual(lookFromQuery('symbol=BTCUSDT', OTHER), OTHER);
});

for (const wrong of ['palette=rainbow', 'scale=90-10', 'scale=-5-50', 'scale=0-101', 'scale=a-b', 'colour=loud',
    'pin=eur:1-2', 'pin=usd:5-5', 'pin=usd', 'pin=usd:1-Infinity', 'axis=diagonal', 'ends=three'])
    test(`address: ${wrong} changes nothing`, () => assert.deepEqual(lookFromQuery(wrong, DEFAULT_LOOK), DEFAULT_LOOK));

test('sameLook sees every part', () => {
    assert.ok(sameLook(OTHER, structuredClone(OTHER)));
    for (const change of [{ palette: 'ember' }, { logPrice: false }, ...[{ dark: 1 }, { bright: 80 }, { log: false }, { sides: false }, { pin: null }]
        .map((s) => ({ scale: { ...OTHER.scale, ...s } }))])
        assert.ok(!sameLook(OTHER, { ...OTHER, ...change }), JSON.stringify(change));
});
