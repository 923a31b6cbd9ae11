import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT } from '../../www/js/data/query.js';
import { DEFAULT_VIEW, KNOBS, appearanceText, knobAllowed, layersFrom, profileKind, sameView, singleQuery, viewFrom, viewQuery } from '../../www/js/data/view.js';

const query = (view, complete) => new URLSearchParams(viewQuery(view, complete)).toString();
const OTHER = {
    palette: 'steel',
    scale: { dark: 35.5, bright: 99.9, log: true, sides: true, pin: { unit: 'usd', dark: 0, bright: 2.5e8, rise: 2.25 } },
    logPrice: true,
    candles: 'hollow',
    ridges: false,
    volume: true,
    depth: true,
    executed: 'totals',
    heat: false,
    profile: 'single',
    knobs: { leverage: 50, margin: 0.5, lambda: 0, reach: 20 },
};

test('the default view needs no words', () => assert.equal(query(DEFAULT_VIEW), ''));

test('every part of a view survives the address', () => {
    assert.deepEqual(viewFrom(query(OTHER), DEFAULT_VIEW), OTHER);
    assert.deepEqual(viewFrom(query(OTHER, true), DEFAULT_VIEW), OTHER);
});

test('a complete address overrides what is remembered', () => {
    assert.deepEqual(viewFrom(query(DEFAULT_VIEW, true), OTHER), DEFAULT_VIEW);
});

test('an empty profile is by the width of the screen', () => {
    assert.deepEqual([profileKind(DEFAULT_VIEW, false), profileKind(DEFAULT_VIEW, true), profileKind(OTHER, true)], ['tiers', 'off', 'single']);
});

test('of what an address leaves out, the appearance is as remembered, the layers are the default', () => {
    const { heat, profile, knobs } = DEFAULT_VIEW;
    assert.deepEqual(viewFrom('symbol=BTCUSDT', OTHER), { ...OTHER, heat, profile, knobs });
});

test('the appearance alone is remembered', () => {
    assert.deepEqual(viewFrom(appearanceText(OTHER), DEFAULT_VIEW), { ...OTHER, ...layersFrom('') });
    assert.equal(appearanceText({ ...OTHER, heat: true, profile: '' }), appearanceText(OTHER));
});

for (const wrong of ['palette=rainbow', 'scale=90-10', 'scale=-5-50', 'scale=0-101', 'scale=a-b', 'colour=loud',
    'pin=eur:1-2', 'pin=usd:5-5', 'pin=usd', 'pin=usd:1-Infinity', 'pin=usd:1-2:0', 'pin=usd:1-2:x', 'axis=diagonal', 'executed=on', 'candles=striped', 'candles=toString', 'ends=three'])
    test(`address: ${wrong} changes nothing`, () => assert.deepEqual(viewFrom(wrong, DEFAULT_VIEW), DEFAULT_VIEW));

test('sameView sees every part', () => {
    assert.ok(sameView(OTHER, structuredClone(OTHER)));
    for (const change of [{ palette: 'ember' }, { logPrice: false }, { ridges: true }, { volume: false }, { depth: false }, { executed: '' }, { executed: 'both' }, { candles: 'colour' }, { heat: true }, { profile: 'off' }, { knobs: KNOBS }, ...[{ dark: 1 }, { bright: 80 }, { log: false }, { sides: false }, { pin: null }]
        .map((s) => ({ scale: { ...OTHER.scale, ...s } }))])
        assert.ok(!sameView(OTHER, { ...OTHER, ...change }), JSON.stringify(change));
});

for (const query of ['?leverage=1', '?leverage=151', '?leverage=x', '?lambda=-1', '?reach=0', '?margin=', '?profile=both', '?heat=on'])
    test(`impossible in an address: ${query}`, () => assert.deepEqual(layersFrom(query), layersFrom('')));

test('the limits of the knobs are the server’s', () => {
    assert.ok(knobAllowed('leverage', 150) && !knobAllowed('leverage', 1) && !knobAllowed('margin', NaN) && knobAllowed('lambda', 0));
});

test('the query of single-leverage bars: a rate, not percent, and no filter', () => {
    const state = { ...DEFAULT, exchange: 'okx', tiers: '5', range: 5 };
    assert.equal(singleQuery(state, { ...KNOBS, margin: 0.7 }),
        '?symbol=BTCUSDT&interval=1h&bars=200&exchange=okx&model=single&leverage=25&margin_rate=0.007&lambda=0.2&range=10');
});
