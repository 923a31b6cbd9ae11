/* Links, pictures, tables and replay, on a desktop and on a phone. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { BOTH, PHONE, answer, browserOfFile, frames, idle, leave, near, open, pageTests, requested, state, text, until, view, wheel } from './helpers.mjs';
import { EXCHANGE_NOW } from './mock-market.mjs';
import { decodePng } from './png.mjs';
import { percent, price } from '../../www/js/data/format.js';
import { PALETTE } from '../../www/js/data/palette.js';

const HOUR = 3600000;
const browser = browserOfFile();
const pageTest = pageTests(browser);

const both = pageTests(browser, { sizes: BOTH });
const onPhone = pageTests(browser, { size: PHONE });

const maps = (mock) => mock.requests.filter((r) => r.route === 'heatmap');
const settled = (page, pattern) => page.waitForFunction((p) => new RegExp(p).test(location.search), pattern);

pageTest('the address holds the view; another window shows the same', { query: '?symbol=ETHUSDT&interval=4h&bars=200&palette=ember&axis=log' }, async (page, mock) => {
    await wheel(page, 300, 300, -600);
    const v = await wheel(page, (await view(page)).width + 20, 200, -300);
    await settled(page, 'view=\\d+-\\d+&prices=');
    await page.getByTestId('share-open').click();
    const link = await page.getByTestId('share-link').inputValue();
    assert.match(link, /symbol=ETHUSDT&interval=4h&bars=200.*palette=ember.*colour=linear.*pin=none/);
    const other = await open(browser(), mock, { query: new URL(link).search });
    const w = await view(other);
    near(w.from, v.from, 0.1, 'from');
    near(w.to, v.to, 0.1, 'to');
    near(w.low / v.low, 1, 1e-4, 'low');
    near(w.high / v.high, 1, 1e-4, 'high');
    await other.getByTestId('reset-view').click();
    await other.waitForFunction(() => !location.search.includes('view='));
    assert.deepEqual(other.problems, []);
    await other.context().close();
});

pageTest('a link to the newest candles goes on following them', {}, async (page, mock) => {
    const width = (await view(page)).width;
    await wheel(page, Math.round(width) - 2, 300, -600);
    await settled(page, 'view=last');
    mock.now = EXCHANGE_NOW + 30 * HOUR;
    await page.reload();
    await idle(page);
    const v = await view(page);
    assert.ok(v.to > 499 && v.from > 20, 'at the newest, zoomed');
});

pageTest('copy link, and a link to this moment that shows the past tomorrow', { shared: false }, async (page, mock, { press }) => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await press('share-open');
    await press('copy-link');
    await page.getByTestId('share-result').filter({ hasText: 'Copied.' }).waitFor();
    const now = await page.evaluate(() => navigator.clipboard.readText());
    assert.doesNotMatch(now, /end=/);
    await press('copy-moment');
    await page.waitForFunction(() => document.querySelector('.share-link').value.includes('end='));
    const then = new URL(await page.evaluate(() => navigator.clipboard.readText()));
    near(Date.parse(then.searchParams.get('end')), EXCHANGE_NOW, 60000, 'the moment');
    mock.now = EXCHANGE_NOW + 24 * HOUR;
    await page.goto(then.href);
    await idle(page);
    assert.equal((await state(page)).state, 'replay');
    assert.ok(await page.getByTestId('replay').isVisible());
});

both('a picture with title, time, source, scale and what is said of its circles in it', { query: '?bars=200&executed=circles' }, async (page, mock, { press, phone }) => {
    await page.waitForFunction(() => /^[1-9]/.test(document.querySelector('#chart').dataset.executed ?? ''));
    await page.evaluate(() => {
        window.words = [];
        const { fillText } = CanvasRenderingContext2D.prototype;
        window.boxes = [];
        CanvasRenderingContext2D.prototype.fillText = function (words, x, y, width) {
            window.words.push(String(words));
            /* Ours alone give a width. */
            if (width !== undefined) {
                const { actualBoundingBoxLeft: left, actualBoundingBoxRight: right, actualBoundingBoxAscent: up } = this.measureText(words);
                window.boxes.push({ words, from: x - left, to: x + right, top: y - up, bottom: y });
            }
            return fillText.call(this, words, x, y, width ?? Infinity);
        };
    });
    const v = await view(page);
    await press('share-open');
    const [file] = await Promise.all([page.waitForEvent('download'), press('save-png')]);
    assert.equal(file.suggestedFilename(), 'liqmap-BTCUSDT-1h-2025-10-12T0019Z-map.png');
    const image = decodePng(await readFile(await file.path()));
    const wide = await page.getByTestId('chart').evaluate((e) => e.clientWidth);
    assert.equal(image.width, 2 * wide, 'two pixels to one of the screen');
    assert.deepEqual(await view(page), v, 'and the screen is as before');
    const colours = new Set();
    for (let i = 0; i < PALETTE.length; i += 3)
        colours.add(PALETTE.subarray(i, i + 3).join());
    let inside = 0;
    for (let i = 0; i < 400; i++)
        inside += colours.has(image.at(image.width * (0.1 + 0.5 * (i % 20) / 20), image.height * (0.15 + 0.6 * Math.floor(i / 20) / 20)).join()) ? 1 : 0;
    assert.ok(inside > 200, `${inside} of 400 places are of the map`);
    const words = (await page.evaluate(() => window.words)).join(' | ');
    for (const part of [/BTCUSDT 1h/, /Live data · 12 Oct 2025 00:19 UTC/, /binance/, /brightest ≥ \d+/, /A model’s estimate, not advice/,
        /Executed liquidations, Binance · ● longs · ○ shorts · circles from \$/, /sums are lower/])
        assert.match(words, part);
    assert.equal(phone, image.width < 1000);
    const boxes = await page.evaluate(() => window.boxes);
    for (const [i, a] of boxes.entries()) {
        for (const b of boxes.slice(i + 1))
            assert.ok(a.to <= b.from || b.to <= a.from || a.bottom <= b.top || b.bottom <= a.top, `“${a.words}” over “${b.words}”`);
    }
});

onPhone('levels and grid as tables, the answer as JSON', {}, async (page, mock, { press }) => {
    await press('share-open');
    const [grid] = await Promise.all([page.waitForEvent('download'), press('save-grid')]);
    const lines = (await readFile(await grid.path(), 'utf8')).trim().split('\r\n');
    const json = await (await fetch(`${mock.url}api/v1/heatmap?symbol=BTCUSDT&interval=1h&bars=500`)).json();
    assert.equal(lines.length, json.grid.rows + 1);
    const cells = lines.at(-1).split(',');
    assert.equal(cells.length, 502);
    assert.equal(Number(cells[0]), json.grid.price_min);
    assert.equal(Number(cells[2]), Math.round(json.grid.cells[0][0] * json.grid.quantum * json.grid.usd_per_unit));
    const [levels] = await Promise.all([page.waitForEvent('download'), press('save-levels')]);
    assert.match(await readFile(await levels.path(), 'utf8'), /^side,price,from,to,density/);
    assert.match(await page.getByTestId('share-json').getAttribute('href'), /api\/v1\/heatmap\?symbol=BTCUSDT&interval=1h&bars=500$/);
});

both('replay: a banner, steps, a moment, never refreshed, back to now', { clock: true }, async (page, mock, { phone, press }) => {
    if (phone) {
        await press('view-open');
        await press('menu-replay');
    } else {
        await press('replay-open');
    }
    await idle(page);
    assert.equal((await state(page)).state, 'replay');
    assert.equal(await text(page, 'status'), 'Replay');
    assert.equal(await text(page, 'replay-when'), 'The map as it was known at 11 Oct 2025 01:00 UTC');
    assert.match(maps(mock).at(-1).query, /end=2025-10-11T01%3A00%3A00Z/);
    /* No ticker is of then: the change is from the close of 24 h before. */
    const { candles: { close, high, open_time: time } } = await answer(mock, maps(mock).at(-1).query.replace(/^\?|&format=compact/g, ''));
    const day = time.indexOf(time.at(-1) - 86400000);
    assert.equal(await text(page, 'change'), percent(100 * (close.at(-1) / close[day] - 1)));
    assert.equal(await text(page, 'stat-high'), price(Math.max(...high.slice(day + 1)), 1));
    await press('replay-back');
    await idle(page);
    assert.match(page.url(), /end=2025-10-11T00%3A00%3A00Z/);
    for (const [name, end] of [['Ten candles back', '10T14'], ['Ten candles on', '11T00']]) {
        const step = page.getByRole('button', { name });
        await (phone ? step.tap() : step.click());
        await idle(page);
        assert.match(page.url(), new RegExp(`end=2025-10-${end}%3A00%3A00Z`));
    }
    const count = maps(mock).length;
    await page.clock.fastForward(90000);
    await frames(page);
    await requested(mock, count);
    assert.equal(await text(page, 'status'), 'Replay');
    await page.getByTestId('replay-time').fill('2025-10-09T10:00');
    await page.getByTestId('replay-time').dispatchEvent('change');
    await idle(page);
    assert.match(page.url(), /end=2025-10-09T10%3A00%3A00Z/);
    await press('replay-leave');
    await idle(page);
    assert.equal((await state(page)).state, 'live');
    assert.ok(await page.getByTestId('replay').isHidden());
    assert.doesNotMatch(page.url(), /end=/);
    const live = maps(mock).length;
    await page.clock.fastForward(21500);
    await requested(mock, live + 1);
});

pageTest('replay plays candle by candle, keeps the zoom, and ends at now', { query: '?bars=100&end=2025-10-11T22:00:00Z', clock: true }, async (page, mock, { press }) => {
    const was = maps(mock).length;
    await press('replay-play');
    /* The page's clock goes on by itself as well: on a slow machine it steps before it is told to. */
    for (let i = 1; i <= 2; i++) {
        await until(() => maps(mock).length >= was + i, `step ${i}`);
        await page.clock.fastForward(600);
    }
    await page.waitForFunction(() => document.body.dataset.state === 'live');
    await idle(page);
    const ends = maps(mock).slice(was).map(({ query }) => new URLSearchParams(query).get('end'));
    assert.deepEqual(ends.slice(0, 3), ['2025-10-11T23:00:00Z', '2025-10-12T00:00:00Z', null]);
    assert.equal((await state(page)).state, 'live');
    assert.equal(await page.getByTestId('replay-play').getAttribute('aria-label'), 'Play');
});

pageTest('replay by key, with the tools of now; history keeps its colours', {}, async (page) => {
    await page.keyboard.press('r');
    await idle(page);
    assert.equal((await state(page)).state, 'replay');
    const bar = await text(page, 'legend');
    await page.getByTestId('replay-back').click();
    await idle(page);
    assert.equal((await text(page, 'legend')).split('≥')[1].slice(0, 3), bar.split('≥')[1].slice(0, 3), 'the scale stays while stepping');
    await page.getByTestId('chart').focus();
    await page.keyboard.press('ArrowLeft');
    assert.match(await text(page, 'tip-density'), /\/ 100|none/);
    await page.keyboard.press('r');
    await idle(page);
    assert.equal((await state(page)).state, 'live');
    await leave(page);
});
