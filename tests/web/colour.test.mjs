/* Palettes, themes and the two-handled scale, on a desktop and on a phone. */

import assert from 'node:assert/strict';
import { BOTH, DESKTOP, PHONE, browserOfFile, frames, idle, leave, near, pageTests, pixels, requested, text, view, wheel } from './helpers.mjs';
import { EXCHANGE_NOW } from './mock-market.mjs';
import { paletteOf } from '../../www/js/data/palette.js';

const browser = browserOfFile();
const pageTest = pageTests(browser);

const both = pageTests(browser, { sizes: BOTH });
const onPhone = pageTests(browser, { size: PHONE });

const openView = (page, press) => press(page.getByTestId('view-open'));

/** @param {string} group @param {string} name */
const pick = async (page, press, group, name) => {
    await press(page.getByRole('group', { name: group }).getByRole('radio', { name }));
    await frames(page);
};

async function shareOf(page, name) {
    await leave(page);
    const palette = paletteOf(name);
    const colours = new Set();
    for (let i = 0; i < palette.length; i += 3)
        colours.add(palette.subarray(i, i + 3).join());
    const image = await pixels(page);
    let inside = 0;
    let all = 0;
    for (let y = 1; y < image.height; y += 5) {
        for (let x = 1; x < image.width; x += 5, all++)
            inside += colours.has(image.at(x, y).join()) ? 1 : 0;
    }
    return inside / all;
}

/** Share of the pane in one colour of the palette. */
async function shareOfColour(page, index, name = 'viridis') {
    await leave(page);
    const want = paletteOf(name).subarray(3 * index, 3 * index + 3).join();
    const image = await pixels(page);
    let found = 0;
    let all = 0;
    for (let y = 1; y < image.height; y += 3) {
        for (let x = 1; x < image.width; x += 3, all++)
            found += image.at(x, y).join() === want ? 1 : 0;
    }
    return found / all;
}

const darkShare = (page) => shareOfColour(page, 0);

pageTest('palettes: drawn, in the address, remembered, and another’s address wins', {}, async (page, mock, { press }) => {
    await openView(page, press);
    await pick(page, press, 'Palette', 'Ember');
    await page.keyboard.press('Escape');
    assert.ok(await shareOf(page, 'ember') > 0.75);
    assert.match(page.url(), /palette=ember/);
    const bare = page.url().split('?')[0];
    await page.goto(bare);
    await idle(page);
    assert.ok(await shareOf(page, 'ember') > 0.75, 'remembered');
    await page.goto(bare + '?palette=steel');
    await idle(page);
    assert.ok(await shareOf(page, 'steel') > 0.75);
});

onPhone('light theme: all around the map, remembered', {}, async (page, mock, { press }) => {
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await ground();
    await openView(page, press);
    await pick(page, press, 'Theme', 'Light');
    await page.keyboard.press('Escape');
    await page.reload();
    await idle(page);
    assert.notEqual(await ground(), dark);
    /* The time axis is the library's canvas. */
    const box = await page.getByTestId('chart').boundingBox();
    const { decodePng } = await import('./png.mjs');
    const corner = decodePng(await page.screenshot({ clip: { x: box.x + box.width - 4, y: box.y + box.height - 4, width: 2, height: 2 } })).at(0, 0);
    assert.ok(Math.min(...corner) > 200, `the axis is ${corner}`);
    assert.equal(await page.locator('meta[name="color-scheme"]').getAttribute('content'), 'light');
});

/** Drag a handle along the bar by a share of it. */
async function drag(page, end, by, phone) {
    const handle = await page.getByTestId('scale-' + end).boundingBox();
    const strip = await page.locator('.bar-strip').boundingBox();
    const [x, y] = [handle.x + handle.width / 2, handle.y + handle.height / 2];
    const [dx, dy] = phone ? [by * strip.width, 0] : [0, -by * strip.height];
    if (!phone) {
        await page.mouse.move(x, y);
        await page.mouse.down();
        await page.mouse.move(x + dx / 2, y + dy / 2);
        await page.mouse.move(x + dx, y + dy);
        await page.mouse.up();
    } else {
        const client = await page.context().newCDPSession(page);
        const send = (type, ...touchPoints) => client.send('Input.dispatchTouchEvent', { type, touchPoints });
        await send('touchStart', { x, y });
        await send('touchMove', { x: x + dx / 2, y: y + dy / 2 });
        await send('touchMove', { x: x + dx, y: y + dy });
        await send('touchEnd');
    }
    await frames(page);
}

both('the dark handle is dragged: what is weak goes dark; twice pressed, all is as usual', {}, async (page, mock, { phone }) => {
    const before = await darkShare(page);
    await drag(page, 'dark', 0.25, phone);
    const percent = Number(await page.getByTestId('scale-dark').getAttribute('aria-valuenow'));
    near(percent, 100 * (1 - 0.75 ** 3), 3, 'percent of the cells at a quarter of the bar');
    const after = await darkShare(page);
    assert.ok(after > before + 0.2, `${before} of the pane was dark, now ${after}`);
    assert.match(page.url(), /scale=5\d\.?\d*-99\.5/);
    assert.match(await text(page, 'legend'), /dark ≤ \d/);
    assert.match(await page.getByTestId('scale-dark').getAttribute('aria-valuetext'), /^dark ≤ [\d.]+, 5\d\.\d % of the cells$/);
    await page.locator('.bar-track').dblclick({ position: phone ? { x: 150, y: 12 } : { x: 12, y: 300 } });
    await frames(page);
    assert.equal(await page.getByTestId('scale-dark').getAttribute('aria-valuenow'), '0.0');
    near(await darkShare(page), before, 0.005, 'dark share');
});

pageTest('the bright handle by keys: every step brightens; it stops above the dark one', {}, async (page) => {
    const handle = page.getByTestId('scale-bright');
    await handle.focus();
    const value = async () => Number(await handle.getAttribute('aria-valuenow'));
    let [percent, yellow] = [await value(), await shareOfColour(page, 255)];
    for (let i = 0; i < 4; i++) {
        await page.keyboard.press('PageDown');
        assert.ok(await value() < percent);
        percent = await value();
        const now = await shareOfColour(page, 255);
        assert.ok(now > yellow, `step ${i}: ${now} of the pane is brightest, was ${yellow}`);
        yellow = now;
    }
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    assert.ok(await value() > Number(await page.getByTestId('scale-dark').getAttribute('aria-valuenow')));
    assert.equal(await handle.getAttribute('role'), 'slider');
    assert.ok(await handle.getAttribute('aria-label'));
});

onPhone('log colours, and a scale for each side', {}, async (page, mock, { press }) => {
    const linear = await shareOfColour(page, 255);
    await openView(page, press);
    await pick(page, press, 'Colours', 'Log');
    await pick(page, press, 'Scale', 'Per side');
    await page.keyboard.press('Escape');
    assert.match(page.url(), /colour=log/);
    assert.match(page.url(), /ends=sides/);
    assert.match(await text(page, 'legend'), /longs.*shorts/);
    assert.notEqual(await shareOfColour(page, 255), linear);
});

pageTest('a pinned scale survives another map and a visit tomorrow', {}, async (page, mock, { press }) => {
    await openView(page, press);
    await press(page.getByTestId('scale-pin'));
    await page.keyboard.press('Escape');
    const pinned = new URL(page.url()).searchParams.get('pin');
    assert.match(pinned, /^usd:0-\d+:[\d.]+$/);
    assert.match(await text(page, 'legend'), /Pinned: brightest ≥/);
    await page.goto(page.url().split('?')[0] + '?interval=5m&bars=200');
    await idle(page);
    assert.match(await text(page, 'legend'), /Pinned/);
    await openView(page, press);
    assert.ok(await page.getByTestId('scale-pin').isChecked());
    assert.match(await page.locator('#view-menu .menu-note').textContent(), /brightest from \$\d/);
    await press(page.getByTestId('scale-pin'));
    assert.doesNotMatch(await text(page, 'legend'), /Pinned/);
});

pageTest('log price axis: equal ratios are equally far apart, candles and map alike', { query: '?axis=log&bars=200&view=last150-3&prices=100000-150000' }, async (page, mock) => {
    const { grid } = await (await fetch(`${mock.url}api/v1/heatmap?symbol=BTCUSDT&interval=1h&bars=200`)).json();
    const v = await view(page);
    const box = await page.getByTestId('chart').boundingBox();
    const spots = [];
    for (let i = 0; i < 40; i++) {
        const [x, y] = [Math.round(v.width * (0.1 + 0.02 * i)), Math.round(v.height * (0.04 + 0.023 * i))];
        await page.mouse.move(box.x + x, box.y + y);
        await frames(page);
        const price = Number(await page.getByTestId('tooltip').getAttribute('data-price'));
        near(price / (v.high * (v.low / v.high) ** ((y + 0.5) / v.height)), 1, 0.002, 'price under the cursor');
        const inRow = (price - grid.price_min) / grid.price_step % 1;
        /* Pieces of the map begin at whole pixels. */
        if (inRow > 0.25 && inRow < 0.75)
            spots.push({ x, y, swatch: await page.getByTestId('tip-swatch').evaluate((e) => getComputedStyle(e).backgroundColor) });
    }
    await leave(page);
    const image = await pixels(page);
    const right = spots.filter(({ x, y, swatch }) => swatch === `rgb(${image.at(x, y).join(', ')})`).length;
    assert.ok(spots.length >= 8 && right >= 0.9 * spots.length, `${right} of ${spots.length} cells have their colour`);
});

for (const symbol of ['BTCUSDT', 'DOGEUSDT']) {
    pageTest(`log price axis of ${symbol}: the wheel zooms around the mouse, and a switch keeps the prices`, { query: `?symbol=${symbol}&axis=log` }, async (page) => {
        const v = await view(page);
        const w = await wheel(page, v.width + 20, 200, -300);
        const at = (u, y) => u.high * (u.low / u.high) ** ((y + 0.5) / u.height);
        near(Math.log(w.high / w.low) / Math.log(v.high / v.low), Math.exp(-300 * 0.0012), 0.01, 'zoomed');
        near(at(w, 200) / at(v, 200), 1, 0.003, 'the price under the mouse stays');
        await page.keyboard.press('l');
        const linear = await view(page);
        near(linear.low / w.low, 1, 0.002, 'low');
        near(linear.high / w.high, 1, 0.002, 'high');
        await page.keyboard.press('l');
        const back = await view(page);
        near(back.low / w.low, 1, 0.002, 'low');
    });
}

onPhone('local time on request, remembered', {}, async (page, mock, { press }) => {
    assert.match(await page.locator('#foot-time').textContent(), /UTC/);
    await openView(page, press);
    await pick(page, press, 'Times', 'Local');
    await page.keyboard.press('Escape');
    await page.reload();
    await idle(page);
    await openView(page, press);
    assert.ok(await page.getByRole('group', { name: 'Times' }).getByRole('radio', { name: 'Local' }).isChecked());
});

pageTest('local time is the zone of the computer: footer, tooltip and axis', { size: { ...DESKTOP, timezoneId: 'Asia/Kolkata' } }, async (page) => {
    const read = async () => {
        await leave(page);
        await page.getByTestId('chart').focus();
        await page.keyboard.press('ArrowLeft');
        await page.keyboard.press('ArrowRight');
        return text(page, 'tip-time');
    };
    assert.equal(await read(), '12 Oct 2025 00:00 UTC');
    const was = await view(page);
    await openView(page, (target) => target.click());
    await pick(page, (target) => target.click(), 'Times', 'Local');
    await page.keyboard.press('Escape');
    assert.equal(await read(), '12 Oct 2025 05:30 UTC+5:30');
    assert.match(await page.locator('#foot-time').textContent(), /UTC\+5:30/);
    const now = await view(page);
    near(now.from, was.from, 0.01, 'the same candles');
});

for (const [name, query] of [['as usual', ''], ['log, per side', '?colour=log&ends=sides'], ['pinned in dollars', '?pin=usd:1000000-90000000']]) {
    pageTest(`between two closes nothing but the forming column changes: ${name}`, { query, clock: true }, async (page, mock) => {
        const box = await page.getByTestId('chart').boundingBox();
        await page.mouse.move(box.x + box.width - 100, box.y + 300);
        for (let i = 0; i < 6; i++) {
            await page.mouse.wheel(0, -300);
            await frames(page);
        }
        await leave(page);
        const before = await pixels(page);
        const bar = await text(page, 'legend');
        const v = await view(page);
        mock.now = EXCHANGE_NOW + 600000;
        await page.clock.fastForward(21500);
        await requested(mock, 2);
        await idle(page);
        assert.deepEqual(await view(page), v);
        const now = await pixels(page);
        const column = v.width / (v.to - v.from);
        const edge = Math.floor((499 - 0.5 - v.from) * column) - 2;
        assert.ok(edge > 300 && edge < now.width, `closed columns up to ${edge} px`);
        /* The line of the last price crosses all columns, at two heights. */
        const changed = new Set();
        let forming = 0;
        for (let y = 0; y < now.height; y++) {
            for (let x = 0; x < now.width; x++) {
                if (now.at(x, y).join() === before.at(x, y).join())
                    continue;
                if (x < edge)
                    changed.add(y);
                else
                    forming++;
            }
        }
        assert.ok(forming > 0, 'the forming candle did change');
        assert.ok(changed.size <= 2, `${changed.size} lines changed left of the forming candle`);
        assert.equal((await text(page, 'legend')).replace(/\$[\d.]+ [kMB]/g, '$'), bar.replace(/\$[\d.]+ [kMB]/g, '$'));
    });
}

pageTest('the theme of the system, and when it changes', {}, async (page) => {
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
    await page.emulateMedia({ colorScheme: 'light' });
    assert.equal(await theme(), 'dark', 'dark unless chosen');
    await page.getByTestId('view-open').click();
    await pick(page, (place) => place.click(), 'Theme', 'System');
    assert.equal(await theme(), 'light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
    await page.reload();
    await idle(page);
    assert.equal(await theme(), 'dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.waitForFunction(() => document.documentElement.dataset.theme === 'light');
});

pageTest('on paper: numbers and map, nothing to click', { panel: true }, async (page) => {
    await page.emulateMedia({ media: 'print' });
    assert.ok(await page.locator('#controls').isHidden());
    assert.ok(await page.getByTestId('levels').isVisible() && await page.getByTestId('price').isVisible());
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(255, 255, 255)');
});
