/* The page with a large default font size of the browser. */

import assert from 'node:assert/strict';
import { DESKTOP, PHONE, browserOfFile, launch, pageTests } from './helpers.mjs';

/** CSS pixels of a map that is of use. */
const CHART_MIN = 200;

/** Controls that are outside the page, and texts that are cut. */
function misfits(page) {
    return page.evaluate(() => {
        const outside = [];
        const cut = [];
        const { scrollWidth, scrollHeight } = document.documentElement;
        const body = document.body.scrollHeight;
        for (const e of document.querySelectorAll('button, select, input, summary, label.choice, a, .chip')) {
            const { left, right, top, bottom, width } = e.getBoundingClientRect();
            if (!e.checkVisibility({ visibilityProperty: true }) || width === 0)
                continue;
            const name = `${e.id || e.className || e.textContent} ${Math.round(left)} ${Math.round(top)} ${Math.round(right)} ${Math.round(bottom)}`;
            /* These scroll. */
            const scrolls = e.closest('.watch-list, .panel, .menu, .help');
            if (!e.closest('.watch-list, #levels') && (left < -0.5 || right > scrollWidth + 0.5))
                outside.push(name);
            if (!scrolls && (top + scrollY < -0.5 || bottom + scrollY > Math.max(scrollHeight, body) + 0.5))
                outside.push(name);
            if (!e.matches('input, a, .round, .choice') && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 3))
                cut.push(`${name}: ${e.scrollWidth}x${e.scrollHeight} in ${e.clientWidth}x${e.clientHeight}`);
        }
        return { outside, cut };
    });
}

const NOTHING = { outside: [], cut: [] };
const chartOf = (page) => page.getByTestId('chart').boundingBox();

for (const px of [24, 32]) {
    const large = pageTests(browserOfFile(() => launch(`--blink-settings=defaultFontSize=${px}`)), { sizes: [DESKTOP, PHONE], set: { exchanges: ['binance', 'bybit', 'okx'] } });

    large(`text of ${px} px: all is as large, nothing is cut, the map has room`, { first: true }, async (page, mock, { phone, press }) => {
        await page.waitForFunction(() => !document.querySelector('#exchange-field').hidden);
        const size = (selector) => page.locator(selector).evaluate((e) => parseFloat(getComputedStyle(e).fontSize));
        assert.equal(await size('body'), 13 * px / 16);
        assert.equal(await size('.foot'), (phone || px === 32 ? 10 : 11) * px / 16);
        assert.deepEqual(await misfits(page), NOTHING);
        const chart = await chartOf(page);
        assert.ok(chart.height >= CHART_MIN && chart.width > 300, `the chart is ${chart.width} x ${chart.height}`);
        const axis = await page.evaluate(() => parseFloat(document.documentElement.style.getPropertyValue('--axis')));
        assert.ok(axis > 60 * px / 16, `the price axis is ${axis} wide for its texts`);
        await press('welcome-close');
        for (const id of ['view', 'share']) {
            await press(`${id}-open`);
            await page.locator('.menu:popover-open > *').first().waitFor();
            assert.deepEqual(await misfits(page), NOTHING, id);
            await page.keyboard.press('Escape');
        }
    });

    large(`text of ${px} px: panel, alerts, replay and help`, { panel: true, query: '' }, async (page, mock, { press }) => {
        const opener = page.locator('#sheet-open, #panel-toggle').filter({ visible: true });
        if (await page.getByTestId('panel').isHidden())
            await press(opener);
        assert.deepEqual(await misfits(page), NOTHING, 'panel');
        const chart = await chartOf(page);
        assert.ok(chart.height >= CHART_MIN && chart.width > 300, `beside the panel the chart is ${chart.width} x ${chart.height}`);
        await press(page.locator('#panel-close, #panel-toggle').filter({ visible: true }));
        await page.evaluate(() => document.querySelector('#alerts-menu').showPopover());
        assert.deepEqual(await misfits(page), NOTHING, 'alerts');
        await page.keyboard.press('Escape');
        await page.keyboard.press('r');
        await page.getByTestId('replay').waitFor();
        assert.deepEqual(await misfits(page), NOTHING, 'replay');
        assert.ok((await chartOf(page)).height >= CHART_MIN, 'the chart under the replay');
        await press('help-open');
        await page.getByTestId('help').waitFor();
        assert.deepEqual(await misfits(page), NOTHING, 'help');
    });
}
