import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromField, stepEnd, toField } from '../../www/js/ui/replay.js';

const at = (text) => Date.parse(text + 'Z');
const NOW = at('2025-10-12T00:20');

for (const [about, end, steps, interval, expected] of [
    ['from now, one candle back: the forming one is gone', 0, -1, '1h', '2025-10-12T00:00'],
    ['from a candle’s end', at('2025-10-10T12:00'), -1, '1h', '2025-10-10T11:00'],
    ['from within a candle, to its open', at('2025-10-10T12:30'), -1, '1h', '2025-10-10T12:00'],
    ['on from within a candle, to its end', at('2025-10-10T12:30'), 1, '1h', '2025-10-10T13:00'],
    ['ten days on', at('2025-10-01T00:00'), 10, '1d', '2025-10-11T00:00'],
    ['up to the last closed candle', at('2025-10-11T23:00'), 1, '1h', '2025-10-12T00:00'],
])
    test(`step: ${about}`, () => assert.equal(stepEnd(end, steps, interval, NOW), at(expected)));

test('a step beyond now leads back to now', () => {
    assert.equal(stepEnd(at('2025-10-12T00:00'), 1, '1h', NOW), 0);
    assert.equal(stepEnd(at('2025-10-11T22:00'), 10, '1h', NOW), 0);
});

test('the field reads what it wrote', () => {
    for (const local of [true, false])
        assert.equal(fromField(toField(NOW, local), local), NOW);
    assert.ok(Number.isNaN(fromField('', false)));
});
