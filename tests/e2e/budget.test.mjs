/** 200 different questions at once: the exchange is never asked for more than it allows, and nobody is banned. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startExchange } from '../mock/exchanges.mjs';
import { against, get, startDaemon, startLighttpd } from './harness.mjs';
import { Recording, generateRecording } from '../mock/recording.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const INTERVALS = ['5m', '15m', '1h', '4h', '1d'];
const AT_ONCE = 6;
/* Requests queue for a place in the budget, but not beyond their deadline. */
const DEADLINE = 20000;

describe('200 keys', () => {
  let mock;
  let daemon;
  let web;
  let answered;
  const symbols = Array.from({ length: 40 }, (_, i) => `COIN${i}USDT`);
  before(async () => {
    const one = generateRecording({ symbol: 'COINUSDT', seed: 9, until: CLOCK, price: 100, digits: 2 });
    const recordings = symbols.map((symbol) => {
      const recording = new Recording(symbol, one.files, one.metrics, one.funding);
      recording.made = one.made;
      return recording;
    });
    mock = await startExchange({ recordings, clock: CLOCK, speed: 0, weight: 2400 });
    daemon = await startDaemon({ settings: against(mock, { 'fetch.deadline_ms': DEADLINE, 'cache.ttl_ms': 600000 }) });
    web = await startLighttpd(daemon.socket);
  });
  after(async () => { await web?.stop(); await daemon?.stop(); await mock?.close(); });

  it('are answered as far as the budget goes, and refused with a time after that', async () => {
    const keys = symbols.flatMap((symbol) => INTERVALS.map((interval) => `symbol=${symbol}&interval=${interval}&bars=100`));
    assert.equal(keys.length, 200);
    const answers = new Map();
    const client = async () => {
      for (let key = keys.shift(); key; key = keys.shift()) {
        answers.set(key, await get(web.url, `/api/v1/levels?${key}`));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, client));

    answered = [...answers.keys()].filter((key) => answers.get(key).status === 200);
    const refused = [...answers.values()].filter((a) => a.status !== 200);
    /* A quarter is left to refreshes. */
    assert.ok(answered.length >= 12, `${answered.length} answered`);
    assert.ok(refused.length > 0, 'the budget was reached');
    for (const a of refused) {
      /* 504: it had a place, but the deadline was nearer. */
      assert.ok([503, 504].includes(a.status), a.text.slice(0, 200));
      assert.equal(a.json().error.code, a.status === 503 ? 'rate' : 'timeout');
      if (a.status === 504) continue;
      const seconds = Number(a.headers['retry-after']);
      assert.ok(seconds > 0 && seconds <= 120, `${seconds} s`);
    }
    const statuses = new Set(mock.requests.map((r) => r.status));
    assert.ok(!statuses.has(429) && !statuses.has(418), [...statuses].join(' '));
    assert.ok(mock.limits.most <= 2400 * 0.75, `${mock.limits.most} of 2400 in a minute`);
  });

  it('leaves what was answered in the cache', async () => {
    for (const key of answered) {
      const again = await get(web.url, `/api/v1/levels?${key}`);
      assert.equal(again.status, 200, again.text.slice(0, 200));
    }
  });
});
