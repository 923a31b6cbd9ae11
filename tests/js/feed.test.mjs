import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Feed } from '../../www/js/net/feed.js';
import { movableClock, settle } from './clock.mjs';

function setUp(answer = (wanted) => Promise.resolve('of ' + wanted), freshMs = 5000, ageMs = NaN) {
    const clock = movableClock();
    const seen = { loads: [], signals: [], changes: 0 };
    const ask = (wanted, signal) => {
        seen.loads.push([clock.time, wanted]);
        seen.signals.push(signal);
        return answer(wanted, signal).then((json) => ({ json, ageMs }));
    };
    const feed = new Feed(ask, {
        read: (value) => value,
        freshMs: () => freshMs,
        changed: () => { seen.changes++; },
    }, clock);
    return { clock, seen, feed };
}

test('loads what is wanted, again as it gets old, and nothing once it is not', async () => {
    const { clock, seen, feed } = setUp();
    await clock.advance(60000);
    feed.follow('a');
    feed.follow('a');
    await clock.advance(0);
    assert.deepEqual(feed.last, { value: 'of a', of: 'a', at: 60000 });
    await clock.advance(5300);
    assert.deepEqual(seen.loads, [[60000, 'a'], [65250, 'a']]);
    feed.follow('');
    await clock.advance(60000);
    assert.equal(seen.loads.length, 2);
    assert.equal(feed.last.value, 'of a', 'what was shown is still known');
});

test('when the server had it is what the age counts from', async () => {
    const { clock, feed } = setUp(undefined, 5000, 35000);
    await clock.advance(60000);
    feed.follow('a');
    await clock.advance(0);
    assert.equal(feed.last.at, 25000);
});

test('something else, or another version of it, is loaded at once', async () => {
    const { clock, seen, feed } = setUp(undefined, Infinity);
    feed.follow('a', 1);
    feed.follow('a', 1);
    await clock.advance(0);
    feed.follow('a', 2);
    await clock.advance(0);
    feed.follow('b', 2);
    assert.equal(feed.last.of, 'a', 'until the other is here');
    await clock.advance(0);
    assert.deepEqual(seen.loads.map(([, wanted]) => wanted), ['a', 'a', 'b']);
    assert.equal(feed.last.of, 'b');
});

test('a late answer to what is no longer wanted is dropped', async () => {
    const answers = new Map();
    const { clock, seen, feed } = setUp((wanted) => new Promise((resolve) => { answers.set(wanted, resolve); }));
    feed.follow('a');
    await clock.advance(0);
    feed.follow('b');
    await clock.advance(0);
    assert.ok(seen.signals[0].aborted);
    answers.get('a')('late');
    answers.get('b')('good');
    await settle();
    assert.deepEqual([feed.last.value, feed.last.of, seen.changes], ['good', 'b', 1]);
    feed.follow('a');
    await clock.advance(0);
    feed.follow('');
    answers.get('a')('late');
    await settle();
    assert.equal(feed.last.value, 'good');
});

test('nothing is loaded while nobody looks, and what is old at once after that', async () => {
    const { clock, seen, feed } = setUp();
    feed.follow('a');
    await clock.advance(0);
    feed.setHidden(true);
    await clock.advance(60000);
    feed.setHidden(false);
    await clock.advance(0);
    assert.deepEqual(seen.loads.map(([at]) => at), [0, 60000]);
});

test('nothing begins in a tab that nobody sees, by itself', async () => {
    const { clock, seen, feed } = setUp();
    feed.setHidden(true);
    feed.follow('a');
    await clock.advance(60000);
    assert.equal(seen.loads.length, 0);
    feed.setHidden(false);
    await clock.advance(0);
    assert.equal(seen.loads.length, 1);
});

test('a failure keeps what is there and is repeated, ever later; one that is final is not', async () => {
    let error = null;
    const { clock, seen, feed } = setUp(() => (error ? Promise.reject(error) : Promise.resolve('good')));
    feed.follow('a');
    await clock.advance(0);
    error = new Error('no exchange');
    await clock.advance(5250);
    assert.deepEqual([feed.problem, feed.last.value], ['no exchange', 'good']);
    await clock.advance(2000 + 4000 + 8000);
    assert.equal(seen.loads.length, 5);
    error = null;
    await clock.advance(15000);
    assert.deepEqual([feed.problem, seen.loads.length], ['', 6]);
    error = Object.assign(new Error('none is recorded'), { final: true });
    await clock.advance(5250);
    assert.deepEqual([feed.problem, feed.last], ['none is recorded', null]);
    await clock.advance(3600000);
    assert.equal(seen.loads.length, 7);
    error = null;
    feed.follow('b');
    assert.equal(feed.problem, '', 'of a, not of b');
    await clock.advance(0);
    assert.equal(feed.last.value, 'good');
});
