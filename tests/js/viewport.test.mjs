import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spanOf, viewportFromQuery, viewportOf, viewportQuery } from '../../www/js/data/viewport.js';

const HOUR = 3600000;
const START = Date.UTC(2025, 9, 1);
const hours = (n, start = START) => Float64Array.from({ length: n }, (_, i) => start + i * HOUR);
const read = (view) => viewportFromQuery(new URLSearchParams(viewportQuery(view)).toString());

test('the whole window needs no words', () => {
    assert.equal(viewportOf({ from: -0.5, to: 515 }, null, hours(500)), null);
    assert.deepEqual(viewportQuery(null), []);
});

test('a view of history is the same hours in another window', () => {
    const view = viewportOf({ from: 100, to: 150 }, null, hours(500));
    assert.deepEqual(read(view), view);
    assert.deepEqual(spanOf(read(view), hours(500, START + 20 * HOUR)), { from: 80, to: 130 });
});

test('a view of the newest goes on following it', () => {
    const view = viewportOf({ from: 379.5, to: 507.5 }, null, hours(500));
    assert.deepEqual([view.bars, view.room], [120, 8]);
    assert.deepEqual(spanOf(read(view), hours(500, START + 90 * HOUR)), { from: 379.5, to: 507.5 });
});

test('prices that were chosen are kept', () => {
    const view = viewportOf({ from: -0.5, to: 515 }, [109250.5, 112000], hours(500));
    assert.deepEqual(read(view).prices, [109250.5, 112000]);
});

test('hours that are not in the window are none', () => {
    const view = viewportOf({ from: 100, to: 150 }, null, hours(500));
    assert.equal(spanOf(view, hours(500, START + 1000 * HOUR)), null);
});

for (const wrong of ['view=last', 'view=last0-3', 'view=20-10', 'view=a-b', 'view=', 'prices=1-2', 'view=1-2-3'])
    test(`address: ${wrong}`, () => assert.equal(viewportFromQuery(wrong), null));
