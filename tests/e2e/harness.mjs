/**
 * What the end-to-end tests share: where things are, asking over HTTP, waiting for
 * conditions, starting the real programs and ending them.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { startExchanges } from '../mock/exchanges.mjs';

/** Test files that take far longer than others of their size: one makes sixty maps, one runs under sanitizers. */
export const LONG = ['cold.test.mjs', 'threads.test.mjs'];

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const LIQMAPD = join(ROOT, 'build/liqmapd');
export const LIQMAP = join(ROOT, 'build/liqmap');
/** The bundled page. */
export const WWW = join(ROOT, 'build/www');
/** The path of a file of it whose name has a hash: "main", ".js". */
export const hashedFile = (name, kind) => '/static/' + readdirSync(join(WWW, 'static'))
  .find((file) => file.startsWith(`${name}-`) && file.endsWith(kind));

const shared = process.env.LIQMAP_SHARED ?? join(ROOT, '..', 'shared');
/** Folder of recorded candles, or null where there is none. */
export const marketData = existsSync(join(shared, 'market-data', 'klines'))
  ? join(shared, 'market-data') : null;

/**
 * One HTTP request.
 *
 * @returns {Promise<{status: number, headers: object, raw: Buffer, body: Buffer,
 *     text: string, json: function(): any}>} raw as sent, body uncompressed
 */
export function get(base, path, { method = 'GET', headers = {}, agent } = {}) {
  return new Promise((done, failed) => {
    /* The path as it is, not as a browser would tidy it. */
    const { hostname, port } = new URL(base);
    const req = request({ hostname, port, path, method, headers, agent }, (res) => {
      const chunks = [];
      res.on('data', (chunk) => chunks.push(chunk));
      res.on('error', failed);
      res.on('end', () => {
        const raw = Buffer.concat(chunks);
        const zipped = res.headers['content-encoding'] === 'gzip' && raw.length > 0;
        const body = zipped ? gunzipSync(raw) : raw;
        done({ status: res.statusCode, headers: res.headers, raw, body, text: body.toString(),
          json: () => JSON.parse(body) });
      });
    });
    req.on('error', failed);
    req.end();
  });
}

export const keepAlive = () => new Agent({ keepAlive: true });

/**
 * Ask again and again until the answer is truthy.
 *
 * @param {function(): any} condition  may be async
 * @param {string} what  for the error when 100 seconds did not help
 */
export async function until(condition, what, tries = 5000) {
  for (let i = 0; i < tries; i++) {
    const value = await condition();
    if (value) return value;
    await new Promise((next) => { setTimeout(next, 20); });
  }
  throw new Error(`waited in vain: ${what}`);
}

/** A port of 127.0.0.1 that is free just now. */
export function freePort() {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

const folders = new Set();

/** A folder that is removed when the tests end. */
export function scratch() {
  const folder = mkdtempSync(join(tmpdir(), 'liqmap-e2e-'));
  folders.add(folder);
  return folder;
}

/* Web servers live in sbin, which is not in everybody's PATH; settings of the caller
 * are not the tests' own; other tests, run at the same time, have another TMPDIR. */
export const environment = Object.fromEntries(Object.entries({ ...process.env,
  PATH: `${process.env.PATH}:/usr/sbin:/sbin`, TMPDIR: scratch() })
  .filter(([name]) => !/^LIQMAP_(SERVER|CACHE|FETCH|HOSTS|REDIS|WATCH|WEBHOOK|TELEGRAM|EXCHANGE)/.test(name)));

const running = new Set();
process.on('exit', () => {
  for (const p of running) p.child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
/* A test run that is ended from outside leaves nothing behind either. */
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => process.exit(1));

/** A program of ours: its output, its end, and a way to end it. */
export class Program {
  #ended;

  constructor(file, args, options = {}) {
    this.out = '';
    this.err = '';
    this.child = spawn(file, args, { cwd: ROOT, env: environment,
      stdio: ['ignore', 'pipe', 'pipe'], ...options });
    running.add(this);
    this.child.stdout?.on('data', (d) => { this.out += d; });
    this.child.stderr?.on('data', (d) => { this.err += d; });
    this.#ended = new Promise((done) => {
      const end = (code, signal) => {
        running.delete(this);
        this.status = { code, signal };
        done(this.status);
      };
      this.child.on('error', (error) => end(null, String(error)));
      this.child.on('exit', (code, signal) => setTimeout(end, 2000, code, signal).unref());
      this.child.on('close', end);
    });
    /* A program that a failed test left behind must not keep the tests from
     * ending: only who waits for its end keeps them alive. */
    for (const part of this.#parts()) part.unref();
  }

  #parts() {
    return [this.child, this.child.stdout, this.child.stderr].filter((part) => part?.unref);
  }

  /** {code, signal}, once the program and its output have ended; of one whose
   * children go on writing, a little after its own end */
  get ended() {
    for (const part of this.#parts()) part.ref();
    return this.#ended;
  }

  get pid() {
    return this.child.pid;
  }

  /** Wait for a line of its output to match; the match. */
  async says(pattern) {
    const found = await until(() => this.out.match(pattern) ?? (this.status && 'ended'),
      `${pattern} in: ${this.out}${this.err}`, 6000);
    if (found === 'ended') {
      const late = this.out.match(pattern);
      if (late) return late;
      throw new Error(`ended with ${JSON.stringify(this.status)} before ${pattern}: ${this.out}${this.err}`);
    }
    return found;
  }

  /** Process ids of its children by the name of their program. */
  children() {
    const text = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8');
    const found = {};
    for (const pid of text.trim().split(/\s+/).filter(Boolean)) {
      try {
        found[readFileSync(`/proc/${pid}/comm`, 'utf8').trim()] = Number(pid);
      } catch (error) {
        /* What a script has just run may end between the two. */
        if (!['ENOENT', 'ESRCH'].includes(error.code)) throw error;
      }
    }
    return found;
  }

  /** Ask it to end; how it ended. */
  async stop(signal = 'SIGTERM') {
    if (!this.status) this.child.kill(signal);
    return this.ended;
  }
}

export const alive = (pid) => existsSync(`/proc/${pid}`) &&
  !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

const asSettings = (settings) => Object.entries(settings).flatMap(([k, v]) => ['--set', `${k}=${v}`]);

/**
 * scripts/run on a free port, ready to be asked.
 *
 * @returns {Promise<Program & {url: string}>}
 */
export async function startRun({ args = ['--live'], settings = {} } = {}) {
  const run = new Program('scripts/run', ['--port', '0', ...args, ...asSettings({ 'server.state_file': '', ...settings })]);
  run.url = (await run.says(/Liqmap is at (http:\S+)\//))[1];
  return run;
}

/** Settings that point liqmapd at a mock exchange, and at nothing else. */
export const against = (mock, more = {}) => ({ 'server.exchanges': mock.name,
  [`exchange.${mock.name}.base_url`]: mock.base, 'server.log_level': 'warn', ...more });

/** The same for several of them, in their order. */
export const againstAll = (mocks, more = {}) => ({ 'server.exchanges': mocks.all.map((m) => m.name).join(','),
  ...Object.fromEntries(mocks.all.map((m) => [`exchange.${m.name}.base_url`, m.base])), 'server.log_level': 'warn', ...more });

const inode = (path) => statSync(path, { throwIfNoEntry: false })?.ino;

let clockLibrary = null;

/* Built once for all clocks of a test file. */
function buildClock() {
  clockLibrary = join(scratch(), 'shift-clock.so');
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', clockLibrary, join(ROOT, 'tests/e2e/shift-clock.c')]);
  return clockLibrary;
}

/**
 * A clock that can be moved: env for startDaemon, and shift(ms), which moves the daemon's monotonic clock.
 */
export function movableClock() {
  const library = clockLibrary ?? buildClock();
  const file = join(scratch(), 'shift');
  const word = Buffer.alloc(8);
  writeFileSync(file, word);
  const fd = openSync(file, 'r+');
  return { env: { LD_PRELOAD: library, LIQ_CLOCK_SHIFT: file },
    shift(ms) {
      word.writeBigInt64LE(word.readBigInt64LE() + BigInt(ms));
      writeSync(fd, word, 0, 8, 0);
    } };
}

/**
 * What is asked for while mocks hold requests back: time passes for the daemon as long as they do, until its deadline.  Not
 * longer: what follows, the making of the answer, has a deadline too, and takes real time.
 *
 * @template T
 * @param {{shift: function(number): void}} clock  of movableClock
 * @param {{stalled: Set}[]} mocks
 * @param {number} deadlineMs  the daemon's fetch.deadline_ms
 * @param {Promise<T>} asked
 * @param {number} stepMs  how much of it passes at a time
 * @returns {Promise<T>}
 */
export async function passing(clock, mocks, deadlineMs, asked, stepMs = 100) {
  let settled = false;
  let passed = 0;
  const end = () => { settled = true; };
  asked.then(end, end);
  await until(() => {
    if (passed < deadlineMs && mocks.some((mock) => mock.stalled.size)) {
      clock.shift(stepMs);
      passed += stepMs;
    }
    return settled;
  }, 'an answer');
  return asked;
}

/** liqmapd alone on a socket of its own, on one held for it, or on that of a
 * daemon that it is to replace. */
export async function startDaemon({ settings = {}, held = false, program = [LIQMAPD], env = {},
  socket = join(scratch(), 'liqmapd.sock') } = {}) {
  const before = inode(socket);
  const args = ['--config', 'conf/liqmap.conf', ...asSettings(settings),
    '--set', `server.listen=${held ? '' : socket}`];
  const daemon = held
    ? new Program('perl', [join(ROOT, 'tests/e2e/hold-socket.pl'), socket, ...program, ...args])
    : new Program(program[0], [...program.slice(1), ...args], { env: { ...environment, ...env } });
  await until(() => (inode(socket) ?? before) !== before || daemon.status, 'the socket');
  if (daemon.status) throw new Error(`liqmapd: ${daemon.err}`);
  daemon.socket = socket;
  return daemon;
}

/* A web server in the foreground, once it answers. */
async function answering(server, port) {
  server.url = `http://127.0.0.1:${port}`;
  await until(async () => server.status || get(server.url, '/').then(() => true, () => false),
    'the web server');
  if (server.status) throw new Error(`web server: ${server.err}`);
  return server;
}

/** lighttpd with conf/lighttpd.conf before a socket; waitSeconds: for the daemon, instead of what the file says; www: the folder of the page. */
export async function startLighttpd(socket, { waitSeconds = null, www = WWW } = {}) {
  const dir = scratch();
  const port = await freePort();
  const text = readFileSync(join(ROOT, 'conf/lighttpd.conf'), 'utf8').replaceAll('@PORT@', port)
    .replaceAll('@WWW@', www).replaceAll('@CONF@', join(ROOT, 'conf')).replaceAll('@SOCKET@', socket).replaceAll('@DIR@', dir)
    .replace(/"read-timeout" => \d+/g, (found) => (waitSeconds === null ? found : `"read-timeout" => ${waitSeconds}`));
  writeFileSync(join(dir, 'lighttpd.conf'), text);
  return answering(new Program('lighttpd', ['-D', '-f', join(dir, 'lighttpd.conf')]), port);
}

/**
 * The daemon and lighttpd, ended in the order of scripts/run: for tests that are not about the script, whose start takes as
 * much processor time as a test.
 *
 * @returns {Promise<{url: string, err: string, stop: function(): Promise<{code, signal}>}>}
 */
export async function startServers({ settings = {} } = {}) {
  const daemon = await startDaemon({ settings: { 'server.state_file': '', ...settings } });
  const web = await startLighttpd(daemon.socket).catch(async (error) => {
    await daemon.stop('SIGKILL');
    throw error;
  });
  return { url: web.url,
    get err() { return daemon.err + web.err; },
    async stop() {
      await web.stop('SIGINT');
      return daemon.stop();
    } };
}

/** The same for tests whose daemon may be slow, for example under valgrind. */
export const startPatientLighttpd = (socket) => startLighttpd(socket, { waitSeconds: 300 });

/** nginx with conf/nginx.conf before a socket; edit: what to change in that text; keeps: with its option to keep responses; www: the
 * folder of the page; env: of nginx. */
export async function startNginx(socket, { edit = (text) => text, keeps = false, www = WWW, env = {} } = {}) {
  const dir = scratch();
  const port = await freePort();
  const site = edit(readFileSync(join(ROOT, 'conf/nginx.conf'), 'utf8'))
    .replace('listen 80;', `listen 127.0.0.1:${port};`)
    .replace('unix:/run/liqmapd.sock', `unix:${socket}`)
    .replaceAll('#: ', keeps ? '' : '#: ')
    .replace('/run/nginx-liqmap', `${dir}/responses`)
    .replace('/usr/local/share/liqmap/www', www);
  const temporary = ['client_body', 'fastcgi', 'proxy', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${dir}/${kind};`).join(' ');
  writeFileSync(join(dir, 'nginx.conf'), `daemon off; pid ${dir}/pid; error_log ${dir}/error.log;
    ${process.getuid() === 0 ? 'user root;' : ''} worker_processes 1; worker_rlimit_nofile 8192; events { worker_connections 4096; }
    http { access_log off; ${temporary} ${site} }`);
  const server = new Program('nginx', ['-e', `${dir}/error.log`, '-c', join(dir, 'nginx.conf')], { env: { ...environment, ...env } });
  server.log = () => readFileSync(`${dir}/error.log`, 'utf8');
  return answering(server, port);
}

/**
 * Mock exchanges, a daemon against them and a web server before it.
 *
 * @param {object} options  names of the exchanges; mocks: options of startExchanges; settings; program: the daemon to run;
 *     startWeb
 * @returns {Promise<{mocks, daemon, web, get, stop}>} get(path below /api/v1/); stop() ends all of it and gives the daemon's end
 */
export async function startSite({ names = ['binance'], mocks: of = {}, settings = {}, startWeb = startLighttpd, ...daemonOptions }) {
  const site = { mocks: await startExchanges(names, of) };
  site.stop = async (signal = 'SIGTERM') => {
    const ended = await site.daemon?.stop(signal);
    await site.web?.stop();
    await site.mocks.close();
    return ended;
  };
  try {
    site.daemon = await startDaemon({ settings: againstAll(site.mocks, settings), ...daemonOptions });
    site.web = await startWeb(site.daemon.socket);
  } catch (error) {
    await site.stop('SIGKILL');
    throw error;
  }
  site.get = (path, options) => get(site.web.url, `/api/v1/${path}`, options);
  return site;
}

/** A line of /proc/PID/status in bytes: VmRSS, or VmHWM, the most it ever was. */
export const memory = (pid, line) => 1024 * Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(`${line}:\\s+(\\d+) kB`)[1]);

/** Names of the entries of a folder whose name begins so. */
export const entries = (folder, prefix) => readdirSync(folder).filter((n) => n.startsWith(prefix));
