/** Refreshes that carry only what changed: what the page makes of them equals the whole map, each time. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { applyDelta, isDelta } from '../../www/js/data/delta.js';
import { parseSnapshot } from '../../www/js/data/snapshot.js';
import { generateRecording, seeded, HOUR, MINUTE } from '../mock/recording.mjs';
import { againstAll, movableClock, startDaemon, startSite } from './harness.mjs';

const START = Date.UTC(2025, 9, 10, 21, 7, 5);
const SECOND = 1000;
/* Just not fresh any more; nothing is renewed meanwhile, so that the clock moves while no request runs. */
const REFRESH = 20 * SECOND + 1;
const SETTINGS = { 'cache.hot_ms': 0, 'cache.swr_ms': 0 };
const MAPS = {
  '5m': 'interval=5m&bars=100&rows=60', '15m': 'interval=15m&bars=200&rows=50', '1h': 'interval=1h&bars=500&rows=400',
};
/* On the wire, of 1h with 500 candles. */
const WIRE_MAX = 4000;

/* The exchanges count requests by the minutes of the clock that the test moves. */
const follow = (mocks) => mocks.all.forEach((mock) => { mock.limits.wallMs = () => mock.now(); });

/** A viewer of one map: what it has, and how it came to it. */
class Viewer {
  constructor(site, query) {
    Object.assign(this, { site, query, base: null, deltas: 0, wholes: 0, bytes: [] });
  }

  ask(since) {
    const path = `heatmap?${this.query}&format=compact${since ? `&since=${since}` : ''}`;
    return this.site.get(path, { headers: { 'Accept-Encoding': 'gzip' } });
  }

  take(answer) {
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    const json = answer.json();
    if (isDelta(json)) {
      this.deltas++;
      this.bytes.push(answer.raw.length);
      this.base = applyDelta(this.base, json);
    } else {
      this.wholes++;
      this.base = { json, snapshot: parseSnapshot(json) };
    }
  }

  async refresh() {
    this.take(await this.ask(this.base?.json.cursor));
  }

  /** What it has is what whoever comes now gets: the same members, and the same numbers. */
  async check(what) {
    let whole;
    do {
      /* Where a map was made between the two. */
      if (whole) await this.refresh();
      whole = (await this.ask()).json();
    } while (whole.cursor !== this.base.json.cursor);
    assert.deepEqual(this.base.snapshot, parseSnapshot(whole), what);
    const small = ({ candles, grid: { cells, ...grid }, ...rest }) => ({ ...rest, grid });
    assert.deepEqual(small(this.base.json), small(whole), what);
  }
}

describe('since', () => {
  let site;
  let clock;
  let now = START;
  const move = (ms) => {
    clock.shift(ms);
    now += ms;
    site.mocks.all.forEach((mock) => mock.setClock(now, 0));
  };
  before(async () => {
    clock = movableClock();
    const recordings = [generateRecording({ seed: 3, until: START + 40 * HOUR, days: 120, crash: START + 20 * MINUTE })];
    site = await startSite({ mocks: { recordings, clock: START, speed: 0 }, settings: SETTINGS, env: clock.env });
    follow(site.mocks);
    move(0);
  });
  after(() => site?.stop());

  it('a map of 500 candles is refreshed with less than 4 kB, a closed candle included', async (t) => {
    const viewer = new Viewer(site, MAPS['1h']);
    await viewer.refresh();
    for (let i = 0; i < 30; i++) {
      move(i % 10 === 9 ? 10 * MINUTE : REFRESH);
      await viewer.refresh();
    }
    await viewer.check('after an hour');
    const most = Math.max(...viewer.bytes);
    t.diagnostic(`${viewer.deltas} deltas, ${most} bytes at most`);
    assert.ok(viewer.deltas >= 20 && most < WIRE_MAX, `${viewer.deltas} deltas, ${most} bytes`);
  });

  it('hundreds of refreshes over closes and moves of the axis show the whole map each time', async (t) => {
    const random = seeded(11);
    const viewers = ['5m', '15m'].map((interval) => new Viewer(site, MAPS[interval]));
    const closed = new Set();
    for (const viewer of viewers) await viewer.refresh();
    for (let i = 0; i < 160; i++) {
      move(i % 40 === 39 ? 2 * HOUR : REFRESH + Math.floor(random() * 3 * MINUTE));
      for (const viewer of viewers) {
        await viewer.refresh();
        await viewer.check(`${viewer.query}, refresh ${i}`);
        closed.add(viewer.base.snapshot.candles.time.at(-1));
      }
    }
    const [deltas, wholes] = ['deltas', 'wholes'].map((kind) => viewers.reduce((sum, viewer) => sum + viewer[kind], 0));
    t.diagnostic(`${deltas} deltas, ${wholes} whole maps`);
    assert.ok(deltas >= 200, `${deltas} deltas`);
    /* The first one of each, three jumps of two hours, and axes that moved. */
    assert.ok(wholes > 8 && closed.size > 40, `${wholes} whole maps, ${closed.size} candles`);
  });

  it('an answer that was lost, or a cursor from some refreshes ago, does no harm', async () => {
    const viewer = new Viewer(site, MAPS['15m']);
    const slow = new Viewer(site, MAPS['15m']);
    await viewer.refresh();
    await slow.refresh();
    for (let i = 0; i < 24; i++) {
      move(REFRESH);
      if (i % 3 === 0) {
        /* Lost on its way. */
        await viewer.ask(viewer.base.json.cursor);
      } else {
        await viewer.refresh();
        await viewer.check(`refresh ${i}`);
      }
      if (i % 4 === 3) {
        await slow.refresh();
        await slow.check(`each fourth, refresh ${i}`);
      }
    }
    assert.ok(viewer.deltas >= 12 && slow.deltas >= 1, `${viewer.deltas} and ${slow.deltas} deltas`);
    /* Away for longer than cursors are kept. */
    const { wholes } = slow;
    for (let i = 0; i < 6; i++) {
      move(REFRESH);
      await viewer.refresh();
    }
    await slow.refresh();
    await slow.check('after a while');
    assert.equal(slow.wholes, wholes + 1);
  });

  it('a delta of another map is refused by the page, a mixed one too', async () => {
    const [one, other] = ['5m', '15m'].map((interval) => new Viewer(site, MAPS[interval]));
    await one.refresh();
    await other.refresh();
    move(REFRESH);
    const delta = (await one.ask(one.base.json.cursor)).json();
    assert.ok(isDelta(delta));
    assert.throws(() => applyDelta(other.base, delta), /since/);
    const next = applyDelta(one.base, delta);
    assert.throws(() => applyDelta(next, delta), /since/);
    await one.refresh();
    assert.deepEqual(one.base.snapshot, next.snapshot);
  });

  it('after a restart the first answer is whole, the next ones are deltas again', async () => {
    const viewer = new Viewer(site, MAPS['5m']);
    await viewer.refresh();
    const { socket } = site.daemon;
    await site.daemon.stop();
    move(REFRESH);
    site.daemon = await startDaemon({ settings: againstAll(site.mocks, SETTINGS), env: clock.env, socket });
    await viewer.refresh();
    await viewer.check('after the restart');
    assert.equal(viewer.wholes, 2);
    move(REFRESH);
    await viewer.refresh();
    await viewer.check('after that');
    assert.ok(viewer.deltas >= 1);
  });
});

describe('since, of all exchanges', () => {
  const NAMES = ['binance', 'bybit', 'okx'];

  it('an exchange that fails, is left out and comes back shows the whole map each time', async (t) => {
    const clock = movableClock();
    const site = await startSite({ names: NAMES, mocks: { clock: START, speed: 0 }, env: clock.env,
      settings: { ...SETTINGS, 'cache.stale_ms': 40 * SECOND } });
    t.after(() => site.stop());
    follow(site.mocks);
    const viewer = new Viewer(site, 'exchange=all&interval=5m&bars=100&rows=60');
    const { okx } = site.mocks.by;
    const seen = new Set();
    for (let i = 1; i <= 40; i++) {
      if (i === 10) okx.fault({ path: '*', kind: 'status', status: 500 });
      if (i === 20) okx.clear();
      clock.shift(REFRESH);
      site.mocks.all.forEach((mock) => mock.setClock(START + i * REFRESH, 0));
      await viewer.refresh();
      await viewer.check(`refresh ${i}`);
      const { included, stale } = viewer.base.snapshot.exchanges.find(({ name }) => name === 'okx');
      seen.add(!included ? 'excluded' : stale ? 'stale' : 'fresh');
    }
    t.diagnostic(`${viewer.deltas} deltas, ${viewer.wholes} whole maps; okx was ${[...seen]}`);
    assert.deepEqual([...seen].sort(), ['excluded', 'fresh', 'stale']);
    assert.ok(viewer.deltas >= 20, `${viewer.deltas} deltas`);
    const last = viewer.base.snapshot.exchanges.find(({ name }) => name === 'okx');
    assert.ok(last.included && !last.stale, 'okx is back');
  });
});
