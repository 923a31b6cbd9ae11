/**
 * Many requests over all routes while exchanges fail in every way: every one gets a response, and neither resident memory
 * nor descriptors grow.
 *
 *     node tests/bench/soak.mjs [--requests 100000] [--minutes 30] [--clients 16] [--seed 1] [--real-time] [PROGRAM [ARGUMENT ...]]
 *
 * --real-time: data is fresh for a moment, and the clock is not moved: what moves it hides waiting from the thread sanitizer.
 * PROGRAM: the daemon, build/liqmapd, or something that runs it (valgrind ... build/liqmapd).  A tenth as many requests
 * before fill the cache and are not counted.  Growth is checked from 10,000 requests on.  No fault here shuts an exchange for
 * minutes (403 does): the two halves would differ in what they ask of it.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { HOUR } from '../mock/recording.mjs';
import { ROOT, get, keepAlive, memory, movableClock, scratch, startPatientLighttpd, startSite } from '../e2e/harness.mjs';

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: {
  requests: { type: 'string', default: '100000' }, minutes: { type: 'string', default: '30' },
  clients: { type: 'string', default: '16' }, seed: { type: 'string', default: '1' },
  'real-time': { type: 'boolean', default: false } } });
const COUNT = Number(options.requests);
const UNTIL = Date.now() + Number(options.minutes) * 60_000;
const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const NAMES = ['binance', 'bybit'];
const MAX_BYTES = 64 << 20;
const GROWTH_MOST = 1.02;
const GROWTH_FROM = 10_000;
/* Every so many requests: the clock goes on by a second; the faults change; memory is read while no request is in flight. */
const [MOVE_EVERY, FAULT_EVERY, SAMPLE_EVERY, SAY_EVERY] = [250, 1500, 500, 10_000];
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

const series = () => `symbol=${pick(['BTCUSDT', 'BTCUSDT', 'ETHUSDT'])}&interval=${pick(['1h', '4h'])}` +
  `&exchange=${pick(['auto', 'all', ...NAMES])}`;
const small = () => `${series()}&bars=100&rows=50`;
const past = () => `&end=${CLOCK - Math.floor(random() * 2) * 30 * HOUR}`;
const ROUTES = [
  () => `heatmap?${small()}`, () => `heatmap?${small()}&format=compact`, () => `heatmap?${small()}${past()}`,
  () => `heatmap?${small()}&range=${pick([1, 2.5, 5, 7, 12, 30])}`,
  () => `levels?${small()}&side=${pick(['long', 'short', 'both'])}`, () => `profile?${small()}&tiers=${pick(['5', '10,25', '100'])}`,
  () => `profile?${series()}&bars=100&model=single&leverage=${pick([5, 10, 50])}`,
  () => `explain?${small()}&time=${CLOCK - 2 * HOUR}&price=${pick([100, 4000, 110000, 125000])}`,
  () => `klines?${series()}&bars=${pick([1, 2, 50, 300])}`, () => `volume?${series()}`,
  () => `ticker?symbol=BTCUSDT&exchange=${pick(['auto', 'all', ...NAMES])}`, () => `watch?symbols=BTCUSDT,ETHUSDT&interval=1h`,
  () => 'symbols', () => 'health', () => 'nowhere', () => `heatmap?bars=${pick(['7', 'x', '-1'])}`, () => 'klines?symbol=NOPEUSDT',
  () => `levels?interval=2h`, () => `klines?end=${CLOCK + 1000 * HOUR}`, () => 'heatmap?%00=%zz',
];
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

/** What the allocator knows, of tests/bench/heap.c: env for the daemon, and read(), in bytes. */
function heapFigures() {
  const folder = scratch();
  const [library, file] = [join(folder, 'heap.so'), join(folder, 'heap')];
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(ROOT, 'tests/bench/heap.c'), '-pthread']);
  writeFileSync(file, Buffer.alloc(24));
  return { library, env: { LIQ_HEAP_FILE: file },
    read() {
      const words = readFileSync(file);
      return { used: Number(words.readBigUInt64LE(0)), arenas: Number(words.readBigUInt64LE(8)), mapped: Number(words.readBigUInt64LE(16)) };
    } };
}

/* Sum of a figure of /metrics over its labels. */
const total = (text, name) => [...text.matchAll(new RegExp(`^${name}\\S* (\\d+)`, 'gm'))].reduce((sum, [, n]) => sum + Number(n), 0);

const MB = (bytes) => (bytes / 2 ** 20).toFixed(1);

/* How far it is. */
async function say(site, state, i) {
  const { text } = await get(site.web.url, '/metrics');
  const { used, arenas, mapped } = state.heap.at(-1);
  console.log(`after ${i}: resident ${MB(state.bytes.at(-1))} MB (of files ${MB(memory(site.daemon.pid, 'RssFile'))}), ` +
    `in use ${MB(used)} (mapped ${MB(mapped)}), arenas ${MB(arenas)}, cache ${MB(total(text, 'liqmap_cache_bytes'))} MB in ` +
    `${total(text, 'liqmap_cache_entries')} entries, evicted ${total(text, 'liqmap_cache_evicted_total')}, ` +
    `descriptors ${state.files.at(-1)}, statuses ${JSON.stringify(state.statuses)}`);
}

/* Nothing is in flight: what is open and held stays so until the next request. */
function sample(site, state) {
  state.bytes.push(memory(site.daemon.pid, 'VmRSS'));
  state.files.push(readdirSync(`/proc/${site.daemon.pid}/fd`).length);
  state.heap.push(state.readHeap());
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
      const [path, how] = request();
      const answer = await get(site.web.url, path, { ...how, agent }).catch((error) => ({ status: error.code ?? String(error) }));
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
    sample(site, state);
    if (sent % SAY_EVERY === 0) await say(site, state, sent);
  }
  agent.destroy();
  return sent;
}

const clock = options['real-time'] ? { env: {}, shift: () => {} } : movableClock();
const heap = heapFigures();
const env = { ...clock.env, ...heap.env, LD_PRELOAD: [clock.env.LD_PRELOAD, heap.library].filter(Boolean).join(':') };
const state = { now: CLOCK, statuses: {}, wrong: [], bytes: [], files: [], heap: [], readHeap: heap.read };
const site = await startSite({ names: NAMES, mocks: { clock: CLOCK, speed: 0, symbols: ['BTCUSDT', 'ETHUSDT'] }, env,
  startWeb: startPatientLighttpd, program: positionals.length ? positionals : [join(ROOT, 'build/liqmapd')],
  settings: { 'cache.max_bytes': MAX_BYTES, 'cache.error_ms': 500, 'cache.stale_ms': 15_000, 'fetch.deadline_ms': 2000, 'fetch.connect_ms': 1000, 'server.log_level': 'error',
    ...(options['real-time'] ? { 'cache.ttl_ms': 300, 'cache.lead_ms': 50 } : {}),
    ...Object.fromEntries(NAMES.map((name) => [`exchange.${name}.budget`, 100_000])) } });
const began = Date.now();
await run(site, clock, Math.round(COUNT / 10), state);
Object.assign(state, { statuses: {}, bytes: [], files: [], heap: [] });
const sent = await run(site, clock, COUNT, state);
const seconds = Math.round((Date.now() - began) / 1000);
for (const mock of site.mocks.all) mock.clear();
const ended = await site.stop();

const memoryGrowth = growth(state.bytes);
const filesGrowth = growth(state.files);
const usedGrowth = growth(state.heap.map(({ used }) => used));
const percent = (x) => `${((x - 1) * 100).toFixed(2)} %`;
console.log(`${sent} requests in ${seconds} s, statuses ${JSON.stringify(state.statuses)}`);
console.log(`resident memory ${MB(mean(state.bytes))} MB, last half against first ${percent(memoryGrowth)}`);
console.log(`bytes in use ${MB(mean(state.heap.map(({ used }) => used)))} MB, last half against first ${percent(usedGrowth)}`);
console.log(`descriptors ${mean(state.files).toFixed(1)}, at most ${Math.max(...state.files)}, last half against first ${percent(filesGrowth)}`);
console.log(`requests to exchanges ${site.mocks.all.reduce((sum, mock) => sum + mock.requests.length, 0)}`);

const faults = [...state.wrong.slice(0, 5)];
if (sent < COUNT) faults.push(`only ${sent} of ${COUNT} requests in ${options.minutes} minutes`);
if (ended?.code !== 0) faults.push(`the daemon ended with ${JSON.stringify(ended)}`);
if (/Sanitizer|^==\d+==/m.test(site.daemon.err)) faults.push(site.daemon.err.slice(0, 5000));
if (COUNT >= GROWTH_FROM && memoryGrowth > GROWTH_MOST) faults.push('resident memory grew');
if (COUNT >= GROWTH_FROM && filesGrowth > GROWTH_MOST) faults.push('descriptors grew');
for (const fault of faults) console.error(`FAILED ${fault}`);
process.exitCode = faults.length ? 1 : 0;
