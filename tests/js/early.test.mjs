import assert from 'node:assert/strict';
import { test } from 'node:test';

import { askEarly, takeEarly } from '../../www/js/early.js';

const MAP = 'api/v1/heatmap?symbol=BTCUSDT&interval=4h&bars=500';

test('the map of the address is asked for once and taken once', async () => {
    const asked = [];
    let read = 0;
    const answer = { ok: true, json: async () => { read++; return { rows: 7 }; } };
    askEarly('?interval=4h&bars=500&theme=light', async (url) => { asked.push(url); return answer; });
    assert.deepEqual(asked, [MAP]);
    assert.equal(takeEarly('api/v1/symbols'), null);
    const { response, json } = await takeEarly(MAP);
    assert.equal(response, answer);
    /* Its body was not left to wait for whoever takes it. */
    assert.deepEqual(await json, { rows: 7 });
    assert.equal(read, 1);
    assert.equal(takeEarly(MAP), null);
});

test('a failure is told to who takes it, and to nobody else', async () => {
    askEarly('?interval=4h&bars=500', async () => { throw new Error('no server'); });
    await assert.rejects(takeEarly(MAP), /no server/);
    askEarly('?interval=4h&bars=500', async () => { throw new Error('no server'); });
    askEarly('?interval=4h&bars=500', async () => ({ ok: true, json: async () => { throw new SyntaxError('cut'); } }));
    await new Promise((next) => { setImmediate(next); });
});
