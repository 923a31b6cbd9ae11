/** liqmap doctor against every mock exchange: all well, one of each kind of fault, and a recording replayed. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { DEFINITIONS, startExchanges } from '../mock/exchanges.mjs';
import { Clock } from '../mock/market.mjs';
import { LIQMAP, Program, freePort, scratch } from './harness.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const NAMES = Object.keys(DEFINITIONS);
const FEW = ['--exchange', 'binance,bybit', '--exchange', 'okx,gate'];

describe('liqmap doctor', () => {
  let mocks;
  let config;
  let settled;
  before(async () => {
    mocks = await startExchanges(NAMES, { clock: CLOCK });
    config = join(scratch(), 'liqmap.conf');
    writeFileSync(config, ['[server]', 'fixed_clock = 2025-10-10T22:07:30Z',
      ...mocks.all.flatMap((m) => [`[exchange.${m.name}]`, `base_url = ${m.base}`])].join('\n'));
    settled = mocks.all.map(({ bps, size, clock }) => ({ bps, size, clock }));
  });
  after(() => mocks?.close());
  afterEach(() => {
    mocks.clear();
    mocks.all.forEach((m, i) => Object.assign(m, settled[i]));
  });

  async function doctor(...args) {
    const program = new Program(LIQMAP, ['doctor', '--config', config, ...args]);
    const { code } = await program.ended;
    assert.equal(program.err, '');
    return { code, out: program.out, lines: program.out.trimEnd().split('\n') };
  }

  async function json(...args) {
    const { code, out } = await doctor('--json', ...args);
    const report = JSON.parse(out);
    assert.equal(code, report.good ? 0 : 1);
    return { ...report, by: Object.fromEntries(report.exchanges.map((e) => [e.exchange, e])) };
  }

  /* What is wrong, "exchange: words". */
  const wrong = ({ exchanges }) => exchanges.flatMap((e) => e.wrong.map((w) => `${e.exchange}: ${w}`));

  it('finds nothing wrong with twelve exchanges that are well, within their limits', async () => {
    const report = await json();
    assert.deepEqual(wrong(report), []);
    assert.deepEqual(report.exchanges.map((e) => e.exchange).sort(), [...NAMES].sort());
    for (const mock of mocks.all) {
      const e = report.by[mock.name];
      const contract = [...mock.contracts.values()][0];
      assert.deepEqual(mock.limits.overrun, [], mock.name);
      assert.ok(Math.abs(e.clock_offset_ms) < 5000, `${mock.name}: ${e.clock_offset_ms}`);
      assert.ok(Math.abs(e.last / contract.last(CLOCK) - 1) < 1e-3, mock.name);
      assert.ok(e.listed && e.candles > 1000 && e.weight > 0, mock.name);
      if (mock.name !== 'binance-spot') assert.ok(e.open_interest_usd > 0, mock.name);
      assert.equal(e.routes.length, mock.count(), mock.name);
      assert.ok(e.routes.every((r) => r.good && r.status === 200 && r.bytes > 0), mock.name);
    }
    assert.deepEqual([report.by.hyperliquid.max_leverage, report.by.hyperliquid.limits_source], [40, 'contract']);
  });

  it('asks for pages that meet wherever a page is not enough for a map', async () => {
    const report = await json('--exchange', 'okx,bitget');
    for (const e of report.exchanges) {
      const paths = new Set(e.routes.filter((r) => r.route === 'candles').map((r) => new URL(r.url).pathname));
      assert.equal(paths.size, 2, `${e.exchange}: newest and older candles`);
    }
  });

  it('prints a table of at most 80 columns, with every request for one exchange', async () => {
    const all = await doctor();
    assert.equal(all.code, 0);
    assert.match(all.lines[0], /^liqmap doctor: BTCUSDT, 12 exchanges, 2025-10-10 22:07 UTC$/);
    for (const name of NAMES) assert.ok(all.lines.some((l) => l.startsWith(`  ${name} `)), name);
    assert.equal(all.lines.at(-1), 'Nothing is wrong.');
    const one = await doctor('--exchange', 'hyperliquid', '--symbol', 'ETHUSDT');
    assert.match(one.out, /^ {2}candles +200 +\d+ +\d+ +- +\d+ as expected$/m);
    for (const line of [...all.lines, ...one.lines]) assert.ok(line.length <= 80, line);
  });

  const faults = [
    ['500', ({ bybit }) => bybit.fault({ path: '/v5/market/tickers', kind: 'status', status: 500 }),
      'bybit', /^ticker, open interest and funding: HTTP 500.*; expected HTTP 200$/],
    ['HTML instead of JSON', ({ okx }) => okx.fault({ path: '/api/v5/market/ticker', kind: 'html' }),
      'okx', /^ticker: the body is not JSON; it begins "<!doctype html>.*"; expected JSON$/],
    ['a missing field', ({ binance }) => binance.fault({ path: '/fapi/v1/ticker/24hr', kind: 'edit',
      edit: ({ lastPrice, ...rest }) => rest }), 'binance', /^ticker: no lastPrice in the body; expected/],
    ['a field that is no number', ({ binance }) => binance.fault({ path: '/fapi/v1/ticker/24hr', kind: 'edit',
      edit: (ticker) => ({ ...ticker, lastPrice: 'none' }) }), 'binance', /^ticker: lastPrice is "none" in the body; expected/],
    ['a field that is no price', ({ binance }) => binance.fault({ path: '/fapi/v1/ticker/24hr', kind: 'edit',
      edit: (ticker) => ({ ...ticker, lastPrice: -1 }) }), 'binance', /^ticker: lastPrice is -1 in the body; expected/],
    ['a field of another kind', ({ binance }) => binance.fault({ path: '/fapi/v1/ticker/24hr', kind: 'edit',
      edit: (ticker) => ({ ...ticker, lastPrice: {} }) }), 'binance', /^ticker: lastPrice is no number in the body; expected/],
    ['a gap where pages meet', ({ gate }) => gate.fault({ path: '/futures/usdt/candlesticks', kind: 'edit',
      edit: (rows) => (rows.at(-1).t * 1000 < CLOCK - 5 * 86_400_000 ? rows.slice(0, -1) : rows) }),
      'gate', /^candles: 1 missing from 2025-\d\d-\d\d \d\d:\d\d on, where two pages meet; expected none$/],
    ['an empty page between others', ({ gate }) => gate.fault({ path: '/futures/usdt/candlesticks', kind: 'edit',
      edit: (rows) => (rows.at(-1).t * 1000 < CLOCK - 5 * 86_400_000 && rows[0].t * 1000 > CLOCK - 45 * 86_400_000 ? [] : rows) }),
      'gate', /^candles: the page from 2025-\d\d-\d\d \d\d:\d\d is empty; expected rows$/],
    ['a duplicate', ({ bybit }) => bybit.fault({ path: '/v5/market/kline', kind: 'edit', times: 1,
      edit: (value) => ({ ...value, list: [value.list[0], ...value.list] }) }),
      'bybit', /^candles: 1 on the page from .* repeat an open time; expected each once$/],
    ['an old newest candle', ({ gate }) => gate.fault({ path: '/futures/usdt/candlesticks', kind: 'edit',
      edit: (rows) => rows.filter((r) => r.t * 1000 < CLOCK - 3_600_000) }),
      'gate', /^candles: the newest is of 2025-10-10 21:00, 67 minutes old; expected the forming one$/],
    ['a clock that is off', ({ okx }) => { okx.clock = new Clock(CLOCK + 300_000, 0); },
      'okx', /^clock: \+300 s from this machine's; expected at most 30 s$/],
    ['a price that is off', ({ okx }) => { okx.bps = 1000; },
      'okx', /^last price: .* is \+(9\.9|10\.0) % from the others' median .*; expected at most 5 %$/],
    ['open interest in another unit', ({ gate }) => { gate.size *= 100; },
      'gate', /^open interest: .* times the others' median .*; expected at most 20 times: is its unit another\?$/],
    ['open interest that slipped', ({ bybit }) => { bybit.size /= 100; },
      'bybit', /^open interest: .* is 1\/\d+ of the others' median .*; expected at least 1\/20/],
    ['an order book of something else', ({ bybit }) => bybit.fault({ path: '/v5/market/orderbook', kind: 'edit',
      edit: (value) => ({ ...value, b: [['61000', '1']], a: [['61001', '1']] }) }),
      'bybit', /^order book: its middle is 61000\.5, the last price \d+.*; expected at most 1 % between them$/],
    ['a symbol that is not in the list', ({ binance }) => binance.fault({ path: '/fapi/v1/exchangeInfo', kind: 'edit',
      edit: (value) => ({ ...value, symbols: value.symbols.filter((s) => s.symbol !== 'BTCUSDT') }) }),
      'binance', /^symbol list: BTCUSDT is not among its \d+, but has candles; expected it there$/],
  ];
  for (const [name, make, exchange, words] of faults) {
    it(`says what is wrong: ${name}`, async () => {
      make(mocks.by);
      const report = await json(...FEW);
      assert.ok(report.by[exchange].wrong.some((w) => words.test(w)), wrong(report).join('\n'));
      assert.deepEqual(report.exchanges.filter((e) => !e.good).map((e) => e.exchange), [exchange]);
    });
  }

  it('says which exchange is unreachable, in the table too', async () => {
    const nowhere = ['--set', `exchange.okx.base_url=http://127.0.0.1:${await freePort()}`];
    const report = await json(...FEW, ...nowhere);
    assert.equal(report.by.okx.reached, false);
    assert.match(report.by.okx.wrong[0], /^clock: .*connect.*; expected an HTTP response$/i);
    assert.deepEqual(report.exchanges.filter((e) => !e.good).map((e) => e.exchange), ['okx']);
    const { code, lines } = await doctor(...FEW, ...nowhere);
    assert.equal(code, 1);
    assert.ok(lines.some((l) => /^! okx +- /.test(l)), lines.join('\n'));
    for (const line of lines) assert.ok(line.length <= 80, line);
  });

  it('a symbol that an exchange does not list is no fault', async () => {
    const report = await json(...FEW, '--symbol', 'NOPEUSDT');
    assert.deepEqual(wrong(report), []);
    for (const e of report.exchanges) assert.match(e.notes.join(' '), /NOPEUSDT is not listed here/);
  });

  it('records bodies and an index, and replays them to the same table without a network', async () => {
    const folder = join(scratch(), 'report');
    mocks.by.gate.fault({ path: '/futures/usdt/tickers', kind: 'status', status: 503 });
    const live = await doctor(...FEW, '--routes', '--record', folder);
    assert.equal(live.code, 1);
    const index = JSON.parse(readFileSync(join(folder, 'index.json')));
    assert.deepEqual(index.exchanges.map((e) => e.exchange), ['binance', 'bybit', 'okx', 'gate']);
    const files = index.exchanges.flatMap((e) => e.requests.map((r) => r.file));
    assert.deepEqual([...files, 'index.json'].sort(), readdirSync(folder).sort());
    const requests = mocks.all.map((m) => m.count());
    const again = await doctor('--routes', '--replay', folder);
    assert.deepEqual(mocks.all.map((m) => m.count()), requests, 'nothing was requested');
    assert.equal(again.out, live.out);
    assert.equal(again.code, 1);

    const other = await doctor('--replay', folder, '--symbol', 'ETHUSDT', '--exchange', 'bybit');
    assert.equal(other.code, 1);
    assert.match(other.out, /not in the\s+recording/);
    rmSync(join(folder, files[0]));
    assert.match((await doctor('--replay', folder, '--exchange', 'binance')).out, /cannot read binance-001\.json of the\s+recording/);
  });

  it('refuses wrong options, settings and recordings', async () => {
    const cases = [[['--exchange', 'mtgox'], /there is no exchange mtgox/], [['--bars', '5'], /no such option: --bars/],
      [['--symbol'], /no value for --symbol/], [['--record', 'a', '--replay', 'b'], /one of --record and --replay/],
      [['--set', 'fetch.deadline_ms=x'], /deadline_ms/], [['--replay', scratch()], /cannot read .*index\.json/]];
    for (const [args, words] of cases) {
      const program = new Program(LIQMAP, ['doctor', ...args]);
      assert.equal((await program.ended).code, 2, args.join(' '));
      assert.match(program.err, words);
      assert.equal(program.out, '');
    }
    assert.ok(!existsSync('a'));
  });
});
