/* The page on a desktop: the map, the tooltip, choices, refresh. */

import assert from 'node:assert/strict';
import { density, price, usd } from '../../www/js/data/format.js';
import { BOTH, answer, browserOfFile, frames, hover, idle, leave, near, pageTests, paletteShare, pixels, requested, state, text, until, view, wheel, hideTab } from './helpers.mjs';
import { EXCHANGE_NOW } from './mock-market.mjs';

const HOUR = 3600000;
const browser = browserOfFile();

const pageTest = pageTests(browser);

/** Count in the page what is drawn: the map, new images, frames. */
async function countCanvas(page) {
    await page.evaluate(() => {
        const own = CanvasRenderingContext2D.prototype;
        const { drawImage, putImageData } = own;
        window.counted = { map: 0, painted: 0, frames: 0 };
        own.drawImage = function (image, ...rest) {
            window.counted.map += image instanceof HTMLCanvasElement && image.width === 500 ? 1 : 0;
            return drawImage.call(this, image, ...rest);
        };
        own.putImageData = function (...args) {
            window.counted.painted++;
            return putImageData.apply(this, args);
        };
        const count = () => {
            window.counted.frames++;
            requestAnimationFrame(count);
        };
        requestAnimationFrame(count);
    });
}

pageTest('the map is drawn in the colours of the palette', { looks: true }, async (page) => {
    await leave(page);
    const { share, colours } = paletteShare(await pixels(page));
    assert.ok(share > 0.8, `${share} of the pane`);
    assert.ok(colours > 100, `${colours} colours`);
    assert.equal((await state(page)).state, 'live');
});

pageTest('the whole window is shown, candles large enough, inside the map', { looks: true }, async (page, mock) => {
    const json = await answer(mock, 'symbol=BTCUSDT&interval=1h&bars=500');
    const v = await view(page);
    assert.ok(v.from <= 0 && v.to >= 499.5 && v.to < 530);
    const high = Math.max(...json.candles.high);
    const low = Math.min(...json.candles.low);
    assert.ok(v.low <= low && v.high >= high);
    assert.ok((high - low) / (v.high - v.low) > 1 / 3, 'candles fill a third of the height');
    assert.ok(v.low >= json.grid.price_min && v.high <= json.grid.price_min + json.grid.rows * json.grid.price_step);
});

pageTest('the tooltip tells the JSON under the cursor', { looks: true }, async (page, mock) => {
    const json = await answer(mock, 'symbol=BTCUSDT&interval=1h&bars=500');
    const v = await view(page);
    for (const [fx, fy] of [[0.2, 0.3], [0.5, 0.15], [0.71, 0.62], [0.9, 0.9]]) {
        const [x, y] = [Math.round(fx * v.width), Math.round(fy * v.height)];
        await hover(page, x, y);
        const tip = await page.getByTestId('tooltip').evaluate((e) => ({ ...e.dataset }));
        const column = Math.round(v.from + (v.to - v.from) * (x + 0.5) / v.width);
        near(Number(tip.column), column, 1, 'candle under the cursor');
        near(Number(tip.price), v.high - (v.high - v.low) * (y + 0.5) / v.height, (v.high - v.low) / v.height * 1.5, 'price under the cursor');
        await checkTip(page, json, Number(tip.column), Number(tip.price));
    }
    /* Where a level has its peak, its own figure, as the list and the card of the cell have it. */
    const level = [...json.levels.short, ...json.levels.long].filter(({ price: at }) => at < v.high && at > v.low).at(-1);
    await hover(page, Math.floor((498.8 - v.from) / (v.to - v.from) * v.width), Math.round((v.high - level.price) / (v.high - v.low) * v.height));
    assert.equal(await text(page, 'tip-density'), `${density(level.density)} / 100`);
});

/** Every line of the tooltip against the answer. */
async function checkTip(page, json, c, p) {
    const { candles, grid, ticker } = json;
    const row = Math.floor((p - grid.price_min) / grid.price_step);
    const cell = grid.cells[row][c];
    const when = new Date(candles.open_time[c]).toISOString();
    assert.match(await text(page, 'tip-time'), new RegExp(`${Number(when.slice(8, 10))} .* ${when.slice(11, 16)} UTC`));
    for (const name of ['open', 'high', 'low', 'close'])
        assert.equal((await text(page, 'tip-' + name)).replaceAll(',', ''), String(candles[name][c].toFixed(1)));
    assert.equal(await text(page, 'tip-price'), price(p, 1));
    assert.equal(await text(page, 'tip-density'), cell === 0 ? 'none' : `${density(100 * cell / grid.max, 1)} / 100`);
    assert.equal(await text(page, 'tip-usd'), '≤ ' + usd(cell * grid.quantum * grid.usd_per_unit, cell < 20 ? 1 : 2));
    assert.match(await text(page, 'tip-side'), cell === 0 ? /No modelled positions/ : p < candles.close[c] ? /^Long .*selling/ : /^Short .*buying/);
    const past = c < candles.close.length - 1;
    const distance = 100 * (p / (past ? candles.close[c] : ticker.last) - 1);
    assert.match(await text(page, 'tooltip'), past ? /From its close/ : /From last price/);
    near(parseFloat((await text(page, 'tip-distance')).replace('−', '-')), distance, 0.006, 'distance from last');
    const change = 100 * (candles.close[c] / candles.open[c] - 1);
    near(parseFloat((await text(page, 'tip-change')).replace('−', '-')), change, 0.006, 'change of the candle');
}

pageTest('a zoom under a mouse that keeps still: the tooltip tells the candle now under it', {}, async (page) => {
    const v = await wheel(page, 700, 300, -300);
    await frames(page);
    near(Number(await page.getByTestId('tooltip').getAttribute('data-column')), v.from + (v.to - v.from) * 700.5 / v.width, 1, 'candle');
    await page.getByTestId('chart').press('0');
    await page.waitForFunction(() => Number(document.querySelector('#chart').dataset.timeView.split(' ')[1]) > 500);
    const whole = await view(page);
    near(Number(await page.getByTestId('tooltip').getAttribute('data-column')), whole.from + (whole.to - whole.from) * 700.5 / whole.width, 1, 'candle');
});

pageTest('the swatch has the very colour of the cell on the screen', { looks: true }, async (page, mock) => {
    const { grid } = await answer(mock, 'symbol=BTCUSDT&interval=1h&bars=500');
    const v = await view(page);
    const spots = [];
    for (const [fx, fy] of [[0.15, 0.2], [0.4, 0.9], [0.62, 0.12], [0.8, 0.75], [0.3, 0.5], [0.5, 0.3], [0.7, 0.8]]) {
        const [x, y] = [Math.round(fx * v.width), Math.round(fy * v.height)];
        await hover(page, x, y);
        const cursor = Number(await page.getByTestId('tooltip').getAttribute('data-price'));
        const inRow = (cursor - grid.price_min) / grid.price_step % 1;
        /* On the edge of a row the last bit decides. */
        if (inRow > 0.05 && inRow < 0.95)
            spots.push({ x, y, swatch: await page.getByTestId('tip-swatch').evaluate((e) => getComputedStyle(e).backgroundColor) });
    }
    assert.ok(spots.length >= 4);
    await leave(page);
    const image = await pixels(page);
    for (const { x, y, swatch } of spots)
        assert.equal(swatch, `rgb(${image.at(x, y).join(', ')})`, `at ${x}, ${y}`);
});

pageTest('the tooltip keeps off the cursor and in the pane', { looks: true }, async (page) => {
    const v = await view(page);
    const chart = await page.getByTestId('chart').boundingBox();
    for (const fx of [0.01, 0.5, 0.99]) {
        for (const fy of [0.01, 0.5, 0.99]) {
            const [x, y] = [fx * v.width, fy * v.height];
            await hover(page, x, y);
            const box = await page.getByTestId('tooltip').boundingBox();
            const [left, top] = [box.x - chart.x, box.y - chart.y];
            assert.ok(left >= 0 && top >= 0 && left + box.width <= v.width + 1 && top + box.height <= v.height + 1, `inside at ${fx} ${fy}`);
            assert.ok(x < left || x > left + box.width || y < top || y > top + box.height, `off the cursor at ${fx} ${fy}`);
        }
    }
    await leave(page);
    assert.ok(await page.getByTestId('tooltip').isHidden());
});

pageTest('the crosshair is yellow', { looks: true }, async (page) => {
    await leave(page);
    const v = await view(page);
    const [x, y] = [Math.round(v.width * 0.3), Math.round(v.height * 0.2)];
    await hover(page, x, y);
    const image = await pixels(page);
    const yellow = (at) => at.filter(([r, g, b]) => r > 235 && Math.abs(g - 208) < 8 && Math.abs(b - 56) < 12).length;
    const line = yellow(Array.from({ length: image.width }, (_, i) => image.at(i, y)));
    assert.ok(line > image.width * 0.3 && line < image.width * 0.75, `dashes over ${line} of ${image.width} px`);
});

pageTest('the header is the snapshot’s', { looks: true }, async (page, mock) => {
    const { ticker } = await answer(mock, 'symbol=BTCUSDT&interval=1h&bars=500');
    assert.equal(await text(page, 'price'), price(ticker.last, 1));
    assert.equal(await text(page, 'stat-high'), price(ticker.high_24h, 1));
    assert.equal(await text(page, 'stat-low'), price(ticker.low_24h, 1));
    assert.equal(await text(page, 'stat-oi'), '$9.42 B');
    assert.equal(await text(page, 'stat-funding'), '+0.0041 % (+4.5 % a year)');
    assert.match(await page.textContent('.stat-funding dt'), /^Funding in 07:(39|40):\d\d$/, 'countdown on the exchange’s clock');
    assert.equal(await text(page, 'stat-ratio'), '61.3 / 38.7 %');
    assert.equal(await text(page, 'stat-imbalance'), '59 % shorts');
    assert.match(await text(page, 'age'), /^\d+ s$/);
    assert.match(await page.title(), /BTCUSDT 1h/);
});

pageTest('colour bar: density, dollars, and what they mean', { looks: true }, async (page) => {
    const bar = await text(page, 'legend');
    assert.match(bar, /Density.*≥ \d+.*\$.*M/);
    assert.match(bar, /modelled open interest in one price row .*upper bound/);
});

pageTest('interval and candles: by mouse and keys, in the address, back and forward', {}, async (page) => {
    await page.getByRole('radio', { name: '4h' }).click();
    await idle(page);
    assert.match(page.url(), /interval=4h&bars=500/);
    assert.equal(await text(page, 'symbol-name'), 'BTCUSDT');
    await page.getByRole('radio', { name: '500', exact: true }).focus();
    await page.keyboard.press('ArrowLeft');
    await idle(page);
    assert.match(page.url(), /interval=4h&bars=200/);
    assert.ok((await view(page)).to < 215, 'the view is the new window');
    await page.goBack();
    await idle(page);
    assert.match(page.url(), /bars=500/);
    assert.ok(await page.getByRole('radio', { name: '500', exact: true }).isChecked());
    await page.goForward();
    await idle(page);
    assert.ok((await view(page)).to < 215);
    await page.reload();
    await idle(page);
    assert.ok(await page.getByRole('radio', { name: '4h' }).isChecked());
    assert.ok(await page.getByRole('radio', { name: '200', exact: true }).isChecked());
});

pageTest('panning left of the first candle loads older ones, without a jump', { bars: 200 }, async (page, mock) => {
    const entries = await page.evaluate(() => history.length);
    const before = await view(page);
    const box = await page.getByTestId('chart').boundingBox();
    await page.mouse.move(box.x + 300, box.y + 300);
    await page.mouse.down();
    let release;
    mock.hold = new Promise((resolve) => { release = resolve; });
    await page.mouse.move(box.x + 600, box.y + 300, { steps: 4 });
    await page.mouse.up();
    const panned = await view(page);
    assert.ok(panned.from < -10);
    release();
    await requested(mock, 2);
    await idle(page);
    const now = await view(page);
    assert.match(mock.requests.filter((r) => r.route === 'heatmap').at(-1).query, /bars=500/);
    near(now.to - now.from, before.to - before.from, 0.5, 'as many candles');
    near(now.from - 300, panned.from, 0.5, 'where the mouse left it');
    assert.equal(mock.requests.filter((r) => r.route === 'heatmap').length, 2, 'asked for once');
    await hover(page, 20, 300);
    assert.ok(Number(await page.getByTestId('tooltip').getAttribute('data-column')) >= 0, 'a candle is there');
    assert.match(page.url(), /bars=500/);
    assert.equal(await page.evaluate(() => history.length), entries, 'no entry of its own in the history');
});

pageTest('beyond 1500 candles the maps of older windows are joined, marked and bounded', { bars: 1500, query: '?executed=circles' }, async (page, mock) => {
    const asked = () => mock.requests.filter((r) => r.route === 'heatmap');
    const box = await page.getByTestId('chart').boundingBox();
    const drag = async (by) => {
        await page.mouse.move(box.x + 200, box.y + 300);
        await page.mouse.down();
        await page.mouse.move(box.x + 200 + by, box.y + 300, { steps: 3 });
        await page.mouse.up();
    };
    const before = await view(page);
    const colours = await page.getByTestId('legend').textContent();
    let release;
    mock.hold = new Promise((resolve) => { release = resolve; });
    await drag(300);
    const panned = await view(page);
    assert.ok(panned.from < -100);
    release();
    await page.waitForFunction((from) => Number(document.querySelector('#chart').dataset.timeView.split(' ')[0]) > from + 800, panned.from);
    const now = await view(page);
    /* The mock's history begins 2400 candles ago. */
    near(now.from - panned.from, 901, 0.5, 'where the mouse left it, the older candles before the others');
    near(now.to - now.from, before.to - before.from, 0.5, 'as many candles');
    assert.equal(asked().length, 2);
    const end = Date.parse(new URLSearchParams(asked()[1].query).get('end'));
    const { candles } = await answer(mock, 'symbol=BTCUSDT&interval=1h&bars=1500');
    assert.equal(end, candles.open_time[100], 'they overlap, as the newest moves on');
    const executed = () => mock.requests.filter((r) => r.route === 'liquidations').map((r) => new URLSearchParams(r.query).get('end'));
    await until(() => executed().length > 1, 'the executed liquidations of the older map');
    /* The mock's maps of the past have a candle that opens at their end. */
    assert.deepEqual(executed().map((text) => text && Date.parse(text)), [null, end + HOUR], 'up to the close of its last candle');
    await hover(page, 40, 300);
    assert.ok(Number(await page.getByTestId('tooltip').getAttribute('data-column')) < 901);
    assert.match(await text(page, 'tooltip'), /\$/, 'an older cell has a value');
    assert.equal(await page.getByTestId('legend').textContent(), colours, 'no colour means something else');
    await leave(page);
    for (let i = 0; i < 3; i++)
        await drag(900);
    await requested(mock, 3);
    await frames(page);
    const beyond = await view(page);
    assert.ok(beyond.from < -100, `${beyond.from}`);
    await drag(50);
    await requested(mock, 3);
    await page.getByTestId('reset-view').click();
    const reset = await view(page);
    near(reset.to - reset.from, before.to - before.from, 0.5, 'all of the newest map');
    near(reset.from, before.from + 901, 0.5, 'and no older one');
});

pageTest('a range of time chooses interval, candles and view', { bars: 0 }, async (page) => {
    await page.waitForURL(/bars=200/); /* the address follows a moment later */
    await page.getByTestId('span').selectOption('1w');
    await idle(page);
    assert.match(page.url(), /interval=1h&bars=200/);
    const week = await view(page);
    near(week.from, 199.5 - 168, 0.1, 'a week of hours');
    assert.ok(week.to > 200, 'up to now');
    assert.equal(await page.getByTestId('span').inputValue(), '1w');
    await page.getByTestId('span').selectOption('6M');
    await idle(page);
    assert.match(page.url(), /interval=1d&bars=200/);
    near((await view(page)).from, 199.5 - 180, 0.1, 'half a year of days');
    await page.getByRole('radio', { name: '4h' }).click();
    await idle(page);
    assert.equal(await page.getByTestId('span').inputValue(), '');
});

pageTest('a symbol is typed, completed and offered', {}, async (page) => {
    await page.getByLabel('Symbol').fill('sol');
    await page.getByLabel('Symbol').press('Enter');
    await idle(page);
    assert.match(page.url(), /symbol=SOLUSDT/);
    assert.equal(await text(page, 'symbol-name'), 'SOLUSDT');
    const offered = await page.locator('#symbols option').evaluateAll((all) => all.map((o) => o.value));
    assert.deepEqual(offered, ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'DOGEUSDT']);
});

pageTest('a symbol nobody lists: what is allowed, and no old map under its name', {}, async (page) => {
    await page.getByLabel('Symbol').fill('NOSUCHUSDT');
    await page.getByLabel('Symbol').press('Enter');
    await idle(page);
    assert.match(await text(page, 'blank-error'), /NOSUCHUSDT.*Allowed: BTCUSDT/);
    assert.ok(await page.getByTestId('blank').isVisible());
    assert.equal(await text(page, 'symbol-name'), 'NOSUCHUSDT');
    assert.equal(await text(page, 'price'), '');
    await page.getByLabel('Symbol').fill('ETH');
    await page.getByLabel('Symbol').press('Enter');
    await idle(page);
    assert.equal((await state(page)).state, 'live');
    assert.ok(await page.getByTestId('blank').isHidden());
});

pageTest('the old map stays while the next one loads, and a second choice drops the first', {}, async (page, mock) => {
    let release;
    mock.hold = new Promise((resolve) => { release = resolve; });
    await page.getByRole('radio', { name: '5m', exact: true }).click();
    await requested(mock, 2);
    let s = await state(page);
    assert.deepEqual([s.map, s.switching, s.busy], ['true', 'true', 'true']);
    const image = await pixels(page);
    const shades = new Set(Array.from({ length: image.height }, (_, y) => image.at(300, y).join()));
    assert.ok(shades.size > 50, 'dimmed, but there');
    await page.getByRole('radio', { name: '15m' }).click();
    await requested(mock, 3);
    const [, first, second] = mock.requests.filter((r) => r.route === 'heatmap');
    await until(() => first.aborted, 'the first request is dropped');
    release();
    mock.hold = null;
    await idle(page);
    s = await state(page);
    assert.deepEqual([s.state, s.switching], ['live', 'false']);
    assert.match(first.query, /interval=5m/);
    assert.match(second.query, /interval=15m/);
    assert.match(await page.title(), / 15m /);
});

pageTest('refresh follows the server’s expiry and costs nothing when nothing changed', { clock: true }, async (page, mock) => {
    await countCanvas(page);
    await page.clock.fastForward(19000);
    await requested(mock, 1);
    await idle(page);
    /* On a busy machine the last of the first painting may come this late. */
    const painted = () => page.evaluate(() => window.counted.painted);
    const before = await painted();
    await page.clock.fastForward(2500);
    await requested(mock, 2);
    await idle(page);
    const again = mock.requests.filter((r) => r.route === 'heatmap')[1];
    assert.match(again.query, /since=[0-9a-f]+/, 'only what changed is asked for');
    assert.match(await text(page, 'age'), /^[12] s$/, 'the age is that of the new answer');
    assert.equal(await painted(), before, 'the map is not painted again');
});

pageTest('refresh keeps zoom and pan; closed columns keep their colours', { clock: true }, async (page, mock) => {
    const axis = (await view(page)).width + 20;
    await wheel(page, 600, 300, -300);
    const was = await wheel(page, axis, 300, -200);
    assert.ok(was.to - was.from < 490, 'the wheel zoomed time');
    await leave(page);
    const before = await pixels(page);
    mock.now = EXCHANGE_NOW + 20000;
    await page.clock.fastForward(21500);
    await requested(mock, 2);
    await idle(page);
    assert.deepEqual(await view(page), was);
    const now = await pixels(page);
    let changed = 0;
    for (let y = 0; y < now.height; y += 2) {
        for (let x = 0; x < now.width * 0.6; x += 2)
            changed += now.at(x, y).join() === before.at(x, y).join() ? 0 : 1;
    }
    assert.ok(changed < now.width, `${changed} pixels changed`);
});

pageTest('a new candle: history stays where it is', { clock: true }, async (page, mock) => {
    const was = await wheel(page, 200, 300, -600);
    await leave(page);
    assert.ok(was.to < 480, 'a view of history');
    mock.now = EXCHANGE_NOW + HOUR;
    await page.clock.fastForward(21500);
    await requested(mock, 2);
    await idle(page);
    const now = await view(page);
    near(now.from, was.from - 1, 0.01, 'the same candles, one place to the left');
    near(now.to, was.to - 1, 0.01, 'the same candles, one place to the left');
});

pageTest('a new candle: a view of the newest goes on following it', { clock: true }, async (page, mock) => {
    const was = await view(page);
    mock.now = EXCHANGE_NOW + HOUR;
    await page.clock.fastForward(21500);
    await requested(mock, 2);
    await idle(page);
    const now = await view(page);
    near(now.from, was.from, 0.01, 'from');
    near(now.to, was.to, 0.01, 'to');
});

pageTest('the tooltip follows a refresh without a move of the mouse', { clock: true }, async (page, mock) => {
    const v = await view(page);
    await hover(page, v.width * 499 / (v.to - v.from), v.height * 0.5);
    const was = await text(page, 'tip-close');
    mock.now = EXCHANGE_NOW + 600000;
    await page.clock.fastForward(21500);
    await requested(mock, 2);
    await idle(page);
    assert.notEqual(await text(page, 'tip-close'), was);
});

pageTest('a hidden tab asks for nothing and catches up when seen', { clock: true }, async (page, mock) => {
    await hideTab(page, true);
    await page.clock.fastForward(300000);
    await frames(page);
    await requested(mock, 1);
    await hideTab(page, false);
    await requested(mock, 2);
    await idle(page);
    await hideTab(page, true);
    await page.clock.fastForward(3000);
    await hideTab(page, false);
    await frames(page);
    await requested(mock, 2);
});

pageTest('double click and the button show the whole window again', {}, async (page) => {
    const whole = await view(page);
    const box = await page.getByTestId('chart').boundingBox();
    for (const reset of [() => page.mouse.dblclick(box.x + 300, box.y + 300), () => page.getByTestId('reset-view').click()]) {
        await wheel(page, 600, 300, -300);
        const zoomed = await wheel(page, whole.width + 20, 300, -300);
        assert.ok(zoomed.to - zoomed.from < whole.to - whole.from - 10);
        assert.ok(zoomed.high - zoomed.low < 0.8 * (whole.high - whole.low), 'the wheel over the price axis zooms prices');
        await reset();
        const v = await view(page);
        near(v.from, whole.from, 0.01, 'from');
        near(v.high, whole.high, 1, 'high');
    }
});

pageTest('a drag pans time, and on the axis it scales prices', {}, async (page) => {
    const was = await view(page);
    const box = await page.getByTestId('chart').boundingBox();
    /* To the left: to the right older candles would be loaded. */
    await page.mouse.move(box.x + 620, box.y + 300);
    await page.mouse.down();
    await page.mouse.move(box.x + 500, box.y + 300, { steps: 40 });
    await page.mouse.up();
    const panned = await view(page);
    near(panned.from, was.from + 120 * (was.to - was.from) / was.width, 4, 'panned by the drag');
    await page.mouse.move(box.x + box.width - 20, box.y + 300);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 20, box.y + 200, { steps: 20 });
    await page.mouse.up();
    const scaled = await view(page);
    assert.ok(Math.abs((scaled.high - scaled.low) / (panned.high - panned.low) - 1) > 0.05);
});

pageTest('resize: the chart fills the window and shows the same candles', {}, async (page) => {
    const was = await view(page);
    await page.setViewportSize({ width: 1000, height: 640 });
    await page.waitForFunction(() => Number(document.querySelector('#chart').dataset.pane.split(' ')[0]) < 900);
    const now = await view(page);
    near(now.from, was.from, 1, 'from');
    near(now.to, was.to, 1, 'to');
    await leave(page);
    const { share } = paletteShare(await pixels(page));
    assert.ok(share > 0.8, `${share} of the pane`);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 1000);
});

pageTest('keys move the crosshair and speak', { looks: true }, async (page, mock) => {
    await page.getByTestId('chart').focus();
    await page.keyboard.press('ArrowLeft');
    const json = await answer(mock, 'symbol=BTCUSDT&interval=1h&bars=500');
    const tip = () => page.getByTestId('tooltip').evaluate((e) => ({ column: Number(e.dataset.column), price: Number(e.dataset.price) }));
    const first = await tip();
    assert.equal(first.column, 499, 'it begins at the newest candle');
    await page.keyboard.press('Shift+ArrowUp');
    near((await tip()).price, first.price + 10 * json.grid.price_step, 1e-6, 'ten rows up');
    assert.match(await page.locator('#spoken').textContent(), /price .* density \d/);
    const empty = json.grid.cells.findIndex((row) => row[498] === 0);
    const priceOf = () => tip().then((t) => Math.floor((t.price - json.grid.price_min) / json.grid.price_step));
    await page.keyboard.press('ArrowLeft');
    for (let i = 0; i < 200 && await priceOf() !== empty && json.grid.cells[await priceOf()][498] !== 0; i++)
        await page.keyboard.press('ArrowDown');
    assert.equal(await text(page, 'tip-density'), 'none');
    assert.match(await page.locator('#spoken').textContent(), /density none\. No modelled positions here/);
    await page.keyboard.press('Escape');
    assert.ok(await page.getByTestId('tooltip').isHidden());
});

pageTest('how to read it: opens, says what cannot be known, closes, gives the focus back', { looks: true }, async (page) => {
    await page.getByTestId('help-open').focus();
    await page.keyboard.press('Enter');
    const help = page.getByTestId('help');
    await help.waitFor();
    const words = await help.textContent();
    for (const part of [/not a magnet/, /not a\s+forecast/, /upper bound/, /Below price: long liquidations/, /gauss7/, /100× 4 %/])
        assert.match(words, part);
    await page.keyboard.press('Escape');
    assert.ok(await help.isHidden());
    assert.equal(await page.evaluate(() => document.activeElement.id), 'help-open');
});

pageTest('everything to choose has a name and is reached by the keyboard', {}, async (page) => {
    const reached = new Set();
    await page.locator('body').evaluate((body) => body.focus());
    for (let i = 0; i < 20; i++) {
        await page.keyboard.press('Tab');
        reached.add(await page.evaluate(() => document.activeElement.id || document.activeElement.name));
    }
    for (const id of ['help-open', 'symbol', 'interval', 'bars', 'span', 'reset-view', 'view-menu-open', 'chart', 'json-link'])
        assert.ok(reached.has(id), `${id} among ${[...reached]}`);
    assert.deepEqual(await page.locator('#controls').getByRole('group').evaluateAll((all) => all.map((e) => e.querySelector('legend')?.textContent)), ['Interval', 'Candles']);
});

pageTest('the library’s notice and the disclaimer are in the footer', { looks: true }, async (page) => {
    const link = page.getByTestId('attribution');
    assert.ok(await link.isVisible());
    assert.match(await link.getAttribute('href'), /^https:\/\/www\.tradingview\.com\//);
    assert.match(await page.locator('footer').textContent(), /A model’s estimate, not advice/);
});

pageTest('a moving mouse draws the map once a frame and never paints it anew', { looks: true }, async (page) => {
    await countCanvas(page);
    for (let i = 0; i < 30; i++)
        await hover(page, 200 + 10 * i, 200 + 5 * i);
    const counted = await page.evaluate(() => window.counted);
    assert.equal(counted.painted, 0);
    assert.ok(counted.map <= counted.frames, `${counted.map} draws in ${counted.frames} frames`);
});

pageTest('volume and cumulative delta are in panes of their own, in step with the map', { sizes: BOTH }, async (page, mock, { phone, press }) => {
    page.setDefaultTimeout(60000);
    const plots = () => page.getByTestId('chart').getAttribute('data-plots');
    const line = (i) => page.locator('.volume-line').nth(i);
    const shown = (wanted) => page.waitForFunction((plots) => (document.querySelector('#chart').dataset.plots ?? '') === plots, wanted);
    const asked = () => mock.requests.filter((r) => r.route === 'volume');
    const loaded = () => page.evaluate(() => performance.getEntriesByType('resource').some(({ name }) => /\/panes[-.]/.test(name)));
    assert.equal(asked().length, 0, 'nothing is asked for before it is shown');
    assert.equal(await loaded(), false, 'nor is its code');
    const before = await view(page);
    await press('view-open');
    await press('volume');
    await page.keyboard.press('Escape');
    await shown('volume cumulative');
    assert.ok(await loaded());
    await page.waitForFunction((height) => Number(document.querySelector('#chart').dataset.pane.split(' ')[1]) < height, before.height);
    assert.match(asked()[0].query, /exchange=binance/);
    const after = await view(page);
    near(after.from, before.from, 0.01, 'the same candles, from');
    near(after.to, before.to, 0.01, 'the same candles, to');
    assert.ok(after.height > before.height / 2, 'the map keeps most of the room');
    assert.match(await line(0).textContent(), /^Volume [\d.]+ k? ?BTC · Open interest \$8\.9\d* B; its history is not read\.$/);
    assert.match(await line(1).textContent(), /^Cumulative delta [+−][\d.]+ k? ?BTC \(candle [+−][\d.]+( k)?\)$/);
    await page.waitForFunction(() => location.search.includes('volume=on'));

    /* Candles of another interval: the panes never add times of their own. */
    await press(page.locator('#intervals label').filter({ hasText: '15m' }));
    await page.waitForFunction(() => document.body.dataset.busy === 'false' && document.body.dataset.switching === 'false');
    await until(() => asked().length === 2, 'volumes of the other interval');
    await shown('volume cumulative');
    const other = await view(page);
    near(other.from, before.from, 0.01, 'as many candles, from');
    near(other.to, before.to, 1, 'as many candles, to');

    if (!phone) {
        await hover(page, 300, 200);
        const [first, second] = [await line(0).textContent(), await line(1).textContent()];
        await hover(page, 300, other.height + 40);
        assert.ok(await page.getByTestId('tooltip').isHidden(), 'no price of the map there');
        assert.deepEqual([await line(0).textContent(), await line(1).textContent()], [first, second], 'the same candle');
        await hover(page, 700, other.height + 40);
        assert.notEqual(await line(0).textContent(), first);
    }
    await press('view-open');
    await press('volume');
    await page.keyboard.press('Escape');
    await shown('');
    await page.waitForFunction((height) => Number(document.querySelector('#chart').dataset.pane.split(' ')[1]) === height, before.height);
    assert.ok(await page.getByTestId('volume-caption').isHidden());
});

pageTest('a pane says what the exchange does not give, and what failed', { query: '?volume=on', set: { takers: false } }, async (page, mock) => {
    page.setDefaultTimeout(60000);
    const caption = page.getByTestId('volume-caption');
    await page.waitForFunction(() => document.querySelector('#chart').dataset.plots === 'volume');
    assert.match(await caption.textContent(), /No cumulative delta: Binance gives no taker volume\./);
    mock.othersFail = true;
    await page.locator('#intervals label').filter({ hasText: '4h' }).click();
    await page.waitForFunction(() => document.querySelector('.volume-caption').textContent === 'No volume: The exchange is busy.');
    assert.equal(await page.getByTestId('chart').getAttribute('data-plots'), '');
});

pageTest('works under any path prefix', { prefix: '/tools/liqmap', query: '?symbol=ETHUSDT&interval=1d&bars=1500' }, async (page) => {
    assert.equal(await text(page, 'symbol-name'), 'ETHUSDT');
    assert.ok((await view(page)).to > 1499, '1500 candles fit');
});
