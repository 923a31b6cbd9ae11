/* Turning the library's wheel until it shows what is wanted. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

globalThis.WheelEvent ??= class extends Event {
    static DOM_DELTA_LINE = 1;

    constructor(type, { deltaX, deltaY, deltaMode }) {
        super(type);
        Object.assign(this, { deltaX, deltaY, deltaMode });
    }
};
const { moveTo } = await import('../../www/js/draw/time-view.js');

const WIDTH = 300;

/** A time axis that takes a wheel as the library does: a tenth for a hundred pixels up, 80 px for a hundred to the side. */
function axisOf(from, to, least = 0.1) {
    const axis = { from, to, turns: 0, set: 0 };
    axis.getVisibleLogicalRange = () => ({ from: axis.from, to: axis.to });
    axis.setVisibleLogicalRange = (span) => Object.assign(axis, span, { set: axis.set + 1 });
    axis.width = () => WIDTH;
    axis.root = new EventTarget();
    axis.root.addEventListener('wheel', ({ deltaX, deltaY, deltaMode }) => {
        assert.equal(deltaMode, 1, 'in lines, which are as long on each system');
        axis.turns++;
        const spacing = WIDTH / (axis.to - axis.from);
        const zoom = -deltaY * 0.32;
        const wide = Math.max(least, spacing * (1 + Math.sign(zoom) * Math.min(1, Math.abs(zoom)) / 10));
        /* What is at the left edge stays there, but for a pixel. */
        axis.from += 1 / spacing - 1 / wide;
        axis.from += deltaX * 0.32 * 80 / wide;
        axis.to = axis.from + WIDTH / wide;
    });
    return axis;
}

const near = (axis, { from, to }) => assert.ok(Math.abs(axis.from - from) + Math.abs(axis.to - to) < 1e-4, `${axis.from} .. ${axis.to}, not ${from} .. ${to}`);

for (const [name, target, turns] of [
    ['a pan is one turn', { from: 30, to: 130 }, 1],
    ['back as well', { from: -70, to: 30 }, 1],
    ['a little nearer', { from: 1, to: 96 }, 2],
    ['a little farther', { from: -3, to: 101 }, 2],
    ['twice as near', { from: 25, to: 75 }, 9],
]) {
    test(name, () => {
        const axis = axisOf(0, 100);
        moveTo(axis, axis.root, target);
        near(axis, target);
        assert.equal(axis.set, 0);
        assert.equal(axis.turns, turns);
    });
}

test('a jump sets the range', () => {
    const axis = axisOf(0, 100);
    moveTo(axis, axis.root, { from: 0, to: 5 });
    near(axis, { from: 0, to: 5 });
    assert.equal(axis.set, 1);
});

test('candles that cannot be narrower end it', () => {
    const axis = axisOf(0, 3000);
    moveTo(axis, axis.root, { from: 100, to: 4000 });
    assert.ok(axis.turns <= 2);
    assert.ok(Math.abs(axis.from - 100) < 1e-4);
});

test('nothing is moved before the first candles', () => {
    const axis = { ...axisOf(0, 100), getVisibleLogicalRange: () => null };
    moveTo(axis, axis.root, { from: 0, to: 50 });
    assert.equal(axis.turns, 0);
});
