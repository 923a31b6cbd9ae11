import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refresher, waitAfter, waitAfterError } from '../../www/js/net/refresher.js';
import { movableClock, settle } from './clock.mjs';

function setUp(answer = () => Promise.resolve({ freshMs: 20000 })) {
    const clock = movableClock();
    const seen = { loads: [], errors: [], signals: [] };
    const refresher = new Refresher({
        load: (signal) => {
            seen.loads.push(clock.time);
            seen.signals.push(signal);
            return answer(signal);
        },
        failed: (error) => seen.errors.push(error),
        changed: () => {},
    }, clock);
    return { clock, seen, refresher };
}

test('asks again as the answer expires, within 20 s', async () => {
    const { clock, seen, refresher } = setUp();
    refresher.restart();
    await settle();
    await clock.advance(20000);
    assert.equal(seen.loads.length, 1);
    await clock.advance(300);
    assert.equal(seen.loads.length, 2);
    await clock.advance(61000);
    assert.equal(seen.loads.length, 5);
});

test('waitAfter follows the server and spreads the pages', () => {
    assert.ok(waitAfter(7000, 0) >= 7000 && waitAfter(7000, 1) < 9000);
    assert.ok(waitAfter(600000, 0) <= 21000);
    assert.ok(waitAfter(0, 0) >= 5000, 'a stale answer is not asked for in a loop');
    assert.ok(waitAfter(NaN, 0) >= 5000);
    assert.notEqual(waitAfter(7000, 0.1), waitAfter(7000, 0.9));
});

test('waitAfterError backs off, honours Retry-After, and gives up on a bad question', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7].map((n) => waitAfterError(n, {}, 0));
    for (let i = 1; i < waits.length; i++)
        assert.ok(waits[i] >= waits[i - 1]);
    assert.ok(waits[0] >= 1000 && waits[6] <= 120000);
    assert.equal(waitAfterError(1, { retryAfterMs: 45000 }, 0), 45000);
    assert.ok(waitAfterError(9, { retryAfterMs: NaN }, 0) >= 30000);
    assert.equal(waitAfterError(1, { final: true, retryAfterMs: 1000 }, 0), Infinity);
});

test('a hidden page asks for nothing and catches up at once', async () => {
    const { clock, seen, refresher } = setUp();
    refresher.restart();
    await settle();
    refresher.setHidden(true);
    await clock.advance(120000);
    assert.equal(seen.loads.length, 1);
    refresher.setHidden(false);
    await clock.advance(0);
    assert.deepEqual(seen.loads, [0, 120000]);
});

test('a page hidden for a moment does not ask early', async () => {
    const { clock, seen, refresher } = setUp();
    refresher.restart();
    await settle();
    refresher.setHidden(true);
    await clock.advance(5000);
    refresher.setHidden(false);
    await clock.advance(10000);
    assert.equal(seen.loads.length, 1);
    await clock.advance(6000);
    assert.equal(seen.loads.length, 2);
});

test('a new choice drops the old request and its late answer', async () => {
    let answerFirst;
    let count = 0;
    const { seen, refresher } = setUp(() => (count++ === 0
        ? new Promise((resolve) => { answerFirst = resolve; }) : Promise.resolve({ freshMs: 9000 })));
    refresher.restart();
    refresher.restart();
    assert.ok(seen.signals[0].aborted);
    await settle();
    const due = refresher.due;
    answerFirst({ freshMs: 1 });
    await settle();
    assert.equal(refresher.due, due);
    assert.equal(refresher.busy, false);
});

test('errors are told, back off, and a good answer forgets them', async () => {
    let broken = true;
    const { clock, seen, refresher } = setUp(() => (broken ? Promise.reject(new Error('no')) : Promise.resolve({ freshMs: 20000 })));
    refresher.restart();
    await settle();
    await clock.advance(2000);
    await clock.advance(4000);
    assert.equal(seen.errors.length, 3);
    assert.deepEqual(seen.loads, [0, 2000, 6000]);
    broken = false;
    await clock.advance(8000);
    assert.equal(refresher.failures, 0);
    assert.ok(refresher.dueIn > 19000);
});

test('an aborted request is no error', async () => {
    const { seen, refresher } = setUp((signal) => new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
    }));
    refresher.restart();
    refresher.restart();
    await settle();
    assert.deepEqual(seen.errors, []);
});

test('the past is loaded once', async () => {
    const { clock, seen, refresher } = setUp(() => Promise.resolve({ freshMs: Infinity }));
    refresher.restart();
    await settle();
    assert.equal(refresher.dueIn, Infinity);
    await clock.advance(3600000);
    refresher.setHidden(true);
    refresher.setHidden(false);
    assert.equal(seen.loads.length, 1);
});

test('hidden but watched: once a minute, and at its own pace again when seen', async () => {
    const { clock, seen, refresher } = setUp(() => Promise.resolve({ freshMs: 20000 }));
    refresher.restart();
    await settle();
    refresher.setBackground(true);
    refresher.setHidden(true);
    await clock.advance(59000);
    assert.equal(seen.loads.length, 1);
    await clock.advance(1000);
    assert.equal(seen.loads.length, 2);
    refresher.setHidden(false);
    await clock.advance(22000);
    assert.equal(seen.loads.length, 3);
    refresher.setBackground(false);
    refresher.setHidden(true);
    await clock.advance(600000);
    assert.equal(seen.loads.length, 3);
});
