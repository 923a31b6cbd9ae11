import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exchangesOf, fallbackOf, filterOf, levelsOf, parseExplanation, parseSingle, profileOf } from '../../www/js/data/answers.js';
import { SnapshotError } from '../../www/js/data/read.js';

const level = { price: 105, from: 100, to: 110, density: 20, mass: 5, modelled_usd: null, distance_percent: -3, since: 1000, tiers: { 25: 0.2, 100: 0.7, 5: 0 } };

test('levels: both sides, nulls are unknown, tiers by share', () => {
    const [one, two] = levelsOf({ long: [level], short: [{ ...level, modelled_usd: 7 }] });
    assert.deepEqual([one.side, two.side], ['short', 'long']);
    assert.equal(one.usd, 7);
    assert.ok(Number.isNaN(two.usd));
    assert.deepEqual(two.tiers, [{ leverage: 100, share: 0.7 }, { leverage: 25, share: 0.2 }]);
    assert.deepEqual(levelsOf(undefined), []);
});

test('the filter, and none', () => {
    assert.deepEqual(filterOf({ tiers: [25], side: 'long', range: 5 }), { tiers: [25], side: 'long', range: 5 });
    assert.deepEqual(filterOf(undefined), { tiers: [], side: 'both', range: NaN });
});

test('exchanges of a sum, and what is unknown of them', () => {
    const [part] = exchangesOf([{ name: 'okx', included: false, share: null, reason: 'timed out', stale: true }]);
    assert.deepEqual([part.included, part.stale, part.reason, part.warnings], [false, true, 'timed out', []]);
    assert.ok(Number.isNaN(part.share));
    assert.deepEqual(exchangesOf(undefined), []);
});

test('fallback', () => {
    assert.equal(fallbackOf(null), null);
    assert.deepEqual(fallbackOf({ from: 'binance', reason: null }), { from: 'binance', code: '', reason: '' });
});

const profile = { price_min: 100, price_step: 10, rows: 3, quantum: 5, max: 9, usd_per_unit: 2, tiers: { 100: [1, 0, 2], 2: [3, 0, 4] }, outside: { long_below: 1.5, long_above: 0, short_below: 0.25, short_above: 3 } };
const single = {
    price: 115, model: { name: 'single', leverage: 25 },
    bands: { price_min: 100, band: 10, n: 2, long: [1, 0], short: [0, 2], cumulative_long: [1, 0], cumulative_short: [0, 2] },
};
const explanation = {
    cell: { time: 7, price_from: 100, price_to: 110, side: 'long', density: 3.2, modelled_usd: null }, swept_at: null,
    causes: [{ open_time: 5, leverage: 100, share: 0.5, modelled_usd: null }], listed_share: 0.5, causes_total: 2,
};

test('a profile: tiers by leverage, dollars of one entry', () => {
    const p = profileOf(profile, 115);
    assert.deepEqual(p.tiers.map((t) => t.leverage), [2, 100]);
    assert.equal(p.usdPerUnit, 10);
    assert.equal(p.outside, 4.75);
    assert.equal(profileOf(undefined, 115), null);
});

test('a profile is summed outward from the price, whose row is a long’s', () => {
    const tiers = { 2: [1, 2, 3, 4, 5], 100: [0.5, 0, 0, 0, 0.5] };
    const of = (price) => [...profileOf({ ...profile, rows: 5, tiers }, price).cumulative];
    assert.deepEqual(of(125), [6.5, 5, 3, 4, 9.5]);
    assert.deepEqual(of(90), [1.5, 3.5, 6.5, 10.5, 16], 'price below the rows');
    assert.deepEqual(of(500), [16, 14.5, 12.5, 9.5, 5.5], 'and above');
});

test('single-leverage bars', () => {
    assert.deepEqual([...parseSingle(single).cumulativeShort], [0, 2]);
});

test('an explanation: never swept is unknown, not 1970', () => {
    const e = parseExplanation(explanation);
    assert.ok(Number.isNaN(e.sweptAt));
    assert.deepEqual(e.causes[0].leverage, 100);
});

for (const [about, parse, json, where] of [
    ['rows that are too few', (p) => profileOf(p, 115), { ...profile, tiers: { 2: [1] } }, '2'],
    ['a tier with a hole', (p) => profileOf(p, 115), { ...profile, tiers: { 2: [1, null, 2] } }, '2[1]'],
    ['no price', parseSingle, { ...single, price: null }, 'price'],
    ['bands of another length', parseSingle, { ...single, bands: { ...single.bands, short: [] } }, 'short'],
    ['a side that is none', parseExplanation, { ...explanation, cell: { ...explanation.cell, side: 'up' } }, 'side'],
    ['causes that are no list', parseExplanation, { ...explanation, causes: {} }, 'causes'],
    ['a level without a price', (l) => levelsOf({ long: [l] }), { ...level, price: undefined }, 'price'],
    ['nothing at all', parseExplanation, null, 'answer'],
]) {
    test(`refused: ${about}`, () => assert.throws(() => parse(json), (error) => error instanceof SnapshotError && error.message.startsWith(where + ':')));
}
