/** liqmap reads from files what liqmapd gets from an exchange: the maps are the same. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { startExchange } from '../mock/exchanges.mjs';
import { LIQMAP, Program, against, get, marketData, scratch, startServers } from './harness.mjs';
import { INTERVALS } from '../mock/recording.mjs';
import { ENGINE, checkSnapshot } from './snapshot.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);

async function liqmap(args, input) {
  const program = new Program(LIQMAP, args, { stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
  if (input !== undefined) program.child.stdin.end(input);
  const { code } = await program.ended;
  return { code, out: program.out, err: program.err };
}

/* Every engine candle from the server's series_start on. */
async function history(mock, interval, start) {
  const rows = [];
  for (let from = start; ;) {
    const page = (await get(mock.url, `/fapi/v1/klines?symbol=BTCUSDT&interval=${ENGINE[interval]}` +
      `&startTime=${from}&limit=1500`)).json();
    rows.push(...page);
    if (page.length < 1500) return rows;
    from = page.at(-1)[0] + INTERVALS[ENGINE[interval]];
  }
}

const csv = (rows) => `open_time,open,high,low,close,volume,quote_volume\n${
  rows.map((r) => [...r.slice(0, 6), r[7]].join(',')).join('\n')}\n`;

describe('liqmap heatmap from the candles that the server had', () => {
  let mock;
  let run;
  const folder = scratch();
  before(async () => {
    mock = await startExchange({ data: marketData, clock: CLOCK, speed: 0 });
    run = await startServers({ settings: against(mock) });
  });
  after(async () => { await run?.stop(); await mock?.close(); });

  const forms = {
    csv: (rows) => ['klines.csv', csv(rows)],
    'gzipped csv': (rows) => ['klines.csv.gz', gzipSync(csv(rows))],
    json: (rows) => ['klines.json', JSON.stringify(rows)],
    'standard input': (rows) => ['-', csv(rows)],
  };

  for (const interval of ['5m', '15m', '1h', '4h', '1d']) {
    for (const [form, write] of Object.entries(forms)) {
      if (interval !== '1h' && form !== 'csv') continue;
      it(`${interval} from ${form}: the same candles, axis and cells`, async () => {
        const served = (await get(run.url, `/api/v1/heatmap?interval=${interval}&bars=200`)).json();
        const [name, text] = write(await history(mock, interval, served.model.series_start));
        const file = name === '-' ? '-' : join(folder, name);
        if (file !== '-') writeFileSync(file, text);
        const made = await liqmap(['heatmap', '--klines', file, '--interval', interval, '--bars', '200'],
          file === '-' ? text : undefined);
        assert.equal(made.err, '');
        assert.equal(made.code, 0);
        const s = JSON.parse(made.out);
        assert.deepEqual(s.candles, served.candles);
        for (const key of ['price_min', 'price_step', 'rows', 'columns', 'quantum', 'max', 'total', 'outside']) {
          assert.equal(s.grid[key], served.grid[key], key);
        }
        assert.deepEqual(s.grid.cells, served.grid.cells);
        checkSnapshot(s, { symbol: s.symbol, interval, bars: 200, source: s.source });
        assert.notEqual(s.source, 'live');
      });
    }
  }
});

describe('liqmap levels, profile and explain', () => {
  let mock;
  let run;
  before(async () => {
    mock = await startExchange({ clock: CLOCK, speed: 0 });
    run = await startServers({ settings: against(mock) });
  });
  after(async () => { await run?.stop(); await mock?.close(); });

  it('say what the server says of the same candles', async () => {
    const ask = async (path) => (await get(run.url, `/api/v1/${path}`)).json();
    const { model, candles } = await ask('heatmap?interval=1h&bars=200');
    const file = join(scratch(), 'klines.json');
    writeFileSync(file, JSON.stringify(await history(mock, '1h', model.series_start)));
    const made = await liqmap(['levels', '--klines', file, '--interval', '1h', '--bars', '200', '--json']);
    assert.deepEqual([made.code, made.err], [0, '']);
    const { levels } = JSON.parse(made.out);
    const served = (await ask('levels?interval=1h&bars=200')).levels;
    /* Without open interest there are no dollars. */
    const shape = (list) => list.map(({ modelled_usd: usd, ...rest }) => rest);
    for (const side of ['long', 'short']) assert.deepEqual(shape(levels[side]), shape(served[side]), side);
    const time = new Date(candles.open_time.at(-1)).toISOString().replace('.000Z', 'Z');
    const price = String(levels.short[0].price);
    for (const args of [['profile'], ['profile', '--model', 'single'], ['explain', '--time', time, '--price', price]]) {
      const table = await liqmap([...args, '--klines', file, '--interval', '1h', '--bars', '200']);
      assert.deepEqual([table.code, table.err], [0, ''], args.join(' '));
      assert.ok(table.out.split('\n').length > 3, args.join(' '));
      const json = await liqmap([...args, '--klines', file, '--interval', '1h', '--bars', '200', '--json']);
      assert.equal(JSON.parse(json.out).symbol, 'BTCUSDT');
    }
  });
});

describe('liqmap on recorded files', { skip: !marketData }, () => {
  const klines = join(marketData ?? '', 'klines/um_BTCUSDT_15m_2025-07-04_2025-10-31.csv.gz');
  const metrics = join(marketData ?? '', 'metrics/um_BTCUSDT_metrics_5m_2025-07-01_2025-10-31.csv.gz');

  it('takes open interest from the archive, and stops at --as-of', async () => {
    const made = await liqmap(['heatmap', '--klines', klines, '--metrics', metrics, '--interval', '1h',
      '--bars', '200', '--as-of', '2025-10-10T22:00:00Z']);
    assert.deepEqual([made.code, made.err], [0, '']);
    const s = JSON.parse(made.out);
    assert.equal(s.candles.open_time.at(-1), Date.UTC(2025, 9, 10, 21));
    assert.equal(Math.min(...s.candles.low), 101516.5);
    assert.ok(s.statistics.open_interest_usd > 8e9 && s.statistics.open_interest_usd < 12e9);
    assert.ok(s.grid.usd_per_unit > 0);
  });

  it('says what is wrong with a file', async () => {
    const wrong = await liqmap(['heatmap', '--klines', '/nonexistent.csv', '--interval', '1h', '--bars', '200']);
    assert.notEqual(wrong.code, 0);
    assert.match(wrong.err, /nonexistent\.csv/);
    assert.equal(wrong.out, '');
  });
});
