/** Starting, ending, restarting and dying: nothing is lost, nothing is left behind. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startExchange } from '../mock/exchanges.mjs';
import { Program, against, alive, entries, environment, freePort, get, startDaemon, startLighttpd, startRun, until } from './harness.mjs';
import { checkSnapshot } from './snapshot.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const KLINES = '/fapi/v1/klines';
const path = (query) => `/api/v1/heatmap?bars=100&${query}`;

describe('scripts/run', () => {
  let mock;
  before(async () => { mock = await startExchange({ clock: CLOCK, speed: 0 }); });
  after(() => mock.close());

  /* Run with scripts/run, and see that nothing of it is left. */
  async function withRun(options, use) {
    const run = await startRun(options);
    const children = run.children();
    try {
      await use(run, children);
    } finally {
      await run.stop();
    }
    for (const pid of Object.values(children)) assert.ok(!alive(pid), 'no process left');
    return run;
  }
  const left = () => entries(environment.TMPDIR, 'liqmap.');

  for (const signal of ['SIGTERM', 'SIGINT']) {
    it(`${signal}: exit 0, nothing left behind, nothing on stderr`, async () => {
      const there = left();
      const run = await withRun({ settings: against(mock) }, async (r) => {
        assert.equal((await get(r.url, path('interval=1h'))).status, 200);
        await r.stop(signal);
      });
      assert.deepEqual(run.status, { code: 0, signal: null });
      assert.equal(run.err, '');
      assert.deepEqual(left().filter((name) => !there.includes(name)), []);
    });
  }

  it('SIGHUP: goes on, the daemon reads its settings again', async () => {
    const run = await withRun({ settings: against(mock, { 'server.log_level': 'info' }) }, async (r) => {
      r.child.kill('SIGHUP');
      await until(() => /settings read again/.test(r.err), 'the settings read again');
      assert.equal((await get(r.url, path('interval=1h'))).status, 200);
    });
    assert.deepEqual(run.status, { code: 0, signal: null });
  });

  it('finishes what is in flight when told to end', async () => {
    const run = await withRun({ settings: against(mock) }, async (r) => {
      mock.fault({ path: KLINES, kind: 'stall' });
      const waiting = ['5m', '15m', '4h'].map((i) => get(r.url, path(`interval=${i}`)));
      const last = waiting.map((p) => p.then((a) => a.status, (e) => e.code));
      await until(() => new Set([...mock.stalled]).size >= 3, 'requests in flight');
      const ended = r.stop();
      /* It takes nothing new any more. */
      await until(() => get(r.url, '/').then(() => false, () => true), 'a closed port');
      mock.release();
      assert.deepEqual(await Promise.all(last), [200, 200, 200]);
      await ended;
    });
    assert.deepEqual([run.status.code, run.err], [0, '']);
    mock.clear();
  });

  it('says so and exits 1 when lighttpd dies', async () => {
    const run = await withRun({ settings: against(mock) }, async (r, children) => {
      process.kill(children.lighttpd, 'SIGKILL');
      await r.ended;
    });
    assert.equal(run.status.code, 1);
    assert.match(run.err, /lighttpd ended/);
  });

  it('killed outright, it takes its children along', async () => {
    const run = await startRun({ settings: against(mock) });
    /* Beside them, for a moment, there is what the script itself has just run. */
    const { liqmapd, lighttpd } = run.children();
    assert.ok(liqmapd && lighttpd);
    const children = [liqmapd, lighttpd];
    await run.stop('SIGKILL');
    await until(() => !children.some(alive), 'no children');
  });

  it('a port that is taken is named', async () => {
    const run = new Program('scripts/run', ['--port', String(mock.port), '--live']);
    assert.equal((await run.ended).code, 1);
    assert.match(run.err, new RegExp(`port ${mock.port} .*taken`));
  });

  it('serves on the port that was asked for', async () => {
    const port = await freePort();
    const run = new Program('scripts/run', ['--live', '--port', String(port), '--set',
      `exchange.binance.base_url=${mock.url}`, '--set', 'server.log_level=warn']);
    try {
      await run.says(new RegExp(`http://127.0.0.1:${port}/`));
      assert.equal((await get(`http://127.0.0.1:${port}`, '/')).status, 200);
    } finally {
      await run.stop();
    }
  });

  it('does not start with a setting that does not exist', async () => {
    const run = new Program('scripts/run', ['--port', '0', '--demo', '--set', 'server.colour=red']);
    assert.equal((await run.ended).code, 1);
    assert.match(run.err, /colour/);
  });

  it('asks the exchange once at the start, and stays live when it answers', async () => {
    mock.forget();
    await withRun({ args: [], settings: against(mock) }, async (r) => {
      assert.equal(mock.count('/fapi/v1/ticker/24hr'), 1);
      assert.doesNotMatch(r.out, /DEMO/);
      assert.equal((await get(r.url, path('interval=1h'))).json().source, 'live');
    });
  });

  const refusals = [['451', { kind: 'status', status: 451 }, /451|restrict|location|refuse/i],
    ['418', { kind: 'status', status: 418, retry_after: 600 }, /418|ban/i],
    ['500', { kind: 'status', status: 500 }, /500/]];
  for (const [name, fault, words] of refusals) {
    it(`falls back to the demo market on ${name}, saying which exchange and why`, async () => {
      mock.fault({ path: '*', ...fault });
      await withRun({ args: [], settings: against(mock) }, async (r) => {
        assert.match(r.out, /^No exchange answers.*binance.*$/m);
        assert.match(r.out.match(/^No exchange.*$/m)[0], words);
        assert.match(r.out, /DEMO/);
        const s = (await get(r.url, path('interval=1h'))).json();
        checkSnapshot(s, { interval: '1h', bars: 100, source: 'demo' });
      });
      mock.clear();
    });
  }

  it('--live stays live, and shows the error', async () => {
    mock.fault({ path: '*', kind: 'status', status: 451 });
    await withRun({ args: ['--live'], settings: against(mock) }, async (r) => {
      assert.match(r.out, /^No exchange answers.*binance/m);
      assert.doesNotMatch(r.out, /DEMO/);
      const answer = await get(r.url, path('interval=1h'));
      assert.ok(answer.status >= 502);
      assert.match(answer.json().error.message, /binance/);
    });
    mock.clear();
  });

  it('--demo asks nobody, and is marked', async () => {
    mock.forget();
    await withRun({ args: ['--demo'], settings: against(mock) }, async (r) => {
      assert.match(r.out, /DEMO/);
      for (const interval of ['5m', '15m', '1h', '4h', '1d']) {
        /* A slow machine may pass the deadline; the map is there then. */
        const answer = await until(async () => {
          const a = await get(r.url, path(`interval=${interval}`));
          return a.status === 200 && a;
        }, `a map at ${interval}`);
        checkSnapshot(answer.json(), { interval, bars: 100, source: 'demo' });
      }
    });
    assert.equal(mock.count(), 0);
  });
});

describe('liqmapd', () => {
  let mock;
  before(async () => { mock = await startExchange({ clock: CLOCK, speed: 0 }); });
  after(() => mock.close());

  it('SIGTERM with requests in flight: they are answered, exit 0, no socket left', async () => {
    const daemon = await startDaemon({ settings: against(mock) });
    const web = await startLighttpd(daemon.socket);
    try {
      mock.fault({ path: KLINES, kind: 'stall' });
      const waiting = ['5m', '1h', '1d'].map((i) => get(web.url, path(`interval=${i}`)).then((a) => a.status));
      await until(() => mock.stalled.size >= 3, 'requests in flight');
      const ended = daemon.stop();
      /* The signal arrives while they wait: give it every chance to do harm. */
      await until(() => get(web.url, '/api/v1/health').then((a) => a.status === 503), 'a socket that is closed');
      mock.release();
      assert.deepEqual(await Promise.all(waiting), [200, 200, 200]);
      assert.deepEqual(await ended, { code: 0, signal: null });
      assert.equal(daemon.err, '');
    } finally {
      mock.clear();
      await web.stop();
      await daemon.stop('SIGKILL');
    }
  });

  it('SIGTERM while an exchange stalls for good: ends within its deadline', async () => {
    const daemon = await startDaemon({ settings: against(mock, { 'fetch.deadline_ms': 1000, 'fetch.connect_ms': 500 }) });
    const web = await startLighttpd(daemon.socket);
    try {
      mock.fault({ path: KLINES, kind: 'stall' });
      const waiting = get(web.url, path('interval=1h'));
      await until(() => mock.stalled.size >= 1, 'a request in flight');
      assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
      const late = await waiting;
      assert.equal(late.status, 504, late.text);
    } finally {
      mock.clear();
      await web.stop();
      await daemon.stop('SIGKILL');
    }
  });

  /* Four clients that ask without a pause while use() does something to the daemon;
   * what was not answered with 200. */
  async function whileAsked(web, use) {
    let answered = 0;
    let ending = false;
    const failures = [];
    const client = async (i) => {
      while (!ending) {
        const a = await get(web.url, i % 2 ? path('interval=1h') : '/api/v1/ticker');
        if (a.status === 200) answered++;
        else failures.push([a.status, a.text.slice(0, 200)]);
      }
    };
    const clients = [0, 1, 2, 3].map(client);
    const more = async () => {
      const soFar = answered;
      await until(() => answered > soFar + 20, 'answers');
    };
    try {
      await more();
      await use(more);
    } finally {
      ending = true;
      await Promise.all(clients);
    }
    return failures;
  }

  it('restarts on a socket that is held for it, and no client notices', async () => {
    const daemon = await startDaemon({ settings: against(mock), held: true });
    const web = await startLighttpd(daemon.socket);
    const starts = () => daemon.out.trim().split('\n').filter(Boolean);
    try {
      await until(() => starts().length === 1, 'the first start');
      assert.deepEqual(await whileAsked(web, async (more) => {
        for (const nth of [2, 3, 4]) {
          daemon.child.kill('SIGHUP');
          await until(() => starts().length === nth, `start ${nth}`);
          await more();
        }
      }), []);
      assert.equal(new Set(starts()).size, 4);
      assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
      assert.equal(daemon.err, '');
    } finally {
      await web.stop();
      await daemon.stop('SIGKILL');
    }
  });

  it('takes the socket over from its predecessor, and no client notices', async () => {
    const daemons = [await startDaemon({ settings: against(mock) })];
    const { socket } = daemons[0];
    const web = await startLighttpd(socket);
    try {
      assert.deepEqual(await whileAsked(web, async (more) => {
        for (let i = 0; i < 3; i++) {
          daemons.push(await startDaemon({ settings: against(mock), socket }));
          assert.deepEqual(await daemons[i].stop(), { code: 0, signal: null });
          await more();
        }
      }), []);
      for (const daemon of daemons) assert.equal(daemon.err, '');
    } finally {
      await web.stop();
      for (const daemon of daemons) await daemon.stop();
    }
  });

  it('the same moment gives the same map before and after a restart', async () => {
    const ask = async () => {
      const daemon = await startDaemon({ settings: against(mock) });
      const web = await startLighttpd(daemon.socket);
      try {
        return (await get(web.url, path('interval=1h'))).json();
      } finally {
        await web.stop();
        await daemon.stop();
      }
    };
    const [one, two] = [await ask(), await ask()];
    assert.deepEqual(two.grid, one.grid);
    assert.deepEqual(two.candles, one.candles);
  });
});
