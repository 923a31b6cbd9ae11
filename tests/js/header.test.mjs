import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayOf } from '../../www/js/ui/header.js';

const HOUR = 3600000;

/** Hours of candles that end at their number. */
function hourly(n) {
    const column = (of) => Float64Array.from({ length: n }, (_, i) => of(i));
    return {
        time: column((i) => i * HOUR), open: column((i) => i), high: column((i) => i + 2), low: column((i) => i - 1),
        close: column((i) => i + 1), volume: column(() => 1), quoteVolume: column(() => 10),
    };
}

test('the last 24 hours of candles: change from the close before them, high, low and volume', () => {
    assert.deepEqual(dayOf(hourly(50)), { change: 100 * (50 / 26 - 1), high: 51, low: 25, quoteVolume: 240 });
    assert.deepEqual(dayOf(hourly(25)), { change: 100 * (25 / 1 - 1), high: 26, low: 0, quoteVolume: 240 });
});

test('nothing is known where the candles begin later, or one is missing there', () => {
    assert.ok(Object.values(dayOf(hourly(24))).every((value) => !Number.isFinite(value)));
    const candles = hourly(50);
    candles.time[25] += 1;
    assert.ok(Object.values(dayOf(candles)).every((value) => !Number.isFinite(value)));
});
