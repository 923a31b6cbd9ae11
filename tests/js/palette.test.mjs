import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CANDLES, COLOURS, PALETTE, PALETTE_NAMES, colourIndex, cssColour, paletteOf } from '../../www/js/data/palette.js';

const colour = (i) => PALETTE.subarray(3 * i, 3 * i + 3);

test('every colour is that of the images, tests/unit/render/test_palette.c', () => {
    const texts = PALETTE_NAMES.map((name) => {
        const hex = Array.from(paletteOf(name), (byte) => byte.toString(16).padStart(2, '0')).join('');
        return [name, ...hex.match(/.{6}/g)].join(' ');
    });
    const file = readFileSync(new URL('../fixtures/palettes.txt', import.meta.url), 'utf8');
    assert.equal(texts.join(' '), file.trim().split(/\s+/).join(' '));
});

/** OKLab of a colour, written apart from the palette's own inverse. */
function lab(rgb) {
    const [r, g, b] = [...rgb].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    return [0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
        1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
        0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s];
}

test('the palette has 256 colours from dark purple over teal and green to yellow', () => {
    assert.equal(PALETTE.length, COLOURS * 3);
    const [r0, g0, b0] = colour(0);
    assert.ok(b0 > r0 && r0 > g0 && b0 < 80, 'dark purple');
    const [r1, g1, b1] = colour(120);
    assert.ok(g1 > 100 && b1 > 100 && r1 < 60, 'teal');
    const [r2, g2, b2] = colour(185);
    assert.ok(g2 > r2 && g2 > b2 + 30, 'green');
    const [r3, g3, b3] = colour(255);
    assert.ok(r3 > 220 && g3 > 200 && b3 < 90, 'yellow');
});

/** What remains for who lacks one kind of cones (Machado 2009, severity 1). */
const BLIND = {
    deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};

function seenAs(matrix, rgb) {
    const linear = [...rgb].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return matrix.map((row) => {
        const v = Math.min(1, Math.max(0, row.reduce((sum, m, k) => sum + m * linear[k], 0)));
        return 255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);
    });
}

for (const name of PALETTE_NAMES) {
    const palette = paletteOf(name);
    const at = (i) => palette.subarray(3 * i, 3 * i + 3);

    test(`${name}: lightness rises with every colour`, () => {
        for (let i = 1; i < COLOURS; i++)
            assert.ok(lab(at(i))[0] > lab(at(i - 1))[0] - 0.002, `colour ${i}`);
        assert.ok(lab(at(255))[0] - lab(at(0))[0] > 0.65, 'from dark to bright');
    });

    test(`${name}: steps are perceptually even`, () => {
        const steps = [];
        for (let i = 8; i < COLOURS; i += 8)
            steps.push(Math.hypot(...lab(at(i)).map((v, k) => v - lab(at(i - 8))[k])));
        const mean = steps.reduce((a, b) => a + b) / steps.length;
        for (const [i, step] of steps.entries())
            assert.ok(step > 0.75 * mean && step < 1.25 * mean, `step ${i}: ${step / mean} of the mean`);
    });

    for (const [kind, matrix] of Object.entries(BLIND)) {
        test(`${name}: the order holds under ${kind}`, () => {
            for (let i = 16; i < COLOURS; i += 16)
                assert.ok(lab(seenAs(matrix, at(i)))[0] > lab(seenAs(matrix, at(i - 16)))[0] + 0.01, `colour ${i}`);
        });
    }
}

const rgbOf = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

for (const [kind, matrix] of Object.entries(BLIND)) {
    test(`hollow and filled candles differ in lightness under ${kind}, and from the map's dark`, () => {
        const [up, down] = [CANDLES.hollow.up, CANDLES.hollow.down].map((hex) => lab(seenAs(matrix, rgbOf(hex)))[0]);
        const ground = lab(seenAs(matrix, colour(0)))[0];
        assert.ok(up - down > 0.2, `${up} against ${down}`);
        assert.ok(down - ground > 0.2, `${down} against ${ground}`);
    });
}

test('an unknown palette is the usual one', () => assert.equal(paletteOf('rainbow'), PALETTE));

test('colourIndex spans the palette, rises, and stops at both ends', () => {
    for (const rise of [0.8, 1, 1.6, 3]) {
        for (const [share, index] of [[0, 0], [-1, 0], [NaN, 0], [1, 255], [9, 255]])
            assert.equal(colourIndex(share, rise), index);
        for (let i = 40; i <= 100; i++)
            assert.ok(colourIndex(i / 100, rise) > colourIndex((i - 1) / 100, rise));
    }
    assert.ok(colourIndex(0.5, 1.6) < 100, 'the background is dark');
});

test('cssColour is the colour', () => {
    assert.equal(cssColour(0), `rgb(${[...colour(0)].join(', ')})`);
});
