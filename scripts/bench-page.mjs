/* Measure the page: bytes, time to the first map, script and frames during
 * pointing, panning and zooming, memory after many refreshes.  Medians; the
 * browser renders in software.
 *
 *     node scripts/bench-page.mjs [--refreshes 200] [--load] [--source] [--phone] [--against DIR]
 *
 * --load: only what a first visit costs.  --source: the page without bundling.
 * --phone: only panning on a slow phone.  --against: another build/www, which
 * is visited or panned in turn with this one; a shared machine is as fast for
 * one as for the other.
 */

import { resolve } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startDaemon, startLighttpd, startRun } from '../tests/e2e/harness.mjs';
import { DESKTOP, PHONE, idle, launchWhole, open, requested } from '../tests/web/helpers.mjs';
import { startMock } from '../tests/web/mock-server.mjs';

const LOADS = 15;
const MOVES = 120;
const ROUNDS = 3;
/** A phone's processor against this one. */
const SLOWER = 4;

const { values } = parseArgs({ options: {
    refreshes: { type: 'string', default: '200' },
    load: { type: 'boolean', default: false }, phone: { type: 'boolean', default: false }, against: { type: 'string' }, source: { type: 'boolean', default: false },
} });

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const shareOf = (list, share) => [...list].sort((a, b) => a - b)[Math.floor(share * list.length)];
const say = (what, value, unit, about = '') => process.stdout.write(`${what.padEnd(44)} ${String(value).padStart(8)} ${unit}${about && '   ' + about}\n`);

/** Requests and bytes over the wire of a first visit. */
async function weigh(browser, url) {
    const context = await browser.newContext(DESKTOP);
    const page = await context.newPage();
    const client = await context.newCDPSession(page);
    await client.send('Network.enable');
    const kinds = new Map();
    const bytes = { page: 0, map: 0, requests: 0 };
    client.on('Network.responseReceived', ({ requestId, response }) => kinds.set(requestId, response.url.includes('/api/') ? 'map' : 'page'));
    client.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
        bytes[kinds.get(requestId) ?? 'page'] += encodedDataLength;
        bytes.requests++;
    });
    await page.goto(url);
    await idle(page);
    await page.waitForLoadState('networkidle');
    await context.close();
    return bytes;
}

/** Processor seconds within which nothing but looking happens, and how often in a row. */
const QUIET = { seconds: 0.02, times: 3, every_ms: 100 };

/**
 * Chromium opens a window for each new profile, which takes longer than the page;
 * a visitor's is open.
 */
async function opened(browser) {
    const client = await browser.newBrowserCDPSession();
    for (let before = 0, calm = 0; calm < QUIET.times;) {
        const { processInfo } = await client.send('SystemInfo.getProcessInfo');
        const now = processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
        calm = now - before < QUIET.seconds ? calm + 1 : 0;
        before = now;
        await rest(QUIET.every_ms);
    }
    await client.detach();
}

/**
 * A visit in a new profile, until the first map is on the screen.
 *
 * @returns {Promise<{ms: number, work: number}>} from navigation, and processor time of the page's main thread, ms
 */
async function load(browser, url) {
    const context = await browser.newContext(DESKTOP);
    const page = await context.newPage();
    const client = await context.newCDPSession(page);
    await page.addInitScript(() => {
        window.firstMap = new Promise((resolve) => {
            new MutationObserver((_, observer) => {
                if (document.body?.dataset.map !== 'true')
                    return;
                observer.disconnect();
                /* Drawn in the next frame, so that the one after finds it on the screen. */
                requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())));
            }).observe(document, { attributes: true, subtree: true, childList: true });
        });
    });
    await client.send('Performance.enable', { timeDomain: 'threadTicks' });
    await opened(browser);
    await page.goto(url, { waitUntil: 'commit' });
    /* Not by page.evaluate(), whose own scripts would be part of the time. */
    const { result } = await client.send('Runtime.evaluate', { expression: 'window.firstMap', awaitPromise: true });
    const { metrics } = await client.send('Performance.getMetrics');
    await context.close();
    return { ms: result.value, work: 1000 * metrics.find(({ name }) => name === 'TaskDuration').value };
}

/** Script and frame times while run() works. */
async function frames(page, run) {
    const client = await page.context().newCDPSession(page);
    await client.send('Performance.enable');
    const spent = async () => {
        const { metrics } = await client.send('Performance.getMetrics');
        const [script, task] = ['ScriptDuration', 'TaskDuration'].map((name) => metrics.find((m) => m.name === name).value * 1000);
        return { script, task };
    };
    await page.evaluate(() => {
        window.frameTimes = [];
        window.counting = true;
        let last = performance.now();
        const next = (now) => {
            window.frameTimes.push(now - last);
            last = now;
            if (window.counting)
                requestAnimationFrame(next);
        };
        requestAnimationFrame(next);
    });
    const before = await spent();
    await run();
    const after = await spent();
    const times = await page.evaluate(() => {
        window.counting = false;
        return window.frameTimes.slice(2);
    });
    return { script: (after.script - before.script) / times.length, work: (after.task - before.task) / MOVES, frame: median(times), slow: shareOf(times, 0.95), rate: 1000 * times.length / times.reduce((a, b) => a + b) };
}

async function gestures(browser, url, bars) {
    const page = await open(browser, { url }, { query: `?interval=1h&bars=${bars}` });
    const box = await page.getByTestId('chart').boundingBox();
    const at = (fx, fy) => [box.x + fx * box.width * 0.55, box.y + fy * box.height * 0.9];
    const wave = (i) => 0.5 + 0.4 * Math.sin(i / 9);
    const run = {
        crosshair: async () => {
            for (let i = 0; i < MOVES; i++)
                await page.mouse.move(...at(0.1 + 0.8 * i / MOVES, wave(i)));
        },
        pan: async () => {
            await page.mouse.move(...at(0.5, 0.5));
            await page.mouse.down();
            for (let i = 0; i < MOVES; i++)
                await page.mouse.move(...at(wave(i), 0.5));
            await page.mouse.up();
        },
        zoom: async () => {
            await page.mouse.move(...at(0.9, 0.5));
            for (let i = 0; i < MOVES; i++)
                await page.mouse.wheel(0, i % 40 < 20 ? -60 : 60);
        },
    };
    for (const [name, gesture] of Object.entries(run)) {
        const rounds = [];
        for (let i = 0; i < ROUNDS; i++)
            rounds.push(await frames(page, gesture));
        const of = (key, digits) => median(rounds.map((r) => r[key])).toFixed(digits);
        say(`${name}, ${bars} candles: script`, of('script', 2), 'ms a frame', name === 'crosshair' ? 'goal: under 4' : '');
        say(`${name}, ${bars} candles: frames`, of('rate', 1), 'a second', `median ${of('frame', 1)} ms`);
    }
    await page.context().close();
}

/** Pan 1500 candles with two fingers on a slow phone. @param {string} layers  of the address */
async function panPhone(browser, mock, layers) {
    const page = await open(browser, mock, { size: PHONE, query: `?interval=1h&bars=1500${layers}`, panel: true });
    if (layers)
        await page.waitForFunction(() => /^400 /.test(document.querySelector('#chart').dataset.executed ?? ''));
    const client = await page.context().newCDPSession(page);
    await client.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
    const box = await page.getByTestId('chart').boundingBox();
    const touch = (type, ...x) => client.send('Input.dispatchTouchEvent', { type, touchPoints: x.map((at, id) => ({ x: box.x + at, y: box.y + 300, id })) });
    await touch('touchStart', 150, 250);
    const result = await frames(page, async () => {
        for (let i = 0; i < MOVES; i++)
            await touch('touchMove', 150 + 60 * Math.sin(i / 9), 250 + 60 * Math.sin(i / 9));
    });
    await touch('touchEnd');
    await page.context().close();
    return result;
}

/** What is panned: the map alone, and with as many circles as there can be. */
const PANNED = [['', ''], ['&executed=circles', ', 400 circles'], ['&executed=both', ', 400 circles and totals']];

/** @param {string | undefined} against  build/www to compare with */
async function panPhones(browser, against) {
    const mocks = [await startMock(), ...against ? [await startMock({ folder: against })] : []];
    const runs = mocks.flatMap((mock, k) => PANNED.map(([layers, name]) => ({ mock, k, layers, name, rounds: [] })));
    /* In turn: a shared machine is as fast for one as for the other. */
    for (let i = 0; i < ROUNDS; i++) {
        for (const run of runs)
            run.rounds.push(await panPhone(browser, run.mock, run.layers));
    }
    const of = ({ rounds }, key) => median(rounds.map((r) => r[key]));
    for (const run of runs) {
        say(`phone ${SLOWER} times slower, pan 1500: 95 %`, of(run, 'slow').toFixed(1), 'ms a frame',
            `${['this page', 'the other'][run.k]}${run.name}; median ${of(run, 'frame').toFixed(1)}, ${of(run, 'work').toFixed(1)} ms of work for each move${run.k === 0 ? '; goal: under 33' : ''}`);
    }
    if (against) {
        const [own, other] = [runs[0], runs[PANNED.length]];
        say('this page against the other', (of(own, 'slow') / of(other, 'slow')).toFixed(2), 'of its 95 %', `${(of(own, 'work') / of(other, 'work')).toFixed(2)} of its work`);
    }
    await Promise.all(mocks.map((mock) => mock.close()));
}

/**
 * Heap size by kind.  The browser keeps recompiling hot code and records each
 * request while it is inspected: neither is the page's data.
 *
 * @returns {Promise<{data: number, code: number}>} MB
 */
async function heapOf(client) {
    const chunks = [];
    const take = ({ chunk }) => chunks.push(chunk);
    client.on('HeapProfiler.addHeapSnapshotChunk', take);
    await client.send('HeapProfiler.collectGarbage');
    await client.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
    client.off('HeapProfiler.addHeapSnapshotChunk', take);
    const { snapshot: { meta }, nodes } = JSON.parse(chunks.join(''));
    const [types] = meta.node_types;
    const size = meta.node_fields.indexOf('self_size');
    const sum = { data: 0, code: 0 };
    for (let i = 0; i < nodes.length; i += meta.node_fields.length) {
        const type = types[nodes[i]];
        if (type === 'code')
            sum.code += nodes[i + size] / 1e6;
        else if (!['native', 'synthetic', 'hidden'].includes(type))
            sum.data += nodes[i + size] / 1e6;
    }
    return sum;
}

/** Heap size after ten and after many refreshes, each with new data. */
async function growth(browser, refreshes) {
    const mock = await startMock();
    const page = await open(browser, mock, { query: '?interval=1h&bars=200', clock: true });
    const client = await page.context().newCDPSession(page);
    let begin = { data: 0, code: 0 };
    for (let i = 1; i <= refreshes + 10; i++) {
        mock.now += 20000;
        mock.requests.length = 0;
        await page.clock.fastForward(22000);
        await requested(mock, 1);
        await idle(page);
        if (i === 10)
            begin = await heapOf(client);
    }
    const end = await heapOf(client);
    await page.context().close();
    await mock.close();
    return { begin, end };
}

/** Everything but the phone, on the demo exchange. */
async function measureAll(browser) {
    const run = await startRun({ args: ['--demo', ...values.source ? ['--source'] : []] });
    try {
        await measureVisit(browser, run.url + '/?interval=1h&bars=500');
        if (values.load)
            return;
        for (const bars of [500, 1500])
            await gestures(browser, run.url + '/', bars);
    } finally {
        await run.stop();
    }
    await panPhones(browser, values.against);
    const { begin, end } = await growth(browser, Number(values.refreshes));
    for (const [kind, name] of [['data', 'data'], ['code', 'compiled code']])
        say(`${name} after ${values.refreshes} refreshes`, end[kind].toFixed(2), 'MB', `${(end[kind] - begin[kind]).toFixed(2)} MB more than after the 10th`);
}

async function measureVisit(browser, url) {
    const bytes = await weigh(browser, url);
    say('page, without cache', (bytes.page / 1000).toFixed(0), 'kB over the wire', `${bytes.requests} requests with the answers`);
    say('first answers (500 candles)', (bytes.map / 1000).toFixed(0), 'kB over the wire');
    await measureLoads(browser, [url]);
}

/** @param {string[]} urls  this page, and the one it is compared with */
async function measureLoads(browser, urls) {
    const visits = urls.map(() => []);
    for (let i = 0; i < LOADS; i++) {
        for (const [k, url] of urls.entries())
            visits[k].push(await load(browser, url));
    }
    for (const [k, name] of ['', ', the other'].slice(0, urls.length).entries()) {
        const times = visits[k].map(({ ms }) => ms);
        say(`first heatmap after navigation${name}`, median(times).toFixed(0), 'ms',
            `goal: under 300; ${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)} in ${LOADS} visits`);
        say(`processor time until then${name}`, median(visits[k].map(({ work }) => work)).toFixed(0), 'ms of the main thread');
    }
}

/** First visits of two builds in turn, from one daemon. @param {string} against */
async function compareLoads(browser, against) {
    const daemon = await startDaemon({ settings: { 'server.market': 'demo', 'server.log_level': 'warn' } });
    const webs = [await startLighttpd(daemon.socket), await startLighttpd(daemon.socket, { www: resolve(against) })];
    await measureLoads(browser, webs.map(({ url }) => url + '/?interval=1h&bars=500'));
    for (const web of webs)
        await web.stop('SIGINT');
    await daemon.stop();
}

const browser = await launchWhole();
try {
    if (values.phone)
        await panPhones(browser, values.against);
    else if (values.load && values.against)
        await compareLoads(browser, values.against);
    else
        await measureAll(browser);
} finally {
    await browser.close();
}
