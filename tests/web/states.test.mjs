/* Each state a person may meet, on a desktop and on a phone. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { BOTH, DESKTOP, PHONE, browserOfFile, frames, idle, pageTests, refreshed, requested, state, text } from './helpers.mjs';

const browser = browserOfFile();

const desktop = pageTests(browser);

/**
 * A test in a state of the server, at whose end nothing covers anything, as on
 * a desktop and as on a phone. `extra`: what else its answer has.
 */
function stateTest(name, start, { extra = {}, ...options }, run) {
    desktop(name, { ...options, set: { state: start, extra } }, async (page, mock) => {
        await run(page, mock);
        assert.deepEqual(await collisions(page), []);
        await page.setViewportSize(PHONE.viewport);
        await frames(page);
        assert.deepEqual(await collisions(page), [], 'as narrow as a phone');
    });
}

/** What lies over each other in the page's rows, which never should. */
function collisions(page) {
    return page.evaluate(() => {
        const parts = [...document.querySelectorAll('.brand, .quote, .stats, .corner, .controls, .notice, .stage, .foot')]
            .filter((e) => e.checkVisibility())
            .map((e) => ({ name: e.className, box: e.getBoundingClientRect() }));
        return parts.flatMap((a, i) => parts.slice(i + 1)
            .filter((b) => Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left) > 1
                && Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top) > 1)
            .map((b) => `${a.name} and ${b.name}`));
    });
}

const seen = (page, id) => page.getByTestId(id).isVisible();

stateTest('loading: what is loaded, in place of the map', 'live', { wait: false }, async (page, mock) => {
    let release;
    mock.hold = new Promise((resolve) => { release = resolve; });
    await page.reload();
    await requested(mock, 2);
    assert.equal((await state(page)).state, 'loading');
    await page.getByText('Loading BTCUSDT 1h, 500 candles').waitFor();
    assert.ok(await seen(page, 'blank'));
    release();
    await idle(page);
    assert.equal((await state(page)).state, 'live');
    assert.equal(await seen(page, 'blank'), false);
});

stateTest('live: no notice, no badge', 'live', {}, async (page) => {
    assert.equal((await state(page)).state, 'live');
    for (const id of ['notice', 'demo-badge', 'watermark', 'blank'])
        assert.equal(await seen(page, id), false, id);
});

stateTest('stale: how old and why', 'stale', {}, async (page) => {
    assert.equal((await state(page)).state, 'stale');
    assert.match(await text(page, 'notice'), /Data 3 min old: binance: timed out/);
    assert.equal(await text(page, 'age'), '3 min');
    assert.equal(await seen(page, 'blank'), false, 'the map stays');
});

stateTest('degraded: what is missing, and no dollars', 'degraded', {}, async (page) => {
    assert.equal((await state(page)).state, 'degraded');
    assert.match(await text(page, 'notice'), /open interest: unknown.*funding: unavailable/);
    assert.equal(await text(page, 'stat-oi'), '–');
    assert.match(await text(page, 'legend'), /open interest is unknown/);
    assert.doesNotMatch(await text(page, 'legend'), /\$/);
    await page.getByTestId('chart').focus();
    await page.keyboard.press('Shift+ArrowUp');
    assert.equal(await text(page, 'tip-usd'), 'unknown');
    assert.match(await text(page, 'tip-density'), /\/ 100/);
});

stateTest('demo: badge and watermark', 'demo', { sizes: BOTH }, async (page) => {
    assert.equal((await state(page)).state, 'demo');
    assert.ok(await seen(page, 'demo-badge'));
    assert.ok(await seen(page, 'watermark'));
    assert.match(await text(page, 'watermark'), /simulated market/);
    assert.ok((await page.locator('.top').boundingBox()).height < 72, 'the header keeps its two rows');
});

stateTest('file: a date instead of an age', 'file', { sizes: BOTH }, async (page) => {
    assert.equal((await state(page)).state, 'file');
    assert.equal(await text(page, 'age'), '12 Oct 2025');
    assert.ok((await page.locator('.top').boundingBox()).height < 72, 'the header keeps its two rows');
});

stateTest('blocked at the start: message, countdown, button', 'blocked', {}, async (page, mock) => {
    assert.equal((await state(page)).state, 'unreachable');
    assert.match(await text(page, 'blank-error'), /Exchange unreachable.*HTTP 451.*Trying again in (30|31|29) s/);
    mock.state = 'live';
    await page.getByTestId('blank-retry').click();
    await requested(mock, 2);
    await idle(page);
    assert.equal((await state(page)).state, 'live');
    assert.equal(await seen(page, 'blank'), false);
});

stateTest('blocked later: the map stays with its age, Retry-After is kept, then all is well', 'live', { clock: true }, async (page, mock) => {
    mock.state = 'blocked';
    await page.clock.fastForward(21500);
    await requested(mock, 2);
    await idle(page);
    assert.equal((await state(page)).state, 'unreachable');
    /* The age is written once a second. */
    await page.waitForFunction(() => /Exchange unreachable.*The map shows data 2\d s old/s.test(
        document.querySelector('[data-testid=notice]')?.textContent ?? ''));
    assert.ok(await seen(page, 'retry'));
    assert.equal(await seen(page, 'blank'), false);
    await page.clock.fastForward(29000);
    await requested(mock, 2);
    mock.state = 'live';
    await page.clock.fastForward(6000);
    await requested(mock, 3);
    await idle(page);
    assert.equal((await state(page)).state, 'live');
    assert.equal(await seen(page, 'notice'), false);
});

stateTest('an answer of a wrong shape is refused in words', 'garbage', {}, async (page) => {
    assert.equal((await state(page)).state, 'unreachable');
    assert.match(await text(page, 'blank-error'), /could not be read.*unknown shape/);
});

stateTest('the server is gone: said so, map kept', 'live', { clock: true }, async (page) => {
    await page.route('**/api/v1/heatmap*', (route) => route.abort('connectionrefused'));
    await page.clock.fastForward(21500);
    await page.waitForFunction(() => document.body.dataset.state === 'unreachable');
    assert.match(await text(page, 'notice'), /Server unreachable/);
    assert.equal(await seen(page, 'blank'), false);
});

/* Every code of a failure that the API or a web server before it gives: [status, code, headline]. */
const FAILURES = [
    [502, 'net', 'Exchange unreachable'], [502, 'format', 'Exchange unreachable'], [503, 'rate', 'Exchange unreachable'],
    [503, 'blocked', 'Exchange unreachable'], [504, 'timeout', 'Exchange unreachable'],
    [503, 'limit', 'No map just now'], [503, 'memory', 'Server error'], [500, 'io', 'Server error'], [500, 'unknown', 'Server error'],
    [503, 'unavailable', 'Server unreachable'], [429, 'too_many_requests', 'Too many requests'],
    [400, 'bad_value', 'This map cannot be shown'], [404, 'no_data', 'This map cannot be shown'],
    [404, 'unknown_symbol', 'This map cannot be shown'],
];
/* What the API says instead of these names of errors. */
const RENAMED = { ok: [], invalid: ['bad_value'], not_found: ['unknown_symbol', 'no_data'] };

/* The names of errors in the server's source. */
const errorNames = () => [...readFileSync(new URL('../../src/base/err.c', import.meta.url), 'utf8').matchAll(/return "(\w+)"/g)].map(([, name]) => name);

stateTest('each failure in words: whose it is, what it said, when it is tried again', 'live', { sizes: [DESKTOP] }, async (page) => {
    const listed = new Set(FAILURES.map(([, code]) => code));
    assert.deepEqual(errorNames().flatMap((name) => RENAMED[name] ?? [name]).filter((code) => !listed.has(code)), []);
    let failure;
    await page.route('**/api/v1/heatmap*', (route) => route.fulfill({ status: failure[0], contentType: 'application/json',
        headers: { 'Retry-After': '30' }, body: JSON.stringify({ error: { code: failure[1], message: `the words of ${failure[1]}` } }) }));
    [failure] = FAILURES;
    await page.reload();
    for (failure of FAILURES) {
        const [, code, title] = failure;
        const retry = page.getByTestId('blank-retry');
        if (await retry.isVisible())
            await retry.click();
        else
            await page.reload();
        await page.getByTestId('blank-error').filter({ hasText: `the words of ${code}` }).waitFor();
        await idle(page);
        const words = await text(page, 'blank-error');
        assert.ok(words.includes(title), `${code}: ${words}`);
        assert.equal((await state(page)).state, 'unreachable');
        assert.equal(/Trying again in \d+ s/.test(words), title !== 'This map cannot be shown', `${code}: ${words}`);
    }
});

stateTest('another exchange is shown: each reason has words', 'live', { query: '?bars=100', clock: true }, async (page, mock) => {
    const words = { blocked: 'is blocked here', net: 'does not answer', timeout: 'does not answer', rate: 'limits our requests',
        not_found: 'does not list this symbol', format: 'answers in an unknown form' };
    for (const code of errorNames().filter((name) => name !== 'ok')) {
        mock.extra = { exchange: 'okx', fallback: { from: 'binance', code, reason: 'the reason' } };
        await refreshed(page, mock);
        await page.getByTestId('notice').filter({ hasText: `Binance ${words[code] ?? 'cannot be shown'}: showing OKX` }).waitFor();
    }
});

const REFUSED = 'binance: the exchange returned candles the model cannot use';

stateTest('the model refused newer candles: the last good map, how old and why', 'stale', { extra: { stale_reason: REFUSED } }, async (page) => {
    assert.equal((await state(page)).state, 'stale');
    assert.match(await text(page, 'notice'), new RegExp(`Data 3 min old: ${REFUSED}`));
});

/* The badges of a phone and the panel of a desktop are what moves differently. */
for (const [start, sizes] of [['live', BOTH], ['demo', [PHONE]], ['degraded', [PHONE]], ['stale', [PHONE]], ['several', BOTH]]) {
    stateTest(`a refresh moves nothing: ${start}`, start, { clock: true, panel: true, sizes }, async (page, mock) => {
        mock.maxAge = 20;
        /* The axis is wider once the labels of levels are on it. */
        await page.waitForFunction(() => document.body.dataset.loaded === 'tools');
        await idle(page);
        await page.evaluate(() => {
            window.moved = [];
            new PerformanceObserver((list) => {
                const place = ({ x, y, width, height }) => [x, y, width, height].join(' ');
                for (const { sources } of list.getEntries())
                    window.moved.push(...sources.map(({ node, previousRect, currentRect }) =>
                        `${node?.id || node?.className || String(node)}: ${place(previousRect)} to ${place(currentRect)}`));
            }).observe({ type: 'layout-shift' });
        });
        /* What moved before is reported later, as where the window of the test before was made wider. */
        await page.waitForFunction(() => new Promise((resolve) => {
            window.moved.length = 0;
            let left = 10;
            const next = () => (left-- > 0 ? requestAnimationFrame(next) : resolve(window.moved.length === 0));
            next();
        }));
        mock.hold = new Promise((resolve) => { setTimeout(resolve, 50); });
        for (let i = 0; i < 3; i++) {
            mock.now += 20000;
            mock.requests.length = 0;
            await page.clock.fastForward(22000);
            await requested(mock, 1);
            await idle(page);
        }
        assert.deepEqual(await page.evaluate(() => window.moved), []);
    });
}
