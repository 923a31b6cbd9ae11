/** Measure everything that has a goal, in one run, and write docs/performance.md.
 *
 *     node tests/bench/bench.mjs [--out docs/performance.md]
 *
 * `make bench` builds what it needs.  It takes some minutes.  Processor times of C programs come with their multiple of
 * a fixed loop, which is timed next to each run: on a machine that others use, compare those.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, WWW, againstAll, get, memory, scratch, startDaemon, startLighttpd, startNginx, startSite } from '../e2e/harness.mjs';
import { startExchanges } from '../mock/exchanges.mjs';

const { values } = parseArgs({ options: { out: { type: 'string', default: join(ROOT, 'docs/performance.md') } } });
const program = (name) => join(ROOT, 'build/release/tests/bench', name);
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

const HEATMAP = '/api/v1/heatmap?symbol=BTCUSDT&interval=1h&bars=500&format=compact';
/* 19:30 UTC: the mock exchange stands there. */
const CLOCK = Date.UTC(2025, 9, 10, 19, 30);
const EXCHANGE_MS = 150;
const COLD_RUNS = 5;
const WAIT_MS = 120_000;
const CONNECTIONS = 16;
const ROUNDS = 5;
const REQUESTS = 1600;
const SLOW_REQUESTS = 3000;

const rows = [];
const say = (text) => process.stdout.write(`${text}\n`);

/** One figure: goal is the most it may be, or with least: the least. */
function figure(section, what, value, unit, { goal = null, least = false, multiple = null, about = '' } = {}) {
  const good = goal === null ? null : least ? value >= goal : value <= goal;
  rows.push({ section, what, value, unit, goal, least, multiple, about, good });
  say(`${what.padEnd(62)} ${show(value).padStart(9)} ${unit}${good === false ? '   missed' : ''}`);
}

const show = (x) => (x >= 1000 ? Math.round(x).toLocaleString('en').replaceAll(',', ' ') : Number(x.toPrecision(3)).toString());

/* --- programs in C ------------------------------------------------------- */

/** NAME -> [median, multiple, least] of a program's lines. */
const timed = (name) => new Map(execFileSync(program(name), { encoding: 'utf8' }).trim().split('\n').map((line) => {
  const [what, ...numbers] = line.split('\t');
  return [what, numbers.map(Number)];
}));

function model() {
  const got = timed('bench_model');
  const line = (key, what, goal, scale = 1, unit = 'ms') => {
    const [middle, multiple, least] = got.get(key);
    figure('Model', what, middle * scale, unit, { goal, multiple, about: `least ${show(least * scale)}` });
  };
  line('7500 500x400', '7,500 engine candles, 500 columns of 400 rows', 4);
  line('1500 375x400', '1,500 engine candles, 375 columns of 400 rows', 1);
  line('5000 1250x1100 4 tiers', '5,000 candles, 1,250 columns of 1,100 rows, 4 tiers', 4);
  line('7500 1500x400', '7,500 engine candles, 1,500 columns of 400 rows', null);
  line('7500 1500x800', '7,500 engine candles, 1,500 columns of 800 rows', null);
  line('forming candle', 'the forming candle again', 10, 1000, 'µs');
  line('copy', 'a copy of a map of 500 columns', null);
  line('levels', 'levels of a column', 0.2);
  line('explain', 'why a cell is hot, 20 reasons', 0.2);
}

function responses() {
  const api = timed('bench_api');
  for (const kind of ['compact', 'plain']) {
    const [plain, gzip] = api.get(`bytes ${kind}`);
    const line = (key, what, goal, about) => {
      const [middle, multiple, least] = api.get(`${key} ${kind}`);
      figure('Responses', what, middle, 'ms', { goal, multiple, about: about ?? `least ${show(least)}` });
    };
    line('encode', `encode 500 x 400, ${kind}`, null);
    line('encode and compress', `encode and compress 500 x 400, ${kind}`, 5, `${Math.round(plain / 1000)} to ${Math.round(gzip / 1000)} kB`);
  }
  const render = timed('bench_render');
  for (const size of ['1200x630', '2400x1600']) {
    const [middle, multiple] = render.get(`image ${size}`);
    figure('Responses', `a map of 500 x 400 as an image of ${size.replace('x', ' x ')}`, middle, 'ms', { multiple, about: `${Math.round(render.get(`bytes ${size}`)[0] / 1000)} kB` });
  }
  const parse = timed('bench_exchange').get('parse 1500 rows');
  figure('Responses', "an exchange's page of 1,500 candles parsed", parse[0], 'ms', { goal: 2, multiple: parse[1], about: `least ${show(parse[2])}` });
  for (const [key, [middle, multiple]] of timed('bench_base'))
    figure('Responses', `${key}, 100,000 of them`, middle, 'ms', { multiple });
}

/* --- the daemon ---------------------------------------------------------- */

const client = (...args) => {
  const [rate, middle, late, bytes] = execFileSync(program('bench_client'), args.map(String), { encoding: 'utf8' }).trim().split('\t').map(Number);
  return { rate, middle, late, bytes };
};

/** Milliseconds of processor time that a process has used. */
function processorMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

/** Like conf/nginx.conf, without the limit for one address. */
const unlimited = (text) => text.replace('rate=10r/s', 'rate=1000000r/s').replace('burst=40', 'burst=100000');

async function servers() {
  const daemon = await startDaemon({ settings: { 'server.market': 'demo', 'server.log_level': 'warn', 'server.socket_mode': '0666',
    'cache.ttl_ms': 3_600_000 } });
  const folder = join(scratch(), 'www');
  cpSync(WWW, folder, { recursive: true });
  const webs = [];
  try {
    for (const [name, start, least, more] of [['nginx', startNginx, 0.5], ['nginx that keeps responses for a second', startNginx, 0.9, { keeps: true }],
      ['lighttpd', startLighttpd, 0.5]]) webs.push([name, await start(daemon.socket, { www: folder, edit: unlimited, ...more }), least]);
    const { raw } = await get(webs[0][1].url, HEATMAP, { headers: { 'Accept-Encoding': 'gzip' } });
    writeFileSync(join(folder, 'same-bytes.bin'), raw);
    const before = processorMs(daemon.pid);
    const straight = client('fcgi', daemon.socket, HEATMAP, 1, SLOW_REQUESTS);
    figure('Server', 'cached heatmap straight over FastCGI, one after the other', straight.middle * 1000, 'µs', { about: `${Math.round(straight.bytes / 1000)} kB` });
    figure('Server', 'processor time of liqmapd for one of them', 1000 * (processorMs(daemon.pid) - before) / SLOW_REQUESTS, 'µs');
    const kept = client('kept', daemon.socket, HEATMAP, 1, SLOW_REQUESTS);
    figure('Server', 'the same on one connection that is kept', kept.middle * 1000, 'µs');
    for (const [name, web, least] of webs) {
      const port = new URL(web.url).port;
      const file = [];
      const map = [];
      for (let i = 0; i < ROUNDS; i++) {
        file.push(client('http', port, '/same-bytes.bin', CONNECTIONS, REQUESTS));
        map.push(client('http', port, HEATMAP, CONNECTIONS, REQUESTS));
      }
      const shares = map.map((m, i) => m.rate / file[i].rate);
      figure('Server', `cached heatmap through ${name}, answers a second as a share of a file's`, median(shares), '', { goal: least, least: true,
        about: `${Math.round(median(map.map((m) => m.rate)))} of ${Math.round(median(file.map((m) => m.rate)))} a second, ${CONNECTIONS} connections` });
      figure('Server', `99th percentile through ${name}`, median(map.map((m) => m.late)), 'ms', { about: `file: ${show(median(file.map((m) => m.late)))}` });
    }
  } finally {
    for (const [, web] of webs) await web.stop();
    await daemon.stop();
  }
}

/** Time to the first map, as the page requests it, of a daemon that has just started. */
async function coldStart(mocks, interval) {
  const daemon = await startDaemon({ settings: againstAll(mocks, { 'fetch.deadline_ms': WAIT_MS }) });
  let web;
  try {
    web = await startLighttpd(daemon.socket);
    const began = performance.now();
    const answer = await get(web.url, `/api/v1/heatmap?interval=${interval}&bars=500&format=compact`, { headers: { 'Accept-Encoding': 'gzip' } });
    if (answer.status !== 200) throw new Error(answer.text);
    return performance.now() - began;
  } finally {
    await daemon.stop();
    await web?.stop();
    mocks.forget();
  }
}

async function coldStarts() {
  const mocks = await startExchanges(['binance'], { clock: CLOCK });
  mocks.fault({ path: '*', kind: 'delay', ms: EXCHANGE_MS });
  try {
    for (const interval of ['1h', '5m']) {
      /* The mock makes its responses in this one. */
      await coldStart(mocks, interval);
      const times = [];
      for (let i = 0; i < COLD_RUNS; i++) times.push(await coldStart(mocks, interval));
      figure('Cold start', `first map, ${interval}, an exchange that takes ${EXCHANGE_MS} ms an answer`, median(times), 'ms', { goal: 400, about: `least ${show(Math.min(...times))}` });
    }
  } finally {
    await mocks.close();
  }
}

/** Memory with live series: symbols times intervals, a map of each. */
async function memories() {
  const intervals = ['5m', '15m', '1h', '4h', '1d'];
  const symbols = Array.from({ length: 40 }, (_, i) => `C${String(i).padStart(2, '0')}USDT`);
  const site = await startSite({ startWeb: startLighttpd, mocks: { clock: CLOCK, symbols },
    settings: { 'fetch.deadline_ms': WAIT_MS, 'cache.ttl_ms': 3_600_000, 'exchange.binance.budget': 100_000 } });
  const ask = async (i) => {
    const path = `heatmap?symbol=${symbols[Math.floor(i / intervals.length)]}&interval=${intervals[i % intervals.length]}&bars=500&format=compact`;
    const answer = await site.get(path);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.text.slice(0, 300)}`);
  };
  try {
    let done = 0;
    for (const n of [1, 20, 200]) {
      for (; done < n; done++) await ask(done);
      figure('Memory', `resident with ${n} live series and a map of each`, memory(site.daemon.pid, 'VmRSS') / 2 ** 20, 'MiB', n === 200 ? { goal: 128 } : {});
    }
  } finally {
    await site.stop();
  }
}

/* --- the table ----------------------------------------------------------- */

const cell = (r) => (r.goal === null ? '' : `${r.least ? '≥' : '≤'} ${show(r.goal)}`);
const distance = (r) => (r.goal === null ? '' : `${r.good ? 'met' : '**missed**'}, ${show(r.value / r.goal)} of it`);

function report(seconds) {
  const first = (file, ...args) => execFileSync(file, args, { encoding: 'utf8' }).split('\n')[0];
  const lines = ['# Performance', '',
    'Written by `make bench`. Each figure is the median of many runs on one machine. Processor times of C programs come with',
    'their multiple of a fixed loop of 100,000 divisions that is timed next to each run: on a machine that others use,',
    'compare those. "Least" is close to what a quiet machine gives. A goal that is missed says so.', '',
    `- Machine: ${cpus().length} x ${cpus()[0].model}`,
    `- Load average before the run: ${before} (${cpus().length} processors)`,
    `- Compiler: ${first(process.env.CC ?? 'cc', '--version')}`,
    `- Commit: ${first('git', '-C', ROOT, 'log', '-1', '--format=%h, %cs')}`,
    `- The run took ${Math.round(seconds)} s`];
  for (const section of new Set(rows.map((r) => r.section))) {
    lines.push('', `## ${section}`, '', '| what | median | loops | goal | distance | |', '|---|---|---|---|---|---|');
    for (const r of rows.filter((x) => x.section === section))
      lines.push(`| ${r.what} | ${show(r.value)} ${r.unit} | ${r.multiple === null ? '' : show(r.multiple)} | ${cell(r)} | ${distance(r)} | ${r.about} |`);
  }
  return `${lines.join('\n')}\n`;
}

const before = readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3).join(' ');
const began = performance.now();
model();
responses();
await servers();
await coldStarts();
await memories();
writeFileSync(values.out, report((performance.now() - began) / 1000));
say(`${rows.filter((r) => r.good === false).length} goals missed; ${values.out}`);
