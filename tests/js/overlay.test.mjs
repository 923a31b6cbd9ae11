/* Clearing what is empty. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepTextInside, skipEmptyClears } from '../../www/js/draw/overlay.js';

const NAMES = ['clearRect', 'drawImage', 'fill', 'fillRect', 'fillText', 'putImageData', 'stroke', 'strokeRect', 'strokeText'];

/** A context that writes down what reaches the canvas. */
function recorder() {
    const calls = [];
    const context = Object.fromEntries(NAMES.map((name) => [name, (...args) => calls.push([name, ...args].join(' '))]));
    skipEmptyClears(context);
    return { context, calls };
}

test('an empty canvas is cleared once, for what was there before', () => {
    const { context, calls } = recorder();
    for (let i = 0; i < 3; i++)
        context.clearRect(0, 0, 300, 150);
    assert.deepEqual(calls, ['clearRect 0 0 300 150']);
});

for (const name of NAMES.filter((each) => each !== 'clearRect')) {
    test(`what ${name}() left is cleared`, () => {
        const { context, calls } = recorder();
        context.clearRect(0, 0, 9, 9);
        context[name](1, 2);
        context.clearRect(0, 0, 9, 9);
        context.clearRect(0, 0, 9, 9);
        assert.deepEqual(calls, ['clearRect 0 0 9 9', `${name} 1 2`, 'clearRect 0 0 9 9']);
    });
}

test('times at the ends of their axis are moved inside, and gone with their mark', () => {
    const written = [];
    const context = {
        canvas: { width: 600 }, getTransform: () => ({ a: 2 }), measureText: (text) => ({ width: 6 * text.length }),
        fillText: (text, x, y) => written.push([text, x, y]),
    };
    keepTextInside(context);
    for (const x of [-1, 0, 4, 150, 290, 300, 301])
        context.fillText('12:00', x, 9);
    assert.deepEqual(written, [15, 15, 150, 285, 285].map((x) => ['12:00', x, 9]));
});
