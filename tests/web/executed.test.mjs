/* Executed liquidations: circles on the map, totals under it, both in the
 * tooltip; asked for while they are shown, and in words where there are none. */

import assert from 'node:assert/strict';
import { BOTH, browserOfFile, frames, hover, pageTests, pixels, view, hideTab } from './helpers.mjs';

const pageTest = pageTests(browserOfFile());

pageTest('executed liquidations: circles, totals, tooltip, renewed, and nothing asked while they are off or hidden', { sizes: BOTH, clock: true, panel: true }, async (page, mock, { phone, press }) => {
    page.setDefaultTimeout(60000);
    const asked = () => mock.requests.filter((r) => r.route === 'liquidations');
    const caption = page.getByTestId('executed-caption');
    const line = page.getByTestId('executed-line');
    const loaded = () => page.evaluate(() => performance.getEntriesByType('resource').some(({ name }) => /\/executed[-.][^/]*js/.test(name)));
    const says = (pattern) => page.waitForFunction((source) => new RegExp(source).test(document.querySelector('.executed-caption')?.textContent ?? ''), pattern.source);
    const shows = (executed) => page.waitForFunction((text) => document.querySelector('#chart').dataset.executed === text, executed);
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
    const choose = async (value) => {
        await press('view-open');
        await press(page.locator(`label:has(> input[name=executed][value="${value}"])`));
        await page.keyboard.press('Escape');
    };
    /** How many pixels of the chart are nearly of a colour. */
    const pixelsOf = (colour) => page.evaluate(([r, g, b]) => {
        let n = 0;
        for (const canvas of document.querySelectorAll('#chart canvas')) {
            const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            for (let i = 0; i < data.length; i += 4)
                n += Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 12;
        }
        return n;
    }, colour);
    await pass(60000);
    assert.equal(asked().length, 0, 'nothing is asked for before it is shown');
    assert.equal(await loaded(), false, 'nor is its code');

    /* Of 500 candles the first 50 are not recorded. */
    const before = await view(page);
    const plain = await pixelsOf([232, 113, 10]);
    await choose('circles');
    await says(/^Executed liquidations, Binance/);
    assert.equal(asked()[0].query, '?symbol=BTCUSDT&interval=1h&bars=500&exchange=binance');
    await shows('400 0');
    const text = await caption.textContent();
    assert.match(text, /longs.*shorts.*\$2 M.*circles from \$/);
    assert.match(text, /Binance reports at most one order a second: sums are lower bounds/);
    assert.match(text, /recorded since \d+ \w+ \d{4} \d\d:\d\d UTC/);
    assert.ok(await line.isHidden());
    assert.equal((await view(page)).height, before.height, 'circles take no room');

    /* Hatched where nothing was recorded, and only there. */
    const dim = await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--dim').trim());
    const rgb = [1, 3, 5].map((i) => parseInt(dim.slice(i, i + 2), 16));
    const picture = await pixels(page);
    const hatched = (from, to) => {
        let n = 0;
        for (let x = Math.round(from * picture.width); x < to * picture.width; x++)
            for (let y = picture.height - 6; y < picture.height; y++)
                n += picture.at(x, y).slice(0, 3).every((value, i) => Math.abs(value - rgb[i]) < 40);
        return n;
    };
    assert.ok(hatched(0, 0.08) > 10 && hatched(0.12, 0.5) < hatched(0, 0.08) / 3, `${hatched(0, 0.08)} and ${hatched(0.12, 0.5)} pixels`);

    /* Filled and hollow, in the colours of candles that are told apart without hue. */
    await press('view-open');
    await press(page.locator('label:has(> input[name=candles][value=hollow])'));
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.querySelector('.executed-caption').style.getPropertyValue('--of-long') === '#e8710a');
    await frames(page);
    assert.ok(await pixelsOf([232, 113, 10]) > plain);

    await choose('both');
    await shows('400 450');
    assert.equal(asked().length, 1, 'the same data');
    await page.waitForFunction((height) => Number(document.querySelector('#chart').dataset.pane.split(' ')[1]) < height, before.height);
    assert.match(await line.textContent(), /^Liquidated: shorts ≥ \$0 ▲, longs ≥ \$5\.00 M ▼$/);

    if (!phone) {
        const { width, height, from, to } = await view(page);
        const place = (column) => (column - from) / (to - from) * width;
        await hover(page, place(300), height / 2);
        const tip = (side) => page.getByTestId(`tip-liquidated-${side}`).textContent();
        assert.deepEqual([await tip('long'), await tip('short')], ['≥ $3.01 M', '≥ $3.01 M']);
        assert.match(await line.textContent(), /shorts ≥ \$3\.01 M ▲, longs ≥ \$3\.01 M/);
        await hover(page, place(20), height / 2);
        assert.deepEqual([await tip('long'), await tip('short')], ['not recorded', 'not recorded']);
        /* Over the pane itself there is no cell, but a candle. */
        await hover(page, place(300), height + 40);
        assert.match(await line.textContent(), /longs ≥ \$3\.01 M/);
        await page.keyboard.press('b');
        await page.waitForFunction(() => document.querySelector('#chart').dataset.plots === 'volume cumulative');
        const tops = await page.evaluate(() => [...document.querySelectorAll('.executed-line, .volume-line')].map((each) => each.getBoundingClientRect().top));
        assert.equal(new Set(tops).size, 3, `each pane has its own line: ${tops}`);
        await page.keyboard.press('b');
        await page.waitForFunction(() => document.querySelector('#chart').dataset.plots === '');
    }

    /* Renewed, and quiet in a tab that nobody sees. */
    await pass(21000);
    await until(2);
    await frames(page);
    await hideTab(page, true);
    await pass(120000);
    assert.equal(asked().length, 2, 'not while the tab is hidden');
    await hideTab(page, false);
    await until(3);

    /* Failures in words; what cannot help is not repeated. */
    mock.executed = { status: 404, code: 'not_recorded', message: 'nothing is recorded here: the setting recorder.file is empty' };
    const symbol = page.getByTestId('symbol');
    await symbol.fill('ETHUSDT');
    await symbol.press('Enter');
    await says(/^No executed liquidations: nothing is recorded here: the setting recorder.file is empty$/);
    await shows('');
    assert.match(asked().at(-1).query, /symbol=ETHUSDT/);
    const count = asked().length;
    await pass(200000);
    assert.equal(asked().length, count);
    mock.executed = { exchanges: [{ exchange: 'binance', feed: null, sampled: false, count: 0, gaps: [], more_gaps: false }],
        long_usd: Array(500).fill(0), short_usd: Array(500).fill(0), clusters: { all: 0, candle: [], side: [], price: [], usd: [], count: [] } };
    await symbol.fill('BTCUSDT');
    await symbol.press('Enter');
    await says(/^No executed liquidations: Binance publishes none$/);
    await shows('');
    assert.ok(await line.isHidden());
    mock.executed = {};

    /* Remembered as the other layers are, and off again. */
    await page.waitForFunction(() => location.search.includes('executed=both'));
    assert.match(await page.evaluate(() => String(localStorage.getItem('liqmap.look'))), /executed=both/);
    await symbol.blur();
    if (phone)
        await choose('');
    else
        await page.keyboard.press('e');
    await page.waitForFunction(() => document.querySelector('.executed-caption').hidden);
    const last = asked().length;
    await pass(60000);
    assert.equal(asked().length, last, 'not while they are off');
});

pageTest('executed liquidations of the past, once, up to its moment', { query: '?executed=both&end=2025-10-09T12:00:00Z' }, async (page, mock) => {
    page.setDefaultTimeout(60000);
    await page.waitForFunction(() => document.querySelector('#chart').dataset.executed === '400 450');
    const asked = mock.requests.filter((r) => r.route === 'liquidations');
    assert.deepEqual(asked.map((r) => r.query), ['?symbol=BTCUSDT&interval=1h&bars=500&end=2025-10-09T12%3A00%3A00Z&exchange=binance']);
    /* Replay goes on by a candle: of then, not of now. */
    await page.getByTestId('replay-forth').click();
    await page.waitForFunction(() => /13:00/.test(document.querySelector('#replay-when').textContent) && document.querySelector('#chart').dataset.executed === '400 450');
    for (let i = 0; i < 2400 && mock.requests.filter((r) => r.route === 'liquidations').length < 2; i++)
        await frames(page);
    assert.match(mock.requests.filter((r) => r.route === 'liquidations')[1].query, /end=2025-10-09T13%3A00%3A00Z/);
});
