/* Alerts, on a desktop and on a phone. */

import assert from 'node:assert/strict';
import { BOTH, answer, browserOfFile, frames, idle, launchWhole, maps, pageTests, text, until, hideTab } from './helpers.mjs';
import { EXCHANGE_NOW } from './mock-market.mjs';

const pageTest = pageTests(browserOfFile());
/* The one without windows shows no notifications. */
const wholeTest = pageTests(browserOfFile(launchWhole));

pageTest('an alert: switched on, reported once, also in the background, remembered', { sizes: BOTH, clock: true }, async (page, mock, { phone, press }) => {
    await page.evaluate(() => {
        window.notes = [];
        window.tones = 0;
        window.asked = 0;
        window.Notification = class {
            static permission = 'default';

            static async requestPermission() {
                window.asked++;
                window.Notification.permission = 'granted';
                return 'granted';
            }

            constructor(title, { body }) {
                window.notes.push(`${title}: ${body}`);
            }
        };
        const { start } = OscillatorNode.prototype;
        OscillatorNode.prototype.start = function (...args) {
            window.tones++;
            return start.apply(this, args);
        };
    });
    const notes = () => page.evaluate(() => window.notes);
    /* The page's clock goes on by itself as well. */
    const refresh = async (ms) => {
        const was = maps(mock);
        await page.clock.fastForward(ms);
        await until(() => maps(mock) > was, 'a refresh');
        await idle(page);
    };
    const minute = () => {
        mock.now += 20000;
        return refresh(21500);
    };
    if (phone) {
        await press('view-open');
        await press('menu-alerts');
    } else {
        await press('alerts-open');
    }
    await page.getByTestId('alerts-percent').fill('20');
    await page.getByTestId('alerts-percent').press('Enter');
    await page.getByTestId('alerts-density').fill('1');
    await page.getByTestId('alerts-density').press('Enter');
    assert.equal(await page.evaluate(() => window.asked), 0, 'permission is asked for on switching on');
    await press('alerts-on');
    await page.getByTestId('alerts-permission').filter({ hasText: 'notification' }).waitFor();
    assert.equal(await page.evaluate(() => window.asked), 1);
    await page.waitForFunction(() => new AudioContext().state !== 'closed');
    await page.keyboard.press('Escape');
    mock.now = EXCHANGE_NOW;
    await minute();
    const first = await notes();
    assert.equal(first.length, 1);
    assert.match(first[0], /^BTCUSDT 1\d\d,\d{3}\.\d: (Longs|Shorts) at .*density \d+\. And \d+ more\.$/);
    assert.match(await text(page, 'toast'), /density/);
    assert.ok(await page.evaluate(() => window.tones) >= 2, 'two tones');
    await minute();
    assert.equal((await notes()).length, 1, 'nothing is reported twice');
    await page.locator('#toast-close').click();
    assert.ok(await page.getByTestId('toast').isHidden());
    await hideTab(page, true);
    const shown = maps(mock);
    await page.clock.fastForward(30000);
    await frames(page);
    assert.equal(maps(mock), shown, 'once a minute in the background');
    await refresh(31000);
    await page.reload();
    await idle(page);
    if (!phone)
        assert.equal(await page.getByTestId('alerts-open').getAttribute('aria-label'), 'Alerts, on');
    assert.equal(await page.evaluate(() => JSON.parse(localStorage.getItem('liqmap.alerts')).percent), 20);
});

pageTest('old data and the past alert nobody', {}, async (page, mock) => {
    await page.evaluate(() => localStorage.setItem('liqmap.alerts', JSON.stringify({ on: true, percent: 20, density: 1, minutes: 1, sound: false })));
    await page.goto(`${mock.url}?end=2025-10-11T00:00:00Z`);
    await idle(page);
    assert.ok(await page.getByTestId('toast').isHidden());
    mock.state = 'stale';
    await page.goto(mock.url);
    await idle(page);
    assert.ok(await page.getByTestId('toast').isHidden());
    mock.state = 'demo';
    await page.goto(mock.url);
    await idle(page);
    assert.match(await text(page, 'toast'), /^DEMO: BTCUSDT/);
});

wholeTest('the browser shows the notification', { shared: false }, async (page, mock) => {
    await page.context().grantPermissions(['notifications'], { origin: new URL(mock.url).origin });
    await page.addInitScript(() => {
        localStorage.setItem('liqmap.alerts', JSON.stringify({ on: true, percent: 20, density: 1, minutes: 1, sound: false }));
        const Real = window.Notification;
        window.seen = new Promise((resolve, reject) => {
            window.Notification = class extends Real {
                constructor(...args) {
                    super(...args);
                    this.addEventListener('show', () => resolve({ title: this.title, body: this.body, tag: this.tag }));
                    this.addEventListener('error', () => reject(new Error('not shown')));
                }
            };
        });
    });
    await page.reload();
    const { title, body, tag } = await page.evaluate(() => window.seen);
    assert.match(title, /^BTCUSDT 1\d\d,\d{3}\.\d$/);
    assert.match(body, /density \d+/);
    assert.equal(tag, 'liqmap');
});

pageTest('a level is watched by its bell, and told when it is swept; a price when it is reached', { panel: true, clock: true }, async (page, mock) => {
    const bell = page.locator('.ladder tr[data-side="long"] .bell').first();
    await bell.click();
    assert.equal(await bell.getAttribute('aria-pressed'), 'true');
    assert.equal(await page.getByTestId('watched').locator('li').count(), 1);
    await page.getByTestId('alerts-open').click();
    await page.getByTestId('alerts-price').fill('1');
    await page.getByTestId('alerts-add').click();
    assert.equal(await page.getByTestId('watched').locator('li').count(), 2);
    const stored = () => page.evaluate(() => JSON.parse(localStorage.getItem('liqmap.watched')));
    assert.equal((await stored()).length, 2);
    await page.keyboard.press('Escape');
    /* A level where price is, and where the map has none. */
    const { ticker: { last } } = await answer(mock, 'symbol=BTCUSDT&interval=1h&bars=500');
    await page.evaluate((price) => {
        const [level] = JSON.parse(localStorage.getItem('liqmap.watched'));
        localStorage.setItem('liqmap.watched', JSON.stringify([{ ...level, side: 'short', price, from: price - 1, to: price + 1 }]));
    }, last);
    await page.reload();
    await idle(page);
    assert.match(await text(page, 'toast'), /^BTCUSDT .*Shorts at [\d,.]+ swept: price passed and the level is gone/);
    assert.deepEqual(await stored(), []);
});
