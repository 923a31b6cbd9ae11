import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, linkOf } from '../../www/js/data/address.js';
import { DEFAULT } from '../../www/js/data/query.js';
import { EMPTY, choose, derive, display, exchangeNow, isExtension, isSwitching, olderQuery } from '../../www/js/data/state.js';
import { Store } from '../../www/js/data/store.js';
import { DEFAULT_VIEW } from '../../www/js/data/view.js';

/** A store of two numbers and their sum, and what a renderer of some parts was given. */
function sums() {
    const store = new Store({ a: 1, b: 2, sum: 0 }, ({ a, b }) => ({ sum: a + b }));
    const given = [];
    return { store, given, reads: (...reads) => store.add({ reads, render: (state, before) => given.push([state.sum, before?.sum ?? null]) }) };
}

test('a renderer runs at once, and then once per change of what it reads', () => {
    const { store, given, reads } = sums();
    reads('sum');
    store.set({ a: 5, b: 6 });
    store.set({ a: 6, b: 5 });
    assert.deepEqual(given, [[3, null], [11, 3]]);
});

test('what a renderer does not read does not run it; later it gets what it saw last', () => {
    const { store, given, reads } = sums();
    reads('a');
    store.set({ b: 10 });
    store.set({ a: 2 });
    assert.deepEqual(given, [[3, null], [12, 3]]);
});

test('a change made by a renderer is the next commit: nobody sees half of one', () => {
    const { store, given, reads } = sums();
    store.add({ reads: ['a'], render: ({ a }) => store.set({ b: 100 * a }) });
    reads('a', 'b');
    store.set({ a: 7 });
    assert.deepEqual(given, [[101, null], [107, 101], [707, 107]]);
});

test('a renderer that throws does not lock the store', () => {
    const { store, given, reads } = sums();
    reads('sum');
    let broken = false;
    store.add({ reads: ['a'], render: () => { if (broken) throw new Error('drawn wrongly'); } });
    broken = true;
    assert.throws(() => store.set({ a: 2 }), /drawn wrongly/);
    broken = false;
    store.set({ a: 3 });
    assert.deepEqual(given.at(-1), [5, 4]);
});

const candles = { time: Float64Array.of(0, 3600000), close: Float64Array.of(10, 11) };
const snapshot = {
    symbol: 'BTCUSDT', candles, generatedAt: 5000, dataTime: 4000, levels: [],
    grid: { priceMin: 0, priceStep: 1, rows: 2, columns: 2, quantum: 1, max: 4, usdPerUnit: NaN, cells: Uint16Array.of(1, 2, 3, 4) },
    profile: { price: 11, priceMin: 0, priceStep: 1, rows: 1, usdPerUnit: 1, tiers: [], total: Float64Array.of(1), cumulative: Float64Array.of(1), outside: 0 },
};
const pageStore = (more = {}) => new Store({ ...EMPTY, query: DEFAULT, view: DEFAULT_VIEW, narrow: false, ...more }, derive);

test('colours and profile follow the map in the same commit, and keep still without cause', () => {
    const store = pageStore();
    assert.equal(store.state.paint, null);
    store.set({ map: { snapshot, query: DEFAULT } });
    const { paint, bars } = store.state;
    assert.equal(paint.colours.ranges.long.bright, 3);
    assert.equal(bars.kind, 'tiers');
    store.set({ clock: 1 });
    assert.ok(store.state.paint === paint && store.state.bars === bars);
    display(store, { palette: 'steel' });
    assert.notEqual(store.state.paint.colours, paint.colours);
    display(store, { profile: 'off' });
    assert.equal(store.state.bars, null);
    store.set({ map: null });
    assert.equal(store.state.paint, null);
});

test('a choice that changes nothing is no commit; another query forgets the error of the last', () => {
    const store = pageStore({ error: { code: 'x' } });
    store.set({ error: { code: 'x' } });
    const { state } = store;
    choose(store, { symbol: 'BTCUSDT' });
    display(store, { heat: true });
    assert.equal(store.state, state);
    choose(store, { symbol: 'ETHUSDT' });
    assert.equal(store.state.error, null);
});

test('switching: the map on the screen is of another query; a replay is the same map', () => {
    const map = { snapshot, query: DEFAULT };
    assert.equal(isSwitching({ map, query: { ...DEFAULT, end: 5 } }), false);
    assert.equal(isSwitching({ map, query: { ...DEFAULT, interval: '5m' } }), true);
    assert.equal(isSwitching({ map: null, query: DEFAULT }), false);
});

test('the exchange’s time: of the data and its age; in a replay since the answer', () => {
    const age = { ms: 100, at: 1000 };
    assert.equal(exchangeNow({ map: { snapshot, query: DEFAULT }, age, clock: 1500 }), 4600);
    assert.equal(exchangeNow({ map: { snapshot, query: { ...DEFAULT, end: 1 } }, age, clock: 1500 }), 5500);
    assert.ok(Number.isNaN(exchangeNow({ map: null, age, clock: 0 })));
});

test('the address holds query, view and the viewport of this window; the link all, at a moment', () => {
    const state = {
        ...pageStore().state, map: { snapshot: { ...snapshot, dataTime: 7 * 60000 + 5 }, query: DEFAULT }, age: { ms: 0, at: 0 },
        visible: { viewport: { bars: 50, room: 2, from: NaN, to: NaN, prices: null } },
    };
    assert.equal(addressOf(state), '?symbol=BTCUSDT&interval=1h&bars=200&view=last50-2');
    assert.doesNotMatch(addressOf(state, { ...DEFAULT, interval: '4h' }), /view=/);
    assert.match(linkOf(state, false), /palette=viridis.*axis=linear/);
    assert.match(linkOf(state, true), /end=1970-01-01T00%3A07%3A00Z/);
});

test('time before the first candle on the screen asks for older candles, once, as far as there are', () => {
    const at = (from, more = {}) => olderQuery({
        ...EMPTY, query: DEFAULT, map: { snapshot, query: DEFAULT }, visible: { time: { from, to: 100 }, candles: 2 }, ...more,
    });
    assert.equal(at(-3), null, 'the margin is no time');
    const older = at(-20);
    assert.deepEqual(older, { ...DEFAULT, bars: 500, older: true });
    assert.ok(isExtension(older, DEFAULT) && !isExtension({ ...older, interval: '5m' }, DEFAULT) && !isExtension({ ...DEFAULT, bars: 500 }, DEFAULT));
    assert.equal(isSwitching({ map: { snapshot, query: DEFAULT }, query: older }), false, 'the map is not dimmed');
    assert.equal(at(-20, { busy: true }), null);
    assert.equal(at(-20, { visible: { time: { from: -20, to: 9 }, candles: 5 } }), null, 'what is visible is of the map before');
    assert.equal(at(-20, { error: { code: 'x' } }), null);
    assert.equal(at(-20, { query: older }), null, 'not before they are here');
    const all = { ...DEFAULT, bars: 1500 };
    assert.equal(at(-20, { query: all, map: { snapshot, query: all } }), null);
});
