/** SIGHUP: settings are read again, and no request is lost. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { LIQMAPD, Program, get, scratch, startPatientLighttpd, until } from './harness.mjs';

describe('SIGHUP', () => {
  const dir = scratch();
  const file = join(dir, 'liqmap.conf');
  const socket = join(dir, 'liqmapd.sock');
  let daemon;
  let web;
  const write = (ttl, rest = '', workers = 4) => writeFileSync(file, `[server]\nmarket = demo\nworkers = ${workers}\n` +
    `[fetch]\ndeadline_ms = 60000\n[cache]\nttl_ms = ${ttl}\n${rest}`);
  const ask = (interval) => get(web.url, `/api/v1/klines?interval=${interval}&bars=10`);
  const age = async (interval) => {
    const answer = await ask(interval);
    assert.equal(answer.status, 200, answer.text);
    return Number(answer.headers['cache-control'].match(/max-age=(\d+)/)[1]);
  };
  const hangUp = async (word) => {
    const before = daemon.err.length;
    daemon.child.kill('SIGHUP');
    await until(() => daemon.err.slice(before).includes(word), word);
    return daemon.err.slice(before);
  };
  before(async () => {
    write(600_000);
    daemon = new Program(LIQMAPD, ['--config', file, '--set', `server.listen=${socket}`]);
    await until(() => daemon.err.includes('start build'), 'the daemon');
    web = await startPatientLighttpd(socket);
  });
  after(async () => { await web?.stop(); await daemon?.stop(); });

  it('takes what can change, says what cannot, and loses no request', async () => {
    assert.ok(await age('1h') > 500);
    write(30_000, '[model]\nleverage_spread = 0.02\n', 5);
    let said;
    const statuses = await Promise.all(Array.from({ length: 60 }, async (_, i) => {
      if (i === 20) said = hangUp('settings read again');
      return (await ask(['5m', '15m', '1h'][i % 3])).status;
    }));
    assert.deepEqual([...new Set(statuses)], [200]);
    assert.match(await said, /server\.workers changes at a restart only/);
    assert.match(await said, /model\.leverage_spread changes at a restart only/);
    assert.ok(await age('1d') <= 30);
  });

  it('settings that are not good change nothing', async () => {
    write(5000, 'nonsense = 1\n');
    assert.match(await hangUp('settings not taken'), /liqmap\.conf:\d+: .*nonsense/);
    const a = await age('4h');
    assert.ok(a > 5 && a <= 30, `${a}`);
  });

  it('and the daemon still ends as it should', async () => {
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  });
});
