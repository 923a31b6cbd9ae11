/** liqmap levels, profile and explain: tables and CSV say what the JSON says. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { LIQMAP, Program, scratch } from './harness.mjs';
import { MINUTE, generateRecording } from '../mock/recording.mjs';

const END = Date.UTC(2025, 9, 10, 22);
const folder = scratch();
const klines = join(folder, 'klines.csv');
const metrics = join(folder, 'metrics.csv');
const FILES = ['--klines', klines, '--metrics', metrics, '--bars', '100'];
const BASE = [...FILES, '--rows', '100'];

async function liqmap(...args) {
  const program = new Program(LIQMAP, args);
  const { code } = await program.ended;
  return { code, out: program.out, err: program.err };
}

/* The single leverage has no rows. */
const base = (args) => (args.includes('single') ? FILES : BASE);

async function json(command, ...args) {
  const { code, out, err } = await liqmap(command, ...base(args), ...args, '--json');
  assert.equal(code, 0, err);
  return JSON.parse(out);
}

/* CSV to objects of numbers; words stay words. */
async function csv(command, ...args) {
  const { code, out, err } = await liqmap(command, ...base(args), ...args, '--csv');
  assert.equal(code, 0, err);
  const [head, ...rows] = out.trim().split('\n').map((line) => line.split(','));
  return rows.map((row) => {
    assert.equal(row.length, head.length);
    return Object.fromEntries(row.map((v, i) => [head[i], v !== '' && Number.isFinite(Number(v)) ? Number(v) : v]));
  });
}

async function table(command, ...args) {
  const { code, out, err } = await liqmap(command, ...base(args), ...args);
  assert.equal(code, 0, err);
  return out.trimEnd().split('\n');
}

before(() => {
  const recording = generateRecording({ symbol: 'BTCUSDT', seed: 3, until: END, price: 100_000, digits: 1 });
  const rows = recording.series('15m').filter((row) => row.t < END);
  writeFileSync(klines, `open_time,open,high,low,close,volume,quote_volume\n${
    rows.map((r) => [r.t, r.o, r.h, r.l, r.c, r.v, r.q].join(',')).join('\n')}\n`);
  writeFileSync(metrics, 'create_time,symbol,sum_open_interest,sum_open_interest_value,' +
    'count_long_short_ratio\n2025-10-10 21:55:00,BTCUSDT,80000,8000000000,1.5\n');
});

describe('liqmap levels', () => {
  it('prints as CSV what it prints as JSON', async () => {
    const { levels } = await json('levels');
    const rows = await csv('levels');
    const all = [...levels.short.map((l) => ['short', l]), ...levels.long.map((l) => ['long', l])];
    assert.ok(levels.short.length > 1 && levels.long.length > 1);
    assert.equal(rows.length, all.length);
    rows.forEach((row, i) => {
      const [side, level] = all[i];
      assert.equal(row.side, side);
      for (const key of ['price', 'from', 'to', 'distance_percent', 'density', 'mass', 'modelled_usd', 'since']) {
        assert.equal(row[key], level[key], key);
      }
      for (const k of [2, 3, 5, 10, 25, 50, 100]) assert.equal(row[`share_${k}x`], level.tiers[k] ?? 0);
    });
  });

  it('prints a table from high prices to low ones, the price between the sides', async () => {
    const answer = await json('levels');
    const lines = await table('levels');
    assert.match(lines[0], /^BTCUSDT 1h, 100 bars, file/);
    assert.match(lines[1], /^imbalance .*1 % [+-]\d\.\d\d/);
    const at = lines.findIndex((l) => l.startsWith('------'));
    const prices = lines.slice(3).filter((l) => !l.startsWith('------')).map((l) => Number(l.split(/\s+/)[1]));
    assert.deepEqual(prices, [...prices].sort((a, b) => b - a));
    assert.equal(at, 3 + answer.levels.short.length);
    assert.equal(lines.length, 4 + answer.levels.short.length + answer.levels.long.length);
    assert.equal(Number(lines[at].split(/\s+/)[1]), answer.price);
  });
});

describe('liqmap profile', () => {
  it('prints as CSV what it prints as JSON', async () => {
    const { profile } = await json('profile');
    const rows = await csv('profile');
    assert.equal(rows.length, profile.rows);
    rows.forEach((row, r) => {
      assert.equal(row.price_from, profile.price_min + r * profile.price_step);
      assert.equal(row.total, profile.total[r]);
      assert.equal(row.cumulative, profile.cumulative[r]);
      for (const k of [2, 3, 5, 10, 25, 50, 100]) assert.equal(row[`mass_${k}x`], profile.tiers[k][r]);
    });
  });

  it('prints bars for a person, the price marked', async () => {
    const lines = await table('profile');
    assert.ok(lines.length <= 50);
    assert.equal(lines.filter((l) => / {2}> /.test(l)).length, 1);
    assert.ok(lines.some((l) => l.endsWith('#'.repeat(40))));
  });

  it('knows the single leverage', async () => {
    const args = ['--model', 'single', '--leverage', '10', '--margin-rate', '0.005', '--lambda', '0.1'];
    const { model, bands } = await json('profile', ...args);
    assert.deepEqual([model.leverage, model.margin_rate, model.lambda], [10, 0.005, 0.1]);
    const rows = await csv('profile', ...args);
    assert.deepEqual(rows.map((r) => r.long), bands.long);
    assert.deepEqual(rows.map((r) => r.short), bands.short);
    assert.match((await table('profile', ...args))[1], /weight/);
  });
});

describe('liqmap --contract', () => {
  it('inverse: liquidation prices of a contract that is margined in the coin', async () => {
    const [linear, same, inverse] = await Promise.all([json('heatmap'), json('heatmap', '--contract', 'linear'),
      json('heatmap', '--contract', 'inverse')]);
    assert.deepEqual(same.grid, linear.grid);
    assert.deepEqual([linear, inverse].map((m) => [m.contract, m.model.limits.inverse]), [['linear', false], ['inverse', true]]);
    assert.notEqual(inverse.epoch, linear.epoch);
    assert.notDeepEqual(inverse.grid.cells, linear.grid.cells);
  });
});

describe('liqmap explain', () => {
  it('prints the causes of a cell as table and CSV', async () => {
    const { levels } = await json('levels');
    const cell = ['--time', String(END - MINUTE), '--price', String(levels.long[0].price)];
    const answer = await json('explain', ...cell);
    assert.ok(answer.causes.length > 0);
    const rows = await csv('explain', ...cell);
    assert.deepEqual(rows.map((r) => [r.open_time, r.leverage, r.share]),
      answer.causes.map((c) => [c.open_time, c.leverage, c.share]));
    const lines = await table('explain', ...cell);
    assert.match(lines[1], /long liquidations, density/);
    assert.equal(lines.filter((l) => /\d+x\s+[\d.]+%/.test(l)).length, answer.causes.length);
  });
});

describe('help', () => {
  const commands = ['heatmap', 'levels', 'profile', 'explain', 'render', 'report', 'doctor', 'import', 'export', 'watch'];

  it('names every command, and what each says fits 80 columns', async () => {
    const { code, out } = await liqmap('--help');
    assert.equal(code, 0);
    assert.deepEqual(out.match(/^ {2}(\w+) {2}/gm).map((l) => l.trim()), commands);
    assert.equal((await liqmap('help')).out, out);
  });

  for (const command of commands) {
    it(`${command}: usage, options with defaults, exit statuses, an example`, async () => {
      const { code, out, err } = await liqmap(command, '--help');
      assert.deepEqual([code, err], [0, '']);
      assert.match(out, new RegExp(`^usage: liqmap ${command} `));
      assert.match(out, /default: /);
      assert.match(out, /Exit status: 0 .* 1 .* 2 /s);
      assert.match(out, new RegExp(`Example:\\n {2}liqmap ${command} `));
      for (const line of out.split('\n')) assert.ok(line.length <= 80, line);
      assert.equal((await liqmap('help', command)).out, out);
      assert.equal((await liqmap(command, '--symbol', 'BTCUSDT', '--help')).out, out);
    });
  }

  it('knows no other command', async () => {
    const { code, err } = await liqmap('help', 'guess');
    assert.equal(code, 2);
    assert.match(err, /no such command: guess/);
  });

  it('every option of the overview is taken', async () => {
    const { out } = await liqmap('help', 'profile');
    const names = [...new Set(out.match(/--[a-z-]+/g))].filter((o) => !['--help', '--json', '--csv'].includes(o));
    assert.ok(names.length > 12);
    for (const name of names) assert.match((await liqmap('profile', name)).err, /no value for/, name);
  });
});

describe('parameters of the model', () => {
  const CRISP = ['--set', 'model.leverage_spread=0.02', '--set', 'model.maintenance_margin_rate=0.002'];

  it('are settings: in what the response says, in the map and in its epoch', async () => {
    const [usual, crisp] = [await json('heatmap'), await json('heatmap', ...CRISP)];
    assert.deepEqual([usual.model.leverage_spread, usual.model.maintenance_margin_rate], [0.04, 0.004]);
    assert.deepEqual([crisp.model.leverage_spread, crisp.model.maintenance_margin_rate], [0.02, 0.002]);
    assert.notEqual(crisp.epoch, usual.epoch);
    assert.notDeepEqual(crisp.grid.cells, usual.grid.cells);
  });

  it('come from a file too', async () => {
    const file = join(folder, 'model.conf');
    writeFileSync(file, '[model]\nstanding_shares = 0,0,0,1,0,0,0\nhalf_life_hours = 1,1,1,24,1,1,1\nround_number_share = 0\n');
    const { model, levels } = await json('heatmap', '--config', file);
    assert.deepEqual(model.tiers.map((tier) => [tier.leverage, tier.standing_share, tier.half_life_hours]),
      [[2, 0, 1], [3, 0, 1], [5, 0, 1], [10, 1, 24], [25, 0, 1], [50, 0, 1], [100, 0, 1]]);
    assert.equal(model.round_number_share, 0);
    for (const level of [...levels.long, ...levels.short]) assert.deepEqual(Object.keys(level.tiers), ['10']);
  });
});

describe('what is wrong', () => {
  const cases = [
    [['levels', ...BASE, '--set', 'model.standing_shares=1,1,1,1,1,1,1'], /model.standing_shares: expected 7 numbers from 0 to 1 that sum to 1/],
    [['levels', ...BASE, '--config', '/nowhere.conf'], /nowhere.conf: cannot be read/],
    [['levels'], /--klines/],
    [['levels', ...BASE, '--json', '--csv'], /one of --json/],
    [['heatmap', ...BASE, '--csv'], /no --csv for heatmap/],
    [['explain', ...BASE], /needs time and price/],
    [['profile', ...BASE, '--leverage', '10'], /no parameter "leverage"/],
    [['profile', ...BASE, '--model', 'double'], /gauss7, single/],
    [['levels', ...BASE, '--contract', 'both'], /needs exchange=all or auto; expected one kind/],
    [['levels', ...BASE, '--contract', 'spot'], /linear, inverse, both/],
    [['guess', ...BASE], /no such command/],
  ];
  for (const [args, message] of cases) {
    it(args.filter((a) => !a.startsWith('/')).slice(0, 3).join(' '), async () => {
      const { code, out, err } = await liqmap(...args);
      assert.equal(code, 2);
      assert.equal(out, '');
      assert.match(err, message);
      assert.equal(err.trim().split('\n').length, 1);
    });
  }
});
