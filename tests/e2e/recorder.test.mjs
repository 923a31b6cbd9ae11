/** The recorder: statistics, levels and executed liquidations of real connections, kept over drops, stalls and kill -9. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { MockStream } from '../mock/stream.mjs';
import { LIQMAP, Program, againstAll, get, movableClock, scratch, startDaemon, startPatientLighttpd, startSite, until } from './harness.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const MINUTE = 60_000;
const NAMES = ['binance', 'bybit', 'okx', 'gate', 'htx'];
const SLOW = { 'fetch.deadline_ms': 60000 };

async function liqmap(...args) {
  const program = new Program(LIQMAP, args);
  const { code } = await program.ended;
  assert.equal(code, 0, program.err);
  return program.out;
}

/** A table of the file as objects. */
async function table(db, name) {
  const [head, ...rows] = (await liqmap('export', '--db', db, name)).trim().split('\n').map((line) => line.split(','));
  return rows.map((row) => Object.fromEntries(head.map((key, i) => [key, row[i]])));
}

const order = (T, S, q, p) => ({ e: 'forceOrder', E: T, o: { s: 'BTCUSDT', S, q, p, ap: p, z: q, T } });
const bybit = (...rows) => ({ topic: 'allLiquidation.BTCUSDT', type: 'snapshot', ts: 1,
  data: rows.map(([T, S, v, p]) => ({ T, s: 'BTCUSDT', S, v, p })) });
const okx = (ts, side, sz, bkPx) => ({ arg: { channel: 'liquidation-orders', instType: 'SWAP' },
  data: [{ instId: 'BTC-USDT-SWAP', instType: 'SWAP', details: [{ side, posSide: 'long', bkPx, sz, ts }] }] });

describe('the recorder', () => {
  const file = join(scratch(), 'record.db');
  const clock = movableClock();
  const streams = {};
  let site;
  let settings;
  const figure = async (name) => {
    const { text } = await get(site.web.url, '/metrics');
    return Number(text.match(new RegExp(`^liqmap_${name.replace(/[{}"]/g, '\\$&')} (\\S+)$`, 'm'))?.[1]);
  };
  const liquidations = async (query) => {
    const answer = await site.get(`liquidations?symbol=BTCUSDT&${query}`);
    assert.equal(answer.status, 200, answer.text);
    return answer.json();
  };
  /* While the clock was moved, a stream may have ended: what is sent is sent until it is heard, and kept once. */
  const counts = async (n, send = () => {}) => until(async () => {
    send();
    const { exchanges } = await liquidations('interval=5m&bars=100&exchange=all');
    return exchanges.reduce((sum, x) => sum + x.count, 0) === n && exchanges;
  }, `${n} liquidations`);

  before(async () => {
    for (const name of ['binance', 'bybit', 'okx']) streams[name] = await new MockStream().start();
    settings = { ...SLOW, 'server.log_level': 'error', 'recorder.file': file, 'recorder.days': 0,
      ...Object.fromEntries(Object.entries(streams).map(([name, { url }]) => [`recorder.${name}_stream`, url])) };
    site = await startSite({ startWeb: startPatientLighttpd, names: NAMES, mocks: { clock: CLOCK, speed: 0 }, settings, env: clock.env });
  });
  after(async () => {
    await site?.stop('SIGKILL');
    for (const stream of Object.values(streams)) await stream.close();
  });

  it('subscribes to the streams', async () => {
    await until(() => Object.values(streams).every((s) => s.told.length === 1), 'subscriptions');
    assert.equal(streams.binance.path, '/market/ws');
    assert.deepEqual(JSON.parse(streams.binance.told[0]).params, ['btcusdt@forceOrder']);
    assert.deepEqual(JSON.parse(streams.bybit.told[0]).args, ['allLiquidation.BTCUSDT']);
    assert.equal(JSON.parse(streams.okx.told[0]).args[0].channel, 'liquidation-orders');
  });

  const now = Date.now();

  it('keeps what they say once, by candles and sides', async () => {
    for (let i = 0; i < 2; i++) {
      streams.binance.send(order(now - 1000, 'SELL', '2', '100000'));
      streams.bybit.send(bybit([now - 2000, 'Buy', '0.5', '100000'], [now - 2000, 'Sell', '0.25', '100000']), 3);
      streams.okx.send(okx(String(now - 3000), 'sell', '10', '100000'));
    }
    const exchanges = await counts(4);
    assert.deepEqual(exchanges.map((x) => [x.exchange, x.count, x.sampled, x.feed]), [['binance', 1, true, 'stream'],
      ['bybit', 2, false, 'stream'], ['okx', 1, true, 'stream'], ['gate', 0, false, 'requests'],
      ['htx', 0, false, 'requests']]);
    const body = await liquidations('interval=5m&bars=100');
    const sum = (list) => list.reduce((a, b) => a + b, 0);
    assert.equal(sum(body.long_usd), 200000 + 50000 + 10000);
    assert.equal(sum(body.short_usd), 25000);
    assert.equal(sum(body.long_count), 3);
    assert.equal(body.open_time.length, 100);
    assert.deepEqual(body.largest.map((l) => [l.exchange, l.side, l.usd]).slice(0, 2), [['binance', 'long', 200000], ['bybit', 'long', 50000]]);
    assert.equal((await liquidations('interval=5m&bars=100&exchange=okx')).largest.length, 1);
  });

  it('goes on after garbage, a drop and a stall, and what was missed is a gap', async () => {
    streams.okx.send('<html>');
    await until(() => streams.okx.told.length === 2, 'a subscription after garbage');
    streams.bybit.drop();
    await until(() => streams.bybit.told.length === 2, 'a subscription after a drop');
    streams.binance.silent = true;
    clock.shift(140_000); /* two of its pings and ten seconds: once, and a connection that is made afterwards has its time */
    await until(() => streams.binance.told.length === 2, 'a subscription after a stall');
    streams.binance.silent = false;
    await counts(5, () => streams.bybit.send(bybit([now - 500, 'Buy', '1', '100000'])));
    assert.ok(await figure('stream_connects_total{exchange="binance"}') >= 2);
    assert.ok(await figure('stream_bad_total{exchange="okx"}') >= 1);
    const covers = await until(async () => {
      const rows = await table(file, 'cover');
      return rows.filter((r) => r.exchange === 'bybit').length >= 1 && rows;
    }, 'covers');
    for (const { from, to } of covers) assert.ok(Number(from) < Number(to));
    const { exchanges } = await liquidations('interval=5m&bars=100');
    assert.ok(exchanges.find((x) => x.exchange === 'bybit').gaps.length >= 1);
  });

  it('asks Gate, and names what came with the time of the exchange', async () => {
    const gate = site.mocks.by.gate;
    gate.liquidations = [{ t: CLOCK - 20 * MINUTE, size: 600, price: 110000 }, { t: CLOCK - 20 * MINUTE, size: -100, price: 110000 }];
    const body = await until(async () => {
      clock.shift(10_000);
      const found = await liquidations('interval=5m&bars=10&exchange=gate&end=2025-10-10T22:05:00Z');
      return found.largest.length === 2 && found;
    }, 'liquidations of Gate');
    assert.deepEqual(body.largest.map((l) => [l.side, l.usd, l.time]), [['long', 6600, CLOCK - 20 * MINUTE], ['short', 1100, CLOCK - 20 * MINUTE]]);
  });

  it('asks HTX, whose body may not have all', async () => {
    site.mocks.by.htx.liquidations = [{ t: CLOCK - 20 * MINUTE, long: true, coins: 0.5, price: 110000 }, { t: CLOCK - 21 * MINUTE, long: false, coins: 0.1, price: 110000 }];
    const body = await until(async () => {
      clock.shift(10_000);
      const found = await liquidations('interval=5m&bars=10&exchange=htx&end=2025-10-10T22:05:00Z');
      return found.largest.length === 2 && found;
    }, 'liquidations of HTX');
    assert.deepEqual(body.largest.map((l) => [l.side, l.usd, l.time]), [['long', 55000, CLOCK - 20 * MINUTE], ['short', 11000, CLOCK - 21 * MINUTE]]);
    assert.equal(body.exchanges[0].sampled, true);
    const { side, candle, usd, count, all } = body.clusters;
    assert.deepEqual({ side, usd, count, all }, { side: ['long', 'short'], usd: [55000, 11000], count: [1, 1], all: 2 });
    assert.deepEqual(candle.map((i) => body.open_time[i]), [Date.UTC(2025, 9, 10, 21, 45), Date.UTC(2025, 9, 10, 21, 45)]);
  });

  it('records statistics and the levels of a close, once', async () => {
    const levels = await until(async () => {
      clock.shift(1000);
      const rows = await table(file, 'levels');
      return NAMES.every((name) => rows.some((r) => r.exchange === name)) && rows;
    }, 'levels of every exchange');
    assert.deepEqual([...new Set(levels.map((r) => r.close_time))], [String(Date.UTC(2025, 9, 10, 22))]);
    const { model } = (await site.get('heatmap?symbol=BTCUSDT&exchange=binance&interval=1h&bars=100')).json();
    assert.deepEqual([...new Set(levels.map((r) => r.model))], [`${model.name}/${model.version}`]);
    const shown = (await site.get('levels?symbol=BTCUSDT&exchange=binance&interval=1h')).json();
    assert.deepEqual(levels.filter((r) => r.exchange === 'binance' && r.side === 'long').map((r) => Number(r.price)).sort(),
      shown.levels.long.map((l) => l.price).sort());
    /* On a busy machine an exchange may miss a deadline, and is asked again five minutes later. */
    const statistics = await until(async () => {
      const rows = await table(file, 'statistics');
      const given = NAMES.every((name) => rows.some((r) => r.exchange === name && Number(r.sum_open_interest_value) > 1e6));
      if (!given) clock.shift(60_000);
      return given && rows;
    }, 'open interest of every exchange');
    for (const { create_time: time, symbol, exchange, ...row } of statistics)
      assert.ok(symbol === 'BTCUSDT' && Object.values(row).some(Boolean), `${time} ${exchange}`);
  });

  /* Another daemon in place of the one that has ended. */
  const startAgain = async () => {
    const told = streams.bybit.told.length;
    site.daemon = await startDaemon({ socket: site.daemon.socket, settings: againstAll(site.mocks, settings), env: clock.env });
    await until(() => streams.bybit.told.length > told, 'a subscription');
  };

  it('goes on after an ordinary end', async () => {
    const before = await counts(5);
    assert.deepEqual(await site.daemon.stop(), { code: 0, signal: null });
    assert.equal(site.daemon.err, '');
    await startAgain();
    assert.deepEqual((await counts(5)).map((x) => x.count), before.map((x) => x.count));
  });

  it('loses nothing that was committed by kill -9, and records on', async () => {
    await counts(5);
    await until(async () => await figure('recorder_waiting') === 0, 'all to be written');
    const before = await table(file, 'liquidations');
    await until(async () => {
      for (let i = 0; i < 200; i++) streams.bybit.send(bybit([now - 100000 - i, 'Buy', '1', '1000']));
      return (await table(file, 'liquidations')).length > before.length;
    }, 'some of them');
    await site.daemon.stop('SIGKILL');
    const left = await table(file, 'liquidations');
    assert.ok(left.length > before.length && left.length <= before.length + 200);
    const copy = join(scratch(), 'copy.db');
    await liqmap('export', '--db', file, '--backup', copy);
    assert.deepEqual(await table(copy, 'liquidations'), left);
    await startAgain();
    streams.bybit.send(bybit([now - 200000, 'Buy', '1', '1000']));
    await until(async () => (await table(file, 'liquidations')).length === left.length + 1, 'one more');
  });

  it('gives open interest that an exchange does not remember', async () => {
    const csv = join(scratch(), 'metrics.csv');
    const end = Date.UTC(2025, 9, 9, 12);
    const time = new Date(end - 5 * MINUTE).toISOString().slice(0, 19).replace('T', ' ');
    writeFileSync(csv, `create_time,symbol,sum_open_interest,sum_open_interest_value\n${time},BTCUSDT,1000,123000000\n`);
    assert.match(await liqmap('import', '--db', file, csv), /1 rows, 1 of them new/);
    assert.match(await liqmap('import', '--db', file, csv), /1 rows, 0 of them new/);
    site.mocks.by.binance.openInterest = false;
    const got = await site.get(`heatmap?symbol=BTCUSDT&exchange=binance&interval=1h&bars=100&end=${end}`);
    assert.equal(got.status, 200, got.text);
    const answer = got.json();
    assert.equal(answer.statistics.open_interest_usd, 123000000);
    assert.equal(answer.statistics.open_interest_recorded, end - 5 * MINUTE);
    assert.equal(answer.model.scaled_by, 'open_interest');
    site.mocks.by.binance.openInterest = true;
  });

  it('ends in order with streams open', async () => {
    const ended = await site.daemon.stop();
    assert.deepEqual(ended, { code: 0, signal: null });
    assert.equal(site.daemon.err, '');
  });
});

describe('without a recorder, or without a file', () => {
  it('says that nothing is recorded', async () => {
    const site = await startSite({ names: ['binance'], startWeb: startPatientLighttpd, settings: SLOW });
    const answer = await site.get('liquidations?symbol=BTCUSDT');
    assert.equal(answer.status, 404);
    assert.equal(answer.json().error.code, 'not_recorded');
    await site.stop();
  });

  it('shows the map when the file cannot be written, with one warning and a metric', async () => {
    const site = await startSite({ names: ['gate'], startWeb: startPatientLighttpd, settings: { ...SLOW, 'recorder.file': '/nowhere/r.db' } });
    assert.equal((await site.get('heatmap?symbol=BTCUSDT&interval=1h&bars=100')).status, 200);
    assert.equal((await site.get('liquidations?symbol=BTCUSDT')).status, 503);
    const { text } = await get(site.web.url, '/metrics');
    assert.match(text, /^liqmap_recorder_good 0$/m);
    await site.stop();
    assert.equal(site.daemon.err.match(/recorder:/g).length, 1, site.daemon.err);
  });
});

describe('liqmap import', () => {
  const folder = scratch();
  const db = join(folder, 'import.db');
  const put = (text, name = 'rows.csv') => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it('reads metrics, funding, orders and liquidations', async () => {
    for (const text of [
      'create_time,symbol,sum_open_interest,sum_open_interest_value,count_long_short_ratio\r\n2025-10-09 08:50:00,BTCUSDT,10,1000,"3"\r\n\r\n2025-10-09 08:55:00,BTCUSDT,0,0,\r\n',
      'funding_time,symbol,funding_rate\n1760000100000,BTCUSDT,-0.0001\n',
      'time,side,average_price,price,original_quantity,accumulated_fill_quantity\n1760000000001,SELL,100,90,3,2\n1760000000002,BUY,0,90,3,\n',
      'time,side,usd,exchange,symbol,price,quantity,sampled\n1760000000003,long,70,okx,ETHUSDT,,,1\n',
    ]) await liqmap('import', '--db', db, '--exchange', 'gate', '--symbol', 'BTCUSDT', put(text));
    const statistics = await table(db, 'statistics');
    assert.deepEqual(statistics.map((r) => [r.create_time, r.sum_open_interest, r.sum_open_interest_value, Number(r.count_long_short_ratio), Number(r.funding_rate)]), [
      ['2025-10-09 08:50:00', '10', '1000', 3, 0], ['2025-10-09 08:55:00', '', '', 0, -0.0001]]);
    assert.deepEqual((await table(db, 'liquidations')).map((r) => [r.time, r.side, r.usd, r.exchange, r.symbol, r.price, r.quantity, r.sampled].join()), [
      '1760000000001,long,200,gate,BTCUSDT,100,2,1', '1760000000002,short,270,gate,BTCUSDT,90,3,1', '1760000000003,long,70,okx,ETHUSDT,,,1']);
  });

  it('names the file and line that it cannot read', async () => {
    for (const [text, expected] of [
      ['a,b\n1,2\n', /rows\.csv:1: expected a header line of metrics, funding or liquidations/],
      ['time,side,usd\n1760000000000,long,5\n1760000000,long,5\n', /rows\.csv:3: time: expected milliseconds/],
      ['time,side,usd\n\n1760000000000,up,5\n', /rows\.csv:3: expected a side/],
    ]) {
      const program = new Program(LIQMAP, ['import', '--db', db, '--symbol', 'BTCUSDT', put(text)]);
      assert.equal((await program.ended).code, 1);
      assert.match(program.err, expected);
    }
    const program = new Program(LIQMAP, ['import', '--db', db, put('time,side,usd\n1760000000000,long,5\n')]);
    assert.equal((await program.ended).code, 1);
    assert.match(program.err, /rows\.csv:2: expected a symbol, or the option --symbol/);
  });
});
