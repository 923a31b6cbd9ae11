/* The page with a large default font size of the browser, and with a large minimum. */

import assert from 'node:assert/strict';
import { DESKTOP, PHONE, browserOfFile, launch, pageTests, view } from './helpers.mjs';

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

/** Texts that lie on each other, or are cut by what holds them and does not scroll. */
function clashes(page) {
    return page.evaluate(() => {
        const faults = [];
        /** Texts that scroll do not say where they are seen. */
        const groups = ['.top', '.watchlist', '.legend', '.gauge', '.ladder'].map((name) => document.querySelector(name)).filter((e) => e?.checkVisibility());
        for (const group of groups) {
            const seen = [];
            const walker = document.createTreeWalker(group, NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) {
                const holder = walker.currentNode.parentElement;
                const range = document.createRange();
                range.selectNodeContents(walker.currentNode);
                const { left, right, top, bottom, width } = range.getBoundingClientRect();
                const name = walker.currentNode.textContent.trim();
                if (!name || width === 0 || !holder.checkVisibility({ visibilityProperty: true }) || getComputedStyle(holder).clipPath !== 'none' || holder.closest('.unseen, .brand h1, .stat-levels dt, thead th:last-child'))
                    continue;
                /* What is left out whole is not cut, nor is a name that ends in dots. */
                const box = holder.closest('.stats, .watch, .legend, .gauge')?.getBoundingClientRect();
                const dots = getComputedStyle(holder).textOverflow === 'ellipsis';
                if (box && top < box.bottom - 3 && bottom > box.bottom + 3)
                    faults.push(`${name}: cut below`);
                if (box && !dots && group.matches('.legend, .gauge') && right > box.right + 1)
                    faults.push(`${name}: cut at the right`);
                const drawn = dots ? Math.min(right, holder.getBoundingClientRect().right) : right;
                for (const other of seen) {
                    const over = [Math.min(drawn, other.right) - Math.max(left, other.left), Math.min(bottom, other.bottom) - Math.max(top, other.top)];
                    /* Lines of a text are closer than their boxes. */
                    if (over[0] > 1 && over[1] > 0.3 * (bottom - top))
                        faults.push(`${name} on ${other.name}`);
                }
                seen.push({ name, left, right: drawn, top, bottom });
            }
        }
        for (const e of document.querySelectorAll('.panel table')) {
            const { right } = e.getBoundingClientRect();
            const scroller = e.closest('#levels, #exchanges');
            if (e.checkVisibility() && right > e.closest('.panel').getBoundingClientRect().right && getComputedStyle(scroller).overflowX !== 'auto')
                faults.push(`${e.className}: cut at the right`);
        }
        return faults;
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

for (const px of [24, 32]) {
    const layers = pageTests(browserOfFile(() => launch(`--blink-settings=defaultFontSize=${px}`)), { size: PHONE, panel: true });

    layers(`text of ${px} px on a phone: what the layers say leaves the map free`, { query: '?volume=on&depth=on&executed=both' }, async (page) => {
        await page.waitForFunction(() => document.querySelector('.depth-caption')?.textContent.includes('walls')
            && document.querySelector('.executed-caption')?.textContent && document.querySelectorAll('.volume-line').length === 2);
        /* Captions follow the panes, which come one after another. */
        const shares = await (await page.waitForFunction(() => {
            const chart = document.querySelector('#chart');
            const map = chart.getBoundingClientRect();
            const height = Number(chart.dataset.pane.split(' ')[1]);
            const box = (e) => e.getBoundingClientRect();
            const captions = [...document.querySelectorAll('.depth-caption, .executed-caption')].map(box);
            const covered = captions.map(({ top, bottom }) => Math.max(0, Math.min(bottom, map.top + height) - Math.max(top, map.top)));
            const lines = [...document.querySelectorAll('.volume-line, .executed-line')].filter((e) => e.checkVisibility()).map(box);
            const all = [...captions, ...lines].sort((a, b) => a.top - b.top);
            const clash = all.slice(1).some((e, i) => e.top < all[i].bottom - 1);
            return clash ? null : [covered.reduce((a, b) => a + b) / height];
        })).jsonValue();
        assert.ok(shares[0] < 0.25, `captions cover ${shares[0]} of the map`);
        assert.ok((await view(page)).height >= CHART_MIN, 'the map');
    });
}

const least = pageTests(browserOfFile(() => launch('--blink-settings=minimumFontSize=20')), { sizes: [DESKTOP, PHONE], panel: true, query: '' });

least('no text is smaller than 20 px: none lies on another or is cut', {}, async (page, mock, { phone, press }) => {
    assert.deepEqual(await clashes(page), []);
    const chart = await chartOf(page);
    assert.ok(chart.height >= CHART_MIN && chart.width > 300, `the chart is ${chart.width} x ${chart.height}`);
    if (phone)
        await press('sheet-open');
    await page.locator('.ladder .bell').first().waitFor();
    assert.deepEqual(await clashes(page), []);
    assert.ok((await chartOf(page)).height >= CHART_MIN, 'beside the panel');
});

pageTests(browserOfFile())('another default font size reaches what is open: canvas and all', { panel: true, query: '', shared: false }, async (page) => {
    const axis = () => page.evaluate(() => parseFloat(document.documentElement.style.getPropertyValue('--axis')));
    const narrow = await axis();
    const session = await page.context().newCDPSession(page);
    await session.send('Page.setFontSizes', { fontSizes: { standard: 24 } });
    await page.waitForFunction((was) => parseFloat(document.documentElement.style.getPropertyValue('--axis')) > 1.3 * was, narrow);
    await session.send('Page.setFontSizes', { fontSizes: { standard: 16 } });
    await page.waitForFunction((was) => parseFloat(document.documentElement.style.getPropertyValue('--axis')) === was, narrow);
});
