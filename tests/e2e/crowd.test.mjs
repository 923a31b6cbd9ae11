/** A crowd at a cold start: everybody gets the map, and the exchange is asked for it once. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { describe, it } from 'node:test';
import { startLighttpd, startNginx, startSite, until } from './harness.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const VISITORS = 1000;
const KLINES = '/fapi/v1/klines';
const PATH = '/api/v1/heatmap?symbol=BTCUSDT&interval=4h&bars=100';

/* One visitor with an address of his own, because nginx limits each address. */
function visit(base, i, onConnect) {
  const { hostname, port } = new URL(base);
  return new Promise((done) => {
    const req = request({ hostname, port, path: PATH, agent: false, localAddress: `127.1.${i >> 8}.${i & 255}`,
      headers: { 'Accept-Encoding': 'gzip' } }, (res) => {
      let bytes = 0;
      res.on('data', (chunk) => { bytes += chunk.length; });
      res.on('error', (error) => done(error.code));
      res.on('end', () => done(`${res.statusCode} ${bytes === Number(res.headers['content-length']) ? 'whole' : bytes} ${res.headers.etag ?? ''}`));
    });
    req.on('socket', (socket) => socket.on('connect', onConnect));
    req.on('error', (error) => done(error.code));
    req.end();
  });
}

function tally(outcomes) {
  const counts = {};
  for (const o of outcomes) counts[o] = (counts[o] ?? 0) + 1;
  return counts;
}

describe('a crowd at a cold start', () => {
  for (const [server, startWeb] of [['lighttpd', startLighttpd], ['nginx', startNginx]]) {
    it(`${server}: ${VISITORS} visitors to one new key, ${VISITORS} maps, one refresh`, async () => {
      const site = await startSite({ mocks: { clock: CLOCK }, startWeb,
        settings: { 'fetch.deadline_ms': 25000, 'cache.ttl_ms': 600000, 'server.socket_mode': '0666' } });
      const { binance } = site.mocks.by;
      try {
        binance.fault({ path: KLINES, kind: 'stall' });
        let connected = 0;
        const visits = Array.from({ length: VISITORS }, (_, i) => visit(site.web.url, i, () => { connected++; }));
        await until(() => connected === VISITORS && binance.stalled.size > 0, 'everybody');
        binance.release();
        const counts = tally(await Promise.all(visits));
        const [[outcome, n], ...others] = Object.entries(counts);
        assert.equal(n, VISITORS, JSON.stringify(counts));
        assert.deepEqual(others, []);
        assert.match(outcome, /^200 whole "/);
        assert.equal(binance.count('/fapi/v1/ticker/24hr'), 1, 'one refresh');
        const pages = binance.requests.filter((r) => r.path === KLINES).map((r) => r.query);
        assert.equal(new Set(pages).size, pages.length, 'no page twice');
        assert.deepEqual(await site.daemon.stop(), { code: 0, signal: null });
        assert.equal(site.daemon.err, '');
      } finally {
        await site.stop('SIGKILL');
      }
    });
  }
});
