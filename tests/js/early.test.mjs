import assert from 'node:assert/strict';
import { test } from 'node:test';

import { askEarly, offerEarly, takeEarly } from '../../www/js/net/early.js';

/** Nobody ends it. */
const idle = new AbortController().signal;
const MAP = 'api/v1/heatmap?symbol=BTCUSDT&interval=4h&bars=500&format=compact';

test('the map of the address is asked for once and taken once', async () => {
    const asked = [];
    let read = 0;
    const answer = { ok: true, json: async () => { read++; return { rows: 7 }; } };
    offerEarly(askEarly('?interval=4h&bars=500&theme=light', false, async (url) => { asked.push(url); return answer; }));
    assert.deepEqual(asked, [MAP]);
    assert.equal(takeEarly('api/v1/symbols', idle), null);
    const { response, json } = await takeEarly(MAP, idle);
    assert.equal(response, answer);
    /* Its body was not left to wait for whoever takes it. */
    assert.deepEqual(await json, { rows: 7 });
    assert.equal(read, 1);
    assert.equal(takeEarly(MAP, idle), null);
});

test('a failure is told to who takes it, and to nobody else', async () => {
    offerEarly(askEarly('?interval=4h&bars=500', false, async () => { throw new Error('no server'); }));
    await assert.rejects(takeEarly(MAP, idle), /no server/);
    askEarly('?interval=4h&bars=500', false, async () => { throw new Error('no server'); });
    askEarly('?interval=4h&bars=500', false, async () => ({ ok: true, json: async () => { throw new SyntaxError('cut'); } }));
    await new Promise((next) => { setImmediate(next); });
});

test('whoever took it can end it, also one that never answers', async () => {
    const never = (url, { signal }) => new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
    });
    offerEarly(askEarly('?interval=4h&bars=500', false, never));
    const later = new AbortController();
    const taken = takeEarly(MAP, later.signal);
    later.abort(new Error('too long'));
    await assert.rejects(taken, /too long/);
    offerEarly(askEarly('?interval=4h&bars=500', false, never));
    await assert.rejects(takeEarly(MAP, AbortSignal.abort(new Error('already'))), /already/);
});
