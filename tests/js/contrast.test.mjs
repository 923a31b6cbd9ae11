/* Text can be read in both themes: WCAG 2 asks for a contrast of 4.5. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const css = readFileSync(new URL('../../www/style.css', import.meta.url), 'utf8');

/** The colours that a rule gives to names. */
function tokens(selector) {
    const body = css.slice(css.indexOf(selector + ' {')).split('}')[0];
    return Object.fromEntries([...body.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]));
}

function luminance(hex) {
    const [r, g, b] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255)
        .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
}

const dark = tokens(':root');
const THEMES = { dark, light: { ...dark, ...tokens('[data-theme="light"]') } };

for (const [theme, colour] of Object.entries(THEMES)) {
    for (const text of ['text', 'soft', 'dim', 'body', 'up', 'down', 'accent', 'long', 'short']) {
        test(`${theme}: ${text} can be read`, () => {
            for (const ground of ['ground', 'panel', 'raised'])
                assert.ok(contrast(colour[text], colour[ground]) >= 4.5, `${text} on ${ground}: ${contrast(colour[text], colour[ground]).toFixed(2)}`);
        });
    }
    test(`${theme}: what is chosen, and notices, can be read`, () => {
        for (const [text, ground] of [['strong', 'chosen'], ['text', 'warn-ground'], ['soft', 'warn-ground'], ['text', 'bad-ground'], ['soft', 'bad-ground']])
            assert.ok(contrast(colour[text], colour[ground]) >= 4.5, `${text} on ${ground}`);
    });
}
