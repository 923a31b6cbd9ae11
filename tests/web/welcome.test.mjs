/* The first visit, the panel that explains, and installing. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DESKTOP, PHONE, idle, launch, open, text } from './helpers.mjs';
import { startMock } from './mock-server.mjs';
import { cssColour, paletteOf } from '../../www/js/palette.js';

let browser;

before(async () => {
    browser = await launch();
});
after(() => browser?.close());

for (const [device, size] of [['desktop', DESKTOP], ['phone', PHONE]]) {
    test(`first visit: one line, and never again, ${device}`, async (t) => {
        const mock = await startMock();
        t.after(mock.close);
        const page = await open(browser, mock, { size, first: true });
        t.after(() => page.context().close());
        const line = page.getByTestId('welcome');
        assert.match(await text(page, 'welcome'), /closed by force if price got there.*not advice/);
        assert.ok((await line.boundingBox()).height < 70);
        await page.getByTestId('welcome-close').click();
        assert.ok(await line.isHidden());
        await page.reload();
        await idle(page);
        assert.ok(await line.isHidden());
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), size.viewport.width);
        assert.deepEqual(page.problems, []);
    });
}

test('the panel names the zones in the colours of the palette, and the disclaimer', async (t) => {
    const mock = await startMock();
    t.after(mock.close);
    const page = await open(browser, mock, { query: '?palette=ember', first: true });
    t.after(() => page.context().close());
    await page.locator('#welcome-more').click();
    assert.ok(await page.getByTestId('help').isVisible());
    const zones = await page.locator('.zone').evaluateAll((all) => all.map((e) => getComputedStyle(e).backgroundColor));
    assert.deepEqual(zones, [0, 0.4, 0.72, 1].map((at) => cssColour(Math.round(255 * at), paletteOf('ember'))));
    assert.deepEqual(await page.locator('.zones dt').allTextContents(), ['Violet', 'Magenta', 'Orange', 'Pale yellow']);
    assert.match(await text(page, 'help'), /no advice to trade/);
});

test('a browser that forbids to remember: all works, nothing is remembered', async (t) => {
    const mock = await startMock();
    t.after(mock.close);
    const page = await open(browser, mock, { wait: false, first: true });
    t.after(() => page.context().close());
    await page.addInitScript(() => Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } }));
    await page.goto(mock.url);
    await idle(page);
    await page.getByTestId('welcome-close').click();
    await page.keyboard.press('l');
    assert.match(page.url(), /axis=log/);
    assert.deepEqual(page.problems, []);
});

test('installable under any prefix, and nothing keeps old answers', async (t) => {
    const mock = await startMock({ prefix: '/tools/liqmap' });
    t.after(mock.close);
    const page = await open(browser, mock, {});
    t.after(() => page.context().close());
    const href = await page.locator('link[rel="manifest"]').evaluate((e) => e.href);
    assert.equal(href, mock.url + 'manifest.webmanifest');
    const manifest = await (await fetch(href)).json();
    assert.equal(new URL(manifest.start_url, href).href, mock.url);
    for (const { src, type, sizes } of manifest.icons) {
        const answer = await fetch(new URL(src, href));
        assert.equal(answer.status, 200, src);
        assert.equal(answer.headers.get('Content-Type'), type);
        const body = Buffer.from(await answer.arrayBuffer());
        if (type === 'image/png')
            assert.equal(`${body.readUInt32BE(16)}x${body.readUInt32BE(20)}`, sizes);
        assert.ok(body.length < 60000, `${src} has ${body.length} bytes`);
    }
    const client = await page.context().newCDPSession(page);
    const { errors } = await client.send('Page.getAppManifest');
    assert.deepEqual(errors, []);
    assert.equal(await page.evaluate(async () => (await navigator.serviceWorker?.getRegistrations() ?? []).length), 0);
});
