/* What a first visit costs through the real web servers: requests, bytes, and
 * how much of the page moves while it loads. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startDaemon, startLighttpd, startNginx } from '../e2e/harness.mjs';
import { DESKTOP, PHONE, browserOfFile, idle, launchWhole } from './helpers.mjs';

const REQUESTS_MAX = 8;
/** Of it the charting library is more than half. */
const PAGE_BYTES_MAX = 110000;
/** Cumulative layout shift; more than 0.1 is felt. */
const SHIFT_MAX = 0.05;

const browser = browserOfFile(launchWhole);
let daemon;
before(async () => {
    /* nginx's worker is another user. */
    daemon = await startDaemon({ settings: { 'server.market': 'demo', 'server.log_level': 'warn', 'server.socket_mode': '0666' } });
});
after(() => daemon?.stop());

/** What a client of the protocol sees of a visit, until the page is complete. */
async function visit(context, url) {
    const page = await context.newPage();
    const client = await context.newCDPSession(page);
    await client.send('Network.enable');
    const loads = new Map();
    client.on('Network.responseReceived', ({ requestId, response }) => loads.set(requestId, { url: response.url, fromCache: response.fromDiskCache, bytes: 0 }));
    client.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => Object.assign(loads.get(requestId) ?? {}, { bytes: encodedDataLength }));
    await page.addInitScript(() => {
        window.shift = 0;
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries())
                window.shift += entry.value;
        }).observe({ type: 'layout-shift', buffered: true });
    });
    await page.goto(url);
    await idle(page);
    await page.locator('.ladder').waitFor({ state: 'attached' });
    await page.waitForLoadState('networkidle');
    const sent = [...loads.values()].filter((load) => !load.fromCache && !load.url.startsWith('data:'));
    const shift = await page.evaluate(() => window.shift);
    await page.close();
    return { sent, shift };
}

const bytesOf = (sent, isPage) => sent.filter(({ url }) => url.includes('/api/v1/') !== isPage).reduce((sum, { bytes }) => sum + bytes, 0);

for (const [name, start, signal] of [['lighttpd', startLighttpd, 'SIGINT'], ['nginx', startNginx, 'SIGQUIT']]) {
    test(`a first visit through ${name} is few requests and few bytes, and little moves; a second one is less`, async (t) => {
        const web = await start(daemon.socket);
        t.after(() => web.stop(signal));
        const context = await browser().newContext(DESKTOP);
        t.after(() => context.close());
        const { sent, shift } = await visit(context, web.url + '/');
        const bytes = bytesOf(sent, true);
        t.diagnostic(`${sent.length} requests, ${bytes} bytes of page, ${bytesOf(sent, false)} of data, layout shift ${shift.toFixed(4)}`);
        assert.ok(shift < SHIFT_MAX, `layout shift ${shift}`);
        assert.ok(sent.length <= REQUESTS_MAX, `${sent.length} requests: ${sent.map(({ url }) => url).join(' ')}`);
        assert.ok(bytes > 50000 && bytes <= PAGE_BYTES_MAX, `${bytes} bytes`);
        const again = await visit(context, web.url + '/');
        const files = again.sent.filter(({ url }) => url.includes('/static/'));
        assert.deepEqual(files, [], 'what has a hash in its name is not asked for again');
    });
}

test('little moves while the page loads, phone', async (t) => {
    const web = await startLighttpd(daemon.socket);
    t.after(() => web.stop('SIGINT'));
    const context = await browser().newContext(PHONE);
    t.after(() => context.close());
    const { shift } = await visit(context, web.url + '/');
    t.diagnostic(`layout shift ${shift.toFixed(4)}`);
    assert.ok(shift < SHIFT_MAX, `layout shift ${shift}`);
});
