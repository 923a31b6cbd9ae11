/* In what order the page comes, and what happens when a part does not. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BOTH, DESKTOP, PHONE, STILL, browserOfFile, frames, idle, open, paletteShare, pixels, requested, state, text, view } from './helpers.mjs';
import { EXCHANGE_NOW } from './mock-market.mjs';
import { startMock } from './mock-server.mjs';

const HOUR = 3600000;
const browser = browserOfFile();

/** A test before the page is opened: `go(query)` does that. */
function loadTest(name, run, sizes = [DESKTOP]) {
    for (const size of sizes) {
        test(`${name}, ${size === PHONE ? 'phone' : 'desktop'}`, async (t) => {
            const mock = await startMock();
            t.after(mock.close);
            const context = await browser().newContext({ ...STILL, ...size });
            t.after(() => context.close());
            const page = await context.newPage();
            const problems = [];
            page.on('pageerror', (error) => problems.push(String(error)));
            await run(page, mock, (query = '') => page.goto(mock.url + query));
            assert.deepEqual(problems, []);
        });
    }
}

/** Hold back a script, by default what stands around the map; returns what lets it come. */
async function hold(page, script = 'tools') {
    let release;
    const held = new Promise((resolve) => { release = resolve; });
    await page.route(`**/static/${script}-*.js`, async (route) => {
        await held;
        await route.continue();
    });
    return release;
}

const hasMap = (page) => page.waitForFunction(() => document.body.dataset.map === 'true');

for (const [what, query] of [['of now', ''], ['of the past', `?end=${EXCHANGE_NOW - 30 * HOUR}`]]) {
    loadTest(`the map ${what} is there before what stands around it, and keeps its place`, async (page, mock, go) => {
        const release = await hold(page);
        await go(query);
        await hasMap(page);
        await frames(page); /* the price axis takes its width in the first one */
        const early = await view(page);
        const { share, colours } = paletteShare(await pixels(page));
        assert.ok(share > 0.3 && colours > 100, `${share} of the pane, ${colours} colours`);
        assert.equal(await page.locator('.ladder').count(), 0);
        const box = await page.getByTestId('chart').boundingBox();
        release();
        await idle(page);
        assert.ok(await page.locator('.ladder').count() === 1);
        assert.deepEqual(await page.getByTestId('chart').boundingBox(), box, 'the chart');
        assert.deepEqual(await view(page), early, 'what it shows');
    }, BOTH);
}

loadTest('the first frame has the size of the last', async (page, mock, go) => {
    await page.addInitScript(() => {
        /* However slow the machine is, the chart waits for the map. */
        const later = window.setTimeout;
        window.setTimeout = (run, ms, ...rest) => (ms === 150 ? 0 : later(run, ms, ...rest));
        window.sizes = new Set();
        new MutationObserver(() => window.sizes.add(document.querySelector('#chart')?.dataset.pane))
            .observe(document, { attributes: true, subtree: true, attributeFilter: ['data-pane'] });
    });
    /* Levels out of sight: their labels have arrows, and are wider than the price. */
    await page.route('**/api/v1/heatmap?*', async (route) => {
        const response = await route.fetch();
        const json = await response.json();
        for (const level of json.levels.short)
            level.price = Math.round(2 * level.price) + 0.5;
        await route.fulfill({ response, json });
    });
    await go();
    await idle(page);
    await page.locator('.ladder').waitFor({ state: 'attached' });
    await view(page);
    const sizes = await page.evaluate(() => [...window.sizes]);
    assert.equal(sizes.length, 1, sizes.join(', '));
}, BOTH);

loadTest('a choice made before the rest is there gets all that belongs to it', async (page, mock, go) => {
    const release = await hold(page);
    await go('?profile=single');
    await hasMap(page);
    await page.locator('#intervals input[value="5m"]').check({ force: true });
    await page.waitForFunction(() => document.body.dataset.switching === 'false' && /5m/.test(document.title));
    release();
    await idle(page);
    await page.locator('[data-testid="chart"][data-profile="single"]').waitFor();
    const asked = mock.requests.filter((r) => r.route === 'profile');
    assert.deepEqual(asked.map((r) => new URLSearchParams(r.query).get('interval')), ['5m']);
});

loadTest('a page whose main script is slow is shown without its map meanwhile', async (page, mock) => {
    const release = await hold(page, 'main');
    await page.goto(mock.url, { waitUntil: 'commit' });
    /* Frames cannot be waited for while there are none. */
    await page.waitForFunction(() => document.body?.dataset.loaded === 'layout'
        && performance.getEntriesByName('first-contentful-paint').length > 0, null, { polling: 50, timeout: 100_000 });
    assert.ok(await page.getByTestId('blank').isVisible());
    assert.equal((await state(page)).map, 'false');
    release();
    await idle(page);
    assert.equal((await state(page)).map, 'true');
}, [PHONE]);

loadTest('what cannot be loaded around the map is said, and the map stays', async (page, mock, go) => {
    await page.route('**/static/tools-*.js', (route) => route.abort());
    await go();
    await hasMap(page);
    await page.getByTestId('notice').waitFor();
    assert.match(await text(page, 'notice'), /Not all of this page works.*could not be loaded/);
    assert.ok(await page.getByTestId('retry').isVisible());
    assert.equal(await page.getByTestId('blank').isVisible(), false);
}, [PHONE]);

loadTest('without a map the rest of the page works', async (page, mock, go) => {
    mock.state = 'blocked';
    await go();
    await idle(page);
    assert.ok(await page.getByTestId('blank-error').isVisible());
    await page.getByTestId('help-open').click();
    await page.getByTestId('help').waitFor();
}, [PHONE]);

loadTest('a menu whose code does not come says so, and opens when it does', async (page, mock, go) => {
    await page.route(/\/static\/(view-menu|help-text)-[^/]*\.js$/, (route) => route.abort());
    await go();
    await idle(page);
    const toast = page.getByTestId('toast');
    for (const id of ['view-open', 'help-open']) {
        await page.getByTestId(id).click();
        await toast.filter({ hasText: 'A part of the page could not be loaded; try again.' }).waitFor();
        await page.locator('#toast-close').click();
        await page.keyboard.press('Escape');
    }
    assert.ok(await page.getByTestId('help').isHidden());
    await page.unrouteAll();
    await page.getByTestId('view-open').click();
    await page.getByTestId('ridges').waitFor();
    await page.keyboard.press('Escape');
    await page.getByTestId('help-open').click();
    await page.getByTestId('help').waitFor();
}, [DESKTOP]);

loadTest('menus and help are loaded with the first move, and open without the server', async (page, mock, go) => {
    const loaded = () => page.evaluate(() => performance.getEntriesByType('resource').filter((e) => /(view-menu|share-menu|help-text)-/.test(e.name)).length);
    await go();
    await idle(page);
    assert.equal(await loaded(), 0, 'not before');
    await page.mouse.move(300, 300);
    await page.waitForFunction(() => performance.getEntriesByType('resource').filter((e) => /(view-menu|share-menu|help-text)-/.test(e.name)).length === 3);
    await page.context().setOffline(true);
    await page.getByTestId('share-open').click();
    await page.getByTestId('share-link').waitFor();
    await page.keyboard.press('Escape');
    await page.getByTestId('help-open').click();
    await page.getByTestId('help').waitFor();
    await page.context().setOffline(false);
}, [DESKTOP]);

loadTest('the newest candle ends where the profile begins, as wide as the price axis gets', async (page, mock, go) => {
    await go('?bars=200');
    await idle(page);
    await page.waitForFunction(() => {
        const { timeView, pane } = document.querySelector('#chart').dataset;
        const [width] = pane.split(' ').map(Number);
        const room = Math.min(172, Math.round(0.24 * document.querySelector('#chart').clientWidth));
        return Math.abs(Number(timeView.split(' ')[1]) - (199.5 + 200 * room / (width - room))) < 0.1;
    });
}, [DESKTOP]);

loadTest('a tab opened in the background loads whole', async (page, mock, go) => {
    await page.addInitScript(() => {
        Object.defineProperty(document, 'hidden', { get: () => true });
        window.requestAnimationFrame = () => 0;
    });
    await go();
    await page.waitForFunction(() => document.body.dataset.busy === 'false', null, { polling: 50 });
    assert.equal((await state(page)).map, 'true');
    assert.equal(await page.locator('.ladder').count(), 1);
});

test('the map is asked for once, at once, and read whole', async (t) => {
    const mock = await startMock();
    t.after(mock.close);
    const page = await open(browser(), mock);
    t.after(() => page.context().close());
    await requested(mock, 1);
    const asked = await page.evaluate(() => {
        const entries = performance.getEntriesByType('resource');
        const at = (part) => entries.find((e) => e.name.includes(part)).startTime;
        return { map: at('api/v1/heatmap'), tools: at('/static/tools-') };
    });
    assert.ok(asked.map < asked.tools);
    assert.deepEqual(page.problems, []);
});

test('the source runs without being bundled', async (t) => {
    const mock = await startMock({ source: true });
    t.after(mock.close);
    const page = await open(browser(), mock);
    t.after(() => page.context().close());
    assert.ok(paletteShare(await pixels(page)).share > 0.3);
    await page.getByTestId('help-open').click();
    await page.getByTestId('help').waitFor();
    const scripts = await page.evaluate(() => performance.getEntriesByType('resource').map((e) => e.name).filter((name) => name.includes('/js/')));
    assert.ok(scripts.some((name) => name.endsWith('/js/ui/help.js')));
    assert.deepEqual(page.problems, []);
});

loadTest('a server that never answers is said to, also at the first map', async (page, mock, go) => {
    /* The wait itself, in a tenth of a second. */
    await page.addInitScript(() => {
        AbortSignal.timeout = () => {
            const limit = new AbortController();
            setTimeout(() => limit.abort(new DOMException('too long', 'TimeoutError')), 100);
            return limit.signal;
        };
    });
    let release;
    mock.hold = new Promise((resolve) => { release = resolve; });
    await go();
    await page.getByTestId('blank-error').waitFor();
    assert.match(await text(page, 'blank-error'), /did not answer in time/);
    release();
});
