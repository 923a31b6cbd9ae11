/* The watchlist above the map. */

import assert from 'node:assert/strict';
import { BOTH, PHONE, browserOfFile, frames, idle, pageTests, state, text, until } from './helpers.mjs';

const browser = browserOfFile();
const both = pageTests(browser, { sizes: BOTH });
const onPhone = pageTests(browser, { size: PHONE });
const desktop = pageTests(browser);

const symbolsOf = (page) => page.locator('#watchlist .watch').evaluateAll((all) => all.map((e) => e.dataset.testid.slice(6)));
const asked = (mock) => mock.requests.filter(({ route }) => route === 'watch').map(({ query }) => query);
const shown = (page, symbol) => page.waitForFunction((id) => /\d/.test(document.querySelector(`[data-testid="${id}"] .watch-price`)?.textContent ?? ''), 'watch-' + symbol);
const stored = (page) => page.evaluate(() => JSON.parse(localStorage.getItem('liqmap.watchlist')));

both('the usual symbols, from one request after the first map; a click changes the map, the star the list', {}, async (page, mock, { phone, press }) => {
    await shown(page, 'SOLUSDT');
    assert.deepEqual(await symbolsOf(page), ['BTCUSDT', 'ETHUSDT', 'SOLUSDT']);
    assert.deepEqual(asked(mock), ['?symbols=BTCUSDT,ETHUSDT,SOLUSDT&interval=1h&bars=500']);
    assert.ok(mock.requests.findIndex(({ route }) => route === 'heatmap') < mock.requests.findIndex(({ route }) => route === 'watch'));
    assert.match(await text(page, 'watch-ETHUSDT'), /^ETH [\d,.]+ within 2 % \d+ % (shorts|longs) level above▲ [\d,.]+ \+[\d.]+ % level below▼ [\d,.]+ −[\d.]+ %$/);

    if (!phone)
        assert.equal(await page.locator('.watch-list').evaluate((e) => e.scrollWidth - e.clientWidth), 0, 'all of three symbols fits');

    const box = await page.getByTestId('watchlist').boundingBox();
    assert.ok(box.height <= (phone ? 40 : 32), `${box.height} px high`);
    for (const place of [page.getByTestId('watchlist-star'), page.getByTestId('watch-BTCUSDT')]) {
        const { height } = await place.boundingBox();
        assert.ok(height >= (phone ? 40 : 24), `a target ${height} px high`);
    }

    await press('watch-ETHUSDT');
    await page.waitForFunction(() => document.querySelector('#symbol-name').textContent === 'ETHUSDT' && document.body.dataset.map === 'true');
    await idle(page);
    assert.equal(await page.locator('[aria-current]').getAttribute('data-testid'), 'watch-ETHUSDT');
    await until(() => asked(mock).length === 2, 'one request with the new map');

    await press('watchlist-star');
    assert.deepEqual(await symbolsOf(page), ['BTCUSDT', 'SOLUSDT']);
    assert.deepEqual(await stored(page), ['BTCUSDT', 'SOLUSDT']);
    assert.equal(await page.getByTestId('watchlist-star').getAttribute('aria-label'), 'Add ETHUSDT to the watchlist');
    await press('watchlist-star');
    await shown(page, 'ETHUSDT');
    assert.deepEqual(await symbolsOf(page), ['BTCUSDT', 'SOLUSDT', 'ETHUSDT']);
    await page.reload();
    await shown(page, 'ETHUSDT');
    assert.deepEqual(await symbolsOf(page), ['BTCUSDT', 'SOLUSDT', 'ETHUSDT'], 'remembered');
});

desktop('each refresh of the map is one request; a failed one leaves the numbers and marks them', { clock: true }, async (page, mock) => {
    await shown(page, 'BTCUSDT');
    const was = await text(page, 'watch-BTCUSDT');
    mock.othersFail = true;
    const before = asked(mock).length;
    await page.clock.runFor(25000);
    await until(() => asked(mock).length === before + 1, 'one more request');
    await page.waitForFunction(() => document.querySelector('.watch-old') !== null);
    assert.equal(await text(page, 'watch-BTCUSDT'), was);
    assert.match(await page.getByTestId('watch-BTCUSDT').getAttribute('title'), /could not be loaded/);
    mock.othersFail = false;
    await page.clock.runFor(25000);
    await page.waitForFunction(() => document.querySelector('.watch-old') === null);
    assert.equal(asked(mock).length, before + 2);
});

desktop('the keyboard changes the map and keeps the focus; a symbol without data says so', {}, async (page, mock) => {
    await page.evaluate(() => localStorage.setItem('liqmap.watchlist', '["BTCUSDT","NOSUCHUSDT","DOGEUSDT"]'));
    await page.reload();
    await shown(page, 'DOGEUSDT');
    assert.match(await text(page, 'watch-NOSUCHUSDT'), /^NOSUCH no data/);
    assert.match(await page.getByTestId('watch-NOSUCHUSDT').getAttribute('title'), /not listed/);
    await page.getByTestId('watchlist-star').focus();
    for (let i = 0; i < 3; i++)
        await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('#symbol-name').textContent === 'DOGEUSDT');
    await idle(page);
    await until(() => asked(mock).length === 3, 'the numbers of the new map');
    await frames(page);
    assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), 'watch-DOGEUSDT');
});

desktop('no watchlist where the server has one symbol, and no space for it at the next visit', { set: { symbols: ['BTCUSDT'] } }, async (page) => {
    await page.getByTestId('watchlist').waitFor({ state: 'hidden' });
    await page.reload();
    await page.waitForFunction(() => Boolean(document.body?.dataset.loaded));
    assert.ok(await page.getByTestId('watchlist').isHidden());
});

desktop('a replay asks once, for now; a hidden list asks nothing', { query: '?end=2025-10-11T12:00:00Z' }, async (page, mock, { press }) => {
    await shown(page, 'BTCUSDT');
    await press('replay-back');
    await idle(page);
    assert.ok(mock.requests.filter(({ route }) => route === 'heatmap').length >= 2);
    assert.equal(asked(mock).length, 1);
    assert.doesNotMatch(asked(mock)[0], /end=/);
    await page.setViewportSize({ width: 844, height: 390 });
    await press('replay-leave');
    await idle(page);
    await frames(page);
    assert.equal((await state(page)).state, 'live');
    assert.ok(await page.getByTestId('watchlist').isHidden(), 'not on a phone on its side');
    assert.equal(asked(mock).length, 1);
});

onPhone('the list scrolls under the finger and the shown symbol is in sight', {}, async (page, mock) => {
    await page.evaluate(() => localStorage.setItem('liqmap.watchlist', '["BTCUSDT","ETHUSDT","SOLUSDT","DOGEUSDT"]'));
    await page.goto(`${mock.url}?symbol=DOGEUSDT&bars=100`);
    await shown(page, 'DOGEUSDT');
    await frames(page);
    const box = await page.getByTestId('watch-DOGEUSDT').boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= 391, `at ${box.x}, ${box.width} wide`);
    assert.ok(await page.locator('.watch-list').evaluate((e) => e.scrollLeft > 100 && getComputedStyle(e).overflowX === 'auto'));
});
