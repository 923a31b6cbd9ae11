/** One deadline for a request, however many exchanges it waits for. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { movableClock, passing, startNginx, startSite, until } from './harness.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const NAMES = ['binance', 'bybit', 'okx', 'bitget', 'gate', 'kucoin', 'hyperliquid'];
const DEADLINE = 1200;
const CODES = { 502: 'net', 503: 'rate', 504: 'timeout' };

/* They mostly wait, so they wait side by side. */
describe('deadline', { concurrency: 3 }, () => {

describe('while every exchange stalls', () => {
  let site;
  before(async () => {
    site = await startSite({ names: NAMES, mocks: { clock: CLOCK }, settings: { 'fetch.deadline_ms': DEADLINE,
      'fetch.connect_ms': 500, 'cache.error_ms': 1 } });
    site.mocks.fault({ path: '*', kind: 'stall' });
  });
  after(() => site?.stop());

  /* One deadline after the other would take as many of them as there are exchanges.  Half of that is far from both: nothing
   * here depends on how fast the machine is. */
  const ofOneDeadline = async (path) => {
    const start = performance.now();
    const answer = await site.get(path);
    const ms = performance.now() - start;
    assert.ok(answer.status in CODES, `${answer.status} ${answer.text.slice(0, 200)}`);
    assert.equal(typeof answer.json().error.message, 'string');
    assert.ok(ms < DEADLINE * NAMES.length / 2, `${Math.round(ms)} ms with a deadline of ${DEADLINE}`);
    return answer;
  };

  for (const path of ['heatmap?exchange=auto', 'klines?exchange=auto&interval=4h', 'ticker?exchange=auto', 'heatmap?exchange=all',
    'profile?exchange=all&interval=4h']) {
    it(`${path} ends within one deadline`, () => ofOneDeadline(path));
  }

  it('all of them at once, too', async () => {
    const answers = await Promise.all(['5m', '15m', '4h', '1d'].map((interval) => ofOneDeadline(`heatmap?exchange=auto&interval=${interval}`)));
    assert.equal(answers.length, 4);
  });

  it('the health route answers meanwhile', async () => {
    const waiting = site.get('heatmap?exchange=auto&interval=1h&bars=500');
    await until(() => site.mocks.all.some((m) => m.stalled.size > 0), 'a stalled request');
    assert.ok([200, 503].includes((await site.get('health')).status));
    await waiting;
  });
});

describe('auto', () => {
  const clock = movableClock();
  let site;
  before(async () => {
    site = await startSite({ names: ['binance', 'bybit'], mocks: { clock: CLOCK }, settings: { 'fetch.deadline_ms': 20_000 }, env: clock.env });
  });
  after(() => site?.stop());
  afterEach(() => site.mocks.clear());

  it('has time left for the next exchange after the first stalls', async () => {
    site.mocks.by.binance.fault({ path: '*', kind: 'stall' });
    const answer = await passing(clock, [site.mocks.by.binance], 20_000, site.get('heatmap?exchange=auto&interval=1h'));
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    assert.equal(answer.json().exchange, 'bybit');
    assert.equal(answer.json().fallback.from, 'binance');
  });
});

describe('nginx', () => {
  it('passes on the answer of the default deadline', async () => {
    const site = await startSite({ names: ['binance', 'bybit', 'okx', 'kucoin'], mocks: { clock: CLOCK }, startWeb: startNginx,
      settings: { 'server.socket_mode': '0666' } });
    try {
      site.mocks.fault({ path: '*', kind: 'stall' });
      const answer = await site.get('heatmap?exchange=auto&interval=1h');
      assert.ok(answer.status in CODES, String(answer.status));
      assert.notEqual(answer.json().error.code, 'unavailable', 'not of nginx itself');
    } finally {
      await site.stop();
    }
  });
});

});
