/** All exchanges at a cold start with a tight budget: a sum waits for what is missing, says so, and keeps its past within an epoch. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { movableClock, startPatientLighttpd, startSite } from './harness.mjs';

/* At the begin of a minute, so that the next one is beyond the deadline however slow the machine. */
const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 1);
const SHOWN = ['5m', '15m', '1h', '4h', '1d'];
const NAMES = ['binance', 'bybit', 'hyperliquid'];
const TIGHT = 'hyperliquid';
const MINUTE = 60_000;
/* Of 1200 in a minute: enough for one or two intervals. */
const BUDGET = 300;

/* Closed columns by their open time. */
function closed({ candles, grid }) {
  return new Map(candles.open_time.slice(0, -1).map((open, j) => [open, grid.cells.map((row) => row[j])]));
}

const scale = ({ grid }) => JSON.stringify([grid.price_min, grid.price_step, grid.rows, grid.quantum]);

/* How many closed cells both maps have, and how many of these differ. */
function compare(a, b) {
  const [old, now] = [closed(a), closed(b)];
  let [cells, changed] = [0, 0];
  for (const [open, column] of now) {
    const before = old.get(open);
    if (!before) continue;
    cells += column.length;
    changed += column.filter((x, r) => x !== before[r]).length;
  }
  return { cells, changed };
}

describe('all, five intervals one after another with a tight budget', () => {
  let site;
  let clock;
  const rounds = [];
  const map = async (interval) => {
    const answer = await site.get(`heatmap?exchange=all&interval=${interval}&bars=200&rows=100`);
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    return answer.json();
  };
  const round = async () => {
    const maps = {};
    for (const interval of SHOWN) maps[interval] = await map(interval);
    rounds.push(maps);
    return maps;
  };
  before(async () => {
    clock = movableClock();
    site = await startSite({ startWeb: startPatientLighttpd, names: NAMES, mocks: { clock: CLOCK, speed: 0 }, env: clock.env,
      settings: { [`exchange.${TIGHT}.budget`]: BUDGET, 'fetch.deadline_ms': 25000 } });
  });
  after(() => site?.stop());

  it('what has no place in the budget is incomplete, not excluded as failed', async () => {
    const maps = await round();
    const missing = SHOWN.filter((interval) => maps[interval].incomplete.length > 0);
    assert.ok(missing.length > 0 && missing.length < SHOWN.length, `incomplete: ${missing}`);
    for (const interval of missing) {
      const { incomplete, exchanges, warnings } = maps[interval];
      assert.deepEqual(incomplete, [TIGHT]);
      assert.deepEqual(exchanges.filter((e) => e.included).map((e) => e.name).sort(), ['binance', 'bybit']);
      assert.ok(warnings.some((w) => /^hyperliquid is excluded for now: .*request budget/.test(w)), warnings.join('; '));
    }
    const { mocks } = site;
    assert.ok(mocks.by[TIGHT].limits.most <= BUDGET, `${mocks.by[TIGHT].limits.most}`);
  });

  it('it comes in by itself once the budget has a place', async () => {
    for (let i = 1; i <= SHOWN.length && Object.values(rounds.at(-1)).some((m) => m.incomplete.length > 0); i++) {
      clock.shift(MINUTE);
      site.mocks.all.forEach((mock) => mock.setClock(CLOCK + i * MINUTE, 0));
      await round();
    }
    for (const [interval, { incomplete, exchanges }] of Object.entries(rounds.at(-1))) {
      assert.deepEqual(incomplete, [], interval);
      assert.ok(exchanges.every((e) => e.included), interval);
    }
  });

  it('no closed cell differs between two maps of one epoch, and a new set of exchanges is a new epoch', () => {
    let [same, other, otherChanged] = [0, 0, 0];
    for (const interval of SHOWN) {
      const maps = rounds.map((r) => r[interval]);
      for (const [i, a] of maps.entries()) {
        for (const b of maps.slice(i + 1)) {
          const set = (m) => m.exchanges.filter((e) => e.included).map((e) => e.name).sort().join();
          if (set(a) !== set(b)) assert.notEqual(a.epoch, b.epoch, interval);
          if (scale(a) !== scale(b)) continue;
          const { cells, changed } = compare(a, b);
          if (a.epoch === b.epoch) {
            assert.equal(changed, 0, `${interval}: ${changed} of ${cells} cells`);
            same += cells;
          } else {
            other += cells;
            otherChanged += changed;
          }
        }
      }
    }
    assert.ok(same > 20_000, `${same} cells compared within an epoch`);
    assert.ok(other === 0 || otherChanged > 0, `${otherChanged} of ${other} changed between epochs`);
  });
});
