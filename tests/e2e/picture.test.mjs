/** /api/v1/heatmap.png and liqmap render: what the page shows, by the page's own modules. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { LIQMAP, Program, movableClock, scratch, startSite } from './harness.mjs';
import { HOUR, generateRecording } from '../mock/recording.mjs';
import { decodePng } from '../web/png.mjs';
import { CANDLES, paletteOf } from '../../www/js/data/palette.js';
import { parseSnapshot } from '../../www/js/data/snapshot.js';
import { Colours, DEFAULT_SCALE, rangesOf, ranksOf } from '../../www/js/data/scale.js';
import { priceView } from '../../www/js/draw/heatmap.js';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const GROUND = [0x0b, 0x0d, 0x14];
const LINE = [0x23, 0x28, 0x38];
/* Of 1200 x 630, laid out for 1000 x 525. */
const ZOOM = 1.2;
const HEAD = Math.round(58 * ZOOM);
const FOOT = (62 + 26) * ZOOM;
const PROFILE = Math.round(172 * ZOOM);

const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
const same = (a, b) => a.every((v, i) => v === b[i]);

/** The pane of an image: its right edge is the line beside the price axis. */
function paneOf(image) {
  const bottom = Math.round(image.height - FOOT);
  for (let x = Math.round(image.width / 2); x < image.width; x++) {
    let n = 0;
    for (let y = HEAD; y < bottom; y++) n += same(image.at(x, y), LINE);
    if (n > 0.4 * (bottom - HEAD)) return { right: x, top: HEAD, bottom };
  }
  throw new Error('no price axis');
}

/** Share of some pixels of the map that have the colour of their cell by the page's modules. */
function agreement(image, snapshot, { palette = 'viridis', log = false } = {}) {
  const { grid, candles } = snapshot;
  const pane = paneOf(image);
  const last = snapshot.ticker.last;
  const { minValue, maxValue } = priceView(Math.min(...candles.low), Math.max(...candles.high), last, grid);
  const colours = new Colours(palette, rangesOf(ranksOf(grid, candles, false), grid, DEFAULT_SCALE, null), log);
  const [table, ink] = [colours.table(grid, 'long'), paletteOf(palette)];
  const columnPx = (pane.right - PROFILE) / grid.columns;
  let [good, all] = [0, 0];
  for (let y = pane.top + 2; y < pane.bottom - 2; y += 3) {
    const price = minValue + (pane.bottom - y - 0.5) / (pane.bottom - pane.top) * (maxValue - minValue);
    const row = Math.floor((price - grid.priceMin) / grid.priceStep);
    for (let c = 0; c < grid.columns; c++) {
      if (row < 0 || row >= grid.rows) continue;
      const index = table[grid.cells[row * grid.columns + c]];
      all++;
      good += same(image.at(Math.floor((c + 0.5) * columnPx), y), [...ink.subarray(3 * index, 3 * index + 3)]);
    }
  }
  assert.ok(all > 5000, `${all} cells`);
  return good / all;
}

/** How many pixels of a box have a colour. */
function count(image, [left, top, right, bottom], colour) {
  let n = 0;
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) n += same(image.at(x, y), colour);
  return n;
}

describe('heatmap.png', () => {
  let site;
  let clock;
  let mock;
  before(async () => {
    clock = movableClock();
    site = await startSite({ mocks: { clock: CLOCK, speed: 0 }, env: clock.env, settings: { 'cache.error_ms': 1000 } });
    [mock] = site.mocks.all;
  });
  after(async () => {
    const ended = await site?.stop();
    assert.equal(ended?.code, 0);
  });
  const picture = async (query = '') => {
    const answer = await site.get(`heatmap.png?rows=200&${query}`);
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    assert.equal(answer.headers['content-type'], 'image/png');
    return decodePng(answer.body);
  };
  const snapshot = async () => parseSnapshot((await site.get('heatmap?rows=200&format=compact')).json());

  it('has the colours of the page, cell by cell', async () => {
    const map = await snapshot();
    for (const [query, options] of [['', {}], ['palette=ember', { palette: 'ember' }], ['palette=steel&colour=log', { palette: 'steel', log: true }]]) {
      const share = agreement(await picture(`ridges=off&${query}`), map, options);
      /* Candles cover the rest. */
      assert.ok(share > 0.93, `${query} ${share}`);
    }
    /* The test itself: other colours do not agree. */
    assert.ok(agreement(await picture('ridges=off&palette=ember'), map) < 0.3);
  });

  it('has candles, title, both axes, scale and notes', async () => {
    const image = await picture();
    assert.deepEqual([image.width, image.height], [1200, 630]);
    const pane = paneOf(image);
    const chart = [0, pane.top, pane.right - PROFILE, pane.bottom];
    for (const colour of [CANDLES.colour.up, CANDLES.colour.down])
      assert.ok(count(image, chart, rgb(colour)) > 300);
    for (const [name, box] of Object.entries({ title: [10, 5, 250, 35], about: [10, 38, 400, 62], site: [900, 5, 1190, 35],
      prices: [pane.right + 5, pane.top, 1200, pane.bottom], times: [0, pane.bottom + 3, pane.right, pane.bottom + 28],
      scale: [10, pane.bottom + 40, 430, 625], notes: [800, pane.bottom + 40, 1190, 625] })) {
      const area = (box[2] - box[0]) * (box[3] - box[1]);
      const drawn = area - count(image, box, GROUND);
      assert.ok(drawn > 150 && drawn < 0.9 * area, `${name}: ${drawn} of ${area}`);
    }
  });

  it('sizes snap to ten, and the light theme is light', async () => {
    const image = await picture('width=809&height=456&theme=light');
    assert.deepEqual([image.width, image.height, image.at(2, 2)], [800, 450, [0xf4, 0xf5, 0xf8]]);
  });

  it('is computed once for all who ask, and never sent as gzip', async () => {
    const query = 'heatmap.png?bars=500&width=990';
    await site.get('heatmap?bars=500');
    mock.forget();
    const before = (await site.get('health')).json().cache.responses.fills;
    const answers = await Promise.all(Array.from({ length: 20 }, () => site.get(query, { headers: { 'Accept-Encoding': 'gzip' } })));
    for (const { status, headers } of answers) assert.deepEqual([status, headers['content-encoding']], [200, undefined]);
    assert.equal(new Set(answers.map(({ headers }) => headers.etag)).size, 1);
    assert.equal((await site.get('health')).json().cache.responses.fills, before + 1);
    assert.equal(mock.count(), 0, 'requests to the exchange');
    const again = await site.get(query, { headers: { 'If-None-Match': answers[0].headers.etag } });
    assert.deepEqual([again.status, again.raw.length], [304, 0]);
    const head = await site.get(query, { method: 'HEAD' });
    assert.deepEqual([head.status, head.raw.length, Number(head.headers['content-length'])], [200, 0, answers[0].raw.length]);
  });

  it('refuses as the other routes do', async () => {
    for (const [query, status, code] of [['width=10', 400, 'bad_width'], ['height=99999', 400, 'bad_height'], ['theme=x', 400, 'bad_theme'],
      ['interval=7m', 400, 'bad_interval'], ['format=compact', 400, 'bad_parameter'], ['symbol=NOSUCHUSDT', 404, 'unknown_symbol']]) {
      const answer = await site.get(`heatmap.png?${query}`);
      assert.deepEqual([answer.status, answer.json().error.code], [status, code]);
      assert.match(answer.headers['content-type'], /^application\/json/);
    }
  });

  it('says on the image that its data is stale', async () => {
    const amber = [0xf0, 0xa8, 0x3a];
    assert.equal(count(await picture(), [0, 0, 1200, HEAD], amber), 0);
    mock.fault({ path: '*', kind: 'status', status: 500 });
    try {
      clock.shift(120_000);
      /* What is served while a refresh runs is the image before. */
      await site.get('heatmap.png?rows=200&symbol=BTCUSDT');
      clock.shift(120_000);
      const image = await picture();
      assert.ok(count(image, [800, 30, 1200, 65], amber) > 30, 'at its right');
      assert.ok(count(image, [0, 60, 500, 90], amber) > 30, 'the reason');
    } finally {
      mock.clear();
    }
  });
});

describe('liqmap render', () => {
  const folder = scratch();
  const klines = join(folder, 'klines.csv');
  const run = async (...args) => {
    const program = new Program(LIQMAP, ['render', ...args]);
    const { code } = await program.ended;
    return { code, err: program.err, out: program.out };
  };
  before(() => {
    const rows = generateRecording({ symbol: 'BTCUSDT', seed: 3, until: CLOCK, price: 100_000, digits: 1 }).series('15m').filter((row) => row.t < CLOCK - HOUR);
    writeFileSync(klines, `open_time,open,high,low,close,volume,quote_volume\n${rows.map((r) => [r.t, r.o, r.h, r.l, r.c, r.v, r.q].join(',')).join('\n')}\n`);
  });

  it('writes the same file again and again, and replaces an older one', async () => {
    const [a, b] = [join(folder, 'a.png'), join(folder, 'b.png')];
    writeFileSync(b, 'older');
    for (const args of [[klines, '-o', a], ['--klines', klines, '--output', b]])
      assert.deepEqual(await run(...args, '--bars', '100', '--width', '640', '--height', '480'), { code: 0, err: '', out: '' });
    assert.ok(readFileSync(a).equals(readFileSync(b)));
    const image = decodePng(readFileSync(a));
    assert.deepEqual([image.width, image.height], [640, 480]);
    assert.ok(count(image, [0, 60, 560, 380], rgb(CANDLES.colour.up)) > 100);
  });

  it('is drawn with the parameters that are set, and names those that are not the model\'s own', async () => {
    const [own, again, other] = ['own', 'again', 'other'].map((name) => join(folder, `${name}.png`));
    for (const [file, ...set] of [[own], [again, '--set', 'model.leverage_spread=0.04'], [other, '--set', 'model.leverage_spread=0.02']])
      assert.deepEqual(await run(klines, '-o', file, ...set), { code: 0, err: '', out: '' });
    assert.ok(readFileSync(own).equals(readFileSync(again)));
    const [a, b] = [own, other].map((file) => decodePng(readFileSync(file)));
    const pane = paneOf(a);
    /* Left of "Model gauss7 version 1", which ends at the right edge. */
    const caption = [Math.round((12 + 340 + 12) * ZOOM), 606, 1000, 622];
    const pixels = (caption[2] - caption[0]) * (caption[3] - caption[1]);
    assert.equal(count(a, caption, GROUND), pixels);
    assert.ok(count(b, caption, GROUND) < pixels - 200);
    let differ = 0;
    for (let y = pane.top; y < pane.bottom; y++)
      for (let x = 0; x < pane.right - PROFILE; x++) differ += !same(a.at(x, y), b.at(x, y));
    assert.ok(differ > 1000, `${differ} pixels`);
  });

  it('says what is wrong', async () => {
    for (const [args, code, text] of [[[klines], 2, /there must be -o FILE/], [['-o', 'x.png'], 2, /there must be --klines FILE/],
      [[klines, '-o', join(folder, 'none', 'x.png')], 1, /No such file/], [[klines, '-o', 'x.png', '--width', '5'], 2, /width is "5", expected pixels: 320\.\.2400/],
      [[klines, klines, '-o', 'x.png'], 2, /given twice/], [[klines, '-o', 'x.png', '--json'], 2, /no --json for render/]]) {
      const ended = await run(...args);
      assert.equal(ended.code, code, ended.err);
      assert.match(ended.err, text);
    }
  });
});
