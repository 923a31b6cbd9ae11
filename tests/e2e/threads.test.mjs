/** The daemon under the thread sanitizer and under valgrind: all routes in parallel while exchanges change rank. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { MINUTE, Recording, generateRecording } from '../mock/recording.mjs';
import { LIQMAPD, ROOT, environment, startPatientLighttpd, startSite, until } from './harness.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const ROUTES = ['heatmap?', 'levels?', 'profile?', 'explain?time=2025-10-10T20:00:00Z&price=140000&', 'klines?', 'ticker?',
  'profile?model=single&', 'heatmap?rows=50&', 'watch?'];
const REFUSED = { nope: 404, 'heatmap?bars=7': 400 };
const BUDGETS = Object.fromEntries(['binance', 'bybit', 'gate'].map((name) => [`exchange.${name}.budget`, 100000]));
const odd = (t) => Math.floor(t / MINUTE) % 2 === 1;

const query = (route, exchange, interval) => `${route}exchange=${exchange}${/^(ticker|profile.m)/.test(route) ? '' : '&bars=100'}${
  route === 'ticker?' ? '' : `&interval=${interval}`}`;

/* Every route of two kinds of exchange, `rounds` times, with the clock moved on in between. */
async function load(site, { rounds, clients, interval }) {
  const wrong = [];
  for (let round = 1; round <= rounds; round++) {
    site.mocks.setClock(CLOCK + round * MINUTE);
    const questions = ROUTES.flatMap((route) => ['all', 'auto'].map((exchange) => query(route, exchange, interval)))
      .concat(['symbols', 'health', ...Object.keys(REFUSED), `klines?end=2025-10-10T00:00:00Z&interval=${interval}&bars=10`]);
    const client = async () => {
      for (let q = questions.pop(); q; q = questions.pop()) {
        const a = await site.get(q);
        /* A budget that is used up depends on how many requests fall into its window. */
        const busy = [429, 503].includes(a.status) && a.json().error?.code === 'rate';
        if (q !== 'health' && !busy && a.status !== (REFUSED[q] ?? 200)) wrong.push(`${q}: ${a.status} ${a.text.slice(0, 200)}`);
      }
    };
    let answered = false;
    Promise.all(Array.from({ length: clients }, client)).then(() => { answered = true; }, (error) => { wrong.push(String(error)); });
    await until(() => answered || wrong.length, `every answer of round ${round}`, 3000);
  }
  return wrong;
}

/* Contracts that were listed a week ago: under the sanitizers each candle is dear, and races are between requests. */
const young = (symbol, seed, price) => {
  const { files, metrics, funding } = generateRecording({ symbol, seed, until: CLOCK, price, days: 8 });
  return new Recording(symbol, { '5m': files['5m'] }, metrics, funding);
};
const recordings = [young('BTCUSDT', 1, 100_000), young('ETHUSDT', 2, 4000)];

const options = (settings) => ({ names: ['binance', 'bybit', 'gate'], mocks: { recordings, clock: CLOCK, bybit: { size: (t) => (odd(t) ? 1.5 : 0.5) } },
  settings: { 'cache.ttl_ms': 30, 'cache.lead_ms': 5, 'cache.swr_ms': 0, 'cache.error_ms': 1, 'fetch.deadline_ms': 60000,
    ...BUDGETS, ...settings } });

describe('thread sanitizer', () => {
  let site;
  before(async () => {
    execFileSync('make', ['-s', '-j2', 'VARIANT=tsan', 'build/tsan/liqmapd'], { cwd: ROOT, env: { ...environment, MAKEFLAGS: '' } });
    site = await startSite({ startWeb: startPatientLighttpd, ...options(), program: [join(ROOT, 'build/tsan/liqmapd')],
      env: { TSAN_OPTIONS: 'second_deadlock_stack=1:exitcode=66' } });
  });
  after(() => site?.stop('SIGKILL'));

  it('finds no race and no order of locks that could end in a deadlock', async () => {
    const wrong = await load(site, { rounds: 6, clients: 10, interval: '1h' });
    assert.deepEqual(wrong.slice(0, 3), []);
    /* Also while an exchange stalls, and at the end with requests in flight. */
    site.mocks.by.gate.fault({ path: '*', kind: 'stall' });
    const late = ['heatmap?exchange=gate&interval=1d', 'heatmap?exchange=all&interval=1d'].map((q) => site.get(q).catch(() => null));
    await until(() => site.mocks.by.gate.stalled.size > 0, 'a stalled request');
    const ended = site.daemon.stop();
    site.mocks.by.gate.release();
    await Promise.all(late);
    assert.deepEqual(await ended, { code: 0, signal: null }, site.daemon.err.slice(0, 3000));
    assert.doesNotMatch(site.daemon.err, /ThreadSanitizer/);
  });
});

describe('valgrind', () => {
  it('finds no invalid access and no leak, and the end is clean', async () => {
    const site = await startSite({ startWeb: startPatientLighttpd, ...options({ 'cache.ttl_ms': 2000 }), names: ['okx', 'hyperliquid'], program: ['valgrind', '--quiet', '--leak-check=full',
      '--errors-for-leak-kinds=definite,possible', '--error-exitcode=67', LIQMAPD] });
    try {
      const wrong = await load(site, { rounds: 1, clients: 4, interval: '1h' });
      assert.deepEqual(wrong.slice(0, 3), []);
      assert.deepEqual(await site.daemon.stop(), { code: 0, signal: null }, site.daemon.err.slice(0, 3000));
      /* What valgrind says; a slow exchange may be logged beside it. */
      assert.doesNotMatch(site.daemon.err, /^==\d+==/m);
    } finally {
      await site.stop('SIGKILL');
    }
  });
});
