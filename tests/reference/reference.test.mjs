/**
 * The C model against the independent reference implementation, cell by cell, on made-up series and, where they are at hand, real candles.
 *
 * The C side is model_dump: `model_dump CSVFILE DISPLAY_MS BARS ROWS RANGE_PERCENT_OR_0` and, if need be, `MAX_LEVERAGE
 * MARGIN_RATE INVERSE_0_OR_1` prints one JSON object with doubles at full precision. LIQMAP_MODEL_DUMP names another program (say, the one of the asan build).
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

import * as model from './model.mjs';
import { SERIES, fromCsv, toCsv } from './series.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DUMP = resolve(ROOT, process.env.LIQMAP_MODEL_DUMP ?? 'build/release/tests/model_dump');
const SHARED = resolve(ROOT, process.env.LIQMAP_SHARED ?? '../shared');
const KLINES = join(SHARED, 'market-data', 'klines');

/*
 * Two right programs may differ by the last bits of exp, erf and of sums over some thousand candles: measured 4e-13, so
 * 1e-9 has room for another libm and none for a wrong formula. A cell under 1e-12 of the greatest is a tail that no wire
 * integer can hold (they end at 1/1000) and only has to be as close as one of just that size.
 */
const RELATIVE = 1e-9;
const TAIL = 1e-12;

const M5 = 300000;
const M15 = 900000;
const H1 = 3600000;
const H4 = 4 * H1;
const D1 = 24 * H1;

const X40 = { maxLeverage: 40, marginRate: 0.0125, inverse: false };
const X20 = { maxLeverage: 20, marginRate: 0.025, inverse: false };
const X125 = { maxLeverage: 125, marginRate: 0.004, inverse: false };
const COIN = { maxLeverage: 100, marginRate: 0.004, inverse: true };
const COIN_X5 = { maxLeverage: 5, marginRate: 0.05, inverse: true };

/* series, display interval, bars, rows, range in percent (0: fitted), contract (none: the default) */
const CASES = [
    ['calm', H1, 500, 400, 0],
    ['calm', H1, 100, 400, 5],
    ['calm', M15, 1500, 100, 0],
    ['crash', H1, 500, 400, 0],
    ['crash', H1, 50, 800, 0],
    ['crash', H1, 200, 300, 25],
    ['crash', M15, 200, 400, 0],
    ['gaps', M15, 1000, 200, 0],
    ['gaps', M15, 200, 150, 10],
    ['gaps', M5, 500, 120, 0],
    ['sparse', H4, 1500, 120, 0],
    ['sparse', H4, 100, 400, 0],
    ['flat', H4, 500, 100, 0],
    ['flat', H4, 100, 400, 2],
    ['flat', H1, 100, 333, 0],
    ['tiny', H4, 200, 400, 0],
    ['tiny', H4, 100, 400, 7.5],
    ['tiny', H1, 200, 200, 0],
    ['huge', D1, 200, 250, 0],
    ['huge', D1, 100, 250, 15],
    ['quiet', M5, 500, 150, 0],
    ['quiet', M5, 100, 400, 3],
    ['silent', H4, 100, 400, 0],
    ['single', H1, 100, 400, 0],
    ['single', M15, 100, 100, 1],
    ['singleFlat', H4, 500, 400, 0],
    ['trend', H4, 200, 400, 0],
    ['trend', H4, 100, 800, 0],
    ['trend', H4, 20, 400, 0],
    ['trend', H4, 300, 400, 4],
    ['trend', H1, 1000, 100, 60],
    ['needles', H4, 100, 400, 0],
    ['needles', H4, 30, 400, 0],
    ['needles', H1, 300, 400, 80],
    ['calm', H1, 200, 150, 0, X40],
    ['crash', H1, 200, 150, 25, X40],
    ['calm', H1, 100, 200, 5, X20],
    ['trend', H4, 200, 150, 0, X20],
    ['crash', H1, 200, 150, 0, X125],
    ['calm', H1, 200, 150, 0, COIN],
    ['crash', M15, 200, 150, 0, COIN],
    ['trend', H4, 200, 200, 40, COIN],
    ['flat', H4, 500, 100, 0, COIN_X5],
    ['needles', H1, 300, 200, 80, COIN],
];

/* file, newest rows, display interval, bars, rows, range */
const REAL = [
    ['um_BTCUSDT_15m_2025-07-04_2025-10-31.csv.gz', 4000, H1, 500, 400, 0],
    ['um_BTCUSDT_15m_2025-07-04_2025-10-31.csv.gz', 4000, H1, 200, 400, 10],
    ['um_BTCUSDT_1h_2025-07-04_2025-10-31_from5m.csv.gz', 4000, H4, 500, 400, 0],
    ['um_BTCUSDT_4h_2024-02-28_2025-10-31.csv.gz', 4000, D1, 500, 400, 0],
];

/** Whether a and b agree, floor being the size below which only absolute closeness counts. */
function agree(a, b, floor) {
    return Math.abs(a - b) <= RELATIVE * Math.max(Math.abs(a), Math.abs(b), floor);
}

/** What the C model says. */
function dump(directory, candles, displayMs, bars, rows, range, contract) {
    const file = join(directory, 'candles.csv');
    writeFileSync(file, toCsv(candles));
    const limits = contract ? [contract.maxLeverage, contract.marginRate, Number(contract.inverse)] : [];
    const args = [file, displayMs, bars, rows, range, ...limits].map(String);
    return JSON.parse(execFileSync(DUMP, args, { maxBuffer: 2 ** 28, encoding: 'utf8' }));
}

/** Counts the cells that differ and keeps the worst, so that a failure says where. */
function compareCells(got, want, max) {
    const floor = TAIL * max;
    const all = { different: 0, worst: 0, where: '' };
    want.forEach((column, j) => {
        assert.equal(got[j].length, column.length, `rows of column ${j}`);
        column.forEach((x, r) => {
            const y = got[j][r];
            if (!agree(x, y, floor))
                all.different++;
            const off = Math.abs(x - y) / Math.max(x, y, floor);
            if (off > all.worst)
                Object.assign(all, { worst: off, where: `column ${j} row ${r}: C ${y}, reference ${x}` });
        });
    });
    return all;
}

function compareBook(got, want) {
    const total = model.liveMass(want);
    assert.ok(agree(got.total, total, 0), `total: C ${got.total}, reference ${total}`);
    assert.equal(got.below.length, want.tiers.length);
    assert.equal(got.above.length, want.tiers.length);
    want.tiers.forEach((tier, k) => {
        const pairs = {
            'long below': [got.below[k][0], tier.longBelow],
            'short below': [got.below[k][1], tier.shortBelow],
            'long above': [got.above[k][0], tier.longAbove],
            'short above': [got.above[k][1], tier.shortAbove],
        };
        for (const [name, [y, x]] of Object.entries(pairs))
            assert.ok(agree(x, y, TAIL * total), `tier ${k} ${name}: C ${y}, reference ${x}`);
    });
}

/**
 * Both implementations on the same candles. Those before the start of the series are left out of the file, so that it does not
 * matter here who applies that rule.
 */
function compare(t, directory, engine, displayMs, bars, rows, range, contract) {
    const candles = model.series(engine, displayMs);
    const got = dump(directory, candles, displayMs, bars, rows, range, contract);
    const want = model.run(candles, { displayMs, bars, rows, rangePercent: range, contract });

    const { priceMin, step, R } = want.axis;
    assert.deepEqual(got.axis, { price_min: priceMin, price_step: step, rows: R });
    assert.equal(got.columns, want.candles.length);
    assert.deepEqual(
        got.candles,
        want.candles.map((c) => [c.open_ms, c.open, c.high, c.low, c.close, c.volume, c.quote_volume]),
    );
    assert.equal(got.cells.length, want.cells.length);

    const max = model.maxCell(want.cells);
    const cells = compareCells(got.cells, want.cells, max);
    assert.equal(cells.different, 0, cells.where);
    compareBook(got.book, want.book);
    if (max > 0)
        assert.equal(got.quantum, model.quantum(max));
    t.diagnostic(`${want.cells.length} columns of ${R} rows, worst cell off by ${cells.worst.toExponential(1)}`);
}

describe('C and reference', () => {
    let directory;
    before(() => {
        directory = mkdtempSync(join(tmpdir(), 'liqmap-reference-'));
    });
    after(() => rmSync(directory, { recursive: true }));

    test('the dump program is built', () => {
        assert.ok(existsSync(DUMP), `${DUMP} is missing: run \`make build/release/tests/model_dump\``);
    });
    if (!existsSync(DUMP))
        return;

    for (const [name, displayMs, bars, rows, range, contract] of CASES) {
        const limits = contract ? `, ${contract.inverse ? 'inverse ' : ''}${contract.maxLeverage}x` : '';
        test(`${name}: ${displayMs / 60000} min, ${bars} bars, ${rows} rows, range ${range}${limits}`, (t) => {
            /* A contract's limits hold for each candle alike, so fewer are enough. */
            const candles = contract ? SERIES[name].candles.slice(-800) : SERIES[name].candles;
            compare(t, directory, candles, displayMs, bars, rows, range, contract);
        });
    }

    test('125x with 0.4 % is version 1 to the bit', () => {
        const { candles } = SERIES.crash;
        assert.deepEqual(dump(directory, candles, H1, 200, 300, 0, X125), dump(directory, candles, H1, 200, 300, 0));
    });

    for (const [file, newest, displayMs, bars, rows, range] of REAL) {
        const path = join(KLINES, file);
        const skip = existsSync(path) ? false : 'no market data here';
        test(`${file}: ${displayMs / 60000} min, ${bars} bars, ${rows} rows, range ${range}`, { skip }, (t) => {
            const all = fromCsv(gunzipSync(readFileSync(path)).toString());
            /* Some files know base volume only; what the program reads is a candle, which always has both. */
            const candles = all.slice(-newest).map((c) => ({ ...c, quote_volume: model.quoteVolume(c) }));
            compare(t, directory, candles, displayMs, bars, rows, range);
        });
    }
});
