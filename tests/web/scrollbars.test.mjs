/* The page where scrollbars take room from what scrolls. */

import assert from 'node:assert/strict';
import { DESKTOP, browserOfFile, launchWithBars, pageTests } from './helpers.mjs';

const SMALL = { viewport: { width: 1100, height: 640 } };
const barTest = pageTests(browserOfFile(launchWithBars), { panel: true, query: '' });

/** What has a scrollbar at its bottom. */
const lying = (page) => page.evaluate(() => [...document.querySelectorAll('*')]
    .filter((e) => e.checkVisibility() && e.scrollWidth > e.clientWidth && e.clientWidth > 1 && /auto|scroll/.test(getComputedStyle(e).overflowX) && getComputedStyle(e).scrollbarWidth !== 'none')
    .map((e) => `${e.id || e.className}: ${e.scrollWidth} in ${e.clientWidth}`));

for (const size of [DESKTOP, SMALL]) {
    barTest(`no scrollbar lies under anything, ${size.viewport.width} wide`, { size }, async (page, mock, { press }) => {
        if (await page.getByTestId('panel').isHidden())
            await press('panel-toggle');
        await page.locator('.ladder').waitFor();
        assert.deepEqual(await lying(page), []);
        /* As wide as they get. */
        await page.evaluate(() => {
            for (const row of document.querySelectorAll('.ladder tbody tr[data-side]')) {
                const [price, , dollars, distance, age] = row.cells;
                price.firstChild.textContent = '0.0151351';
                dollars.textContent = '$85.6 M';
                distance.textContent = '−12.28 %';
                age.textContent = '52 min';
            }
        });
        assert.deepEqual(await lying(page), []);
        await page.evaluate(() => document.querySelectorAll('.sec').forEach((section) => { section.open = true; }));
        assert.deepEqual(await lying(page), [], 'all sections');
        for (const id of ['view', 'share', 'alerts']) {
            await press(`${id}-open`);
            await page.locator('.menu:popover-open > *').first().waitFor();
            assert.deepEqual(await lying(page), [], id);
            await page.keyboard.press('Escape');
        }
        await press('help-open');
        await page.getByTestId('help').waitFor();
        assert.deepEqual(await lying(page), [], 'help');
    });
}
