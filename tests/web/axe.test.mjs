/* Accessibility as far as a program can judge it: no violation in any state. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { BOTH, browserOfFile, frames, idle, pageTests, refreshed, state } from './helpers.mjs';

const axe = await readFile(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const browser = browserOfFile();
const both = pageTests(browser, { sizes: BOTH, panel: true });

/** @param {boolean} [paper]  nothing is pressed there @returns {Promise<string[]>} what is wrong, and where */
async function violations(page, paper = false) {
    await frames(page);
    /* Not by a script element, which the page's policy refuses. */
    if (await page.evaluate(() => !('axe' in window)))
        await page.evaluate(axe);
    const options = { resultTypes: ['violations'], rules: { 'target-size': { enabled: !paper } } };
    return page.evaluate(async (asked) => (await window.axe.run(document, asked)).violations
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).slice(0, 5).join(', ')}`), options);
}

/* What the server says, and what the page calls it. The last is not refreshed any more. */
const STATES = [['degraded', 'degraded'], ['several', 'degraded'], ['demo', 'demo'], ['stale', 'stale'], ['fallback', 'live'], ['file', 'file']];

/* Notices and badges are the same elements at both sizes; the panel is not. */
both('axe: every state', { clock: true, set: { exchanges: ['binance', 'okx'] } }, async (page, mock, { phone }) => {
    assert.deepEqual(await violations(page), [], 'live');
    for (const [name, shown] of phone ? STATES : STATES.slice(0, 2)) {
        mock.state = name;
        await refreshed(page, mock);
        assert.equal((await state(page)).state, shown);
        assert.deepEqual(await violations(page), [], name);
    }
    if (phone) {
        mock.state = 'blocked';
        await page.reload();
        await idle(page);
        assert.equal((await state(page)).state, 'unreachable');
        assert.deepEqual(await violations(page), [], 'blocked');
    }
});

both('axe: light theme, a replay, the sheet', { query: '?end=2025-10-11T12:00:00Z' }, async (page, mock, { phone, press }) => {
    await page.evaluate(() => { document.documentElement.dataset.theme = 'light'; });
    if (phone)
        await press('sheet-open');
    assert.deepEqual(await violations(page), []);
});

both('axe: more contrast, in both themes; on paper', {}, async (page) => {
    const of = (name) => page.evaluate((key) => getComputedStyle(document.documentElement).getPropertyValue(key).trim(), name);
    const usual = [await of('--dim'), await of('--line')];
    await page.emulateMedia({ contrast: 'more' });
    const dark = [await of('--dim'), await of('--line')];
    assert.ok(dark.every((colour, i) => contrast(colour) > 1.2 * contrast(usual[i])), `${dark} against ${usual}`);
    assert.deepEqual(await violations(page), [], 'dark');
    await page.evaluate(() => { document.documentElement.dataset.theme = 'light'; });
    assert.notEqual(await of('--dim'), dark[0], 'the light theme has its own');
    assert.deepEqual(await violations(page), [], 'light');
    await page.emulateMedia({ contrast: 'no-preference', media: 'print' });
    assert.equal(await of('--ground'), '#fff');
    assert.ok(await page.getByTestId('chart').isVisible() && await page.locator('#controls').isHidden(), 'the map without what is clicked');
    assert.deepEqual(await violations(page, true), [], 'print');
});

/** Luminance of "#rrggbb" over black: how far a light colour is from the dark ground. */
function contrast(hex) {
    const [r, g, b] = [1, 3, 5].map((i) => (parseInt(hex.slice(i, i + 2), 16) / 255) ** 2.2);
    return (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05) / 0.05;
}

both('axe: menus and dialogs', { first: true }, async (page, mock, { press }) => {
    for (const id of ['view-open', 'share-open', 'help-open']) {
        await press(id);
        /* What is in it is loaded now. */
        await page.locator(':is(.menu:popover-open, .help[open]) > *').first().waitFor();
        assert.deepEqual(await violations(page), [], id);
        await page.keyboard.press('Escape');
    }
});

both('axe: crosshair and the card of a cell', {}, async (page) => {
    await page.getByTestId('chart').focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Shift+ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByTestId('why').getByRole('table').waitFor();
    assert.deepEqual(await violations(page), []);
});
