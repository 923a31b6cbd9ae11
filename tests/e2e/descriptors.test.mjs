/** Few descriptors: what does not fit waits its turn, the exchange stays within reach, and afterwards all is as before. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { LIQMAPD, movableClock, startPatientLighttpd, startSite, until } from './harness.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const REQUESTS = 100;

describe('few descriptors', () => {
  for (const limit of [16, 32]) {
    it(`${limit}: ${REQUESTS} requests at once are served, and those after them`, async () => {
      const clock = movableClock();
      const site = await startSite({ mocks: { clock: CLOCK, speed: 0 }, startWeb: startPatientLighttpd, env: clock.env,
        program: ['sh', '-c', 'ulimit -n "$0" && exec "$@"', String(limit), LIQMAPD],
        settings: { 'cache.ttl_ms': 1000, 'cache.swr_ms': 0, 'cache.lead_ms': 0, 'cache.hot_ms': 0, 'cache.error_ms': 100,
          'fetch.deadline_ms': 120_000, 'exchange.binance.budget': 2400 } });
      const [mock] = site.mocks.all;
      const open = () => readdirSync(`/proc/${site.daemon.pid}/fd`).length;
      try {
        /* Nothing is known yet: the first of them need the exchange while all descriptors are wanted. */
        mock.fault({ path: '*', kind: 'stall' });
        const asked = Promise.all(Array.from({ length: REQUESTS }, (_, i) => site.get(`klines?interval=1h&bars=${i + 1}`)));
        await until(() => mock.stalled.size > 0, 'a request to the exchange');
        mock.release();
        const statuses = (await asked).map((a) => a.status === 200 || `${a.status} ${a.text.slice(0, 200)}`);
        assert.deepEqual(statuses.filter((s) => s !== true).slice(0, 3), []);
        assert.ok(open() <= limit);
        for (let round = 0; round < 3; round++) {
          clock.shift(30_000);
          const answer = await site.get('heatmap?interval=1h&bars=100&rows=50');
          assert.equal(answer.status, 200, answer.text.slice(0, 200));
          assert.equal(answer.json().stale, false);
        }
        assert.deepEqual(await site.daemon.stop(), { code: 0, signal: null }, site.daemon.err);
      } finally {
        await site.stop('SIGKILL');
      }
    });
  }
});
