import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findWatched, follow, watch, watchedOf } from '../../www/js/data/watched.js';

const HOUR = 3600000;
const LEVEL = { side: 'short', price: 105, from: 104.5, to: 105.5 };

/** A snapshot at an hour: its last price, its newest candle's high, and whether the level is there. */
function at(hour, last, { high = last, there = true, ...more } = {}) {
    return {
        symbol: 'BTCUSDT', interval: '1h', ticker: { last }, levels: there ? [LEVEL] : [], model: { tiers: [1, 2] },
        filter: { side: 'both', range: NaN, tiers: [] },
        candles: { time: Float64Array.of(0, hour * HOUR), low: Float64Array.of(90, last), high: Float64Array.of(110, high), close: Float64Array.of(last, last) },
        ...more,
    };
}

/** The events of a series of snapshots. */
function story(target, ...snapshots) {
    let list = [watch(at(1, 100), target)];
    const told = snapshots.map((snapshot) => {
        const next = follow(list, snapshot, 1);
        ({ list } = next);
        return next.events[0]?.event ?? '';
    });
    return [told.join(), list.length];
}

for (const [about, target, snapshots, expected] of [
    ['approached once, then touched once', LEVEL, [at(1, 103), at(1, 103.8), at(1, 103.9), at(1, 104.7), at(2, 105)], [',approached,,touched,', 1]],
    ['approached again after price was away', LEVEL, [at(1, 103.8), at(2, 100), at(3, 103.8)], ['approached,,approached', 1]],
    ['swept between two refreshes: the wick tells', LEVEL, [at(2, 103, { high: 106, there: false })], ['swept', 0]],
    ['faded: gone without a touch', LEVEL, [at(2, 101, { there: false })], ['faded', 0]],
    ['the candle it was chosen in does not count, it has a past', LEVEL, [at(1, 101, { high: 106 })], ['', 1]],
    ['another interval has other levels', LEVEL, [at(2, 101, { there: false, interval: '5m' })], ['', 1]],
    ['a filtered map is not the map', LEVEL, [at(2, 101, { there: false, filter: { side: 'long', range: NaN, tiers: [] } })], ['', 1]],
    ['another symbol', LEVEL, [at(2, 105, { symbol: 'ETHUSDT' })], ['', 1]],
    ['a price: approached, then reached, and done', 102, [at(1, 101.5), at(2, 101, { high: 102.5 })], ['approached,reached', 0]],
])
    test(`watched: ${about}`, () => assert.deepEqual(story(target, ...snapshots), expected));

test('a band that moved a little is the same level', () => {
    const list = [watch(at(1, 100), LEVEL)];
    assert.ok(findWatched(list, 'BTCUSDT', { side: 'short', from: 105, to: 106 }));
    assert.equal(findWatched(list, 'BTCUSDT', { side: 'long', from: 105, to: 106 }), undefined);
    assert.equal(findWatched(list, 'ETHUSDT', LEVEL), undefined);
});

test('of what is stored, what makes sense', () => {
    const good = watch(at(1, 100), LEVEL);
    assert.deepEqual(watchedOf(JSON.parse(JSON.stringify([good, null, 7, { ...good, side: 'up' }, { ...good, price: -1 }]))), [good]);
    assert.deepEqual(watchedOf('x'), []);
});
