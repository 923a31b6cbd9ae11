/* The order book beside the profile: asked for while it is shown, in words
 * when it fails, and remembered. */

import assert from 'node:assert/strict';
import { BOTH, browserOfFile, frames, hideTab, leave, pageTests, pixels } from './helpers.mjs';

const pageTest = pageTests(browserOfFile());
const BLUE = [63, 159, 232];

pageTest('the order book: switched on, walls on levels, renewed, and nothing asked while it is off or hidden', { sizes: BOTH, clock: true, panel: true }, async (page, mock, { phone, press }) => {
    page.setDefaultTimeout(60000);
    const asked = () => mock.requests.filter((r) => r.route === 'depth');
    const caption = page.getByTestId('depth-caption');
    const loaded = () => page.evaluate(() => performance.getEntriesByType('resource').some(({ name }) => /\/depth[-.][^/]*js/.test(name)));
    const says = (pattern) => page.waitForFunction((source) => new RegExp(source).test(document.querySelector('.depth-caption')?.textContent ?? ''), pattern.source);
    /* A request may take as long as it likes. */
    const until = async (count) => {
        for (let i = 0; asked().length < count && i < 2400; i++)
            await page.waitForFunction(() => new Promise((resolve) => { requestAnimationFrame(resolve); }).then(() => true));
        assert.equal(asked().length, count);
    };
    const pass = async (ms) => {
        await page.clock.fastForward(ms);
        await frames(page);
    };
    const toggle = async () => {
        if (!phone)
            return page.keyboard.press('d');
        await press('view-open');
        await press('depth');
        await page.keyboard.press('Escape');
    };
    await pass(20000);
    assert.equal(asked().length, 0, 'nothing is asked for before it is shown');
    assert.equal(await loaded(), false, 'nor is its code');
    await toggle();
    await says(/^Order book, Binance/);
    assert.equal(asked()[0].query, '?symbol=BTCUSDT&exchange=binance');
    assert.equal(await page.getByTestId('chart').getAttribute('data-depth'), '2');
    const text = await caption.innerText();
    if (phone) {
        assert.match(text, /walls on levels at [\d,.]+$/);
        const { lines, share } = await caption.evaluate((box) => ({
            lines: Math.round(box.clientHeight / parseFloat(getComputedStyle(box).lineHeight)),
            share: box.clientHeight / document.querySelector('#chart').clientHeight,
        }));
        assert.ok(lines <= 2 && share < 0.1, `${lines} lines, ${share} of the map`);
    } else {
        assert.match(text, /Bid wall of \$4\.20 M at [\d,.]+ on longs/);
        assert.match(text, /known [\d,.]+ to [\d,.]+/);
    }
    assert.doesNotMatch(text, /Ask wall/, 'the other wall lies in no level');
    await page.waitForFunction(([r, g, b]) => {
        let bids = 0;
        for (const canvas of document.querySelectorAll('#chart canvas')) {
            const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            for (let i = 0; i < data.length; i += 4)
                bids += Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 60;
        }
        return bids > 50;
    }, BLUE);

    /* Renewed, and quiet in a tab that nobody sees. */
    await pass(6000);
    await until(2);
    await frames(page);
    await hideTab(page, true);
    await pass(60000);
    assert.equal(asked().length, 2, 'not while the tab is hidden');
    await hideTab(page, false);
    await until(3);

    /* A failure in words; the map stays. */
    mock.depth = { status: 502, code: 'network', message: 'bybit: HTTP 500' };
    await pass(6000);
    await says(/^Not renewed: bybit: HTTP 500.*Order book, Binance/);
    assert.equal(await page.evaluate(() => document.body.dataset.map), 'true');
    mock.depth = { stale_reason: 'binance: HTTP 503', ageMs: 35000 };
    await pass(10000);
    await says(/^Order book, Binance · 3\d s old: binance: HTTP 503/);

    /* Another symbol has another book; none is not asked for again. */
    mock.depth = { status: 404, code: 'no_depth', message: 'no depth for binance' };
    const before = asked().length;
    const symbol = page.getByTestId('symbol');
    await symbol.fill('ETHUSDT');
    await symbol.press('Enter');
    await says(/^No order book: no depth for binance$/);
    assert.match(asked().at(-1).query, /symbol=ETHUSDT/);
    assert.equal(asked().length, before + 1);
    await pass(30000);
    assert.equal(asked().length, before + 1, 'what cannot help is not repeated');
    mock.depth = {};

    /* Remembered as the other layers are, and off again. */
    await page.waitForFunction(() => location.search.includes('depth=on'));
    assert.match(await page.evaluate(() => String(localStorage.getItem('liqmap.look'))), /depth=on/);
    await symbol.blur();
    await toggle();
    await page.waitForFunction(() => document.querySelector('.depth-caption').hidden);
    await pass(30000);
    assert.equal(asked().length, before + 1, 'not while it is off');
});

pageTest('labels of levels are written over the walls', { panel: true, query: '?depth=on' }, async (page) => {
    await page.waitForFunction(() => document.querySelector('#chart').dataset.depth === '2');
    await leave(page);
    const image = await pixels(page);
    let longest = 0;
    for (let y = 0; y < image.height; y++) {
        for (let x = image.width - 172, run = 0; x < image.width; x++) {
            run = image.at(x, y).every((value) => value > 250) ? run + 1 : 0;
            longest = Math.max(longest, run);
        }
    }
    /* The wall is in the level: its line is under the label. */
    assert.ok(longest < 12, `a white line of ${longest} px`);
});
