/* The page under fingers. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DESKTOP, PHONE, browserOfFile, frames, idle, launch, near, open, pageTests, paletteShare, pixels, state, text, view } from './helpers.mjs';
import { startMock } from './mock-server.mjs';

const browser = browserOfFile();

const onPhone = pageTests(browser, { size: PHONE });

function phoneTest(name, run, options = {}) {
    onPhone(name, options, async (page) => {
        const box = await page.getByTestId('chart').boundingBox();
        await run(page, await fingersOf(page, box), box);
    });
}

/** Fingers in CSS pixels of the chart: down, move, up. */
async function fingersOf(page, box) {
    const client = await page.context().newCDPSession(page);
    const send = async (type, points) => {
        await client.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x: box.x + x, y: box.y + y, id })) });
        await frames(page);
    };
    return {
        down: (...points) => send('touchStart', points),
        move: (...points) => send('touchMove', points),
        up: () => send('touchEnd', []),
    };
}

const tip = (page) => page.getByTestId('tooltip');
const cursor = (page) => tip(page).evaluate((e) => ({ column: Number(e.dataset.column), price: Number(e.dataset.price), hidden: e.hidden }));

phoneTest('the chart fills what header, watchlist, controls and footer leave', async (page, _, box) => {
    assert.ok(box.y < 210, `the chart begins at ${box.y}`);
    assert.ok(box.height > 460, `and is ${box.height} high`);
    const top = await page.locator('.top').boundingBox();
    assert.ok(top.height < 72, 'a header of two rows');
    assert.equal(await page.evaluate(() => document.documentElement.scrollHeight), 844);
}, { looks: true });

phoneTest('one finger drags the crosshair; the tooltip is above it', async (page, fingers, box) => {
    const v = await view(page);
    await fingers.down([150, 420]);
    await fingers.move([152, 400]);
    await fingers.move([180, 380]);
    const now = await cursor(page);
    near(now.column, v.from + (v.to - v.from) * 180.5 / v.width, 2, 'candle under the finger');
    near(now.price, v.high - (v.high - v.low) * 380.5 / v.height, (v.high - v.low) / v.height * 2, 'price under the finger');
    const at = await tip(page).boundingBox();
    assert.ok(at.y + at.height < box.y + 380 - 30, 'above the finger');
    assert.ok(at.x >= 0 && at.x + at.width <= 390);
    assert.deepEqual(await view(page), v, 'one finger does not pan');
    await fingers.up();
    assert.equal((await cursor(page)).hidden, false, 'it stays to be read');
    await page.touchscreen.tap(200, 20);
}, { looks: true });

phoneTest('near the top the tooltip goes beside or under the finger', async (page, fingers, box) => {
    await fingers.down([150, 60]);
    await fingers.move([150, 40]);
    await fingers.move([150, 30]);
    const at = await tip(page).boundingBox();
    const [x, y] = [box.x + 150, box.y + 30];
    assert.ok(at.y >= box.y);
    assert.ok(x < at.x || x > at.x + at.width || y < at.y || y > at.y + at.height);
    await fingers.up();
    await page.touchscreen.tap(200, 20);
}, { looks: true });

phoneTest('wherever the finger is, the tooltip is whole and off it', async (page, fingers, box) => {
    const { width, height } = await view(page);
    for (let y = 20; y < height; y += 40) {
        await fingers.down([150, y + 12]);
        await fingers.move([150, y]);
        await frames(page);
        const at = await tip(page).boundingBox();
        const top = at.y - box.y;
        assert.ok(top >= 0 && top + at.height <= height, `from ${top} to ${top + at.height} of ${height} with the finger at ${y}`);
        assert.ok(top > y + 20 || top + at.height < y - 20, `from ${top} to ${top + at.height} with the finger at ${y}`);
        assert.ok(at.x >= 0 && at.x + at.width <= width);
        const [needed, has] = await tip(page).evaluate((e) => [e.scrollWidth, e.clientWidth]);
        assert.ok(needed <= has, `${needed} of ${has} px`);
        await fingers.up();
    }
    await page.touchscreen.tap(200, 20);
}, { looks: true });

phoneTest('a tap shows, a tap hides, a tap elsewhere hides', async (page, fingers, box) => {
    /* Far apart, as two taps at one place are another gesture. */
    const tap = (y) => page.touchscreen.tap(box.x + 200, box.y + y);
    await tap(300);
    await tip(page).waitFor({ state: 'visible' });
    await tap(400);
    await tip(page).waitFor({ state: 'hidden' });
    await tap(200);
    await tip(page).waitFor({ state: 'visible' });
    await page.touchscreen.tap(200, 20);
    await tip(page).waitFor({ state: 'hidden' });
}, { looks: true });

phoneTest('two fingers pinch and pan; two taps reset', async (page, fingers, box) => {
    const was = await view(page);
    await fingers.down([100, 300], [200, 300]);
    await fingers.move([75, 300], [225, 300]);
    await fingers.move([50, 300], [250, 300]);
    const pinched = await view(page);
    near(pinched.to - pinched.from, (was.to - was.from) / 2, 10, 'twice the distance, half the candles');
    await fingers.move([80, 300], [280, 300]);
    const panned = await view(page);
    near(panned.from, pinched.from - 30 * (pinched.to - pinched.from) / was.width, 3, 'panned with both');
    near(panned.low, pinched.low, (was.high - was.low) / 2, 'prices follow the candles');
    await fingers.up();
    assert.ok(await tip(page).isHidden());
    for (let i = 0; i < 2; i++)
        await page.touchscreen.tap(box.x + 150, box.y + 300);
    await page.waitForFunction((to) => Math.abs(Number(document.querySelector('#chart').dataset.timeView.split(' ')[1]) - to) < 0.1, was.to);
});

/** Counts what the chart draws from now on, in `window.drawn`. */
function countDrawing(page) {
    return page.evaluate(() => {
        const proto = CanvasRenderingContext2D.prototype;
        window.drawn = { drawImage: 0, fillRect: 0 };
        for (const name of Object.keys(window.drawn)) {
            const draw = proto[name];
            proto[name] = function (...args) {
                window.drawn[name] += Number(this.canvas.isConnected);
                draw.apply(this, args);
            };
        }
    });
}

/** Counts in `window.made` what a pan need not make again, from the page's start. */
function countMaking() {
    window.made = { images: 0, overlays: 0, styles: 0, canvases: 0 };
    /** @param {object} proto @param {string} name @param {(self: any) => string} kindOf  "" for none */
    const count = (proto, name, kindOf) => {
        const run = proto[name];
        proto[name] = function (...args) {
            const kind = kindOf(this, ...args);
            if (kind)
                window.made[kind]++;
            return run.apply(this, args);
        };
    };
    count(CanvasRenderingContext2D.prototype, 'putImageData', () => 'images');
    count(CanvasRenderingContext2D.prototype, 'clearRect', ({ canvas }) => (canvas.isConnected && canvas.style.zIndex === '2' ? 'overlays' : ''));
    count(CSSStyleDeclaration.prototype, 'setProperty', () => 'styles');
    count(Document.prototype, 'createElement', (_, tag) => (tag === 'canvas' ? 'canvases' : ''));
}

onPhone('a pan makes no image, no style and no empty overlay again', { query: '?bars=1500', panel: true, shared: false, set: { maxAge: 3600 } }, async (page) => {
    await page.addInitScript(countMaking);
    await page.reload();
    await idle(page);
    await page.waitForFunction(() => 'profile' in document.querySelector('#chart').dataset);
    const fingers = await fingersOf(page, await page.getByTestId('chart').boundingBox());
    /* To the left: to the right older candles are loaded. */
    await fingers.down([100, 300], [200, 300]);
    await fingers.move([98, 300], [198, 300]);
    const before = await page.evaluate(() => ({ ...window.made }));
    assert.ok(before.images > 0 && before.overlays > 0 && before.styles > 0 && before.canvases > 0, `counted: ${JSON.stringify(before)}`);
    const was = await view(page);
    for (let i = 2; i <= 6; i++)
        await fingers.move([100 - 2 * i, 300], [200 - 2 * i, 300]);
    assert.notEqual((await view(page)).from, was.from, 'it moved');
    assert.deepEqual(await page.evaluate(() => ({ ...window.made })), before);
    await fingers.up();
});

onPhone('a frame of 1500 candles is a few hundred rectangles', { query: '?bars=1500' }, async (page) => {
    await countDrawing(page);
    const fingers = await fingersOf(page, await page.getByTestId('chart').boundingBox());
    await fingers.down([100, 300], [200, 300]);
    for (let i = 1; i <= 5; i++)
        await fingers.move([100 + 2 * i, 300], [200 + 2 * i, 300]);
    await fingers.up();
    const { drawImage, fillRect } = await page.evaluate(() => window.drawn);
    assert.ok(drawImage > 0 && fillRect / drawImage < 1000, `${fillRect} rectangles for ${drawImage} maps`);
});

for (const [what, apart] of [['pan', 0], ['pinch', 2]]) {
    onPhone(`a move of two fingers that ${what} is drawn once`, { query: '?bars=1500' }, async (page) => {
        const fingers = await fingersOf(page, await page.getByTestId('chart').boundingBox());
        await fingers.down([100, 300], [200, 300]);
        await fingers.move([98, 300], [198 + apart, 300]);
        await countDrawing(page);
        const was = await view(page);
        for (let i = 2; i <= 6; i++) {
            await fingers.move([100 - 2 * i, 300], [200 + (apart - 2) * i, 300]);
            await frames(page);
        }
        assert.notEqual((await view(page)).from, was.from, 'it moved');
        const { drawImage } = await page.evaluate(() => window.drawn);
        await fingers.up();
        assert.equal(drawImage, 5, 'the map in each');
    });
}

onPhone('a panned frame is drawn once', { size: DESKTOP, panel: true }, async (page) => {
    const box = await page.getByTestId('chart').boundingBox();
    await page.mouse.move(box.x + 300, box.y + 300);
    await page.mouse.down();
    await page.mouse.move(box.x + 310, box.y + 300);
    await frames(page);
    await countDrawing(page);
    for (let i = 1; i <= 10; i++) {
        await page.mouse.move(box.x + 310 + 3 * i, box.y + 300);
        await frames(page);
    }
    const { drawImage } = await page.evaluate(() => window.drawn);
    await page.mouse.up();
    /* The first move may come with the frame of the press. */
    assert.ok(drawImage > 0 && drawImage < 15, `${drawImage} maps for 10 moves`);
});

/** Fingers as the page is told of them; DevTools cannot lift one of two. */
function tell(page, type, points) {
    return page.getByTestId('chart').evaluate((target, [name, at]) => {
        const box = target.getBoundingClientRect();
        const touches = at.map(([x, y], identifier) => new Touch({ identifier, target, clientX: box.x + x, clientY: box.y + y }));
        target.dispatchEvent(new TouchEvent(name, { touches, bubbles: true, cancelable: true }));
    }, [type, points]);
}

phoneTest('a finger left over from two does not move the crosshair', async (page) => {
    await tell(page, 'touchstart', [[100, 300]]);
    await tell(page, 'touchstart', [[100, 300], [200, 300]]);
    await tell(page, 'touchmove', [[90, 300], [210, 300]]);
    await tell(page, 'touchend', [[90, 300]]);
    await tell(page, 'touchmove', [[120, 380]]);
    assert.ok(await tip(page).isHidden());
    const was = await view(page);
    await tell(page, 'touchstart', [[120, 380], [200, 300]]);
    await tell(page, 'touchmove', [[120, 380], [201, 300]]);
    const now = await view(page);
    near(now.to - now.from, was.to - was.from, 20, 'the second finger begins anew');
    await tell(page, 'touchend', []);
    await tell(page, 'touchstart', [[120, 380]]);
    await tell(page, 'touchmove', [[140, 340]]);
    assert.ok(await tip(page).isVisible(), 'the next single finger points again');
});

phoneTest('the price axis still scales by drag', async (page, fingers, box) => {
    const was = await view(page);
    await fingers.down([box.width - 20, 250]);
    for (const y of [245, 235, 220, 200, 180])
        await fingers.move([box.width - 20, y]);
    await fingers.up();
    await page.waitForFunction((low) => Number(document.querySelector('#chart').dataset.priceView.split(' ')[0]) !== low, was.low);
    assert.ok(await tip(page).isHidden());
});

phoneTest('candles and ranges of time are chosen from one list', async (page) => {
    await page.getByTestId('span').selectOption('1500');
    await idle(page);
    assert.match(page.url(), /bars=1500/);
    assert.equal((await state(page)).state, 'live');
    assert.ok((await view(page)).to > 1499, '1500 candles fit a phone');
    assert.match(await text(page, 'price'), /\d/);
    await page.getByTestId('span').selectOption('1w');
    await idle(page);
    assert.match(page.url(), /interval=1h&bars=200/);
});

onPhone('a phone has a hundred candles unless the address says so', { bars: 0 }, async (page) => {
    await page.waitForURL(/bars=100/); /* the address follows a moment later */
    assert.equal(await page.getByTestId('span').inputValue(), '100');
    /* Without exchanges too. */
    const [list, intervals] = [await page.getByTestId('span').boundingBox(), await page.locator('#intervals').boundingBox()];
    assert.ok(Math.abs(list.y - intervals.y) < 4 && list.x > intervals.x + intervals.width, 'beside the intervals');
});

const EXCHANGES = ['binance', 'bybit', 'okx', 'hyperliquid'];
const SCREENS = [[320, 640], [844, 390], [390, 844]];

/** What is outside the screen, and what is smaller than a finger. */
function misfits(page) {
    return page.evaluate(() => {
        const outside = [];
        const small = [];
        for (const e of document.querySelectorAll('button, select, input, summary, label.choice, .bar-handle')) {
            const { left, right, top, bottom, width, height } = e.getBoundingClientRect();
            if (!e.checkVisibility() || width === 0 || e.closest('[popover], dialog'))
                continue;
            const name = `${e.id || e.className || e.name} ${Math.round(width)}x${Math.round(height)}`;
            /* The watchlist scrolls sideways. */
            const wide = !e.closest('.watch-list') && (left < -0.5 || right > innerWidth + 0.5);
            if (wide || top < -0.5 || bottom > innerHeight + 0.5)
                outside.push(name);
            if (width < 39.5 || height < 39.5)
                small.push(name);
        }
        return { outside, small, width: innerWidth, scroll: document.documentElement.scrollWidth };
    });
}

/** Selects that are narrower than their text. */
function cutSelects(page) {
    return page.locator('#exchange, #span').evaluateAll((all) => all.filter((select) => {
        const width = select.offsetWidth;
        /* As wide as it needs to be for its longest text: of these, the one chosen. */
        const alone = select.cloneNode();
        alone.append(new Option(select.selectedOptions[0].text));
        alone.style.cssText = 'position: absolute; width: max-content; min-width: 0; max-width: none';
        select.after(alone);
        const needed = alone.offsetWidth;
        alone.remove();
        return needed > width;
    }).map((select) => select.id));
}

for (const start of ['live', 'demo', 'stale', 'degraded', 'several', 'fallback', 'blocked']) {
    onPhone(`with exchanges listed all fits every phone and fingers: ${start}`, { bars: 0, sharp: start === 'live', set: { state: start, exchanges: EXCHANGES } }, async (page) => {
        await page.waitForFunction(() => !document.querySelector('#exchange-field').hidden);
        /* The longest name, without asking for its map. */
        await page.locator('#exchange').evaluate((e) => { e.value = 'hyperliquid'; });
        for (const [width, height] of SCREENS) {
            await page.setViewportSize({ width, height });
            await frames(page);
            assert.deepEqual(await misfits(page), { outside: [], small: [], width, scroll: width }, `${width} x ${height}`);
            const symbol = page.getByTestId('symbol');
            assert.ok(await symbol.evaluate((e) => e.scrollWidth <= e.clientWidth), `${width} x ${height}: the symbol is not cut`);
            assert.deepEqual(await cutSelects(page), [], `${width} x ${height}: the text of a select is cut`);
        }
    });
}

onPhone('on its side: one row above the map, which has most of the screen', {
    size: { ...PHONE, viewport: { width: 844, height: 390 } }, set: { exchanges: EXCHANGES },
}, async (page) => {
    const stage = await page.locator('.stage').boundingBox();
    assert.ok(stage.y < 60, `the map begins at ${stage.y}`);
    assert.ok(stage.height * stage.width > 0.7 * 844 * 390, `${stage.width} x ${stage.height}`);
    assert.deepEqual(await cutSelects(page), [], 'the text of a select is cut');
    assert.ok(await page.getByTestId('legend').isHidden());
    assert.equal(await page.getByTestId('chart').getAttribute('data-profile'), 'off');
    assert.ok(await page.getByTestId('attribution').isVisible());
    await page.evaluate(() => { document.querySelector('#welcome').hidden = false; });
    const first = await page.locator('.stage').boundingBox();
    assert.ok(first.height * first.width > 0.7 * 844 * 390, `with the first visit's line ${first.width} x ${first.height}`);
});

/* Emulated phones do not tell the canvas their pixel ratio; a window does. */
test('a screen of two pixels per CSS pixel shows cells as sharp', async (t) => {
    const mock = await startMock();
    t.after(mock.close);
    const sharp = await launch('--force-device-scale-factor=2', '--window-size=900,900');
    t.after(() => sharp.close());
    const page = await open(sharp, mock, { size: { viewport: null } });
    assert.equal(await page.evaluate(() => devicePixelRatio), 2);
    const v = await view(page);
    assert.equal(await page.evaluate(() => document.querySelector('#chart canvas').width), 2 * v.width);
    const { share, colours } = paletteShare(await pixels(page));
    assert.ok(share > 0.8 && colours > 100, `${share} of the pane in ${colours} colours of the palette`);
});

onPhone('a small phone on its side: panel and alerts are reached and lie on the screen', {
    size: { ...PHONE, viewport: { width: 667, height: 375 } }, set: { exchanges: EXCHANGES },
}, async (page, mock, { press }) => {
    await press('panel-toggle');
    const panel = await page.getByTestId('panel').boundingBox();
    assert.ok(panel.width < 360 && panel.x + panel.width <= 667, `the panel is ${panel.width} wide, beside the map`);
    const chart = await page.getByTestId('chart').boundingBox();
    assert.ok(chart.width > 280 && chart.x < panel.x, `the map is ${chart.width} wide`);
    await press('panel-close');
    await press('view-open');
    await press('menu-alerts');
    const box = await page.getByTestId('alerts-menu').boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= 667, `the alerts are at ${box.x}`);
    await page.setViewportSize({ width: 844, height: 390 });
    await page.keyboard.press('Escape');
    await press('view-open');
    await press('menu-alerts');
    const wide = await page.getByTestId('alerts-menu').boundingBox();
    assert.ok(wide.x >= 0 && wide.x + wide.width <= 844, `the alerts are at ${wide.x}`);
    await page.setViewportSize({ width: 667, height: 375 });
});

onPhone('on its side replay has all its buttons on the screen, whole', {
    size: { ...PHONE, viewport: { width: 844, height: 390 } }, set: { exchanges: EXCHANGES }, query: `?end=${Date.UTC(2025, 9, 11)}`,
}, async (page) => {
    await page.waitForFunction(() => !document.querySelector('#exchange-field').hidden);
    await page.getByTestId('replay').waitFor();
    assert.deepEqual((await misfits(page)).outside, []);
    const cut = await page.locator('#replay .plain').evaluateAll((all) => all.filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.textContent));
    assert.deepEqual(cut, [], 'no text is cut');
    const exchange = await page.locator('#exchange').boundingBox();
    const menus = await page.locator('.menus').boundingBox();
    assert.ok(exchange.x + exchange.width <= menus.x + 1, 'the menus cover no control');
});

onPhone('the panel scrolls by itself: the page stays where it is', { panel: true }, async (page, mock, { press }) => {
    await press('sheet-open');
    await page.locator('.ladder').waitFor();
    await page.locator('#sec-model').evaluate((e) => {
        e.open = true;
        e.scrollIntoView();
    });
    assert.ok(await page.getByTestId('panel').evaluate((e) => e.scrollTop) > 100);
    assert.equal((await page.locator('.top').boundingBox()).y, 0);
    assert.equal(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight), 0);
});
