/* A browser, a page on the mock server, and what the tests read from it. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { PALETTE } from '../../www/js/data/palette.js';
import { startMock } from './mock-server.mjs';
import { decodePng } from './png.mjs';

export const DESKTOP = { viewport: { width: 1440, height: 900 } };
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

/** Then a test has failed, also on a machine that is busy. */
const PATIENCE_MS = 100_000;

/** A quarter of a phone's pixels: painting them is much of the work. The layout is the same. */
const COARSE = { deviceScaleFactor: 1 };

/** Nothing moves by itself: frames cost much where no graphics card draws them. */
export const STILL = { reducedMotion: 'reduce' };

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** Chromium without windows: half the work.  It shows no notifications and keeps no files for the next visit. */
const SHELL = '/usr/bin/chromium-headless-shell';

/** No compilers for code that runs for long, a tenth less work: no page lives that long. Nothing is compiled before it is
 * called, nor a second time for the next page, a twentieth less. */
const JS_FLAGS = '--js-flags=--no-opt --no-maglev --max-lazy --no-flush-bytecode';

/**
 * With fewer processes and threads, a tenth less work.
 *
 * @param {...string} more  arguments
 */
export const launch = (...more) => existsSync(SHELL)
    ? launchOf(SHELL, ['--in-process-gpu', '--num-raster-threads=1', JS_FLAGS, ...more])
    : launchOf(CHROMIUM, more);

/** As people have it. @param {...string} more  arguments */
export const launchWhole = (...more) => launchOf(CHROMIUM, more);

/** With scrollbars that take room, as on most desktops. */
export const launchWithBars = () => launchOf(existsSync(SHELL) ? SHELL : CHROMIUM, [], { ignoreDefaultArgs: ['--hide-scrollbars'] });

/** @param {string} executablePath @param {string[]} more @param {object} [options] */
function launchOf(executablePath, more, options) {
    const start = () => chromium.launch({
        ...options, executablePath,
        args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run',
            '--disable-component-update', '--disable-sync', '--disable-quic', ...more],
    });
    /* Chromium itself crashed once in some hundred starts, before it had a page. */
    return start().catch(start);
}

/** Pages that tests may have one after another, of each browser, by what was set up in them. @type {WeakMap<object, Map<string, import('playwright-core').Page>>} */
const kept = new WeakMap();

function keptBy(browser) {
    if (!kept.has(browser))
        kept.set(browser, new Map());
    return kept.get(browser);
}

/** A page with nothing in it, and what it must never cause in `page.problems`. */
async function newPage(browser, { size, clock, panel, first }) {
    const context = await browser.newContext({ ...STILL, ...size });
    /* The first visit's line is not for every test. */
    if (!first)
        await context.addInitScript(() => localStorage.setItem('liqmap.welcomed', 'true'));
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    if (!panel)
        await page.addInitScript(() => localStorage.setItem('liqmap.panel', 'false'));
    page.on('pageerror', (error) => page.problems.push(String(error)));
    page.on('console', (message) => {
        if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
            page.problems.push(message.text());
    });
    page.on('request', (request) => {
        if (!request.url().startsWith(page.home))
            page.problems.push('asked for ' + request.url());
    });
    if (clock)
        await page.clock.install();
    return page;
}

/**
 * Open the page and wait for its first answer. `page.problems` collects what
 * the page must never cause: exceptions, refused inline code, other hosts.
 * Unless `panel`, the chart has the window to itself: no panel, no profile.
 * Unless the query says how many, there are 500 candles; `bars: 0` leaves it to the page.
 * With `shared` another test may have had the page, at another address, and what
 * release() gets back may be had by the next.
 */
export async function open(browser, mock, { size = DESKTOP, query = '', wait = true, clock = false, panel = false, first = false, bars = 500, shared = false } = {}) {
    if (bars && !/bars=/.test(query))
        query += `${query ? '&' : '?'}bars=${bars}`;
    if (!panel)
        query += (query ? '&' : '?') + 'profile=off';
    const key = shared ? JSON.stringify([size, clock, panel, first]) : '';
    const page = keptBy(browser).get(key) ?? await newPage(browser, { size, clock, panel, first });
    keptBy(browser).delete(key);
    Object.assign(page, { key, home: mock.url, problems: [] });
    /* So that the mock knows a late request of the test before. */
    if (mock.test)
        await page.setExtraHTTPHeaders({ 'X-Test': String(mock.test) });
    await page.goto(mock.url + query);
    if (wait)
        await idle(page);
    return page;
}

/** A test is done with it; the next has it as if it were new. @param {boolean} good  nothing failed */
async function release(page, size, good) {
    const pages = keptBy(page.context().browser());
    if (!good || !page.key || pages.has(page.key))
        return page.context().close();
    /* The next server may be at the same address. */
    await page.evaluate(() => localStorage.clear());
    page.home = 'about:';
    await page.goto('about:blank');
    await page.unrouteAll();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.emulateMedia({ media: null, colorScheme: null, contrast: null, reducedMotion: 'reduce' });
    if (size.viewport)
        await page.setViewportSize(size.viewport);
    await page.mouse.move(0, 0);
    pages.set(page.key, page);
}

/** The last request is answered and the frame is drawn. No poll: that would ask for frames all the time. */
export async function idle(page) {
    await page.waitForFunction(() => new Promise((resolve) => {
        const { body } = document;
        const drawn = () => requestAnimationFrame(() => requestAnimationFrame(() => resolve(true)));
        if (body.dataset.busy === 'false')
            return void drawn();
        new MutationObserver((_, observer) => {
            if (body.dataset.busy !== 'false')
                return;
            observer.disconnect();
            drawn();
        }).observe(body, { attributeFilter: ['data-busy'] });
    }));
}

export function frames(page) {
    return page.evaluate(() => new Promise((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(resolve));
    }));
}

/** As when another tab is looked at. @param {boolean} hidden */
export function hideTab(page, hidden) {
    return page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
        document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
}

export const state = (page) => page.evaluate(() => ({ ...document.body.dataset }));
export const text = async (page, id) => (await page.getByTestId(id).textContent()).replace(/\s+/g, ' ').trim();

/** What the chart shows: candles by index, prices, and CSS pixels. */
export async function view(page) {
    const { timeView, priceView, pane } = await page.evaluate(() => new Promise((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(() => resolve({ ...document.querySelector('#chart').dataset })));
    }));
    const [from, to] = timeView.split(' ').map(Number);
    const [low, high] = priceView.split(' ').map(Number);
    const [width, height] = pane.split(' ').map(Number);
    return { from, to, low, high, width, height };
}

/** The answer the page shows, asked for once more. */
export async function answer(mock, query) {
    const response = await fetch(`${mock.url}api/v1/heatmap?${query}`);
    const json = await response.json();
    mock.requests.pop();
    return json;
}

/** Pixels of the pane, without axes. */
export async function pixels(page) {
    const box = await page.getByTestId('chart').boundingBox();
    const { width, height } = await view(page);
    return decodePng(await page.screenshot({ clip: { x: box.x, y: box.y, width: Math.floor(width), height: Math.floor(height) } }));
}

const COLOURS = new Set();
for (let i = 0; i < PALETTE.length; i += 3)
    COLOURS.add(PALETTE.subarray(i, i + 3).join());

/** Share of the pixels that are colours of the palette, and how many of them. */
export function paletteShare(image) {
    const seen = new Set();
    let inside = 0;
    let all = 0;
    for (let y = 1; y < image.height; y += 3) {
        for (let x = 1; x < image.width; x += 3) {
            const key = image.at(x, y).join();
            all++;
            if (COLOURS.has(key)) {
                inside++;
                seen.add(key);
            }
        }
    }
    return { share: inside / all, colours: seen.size };
}

/** Move the mouse over the pane, in its own CSS pixels. */
export async function hover(page, x, y) {
    const box = await page.getByTestId('chart').boundingBox();
    await page.mouse.move(box.x + x, box.y + y);
    await frames(page);
}

/** Turn the wheel there and wait until the chart has moved. */
export async function wheel(page, x, y, delta) {
    await hover(page, x, y);
    const was = await view(page);
    await page.mouse.wheel(0, delta);
    await page.waitForFunction(([from, low]) => {
        const { timeView, priceView } = document.querySelector('#chart').dataset;
        return Number(timeView.split(' ')[0]) !== from || Number(priceView.split(' ')[0]) !== low;
    }, [was.from, was.low]);
    return view(page);
}

/** The mouse leaves the chart. */
export async function leave(page) {
    await page.mouse.move(5, 5);
    await frames(page);
}

export function near(actual, expected, tolerance, about) {
    assert.ok(Math.abs(actual - expected) <= tolerance, `${about}: ${actual}, expected ${expected}`);
}

/** Wait for something the mock will see. */
export async function until(holds, about) {
    for (let i = 0; i < 4000 && !holds(); i++)
        await new Promise((resolve) => { setTimeout(resolve, 25); });
    assert.ok(holds(), about);
}

/** How many requests for a map have come. */
export const maps = (mock) => mock.requests.filter((r) => r.route === 'heatmap').length;

/** So many requests for a map have come, and not more. */
export async function requested(mock, count) {
    await until(() => maps(mock) >= count, `${count} requests for a map`);
    assert.equal(maps(mock), count, 'requests for a map');
}

/** The page, whose clock is movable, asks for its map again and shows it. */
export async function refreshed(page, mock) {
    const was = maps(mock);
    await page.clock.fastForward(21500);
    await until(() => maps(mock) > was, 'a refresh');
    await idle(page);
}

const DEVICES = new Map([[DESKTOP, 'desktop'], [PHONE, 'phone']]);

/** Maps that tests only look at, by how they were opened. @type {Map<string, {page: any, mock: any, size: object}>} */
const lookedAt = new Map();

/** Servers that no test has just now. @type {any[]} */
const spare = [];

/** One browser for each way of starting it, for all files of a process. @type {Map<Function, {browser: any, files: number}>} */
const started = new Map();

/** The browser of a test file, there while its tests run. */
export function browserOfFile(start = launch) {
    if (!started.has(start))
        started.set(start, { browser: null, files: 0 });
    const mine = started.get(start);
    mine.files++;
    before(async () => {
        if (!mine.browser?.isConnected())
            mine.browser = await start();
    });
    after(async () => {
        for (const [key, place] of lookedAt) {
            lookedAt.delete(key);
            await giveBack(place, true);
        }
        mine.files--;
        if (mine.files === 0)
            await mine.browser?.close();
        if ([...started.values()].every(({ files }) => files === 0))
            await Promise.all(spare.splice(0).map((mock) => mock.close()));
    });
    return () => mine.browser;
}

/** A test has no more use for its page and server. */
async function giveBack({ page, mock, size }, good) {
    await release(page, size, good);
    spare.push(mock);
}

/** A server as if it were new. @param {string} [prefix] */
async function takeMock(prefix = '') {
    const at = spare.findIndex((mock) => mock.prefix === prefix);
    const [mock] = at < 0 ? [await startMock({ prefix })] : spare.splice(at, 1);
    mock.begin();
    return mock;
}

/** A server and a page for a test; at its end they are given back. @returns {Promise<{page, mock, end: (good: boolean) => Promise<void>}>} */
async function enter(browser, { set, prefix, looks = false, sharp = false, ...asked }) {
    const rest = sharp ? asked : { ...asked, size: { ...asked.size, ...COARSE } };
    const key = looks ? JSON.stringify([set, prefix, rest]) : '';
    let place = lookedAt.get(key);
    lookedAt.delete(key);
    if (place) {
        await leave(place.page);
    } else {
        const mock = Object.assign(await takeMock(prefix), set);
        place = { mock, page: await open(browser, mock, { shared: true, ...rest }), size: rest.size };
    }
    const end = async (good) => {
        if (good && looks && !lookedAt.has(key))
            lookedAt.set(key, place);
        else
            await giveBack(place, good);
    };
    return { page: place.page, mock: place.mock, end };
}

/**
 * Makes the tests of a file: each has a server of its own and a page in which
 * nothing is left of another, causes no problems, and leaves nothing outside the
 * screen. `shared: false` where a test sets up what stays in a page: scripts,
 * routes, permissions; `looks` where it leaves map and page as they are, so that
 * the next one that only looks can have both without loading them. `sharp` where a
 * phone has the two pixels per CSS pixel that it should have.
 *
 * @param {() => import('playwright-core').Browser} browser
 * @param {object} [usual]  options of open() for all; `sizes` to test at, `set`
 *     what the server is set to before the page opens
 * @returns {(name: string, options: object, run: (page, mock, {phone, press}) => Promise<void>) => void}
 *     `press` clicks or taps a locator or what has a test id
 */
export function pageTests(browser, usual = {}) {
    return (name, options, run) => {
        const { sizes = [options.size ?? usual.size ?? DESKTOP], ...rest } = { ...usual, ...options };
        for (const size of sizes) {
            test(sizes.length > 1 ? `${name}, ${DEVICES.get(size)}` : name, async (t) => {
                const { page, mock, end } = await enter(browser(), { ...rest, size });
                let good = false;
                t.after(() => end(good));
                const press = (target) => {
                    const place = typeof target === 'string' ? page.getByTestId(target) : target;
                    return size.hasTouch ? place.tap() : place.click();
                };
                await run(page, mock, { phone: size.hasTouch === true, press });
                assert.deepEqual(page.problems, []);
                const [wide, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
                assert.equal(wide, width, 'nothing sticks out');
                if (size.hasTouch)
                    assert.equal(width, size.viewport.width, 'the layout is as wide as the device');
                good = true;
            });
        }
    };
}

export const BOTH = [DESKTOP, PHONE];
