/* The first visit, the panel that explains, and installing. */

import assert from 'node:assert/strict';
import { BOTH, PHONE, browserOfFile, idle, pageTests, text } from './helpers.mjs';
import { cssColour, paletteOf } from '../../www/js/data/palette.js';

const browser = browserOfFile();
const pageTest = pageTests(browser);

pageTest('first visit: one line, and never again', { sizes: BOTH, first: true }, async (page, mock, { phone }) => {
    const line = page.getByTestId('welcome');
    assert.match(await text(page, 'welcome'), /liquidated if price got there.*not advice/);
    assert.ok((await line.boundingBox()).height < 70);
    const map = page.getByTestId('chart');
    const { y } = await map.boundingBox();
    await page.getByTestId('welcome-close').click();
    assert.ok(await line.isHidden());
    if (phone)
        assert.equal((await map.boundingBox()).y, y, 'on a phone it lies over the map');
    await page.reload();
    await idle(page);
    assert.ok(await line.isHidden());
});

pageTest('first visit: what is said of a tapped cell lies over the line', {
    first: true, size: { ...PHONE, viewport: { width: 844, height: 390 } },
}, async (page) => {
    const { x, y, width, height } = await page.getByTestId('chart').boundingBox();
    await page.touchscreen.tap(x + 0.4 * width, y + 0.35 * height);
    await page.getByTestId('tooltip').waitFor();
    const [tip, line] = await Promise.all(['tooltip', 'welcome'].map((id) => page.getByTestId(id).boundingBox()));
    assert.ok(tip.y < line.y + line.height, 'they meet');
    assert.ok(await page.locator('.tip-time').evaluate((time) => {
        const { x: left, y: top } = time.getBoundingClientRect();
        time.style.pointerEvents = 'auto'; /* else it is not found */
        return document.elementFromPoint(left + 5, top + 5) === time;
    }), 'its first line is seen');
    await page.getByTestId('welcome-close').tap();
    assert.ok(await page.getByTestId('welcome').isHidden());
});

pageTest('the panel names the zones in the colours of the palette, and the disclaimer', { query: '?palette=ember', first: true }, async (page) => {
    await page.locator('#welcome-more').click();
    await page.getByTestId('help').waitFor();
    const zones = await page.locator('.zone').evaluateAll((all) => all.map((e) => getComputedStyle(e).backgroundColor));
    assert.deepEqual(zones, [0, 0.4, 0.72, 1].map((at) => cssColour(Math.round(255 * at), paletteOf('ember'))));
    assert.deepEqual(await page.locator('.zones dt').allTextContents(), ['Violet', 'Magenta', 'Orange', 'Pale yellow']);
    assert.match(await text(page, 'help'), /not trading advice/);
});

pageTest('a browser that forbids to remember: all works, nothing is remembered', { wait: false, first: true, shared: false }, async (page, mock) => {
    await page.addInitScript(() => Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } }));
    await page.goto(mock.url);
    await idle(page);
    await page.getByTestId('welcome-close').click();
    await page.keyboard.press('l');
    assert.match(page.url(), /axis=log/);
});

pageTest('installable under any prefix, and nothing keeps old answers', { prefix: '/tools/liqmap' }, async (page, mock) => {
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
