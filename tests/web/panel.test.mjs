/* What stands around the map: side panel, levels, profile, filters, the card of
 * a cell; at the desk and on a phone. */

import assert from 'node:assert/strict';
import { price, usd } from '../../www/js/data/format.js';
import { DESKTOP, PHONE, answer, browserOfFile, frames, hover, idle, leave, near, pageTests, paletteShare, pixels, text, until, view } from './helpers.mjs';
import { decodePng } from './png.mjs';

const USUAL = 'symbol=BTCUSDT&interval=1h&bars=500';
const browser = browserOfFile();

const panelTest = pageTests(browser, { panel: true });

const ask = async (mock, path) => (await fetch(`${mock.url}api/v1/${path}`)).json();
const routes = (mock, route) => mock.requests.filter((r) => r.route === route);
const rows = (page) => page.locator('.ladder tbody tr[data-side]');
const panel = (page) => page.getByTestId('panel');
const profileKind = (page) => page.getByTestId('chart').getAttribute('data-profile');
const profileIs = (page, kind) => page.waitForFunction((k) => document.querySelector('#chart').dataset.profile === k, kind);
const yOf = (v, p) => v.height * (v.high - p) / (v.high - v.low);

/** What the list shows before anything is unfolded: four levels on either side. */
const listed = ({ short, long }) => [
    ...[...short].sort((a, b) => b.price - a.price).slice(-4), ...[...long].sort((a, b) => b.price - a.price).slice(0, 4),
];

/** Click the middle of a cell: column, price. */
async function clickCell(page, column, p) {
    const v = await view(page);
    const box = await page.getByTestId('chart').boundingBox();
    await page.mouse.click(box.x + (column - v.from) / (v.to - v.from) * v.width, box.y + yOf(v, p));
}

panelTest('the panel is open beside the chart, closes, and is remembered', {}, async (page) => {
    const chart = () => page.getByTestId('chart').boundingBox();
    const beside = await panel(page).boundingBox();
    const narrow = await chart();
    assert.ok(narrow.x + narrow.width <= beside.x + 1, 'beside the chart, not over it');
    assert.equal(await page.getByTestId('panel-toggle').getAttribute('aria-expanded'), 'true');
    await page.getByTestId('panel-toggle').focus();
    await page.keyboard.press('Enter');
    assert.ok(await panel(page).isHidden());
    assert.ok((await chart()).width > narrow.width + 300, 'the chart takes the room');
    await page.locator('#sec-levels').evaluate((e) => { e.open = false; });
    await page.reload();
    await idle(page);
    assert.ok(await panel(page).isHidden(), 'still closed');
    await page.getByTestId('panel-toggle').click();
    assert.ok(await page.getByTestId('levels').isHidden(), 'folded as before');
    assert.ok(await page.getByTestId('imbalance').isVisible());
});

panelTest('a browser that remembers nothing still has a panel', { shared: false }, async (page) => {
    await page.addInitScript(() => Object.defineProperty(window, 'localStorage', { get: () => { throw new Error('forbidden'); } }));
    await page.reload();
    await idle(page);
    assert.ok(await panel(page).isVisible());
    await page.getByTestId('panel-toggle').click();
    assert.ok(await panel(page).isHidden());
});

panelTest('levels are a table: price, side, dollars, distance, age, tiers, by price', { looks: true }, async (page, mock) => {
    const { levels, ticker } = await answer(mock, USUAL);
    const expected = listed(levels);
    const table = page.getByRole('table', { name: /Levels by price/ });
    assert.deepEqual(await table.getByRole('columnheader').allTextContents(), ['Price', 'Side', '≤ Dollars', 'Distance', 'Age', 'Tiers', 'Alert']);
    assert.equal(await rows(page).count(), expected.length);
    for (const [i, level] of expected.entries()) {
        const row = rows(page).nth(i);
        assert.equal(await row.getByRole('rowheader').textContent(), price(level.price, 0));
        const cells = await row.getByRole('cell').allTextContents();
        assert.equal(cells[0], level.price > ticker.last ? 'Short' : 'Long');
        assert.equal(cells[1], usd(level.modelled_usd));
        near(parseFloat(cells[2].replace('−', '-')), level.distance_percent, 0.006, 'distance');
        assert.match(cells[3], /^\d+ h$/);
        const [tier, share] = Object.entries(level.tiers).sort((a, b) => b[1] - a[1])[0];
        assert.ok(cells[4].startsWith(`${tier}× ${Math.round(100 * share)} %`), cells[4]);
    }
    const all = await page.locator('.ladder tbody tr').allTextContents();
    assert.equal(all.findIndex((line) => line.startsWith('Last price')), 5, 'the last price in the middle');
});

panelTest('levels without open interest: parts of the strongest, no dollars', { set: { state: 'degraded' } }, async (page) => {
    assert.doesNotMatch(await page.getByTestId('levels').textContent(), /\$/);
    assert.match(await page.getByTestId('levels').textContent(), /Long\d+ %/);
    assert.equal(await page.getByRole('columnheader', { name: 'Relative' }).count(), 1);
    assert.equal(await page.getByRole('columnheader', { name: /Dollars/ }).count(), 0);
});

/** White lines of the highlighted band in a column of the picture. */
async function bandEdges(page, v, level) {
    const image = await pixels(page);
    const white = (y) => image.at(60, Math.min(image.height - 1, Math.max(0, y))).every((c) => c > 200);
    return [level.to, level.from].map((p) => {
        const y = Math.round(yOf(v, p));
        return [-2, -1, 0, 1, 2].some((d) => white(y + d));
    });
}

panelTest('hover and focus light a level up on the chart; a click centres it', {}, async (page, mock) => {
    const { levels } = await answer(mock, USUAL);
    const expected = listed(levels);
    const i = 3;
    const v = await view(page);
    assert.deepEqual(await bandEdges(page, v, expected[i]), [false, false]);
    await rows(page).nth(i).hover();
    await frames(page);
    assert.deepEqual(await bandEdges(page, v, expected[i]), [true, true], 'edges of the band');
    await leave(page);
    assert.deepEqual(await bandEdges(page, v, expected[i]), [false, false], 'and gone');
    await rows(page).nth(i).locator('.ladder-price').focus();
    await frames(page);
    assert.deepEqual(await bandEdges(page, v, expected[i]), [true, true], 'by the keyboard too');
    await page.keyboard.press('Enter');
    const now = await view(page);
    near((now.low + now.high) / 2, (expected[i].from + expected[i].to) / 2, (now.high - now.low) * 0.01, 'in the middle');
});

panelTest('far levels are folded, and unfold', { size: PHONE }, async (page, mock, { phone, press }) => {
    const { levels } = await answer(mock, USUAL);
    if (phone)
        await press('sheet-open');
    assert.equal(await rows(page).count(), 8);
    const more = page.getByRole('button', { name: 'Show 1 farther above' });
    await press(more);
    assert.equal(await rows(page).count(), 9);
    assert.equal(await rows(page).first().getByRole('rowheader').textContent(), price(Math.max(...levels.short.map((l) => l.price)), 0));
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-expanded')), 'true', 'the focus stays');
    await press(page.getByRole('button', { name: 'Hide 1 farther above' }));
    assert.equal(await rows(page).count(), 8);
});

panelTest('a large level above and below has a line and a label on the axis', { looks: true }, async (page, mock) => {
    const { levels } = await answer(mock, USUAL);
    const v = await view(page);
    const box = await page.getByTestId('chart').boundingBox();
    await leave(page);
    const image = decodePng(await page.screenshot({ clip: { x: box.x, y: box.y, width: Math.floor(box.width), height: Math.floor(box.height) } }));
    for (const [side, colour] of [['short', [31, 122, 85]], ['long', [179, 67, 76]]]) {
        const y = Math.round(yOf(v, levels[side][0].price));
        const of = (x0, x1) => {
            let n = 0;
            for (let x = x0; x < x1; x++)
                n += image.at(x, y - 6).every((c, i) => Math.abs(c - colour[i]) < 6) || image.at(x, y).every((c, i) => Math.abs(c - colour[i]) < 6) ? 1 : 0;
            return n;
        };
        assert.ok(of(Math.round(v.width) + 3, image.width - 3) > 25, `${side}s on the axis`);
        assert.ok(of(10, Math.round(v.width * 0.7)) < 5, 'nothing over closed columns');
    }
});

panelTest('imbalance: a gauge with its numbers within 1, 2, 5 and 10 %', { looks: true }, async (page, mock) => {
    const { statistics } = await answer(mock, USUAL);
    for (const around of [1, 2, 5, 10]) {
        const words = await page.locator(`#imbalance dd[data-percent="${around}"]`).textContent();
        const longs = Math.round(50 - 50 * statistics.imbalance[around]);
        assert.equal(words, `${longs} % longs${100 - longs} % shorts`);
    }
});

panelTest('imbalance beyond the map is said to be unknown', { set: { state: 'degraded' } }, async (page) => {
    assert.equal(await page.locator('#imbalance dd[data-percent="10"]').textContent(), 'beyond the map');
});

panelTest('statistics and the model in words', { looks: true }, async (page) => {
    await page.locator('#sec-statistics summary').click();
    const statistics = await text(page, 'statistics');
    for (const part of [/24 h volume\$/, /Open interest\$9.42 B/, /Funding rate\+0.0041 % \/ 8 h \(\+4.5 % a year\)/, /Next funding in07:/, /Accounts long \/ short61.3 \/ 38.7 %/, /on this map87 %/])
        assert.match(statistics, part);
    await page.locator('#sec-model summary').click();
    const words = await text(page, 'model');
    for (const part of [/gauss7 version 1/, /15m candles since/, /100×−0\.6 \/ \+0\.6 %4 %12 h/, /2×−50 \/ \+49 %15 %60 d/, /margin 0\.4 %/, /4 % of its distance/, /5 % of entries/, /distribute the open interest, a long and a short for each contract, over all/, /upper bound/, /not a magnet and not a forecast/])
        assert.match(words, part);
});

panelTest('the profile: bars at the price axis, the map left of it', { looks: true }, async (page, mock) => {
    await leave(page);
    assert.equal(await profileKind(page), 'tiers');
    const { profile, levels } = await answer(mock, USUAL);
    const v = await view(page);
    /* Where no level has its label. */
    const free = (p) => [...levels.long, ...levels.short].every((level) => Math.abs(yOf(v, level.price) - yOf(v, p)) > 14);
    const image = await pixels(page);
    const tier = (name) => page.evaluate((n) => getComputedStyle(document.documentElement).getPropertyValue(n).trim(), name);
    const same = ([r, g, b], hex) => [r, g, b].every((c, i) => Math.abs(c - parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16)) < 4);
    const long = (row) => {
        const y = Math.round(yOf(v, profile.price_min + (row + 0.5) * profile.price_step));
        let n = 0;
        for (let x = image.width - 2; x > image.width - 170 && image.at(x, y).some((c) => c > 40); x--)
            n++;
        return n;
    };
    const seen = profile.total.map((mass, row) => ({ mass, row, p: profile.price_min + row * profile.price_step }))
        .filter(({ p }) => p > v.low + 0.1 * (v.high - v.low) && p < v.high - 0.2 * (v.high - v.low) && free(p));
    const most = seen.reduce((a, b) => (b.mass > a.mass ? b : a));
    /* A row like its neighbours: some rows share a line of pixels. */
    const even = ({ mass, row }) => [-2, -1, 1, 2].every((d) => Math.abs(profile.total[row + d] / mass - 1) < 0.08);
    const half = seen.filter(even).find(({ mass }) => mass > 0.3 * most.mass && mass < 0.6 * most.mass);
    near(long(half.row) / long(most.row), half.mass / most.mass, 0.08, 'as long as there is mass');
    /* The highest tier stands at the axis. */
    const px = long(most.row) / most.mass;
    for (const row of [most.row, half.row]) {
        let sum = 0;
        const nearest = [100, 50, 25, 10, 5, 3, 2].find((t) => (sum += profile.tiers[t][row] * px) > 5);
        const found = image.at(image.width - 5, Math.round(yOf(v, profile.price_min + (row + 0.5) * profile.price_step)));
        assert.ok(same(found, await tier(`--tier-${nearest}`)), `${found} for ${nearest}×`);
    }
    assert.match(await text(page, 'profile-head'), /Now, by tier.*longest bar ≤ \$[\d.]+ [MB].*line: sum ≤ \$[\d.]+ [MB].*outside the map ≤ \$[\d.]+ [kMB]/);
    const newest = (499 - v.from) / (v.to - v.from) * v.width;
    assert.ok(newest < v.width - 165, 'the candles end before it');
});

panelTest('tiers are told apart by lightness alone, in both themes', { looks: true }, async (page) => {
    for (const theme of ['dark', 'light']) {
        await page.evaluate((name) => { document.documentElement.dataset.theme = name; }, theme);
        const tones = await page.evaluate(() => [2, 3, 5, 10, 25, 50, 100].map((t) => {
            const hex = getComputedStyle(document.documentElement).getPropertyValue(`--tier-${t}`).trim();
            const [r, g, b] = [1, 3, 5].map((i) => (parseInt(hex.slice(i, i + 2), 16) / 255) ** 2.2);
            return (0.2126 * r + 0.7152 * g + 0.0722 * b) ** (1 / 3);
        }));
        for (let i = 1; i < tones.length; i++)
            assert.ok(Math.sign(tones[i] - tones[i - 1]) === Math.sign(tones[6] - tones[0]) && Math.abs(tones[i] - tones[i - 1]) > 0.05, `${theme} ${tones}`);
    }
    await page.evaluate(() => { document.documentElement.dataset.theme = 'dark'; });
});

panelTest('the amount between price and the crosshair, in the tooltip and at the line', { looks: true }, async (page, mock) => {
    const { profile, ticker: { last } } = await answer(mock, USUAL);
    const v = await view(page);
    for (const fy of [0.2, 0.75]) {
        const y = Math.round(fy * v.height);
        await hover(page, 300, y);
        const p = Number(await page.getByTestId('tooltip').getAttribute('data-price'));
        const row = Math.floor((p - profile.price_min) / profile.price_step);
        const amount = usd(profile.cumulative[row] * profile.quantum * profile.usd_per_unit);
        assert.equal(await text(page, 'tip-cascade'), `≤ ${amount} ${p < last ? 'longs' : 'shorts'}`);
    }
    await hover(page, v.width - 60, Math.round(0.3 * v.height));
    assert.equal(await text(page, 'tip-time'), 'Now');
    assert.match(await text(page, 'tip-mix'), /\d+× \d+ %/);
    const image = await pixels(page);
    const y = Math.round(0.3 * v.height);
    let bright = 0;
    for (let x = image.width - 120; x < image.width - 8; x++) {
        for (let dy = -20; dy < -6; dy++)
            bright += image.at(x, y + dy).every((c) => c > 215) ? 1 : 0;
    }
    assert.ok(bright > 60, `${bright} pixels of a label above the crosshair`);
});

panelTest('the room beside the newest candle follows the panel and the window', {}, async (page) => {
    const room = async () => {
        const v = await view(page);
        return v.width - (499.5 - v.from) / (v.to - v.from) * v.width;
    };
    near(await room(), 172, 3, 'with the panel');
    await page.getByTestId('panel-toggle').click();
    await page.waitForFunction(() => Number(document.querySelector('#chart').dataset.pane.split(' ')[0]) > 1200);
    near(await room(), 172, 3, 'without');
    await page.setViewportSize({ width: 1000, height: 700 });
    await page.waitForFunction(() => Number(document.querySelector('#chart').dataset.pane.split(' ')[0]) < 900);
    near(await room(), 172, 3, 'in a smaller window');
});

panelTest('profile off: the candles take its room; the address holds it', {}, async (page) => {
    const was = await view(page);
    await page.getByRole('radio', { name: 'Off' }).click();
    await profileIs(page, 'off');
    const now = await view(page);
    assert.ok(now.to < was.to - 50, 'more room for candles');
    assert.match(page.url(), /profile=off/);
    await page.getByRole('radio', { name: '4h' }).click();
    await idle(page);
    assert.match(page.url(), /interval=4h.*profile=off/);
    await page.reload();
    await idle(page);
    assert.ok(await page.getByRole('radio', { name: 'Off' }).isChecked());
    await page.getByRole('radio', { name: 'By tier' }).click();
    await profileIs(page, 'tiers');
});

panelTest('the single-leverage bars are another model with its own knobs', {}, async (page, mock) => {
    assert.ok(await page.getByTestId('knobs').isHidden());
    await page.getByRole('radio', { name: 'Single' }).click();
    await profileIs(page, 'single');
    assert.match(await text(page, 'profile-head'), /Single 25×.*simpler model/);
    assert.match(await text(page, 'knobs'), /A simpler model.*Weights, not dollars/);
    const first = routes(mock, 'profile').at(-1).query;
    assert.match(first, /model=single&leverage=25&margin_rate=0.004&lambda=0.2&range=10/);
    await page.getByLabel('Leverage').fill('50');
    await page.getByLabel('Leverage').press('Enter');
    await until(() => /leverage=50/.test(routes(mock, 'profile').at(-1).query), 'asked with the new leverage');
    assert.match(page.url(), /profile=single&leverage=50/);
    const v = await view(page);
    await hover(page, 300, Math.round(yOf(v, (await answer(mock, USUAL)).ticker.last * 1.03)));
    assert.match(await text(page, 'tip-cascade'), /^weight [\d.]+ shorts/);
    await page.getByLabel('Margin %').fill('5');
    await page.getByLabel('Margin %').press('Enter');
    await page.waitForFunction(() => /below 1\/leverage/.test(document.querySelector('[data-testid="profile-problem"]').textContent));
    const asked = routes(mock, 'profile').length;
    await page.getByLabel('Decay λ').fill('99');
    await page.getByLabel('Decay λ').press('Enter');
    assert.equal(await page.getByLabel('Decay λ').getAttribute('aria-invalid'), 'true');
    assert.equal(routes(mock, 'profile').length, asked, 'what the server refuses is not asked');
});

panelTest('the profile comes with the map, not by a request of its own', {}, async (page, mock) => {
    await page.getByRole('radio', { name: '4h' }).click();
    await idle(page);
    assert.equal(await profileKind(page), 'tiers');
    assert.equal(routes(mock, 'profile').length, 0);
});

panelTest('without single-leverage bars the map stays, and why is said', {}, async (page, mock) => {
    mock.othersFail = true;
    await page.getByRole('radio', { name: 'Single' }).click();
    await page.waitForFunction(() => /No profile: The model is busy/.test(document.querySelector('[data-testid="profile-problem"]').textContent));
    assert.equal(await profileKind(page), 'off');
    await leave(page);
    assert.ok(paletteShare(await pixels(page)).share > 0.5, 'the map is there');
});

panelTest('why is it hot: a click lists candles and tiers and marks them; Escape closes', {}, async (page, mock) => {
    const { candles, grid } = await answer(mock, USUAL);
    const v = await view(page);
    const p = v.high - 0.2 * (v.high - v.low);
    await clickCell(page, 300, p);
    const why = page.getByTestId('why');
    await why.getByRole('table').waitFor();
    const [card, tip] = [await why.boundingBox(), await page.getByTestId('tooltip').boundingBox()];
    assert.ok(tip.x + tip.width <= card.x || tip.x >= card.x + card.width, 'the tooltip beside the card');
    const query = new URLSearchParams(routes(mock, 'explain')[0].query);
    near(candles.open_time.indexOf(Number(query.get('time'))), 300, 1, 'the candle clicked');
    near(Number(query.get('price')), p, 2 * grid.price_step, 'the price clicked');
    const explained = await ask(mock, `explain?${query}`);
    const lines = await why.locator('tbody tr').allTextContents();
    assert.equal(lines.length, explained.causes.length);
    for (const [i, cause] of explained.causes.entries())
        assert.match(lines[i], new RegExp(`${cause.leverage}×${(100 * cause.share).toFixed(1)} %≤ \\${usd(cause.modelled_usd)}`));
    assert.match(await why.textContent(), /3 largest of 7; together 90 %/);
    const said = await page.getByTestId('tip-density').textContent();
    assert.ok((await why.textContent()).includes(`Density ${said}`), `the card and the tooltip: ${said}`);
    assert.match(await why.textContent(), /swept this row/);
    await leave(page);
    const orange = async () => {
        const image = await pixels(page);
        let n = 0;
        const x0 = Math.round((explained.cell.column - 9 - v.from) / (v.to - v.from) * v.width);
        for (let y = 0; y < image.height; y++) {
            for (let x = x0 - 8; x < x0 + 24; x++) {
                const [r, g, b] = image.at(x, y);
                n += r > 240 && Math.abs(g - 159) < 20 && b < 60 ? 1 : 0;
            }
        }
        return n;
    };
    const marked = await orange();
    assert.ok(marked > 40, `${marked} pixels mark the candles`);
    await page.keyboard.press('Escape');
    assert.ok(await why.isHidden());
    await frames(page);
    assert.ok(await orange() < marked / 4, 'marks go with it');
});

panelTest('why by the keyboard: Enter at the crosshair, Escape gives the focus back', {}, async (page) => {
    const chart = page.getByTestId('chart');
    await chart.focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Shift+ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByTestId('why').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), 'why');
    await page.keyboard.press('Escape');
    assert.ok(await page.getByTestId('why').isHidden());
    assert.equal(await page.evaluate(() => document.activeElement.id), 'chart');
    assert.ok(await page.getByTestId('tooltip').isVisible(), 'the crosshair is still there');
});

panelTest('a double click resets the view and asks nothing', { clock: true }, async (page, mock) => {
    const box = await page.getByTestId('chart').boundingBox();
    await page.mouse.dblclick(box.x + 300, box.y + 300);
    await page.clock.fastForward(1000);
    await frames(page);
    assert.equal(routes(mock, 'explain').length, 0);
    assert.ok(await page.getByTestId('why').isHidden());
});

panelTest('an empty cell is said to be empty; another window closes the card', {}, async (page, mock) => {
    const { candles, grid } = await answer(mock, USUAL);
    /* The middle of a row, and empty beside it too: a pixel is most of a candle. */
    const place = (column) => grid.price_min + (Math.floor((candles.close[column] - grid.price_min) / grid.price_step) + 0.5) * grid.price_step;
    const empty = async (column, p) => (await (await fetch(`${mock.url}api/v1/explain?${USUAL}&time=${candles.open_time[column]}&price=${p}`)).json()).cell.value === 0;
    let column = 400;
    while (!(await Promise.all([-1, 0, 1].map((x) => empty(column + x, place(column))))).every(Boolean))
        column++;
    await clickCell(page, column, place(column));
    await page.getByTestId('why').getByText('No positions').waitFor();
    await page.getByRole('radio', { name: '4h' }).click();
    await idle(page);
    assert.ok(await page.getByTestId('why').isHidden());
});

panelTest('tiers: chips filter the map, the address and the profile, and the view stays', {}, async (page, mock) => {
    const was = await view(page);
    for (const tier of ['2×', '3×', '5×', '10×']) {
        await page.getByRole('checkbox', { name: tier, exact: true }).uncheck({ force: true });
        await idle(page);
    }
    assert.equal(new URL(page.url()).searchParams.get('tiers'), '25,50,100');
    assert.match(routes(mock, 'heatmap').at(-1).query, /tiers=25%2C50%2C100/);
    assert.deepEqual((await answer(mock, `${USUAL}&tiers=25,50,100`)).filter.tiers, [25, 50, 100]);
    const now = await view(page);
    assert.deepEqual([now.from, now.to], [was.from, was.to]);
    assert.match(await text(page, 'filtered'), /^✕ Only 25× 50× 100×/);
    await page.getByTestId('filtered').click();
    await idle(page);
    assert.equal(new URL(page.url()).searchParams.get('tiers'), null);
    assert.ok(await page.getByRole('checkbox', { name: '2×', exact: true }).isChecked());
    assert.ok(await page.getByTestId('filtered').isHidden());
});

panelTest('the last tier taken off brings all back', { query: '?tiers=25' }, async (page) => {
    assert.ok(!await page.getByRole('checkbox', { name: '2×', exact: true }).isChecked());
    await page.getByRole('checkbox', { name: '25×' }).click({ force: true });
    await idle(page);
    assert.equal(await page.locator('.chips input:checked').count(), 7);
    assert.equal(new URL(page.url()).searchParams.get('tiers'), null);
});

panelTest('side and range: asked of the server, shown, and back with the history', {}, async (page, mock) => {
    await page.getByRole('radio', { name: 'Shorts' }).click();
    await idle(page);
    assert.match(routes(mock, 'heatmap').at(-1).query, /side=short/);
    assert.equal(await page.locator('.ladder tr[data-side="long"]').count(), 0);
    await page.getByRole('radio', { name: '±5 %' }).click();
    await idle(page);
    assert.match(page.url(), /side=short&range=5/);
    const { grid } = await answer(mock, `${USUAL}&side=short&range=5`);
    const v = await view(page);
    near(v.low, grid.price_min, grid.price_step, 'the price axis is the range');
    near(v.high, grid.price_min + grid.rows * grid.price_step, grid.price_step, 'the price axis is the range');
    await page.goBack();
    await idle(page);
    assert.ok(await page.getByRole('radio', { name: 'Fit' }).isChecked());
    assert.ok(await page.getByRole('radio', { name: 'Shorts' }).isChecked());
});

panelTest('H hides the map and shows it again; not while typing', {}, async (page) => {
    await leave(page);
    assert.ok(paletteShare(await pixels(page)).share > 0.5);
    await page.keyboard.press('h');
    await frames(page);
    assert.ok(paletteShare(await pixels(page)).share < 0.15, 'only candles');
    assert.match(page.url(), /heat=off/);
    assert.ok(!await page.getByRole('checkbox', { name: /Heatmap/ }).isChecked());
    await page.getByRole('checkbox', { name: /Heatmap/ }).check();
    assert.doesNotMatch(page.url(), /heat=off/);
    await page.getByLabel('Symbol').focus();
    await page.keyboard.press('h');
    assert.doesNotMatch(page.url(), /heat=off/);
});

panelTest('one exchange is no choice', { looks: true }, async (page) => {
    assert.ok(await page.locator('#exchange-field').isHidden());
});

panelTest('exchanges as the server lists them', { set: { exchanges: ['binance', 'okx'] } }, async (page, mock) => {
    const select = page.getByRole('combobox', { name: /^Exchange/ });
    await select.waitFor();
    assert.deepEqual(await select.locator('option').allTextContents(), ['Auto', 'All', 'Binance', 'OKX']);
    await select.selectOption('all');
    await idle(page);
    assert.match(page.url(), /exchange=all/);
    assert.match(routes(mock, 'heatmap').at(-1).query, /exchange=all/);
    await page.reload();
    await idle(page);
    await page.waitForFunction(() => document.querySelector('#exchange').value === 'all');
    await select.selectOption('auto');
    await idle(page);
    assert.doesNotMatch(page.url(), /exchange=/, 'the usual needs no words');
});

panelTest('a replay: the profile and the explanation are of then', { query: '?end=2025-10-11T12:00:00Z' }, async (page, mock) => {
    assert.match(routes(mock, 'heatmap').at(-1).query, /end=2025-10-11T12/);
    assert.match(await text(page, 'profile-head'), /^Then, by tier/);
    const v = await view(page);
    await hover(page, v.width - 60, Math.round(0.3 * v.height));
    assert.equal(await text(page, 'tip-time'), 'Then');
    await clickCell(page, 300, v.high - 0.2 * (v.high - v.low));
    await page.getByTestId('why').waitFor();
    await until(() => /end=2025-10-11T12/.test(routes(mock, 'explain').at(-1)?.query ?? ''), 'asked for then');
});

panelTest('a sum of exchanges: shares, and what is wrong with each', { set: { state: 'several' } }, async (page) => {
    const line = (name) => page.locator(`.parts tr[data-exchange="${name}"]`);
    assert.equal(await line('binance').textContent(), 'Binance62.0 %$8.90 B1 s');
    assert.equal(await line('okx').getAttribute('data-state'), 'stale');
    assert.equal(await line('bybit').textContent(), 'Bybitexcluded––');
    const words = await text(page, 'exchanges');
    assert.match(words, /stale · timed out · funding: unavailable/);
    assert.match(words, /refuses this region/);
    assert.match(words, /linear · up to 125×, margin 0.4 % \(documented\)/);
    assert.match(await line('gate').textContent(), /^Gateto come/);
    assert.match(await text(page, 'notice'), /Incomplete, still to come: Gate.*Excluded: Bybit/);
});

panelTest('another exchange than the usual one is said aloud', { set: { state: 'fallback' } }, async (page) => {
    assert.match(await text(page, 'notice'), /Binance is blocked here: showing Bybit/);
});

for (const size of [DESKTOP, PHONE]) {
    panelTest(`every control of the panel has a name and is reached by keys, ${size === PHONE ? 'phone' : 'desktop'}`, { size, query: '?profile=single' }, async (page) => {
        if (size === PHONE)
            await page.getByTestId('sheet-open').tap();
        const unnamed = await panel(page).evaluate((root) => [...root.querySelectorAll('button, input, summary')]
            .filter((e) => e.checkVisibility() && !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.[0]?.textContent.trim())).length);
        assert.equal(unnamed, 0);
        await page.locator('#sec-levels summary').focus();
        const reached = new Set();
        for (let i = 0; i < 60; i++) {
            await page.keyboard.press('Tab');
            reached.add(await page.evaluate(() => document.activeElement.name || document.activeElement.className));
        }
        for (const name of ['ladder-price', 'tier', 'side', 'range', 'profile', 'leverage', 'margin', 'lambda', 'reach', 'heat'])
            assert.ok(reached.has(name), `${name} among ${[...reached]}`);
    });
}

panelTest('phone: the sheet opens under the chart, which stays in sight, and closes', { size: PHONE }, async (page) => {
    assert.ok(await panel(page).isHidden(), 'chart first');
    await page.getByTestId('sheet-open').tap();
    await frames(page);
    const sheet = await panel(page).boundingBox();
    const chart = await page.getByTestId('chart').boundingBox();
    assert.ok(chart.height > 220 && chart.y + chart.height <= sheet.y + 1, 'the chart is above it');
    near(sheet.y + sheet.height, 844, 1, 'down to the edge');
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    const wide = await panel(page).evaluate((e) => e.scrollWidth - e.clientWidth);
    assert.equal(wide, 0, 'nothing is cut off at the side');
    await rows(page).nth(2).tap();
    await frames(page);
    await page.getByTestId('panel-close').tap();
    assert.ok(await panel(page).isHidden());
});

panelTest('phone: no profile until asked for, then beside the candles', { size: PHONE }, async (page) => {
    assert.equal(await profileKind(page), 'off');
    await page.getByTestId('sheet-open').tap();
    await page.locator('label', { hasText: 'By tier' }).tap();
    await profileIs(page, 'tiers');
    const v = await view(page);
    const newest = (499 - v.from) / (v.to - v.from) * v.width;
    near(v.width - newest, 0.24 * 390, 12, 'a quarter of the chart');
});

panelTest('phone: the tooltip’s button asks why, the card leaves the cell in sight', { size: PHONE }, async (page, mock) => {
    const box = await page.getByTestId('chart').boundingBox();
    await page.touchscreen.tap(box.x + 150, box.y + 180);
    await page.getByTestId('tip-why').tap();
    await page.getByTestId('why').locator('p').first().waitFor();
    await until(() => routes(mock, 'explain').length === 1, 'asked once');
    const why = page.getByTestId('why');
    const card = await why.boundingBox();
    assert.ok(card.x >= 0 && card.x + card.width <= 390);
    assert.ok(card.y > box.y + 182, 'under the cell');
    assert.ok(await page.getByTestId('tooltip').isHidden(), 'the tooltip makes room');
    await page.getByTestId('why-close').tap();
    assert.ok(await why.isHidden());
    await page.touchscreen.tap(box.x + 150, box.y + 420);
    await page.getByTestId('tip-why').tap();
    await why.waitFor();
    const other = await why.boundingBox();
    assert.ok(other.y + other.height < box.y + 418, 'over the cell');
});

panelTest('the controls keep apart with several exchanges and a filter', { query: '?tiers=2,3,5,50,100&side=long&range=5', set: { exchanges: ['binance', 'bybit', 'hyperliquid'] } }, async (page) => {
    await page.getByTestId('exchange').waitFor();
    const ends = await page.locator('.controls > *:visible').evaluateAll((all) => all
        .map((e) => ({ what: e.id || e.className, left: e.getBoundingClientRect().left, right: e.getBoundingClientRect().right }))
        .filter(({ left, right }) => right > left));
    assert.ok(ends.length >= 7);
    for (let i = 1; i < ends.length; i++)
        assert.ok(ends[i - 1].right <= ends[i].left, `${ends[i - 1].what} and ${ends[i].what}`);
    const inside = await page.locator('.controls fieldset').evaluateAll((all) => all.filter((e) => e.scrollWidth > e.clientWidth + 1).length);
    assert.equal(inside, 0, 'nothing sticks out of its field');
});
