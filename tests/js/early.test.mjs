import assert from 'node:assert/strict';
import { test } from 'node:test';

import { askEarly, takeEarly } from '../../www/js/early.js';

const MAP = 'api/v1/heatmap?symbol=BTCUSDT&interval=4h&bars=500';

test('the map of the address is asked for once and taken once', async () => {
    const asked = [];
    const answer = { ok: true };
    askEarly('?interval=4h&bars=500&theme=light', async (url) => { asked.push(url); return answer; });
    assert.deepEqual(asked, [MAP]);
    assert.equal(takeEarly('api/v1/symbols'), null);
    assert.equal(await takeEarly(MAP), answer);
    assert.equal(takeEarly(MAP), null);
});

test('a failure is told to who takes it, and to nobody else', async () => {
    askEarly('?interval=4h&bars=500', async () => { throw new Error('no server'); });
    await assert.rejects(takeEarly(MAP), /no server/);
    askEarly('?interval=4h&bars=500', async () => { throw new Error('no server'); });
    await new Promise((next) => { setImmediate(next); });
});
