/** Candles that no exchange should send: from the future, with holes, beyond all ranges; and how the map becomes right again. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { HOUR, MINUTE } from '../mock/recording.mjs';
import { movableClock, startSite, until } from './harness.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const KLINES = '/fapi/v1/klines';
const ENGINE = 15 * MINUTE;

describe('wrong candles', () => {
  let site;
  let clock;
  let mock;
  let now = CLOCK;
  before(async () => {
    clock = movableClock();
    site = await startSite({ names: ['binance', 'hyperliquid', 'gate'], mocks: { clock: CLOCK, symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'] }, env: clock.env,
      settings: { 'cache.ttl_ms': 1000, 'cache.lead_ms': 200, 'cache.swr_ms': 0, 'cache.error_ms': 100, 'server.log_level': 'error' } });
    mock = site.mocks.by.binance;
  });
  after(() => site?.stop());
  beforeEach(() => mock.clear());

  const forward = (ms) => {
    now += ms;
    mock.setClock(now, 0);
    clock.shift(ms);
  };
  const map = async (symbol, interval = '1h') => {
    /* A renewal that was in flight while the clock was moved has missed its deadline. */
    const answer = await until(async () => {
      const a = await site.get(`heatmap?exchange=binance&symbol=${symbol}&interval=${interval}&bars=100&rows=50`);
      return a.status !== 504 && a;
    }, 'a response');
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    return answer.json();
  };
  const newest = ({ candles }) => candles.open_time.at(-1);
  const edit = (change) => mock.fault({ path: KLINES, kind: 'edit', edit: (rows) => change(structuredClone(rows)) });

  it('a candle of 2096 is not shown, and the series goes on', async () => {
    edit((rows) => [...rows, [Date.UTC(2096, 0, 1), ...rows.at(-1).slice(1)]]);
    const wrong = await map('BTCUSDT');
    assert.equal(newest(wrong), CLOCK - CLOCK % HOUR);
    assert.ok(wrong.warnings.some((w) => /open after the exchange's clock; not used/.test(w)), wrong.warnings.join('; '));
    mock.clear();
    forward(HOUR);
    const right = await map('BTCUSDT');
    assert.equal(newest(right), now - now % HOUR);
    assert.deepEqual(right.warnings.filter((w) => /after the exchange/.test(w)), []);
  });

  it('the next candle, already there, is not shown', async () => {
    edit((rows) => [...rows, [rows.at(-1)[0] + ENGINE, ...rows.at(-1).slice(1)]]);
    forward(2000);
    assert.equal(newest(await map('BTCUSDT')), now - now % HOUR);
  });

  it('holes are requested again once, and said with their place', async () => {
    const from = now - now % HOUR - 36 * HOUR;
    edit((rows) => rows.filter(([t]) => t < from || t >= from + 12 * HOUR));
    const wrong = await map('ETHUSDT');
    const place = new RegExp(`candles: 48 of \\d+ are missing at the exchange, the first at ${new Date(from).toISOString().slice(0, 19)}Z`);
    assert.ok(wrong.warnings.some((w) => place.test(w)), wrong.warnings.join('; '));
    assert.ok(mock.requests.some(({ url }) => url?.includes(`startTime=${from - ENGINE}`)) || mock.count(KLINES) > 6);
  });

  it('what a first fetch lacked comes with the hourly checks, with a new epoch', async () => {
    const wrong = await map('ETHUSDT');
    for (let hours = 0; (await map('ETHUSDT')).warnings.some((w) => /missing/.test(w)); hours++) {
      /* 16 checks reach all candles; on a slow machine some hours have a second refresh instead of one. */
      assert.ok(hours < 200, 'a map without holes');
      forward(HOUR + MINUTE);
      await map('ETHUSDT');
      forward(850); /* soon to expire: renewed in the background, and shown when a page of the past has come as well */
      await until(async () => (await map('ETHUSDT')).data_time >= now, 'a renewal with a check');
    }
    assert.notEqual((await map('ETHUSDT')).epoch, wrong.epoch);
  });

  it('an empty symbol list is a failure, not a truth', async () => {
    const { hyperliquid } = site.mocks.by;
    const ask = () => site.get('heatmap?exchange=hyperliquid&bars=100');
    hyperliquid.fault({ path: 'metaAndAssetCtxs', kind: 'edit', edit: () => [{ universe: [] }, []] });
    const answer = await ask();
    assert.equal(answer.status, 200, answer.text.slice(0, 200));
    assert.match(answer.json().warnings.join('; '), /the symbol list is empty/);
    hyperliquid.clear();
  });

  it('an exchange whose clock is at 0 fails; it is not a symbol that does not exist', async () => {
    const { gate } = site.mocks.by;
    const ask = () => site.get('heatmap?exchange=gate&bars=100&rows=50');
    gate.now = () => 0;
    const answer = await ask();
    assert.equal(answer.status, 502, answer.text.slice(0, 200));
    assert.equal(answer.json().error.code, 'format');
    delete gate.now;
    await until(async () => {
      forward(1000);
      return (await ask()).status === 200;
    }, 'a map');
  });

  it('prices and volumes beyond any range are refused before they are held', async () => {
    const good = await map('SOLUSDT');
    for (const [column, value] of [[3, '1e-300'], [5, '1e308']]) {
      edit((rows) => rows.map((row, i) => (i === rows.length - 1 ? row.with(column, value) : row)));
      forward(2000);
      const stale = await map('SOLUSDT');
      assert.equal(stale.stale, true);
      assert.match(stale.stale_reason, /is not within/);
      assert.deepEqual(stale.candles.open_time, good.candles.open_time);
      mock.clear();
      forward(2000);
      await until(async () => !(await map('SOLUSDT')).stale, 'a fresh map');
    }
  });
});
