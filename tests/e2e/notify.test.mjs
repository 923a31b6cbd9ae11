/** Notifications: liqmap watch and section [watch] against receivers that fail, stall, close and answer twice. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { LIQMAP, LIQMAPD, Program, ROOT, alive, environment, freePort, get, movableClock, scratch, startDaemon, startLighttpd, until } from './harness.mjs';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** An HTTP server on a free port: respond(request, response, body). */
async function serve(respond) {
  const server = createServer((req, res) => {
    let body = '';
    req.on('data', (part) => { body += part; });
    req.on('end', () => respond(req, res, body));
    res.on('error', () => {});
  });
  await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
  server.unref();
  return { url: `http://127.0.0.1:${server.address().port}`,
    close: () => { server.closeAllConnections(); server.close(); } };
}

/** A server of levels whose price and levels the test moves. */
async function startLevels() {
  const site = { asked: 0, price: 1000, high: 0, low: Infinity, short: [[1005, 1010]], exchange: 'okx', symbol: null };
  const level = ([from, to]) => ({ price: (from + to) / 2, from, to, density: 80, modelled_usd: 6e7 });
  const server = await serve((req, res) => {
    const { searchParams: query, pathname } = new URL(req.url, 'http://x');
    site.asked++;
    site.query = req.url;
    site.high = Math.max(site.high, site.price);
    site.low = Math.min(site.low, site.price);
    res.end(JSON.stringify(pathname !== '/api/v1/levels' ? {} : { symbol: query.get('symbol'), exchange: site.exchange,
      interval: query.get('interval'), source: 'live', stale: false, price: site.price,
      candle: { open_time: 3_600_000, high: site.high, low: site.low }, levels: { long: [], short: site.short.map(level) } }));
  });
  /* Two more questions: the first may have been on its way. */
  const looked = async () => {
    const { asked } = site;
    await until(() => site.asked >= asked + 2, 'two questions');
  };
  return Object.assign(site, server, { looked });
}

/** A receiver of webhooks that does one after another of the acts, then says 200. */
async function startReceiver(...acts) {
  const got = [];
  const elsewhere = [];
  const stalled = new Set();
  const all = {
    500: (res) => { res.statusCode = 500; res.end('no'); },
    stall: (res) => { stalled.add(res); res.on('close', () => stalled.delete(res)); },
    close: (res) => { res.socket.destroy(); },
    redirect: (res) => { res.writeHead(307, { location: '/elsewhere' }); res.end(); },
    good: (res) => { res.end(); },
  };
  const server = await serve((req, res, body) => {
    if (req.url !== '/hook') elsewhere.push(req.url);
    got.push({ headers: req.headers, body, event: JSON.parse(body) });
    all[acts.shift() ?? 'good'](res);
  });
  return { ...server, hook: `${server.url}/hook`, got, elsewhere, acts, ids: () => [...new Set(got.map((g) => g.event.id))] };
}

/* As README shows it. */
const signatureOf = ({ headers, body }, secret = SECRET) => `v1,${createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
  .update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`).digest('base64')}`;

const FAST = ['--set', 'watch.poll_ms=100', '--set', 'watch.retry_ms=100'];
const running = [];

function watch(args, { env = {}, ...options } = {}) {
  const program = new Program(LIQMAP, ['watch', ...FAST, ...args], { env: { ...environment, ...env }, ...options });
  running.push(program);
  return program;
}

const events = (program) => program.out.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
const pending = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).events.length : null);

describe('liqmap watch', () => {
  let levels;
  const open = [];
  const receiver = async (...acts) => {
    const r = await startReceiver(...acts);
    open.push(r);
    return r;
  };
  before(async () => { levels = await startLevels(); });
  after(() => levels?.close());
  afterEach(async () => {
    for (const program of running.splice(0)) await program.stop('SIGKILL');
    for (const one of open.splice(0)) one.close();
    Object.assign(levels, { price: 1000, high: 0, low: Infinity, short: [[1005, 1010]], exchange: 'okx' });
  });

  it('posts what happens to a level, signed, and prints it', async () => {
    const r = await receiver();
    const w = watch(['--server', `${levels.url}/`, '--webhook', r.hook, '--symbol', 'ETHUSDT', '--interval', '15m', '--min-usd', '50e6'],
      { env: { LIQMAP_WEBHOOK_SECRET: SECRET } });
    await until(() => r.got.length === 1, 'approached');
    assert.equal(levels.query, '/api/v1/levels?symbol=ETHUSDT&interval=15m&exchange=auto');
    levels.price = 1006;
    await until(() => r.got.length === 2, 'touched');
    levels.short = [[1012, 1015]];
    levels.price = 1009;
    await until(() => r.got.length === 4, 'swept, and another approached');
    levels.short = [];
    await until(() => r.got.length === 5, 'faded');
    assert.deepEqual(r.got.map((g) => g.event.event), ['approached', 'touched', 'swept', 'approached', 'faded']);
    const { id, time, text, ...rest } = r.got[0].event;
    assert.match(id, /^[0-9a-f]{32}$/);
    assert.ok(Math.abs(time - Date.now()) < 3_600_000);
    assert.match(text, /^ETHUSDT okx 15m: short level 1007\.5 \(1005 to 1010, 60 M USD\) approached; price 1000, 0\.50 % away$/);
    assert.deepEqual(rest, { event: 'approached', symbol: 'ETHUSDT', exchange: 'okx', interval: '15m', source: 'live', side: 'short',
      price: 1000, distance_percent: 0.5, level: { price: 1007.5, from: 1005, to: 1010, density: 80, modelled_usd: 6e7 } });
    for (const g of r.got) {
      assert.equal(g.headers['webhook-signature'], signatureOf(g));
      assert.equal(g.headers['webhook-id'], g.event.id);
      assert.equal(g.headers['content-type'], 'application/json');
    }
    assert.equal(r.ids().length, 5);
    await until(() => events(w).length === 5, 'five lines');
    assert.deepEqual(events(w), r.got.map((g) => g.event));
    assert.deepEqual(await w.stop(), { code: 0, signal: null });
    assert.equal(w.err, '');
  });

  it('tries again when the receiver fails, stalls, closes or redirects, by the same id', async () => {
    const r = await receiver('500', 'stall', 'close', 'redirect');
    const w = watch(['--server', levels.url, '--webhook', r.hook, '--set', 'watch.timeout_ms=500']);
    await until(() => r.acts.length === 0 && /delivered again/.test(w.err), 'a delivery');
    assert.equal(r.ids().length, 1);
    assert.ok(r.got.length >= 5);
    assert.deepEqual(r.elsewhere, []);
    assert.equal(r.got[0].headers['webhook-signature'], undefined);
    assert.equal(w.err.match(/notification to=webhook failed/g).length, 1, w.err);
    /* The next event comes; the first does not come again. */
    const { length } = r.got;
    levels.price = 1006;
    await until(() => r.ids().length === 2, 'the next');
    assert.equal(r.got.findLastIndex((g) => g.event.id === r.got[0].event.id), length - 1);
  });

  it('killed in the middle and started again: nothing is lost, nothing comes twice', async () => {
    const r = await receiver(...Array(1000).fill('500'));
    const file = join(scratch(), 'watch.state');
    const args = ['--server', levels.url, '--webhook', r.hook, '--state', file];
    const first = watch(args);
    await until(() => r.got.length >= 2, 'two attempts');
    await first.stop('SIGKILL');
    assert.equal(pending(file), 1);
    r.acts.length = 0;
    const second = watch(args);
    await until(() => pending(file) === 0, 'a delivery');
    assert.deepEqual(r.ids(), [r.got[0].event.id]);
    const { length } = r.got;
    await levels.looked();
    await second.stop('SIGKILL');
    const third = watch(args);
    await levels.looked();
    assert.equal(r.got.length, length);
    levels.price = 1006;
    await until(() => r.got.length === length + 1, 'touched');
    assert.equal(r.got.at(-1).event.event, 'touched');
    assert.deepEqual(await third.stop(), { code: 0, signal: null });
    assert.equal(third.err, '');
  });

  it('one event per approach: hysteresis and cool-down, under a moved clock', async () => {
    const clock = movableClock();
    const w = watch(['--server', levels.url, '--cooldown', '3600'], { env: clock.env });
    const at = async (price) => { levels.price = price; await levels.looked(); };
    const names = () => events(w).map((e) => e.event);
    await until(() => names().length === 1, 'approached');
    await at(991); /* 1.4 %: not beyond 1.5 times 1 % */
    await at(1000);
    await at(985);
    await at(1000);
    assert.deepEqual(names(), ['approached']);
    clock.shift(3_599_000 - 600_000);
    await levels.looked();
    assert.deepEqual(names(), ['approached']);
    clock.shift(601_000);
    await until(() => names().length === 2, 'approached again');
    assert.deepEqual(names(), ['approached', 'approached']);
  });

  it('runs a program with data that no shell sees, and nothing of ours', async () => {
    const [dir, cwd] = [join(scratch(), 'out'), scratch()];
    mkdirSync(dir);
    const script = join(scratch(), 'on-event');
    writeFileSync(script, `#!/bin/sh\ncat >"$1/json"\nenv >"$1/env"\nls -l /proc/self/fd >"$1/fd"\nout=$(readlink /proc/$$/fd/1)\necho "$out" >"$1/stdout"\ntouch "$1/done"\n`, { mode: 0o755 });
    levels.exchange = '$(touch a);`touch b`\n\'"';
    const w = watch(['--server', levels.url, '--exec', `${script}  ${dir}`, '--webhook', `${levels.url}/hook`],
      { cwd, env: { LIQMAP_WEBHOOK_SECRET: SECRET, LIQMAP_TELEGRAM_TOKEN: '1:secret', LIQMAP_EVENT_ID: 'old' } });
    await until(() => existsSync(join(dir, 'done')), 'the program');
    const read = (name) => readFileSync(join(dir, name), 'utf8');
    const event = JSON.parse(read('json'));
    assert.equal(event.exchange, '$(touch a);`touch b` \'"');
    assert.deepEqual(event, events(w)[0]);
    const env = Object.fromEntries(read('env').trim().split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)));
    assert.deepEqual([env.LIQMAP_EVENT_ID, env.LIQMAP_EVENT_KIND, env.LIQMAP_EVENT_SYMBOL, env.LIQMAP_EVENT_SIDE, env.LIQMAP_EVENT_PRICE,
      env.LIQMAP_EVENT_LEVEL_FROM, env.LIQMAP_EVENT_LEVEL_USD, env.LIQMAP_EVENT_EXCHANGE, env.LIQMAP_EVENT_TEXT],
    [event.id, 'approached', 'BTCUSDT', 'short', '1000', '1005', '60000000', event.exchange, event.text]);
    assert.doesNotMatch(read('env'), /SECRET|TELEGRAM/);
    assert.deepEqual([readdirSync(cwd), readdirSync(dir).sort()], [[], ['done', 'env', 'fd', 'json', 'stdout']]);
    /* 3 is the folder that ls lists. */
    const fds = read('fd').trim().split('\n').map((line) => line.match(/ (\d+) -> (.*)$/)).filter(Boolean);
    assert.deepEqual(fds.map(([, fd]) => fd), ['0', '1', '2', '3']);
    assert.match(fds[3][2], /^\/proc\/\d+\/fd$/);
    assert.equal(read('stdout'), '/dev/null\n');
  });

  it('ends a program that runs too long with all it started, and tries one that fails again', async () => {
    const dir = scratch();
    const script = join(dir, 'on-event');
    writeFileSync(script, `#!/bin/sh
n=$(ls ${dir} | grep -c try)
echo $$ >${dir}/try$n
case $n in
0) sleep 1000 & echo $! >${dir}/child; wait ;;
1) exit 3 ;;
esac
`, { mode: 0o755 });
    const w = watch(['--server', levels.url, '--exec', script, '--timeout', '1']);
    await until(() => existsSync(join(dir, 'try2')) && /delivered again/.test(w.err), 'three tries');
    assert.match(w.err, /notification to=command failed why="it ran for more than 1000 ms"/);
    const child = readFileSync(join(dir, 'child'), 'utf8').trim();
    await until(() => !alive(child), 'the end of what it started');
    const tries = readdirSync(dir).length;
    await levels.looked();
    assert.equal(readdirSync(dir).length, tries);
  });

  it('a program that runs when it is ended is ended too', async () => {
    const dir = scratch();
    const w = watch(['--server', levels.url, '--exec', `/bin/sh ${join(dir, 'script')}`]);
    writeFileSync(join(dir, 'script'), `echo $$ >${dir}/tmp; mv ${dir}/tmp ${dir}/pid; sleep 1000; true\n`);
    const pid = await until(() => existsSync(join(dir, 'pid')) && readFileSync(join(dir, 'pid'), 'utf8').trim(), 'the program');
    assert.deepEqual(await w.stop(), { code: 0, signal: null });
    assert.ok(!alive(pid));
  });

  it('sends a message by Telegram, again when it is to wait, and says its token to nobody', async () => {
    const got = [];
    const telegram = await serve((req, res, body) => {
      got.push({ url: req.url, body: JSON.parse(body) });
      if (got.length === 1) {
        res.statusCode = 429;
        res.end('{"ok":false,"error_code":429,"parameters":{"retry_after":3000}}');
      } else {
        res.end('{"ok":true}');
      }
    });
    open.push(telegram);
    const clock = movableClock();
    const w = watch(['--server', levels.url, '--telegram'], { env: { ...clock.env, LIQMAP_TELEGRAM_TOKEN: '123:ab-_C',
      LIQMAP_TELEGRAM_CHAT: '-100200', LIQMAP_TELEGRAM_URL: telegram.url } });
    await until(() => /to=telegram failed why="HTTP 429"/.test(w.err), 'a refusal');
    clock.shift(2_900_000);
    await levels.looked();
    assert.equal(got.length, 1);
    clock.shift(100_000);
    await until(() => /delivered again/.test(w.err), 'a delivery');
    assert.deepEqual(got.map((g) => g.url), ['/bot123:ab-_C/sendMessage', '/bot123:ab-_C/sendMessage']);
    assert.deepEqual(got[1].body, { chat_id: '-100200', text: events(w)[0].text });
    assert.doesNotMatch(w.err + w.out, /ab-_C/);
  });

  it("README's receiver takes what is signed well, and that once", async () => {
    const [, code] = readFileSync(join(ROOT, 'README.md'), 'utf8').match(/^```js\n([\s\S]*?)^```$/m);
    const port = await freePort();
    const file = join(scratch(), 'receiver.mjs');
    writeFileSync(file, code.replace('9000', port));
    const program = new Program(process.execPath, [file], { env: { ...environment, SECRET } });
    running.push(program);
    const url = `http://127.0.0.1:${port}/`;
    await until(() => get(url, '/').then(() => true, () => false), 'the receiver');
    const post = (w) => watch(['--server', levels.url, '--webhook', url], { env: { LIQMAP_WEBHOOK_SECRET: w } });
    const other = post(`whsec_${'A'.repeat(32)}`);
    await until(() => /HTTP 401/.test(other.err), 'a refusal');
    await other.stop();
    assert.equal(program.out, '');
    post(SECRET);
    await program.says(/^BTCUSDT okx 1h: short level 1007\.5 .* approached; price 1000/m);
    levels.price = 1006;
    await program.says(/ touched; /);
    assert.equal(program.out.trim().split('\n').length, 2);
  });

  it('says which option is wrong', async () => {
    const cases = [[['--within', 'near'], /--within: expected a number from 0\.05 to 20, got 'near'/], [['--bars', '5'], /no such option: --bars/],
      [['--webhook'], /no value for --webhook/], [['--webhook', 'ftp://x/'], /--webhook: expected http\(s\):\/\/ and a host/],
      [['--symbol', '$(id)'], /--symbol: expected names like BTCUSDT,ETHUSDT/], [['--exchange', 'mtgox'], /--exchange: expected auto, all/],
      [['--every', '0'], /--every 0: watch\.poll_ms: expected milliseconds from 100/], [['--server', 'localhost'], /expected http\(s\):\/\/ and a host after --server/],
      [['--events', 'reached'], /--events: expected some of approached,/], [['--secret-file', '/nowhere', '--webhook', 'http://x'], /watch\.secret_file: \/nowhere: No such file/],
      [['--telegram'], /LIQMAP_TELEGRAM_TOKEN: expected the token of a bot/], [['--min-usd', '5', '--min-usd', '6'], /given twice: --min-usd/],
      [['--give-up', '1', '--retry', '2'], /retry_ms: expected less than give_up_ms \(1000\), got 2000/]];
    for (const [args, words] of cases) {
      const w = new Program(LIQMAP, ['watch', ...args]);
      const { code } = await w.ended;
      assert.match(w.err, words);
      assert.ok(code === 2 || /No such file/.test(w.err), args.join(' '));
      assert.equal(w.out, '');
    }
  });
});

describe('section [watch] of the daemon', () => {
  const dir = scratch();
  const secret = join(dir, 'secret');
  const file = join(dir, 'watch.state');
  const settings = (hook, more = {}) => ({ 'server.market': 'demo', 'server.fixed_clock': '2025-10-10T21:15:00Z', 'server.log_level': 'warn', 'watch.symbols': 'BTCUSDT,ETHUSDT',
    'watch.within_percent': 20, 'watch.min_density': 0, 'watch.poll_ms': 100, 'watch.retry_ms': 100, 'watch.webhook': hook,
    'watch.secret_file': secret, 'watch.state_file': file, ...more });
  before(() => writeFileSync(secret, `${SECRET}\n`, { mode: 0o600 }));

  it('posts levels of its own maps, counts them, and goes on where it was killed', async () => {
    const r = await startReceiver(...Array(3).fill('500'));
    let daemon = await startDaemon({ settings: settings(r.hook) });
    const web = await startLighttpd(daemon.socket);
    const health = async () => (await get(web.url, '/api/v1/health')).json().notifications;
    try {
      const { delivered } = await until(async () => {
        const { webhook } = await health();
        return r.got.some((g) => g.event.symbol === 'ETHUSDT') && webhook.queued === 0 && webhook;
      }, 'deliveries of the second symbol');
      assert.equal(r.ids().length, delivered);
      assert.equal((await health()).webhook.failed, 3);
      const symbols = new Set(r.got.map((g) => g.event.symbol));
      assert.deepEqual([...symbols].sort(), ['BTCUSDT', 'ETHUSDT']);
      for (const g of r.got) {
        assert.equal(g.headers['webhook-signature'], signatureOf(g));
        assert.deepEqual([g.event.source, g.event.event], ['demo', 'approached']);
        assert.match(g.event.text, /^DEMO /);
      }
      const { levels, price } = (await get(web.url, '/api/v1/levels?symbol=ETHUSDT')).json();
      const near = [...levels.long, ...levels.short].filter((l) => Math.max(0, l.from - price, price - l.to) / price <= 0.2);
      const posted = r.got.filter((g) => g.event.symbol === 'ETHUSDT').map((g) => g.event.level.price);
      assert.deepEqual([...new Set(posted)].sort(), near.map((l) => l.price).sort());
      const metrics = (await get(web.url, '/metrics')).text;
      assert.match(metrics, new RegExp(`^liqmap_notifications_events_total\\{event="approached"\\} ${delivered}$`, 'm'));
      assert.match(metrics, new RegExp(`^liqmap_notifications_delivered_total\\{to="webhook"\\} ${delivered}$`, 'm'));
      assert.match(metrics, /^liqmap_notifications_failed_total\{to="webhook"\} 3$/m);
      assert.match(metrics, /^liqmap_notifications_queued\{to="webhook"\} 0$/m);
      await until(() => pending(file) === 0, 'the file');
      assert.equal(statSync(file).isFile(), true);
      const { length } = r.got;
      const { socket } = daemon;
      await daemon.stop('SIGKILL');
      daemon = await startDaemon({ socket, settings: settings(r.hook) });
      /* Both symbols have been read once the daemon counts its own requests. */
      await until(async () => {
        const [, n] = (await get(web.url, '/metrics')).text.match(/^liqmap_requests_total\{route="levels",status="200"\} (\d+)$/m) ?? [];
        return n > 4;
      }, 'readings');
      assert.equal(r.got.length, length, 'nothing comes twice');
      assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
    } finally {
      await daemon.stop('SIGKILL');
      await web.stop();
      r.close();
    }
  });

  it('does not start with a secret that is none', async () => {
    const daemon = new Program(LIQMAPD, ['--set', `server.listen=${join(dir, 'sock')}`, '--set', 'server.market=demo', '--set', 'watch.symbols=BTCUSDT',
      '--set', 'watch.webhook=http://127.0.0.1:1'], { env: { ...environment, LIQMAP_WEBHOOK_SECRET: 'hello' } });
    assert.equal((await daemon.ended).code, 1);
    assert.match(daemon.err, /LIQMAP_WEBHOOK_SECRET: expected base64 of 24 to 64 bytes/);
    assert.doesNotMatch(daemon.err, /hello/);
  });
});
