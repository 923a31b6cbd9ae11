/* Keys, measuring, and what a screen reader hears. */

import assert from 'node:assert/strict';
import { DESKTOP, PHONE, browserOfFile, frames, hover, idle, near, pageTests, requested, text, view } from './helpers.mjs';
import { EXCHANGE_NOW } from './mock-market.mjs';

const browser = browserOfFile();

const pageTest = pageTests(browser);

const measure = (page) => page.getByTestId('measure');

pageTest('digits choose the interval, wherever the focus is but in a field', {}, async (page) => {
    for (const [key, interval] of [['1', '5m'], ['4', '4h'], ['5', '1d'], ['3', '1h']]) {
        await page.keyboard.press(key);
        await idle(page);
        assert.match(page.url(), new RegExp(`interval=${interval}&`));
    }
    await page.getByLabel('Symbol').focus();
    await page.keyboard.press('2');
    assert.match(page.url(), /interval=1h/);
});

pageTest('arrows, plus and minus without a click first; L for the axis; the list', {}, async (page) => {
    await page.keyboard.press('ArrowLeft');
    assert.equal(await page.getByTestId('tooltip').getAttribute('data-column'), '499');
    const whole = await view(page);
    await page.keyboard.press('+');
    const near1 = await view(page);
    assert.ok(near1.to - near1.from < 0.9 * (whole.to - whole.from));
    await page.keyboard.press('-');
    near((await view(page)).from, whole.from, 1, 'zoomed back');
    await page.keyboard.press('l');
    assert.match(page.url(), /axis=log/);
    await page.keyboard.press('Escape');
    assert.ok(await page.getByTestId('tooltip').isHidden());
    await page.keyboard.press('?');
    const keys = page.getByTestId('keys');
    await keys.waitFor();
    assert.match(await text(page, 'keys'), /Esc.*1 to 5|1 to 5.*Esc/);
    await page.keyboard.press('2');
    assert.match(page.url(), /interval=1h/, 'an open list takes the keys');
    await page.keyboard.press('Escape');
    assert.ok(await keys.isHidden());
});

pageTest('shift and drag measures and does not pan; a click ends it', {}, async (page) => {
    const v = await view(page);
    const box = await page.getByTestId('chart').boundingBox();
    await page.keyboard.down('Shift');
    await page.mouse.move(box.x + 400, box.y + 500);
    await page.mouse.down();
    await page.mouse.move(box.x + 500, box.y + 400, { steps: 5 });
    await page.mouse.move(box.x + 700, box.y + 300, { steps: 5 });
    await page.mouse.up();
    await page.keyboard.up('Shift');
    await frames(page);
    assert.deepEqual(await view(page), v);
    const words = await measure(page).textContent();
    const price = (y) => v.high - (v.high - v.low) * (y + 0.5) / v.height;
    near(parseFloat(words), 100 * (price(300) / price(500) - 1), 0.1, 'percent');
    near(Number(/(\d+) candles/.exec(words)[1]), 300 * (v.to - v.from) / v.width, 1, 'candles');
    const shown = await measure(page).boundingBox();
    near(shown.width, 300, 4, 'as wide as the drag');
    /* It belongs to prices and candles, not to the screen. */
    await page.keyboard.press('+');
    await frames(page);
    assert.ok((await measure(page).boundingBox()).width > 320);
    await page.mouse.click(box.x + 200, box.y + 200);
    assert.ok(await measure(page).isHidden());
});

pageTest('M measures from the crosshair, arrows move the other end', {}, async (page) => {
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('m');
    for (const key of ['ArrowLeft', 'ArrowLeft', 'Shift+ArrowUp'])
        await page.keyboard.press(key);
    assert.match(await measure(page).textContent(), /^\+\d.*−2 candles · 2 h/);
    await page.keyboard.press('Escape');
    assert.ok(await measure(page).isHidden());
});

pageTest('a long press measures on a phone, a tap ends it', { size: PHONE }, async (page) => {
    const box = await page.getByTestId('chart').boundingBox();
    const client = await page.context().newCDPSession(page);
    const send = async (type, ...points) => {
        await client.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y]) => ({ x: box.x + x, y: box.y + y })) });
        await frames(page);
    };
    await send('touchStart', [100, 400]);
    await page.waitForFunction(() => !document.querySelector('#measure').hidden);
    await send('touchMove', [140, 360]);
    await send('touchMove', [220, 300]);
    await send('touchEnd');
    const v = await view(page);
    const words = await measure(page).textContent();
    near(Number(/(\d+) candles/.exec(words)[1]), 120 * (v.to - v.from) / v.width, 3, words);
    const label = await page.locator('#measure-text').boundingBox();
    assert.ok(label.x >= 0 && label.x + label.width <= 390, 'the words are on the screen');
    await send('touchStart', [60, 80]);
    await send('touchEnd');
    assert.ok(await measure(page).isHidden());
});

pageTest('a refresh is not spoken, a change of state is, the price once a minute', { clock: true }, async (page, mock) => {
    const said = () => text(page, 'announced');
    assert.match(await said(), /^BTCUSDT 1h live\. BTCUSDT 1\d\d,.* in 24 hours$/);
    await page.evaluate(() => {
        window.spoken = [];
        new MutationObserver(() => window.spoken.push(document.querySelector('#announced').textContent))
            .observe(document.querySelector('#announced'), { childList: true, characterData: true, subtree: true });
    });
    mock.now = EXCHANGE_NOW + 20000;
    await page.clock.fastForward(21500);
    await requested(mock, 2);
    await idle(page);
    assert.deepEqual(await page.evaluate(() => window.spoken), []);
    mock.state = 'stale';
    await page.clock.fastForward(21500);
    await requested(mock, 3);
    await idle(page);
    assert.match(await said(), /^Data 3 min old: binance: timed out/);
    await page.clock.fastForward(3000);
    await frames(page);
    assert.equal(await page.evaluate(() => window.spoken.length), 1, 'a growing age is no news');
    assert.equal(await page.locator('[role="alert"]').count(), 0);
});

pageTest('less motion for who asks for it', { size: { ...DESKTOP, reducedMotion: 'reduce' } }, async (page, mock) => {
    mock.hold = new Promise(() => {});
    await page.keyboard.press('1');
    await requested(mock, 2);
    await hover(page, 300, 300);
    assert.deepEqual(await page.evaluate(() => document.getAnimations().map((a) => a.animationName)), []);
});
