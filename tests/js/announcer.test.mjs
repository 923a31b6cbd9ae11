import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Announcer } from '../../www/js/data/announcer.js';

function listener() {
    const said = [];
    const speaker = new Announcer((text) => said.push(text));
    return { said, at: (ms, state, price = 'BTCUSDT 1') => speaker.hear({ state, about: `now ${state}`, price }, ms) };
}

test('the price once a minute at most', () => {
    const { said, at } = listener();
    for (let ms = 0; ms <= 180000; ms += 1000)
        at(ms, 'live');
    assert.deepEqual(said, ['now live. BTCUSDT 1', 'BTCUSDT 1', 'BTCUSDT 1', 'BTCUSDT 1']);
});

test('a change of state at once', () => {
    const { said, at } = listener();
    at(0, 'live');
    at(1000, 'stale');
    at(2000, 'stale');
    at(3000, 'live');
    assert.deepEqual(said, ['now live. BTCUSDT 1', 'now stale. BTCUSDT 1', 'now live. BTCUSDT 1']);
});

test('nothing to say is not said', () => {
    const said = [];
    new Announcer((text) => said.push(text)).hear({ state: 'loading', about: '', price: '' }, 0);
    assert.deepEqual(said, []);
});
