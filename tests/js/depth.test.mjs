import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barsOf, depthQuery, linesOf, metBy, parseDepth } from '../../www/js/data/depth.js';
import { DEFAULT } from '../../www/js/data/query.js';

const answer = (more = {}) => ({
    price: 100, price_step: 2, stale_reason: null,
    bids: { price_min: 94, usd: [5, 0, 7] }, asks: { price_min: 100, usd: [1, 2, 3, 4] },
    walls: [{ side: 'bid', price_min: 98, price_max: 100, usd: 7, times: 6 }],
    exchanges: [{ exchange: 'binance', used: true, reason: null }], ...more,
});

test('an order book is read', () => {
    const book = parseDepth(answer());
    assert.deepEqual([...book.asks.usd], [1, 2, 3, 4]);
    assert.deepEqual(book.walls, [{ side: 'bid', from: 98, to: 100, usd: 7 }]);
    assert.deepEqual([book.step, book.used, book.missing, book.stale], [2, ['binance'], [], '']);
});

for (const wrong of [{ price_step: 0 }, { bids: null }, { asks: { price_min: 1, usd: [null] } }, { asks: { price_min: 1, usd: [-1] } }, { walls: [{}] }, { exchanges: 1 }])
    test(`refused: ${JSON.stringify(wrong)}`, () => assert.throws(() => parseDepth(answer(wrong)), /expected/));

test('bars: bins together from multiples of their height, those in sight, none that is empty', () => {
    const { bids, asks, step } = parseDepth(answer());
    assert.deepEqual(barsOf(bids, step, 1, 0, 200), [{ from: 94, to: 96, usd: 5 }, { from: 98, to: 100, usd: 7 }]);
    assert.deepEqual(barsOf(asks, step, 3, 0, 200), [{ from: 96, to: 102, usd: 1 }, { from: 102, to: 108, usd: 9 }]);
    assert.deepEqual(barsOf(asks, step, 1, 102, 106).map((bar) => bar.usd), [2, 3]);
    /* One bin more below moves no bar. */
    const more = { min: 98, usd: Float64Array.of(8, ...asks.usd) };
    assert.deepEqual(barsOf(more, step, 3, 102, 200), barsOf(asks, step, 3, 102, 200));
});

test('a wall is met by the nearest level that reaches into it', () => {
    const [wall] = parseDepth(answer()).walls;
    const level = (from, to, price) => ({ from, to, price });
    const [near, wide, away] = [level(99, 101, 99.5), level(90, 98, 94), level(101, 105, 103)];
    assert.equal(metBy(wall, [away]), null);
    assert.equal(metBy(wall, [wide, away]), wide);
    assert.equal(metBy(wall, [wide, near]), near);
});

test('what is said: whose, what is missing, how old, what is known', () => {
    const book = parseDepth(answer());
    assert.deepEqual(linesOf(book, 1500, 7, []), ['Order book, Binance', 'longest bar $7.00', 'known 94 to 108']);
    const names = ['a', 'b', 'c', 'd'].map((exchange) => ({ exchange, used: true, reason: null }));
    const sum = parseDepth(answer({ stale_reason: 'bybit: HTTP 500', exchanges: [...names, { exchange: 'okx', used: false, reason: 'no' }] }));
    const met = [{ wall: sum.walls[0], level: { side: 'long' } }];
    assert.deepEqual(linesOf(sum, 35000, 0, met),
        ['Order book, 4 exchanges', '35 s old: bybit: HTTP 500', 'without OKX', 'nothing in sight', 'known 94 to 108', 'Bid wall of $7.00 at 98 on longs']);
});

test('with little room: whose, the longest bar, and where walls lie in levels', () => {
    const book = parseDepth(answer({ walls: [{ side: 'bid', price_min: 98, price_max: 100, usd: 7, times: 6 }, { side: 'ask', price_min: 104, price_max: 106, usd: 3, times: 6 }] }));
    assert.deepEqual(linesOf(book, 1500, 7, [], true), ['Order book, Binance', 'longest bar $7.00']);
    const met = book.walls.map((wall) => ({ wall, level: { side: wall.side === 'bid' ? 'long' : 'short' } }));
    assert.deepEqual(linesOf(book, 1500, 7, met, true), ['Order book, Binance', 'longest bar $7.00', 'walls on levels at 104 and 98']);
});

test('asked of the exchange that the map is of', () => {
    assert.equal(depthQuery(DEFAULT, { symbol: 'BTCUSDT', exchange: 'okx' }), '?symbol=BTCUSDT&exchange=okx');
    assert.equal(depthQuery({ ...DEFAULT, exchange: 'all', contract: 'linear' }, { symbol: 'ETHUSDT', exchange: 'all' }), '?symbol=ETHUSDT&exchange=all&contract=linear');
    assert.equal(depthQuery({ ...DEFAULT, exchange: 'okx', contract: 'inverse' }, { symbol: 'ETHUSDT', exchange: 'okx-coin' }), '?symbol=ETHUSDT&exchange=okx-coin');
});
