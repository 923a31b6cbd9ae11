import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_RULE, Watch, distanceOf, ruleOf } from '../../www/js/data/alert-rules.js';

const MINUTE = 60000;
const RULE = { ...DEFAULT_RULE, on: true, percent: 1, density: 50, minutes: 30 };
const level = (price, more = {}) => ({ side: price > 100 ? 'short' : 'long', price, from: price - 0.2, to: price + 0.2, density: 80, ...more });
const decide = (watch, levels, last, now = 0, rule = RULE) => watch.decide('BTCUSDT', levels, last, rule, now).map((l) => l.price);

test('distance is to the nearer edge, nothing within the band', () => {
    assert.ok(Math.abs(distanceOf(level(102), 100) - 1.8) < 1e-9);
    assert.ok(Math.abs(distanceOf(level(98), 100) - 1.8) < 1e-9);
    assert.equal(distanceOf(level(100.1), 100), 0);
});

for (const [about, levels, last, rule, expected] of [
    ['near and strong', [level(101)], 100, {}, [101]],
    ['too far', [level(102)], 100, {}, []],
    ['too weak', [level(101, { density: 40 })], 100, {}, []],
    ['just strong enough', [level(101, { density: 50 })], 100, {}, [101]],
    ['both sides, nearest first', [level(101.1), level(99.5)], 100, {}, [99.5, 101.1]],
    ['switched off', [level(101)], 100, { on: false }, []],
    ['no price', [level(101)], NaN, {}, []],
    ['no levels', [], 100, {}, []],
])
    test(`decide: ${about}`, () => assert.deepEqual(decide(new Watch(), levels, last, 0, { ...RULE, ...rule }), expected));

test('a level is told once while price stays near, however long', () => {
    const watch = new Watch();
    assert.deepEqual(decide(watch, [level(101)], 100), [101]);
    for (const minutes of [1, 29, 31, 600])
        assert.deepEqual(decide(watch, [level(101)], 100.1, minutes * MINUTE), []);
});

test('it is told again after price went away and the time has passed, not before', () => {
    const watch = new Watch();
    decide(watch, [level(101)], 100);
    decide(watch, [level(101)], 98, 5 * MINUTE);
    assert.deepEqual(decide(watch, [level(101)], 100, 20 * MINUTE), [], 'away, but too soon');
    assert.deepEqual(decide(watch, [level(101)], 100, 31 * MINUTE), [101]);
});

test('jitter at the border is no coming and going', () => {
    const watch = new Watch();
    assert.deepEqual(decide(watch, [level(101)], 99.85), [101]);
    decide(watch, [level(101)], 99.7, 40 * MINUTE);
    assert.deepEqual(decide(watch, [level(101)], 99.85, 41 * MINUTE), []);
});

test('a band that moved a little is the same; another, or of another symbol, is not', () => {
    const watch = new Watch();
    decide(watch, [level(101)], 100);
    assert.deepEqual(decide(watch, [level(101.1)], 100.2, MINUTE), []);
    assert.deepEqual(decide(watch, [level(101), level(100.5)], 100, MINUTE), [100.5]);
    assert.equal(watch.decide('ETHUSDT', [level(101)], 100, RULE, MINUTE).length, 1);
});

test('a new rule judges anew', () => {
    const watch = new Watch();
    decide(watch, [level(101)], 100);
    watch.forget();
    assert.deepEqual(decide(watch, [level(101)], 100, 1), [101]);
});

for (const stored of [undefined, null, 'on', 7, { percent: 'x', density: 400, minutes: 0 }, { percent: NaN }])
    test(`a stored rule of ${JSON.stringify(stored)} is the usual`, () => assert.deepEqual(ruleOf(stored), DEFAULT_RULE));

test('a good rule is kept', () => assert.deepEqual(ruleOf({ ...RULE, sound: false }), { ...RULE, sound: false }));
