import assert from 'node:assert/strict';
import { test } from 'node:test';
import { executedLines, executedQuery, joinExecuted, parseExecuted, placeOf, sampleOf, totalsOf, whyNothing } from '../../www/js/data/executed.js';
import { DEFAULT } from '../../www/js/data/query.js';
import { leastOf, radiusOf } from '../../www/js/draw/circles.js';

const HOUR = 3_600_000;
const START = Date.UTC(2025, 9, 10);
const at = (hours) => START + hours * HOUR;
const feed = (exchange, more = {}) => ({ exchange, feed: 'stream', sampled: false, count: 1, gaps: [], more_gaps: false, ...more });
const gap = (from, to) => ({ from: at(from), to: at(to) });

/** Four candles of an hour, the last one half done. */
const answer = (more = {}) => ({
    symbol: 'BTCUSDT', exchange: 'all', time: at(3.5), open_time: [0, 1, 2, 3].map(at), long_usd: [0, 10, 20, 0], short_usd: [0, 0, 5, 0],
    clusters: { row_percent: 0.05, all: 3, candle: [2, 1, 2], side: ['long', 'long', 'short'], price: [99, 98, 101], usd: [20, 10, 5], count: [2, 1, 1] },
    exchanges: [feed('bybit'), feed('kucoin', { feed: null })], ...more,
});
const none = { long_usd: [0, 0, 0, 0], short_usd: [0, 0, 0, 0], clusters: { all: 0, candle: [], side: [], price: [], usd: [], count: [] } };
const parsed = (more) => parseExecuted(answer(more));

test('executed liquidations are read', () => {
    const executed = parsed();
    assert.deepEqual(executed.circles[2], { candle: 2, long: false, price: 101, usd: 5 });
    assert.deepEqual([executed.step, executed.all, executed.feeds.map((f) => f.exchange)], [HOUR, 3, ['bybit']]);
    assert.deepEqual([placeOf(executed, at(2)), placeOf(executed, at(4)), placeOf(executed, at(0.5)), placeOf(executed, at(-1))], [2, -1, -1, -1]);
});

for (const wrong of [{ open_time: [] }, { long_usd: [1] }, { short_usd: [0, 0, null, 0] }, { short_usd: [0, 0, -1, 0] }, { clusters: null }, { exchanges: 1 },
    { clusters: { ...answer().clusters, usd: [1] } }])
    test(`refused: ${JSON.stringify(wrong)}`, () => assert.throws(() => parsed(wrong), /expected/));

test('what is known of a candle: whole, in part, not at all', () => {
    const covers = (exchanges) => totalsOf(parsed({ exchanges })).map(({ cover }) => cover);
    assert.deepEqual(covers([feed('bybit')]), [2, 2, 2, 2]);
    assert.deepEqual(covers([feed('bybit', { gaps: [gap(0, 1.5)] })]), [0, 1, 2, 2]);
    assert.deepEqual(covers([feed('bybit', { gaps: [gap(0, 1)] }), feed('okx')]), [1, 2, 2, 2]);
    assert.deepEqual(covers([feed('bybit', { gaps: [gap(1.2, 1.3)], more_gaps: true })]), [2, 1, 0, 0], 'gaps that are not named may be anywhere');
    assert.deepEqual(covers([feed('bybit', { gaps: [gap(3.4, 3.5)] })]), [2, 2, 2, 1]);
    assert.deepEqual(covers([feed('gate', { feed: 'requests', gaps: [gap(3.49, 3.5)] })]), [2, 2, 2, 2], 'what is asked for each minute is late');
});

test('not recorded is no zero, and a sum that may be too small says so', () => {
    const exchanges = [feed('bybit', { gaps: [gap(0, 2.5)] })];
    const totals = totalsOf(parsed({ exchanges }));
    assert.ok(Number.isNaN(totals[0].long) && Number.isNaN(totals[0].short));
    assert.deepEqual(totals[1], { cover: 0, long: 10, short: 0, least: true }, 'imported');
    assert.deepEqual(totals[3], { cover: 2, long: 0, short: 0, least: false });
    assert.ok(totalsOf(parsed({ exchanges: [feed('okx', { sampled: true })] })).every(({ least }) => least));
});

test('what is said: whose, sampled, since when, what was missed', () => {
    assert.deepEqual(executedLines(parsed(), false), ['Executed liquidations, Bybit']);
    const exchanges = [feed('binance', { sampled: true, gaps: [gap(0, 1)] }), feed('okx', { sampled: true, gaps: [gap(0, 1), gap(2, 2.5)] })];
    assert.deepEqual(executedLines(parsed({ exchanges }), false), ['Executed liquidations, Binance, OKX',
        'Binance, OKX report at most one order a second: sums are lower bounds', 'recorded since 10 Oct 2025 01:00 UTC', 'missed: OKX 30 min']);
    assert.deepEqual(executedLines(parsed({ exchanges: [feed('okx', { sampled: true }), feed('htx', { feed: 'requests', sampled: true })] }), false),
        ['Executed liquidations, OKX, HTX', 'OKX reports at most one order a second', 'HTX may not report all: sums are lower bounds']);
    assert.deepEqual(executedLines(parsed({ exchanges: [feed('bybit', { gaps: [gap(0, 3.5)] })] }), false),
        ['Executed liquidations, Bybit', 'not recorded here in this time: imported ones only']);
});

test('why there is nothing', () => {
    const why = (more) => whyNothing(parsed({ ...none, ...more }));
    assert.equal(whyNothing(parsed()), '');
    assert.equal(why({ exchange: 'kucoin', exchanges: [feed('kucoin', { feed: null })] }), 'KuCoin publishes none');
    assert.equal(why({ exchanges: [feed('kucoin', { feed: null })] }), 'no exchange that is served here publishes any');
    assert.equal(why({ exchanges: [feed('bybit', { gaps: [gap(0, 3.5)] })] }), 'none of BTCUSDT were recorded in this time');
    assert.equal(why({ exchanges: [feed('bybit', { gaps: [gap(0, 3)] })] }), 'none were heard in this time');
    assert.equal(why({}), 'there were none in this time');
    assert.deepEqual(executedLines(parsed(none), false), ['No executed liquidations: there were none in this time']);
});

test('asked for the exchange that the map is of', () => {
    assert.equal(executedQuery({ ...DEFAULT, tiers: '2', side: 'long', range: 5 }, 'okx'), '?symbol=BTCUSDT&interval=1h&bars=200&exchange=okx');
    assert.equal(executedQuery({ ...DEFAULT, exchange: 'all', contract: 'both', end: START }, 'all'), '?symbol=BTCUSDT&interval=1h&bars=200&exchange=all&end=2025-10-10T00%3A00%3A00Z');
    assert.equal(executedQuery({ ...DEFAULT, exchange: 'all', contract: 'inverse' }, 'all'), '', 'of such contracts none are recorded');
    assert.equal(executedQuery({ ...DEFAULT, exchange: 'okx', contract: 'inverse' }, 'okx-coin'), '?symbol=BTCUSDT&interval=1h&bars=200&exchange=okx-coin');
});

test('windows are joined by the time of candles, and the newest counts where two know one', () => {
    const windowOf = (first, usd) => {
        const executed = parsed({
            time: at(first + 4), open_time: [0, 1, 2, 3].map((i) => at(first + i)), long_usd: [0, usd, 0, usd], short_usd: [0, 0, 0, 0],
            clusters: { all: 2, candle: [1, 3], side: ['long', 'long'], price: [99, 99], usd: [usd, usd], count: [1, 1] },
        });
        return { executed, totals: totalsOf(executed) };
    };
    /* Candles 0 to 3 and 2 to 5 of a chart from -1 to 5. */
    const times = [-1, 0, 1, 2, 3, 4, 5].map(at);
    const { columns, circles } = joinExecuted([windowOf(2, 7), windowOf(0, 9)], times);
    assert.deepEqual(columns.map((total) => total && total.long), [null, 0, 9, 0, 7, 0, 7]);
    assert.deepEqual(circles.map(({ column, usd }) => [column, usd]), [[2, 9], [4, 7], [6, 7]]);
    assert.deepEqual(joinExecuted([windowOf(9, 7)], times), { columns: times.map(() => null), circles: [] });
});

test('the area of a circle is in dollars', () => {
    for (const width of [300, 700, 2000])
        assert.ok(Math.abs((radiusOf(40, 100, width) / radiusOf(10, 100, width)) ** 2 - 4) < 1e-9);
    assert.ok(radiusOf(100, 100, 300) < radiusOf(100, 100, 2000), 'smaller on a phone');
    assert.ok(radiusOf(leastOf(1e6, 700), 1e6, 700) >= 1.49, 'none that cannot be seen');
    assert.deepEqual([4.2e6, 9e6, 1e6, 3e4].map(sampleOf), [2e6, 2e6, 5e5, 1e4]);
});
