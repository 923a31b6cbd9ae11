/* A refresh of the page before the real server: what goes over the wire, and
 * what the page has afterwards. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { movableClock, startSite } from '../e2e/harness.mjs';
import { HOUR, generateRecording } from '../mock/recording.mjs';
import { browserOfFile, idle, open, until } from './helpers.mjs';

const START = Date.UTC(2025, 9, 10, 20, 58, 50);
/* The server's map is not fresh any more then, and the page's timer has run out. */
const REFRESH = 20001;
const PAGE_MS = 22000;
/* 49 kB is the whole map. */
const DELTA_BYTES = 4000;

const browser = browserOfFile();
let site;
let clock;
let now = START;
before(async () => {
    clock = movableClock();
    const recordings = [generateRecording({ seed: 3, until: START + 3 * HOUR })];
    site = await startSite({ mocks: { recordings, clock: START, speed: 0 }, settings: { 'cache.hot_ms': 0, 'cache.swr_ms': 0 }, env: clock.env });
    site.mocks.all.forEach((mock) => mock.setClock(now, 0));
});
after(() => site?.stop());

/** The page, and the answers that its requests for a map get. */
async function visit(t) {
    const page = await open(browser(), { url: site.web.url + '/' }, { clock: true, panel: true });
    t.after(() => page.context().close());
    const answers = [];
    page.on('response', async (response) => {
        if (!response.url().includes('/api/v1/heatmap'))
            return;
        const { since, cursor, candles } = await response.json();
        const { responseBodySize } = await response.request().sizes();
        answers.push({ asked: new URL(response.url()).searchParams.get('since'), since, cursor, open: candles?.open_time.length, bytes: responseBodySize });
    });
    return { page, answers };
}

/** Time passes, and the page asks again. */
async function refresh(page, answers) {
    const count = answers.length;
    clock.shift(REFRESH);
    now += REFRESH;
    site.mocks.all.forEach((mock) => mock.setClock(now, 0));
    const answered = page.waitForResponse((response) => response.url().includes('/api/v1/heatmap'));
    await page.clock.fastForward(PAGE_MS);
    await answered;
    await idle(page);
    await until(() => answers.length > count, 'an answer');
}

/** The price that the title names, without its grouping. */
const titlePrice = async (page) => Number((await page.title()).split(' ')[0].replaceAll(/[^\d.]/g, ''));

/** The last price of the newest map. */
const serverPrice = async () => (await site.get('ticker?symbol=BTCUSDT')).json().ticker.last;

test('a page that stays open asks for what changed, and shows it', async (t) => {
    const { page, answers } = await visit(t);
    const prices = new Set();
    for (let i = 0; i < 6; i++) {
        await refresh(page, answers);
        prices.add(await titlePrice(page));
    }
    assert.equal(await titlePrice(page), await serverPrice());
    assert.ok(prices.size > 3, 'the price moves');
    const [first, ...others] = answers;
    assert.match(first.asked ?? '', /^[0-9a-f]{16}$/);
    for (const [i, answer] of others.entries())
        assert.equal(answer.asked, answers[i].cursor);
    /* The axis may have moved once. */
    const deltas = answers.filter((answer) => answer.since);
    assert.ok(deltas.length >= 4, `${deltas.length} deltas`);
    for (const answer of deltas) {
        assert.equal(answer.since, answer.asked);
        assert.ok(answer.bytes < DELTA_BYTES, `${answer.bytes} bytes`);
    }
    assert.deepEqual(page.problems, []);
});

test('a page whose map does not fit what changed asks for the whole map', async (t) => {
    const { page, answers } = await visit(t);
    await refresh(page, answers);
    let damaged = 0;
    await page.route('**/api/v1/heatmap?*since=*', async (route) => {
        const response = await route.fetch();
        const json = await response.json();
        damaged++;
        await route.fulfill({ response, json: { ...json, since: 'ffffffffffffffff' } });
    });
    await refresh(page, answers);
    await page.unroute('**/api/v1/heatmap?*since=*');
    const whole = () => answers.find(({ asked }) => asked === null);
    await until(whole, 'the whole map');
    await idle(page);
    assert.ok(damaged > 0 && whole().since === undefined);
    assert.equal(await page.getByTestId('notice').isVisible(), false);
    assert.equal(await titlePrice(page), await serverPrice());
    /* And goes on from there. */
    await refresh(page, answers);
    assert.ok(answers.some(({ asked, since }) => asked === whole().cursor && since === asked));
    assert.deepEqual(page.problems, []);
});
