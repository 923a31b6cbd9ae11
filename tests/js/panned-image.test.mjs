import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PannedImage } from '../../www/js/draw/panned-image.js';

const FRAME = { left: 0, length: 1000, prices: [10, 20, 30], width: 300, height: 100, scale: 2 };

function setUp() {
    const seen = { drawn: [], copied: [], made: [] };
    const contextOf = (name) => ({ name, setTransform: () => {}, drawImage: (_, ...box) => seen.copied.push(box) });
    const image = new PannedImage((width, height) => {
        seen.made.push([width, height]);
        return { getContext: () => contextOf('image') };
    });
    const paint = (change) => {
        seen.drawn.length = 0;
        seen.copied.length = 0;
        image.paint(contextOf('chart'), { ...FRAME, ...change }, ({ name }, from, to) => seen.drawn.push([name, from, to]));
        return seen;
    };
    return { image, seen, paint };
}

test('what is not panned is drawn on the chart, and no image is made', () => {
    const { seen, paint } = setUp();
    for (const change of [{}, {}, { length: 1100 }, { length: 1200, left: 5 }, { prices: [11, 21, 31] }])
        assert.deepEqual(paint(change).drawn, [['chart', 0, 300]]);
    assert.deepEqual(seen.made, []);
});

test('panned, it is drawn once, beyond both edges, and copied at whole pixels', () => {
    const { seen, paint } = setUp();
    paint({});
    assert.deepEqual(paint({ left: 10 }).drawn, [['image', -150, 450]]);
    assert.deepEqual(seen.made, [[1200, 200]]);
    assert.deepEqual(seen.copied, [[300, 0, 600, 200, 0, 0, 300, 100]]);
    assert.deepEqual(paint({ left: 31.3 }).drawn, []);
    assert.deepEqual(seen.copied, [[300 - 43, 0, 600, 200, 0, 0, 300, 100]]);
    assert.deepEqual(paint({ left: -140 }).copied[0].slice(0, 2), [600, 0]);
    assert.equal(seen.made.length, 1);
    assert.equal(paint({ left: -141 }).drawn.length, 1, 'farther than the image reaches');
    assert.equal(seen.made.length, 2);
});

for (const [about, change] of [['a zoom', { length: 1001 }], ['a price axis that moved', { prices: [11, 21, 31] }], ['a logarithmic axis', { prices: [10, 22, 30] }],
    ['another size', { width: 301 }], ['another screen', { scale: 1 }]]) {
    test(`${about} is drawn anew`, () => {
        const { paint } = setUp();
        paint({});
        paint({ left: 10 });
        assert.deepEqual(paint({ left: 12, ...change }).copied, []);
        assert.equal(paint({ left: 14, ...change }).copied.length, 1, 'and kept where it is panned then');
    });
}

test('something else is drawn anew', () => {
    const { image, paint } = setUp();
    paint({});
    paint({ left: 10 });
    image.forget();
    assert.deepEqual(paint({ left: 12 }).drawn, [['chart', 0, 300]]);
});
