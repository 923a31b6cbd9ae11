import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileName, gridCsv, levelsCsv } from '../../www/js/data/csv.js';

const snapshot = (usdPerUnit) => ({
    symbol: 'BTCUSDT', interval: '1h', dataTime: Date.UTC(2025, 9, 12, 0, 20),
    candles: { time: Float64Array.of(Date.UTC(2025, 9, 11, 23), Date.UTC(2025, 9, 12)) },
    grid: { priceMin: 100, priceStep: 0.5, rows: 2, columns: 2, quantum: 2, max: 7, usdPerUnit, cells: Uint16Array.of(1, 2, 3, 7) },
    levels: [
        { side: 'short', price: 100.75, from: 100.5, to: 101, density: 87, mass: 14, usd: 140, distance: 1.5, since: Date.UTC(2025, 9, 11), tiers: [{ leverage: 25, share: 0.6 }, { leverage: 5, share: 0.4 }] },
        { side: 'long', price: 100.25, from: 100, to: 100.5, density: 25, mass: 4, usd: NaN, distance: -1, since: NaN, tiers: [] },
    ],
});

test('the grid: highest prices first, dollars', () => {
    assert.deepEqual(gridCsv(snapshot(10)).split('\r\n'), [
        'price_from,price_to,usd_at_most 2025-10-11T23:00:00Z,usd_at_most 2025-10-12T00:00:00Z',
        '100.5,101,60,140', '100,100.5,20,40', '',
    ]);
});

test('the grid: mass where dollars are unknown', () => {
    assert.match(gridCsv(snapshot(NaN)), /^price_from,price_to,mass 2025.*\r\n100\.5,101,6,14\r\n/);
});

test('levels: a line each, nothing for what is unknown', () => {
    const [head, short, long] = levelsCsv(snapshot(10)).split('\r\n');
    assert.match(head, /^side,price,from,to,density,mass,modelled_usd_at_most,/);
    assert.equal(short, 'short,100.75,100.5,101,87,14,140,1.5,2025-10-11T00:00:00Z,25x:0.6 5x:0.4');
    assert.equal(long, 'long,100.25,100,100.5,25,4,,-1,,');
});

test('the file says what it is', () => {
    assert.equal(fileName(snapshot(1), 'grid.csv'), 'liqmap-BTCUSDT-1h-2025-10-12T0020Z-grid.csv');
});
