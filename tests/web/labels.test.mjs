/* What is written on the chart: nothing on something else, and nothing that misleads. */

import assert from 'node:assert/strict';
import { answer, browserOfFile, hover, idle, pageTests, text, view } from './helpers.mjs';

const labelTest = pageTests(browserOfFile(), { panel: true, query: '' });
const USUAL = 'symbol=BTCUSDT&interval=1h&bars=500';

/** From now on, what is written on the chart is in window.written, with the CSS pixels of its middle from the top. */
function record(page) {
    return page.evaluate(() => {
        window.written = { map: new Map(), axis: new Map() };
        for (const canvas of document.querySelectorAll('#chart tr:first-child canvas')) {
            const context = canvas.getContext('2d');
            const write = context.fillText;
            const where = window.written[canvas.closest('td').cellIndex === 2 ? 'axis' : 'map'];
            context.fillText = function (words, x, y, ...rest) {
                if (words)
                    where.set(words, this.getTransform().transformPoint({ x, y }).y);
                return write.call(this, words, x, y, ...rest);
            };
        }
    });
}

labelTest('no price of the axis shows from under a label', {}, async (page) => {
    await record(page);
    await page.setViewportSize({ width: 1300, height: 820 });
    await page.waitForFunction(() => window.written.axis.size > 5);
    await idle(page);
    const written = [...await page.evaluate(() => [...window.written.axis])].sort(([, a], [, b]) => a - b);
    for (let i = 1; i < written.length; i++)
        assert.ok(written[i][1] - written[i - 1][1] > 11, `${written[i - 1]} over ${written[i]}`);
    assert.ok(written.length > 12, `${written.length} texts`);
});

labelTest('the price on the axis is that of the header, whatever candles are in view', {}, async (page, mock) => {
    const { candles, ticker } = await answer(mock, USUAL);
    mock.extra = { ticker: { ...ticker, last: candles.close.at(-1) + 12.3 } };
    await page.reload();
    await idle(page);
    const last = await text(page, 'price');
    await record(page);
    const time = (i) => candles.open_time[i] / 1000;
    await page.evaluate((older) => {
        history.pushState(null, '', `${location.search}&view=${older}`);
        dispatchEvent(new PopStateEvent('popstate'));
    }, `${time(100)}-${time(300)}`);
    await page.waitForFunction(() => window.written.axis.size > 5);
    await idle(page);
    const exact = [...await page.evaluate(() => [...window.written.axis.keys()])].filter((words) => /^[\d,]+\.\d$/.test(words));
    assert.deepEqual(exact, [last]);
});

labelTest('the amount up to the crosshair lies on no level’s label and not on the crosshair', {}, async (page) => {
    const { height } = await view(page);
    await record(page);
    await hover(page, 200, 100);
    const levels = await page.evaluate(() => [...window.written.map].filter(([words]) => /^(Shorts|Longs) /.test(words)).map(([, y]) => y));
    const y = levels.find((one) => one > 0.25 * height && one < 0.8 * height);
    assert.ok(y > 0, String(levels));
    for (const off of [-20, -8, 0, 8, 20]) {
        await hover(page, 200, y + off);
        const map = await page.evaluate(() => [...window.written.map]);
        const [, at] = map.findLast(([words]) => words.endsWith('up to this price'));
        const others = map.filter(([words]) => /^(Shorts|Longs) /.test(words));
        assert.ok(others.length > 2, `${others.length} labels`);
        for (const [words, other] of others)
            assert.ok(Math.abs(other - at) > 17, `${at} on ${words} at ${other}`);
        assert.ok(Math.abs(at - (y + off)) > 8, `${at} on the crosshair at ${y + off}`);
        await page.evaluate(() => window.written.map.clear());
    }
});
