import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ticksOf } from '../../www/js/colourbar.js';

for (const top of [2.3, 9, 34, 57, 73, 90, 100, 140]) {
    test(`ticks up to ${top}: round, rising, apart`, () => {
        const ticks = ticksOf(top);
        assert.equal(ticks[0].density, 0);
        assert.equal(ticks.at(-1).at, 1);
        assert.equal(ticks.at(-1).over, top < 99.5);
        assert.ok(ticks.length >= 3 && ticks.length <= 7, String(ticks.length));
        for (let i = 1; i < ticks.length; i++) {
            assert.ok(ticks[i].density > ticks[i - 1].density);
            assert.ok(ticks[i].at - ticks[i - 1].at > 0.07, 'labels do not touch');
        }
    });
}
