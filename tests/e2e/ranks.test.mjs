/** exchange=all while two exchanges change rank by open interest: every request is answered. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { MINUTE } from '../mock/recording.mjs';
import { startPatientLighttpd, startSite, until } from './harness.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const CLIENTS = 12;
const TICKS = 60;
const PER_TICK = 10;
/* Every response is soon too old, so that each tick refreshes the series and their weights. */
const SETTINGS = { 'cache.ttl_ms': 20, 'cache.lead_ms': 1, 'cache.swr_ms': 0, 'cache.error_ms': 1, 'cache.hot_ms': 0,
  'fetch.deadline_ms': 60000, 'exchange.binance.budget': 100000, 'exchange.bybit.budget': 100000, 'exchange.gate.budget': 100000 };

const minute = (t) => Math.floor(t / MINUTE);

describe('exchanges that change rank', () => {
  let site;
  before(async () => {
    site = await startSite({ startWeb: startPatientLighttpd, names: ['binance', 'bybit', 'gate'], settings: SETTINGS,
      mocks: { clock: CLOCK, binance: { size: 1 }, bybit: { size: (t) => (minute(t) % 2 ? 1.5 : 0.5) } } });
  });
  after(async () => {
    /* One that hangs does not end by itself. */
    const ended = await Promise.race([site?.stop(), until(() => site?.daemon.status, 'the end', 500).catch(() => null)]);
    if (!ended) await site?.stop('SIGKILL');
  });

  const moment = '&time=2025-10-10T20:00:00Z&price=140000';
  const paths = ['heatmap?', 'levels?', 'profile?', `explain?${moment.slice(1)}&`, 'klines?', 'heatmap?rows=100&', 'profile?side=long&',
    'levels?tiers=50,100&'].map((path) => `${path}exchange=all&symbol=BTCUSDT&interval=1h&bars=100`);

  it('answer every route, asked in parallel, tick after tick', async () => {
    let answered = 0;
    let ending = false;
    const wrong = [];
    const leaders = new Set();
    const client = async (i) => {
      for (let n = i; !ending; n++) {
        const a = await site.get(paths[n % paths.length]);
        answered++;
        if (a.status !== 200) wrong.push(`${paths[n % paths.length]}: ${a.status} ${a.text.slice(0, 200)}`);
        else if (a.headers['content-type'].includes('json')) leaders.add(a.json().exchanges?.[0].name);
      }
    };
    const clients = Array.from({ length: CLIENTS }, (_, i) => client(i).catch((error) => { if (!ending) wrong.push(String(error)); }));
    try {
      for (let tick = 1; tick <= TICKS; tick++) {
        site.mocks.setClock(CLOCK + tick * MINUTE);
        const before = answered;
        await until(() => answered >= before + PER_TICK, `answers in tick ${tick} of ${TICKS}`);
      }
    } finally {
      ending = true;
    }
    await Promise.all(clients);
    assert.deepEqual(wrong.slice(0, 3), []);
    assert.ok(leaders.has('binance') && leaders.has('bybit'), [...leaders].join(' '));
    assert.deepEqual(await site.daemon.stop(), { code: 0, signal: null });
  });
});
