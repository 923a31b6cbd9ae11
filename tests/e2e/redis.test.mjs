/** Three daemons behind nginx that share what they fetch through Redis. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startExchanges } from '../mock/exchanges.mjs';
import { againstAll, environment, get, movableClock, Program, scratch, startDaemon, startNginx, startPatientLighttpd, until } from './harness.mjs';

/* Far from the close of a candle: what a new host needs of the past is what the others needed. */
const START = Date.UTC(2025, 9, 10, 22, 1);
const MINUTE = 60_000;
const TTL_MS = 10 * MINUTE;
const DEADLINE_MS = 120_000;
/* Of Redis, which may stand still for a while on a slow machine. */
const PATIENCE_MS = 120_000;
const PATH = '/api/v1/heatmap?exchange=binance&interval=1h&bars=200';
const KLINES = '/fapi/v1/klines';

/** redis-server on a Unix socket; its clock of the day goes on by the tests' clock alone. */
async function startRedis(socket, clock) {
  const redis = new Program('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'no',
    '--dir', scratch(), '--daemonize', 'no'], { env: { ...environment, ...clock.env, LIQ_CLOCK_HELD: '1' } });
  await redis.says(/ready to accept connections/i);
  return redis;
}

/** One command to Redis; its response as it came. */
const ask = (socket, ...words) => new Promise((done, failed) => {
  const c = connect(socket, () => {
    c.end(`*${words.length}\r\n${words.map((w) => `$${Buffer.byteLength(w)}\r\n${w}\r\n`).join('')}`);
  });
  let text = '';
  c.on('data', (d) => { text += d; });
  c.on('error', failed);
  c.on('end', () => done(text));
});

describe('many hosts', () => {
  const clock = movableClock();
  const socket = join(scratch(), 'redis.sock');
  const hosts = [];
  let [now, mocks, binance, redis, nginx] = [START];

  /* Time passes for the exchange, the daemons and Redis. */
  const advance = (ms) => {
    now += ms;
    mocks.setClock(now);
    clock.shift(ms);
  };
  const startHost = async (at = join(scratch(), 'liqmapd.sock'), patience = PATIENCE_MS) => {
    const daemon = await startDaemon({ socket: at, env: clock.env, settings: againstAll(mocks, { 'server.socket_mode': '0666', 'hosts.redis': socket,
      'hosts.timeout_ms': patience,
      'cache.ttl_ms': TTL_MS, 'cache.hot_ms': 0, 'cache.stale_ms': 24 * 60 * MINUTE, 'cache.error_ms': 1, 'fetch.deadline_ms': DEADLINE_MS }) });
    const web = await startPatientLighttpd(daemon.socket);
    const host = { daemon, web, get: (path = PATH) => get(web.url, path) };
    host.figure = async (name) => Number((await host.get('/metrics')).text.match(new RegExp(`^liqmap_${name}(?:{.*?})? (\\S+)$`, 'm'))?.[1]);
    host.map = async () => {
      const answer = await host.get();
      assert.equal(answer.status, 200, answer.text.slice(0, 300));
      return answer.json();
    };
    return host;
  };
  const endHost = async (host, signal = 'SIGTERM') => {
    const ended = await host.daemon.stop(signal);
    await host.web.stop();
    return ended;
  };
  /* Viewers whom nginx spreads over the hosts; the times of their data. */
  const viewers = async (n) => {
    const answers = await Promise.all(Array.from({ length: n }, () => get(nginx.url, PATH)));
    assert.deepEqual(answers.filter((a) => a.status !== 200).map((a) => a.text.slice(0, 300)), []);
    return answers.map((a) => a.json().data_time);
  };
  const requests = () => binance.requests.map((r) => r.path + r.query);
  const assertOnce = () => assert.deepEqual(requests().filter((r, i, all) => all.indexOf(r) !== i), []);
  const nextPeriod = () => {
    advance(TTL_MS + MINUTE);
    binance.forget();
  };
  const together = () => until(async () => (await Promise.all(hosts.map((h) => h.figure('redis_up')))).every((up) => up === 1) &&
    (await Promise.all(hosts.map((h) => h.figure('hosts')))).every((n) => n === 3), 'three hosts that see each other');

  before(async () => {
    mocks = await startExchanges(['binance'], { clock: START });
    binance = mocks.by.binance;
    redis = await startRedis(socket, clock);
    for (let i = 0; i < 3; i++) hosts.push(await startHost());
    nginx = await startNginx(hosts[0].daemon.socket, { edit: (text) => text
      .replace('server unix:/run/liqmapd.sock;', ['unix:/run/liqmapd.sock', ...hosts.slice(1).map((h) => `unix:${h.daemon.socket}`)]
        .map((s) => `server ${s} max_fails=0;`).join('\n'))
      .replace(/fastcgi_read_timeout \d+s/g, 'fastcgi_read_timeout 600s').replace(/fastcgi_connect_timeout \d+s/g, 'fastcgi_connect_timeout 60s') });
    await together();
  });
  after(async () => {
    await nginx?.stop('SIGQUIT');
    for (const host of hosts) {
      host.daemon.child.kill('SIGCONT');
      await endHost(host, 'SIGKILL');
    }
    await redis?.stop();
    await mocks?.close();
  });

  it('a cold start is fetched once for all of them', async () => {
    await viewers(9);
    await Promise.all(hosts.map((h) => h.map()));
    assert.ok(binance.count(KLINES) > 3, `${binance.count(KLINES)} pages`);
    assertOnce();
    for (const host of hosts) assert.equal(await host.figure('shared_alone_total'), 0);
  });

  it('a new host fetches nothing that has closed', async () => {
    binance.forget();
    const same = await startHost();
    try {
      await same.map();
      assert.deepEqual(requests(), []);
      assert.ok(await same.figure('shared_taken_total') > 5);
    } finally {
      assert.deepEqual(await endHost(same), { code: 0, signal: null });
    }
    nextPeriod();
    const later = await startHost();
    try {
      await later.map();
      assert.ok(binance.count(KLINES) <= 1, `${binance.count(KLINES)} pages`);
    } finally {
      assert.deepEqual(await endHost(later), { code: 0, signal: null });
    }
    await together();
  });

  it('each request is sent once a period', async () => {
    for (let i = 0; i < 3; i++) {
      nextPeriod();
      await viewers(9);
      const maps = await Promise.all(hosts.map((h) => h.map()));
      assert.equal(binance.count(KLINES), 1);
      assertOnce();
      for (const map of maps) assert.ok(map.data_time > now - TTL_MS, 'data of this period');
    }
  });

  it('bytes that no host wrote are refused', async () => {
    const keys = (await ask(socket, 'KEYS', 'liqmap1:body:*')).split('\r\n').filter((line) => line.startsWith('liqmap1:'));
    assert.ok(keys.length > 5);
    for (const key of keys) await ask(socket, 'HSET', key, 'm', '1 200 0 0 0 600\nno message');
    const host = await startHost();
    try {
      assert.equal((await host.map()).candles.open_time.length, 200);
      assert.ok(await host.figure('shared_alone_total') > 5);
      assert.match(host.daemon.err, /event=shared_response_refused/);
    } finally {
      assert.deepEqual(await endHost(host), { code: 0, signal: null });
    }
    await together();
    await ask(socket, 'FLUSHALL');
  });

  it('a host that is killed while it fetches holds up nobody for long', async () => {
    nextPeriod();
    binance.fault({ path: KLINES, kind: 'stall', times: 1 });
    const lost = hosts[0].get().catch(() => null);
    await until(() => binance.stalled.size, 'the fetch of the host');
    await hosts[0].daemon.stop('SIGKILL');
    await lost;
    const seen = viewers(6);
    /* nginx has none to give to the killed one, and the others wait for what it fetches: no request. */
    await until(async () => (await Promise.all(hosts.slice(1).map((h) => h.figure('requests_in_flight')))).every((n) => n >= 2),
      'viewers who wait');
    assert.equal(binance.count(KLINES), 1);
    advance(DEADLINE_MS / 2 + 1000);
    for (const time of await seen) assert.ok(time > now - 2 * MINUTE);
    assert.equal(binance.count(KLINES), 2, 'the killed one and one other');
    binance.clear();
    await hosts[0].web.stop();
    hosts[0] = await startHost(hosts[0].daemon.socket);
    await hosts[0].map();
    await together();
  });

  it('a host that stood still while it fetched uses what is newer', async () => {
    nextPeriod();
    const [, stopped, other] = hosts;
    binance.fault({ path: KLINES, kind: 'stall', times: 1 });
    const late = stopped.map();
    await until(() => binance.stalled.size, 'the fetch of the host');
    stopped.daemon.child.kill('SIGSTOP');
    advance(DEADLINE_MS / 2 + 1000);
    const newer = await other.map();
    assert.equal(binance.count(KLINES), 2);
    /* The response to the first request is that of half a minute before. */
    binance.release();
    await until(() => binance.stalled.size === 0, 'the response');
    stopped.daemon.child.kill('SIGCONT');
    const shown = await late;
    assert.ok(shown.data_time >= newer.data_time);
    assert.deepEqual(shown.candles, newer.candles);
    assert.ok(await stopped.figure('shared_refused_total') >= 1);
    assert.deepEqual((await other.map()).candles, newer.candles);
  });

  it('a ban of one host stops all', async () => {
    nextPeriod();
    binance.fault({ path: KLINES, kind: 'status', status: 429, retry_after: 300, times: 1 });
    assert.equal((await hosts[2].map()).stale, true);
    await until(async () => (await ask(socket, 'KEYS', 'liqmap1:shut:*')).includes('liqmap1:shut:'), 'the ban');
    binance.forget();
    for (const host of hosts) assert.equal((await host.map()).stale, true);
    assert.deepEqual(requests(), []);
    advance(6 * MINUTE);
    for (const host of hosts) await until(async () => !(await host.map()).stale, 'data after the ban');
    assertOnce();
  });

  it('without Redis each host fetches for itself, within its part of the budget', async () => {
    await together();
    const left = async (h) => await h.figure('exchange_weight_used') + await h.figure('exchange_weight_left');
    const whole = await left(hosts[1]);
    await redis.stop('SIGKILL');
    nextPeriod();
    await viewers(9);
    await Promise.all(hosts.map((h) => h.map()));
    assert.equal(binance.count(KLINES), 3);
    await until(async () => (await Promise.all(hosts.map((h) => h.figure('redis_up')))).every((up) => up === 0), 'hosts without Redis');
    for (const host of hosts) {
      assert.equal(await left(host), Math.floor(whole / 3));
      assert.equal((await host.get('/api/v1/health')).json().hosts.redis, 'away');
    }
    redis = await startRedis(socket, clock);
    await together();
    assert.equal(await left(hosts[1]), whole);
    nextPeriod();
    await viewers(9);
    await Promise.all(hosts.map((h) => h.map()));
    assert.equal(binance.count(KLINES), 1);
    assertOnce();
    for (const host of hosts) {
      assert.equal(host.daemon.err.match(/event=redis_lost hosts=3/g)?.length, 1, host.daemon.err);
      assert.equal(host.daemon.err.match(/event=redis_back/g)?.length, 1, host.daemon.err);
    }
  });

  it('a Redis that stands still is no Redis', async () => {
    nextPeriod();
    const host = await startHost(undefined, 100);
    redis.child.kill('SIGSTOP');
    try {
      await host.map();
      assert.ok(binance.count(KLINES) > 3);
      await until(async () => await host.figure('redis_up') === 0, 'a host without Redis');
    } finally {
      redis.child.kill('SIGCONT');
    }
    await until(async () => await host.figure('redis_up') === 1, 'Redis');
    assert.deepEqual(await endHost(host), { code: 0, signal: null });
    await together();
  });

  it('hosts end cleanly', async () => {
    for (const host of hosts.splice(0)) assert.deepEqual(await endHost(host), { code: 0, signal: null });
    assert.equal(await ask(socket, 'ZCARD', 'liqmap1:hosts'), ':0\r\n');
  });
});
