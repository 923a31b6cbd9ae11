/** Of what kind, price and funding the exchanges of a sum are, over real HTTP. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { movableClock, startPatientLighttpd, startSite } from './harness.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const HOUR = 3_600_000;
const LINEAR = ['binance', 'bybit', 'hyperliquid'];
const INVERSE = ['binance-coin', 'okx-coin'];

describe('the sources of a map', () => {
  let site;
  const clock = movableClock();
  const ask = async (query, path = 'heatmap') => {
    const answer = await site.get(`${path}?bars=100&rows=100&${query}`);
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    return answer.json();
  };
  const included = (map) => map.exchanges.filter((e) => e.included).map((e) => e.name).sort();
  before(async () => {
    /* An inverse exchange first: auto takes a linear one all the same. */
    site = await startSite({ startWeb: startPatientLighttpd, names: ['okx-coin', ...LINEAR, 'binance-coin'], mocks: { clock: CLOCK, speed: 0 }, env: clock.env,
      settings: { 'fetch.deadline_ms': 60000 } });
  });
  after(() => site?.stop());

  it('all: linear and inverse contracts, or one kind of them', async () => {
    const [all, both, linear, inverse] = await Promise.all(['', '&contract=both', '&contract=linear', '&contract=inverse']
      .map((kind) => ask(`exchange=all${kind}`)));
    assert.equal(both.epoch, all.epoch);
    assert.deepEqual([all, linear, inverse].map((m) => m.contract), ['both', 'linear', 'inverse']);
    assert.deepEqual(included(all), [...LINEAR, ...INVERSE].sort());
    assert.deepEqual(included(linear), [...LINEAR].sort());
    assert.deepEqual(included(inverse), [...INVERSE].sort());
    assert.ok(inverse.exchanges.every((e) => e.contract === 'inverse' && e.limits.inverse));
    assert.ok(linear.exchanges.every((e) => e.contract === 'linear' && !e.limits.inverse));
    const usd = (m) => m.statistics.open_interest_usd;
    assert.ok(Math.abs(usd(all) - usd(linear) - usd(inverse)) < 2);
  });

  it('auto takes a linear one first; an exchange stands for its other kind', async () => {
    assert.equal((await ask('exchange=auto')).exchange, 'binance');
    assert.equal((await ask('contract=inverse')).exchange, 'okx-coin');
    assert.equal((await ask('exchange=binance&contract=inverse')).exchange, 'binance-coin');
    const refused = await site.get('heatmap?exchange=bybit&contract=inverse');
    assert.equal(refused.status, 400);
    assert.deepEqual(refused.json().error, { code: 'bad_contract', message: 'bybit has no inverse contracts here', allowed: ['linear'] });
  });

  it('funding: each with its interval, compared by the year', async () => {
    const [binance, hyperliquid, all] = (await Promise.all(['binance', 'hyperliquid', 'all']
      .map((name) => ask(`exchange=${name}&contract=${name === 'all' ? 'both' : 'linear'}`)))).map((m) => m.statistics);
    assert.deepEqual([binance.funding_interval_ms, hyperliquid.funding_interval_ms], [8 * HOUR, HOUR]);
    for (const s of [binance, hyperliquid]) {
      assert.ok(Math.abs(s.funding_rate_yearly - s.funding_rate * 365 * 24 * HOUR / s.funding_interval_ms) < 1e-9);
    }
    assert.ok(Number.isFinite(all.funding_rate_yearly));
  });

  it('what is always in doubt is a note, no warning', async () => {
    const [binance, hyperliquid, all] = await Promise.all(['binance', 'hyperliquid', 'all'].map((name) => ask(`exchange=${name}&contract=linear`)));
    assert.deepEqual([binance.notes, hyperliquid.warnings], [[], []]);
    assert.match(hyperliquid.notes.join(), /^hyperliquid: open interest: .*one side/);
    assert.deepEqual(all.notes, hyperliquid.notes);
  });

  it('volume is of all; its delta of those that say what takers bought', async () => {
    const volume = async (query) => {
      const answer = await site.get(`volume?bars=50&${query}`);
      assert.equal(answer.status, 200, answer.text.slice(0, 300));
      return answer.json();
    };
    const parts = await Promise.all([...LINEAR, ...INVERSE].map((name) => volume(`exchange=${name}`)));
    const all = await volume('exchange=all&contract=both');
    assert.deepEqual(all.given_by.delta.sort(), ['binance', 'binance-coin']);
    assert.deepEqual(all.missing_from.delta.sort(), ['bybit', 'hyperliquid', 'okx-coin']);
    for (const column of ['volume', 'delta']) {
      const sums = all[column].map((_, i) => parts.reduce((sum, part) => sum + part[column][i], 0));
      assert.ok(all[column].every((x, i) => Math.abs(x - sums[i]) < 0.01), column);
    }
    assert.ok(parts[1].delta.every((x) => x === null));
    assert.deepEqual(parts[1].missing_from.delta, ['bybit']);
  });

  it('a price far from the others is excluded, and back when it is right', async () => {
    const { bybit } = site.mocks.by;
    const usual = bybit.bps;
    const later = async () => {
      clock.shift(60_000);
      return ask('exchange=all&contract=linear', 'levels');
    };
    bybit.bps = 1200;
    const without = await later();
    assert.deepEqual(included(without), ['binance', 'hyperliquid']);
    assert.match(without.exchanges.find((e) => e.name === 'bybit').reason, /^its price of \d+ is 1[12]\.\d % above the median of all/);
    assert.ok(without.warnings.some((w) => w.startsWith('bybit is excluded: its price')));
    bybit.bps = usual;
    assert.deepEqual(included(await later()), [...LINEAR].sort());
  });
});
