/** Measure everything that has a goal, in one run, and write docs/performance.md.
 *
 *     node tests/bench/bench.mjs [--out docs/performance.md]
 *
 * `make bench` builds what it needs.  It takes about a minute.  Processor times of C programs come with their multiple of
 * a fixed loop, which is timed next to each run: on a machine that others use, compare those.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, WWW, againstAll, get, memory, scratch, startDaemon, startLighttpd, startNginx, startSite } from '../e2e/harness.mjs';
import { startExchanges } from '../mock/exchanges.mjs';
import { ask, connection, connectionOf, failed, processorUs, quantile, wait } from './load.mjs';

const { values } = parseArgs({ options: { out: { type: 'string', default: join(ROOT, 'docs/performance.md') } } });
const program = (name) => join(ROOT, 'build/release/tests/bench', name);
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

const HEATMAP = '/api/v1/heatmap?symbol=BTCUSDT&interval=1h&bars=500&format=compact';
/* 19:30 UTC: the mock exchange stands there. */
const CLOCK = Date.UTC(2025, 9, 10, 19, 30);
const EXCHANGE_MS = 150;
const WARM_MAPS = 15;
const COLD_RUNS = 5;
const WAIT_MS = 120_000;
const CONNECTIONS = 16;
const ROUNDS = 5;
const REQUESTS = 1600;
const SLOW_REQUESTS = 3000;
const CROWD = 1000;
const CROWD_REQUESTS = 4000;
const CROWD_ROUNDS = 3;
/* A page's refresh, as conf/liqmap.conf has it. */
const REFRESH_S = 20;
const EXPIRE_MS = 2000;
const EXPIRE_LEAD_MS = 800;
const EXPIRIES = 4;
const EXPIRE_VIEWERS = 16;
const PAUSE_MS = 20;

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

/** Like conf/nginx.conf, without the limit for one address. */
const unlimited = (text) => text.replace('rate=10r/s', 'rate=1000000r/s').replace('burst=40', 'burst=100000');

/** One round of requests through a web server: what bench_client measured, and the microseconds of processor time of web server
 * and daemon for each. */
function load(web, daemon, path, connections, requests, ...etag) {
  const began = [web, daemon].map(({ pid }) => processorUs(pid));
  const got = client('http', new URL(web.url).port, path, connections, requests, ...etag);
  const [ofWeb, ofDaemon] = [web, daemon].map(({ pid }, i) => (processorUs(pid) - began[i]) / requests);
  return { ...got, ofWeb, ofDaemon };
}

/** Rounds of several loads in turn: of each the medians of all figures. */
function loads(web, daemon, cases, connections, requests, rounds) {
  const all = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
  for (let i = 0; i < rounds; i++)
    for (const [name, [path, ...etag]] of Object.entries(cases)) all[name].push(load(web, daemon, path, connections, requests, ...etag));
  const share = (name) => median(all[name].map(({ rate }, i) => rate / all.file[i].rate));
  return Object.fromEntries(Object.entries(all).map(([name, list]) => [name, { share: share(name),
    ...Object.fromEntries(Object.keys(list[0]).map((key) => [key, median(list.map((one) => one[key]))])) }]));
}

/** A web server before the daemon: a cached map and its 304 beside a file of the map's bytes. */
function webServer(name, web, daemon, cases, least) {
  const { file, map, same } = loads(web, daemon, cases, CONNECTIONS, REQUESTS, ROUNDS);
  const rates = (of) => `${Math.round(of.rate)} of ${Math.round(file.rate)} a second, ${CONNECTIONS} connections`;
  figure('Server', `cached heatmap through ${name}, answers a second as a share of a file's`, map.share, '', { goal: least, least: true, about: rates(map) });
  figure('Server', `its 304, which has no body, through ${name}, answers a second as a share of that file's`, same.share, '', { about: rates(same) });
  figure('Server', `processor time of ${name} for one of these heatmaps`, map.ofWeb, 'µs', {
    about: `304: ${show(same.ofWeb)}; file: ${show(file.ofWeb)}; liqmapd: ${show(map.ofDaemon)}, 304: ${show(same.ofDaemon)}` });
  const { file: files, map: maps } = loads(web, daemon, { file: cases.file, map: cases.map }, CROWD, CROWD_REQUESTS, CROWD_ROUNDS);
  for (const [n, one, of] of [[CONNECTIONS, map, file], [CROWD, maps, files]])
    figure('Server', `99th percentile through ${name}, ${n} connections without a pause`, one.late, 'ms', {
      about: `file: ${show(of.late)}${n === CONNECTIONS ? `; 304: ${show(same.late)}` : ''}` });
}

/** The daemon without a web server. */
function straight(daemon) {
  const began = processorUs(daemon.pid);
  const single = client('fcgi', daemon.socket, HEATMAP, 1, SLOW_REQUESTS);
  const took = (processorUs(daemon.pid) - began) / SLOW_REQUESTS;
  figure('Server', 'cached heatmap straight over FastCGI, one after the other', single.middle * 1000, 'µs', { about: `${Math.round(single.bytes / 1000)} kB` });
  figure('Server', 'processor time of liqmapd for one of them', took, 'µs');
  const kept = client('kept', daemon.socket, HEATMAP, 1, SLOW_REQUESTS);
  figure('Server', 'the same on one connection that is kept', kept.middle * 1000, 'µs');
}

async function servers() {
  const daemon = await startDaemon({ settings: { 'server.market': 'demo', 'server.log_level': 'warn', 'server.socket_mode': '0666',
    'cache.ttl_ms': 3_600_000 } });
  const folder = join(scratch(), 'www');
  cpSync(WWW, folder, { recursive: true });
  const webs = [];
  try {
    for (const [name, start, least, more] of [['nginx', startNginx, 0.5], ['nginx that keeps responses for a second', startNginx, 0.9, { keeps: true }],
      ['lighttpd', startLighttpd, 0.5]]) webs.push([name, await start(daemon.socket, { www: folder, edit: unlimited, ...more }), least]);
    const { raw, headers } = await get(webs[0][1].url, HEATMAP, { headers: { 'Accept-Encoding': 'gzip' } });
    writeFileSync(join(folder, 'same-bytes.bin'), raw);
    straight(daemon);
    for (const [name, web, least] of webs)
      webServer(name, web, daemon, { file: ['/same-bytes.bin'], map: [HEATMAP], same: [HEATMAP, headers.etag] }, least);
  } finally {
    for (const [, web] of webs) await web.stop();
    await daemon.stop();
  }
}

/* --- viewers ------------------------------------------------------------- */

/** One page that stays open: asks for what has changed since the map it has. */
function page(base, i) {
  const way = connectionOf(i);
  let since = '';
  const read = (text) => { since = `&since=${text.match(/"cursor":"([0-9a-f]+)"/)[1]}`; };
  return { poll: () => ask(base, HEATMAP + since, { ...way, read }), close: () => way.agent.destroy(),
    /* A whole map for each would be work of this program alone. */
    knows: (cursor) => { since = cursor; }, cursor: () => since };
}

/** 1,000 pages of one live map through a web server, each with a connection of its own: one refresh of each, evenly spread. */
async function idleViewers(name, startWeb) {
  const site = await startSite({ mocks: { clock: CLOCK, speed: 1 }, startWeb,
    settings: { 'server.socket_mode': '0666', 'server.log_level': 'warn', 'fetch.deadline_ms': WAIT_MS } });
  try {
    const pages = Array.from({ length: CROWD }, (_, i) => page(site.web.url, i));
    const first = [await pages[0].poll()];
    for (const one of pages) one.knows(pages[0].cursor());
    for (const one of pages) first.push(await one.poll());
    const programs = [site.daemon, site.web];
    const began = programs.map(({ pid }) => processorUs(pid));
    const answers = await Promise.all(pages.map(async (one, i) => {
      await wait((i / CROWD) * REFRESH_S * 1000);
      return one.poll();
    }));
    const [ofDaemon, ofWeb] = programs.map(({ pid }, i) => 100 * (processorUs(pid) - began[i]) / (REFRESH_S * 1e6));
    for (const one of pages) one.close();
    if (failed([...first, ...answers]) > 0) throw new Error(`${name}: ${failed([...first, ...answers])} requests of viewers failed`);
    return { name, ofDaemon, ofWeb, times: answers.map(({ ms }) => ms) };
  } finally {
    await site.stop();
  }
}

/** Viewers who ask while the map expires again and again, and an exchange that is slow: how long the longest one waits. */
async function expiries() {
  const site = await startSite({ mocks: { clock: CLOCK, speed: 1 }, startWeb: (socket) => startNginx(socket, { edit: unlimited }),
    settings: { 'server.socket_mode': '0666', 'server.log_level': 'warn', 'fetch.deadline_ms': WAIT_MS, 'exchange.binance.budget': 100_000,
      'cache.ttl_ms': EXPIRE_MS, 'cache.lead_ms': EXPIRE_LEAD_MS } });
  try {
    site.mocks.fault({ path: '*', kind: 'delay', ms: EXCHANGE_MS });
    await ask(site.web.url, HEATMAP);
    const fetches = () => site.mocks.by.binance.count('/fapi/v1/ticker/24hr');
    const before = fetches();
    const end = performance.now() + EXPIRIES * EXPIRE_MS;
    const answers = [];
    await Promise.all(Array.from({ length: EXPIRE_VIEWERS }, async () => {
      const way = connection();
      for (; performance.now() < end; await wait(PAUSE_MS)) answers.push(await ask(site.web.url, HEATMAP, way));
      way.agent.destroy();
    }));
    if (failed(answers) > 0) throw new Error(`${failed(answers)} requests failed while the map expired`);
    const times = answers.map(({ ms }) => ms);
    figure('Viewers', `the longest wait while a map expires, an exchange that takes ${EXCHANGE_MS} ms an answer`, Math.max(...times), 'ms', { goal: EXCHANGE_MS,
      about: `${times.length} requests of ${EXPIRE_VIEWERS} viewers over ${fetches() - before} refreshes; median ${show(median(times))}, 99th percentile ${show(quantile(times, 0.99))}` });
  } finally {
    await site.stop();
  }
}

async function viewers() {
  await expiries();
  const all = await Promise.all([idleViewers('nginx', startNginx), idleViewers('lighttpd', startLighttpd)]);
  for (const { name, ofDaemon, ofWeb, times } of all) {
    figure('Viewers', `processor time of liqmapd with 1,000 idle viewers of a live map behind ${name}`, ofDaemon, '% of a processor', {
      about: `${name}: ${show(ofWeb)} %; each asks every ${REFRESH_S} s for what has changed` });
    figure('Viewers', `99th percentile of their waits, 1,000 connections through ${name}`, quantile(times, 0.99), 'ms', { about: `median ${show(median(times))}` });
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

/** Maps of a series that is there already, each with rows of its own, straight over lighttpd; the exchange stands still. */
async function warmMaps(mocks) {
  const daemon = await startDaemon({ settings: againstAll(mocks, { 'fetch.deadline_ms': WAIT_MS, 'cache.ttl_ms': 3_600_000 }) });
  let web;
  try {
    web = await startLighttpd(daemon.socket);
    const times = [];
    const began = [];
    for (let i = 0; i <= WARM_MAPS; i++) {
      const from = performance.now();
      const answer = await get(web.url, `${HEATMAP}&rows=${380 + i}`, { headers: { 'Accept-Encoding': 'gzip' } });
      if (answer.status !== 200) throw new Error(answer.text);
      times.push(performance.now() - from);
      began.push(processorUs(daemon.pid));
    }
    const [, ...warm] = times;
    figure('Cold start', 'another map of a series that is there, 1h', median(warm), 'ms', { goal: 15,
      about: `least ${show(Math.min(...warm))}; processor time of liqmapd ${show((began.at(-1) - began[0]) / 1000 / WARM_MAPS)} ms` });
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
    await warmMaps(mocks);
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
    'compare those. "Least" is close to what a quiet machine gives. A goal that is missed says so. Web servers, daemon, client',
    'and mock exchange share the processors; processor times of web servers and daemon are user and system time together.', '',
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
await viewers();
await coldStarts();
await memories();
writeFileSync(values.out, report((performance.now() - began) / 1000));
say(`${rows.filter((r) => r.good === false).length} goals missed; ${values.out}`);
