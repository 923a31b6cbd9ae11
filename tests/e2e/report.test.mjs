/** liqmap report: text, JSON and a page from files, and what it refuses. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { LIQMAP, Program, scratch } from './harness.mjs';
import { HOUR, generateRecording } from '../mock/recording.mjs';

const END = Date.UTC(2025, 9, 10);
const folder = scratch();
const file = (name) => join(folder, name);
const CANDLES = file('candles.csv');
const FILES = [CANDLES, '--metrics', file('metrics.csv'), '--liquidations', file('executed.csv')];
const FAST = ['--draws', '300'];

async function liqmap(...args) {
  const program = new Program(LIQMAP, args);
  const { code } = await program.ended;
  return { code, out: program.out, err: program.err };
}

async function succeed(...args) {
  const { code, out, err } = await liqmap(...args);
  assert.equal(code, 0, err);
  assert.equal(err, '');
  return out;
}

const report = (...args) => liqmap('report', ...args);
const good = (...args) => succeed('report', ...args, ...FAST);

const json = async (...args) => JSON.parse(await good(...args, '--json'));

before(() => {
  const recording = generateRecording({ symbol: 'BTCUSDT', seed: 4, until: END, days: 50 });
  const rows = recording.series('15m').filter((r) => r.t >= END - 45 * 24 * HOUR && r.t < END);
  writeFileSync(CANDLES, `open_time,open,high,low,close,volume,quote_volume\n${
    rows.map((r) => [r.t, r.o, r.h, r.l, r.c, r.v, r.q].join(',')).join('\n')}\n`);
  writeFileSync(file('metrics.csv'), `create_time,symbol,sum_open_interest,sum_open_interest_value\n${
    rows.filter((r) => r.t % HOUR === 0).map((r, i) =>
      [r.t, 'BTCUSDT', 80_000 + 500 * Math.sin(i), 8e9].join(',')).join('\n')}\n`);
  const executed = rows.flatMap((r) => [
    [r.t, 'long', Math.round(1e8 * (r.o - r.l) / r.o)],
    [r.t, 'short', Math.round(1e8 * (r.h - r.o) / r.o)]]);
  writeFileSync(file('executed.csv'), `time,side,usd\n${executed.map((r) => r.join(',')).join('\n')}\n`);
});

describe('liqmap report', () => {
  let all;

  it('has every measure, each figure with its interval, rows and days', async () => {
    all = await json(...FILES);
    assert.equal(all.model.name, 'gauss7');
    assert.equal(all.model.tiers.length, 7);
    assert.equal(all.input.interval, '1h');
    assert.equal(all.input.engine_interval, '15m');
    assert.equal(all.input.bars, 31 * 24);
    assert.equal(all.draws, 300);
    assert.deepEqual(Object.keys(all.measures), ['sweeps', 'dense', 'false_positives', 'touch', 'levels',
      'after', 'calibration', 'open_interest']);
    for (const [name, measure] of Object.entries(all.measures)) {
      assert.equal(measure.missing, null, name);
      assert.ok(measure.figures.length > 0, name);
      for (const f of measure.figures) {
        if (f.value === null) assert.equal(f.verdict, 'too few rows');
        else {
          assert.ok(f.low <= f.value + 1e-9 || f.unit === 'R2', `${name}: ${JSON.stringify(f)}`);
          assert.ok(f.low <= f.high && f.n >= 50 && f.blocks >= 10, JSON.stringify(f));
        }
      }
    }
    const sweeps = all.measures.sweeps.figures;
    assert.equal(new Set(sweeps.map((f) => f.map)).size, 7);
    assert.equal(all.summary.length, 6);
  });

  it('gives the same bytes for the same seed, others for another', async () => {
    const again = await json(...FILES);
    assert.deepEqual(again.measures, all.measures);
    const other = await json(...FILES, '--seed', '2');
    assert.notDeepEqual(other.measures, all.measures);
    const of = (r) => r.measures.sweeps.figures.find((f) => f.map === 'map' && f.what === 'beyond move');
    assert.equal(of(other).value, of(all).value);
  });

  it('says what input is missing instead of a number, in text and on the page', async () => {
    const page = file('page.html');
    const text = await good(CANDLES, '--html', page);
    assert.match(text, /Sweeps\n(.*\n)+? {2}not measured: no reported liquidations were given/);
    assert.match(text, /Open interest(.*\n)+? {2}not measured: no open interest was given/);
    assert.match(text, /model gauss7 version \d/);
    assert.match(text, /Touches of dense rows/);
    const html = readFileSync(page, 'utf8');
    assert.match(html, /^<!doctype html>/);
    assert.match(html, /Not measured: no reported liquidations/);
    assert.match(html, /<svg/);
    assert.match(html, /prefers-color-scheme:dark/);
    /* Nothing comes from elsewhere. */
    assert.doesNotMatch(html, /https?:|<script|<link|src=|@import|url\(/);
  });

  it('compares two files of settings on the same days', async () => {
    writeFileSync(file('a.conf'), '');
    writeFileSync(file('b.conf'), '[model]\nleverage_spread = 0.1\n');
    const same = await json(CANDLES, '--compare', file('a.conf'), file('a.conf'));
    for (const f of same.measures.touch.figures) assert.equal(f.value ?? 0, 0);
    const other = await json(CANDLES, '--compare', file('a.conf'), file('b.conf'));
    assert.equal(other.model.leverage_spread, 0.04);
    assert.equal(other.minus_model.leverage_spread, 0.1);
    assert.equal(other.compared, 'A = a.conf, B = b.conf');
    assert.ok(other.measures.touch.figures.some((f) => f.value !== 0));
    const spread = await json(CANDLES, '--set', 'model.leverage_spread=0.1');
    assert.equal(spread.model.leverage_spread, 0.1);
  });

  it('reads lists of orders, of one symbol among others', async () => {
    writeFileSync(file('orders.csv'), `time,symbol,side,accumulated_fill_quantity,price,average_price\n${
      Array.from({ length: 600 }, (_, i) => [END - (700 - i) * HOUR, i % 2 ? 'BTCUSDT' : 'ETHUSDT', i % 4 > 1 ? 'SELL'
        : 'BUY', 1 + i % 7, 100_000, ''].join(',')).join('\n')}\n`);
    const got = await json(CANDLES, '--liquidations', file('orders.csv'));
    assert.equal(got.input.n_liquidations, 300);
    assert.equal(got.measures.sweeps.missing, null);
  });

  it('reads what the recorder exports', async () => {
    const lines = (name) => readFileSync(file(name), 'utf8').trim().split('\n').slice(1);
    const executed = lines('executed.csv');
    const recorded = ['executed.csv', 'metrics.csv'].map((name) => `of-${name}`);
    writeFileSync(file(recorded[0]), `time,side,usd,exchange,symbol\n${
      executed.map((row) => `${row},bybit,BTCUSDT\n`).join('')}${END - HOUR},long,9e9,bybit,ETHUSDT\n`);
    writeFileSync(file(recorded[1]), readFileSync(file('metrics.csv')));
    await succeed('import', '--db', file('record.db'), ...recorded.map(file));
    for (const table of ['liquidations', 'statistics'])
      writeFileSync(file(`${table}.csv`), await succeed('export', '--db', file('record.db'), table));
    const got = await json(CANDLES, '--metrics', file('statistics.csv'), '--liquidations', file('liquidations.csv'));
    assert.equal(got.input.n_liquidations, executed.length);
    assert.equal(got.input.n_open_interest, lines('metrics.csv').length);
    assert.deepEqual(got.measures, all.measures);
  });

  it('names the file and line that it cannot read', async () => {
    const bad = async (text, expected, name = 'bad.csv') => {
      writeFileSync(file(name), text);
      const { code, out, err } = await report(CANDLES, '--liquidations', file(name));
      assert.equal(code, 1);
      assert.equal(out, '');
      assert.match(err, expected);
    };
    await bad('time,side,usd\n1760000000000,up,5\n', /bad\.csv:2: side: expected long or short, got 'up'/);
    await bad('time,side,usd\n1760000000000,long,-5\n', /bad\.csv:2: expected an amount of 0 or more/);
    await bad('time,side,usd\n1760000000,long,5\n', /bad\.csv:2: time: expected milliseconds/);
    await bad('time,side\n1760000000000,long\n', /bad\.csv:1: expected a column usd, or a quantity and a price/);
    await bad('', /bad\.csv: the file is empty/);
    for (const [args, code, expected] of [
      [[], 2, /there must be CANDLES\.csv/],
      [[file('none.csv')], 1, /none\.csv: No such file/],
      [[CANDLES, '--draws', '50'], 2, /draws are 300 to 10000, not 50/],
      [[CANDLES, '--display', '7m'], 2, /an interval is one of/],
      [[CANDLES, '--engine', '1m'], 2, /candles of 15m cannot become candles of 1m/],
      [[CANDLES, '--engine', '4h', '--display', '1h'], 2, /must divide the display interval/],
      [[CANDLES, '--from', 'soon'], 2, /not a time: soon/],
      [[CANDLES, '--from', '2030-01-01'], 1, /no bar is left to judge/],
      [[CANDLES, '--compare', 'a.conf'], 2, /two files after --compare/],
      [[CANDLES, '--set', 'model.leverage_spread=7'], 2, /leverage_spread/],
      [[CANDLES, '--nothing'], 2, /no such option: --nothing/],
    ]) {
      const got = await report(...args);
      assert.equal(got.code, code, args.join(' ') + got.err);
      assert.match(got.err, expected);
    }
  });
});
