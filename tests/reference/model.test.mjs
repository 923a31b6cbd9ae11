/* The reference implementation by its own properties: what MODEL.md promises, on made-up candles, without the C. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import * as model from './model.mjs';
import { SERIES, fromCsv, toCsv } from './series.mjs';

const HOUR = 3600000;
const DISPLAY_OF = new Map([
    [60000, 300000],
    [300000, 900000],
    [900000, HOUR],
    [HOUR, 4 * HOUR],
    [4 * HOUR, 24 * HOUR],
]);
const AXIS = model.axisBetween(50000, 70000, 200);

function candle(change) {
    const plain = { open_ms: 0, open: 60000, high: 60500, low: 59500, close: 60100, volume: 100, quote_volume: 6e6 };
    return { ...plain, ...change };
}

function near(got, want, relative) {
    assert.ok(Math.abs(got - want) <= relative * Math.abs(want), `${got} is not ${want} to ${relative}`);
}

function seeded(change) {
    const book = model.emptyBook(AXIS.R);
    model.seed(book, AXIS, candle(change));
    return book;
}

describe('candles', () => {
    test('every made-up candle is one the model must take, and survives CSV', () => {
        for (const [name, { candles }] of Object.entries(SERIES)) {
            candles.forEach(model.checkCandle);
            assert.deepEqual(fromCsv(toCsv(candles)), candles, name);
        }
    });

    test('what is no candle is refused', () => {
        const cases = [
            { low: 0 },
            { high: 2e12 },
            { close: NaN },
            { open: 1 },
            { close: 60501 },
            { quote_volume: -1 },
            { quote_volume: 2e24 },
            { volume: NaN, quote_volume: NaN },
        ];
        for (const change of cases)
            assert.throws(() => model.checkCandle(candle(change)), RangeError, JSON.stringify(change));
    });

    test('without quote volume it is base volume at the mean price', () => {
        near(model.quoteVolume(candle({ quote_volume: NaN })), (100 * (60500 + 59500 + 60100)) / 3, 1e-15);
    });

    test('display candles are first, highest, lowest, last and sums, and none is made up in a gap', () => {
        const engine = [
            candle({ open_ms: 4 * HOUR + 900000, open: 59900 }),
            candle({ open_ms: 4 * HOUR + 1800000, high: 61000, close: 59600 }),
            candle({ open_ms: 7 * HOUR, low: 59000 }),
        ];
        assert.deepEqual(model.aggregate(engine, HOUR), [
            {
                ...candle({}),
                open_ms: 4 * HOUR,
                open: 59900,
                high: 61000,
                close: 59600,
                volume: 200,
                quote_volume: 12e6,
                last: 1,
            },
            { ...candle({}), open_ms: 7 * HOUR, low: 59000, last: 2 },
        ]);
    });

    test('the series starts at a multiple of 375, 1500 to 1874 display intervals back', () => {
        for (let hour = 100000; hour < 100800; hour += 7) {
            const engine = Array.from({ length: 2200 }, (_, i) => candle({ open_ms: (hour - 2199 + i) * HOUR }));
            const start = model.series(engine, HOUR)[0].open_ms / HOUR;
            assert.equal(start % 375, 0);
            assert.ok(hour - start >= 1500 && hour - start < 1875);
        }
        const short = [candle({ open_ms: 5 * HOUR }), candle({ open_ms: 6 * HOUR })];
        assert.equal(model.series(short, HOUR).length, 2);
    });
});

describe('parameters', () => {
    test('inflow shares add up and keep a steady book at its standing shares', () => {
        const inflow = model.inflowShares();
        near(
            inflow.reduce((a, b) => a + b),
            1,
            1e-15,
        );
        const stand = model.TIERS.map((tier, k) => inflow[k] * tier.halfLife);
        const all = stand.reduce((a, b) => a + b);
        model.TIERS.forEach((tier, k) => near(stand[k] / all, tier.standing, 1e-14));
    });
});

describe('axis', () => {
    const cases = [
        { name: 'in hundreds', a: 97000, z: 122800, rows: 400, min: 96000, max: 124000, step: 100, R: 280 },
        { name: 'in quarters', a: 1.01, z: 1.9, rows: 400, min: 1, max: 1.9, step: 0.0025, R: 360 },
        { name: 'step exactly enough', a: 100, z: 200, rows: 100, min: 100, max: 200, step: 1, R: 100 },
        { name: 'tiny', a: 0.0000901, z: 0.0001199, rows: 300, min: 0.00009, max: 0.00012, step: 1e-7, R: 300 },
        { name: 'below zero', a: -10, z: 90, rows: 100, min: -20, max: 100, step: 1, R: 120 },
    ];
    for (const { name, a, z, rows, min, max, step, R } of cases) {
        test(name, () => {
            assert.deepEqual(model.axisBetween(a, z, rows), { priceMin: min, priceMax: max, step, R });
        });
    }

    test('a price that is an edge in decimals is in the row above it', () => {
        for (const [a, z, rows] of [
            [0.0000901, 0.0001199, 300],
            [1.01, 1.9, 400],
            [50000, 70000, 200],
        ]) {
            const axis = model.axisBetween(a, z, rows);
            for (let r = -30; r < axis.R + 30; r++)
                assert.equal(model.rowOf(axis, Number(model.edgeOf(axis, r).toPrecision(12))), r);
        }
    });

    test('the fit leaves room on both sides and never asks for prices under 0.3 of the low', () => {
        for (const { candles } of Object.values(SERIES)) {
            const axis = model.fitAxis(candles, 400);
            const low = Math.min(...candles.map((c) => c.low));
            const high = Math.max(...candles.map((c) => c.high));
            assert.ok(axis.priceMin < low && axis.priceMax > high);
            assert.ok(axis.priceMin >= 0.3 * low - 20 * axis.step);
        }
    });
});

describe('fit', () => {
    const cases = [
        { name: 'half the span on both sides', low: 60000, high: 64000, close: 61000, min: 58000, max: 66000 },
        { name: 'at least 2.5 % of the close', low: 60000, high: 60000, close: 60000, min: 58500, max: 61500 },
        { name: 'not under 0.3 of the low', low: 10000, high: 40000, close: 20000, min: 2000, max: 56000 },
    ];
    for (const { name, low, high, close, min, max } of cases) {
        test(name, () => {
            const axis = model.fitAxis([candle({ low, high, close })], 800);
            assert.deepEqual([axis.priceMin, axis.priceMax], [min, max]);
        });
    }

    test('a range is that far around its price', () => {
        const axis = model.rangeAxis(61000, 5, 400);
        assert.deepEqual([axis.priceMin, axis.priceMax, axis.step], [57600, 64400, 20]);
    });
});

describe('one candle', () => {
    test('every part of a band is somewhere, wherever the band lies', () => {
        for (const side of ['long', 'short'])
            for (const mu of [10000, 49990, 50000, 55000, 60000, 60100, 69999, 70500, 200000])
                for (const sigma of [1, 30, 500, 40000])
                    for (const close of [20000, 50000, 60100, 69950, 90000]) {
                        const part = model.band(AXIS, mu, sigma, side, close);
                        const rows = part.rows.reduce((a, b) => a + b, 0);
                        near(rows + part.below + part.above + part.discarded, 1, 1e-14);
                        assert.ok([...part.rows, part.below, part.above, part.discarded].every((x) => x >= 0));
                    }
    });

    test('a long band by hand: rows, tail beyond four sigma, and what lies above the close', () => {
        /* mu in the middle of a row of 100, sigma = one row: rows from -4 to +4 of it */
        const part = model.band(AXIS, 60050, 100, 'long', 65000);
        assert.equal(part.first, 96);
        assert.equal(part.rows.length, 9);
        near(part.rows[4], 0.38292492254802624, 1e-14); /* Φ(.5) - Φ(-.5) */
        near(part.below, 3.3976731247300535e-6, 1e-13); /* Φ(-4.5) */
        near(part.above, part.below, 1e-9);
        const cut = model.band(AXIS, 60050, 100, 'long', 60020);
        near(cut.discarded, 0.6914624612740131, 1e-14); /* Φ(.5) */
        assert.equal(cut.rows.length, 4);
        assert.equal(cut.above, 0);
    });

    test('long and short are mirror images', () => {
        /* the axis is symmetric about 60000; a close just over an edge mirrors to one just under it */
        const long = model.band(AXIS, 57030, 420, 'long', 58010);
        const short = model.band(AXIS, 120000 - 57030, 420, 'short', 120000 - 58010);
        near(long.below, short.above, 1e-10);
        near(long.above, short.below, 1e-10);
        near(long.discarded, short.discarded, 1e-10);
        assert.equal(long.first, AXIS.R - short.first - short.rows.length);
        long.rows.forEach((x, i) => near(x, short.rows[short.rows.length - 1 - i], 1e-10));
    });

    test('round prices: which, how many, and none when there would be over a thousand', () => {
        assert.deepEqual(model.roundPrices(59500, 61000, 60100), [60000, 61000]);
        assert.deepEqual(model.roundPrices(60001, 60999, 60100), []);
        assert.deepEqual(model.roundPrices(19950, 20050, 19999), [20000]);
        assert.deepEqual(model.roundPrices(3050, 3320, 3100), [3100, 3200, 3300]);
        assert.deepEqual(model.roundPrices(0.000123, 0.000125, 0.000124), [0.000123, 0.000124, 0.000125]);
        assert.equal(model.roundPrices(30500, 1030500, 40000).length, 1000);
        assert.equal(model.roundPrices(30500, 1031500, 40000).length, 0);
        assert.equal(model.roundPrices(20, 20000, 20000).length, 20);
    });

    test('without entries at round prices the main Gaussian has everything', () => {
        const [main, ...round] = model.entries(candle({ high: 60090, low: 60010 }));
        assert.equal(main.share, 1);
        near(main.sigma, 80 * 0.2886751345948129, 1e-15); /* of a uniform */
        assert.equal(round.length, 0);
        const shares = model.entries(candle({ high: 61500, low: 59500 })).map((x) => x.share);
        assert.deepEqual(shares, [0.95, 0.025, 0.025]);
    });

    test('mass: rows, outside and discarded are the volume', () => {
        for (const change of [{}, { high: 60100, low: 60100, open: 60100 }, { high: 90000, low: 31000 }]) {
            const book = seeded(change);
            near(model.liveMass(book) + book.discarded, 6e6, 1e-13);
        }
        const far = model.emptyBook(AXIS.R);
        model.seed(far, AXIS, candle({ open: 9000, high: 9100, low: 8900, close: 9000 }));
        near(model.liveMass(far) + far.discarded, 6e6, 1e-13);
    });

    test('a band liquidates where isolated margin runs out', () => {
        const tier = seeded({ low: 60010 }).tiers[3]; /* 10x, no round price */
        const centre = (rows) => {
            const sum = rows.reduce((a, b) => a + b, 0);
            return rows.reduce((a, x, r) => a + x * (model.edgeOf(AXIS, r) + 50), 0) / sum;
        };
        const e = (60500 + 60010 + 60100) / 3;
        near(centre(tier.long), (e * 0.9) / 0.996, 2e-5);
        near(centre(tier.short), (e * 1.1) / 1.004, 2e-5);
    });

    test('limits that make no sense are refused', () => {
        const cases = [[1, 0.004], [NaN, 0.004], [Infinity, 0], [100, 0.01], [100, NaN], [100, -0.001]];
        model.checkContract(model.DEFAULT_CONTRACT);
        for (const [maxLeverage, marginRate] of cases)
            assert.throws(() => model.checkContract({ maxLeverage, marginRate }), RangeError);
    });

    test('on a 20x contract 25x, 50x and 100x stand where 20x does, and mass is kept', () => {
        const contract = { maxLeverage: 20, marginRate: 0.025, inverse: false };
        const book = model.emptyBook(AXIS.R);
        model.seed(book, AXIS, candle({}), contract);
        near(model.liveMass(book) + book.discarded, 6e6, 1e-13);
        const inflow = model.inflowShares();
        book.tiers[4].long.forEach((x, r) => {
            for (const k of [5, 6])
                near(book.tiers[k].long[r] / inflow[k], x / inflow[4], 1e-13);
        });
    });

    test('an inverse position is liquidated when its coins are used up', () => {
        const contract = { maxLeverage: 100, marginRate: 0.004, inverse: true };
        for (const L of [2, 10, 100])
            for (const [side, sign] of [['long', 1], ['short', -1]]) {
                const f = model.liquidationFactor(contract, L, side);
                near(1 / L + sign * (1 - 1 / f), 0.004 / f, 1e-12); /* margin + profit = m notional, in coin */
                assert.ok(sign * (1 - f) > 0);
            }
    });

    test('decay: one half-life halves the tier, outside too', () => {
        const book = seeded({});
        const before = structuredClone(book);
        model.decay(book, 48);
        book.tiers.forEach((tier, k) => {
            const left = 2 ** (-48 / model.TIERS[k].halfLife);
            near(tier.longBelow, before.tiers[k].longBelow * left, 1e-14);
            tier.short.forEach((x, r) => near(x, before.tiers[k].short[r] * left, 1e-14));
        });
        near(book.tiers[4].long[85], before.tiers[4].long[85] / 2, 1e-15);
    });

    test('clear takes what price touched and nothing else', () => {
        const cases = [
            { name: 'inside', low: 55000, high: 65000, long: 50, short: 151, above: 0, below: 0 },
            { name: 'low above the axis', low: 71000, high: 72000, long: 200, short: 200, above: 1, below: 0 },
            { name: 'high below the axis', low: 40000, high: 41000, long: 0, short: 0, above: 0, below: 1 },
            { name: 'all of it', low: 40000, high: 90000, long: 0, short: 200, above: 0, below: 0 },
        ];
        for (const { name, low, high, long, short, above, below } of cases) {
            const book = model.emptyBook(AXIS.R);
            const [tier] = book.tiers;
            tier.long.fill(1);
            tier.short.fill(1);
            Object.assign(tier, { longBelow: 1, longAbove: 1, shortBelow: 1, shortAbove: 1 });
            model.clear(book, AXIS, low, high);
            const sum = (rows) => rows.reduce((a, b) => a + b, 0);
            assert.equal(sum(tier.long), long, name);
            assert.equal(sum(tier.short), AXIS.R - short, name);
            assert.deepEqual([tier.longBelow, tier.longAbove], [1, above], name);
            assert.deepEqual([tier.shortBelow, tier.shortAbove], [below, 1], name);
        }
    });
});

describe('the map', () => {
    for (const [name, { engineMs, candles }] of Object.entries(SERIES)) {
        const options = { displayMs: DISPLAY_OF.get(engineMs), bars: 200, rows: 120 };
        const whole = model.run(candles, options);
        const { axis } = whole;
        /* Enough for what holds of any candles; the crash is among them. */
        const newest = candles.slice(-700);
        const short = model.run(newest, { ...options, axis });

        test(`${name}: finite, not negative, longs below and shorts above the close, nothing in its row`, () => {
            whole.cells.forEach((column, j) => {
                assert.ok(column.every((x) => Number.isFinite(x) && x >= 0));
                const r = model.rowOf(axis, whole.candles[j].close);
                if (r >= 0 && r < axis.R)
                    assert.equal(column[r], 0);
            });
            const r = model.rowOf(axis, candles[candles.length - 1].close);
            for (const tier of whole.book.tiers) {
                assert.ok(tier.long.every((x, i) => i < r || x === 0));
                assert.ok(tier.short.every((x, i) => i > r || x === 0));
            }
        });

        test(`${name}: no column changes when candles follow`, () => {
            for (const cut of [0.5, 0.93]) {
                const all = model.series(candles, options.displayMs);
                const fewer = all.slice(0, Math.max(1, Math.floor(all.length * cut)));
                const before = model.run(fewer, { ...options, axis });
                const at = new Map(whole.candles.map((c, j) => [c.open_ms, j]));
                before.candles.slice(0, -1).forEach((c, j) => {
                    if (at.has(c.open_ms))
                        assert.deepEqual(before.cells[j], whole.cells[at.get(c.open_ms)]);
                });
            }
        });

        test(`${name}: fewer bars are a window of the same map`, () => {
            const window = model.run(newest, { ...options, bars: 30, axis });
            assert.deepEqual(window.cells, short.cells.slice(-30));
        });

        test(`${name}: linear in volume`, () => {
            const double = newest.map((c) => ({ ...c, quote_volume: 2 * c.quote_volume }));
            const twice = model.run(double, { ...options, axis });
            short.cells.forEach((column, j) => assert.deepEqual(twice.cells[j], column.map((x) => 2 * x)));
        });
    }

    test('more volume lowers no cell', () => {
        const { candles } = SERIES.gaps;
        const options = { displayMs: 900000, bars: 200, rows: 300 };
        const more = candles.map((c, i) => ({ ...c, quote_volume: c.quote_volume * (1 + (i % 3) / 7) }));
        const before = model.run(candles, options);
        const after = model.run(more, options);
        before.cells.forEach((column, j) => assert.ok(column.every((x, r) => x <= after.cells[j][r])));
    });

    test('the crash leaves no long above its low and no short below its high', () => {
        const { candles } = SERIES.crash;
        const { axis, book } = model.run(candles.slice(0, 1405), { displayMs: HOUR, bars: 200, rows: 300 });
        const low = model.rowOf(axis, candles[1403].low);
        const sum = book.tiers.reduce((a, tier) => a + tier.long.slice(low).reduce((x, y) => x + y, 0), 0);
        const fresh = model.quoteVolume(candles[1403]) + model.quoteVolume(candles[1404]);
        assert.ok(sum <= fresh);
    });
});

describe('units', () => {
    test('the quantum is the smallest of 1, 2, 5 that keeps cells within 1000', () => {
        const cases = [
            [1000, 1],
            [1001, 2],
            [2000, 2],
            [2001, 5],
            [5001, 10],
            [357734428, 500000],
            [0.004, 0.000005],
        ];
        for (const [max, want] of cases)
            assert.equal(model.quantum(max), want, String(max));
        assert.equal(model.quantise(1499, 1000), 1);
    });

    test('all that lives is twice the open interest', () => {
        const book = seeded({});
        near(model.usdPerUnit(3e9, book) * model.liveMass(book), 6e9, 1e-15);
    });
});
