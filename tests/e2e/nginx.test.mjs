/** conf/nginx.conf in front of the real daemon. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { startExchange } from '../mock/exchanges.mjs';
import { against, get, hashedFile, movableClock, startDaemon, startNginx } from './harness.mjs';
import { checkCandles, checkSnapshot } from './snapshot.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const path = '/api/v1/heatmap?interval=1h&bars=200';

describe('nginx', () => {
  let mock;
  let daemon;
  let web;
  before(async () => {
    mock = await startExchange({ clock: CLOCK, speed: 0 });
    /* nginx's worker is another user; root's tests open the socket to it. */
    daemon = await startDaemon({ settings: against(mock, { 'server.socket_mode': '0666' }) });
    web = await startNginx(daemon.socket);
  });
  after(async () => {
    await web?.stop('SIGQUIT');
    const ended = await daemon?.stop();
    await mock?.close();
    assert.deepEqual([ended?.code, daemon.err, web.err], [0, '', '']);
  });

  it('passes maps on, gzip as the daemon prepared it', async () => {
    const plain = await get(web.url, path);
    assert.equal(plain.status, 200, plain.text.slice(0, 300));
    checkSnapshot(plain.json(), { interval: '1h', bars: 200 });
    checkCandles(plain.json(), (await get(mock.url, '/fapi/v1/klines?symbol=BTCUSDT&interval=1h&limit=200')).json());
    const zipped = await get(web.url, path, { headers: { 'Accept-Encoding': 'gzip' } });
    assert.equal(zipped.headers['content-encoding'], 'gzip');
    assert.equal(Number(zipped.headers['content-length']), zipped.raw.length);
    assert.ok(zipped.body.equals(plain.body));
  });

  it('passes on tags, 304, HEAD, errors and their headers', async () => {
    const first = await get(web.url, path);
    const again = await get(web.url, path, { headers: { 'If-None-Match': first.headers.etag } });
    assert.deepEqual([again.status, again.raw.length], [304, 0]);
    const head = await get(web.url, path, { method: 'HEAD' });
    assert.deepEqual([head.status, head.raw.length, head.headers.etag], [200, 0, first.headers.etag]);
    const bad = await get(web.url, '/api/v1/heatmap?interval=7m');
    assert.equal(bad.status, 400);
    assert.equal(bad.json().error.code, 'bad_interval');
    assert.equal(bad.headers['access-control-allow-origin'], '*');
  });

  it('serves the page with types, tags and a strict policy', async () => {
    for (const [file, type] of [['/', 'text/html'], [hashedFile('main', '.js'), 'text/javascript'],
      [hashedFile('style', '.css'), 'text/css'], ['/manifest.webmanifest', 'application/manifest+json']]) {
      const answer = await get(web.url, file, { headers: { 'Accept-Encoding': 'gzip' } });
      assert.equal(answer.status, 200, file);
      assert.ok(answer.headers['content-type'].startsWith(type), file);
      /* What is no document is under the policy of the page that loads it. */
      if (file.startsWith('/static/')) assert.equal(answer.headers['content-security-policy'], undefined);
      else assert.match(answer.headers['content-security-policy'], /default-src 'self'/);
      const again = await get(web.url, file,
        { headers: { 'Accept-Encoding': 'gzip', 'If-None-Match': answer.headers.etag } });
      assert.equal(again.status, 304, file);
    }
    assert.equal((await get(web.url, '/../conf/liqmap.conf')).status, 400);
    assert.equal((await get(web.url, '/nope')).status, 404);
  });

  it('gives a chat the whole address of the image of a link', async () => {
    const imageOf = (html) => html.match(/<meta property="og:image" content="([^"]*)">/)[1].replaceAll('&amp;', '&');
    const asked = (address, agent) => get(web.url, address, { headers: { 'User-Agent': agent, 'Accept-Encoding': 'gzip, br' } });
    const link = '/?symbol=ETHUSDT&interval=4h&bars=500&end=2025-10-09T00%3A00%3A00Z&tiers=25%2C50&side=long&range=10&palette=ember&view=last';
    for (const agent of ['Mozilla/5.0 (compatible; Discordbot/2.0)', 'WhatsApp/2.23', 'facebookexternalhit/1.1']) {
      const page = await asked(link, agent);
      assert.deepEqual([page.status, page.headers['content-type'], page.headers['content-encoding']], [200, 'text/html; charset=utf-8', undefined]);
      assert.equal(imageOf(page.text), `${web.url}/api/v1/heatmap.png?width=1200&height=630` +
        '&symbol=ETHUSDT&interval=4h&bars=500&end=2025-10-09T00%3A00%3A00Z&range=10&tiers=25%2C50&side=long&palette=ember');
    }
    const image = await get(web.url, imageOf((await asked('/?symbol=BTCUSDT&interval=4h&bars=200', 'TelegramBot')).text).slice(web.url.length));
    assert.deepEqual([image.status, image.headers['content-type'], image.body.readUInt32BE(16)], [200, 'image/png', 1200]);
    /* Nothing that a stranger writes gets into the page. */
    const odd = await asked('/?symbol="><script>&interval=%22&bars=1"&exchange=a%3Eb', 'Twitterbot/1.0');
    assert.equal(imageOf(odd.text), `${web.url}/api/v1/heatmap.png?width=1200&height=630`);
    /* A browser has the page as it was built. */
    const plain = await asked(link, 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0');
    assert.equal(plain.headers['content-encoding'], 'br');
  });

  it('slows down who asks too often, in our JSON', async () => {
    const answers = await Promise.all(Array.from({ length: 120 }, () => get(web.url, '/api/v1/ticker')));
    const slowed = answers.filter((a) => a.status === 429);
    assert.ok(slowed.length > 0 && slowed.length < 120, `${slowed.length} of 120`);
    assert.equal(slowed[0].json().error.code, 'too_many_requests');
    assert.equal(slowed[0].headers['retry-after'], '1');
  });

  it('says that the daemon is away', async () => {
    await daemon.stop();
    const fresh = await startNginx(daemon.socket);
    try {
      const answer = await get(fresh.url, path);
      assert.equal(answer.status, 503);
      assert.equal(answer.json().error.code, 'unavailable');
      assert.ok(Number(answer.headers['retry-after']) > 0);
    } finally {
      await fresh.stop('SIGQUIT');
    }
  });
});

describe('nginx that keeps responses for a second', () => {
  const clock = movableClock();
  let mock;
  let daemon;
  let web;
  before(async () => {
    mock = await startExchange({ clock: CLOCK, speed: 0 });
    daemon = await startDaemon({ settings: against(mock, { 'server.socket_mode': '0666' }) });
    web = await startNginx(daemon.socket, { keeps: true, env: { ...clock.env, LIQ_CLOCK_HELD: '1' },
      edit: (text) => text.replace('rate=10r/s', 'rate=1000r/s').replace('burst=40', 'burst=1000') });
  });
  after(async () => {
    await web?.stop('SIGQUIT');
    await daemon?.stop();
    await mock?.close();
  });

  /* How many requests for maps the daemon has had. */
  const asked = async () => [...(await get(web.url, '/metrics')).text.matchAll(/^liqmap_requests_total\{route="heatmap",[^}]*\} (\d+)$/gm)]
    .reduce((sum, [, n]) => sum + Number(n), 0);
  /* How many of them these cause. */
  const cost = async (work) => {
    const before = await asked();
    await work();
    return (await asked()) - before;
  };

  it('asks once a second however many ask it', async () => {
    const zipped = { headers: { 'Accept-Encoding': 'gzip' } };
    let first;
    assert.equal(await cost(async () => { first = await get(web.url, path); }), 1);
    checkSnapshot(first.json(), { interval: '1h', bars: 200 });
    assert.equal(await cost(async () => {
      for (const answer of await Promise.all(Array.from({ length: 20 }, () => get(web.url, path)))) assert.ok(answer.body.equals(first.body));
      const again = await get(web.url, path, { headers: { 'If-None-Match': first.headers.etag } });
      assert.deepEqual([again.status, again.raw.length], [304, 0]);
    }), 0);
    assert.equal(await cost(async () => {
      for (let i = 0; i < 5; i++) assert.ok((await get(web.url, path, zipped)).body.equals(first.body));
    }), 1, 'compressed it is another one');
    assert.equal(await cost(async () => {
      for (let i = 0; i < 5; i++) assert.equal((await get(web.url, path.replace('200', '100'))).json().grid.columns, 100);
    }), 1);
  });

  it('gives none that is more than a second and its part older', async () => {
    for (let i = 0; i < 3; i++) {
      clock.shift(2000);
      assert.equal(await cost(async () => { for (let j = 0; j < 5; j++) await get(web.url, path); }), 1);
    }
  });

  it('keeps no errors', async () => {
    for (const [query, status] of [['interval=7m', 400], ['symbol=NOSUCHUSDT', 404]]) {
      assert.equal(await cost(async () => {
        for (let i = 0; i < 3; i++) assert.equal((await get(web.url, `/api/v1/heatmap?${query}`)).status, status);
      }), 3, query);
    }
  });

  it('gives no old one in place of an error', async () => {
    clock.shift(2000);
    assert.equal((await get(web.url, path)).status, 200);
    await daemon.stop();
    assert.equal((await get(web.url, path)).status, 200, 'within the second');
    clock.shift(2000);
    const answer = await get(web.url, path);
    assert.deepEqual([answer.status, answer.json().error.code], [503, 'unavailable']);
  });
});

/** A connection that a web server keeps: the FastCGI records of one request after another. */
function keptConnection(socket) {
  const connection = connect(socket);
  const record = (type, body) => Buffer.concat([Buffer.from([1, type, 0, 1, body.length >> 8, body.length & 255, 0, 0]), body]);
  const none = Buffer.alloc(0);
  let [got, closed, settle] = [none, false, () => {}];
  connection.on('error', () => {});
  connection.on('close', () => {
    closed = true;
    settle('closed');
  });
  connection.on('data', (bytes) => {
    got = Buffer.concat([got, bytes]);
    /* The record that ends a request is the last one. */
    if (got.length >= 16 && got.at(-16) === 1 && got.at(-15) === 3) settle(got.toString('latin1', 8));
  });
  return {
    end: () => connection.destroy(),
    ask: (uri) => new Promise((done) => {
      const params = Buffer.from(`\x0e\x03REQUEST_METHODGET\x0b${String.fromCharCode(uri.length)}REQUEST_URI${uri}`);
      [got, settle] = [none, done];
      if (closed) done('closed');
      else connection.write(Buffer.concat([record(1, Buffer.from([0, 1, 1, 0, 0, 0, 0, 0])), record(4, params), record(4, none), record(5, none)]));
    }),
  };
}

describe('connections that a web server keeps', () => {
  it('are not closed for their age while a request may be on its way', async () => {
    const clock = movableClock();
    const daemon = await startDaemon({ env: clock.env, settings: { 'server.market': 'demo' } });
    const [old, other] = [keptConnection(daemon.socket), keptConnection(daemon.socket)];
    try {
      assert.match(await old.ask('/api/v1/health'), /^Status: 200/);
      clock.shift(24 * 3_600_000);
      /* The daemon looks at its connections whenever one has a request. */
      for (let i = 0; i < 3; i++) assert.match(await other.ask('/api/v1/health'), /^Status: /);
      assert.match(await old.ask('/api/v1/health'), /^Status: /);
    } finally {
      old.end();
      other.end();
      assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
    }
  });
});
