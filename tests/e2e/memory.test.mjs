/** The cache is bounded in bytes: many large responses to different questions do not let the daemon grow.  What is free is given back. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { heapFigures } from '../bench/heap.mjs';
import { ROOT, memory, movableClock, startPatientLighttpd, startSite, until } from './harness.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const MIB = 1024 * 1024;
const CLIENTS = 8;
const LARGE = 'heatmap?bars=1500&rows=800&interval=1h';
const MAX_BYTES = 32 * MIB;
/* Beside the cache: the programs themselves, and what the responses in flight need until they are written. */
const MARGIN = 160 * MIB;
/* Responses of some 4 MiB each: several times the bound. */
const QUESTIONS = 40;

const unit = readFileSync(join(ROOT, 'conf/liqmap.service'), 'utf8');
const allowed = Number(unit.match(/^MemoryMax=(\d+)M$/m)[1]) * MIB;
const bound = Number(readFileSync(join(ROOT, 'conf/liqmap.conf'), 'utf8').match(/^max_bytes *= *(\d+)$/m)?.[1] ?? 96 * MIB);

describe('memory', () => {
  const clock = movableClock();
  const heap = heapFigures(clock.env);
  let site;
  before(async () => {
    site = await startSite({ startWeb: startPatientLighttpd, env: heap.env, mocks: { clock: CLOCK }, settings: { 'cache.max_bytes': MAX_BYTES, 'fetch.deadline_ms': 120000,
      'cache.ttl_ms': 600000 } });
  });
  after(() => site?.stop());

  it('the default bound leaves room under MemoryMax of conf/liqmap.service', () => assert.ok(bound + MARGIN <= allowed));

  it(`${QUESTIONS} questions that vary range at 1500 x 800, ${CLIENTS} at a time`, async () => {
    const questions = Array.from({ length: QUESTIONS }, (_, i) => `${LARGE}&range=${1 + i / 2}`);
    let bytes = 0;
    const failed = [];
    assert.equal((await site.get('klines?interval=1h')).status, 200, 'the series is there');
    const client = async () => {
      for (let q = questions.pop(); q; q = questions.pop()) {
        const a = await site.get(q);
        if (a.status === 200) bytes += a.raw.length;
        else failed.push(`${a.status} ${a.text.slice(0, 100)}`);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    const most = memory(site.daemon.pid, 'VmHWM');
    assert.ok(most < MAX_BYTES + MARGIN, `${Math.round(most / MIB)} MiB resident at the most`);
    assert.deepEqual(failed.slice(0, 3), []);
    assert.ok(bytes > 3 * MAX_BYTES, `${Math.round(bytes / MIB)} MiB of responses`);
  });

  it('what is asked again and again stays', async () => {
    const first = await site.get('heatmap?interval=1h&bars=100');
    assert.equal(first.status, 200);
    site.mocks.forget();
    assert.equal((await site.get('heatmap?interval=1h&bars=100')).headers.etag, first.headers.etag);
    assert.equal(site.mocks.count(), 0);
  });

  it('free pages are given back every ten seconds', async () => {
    const before = await until(() => heap.read().trims, 'the first malloc_trim');
    await until(async () => {
      clock.shift(10_000);
      await site.get('health');
      return heap.read().trims > before + 1;
    }, 'more of them');
    assert.ok(heap.read().used < memory(site.daemon.pid, 'VmRSS'), 'figures of this process');
  });
});
