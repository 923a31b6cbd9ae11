/** The weights of a sum outlive the daemon: killed and started again it shows the same closed columns. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { againstAll, scratch, startDaemon, startPatientLighttpd, startSite, until } from './harness.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const NAMES = ['binance', 'bybit', 'okx'];
const PATH = 'heatmap?exchange=all&interval=1h&bars=200&rows=100';
/* However slow the machine. */
const SLOW = { 'fetch.deadline_ms': 60000 };
const WARNING = /state file=\S+ .*/g;

const closed = ({ grid }) => JSON.stringify(grid.cells.map((row) => row.slice(0, -1)));
const readable = (file) => existsSync(file) && readFileSync(file, 'utf8').includes('weights BTCUSDT 1h');

describe('the state file', () => {
  const withSite = (use) => async () => {
    const file = join(scratch(), 'state');
    const site = await startSite({ startWeb: startPatientLighttpd, names: NAMES, mocks: { clock: CLOCK, speed: 0 }, settings: { 'server.state_file': file, ...SLOW } });
    /* Kill it, move open interest, start it again with settings of the same name. */
    const restart = async (settings = {}) => {
      const { socket } = site.daemon;
      await site.daemon.stop('SIGKILL');
      site.mocks.by.bybit.size *= 1.5;
      site.daemon = await startDaemon({ socket, settings: againstAll(site.mocks, { 'server.state_file': file, ...SLOW, ...settings }) });
    };
    const map = async () => {
      const answer = await site.get(PATH);
      assert.equal(answer.status, 200, answer.text.slice(0, 300));
      return answer.json();
    };
    try {
      await use({ site, file, restart, map });
    } finally {
      await site.stop('SIGKILL');
    }
  };

  it('a killed daemon comes back to the same epoch and columns; without the file it does not', withSite(async ({ file, restart, map }) => {
    const before = await map();
    await until(() => readable(file), 'the file');
    await restart();
    const after = await map();
    assert.equal(after.epoch, before.epoch);
    assert.equal(closed(after), closed(before));
    assert.ok(after.statistics.open_interest_usd > 1.1 * before.statistics.open_interest_usd, 'open interest did move');
    await restart({ 'server.state_file': '' });
    const without = await map();
    assert.notEqual(without.epoch, before.epoch);
    assert.notEqual(closed(without), closed(before));
  }));

  it('a damaged file is reported once and replaced', withSite(async ({ site, file, restart, map }) => {
    const before = await map();
    await until(() => readable(file), 'the file');
    const good = readFileSync(file, 'utf8');
    writeFileSync(file, good.slice(0, good.length - 7));
    await restart();
    assert.notEqual((await map()).epoch, before.epoch);
    await until(() => readFileSync(file, 'utf8').endsWith('\nend\n'), 'a good file');
    const warnings = site.daemon.err.match(WARNING);
    assert.equal(warnings.length, 1, site.daemon.err);
    assert.match(warnings[0], /line=2 why="damaged; starting without"/);
  }));

  it('a place that cannot be written is reported once, and maps go on', withSite(async ({ site, file, restart, map }) => {
    await map();
    await until(() => readable(file), 'the file');
    /* Below a file, which stops even root. */
    await restart({ 'server.state_file': join(file, 'state') });
    await map();
    await until(() => site.daemon.err.match(WARNING), 'a warning');
    assert.equal((await site.get(PATH.replace('1h', '4h'))).status, 200);
    assert.equal((await site.get(`${PATH}&symbol=ETHUSDT`)).status, 200);
    assert.deepEqual(await site.daemon.stop(), { code: 0, signal: null });
    const warnings = site.daemon.err.match(WARNING);
    assert.equal(warnings.filter((w) => /cannot be written/.test(w)).length, 1, site.daemon.err);
  }));
});
