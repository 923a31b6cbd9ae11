/**
 * Many requests over all routes while exchanges fail in every way: every one gets a response, and neither resident memory
 * nor descriptors grow.  They are read while no request is in flight.  What is in use also depends on which maps and series
 * the cache happens to hold, so it is read in a state that is always the same, too: that finds a leak of a byte a request.
 * Connections to exchanges are kept for the next request; their number has a bound and no trend to look for.
 *
 *     node tests/bench/soak.mjs [--requests 100000] [--minutes 30] [--clients 16] [--seed 1] [--real-time] [--redis] [PROGRAM [ARGUMENT ...]]
 *
 * --real-time: data is fresh for a moment, and the clock is not moved: what moves it hides waiting from the thread sanitizer.
 * --redis: the daemon shares what it fetches with a second one, build/liqmapd, which gets every fourth request; Redis stands
 * still or is killed now and then.
 * PROGRAM: the daemon, build/liqmapd, or something that runs it (valgrind ... build/liqmapd).  A tenth as many requests
 * before fill the cache and are not counted.  Growth is checked from 10,000 requests on.  No fault here shuts an exchange for
 * minutes (403 does): the two halves would differ in what they ask of it.
 */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { HOUR } from '../mock/recording.mjs';
import { ROOT, againstAll, get, keepAlive, memory, movableClock, Program, scratch, startDaemon, startPatientLighttpd, startSite, until } from '../e2e/harness.mjs';
import { heapFigures } from './heap.mjs';

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: {
  requests: { type: 'string', default: '100000' }, minutes: { type: 'string', default: '30' },
  clients: { type: 'string', default: '16' }, seed: { type: 'string', default: '1' },
  'real-time': { type: 'boolean', default: false }, redis: { type: 'boolean', default: false } } });
const COUNT = Number(options.requests);
const UNTIL = Date.now() + Number(options.minutes) * 60_000;
const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const NAMES = ['binance', 'bybit'];
/* Less than the maps below take: it is full in the state that is always the same. */
const MAX_BYTES = 24 << 20;
/* Of descriptors and of memory in the same state; of memory in any state, which depends on what the cache happens to hold. */
const [GROWTH_MOST, GROWTH_MOST_ANY] = [1.02, 1.1];
const GROWTH_FROM = 10_000;
/* Every so many requests: the clock goes on by a second; the faults change; memory is read while no request is in flight. */
const [MOVE_EVERY, FAULT_EVERY, REDIS_EVERY, SAMPLE_EVERY, SAY_EVERY] = [250, 1500, 100, 500, 10_000];
/* Longer than any fault lasts, and than a connection to an exchange is kept without use (118 s); more maps than the cache holds. */
const [REST_MS, MAPS] = [150_000, 300];
/* cache.hot_ms: what nobody asked for in this time is renewed no more. */
const HOT_MS = 300_000;
/* How often free pages are given back. */
const TRIM_MS = 10_000;
/* fetch.max_connections of each exchange. */
const CONNECTIONS_MOST = 32 * NAMES.length;
const STATUSES = new Set([200, 204, 304, 400, 404, 405, 429, 502, 503, 504]);

/* mulberry32: the same requests for the same seed. */
let seed = Number(options.seed);
function random() {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const pick = (list) => list[Math.floor(random() * list.length)];

const EXCHANGES = ['auto', 'all', ...NAMES];
const OF = { symbol: ['BTCUSDT', 'ETHUSDT'], interval: ['1h', '4h'], range: [1, 2.5, 5, 7, 12, 30], side: ['long', 'short', 'both'],
  tiers: ['5', '10,25', '100'], leverage: [5, 10, 50], bars: [1, 2, 50, 300] };
const series = () => `symbol=${pick(['BTCUSDT', ...OF.symbol])}&interval=${pick(OF.interval)}&exchange=${pick(EXCHANGES)}`;
const small = () => `${series()}&bars=100&rows=50`;
const past = () => `&end=${CLOCK - Math.floor(random() * 2) * 30 * HOUR}`;
const ROUTES = [
  () => `heatmap?${small()}`, () => `heatmap?${small()}&format=compact`, () => `heatmap?${small()}${past()}`,
  () => `heatmap?${small()}&range=${pick(OF.range)}`,
  () => `levels?${small()}&side=${pick(OF.side)}`, () => `profile?${small()}&tiers=${pick(OF.tiers)}`,
  () => `profile?${series()}&bars=100&model=single&leverage=${pick(OF.leverage)}`,
  () => `explain?${small()}&time=${CLOCK - 2 * HOUR}&price=${pick([100, 4000, 110000, 125000])}`,
  () => `klines?${series()}&bars=${pick(OF.bars)}`, () => `volume?${series()}`,
  () => `ticker?symbol=BTCUSDT&exchange=${pick(EXCHANGES)}`, () => `watch?symbols=BTCUSDT,ETHUSDT&interval=1h`,
  () => 'symbols', () => 'health', () => 'nowhere', () => `heatmap?bars=${pick(['7', 'x', '-1'])}`, () => 'klines?symbol=NOPEUSDT',
  () => `levels?interval=2h`, () => `klines?end=${CLOCK + 1000 * HOUR}`, () => 'heatmap?%00=%zz',
];
/* Each of these that is not of the past or of a single cell, once: responses that the cache keeps. */
const KEPT = OF.symbol.flatMap((symbol) => OF.interval.flatMap((interval) => EXCHANGES.flatMap((exchange) => {
  const one = `symbol=${symbol}&interval=${interval}&exchange=${exchange}`;
  const map = `${one}&bars=100&rows=50`;
  return [`heatmap?${map}`, `heatmap?${map}&format=compact`, ...OF.range.map((range) => `heatmap?${map}&range=${range}`),
    ...OF.side.map((side) => `levels?${map}&side=${side}`), ...OF.tiers.map((tiers) => `profile?${map}&tiers=${tiers}`),
    ...OF.leverage.map((x) => `profile?${one}&bars=100&model=single&leverage=${x}`),
    ...OF.bars.map((bars) => `klines?${one}&bars=${bars}`), `volume?${one}`];
})));
const FAULTS = [
  { kind: 'status', status: 500 }, { kind: 'status', status: 503 }, { kind: 'status', status: 429, retry_after: 1 },
  { kind: 'status', status: 418, retry_after: 2 }, { kind: 'stall', times: 8 }, { kind: 'delay', ms: 30 },
  { kind: 'cut' }, { kind: 'garbage' }, { kind: 'html' }, { kind: 'empty' }, { kind: 'types' }, { kind: 'body', body: '[]' },
  { kind: 'edit', edit: (value) => (Array.isArray(value) ? value.slice(0, value.length >> 1) : value) },
];

/* Most viewers look at the same few maps. */
const FREQUENT = Array.from({ length: 40 }, () => pick(ROUTES)());

function request() {
  if (random() < 0.01) return ['/metrics', {}];
  const headers = random() < 0.5 ? { 'Accept-Encoding': 'gzip' } : {};
  if (random() < 0.1) headers['If-None-Match'] = pick(['*', '"1"', 'W/"x"', '""']);
  return [`/api/v1/${random() < 0.8 ? pick(FREQUENT) : pick(ROUTES)()}`, { method: pick(['GET', 'GET', 'GET', 'GET', 'HEAD', 'OPTIONS', 'POST']), headers }];
}

const mean = (list) => list.reduce((sum, x) => sum + x, 0) / list.length;

/* Growth of the last half over the first. */
function growth(samples) {
  const half = samples.length >> 1;
  return mean(samples.slice(half)) / mean(samples.slice(0, half));
}

function changeFaults(site, now) {
  for (const mock of site.mocks.all) mock.clear();
  for (const mock of random() < 0.2 ? site.mocks.all : [pick(site.mocks.all)])
    mock.fault({ path: '*', times: pick([1, 5, Infinity, Infinity]), ...pick(FAULTS) });
  site.mocks.setClock(now, 0);
}

/* Sum of a figure of /metrics over its labels. */
const total = (text, name) => [...text.matchAll(new RegExp(`^${name}\\S* (\\d+)`, 'gm'))].reduce((sum, [, n]) => sum + Number(n), 0);

const MB = (bytes) => (bytes / 2 ** 20).toFixed(1);

/* redis-server on a socket. */
async function startRedis(socket) {
  const server = new Program('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', scratch(), '--daemonize', 'no']);
  await server.says(/ready to accept connections/i);
  return server;
}

/* Redis runs, stands still, or was killed and has lost all. */
async function changeRedis(redis) {
  const what = pick(['runs', 'runs', 'stands still', 'was killed']);
  redis.server.child.kill('SIGCONT');
  if (what === 'stands still') redis.server.child.kill('SIGSTOP');
  if (what !== 'was killed') return;
  await redis.server.stop('SIGKILL');
  redis.server = await startRedis(redis.socket);
  redis.kills++;
}

/* How far it is. */
async function say(site, state, i) {
  const { text } = await get(site.web.url, '/metrics');
  const { resident, kept, others, used, arenas, mapped } = state.same.at(-1);
  console.log(`after ${i}: resident ${MB(resident)} MB (of files ${MB(memory(site.daemon.pid, 'RssFile'))}), ` +
    `in use ${MB(used)} (mapped ${MB(mapped)}), arenas ${MB(arenas)}, cache ${MB(total(text, 'liqmap_cache_bytes'))} MB in ` +
    `${total(text, 'liqmap_cache_entries')} entries, evicted ${total(text, 'liqmap_cache_evicted_total')}, ` +
    `connections to exchanges ${kept}, other descriptors ${others}, statuses ${JSON.stringify(state.statuses)}`);
}

/* Descriptors of the daemon: connections to exchanges, which are kept for the next request, and all others. */
function descriptors(site) {
  const ports = site.mocks.all.map((mock) => Number(new URL(mock.base).port));
  const connections = readFileSync('/proc/net/tcp', 'utf8').split('\n').map((line) => line.trim().split(/\s+/))
    .filter((field) => ports.includes(parseInt(field[2]?.split(':')[1], 16))).map((field) => `socket:[${field[9]}]`);
  const folder = `/proc/${site.daemon.pid}/fd`;
  const open = readdirSync(folder).map((name) => { try { return readlinkSync(join(folder, name)); } catch { return ''; } });
  const kept = open.filter((name) => connections.includes(name)).length;
  return { kept, others: open.length - kept };
}

/* No request is in flight; the web server closes their connections a moment later. */
async function sample(site, state) {
  let least = descriptors(site);
  for (let i = 0; i < 10 && least.others > state.others; i++) {
    await new Promise((next) => { setTimeout(next, 20); });
    const now = descriptors(site);
    if (now.others < least.others) least = now;
  }
  state.others = Math.min(state.others, least.others);
  state.bytes.push(memory(site.daemon.pid, 'VmRSS'));
  state.files.push(least);
  state.heap.push(heap.read());
}

/* A refresh that was in flight when the clock moved on has passed its deadline. */
async function askUntilGood(site, agent, path) {
  let answer;
  const good = async () => {
    answer = await get(site.web.url, `/api/v1/${path}`, { agent });
    return answer.status === 200;
  };
  await until(good, path).catch((error) => { throw new Error(`${error.message}: ${answer.status} ${answer.text.slice(0, 300)}`); });
}

/*
 * The state that is the same whatever was asked before: the series that are looked at are there and new, so are all responses
 * that the cache keeps, maps of one series have filled the rest, and nothing is being made.  What is in use more than when it
 * was last so is lost.
 */
async function restore(site, clock, agent, state) {
  for (const mock of site.mocks.all) mock.clear();
  state.now += REST_MS;
  clock.shift(REST_MS);
  site.mocks.setClock(state.now, 0);
  const ask = (path) => askUntilGood(site, agent, path);
  for (const path of KEPT) await ask(path);
  for (let i = 0; i < MAPS; i++) await ask(`heatmap?symbol=BTCUSDT&interval=1h&exchange=binance&bars=100&rows=50&range=${10 + i / 10}`);
  /* Renewals would take memory, as much as happens to be in flight. */
  state.now += HOT_MS;
  clock.shift(HOT_MS);
  await heap.quiet();
  if (heap.read().trims > 0) {
    clock.shift(TRIM_MS);
    state.now += TRIM_MS;
    await heap.trimmed();
  }
  site.mocks.setClock(state.now, 0);
  state.same.push({ resident: memory(site.daemon.pid, 'VmRSS'), ...descriptors(site), ...heap.read() });
}

/* Requests first to last; statuses and what was wrong are added to. */
async function runSome(site, clock, agent, first, last, state) {
  let next = first;
  const client = async () => {
    while (next < last && Date.now() < UNTIL) {
      const i = next++;
      if (i % MOVE_EVERY === 0) {
        state.now += 1000;
        clock.shift(1000);
        site.mocks.setClock(state.now, 0);
      }
      if (i % FAULT_EVERY === 0) changeFaults(site, state.now);
      if (site.redis && i % REDIS_EVERY === 0) await changeRedis(site.redis);
      const [path, how] = request();
      const answer = await get((i % 4 === 0 && site.second ? site.second : site.web).url, path, { ...how, agent }).catch((error) => ({ status: error.code ?? String(error) }));
      state.statuses[answer.status] = (state.statuses[answer.status] ?? 0) + 1;
      if (!STATUSES.has(answer.status)) state.wrong.push(`${how.method ?? 'GET'} ${path}: ${answer.status}`);
    }
  };
  await Promise.all(Array.from({ length: Number(options.clients) }, client));
  return next - first;
}

/* So many requests; a sample after each SAMPLE_EVERY of them. */
async function run(site, clock, count, state) {
  const agent = keepAlive();
  let sent = 0;
  while (sent < count && Date.now() < UNTIL) {
    sent += await runSome(site, clock, agent, sent, Math.min(sent + SAMPLE_EVERY, count), state);
    await sample(site, state);
    if (sent % SAY_EVERY === 0 || sent === count) {
      await restore(site, clock, agent, state);
      await say(site, state, sent);
    }
  }
  agent.destroy();
  return sent;
}

const clock = options['real-time'] ? { env: {}, shift: () => {} } : movableClock();
const heap = heapFigures(clock.env);
const state = { now: CLOCK, statuses: {}, wrong: [], bytes: [], files: [], others: Infinity, heap: [], same: [] };
const redis = options.redis ? { socket: join(scratch(), 'redis.sock'), kills: 0 } : null;
if (redis) redis.server = await startRedis(redis.socket);
const settings = { 'cache.max_bytes': MAX_BYTES, 'cache.error_ms': 500, 'cache.stale_ms': 15_000, 'fetch.deadline_ms': 2000, 'fetch.connect_ms': 1000,
  'fetch.max_connections': CONNECTIONS_MOST / NAMES.length, 'server.log_level': 'error', 'cache.hot_ms': HOT_MS,
  ...(redis ? { 'hosts.redis': redis.socket } : {}),
  ...(options['real-time'] ? { 'cache.ttl_ms': 300, 'cache.lead_ms': 50 } : {}),
  ...Object.fromEntries(NAMES.map((name) => [`exchange.${name}.budget`, 100_000])) };
const site = await startSite({ names: NAMES, mocks: { clock: CLOCK, speed: 0, symbols: ['BTCUSDT', 'ETHUSDT'] }, settings,
  env: options['real-time'] ? {} : heap.env, startWeb: startPatientLighttpd,
  program: positionals.length ? positionals : [join(ROOT, 'build/liqmapd')] });
const secondDaemon = redis ? await startDaemon({ settings: againstAll(site.mocks, settings), env: clock.env }) : null;
if (redis) Object.assign(site, { redis, second: await startPatientLighttpd(secondDaemon.socket) });
const began = Date.now();
await run(site, clock, Math.round(COUNT / 10), state);
Object.assign(state, { statuses: {}, bytes: [], files: [], heap: [], same: [] });
const sent = await run(site, clock, COUNT, state);
const seconds = Math.round((Date.now() - began) / 1000);
for (const mock of site.mocks.all) mock.clear();
redis?.server.child.kill('SIGCONT');
await secondDaemon?.stop();
await site.second?.stop();
const ended = await site.stop();
await redis?.server.stop();

const percent = (x) => `${((x - 1) * 100).toFixed(2)} %`;
const figures = [
  ['resident memory', state.bytes.map((x) => x / 2 ** 20), 'MB', GROWTH_MOST_ANY],
  ['bytes in use', state.heap.map(({ used }) => used / 2 ** 20), 'MB', GROWTH_MOST_ANY],
  ['connections to exchanges', state.files.map(({ kept }) => kept), '', Infinity],
  ['other descriptors', state.files.map(({ others }) => others), '', GROWTH_MOST],
  ['in the same state: resident memory', state.same.map(({ resident }) => resident / 2 ** 20), 'MB', GROWTH_MOST],
  ['in the same state: bytes in use', state.same.map(({ used }) => used / 2 ** 20), 'MB', GROWTH_MOST],
];
console.log(`${sent} requests in ${seconds} s, statuses ${JSON.stringify(state.statuses)}`);
/* Of a daemon without heap.c, and of a short run, some are not known. */
for (const [name, list, unit] of figures.filter(([, of]) => of.some((x) => x > 0)))
  console.log(`${name} ${mean(list).toFixed(1)} ${unit} (${Math.min(...list).toFixed(1)} to ${Math.max(...list).toFixed(1)}), ` +
    `last half against first ${percent(growth(list))}`);
if (redis) console.log(`Redis was killed ${redis.kills} times`);
console.log(`requests to exchanges ${site.mocks.all.reduce((sum, mock) => sum + mock.requests.length, 0)}`);

const faults = [...state.wrong.slice(0, 5)];
if (sent < COUNT) faults.push(`only ${sent} of ${COUNT} requests in ${options.minutes} minutes`);
if (ended?.code !== 0) faults.push(`the daemon ended with ${JSON.stringify(ended)}`);
if (/Sanitizer|^==\d+==/m.test(site.daemon.err)) faults.push(site.daemon.err.slice(0, 5000));
if (Math.max(...state.files.map(({ kept }) => kept)) > CONNECTIONS_MOST) faults.push('more connections to exchanges than fetch.max_connections');
for (const [name, list, , most] of COUNT >= GROWTH_FROM ? figures : [])
  if (growth(list) > most) faults.push(`${name} grew`);
for (const fault of faults) console.error(`FAILED ${fault}`);
process.exitCode = faults.length ? 1 : 0;
