import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noteOf, ticksOf } from '../../www/js/ui/colour-bar.js';
import { Ranks } from '../../www/js/data/scale.js';

/** Cells of one column, spread as steeply as a power of their rank. */
function ranksOf(power, max = 1000) {
    const cells = Uint16Array.from({ length: 4000 }, (_, i) => Math.max(i % 2, Math.round(max * (i / 3999) ** power)));
    return new Ranks({ cells, rows: 2000, columns: 2, max });
}

for (const power of [0.5, 1, 2, 4, 9]) {
    for (const gap of [0.075, 0.15]) {
        test(`ticks of cells spread by the power of ${power}, ${gap} apart`, () => {
            const ticks = ticksOf(ranksOf(power), 1000, gap);
            assert.deepEqual([ticks[0], ticks.at(-1)], [{ density: 100, at: 1 }, { density: 0, at: 0 }]);
            assert.ok(ticks.length >= 2 && ticks.length <= 11, String(ticks.length));
            for (let i = 1; i < ticks.length; i++) {
                assert.ok(ticks[i].density < ticks[i - 1].density);
                assert.ok(ticks[i - 1].at - ticks[i].at >= gap * 0.999, 'labels do not touch');
            }
        });
    }
}

test('an empty map has one tick', () => {
    assert.deepEqual(ticksOf(new Ranks({ cells: new Uint16Array(4), rows: 2, columns: 2, max: 0 }), 0, 0.1), [{ density: 0, at: 0 }]);
});

for (const [priceStep, words] of [[250, '250'], [0.5, '0.5'], [0.0000225, '0.0000225'], [0.30000000000000004, '0.3']]) {
    test(`rows of ${priceStep}: their height in words`, () => {
        assert.match(noteOf({ grid: { priceStep, usdPerUnit: 1 }, scale: {} }), new RegExp(`\\(${words} high\\)`));
    });
}
