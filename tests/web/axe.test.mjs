/* Accessibility as far as a program can judge it: no violation in any state. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { BOTH, browserOfFile, frames, idle, pageTests } from './helpers.mjs';

const axe = await readFile(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const browser = browserOfFile();
const both = pageTests(browser, { sizes: BOTH, panel: true });

/** @returns {Promise<string[]>} what is wrong, and where */
async function violations(page) {
    await frames(page);
    /* Not by a script element, which the page's policy refuses. */
    await page.evaluate(axe);
    return page.evaluate(async () => (await window.axe.run(document, { resultTypes: ['violations'] })).violations
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).slice(0, 5).join(', ')}`));
}

both('axe: every state', { set: { exchanges: ['binance', 'okx'] } }, async (page, mock) => {
    for (const state of ['live', 'demo', 'file', 'stale', 'degraded', 'several', 'fallback', 'blocked']) {
        mock.state = state;
        await page.reload();
        await idle(page);
        assert.deepEqual(await violations(page), [], state);
    }
});

both('axe: light theme, a replay, the sheet', { query: '?end=2025-10-11T12:00:00Z' }, async (page, mock, { phone, press }) => {
    await page.evaluate(() => { document.documentElement.dataset.theme = 'light'; });
    if (phone)
        await press('sheet-open');
    assert.deepEqual(await violations(page), []);
});

both('axe: menus and dialogs', { first: true }, async (page, mock, { press }) => {
    for (const id of ['view-open', 'share-open', 'help-open']) {
        await press(id);
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
