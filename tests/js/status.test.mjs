import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusOf } from '../../www/js/data/status.js';

const live = { source: 'live', stale: false, staleReason: '', warnings: [] };
const now = { snapshot: live, ageMs: 3000, busy: false, error: null, retryMs: Infinity };
const blocked = { code: 'exchange_blocked', message: 'refused', allowed: [], final: false };

test('live, and while it refreshes, without a notice', () => {
    assert.deepEqual(statusOf(now), { state: 'live', label: 'Live', title: '', lines: [], retry: false });
    assert.equal(statusOf({ ...now, busy: true }).label, 'Live');
    assert.equal(statusOf({ ...now, busy: true }).state, 'live');
});

test('nothing yet is loading', () => {
    assert.equal(statusOf({ ...now, snapshot: null, busy: true }).state, 'loading');
});

test('stale says how old and why, and comes before all else', () => {
    const s = statusOf({ ...now, ageMs: 185000, snapshot: { ...live, source: 'demo', stale: true, staleReason: 'timed out', warnings: ['w'] } });
    assert.equal(s.state, 'stale');
    assert.equal(s.title, 'Data 3 min old: timed out');
    assert.deepEqual(s.lines, ['w']);
});

test('degraded lists what is missing', () => {
    const s = statusOf({ ...now, snapshot: { ...live, warnings: ['open interest unknown'] } });
    assert.equal(s.state, 'degraded');
    assert.deepEqual(s.lines, ['open interest unknown']);
});

test('demo and file say so', () => {
    for (const source of ['demo', 'file'])
        assert.equal(statusOf({ ...now, snapshot: { ...live, source } }).state, source);
});

test('unreachable: message, age of what is shown, countdown and button', () => {
    const s = statusOf({ ...now, ageMs: 65000, error: blocked, retryMs: 29500 });
    assert.equal(s.state, 'unreachable');
    assert.equal(s.title, 'Exchange unreachable');
    assert.deepEqual(s.lines, ['refused', 'The map shows data 1 min old.', 'Trying again in 30 s.']);
    assert.ok(s.retry);
    assert.deepEqual(statusOf({ ...now, error: blocked, busy: true }).lines.at(-1), 'Trying again…');
});

test('our own server is not called an exchange', () => {
    assert.equal(statusOf({ ...now, error: { ...blocked, code: 'network' } }).title, 'Server unreachable');
});

for (const [about, error, title, label] of [
    ['an exchange that does not answer us', { code: 'timeout', status: 504 }, 'Exchange unreachable', 'Offline'],
    ['a server that does not answer', { code: 'timeout' }, 'Server unreachable', 'Offline'],
    ['a failure of our own', { code: 'unknown', status: 500 }, 'Server error', 'Error'],
    ['no memory here', { code: 'memory', status: 503 }, 'Server error', 'Error'],
    ['a symbol nobody lists', { code: 'bad_symbol', status: 400, final: true }, 'This map cannot be shown', 'No map'],
])
    test(`who is at fault: ${about}`, () => {
        const s = statusOf({ ...now, error: { ...blocked, ...error } });
        assert.deepEqual([s.title, s.label], [title, label]);
    });

test('a bad question offers what is allowed and no retry', () => {
    const s = statusOf({ ...now, snapshot: null, error: { code: 'bad_symbol', message: 'no FOO', allowed: ['BTCUSDT', 'ETHUSDT'], final: true } });
    assert.equal(s.retry, false);
    assert.deepEqual(s.lines, ['no FOO', 'Allowed: BTCUSDT, ETHUSDT']);
});

for (const [code, expected] of [
    ['blocked', 'Binance is blocked here: showing OKX'],
    ['timeout', 'Binance does not answer: showing OKX'],
    ['not_found', 'Binance does not list this symbol: showing OKX'],
    ['io', 'Binance cannot be shown: showing OKX'],
]) {
    test(`another exchange than the usual one: ${code}`, () => {
        const s = statusOf({ ...now, snapshot: { ...live, exchange: 'okx', fallback: { from: 'binance', code, reason: 'x' } } });
        assert.deepEqual([s.state, s.title], ['live', expected]);
    });
}

test('a sum of exchanges: names in the notice, each reason in the panel', () => {
    const part = (name, included, stale) => ({ name, included, stale, reason: 'timed out' });
    const s = statusOf({ ...now, snapshot: {
        ...live, exchange: 'all', warnings: ['okx is left out: okx: timed out', 'gate is old: timed out', 'funding: unavailable'],
        exchanges: [part('binance', true, false), part('okx', false, false), part('gate', true, true)],
    } });
    assert.deepEqual(s.lines, ['Excluded: OKX', 'Stale: Gate', 'funding: unavailable']);
});

test('a sum that is not complete yet says who is still to come', () => {
    const part = (name, missing) => ({ name, included: false, stale: false, missing, reason: 'request budget' });
    const s = statusOf({ ...now, snapshot: {
        ...live, exchange: 'all', warnings: ['okx is excluded for now: request budget', 'gate is excluded: refused'],
        exchanges: [part('okx', true), part('gate', false)],
    } });
    assert.deepEqual(s.lines, ['Incomplete, still to come: OKX', 'Excluded: Gate']);
});
