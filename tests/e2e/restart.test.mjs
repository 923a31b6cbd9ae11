/** scripts/run starts a daemon that died again, and says so. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { alive, get, startRun, until } from './harness.mjs';

const PATH = '/api/v1/heatmap?interval=1h&bars=100';
const RESTARTS = /liqmapd ended \(status 137\); starting it again in (\d+) s/g;

describe('scripts/run, when liqmapd is killed', () => {
  it('starts it again, waits longer each time, and still stops cleanly', async () => {
    const run = await startRun({ args: ['--demo'] });
    const seen = new Set();
    try {
      for (let i = 0; i < 3; i++) {
        const { liqmapd } = run.children();
        assert.ok(liqmapd && !seen.has(liqmapd), 'a new process');
        seen.add(liqmapd);
        process.kill(liqmapd, 'SIGKILL');
        await until(() => !alive(liqmapd) && run.children().liqmapd, 'a new daemon');
        const map = await until(async () => {
          const a = await get(run.url, PATH);
          return a.status === 200 && a.json();
        }, 'a map');
        assert.equal(map.source, 'demo');
      }
    } finally {
      await run.stop();
    }
    assert.deepEqual([...run.err.matchAll(RESTARTS)].map((m) => Number(m[1])), [0, 1, 2]);
    assert.deepEqual(run.status, { code: 0, signal: null });
    for (const pid of seen) assert.ok(!alive(pid));
  });

  it('can be stopped while it waits', async () => {
    const run = await startRun({ args: ['--demo'] });
    for (const pause of [0, 1, 2]) {
      process.kill((await until(() => run.children().liqmapd, 'a daemon')), 'SIGKILL');
      await until(() => run.err.includes(`again in ${pause} s`), 'the message');
    }
    const children = Object.values(run.children());
    assert.deepEqual(await run.stop(), { code: 0, signal: null });
    for (const pid of children) assert.ok(!alive(pid), 'no process left');
  });
});
