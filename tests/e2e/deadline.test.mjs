/** One deadline for a request, however many exchanges it waits for. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { movableClock, passing, startNginx, startPatientLighttpd, startSite, until } from './harness.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const NAMES = ['binance', 'bybit', 'okx', 'bitget', 'gate', 'kucoin', 'hyperliquid'];
/* The longest that can be set.  What takes a second one in real time ends no test. */
const DEADLINE = 120_000;
const CODES = { 502: 'net', 503: 'rate', 504: 'timeout' };

/* They mostly wait, so they wait side by side. */
describe('deadline', { concurrency: 3 }, () => {

describe('while every exchange stalls', { concurrency: 1 }, () => { /* they share a clock */
  const clock = movableClock();
  let site;
  before(async () => {
    site = await startSite({ startWeb: startPatientLighttpd, names: NAMES, mocks: { clock: CLOCK }, env: clock.env,
      settings: { 'fetch.deadline_ms': DEADLINE, 'cache.error_ms': 1 } });
    site.mocks.fault({ path: '*', kind: 'stall' });
  });
  after(() => site?.stop());

  /* Time passes for the daemon from its first request to an exchange until one deadline is over, and no longer: what needs a
   * second one has no answer. */
  const stalled = () => site.mocks.all.some((mock) => mock.stalled.size > 0);
  const one = (asked) => passing(clock, site.mocks.all, DEADLINE, asked, DEADLINE / 24);
  afterEach(() => site.mocks.all.forEach((mock) => mock.stalled.clear()));

  const inOneDeadline = async (paths) => {
    for (const answer of await one(Promise.all(paths.map((path) => site.get(path))))) {
      assert.ok(answer.status in CODES, `${answer.status} ${answer.text.slice(0, 200)}`);
      assert.equal(typeof answer.json().error.message, 'string');
    }
  };

  for (const path of ['heatmap?exchange=auto', 'klines?exchange=auto&interval=4h', 'ticker?exchange=auto', 'heatmap?exchange=all',
    'profile?exchange=all&interval=4h']) {
    it(`${path} ends within one deadline`, () => inOneDeadline([path]));
  }

  it('several at once, too', () => inOneDeadline(['5m', '15m', '4h', '1d'].map((interval) => `heatmap?exchange=auto&interval=${interval}`)));

  it('the health route answers meanwhile', async () => {
    const waiting = site.get('heatmap?exchange=auto&interval=1h&bars=500');
    await until(stalled, 'a stalled request');
    assert.ok([200, 503].includes((await site.get('health')).status));
    assert.ok((await one(waiting)).status in CODES);
  });
});

describe('auto', () => {
  const clock = movableClock();
  let site;
  before(async () => {
    site = await startSite({ names: ['binance', 'bybit'], mocks: { clock: CLOCK }, settings: { 'fetch.deadline_ms': DEADLINE },
      startWeb: startPatientLighttpd, env: clock.env });
  });
  after(() => site?.stop());
  afterEach(() => site.mocks.clear());

  it('has time left for the next exchange after the first stalls', async () => {
    site.mocks.by.binance.fault({ path: '*', kind: 'stall' });
    /* The half that is the first one's passes; the other is left, however fast this machine is. */
    const asked = site.get('heatmap?exchange=auto&interval=1h');
    const answer = await passing(clock, [site.mocks.by.binance], DEADLINE / 2, asked, DEADLINE / 24);
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    assert.equal(answer.json().exchange, 'bybit');
    assert.equal(answer.json().fallback.from, 'binance');
  });
});

describe('nginx', () => {
  it('passes on the answer of the default deadline', async () => {
    const clock = movableClock();
    const site = await startSite({ names: ['binance', 'bybit', 'okx', 'kucoin'], mocks: { clock: CLOCK }, env: clock.env,
      startWeb: (socket) => startNginx(socket, { env: clock.env }), settings: { 'server.socket_mode': '0666' } });
    try {
      site.mocks.fault({ path: '*', kind: 'stall' });
      const answer = await passing(clock, site.mocks.all, 8000, site.get('heatmap?exchange=auto&interval=1h'));
      assert.ok(answer.status in CODES, String(answer.status));
      assert.notEqual(answer.json().error.code, 'unavailable', 'not of nginx itself');
    } finally {
      await site.stop();
    }
  });
});

});
