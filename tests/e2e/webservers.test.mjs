/** conf/nginx.conf and conf/lighttpd.conf: what both web servers answer, with the daemon and without it. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { get, hashedFile, scratch, startDaemon, startLighttpd, startNginx, until } from './harness.mjs';

const PATH = '/api/v1/heatmap?interval=1h&bars=100';

/** How often a header was sent: node joins repeated ones. */
function sent(base, path, name) {
  const { hostname, port } = new URL(base);
  return new Promise((done, failed) => {
    request({ hostname, port, path }, (res) => {
      res.resume().on('end', () => done(res.rawHeaders.filter((h, i) => i % 2 === 0 && h.toLowerCase() === name).length));
    }).on('error', failed).end();
  });
}

/* An error of the web server itself is like one of the daemon's. */
function checkError(answer, status, code) {
  assert.equal(answer.status, status, answer.text.slice(0, 200));
  assert.match(answer.headers['content-type'], /^application\/json/);
  const { error } = answer.json();
  assert.equal(error.code, code);
  assert.ok(error.message.length > 10);
  assert.equal(answer.headers['access-control-allow-origin'], '*');
}

for (const [name, startWeb, signal] of [['nginx', startNginx, 'SIGQUIT'], ['lighttpd', startLighttpd, 'SIGINT']]) {
  describe(`conf/${name}.conf`, () => {
    let daemon;
    let web;
    before(async () => {
      /* nginx's worker is another user. */
      daemon = await startDaemon({ settings: { 'server.market': 'demo', 'server.log_level': 'warn', 'server.socket_mode': '0666' } });
      web = await startWeb(daemon.socket);
    });
    after(async () => {
      await web?.stop(signal);
      await daemon?.stop();
      assert.equal(web.err, '');
    });

    it('sends nosniff once, with the page and with the API', async () => {
      for (const path of ['/', hashedFile('main', '.js'), '/static/none.js', PATH, '/api/v1/nothing', '/metrics']) {
        assert.equal(await sent(web.url, path, 'x-content-type-options'), 1, path);
      }
    });

    it('serves the page but no hidden files and no folders', async () => {
      for (const path of ['/', hashedFile('main', '.js'), '/manifest.webmanifest']) {
        assert.equal((await get(web.url, path)).status, 200, path);
      }
      for (const path of ['/js/main.js', '/types/', '/static/', '/.git/config', '/static/.hidden', '/static/.hidden.js']) {
        assert.ok([403, 404].includes((await get(web.url, path)).status), path);
      }
    });

    it('sends what the build compressed to who takes it', async () => {
      for (const path of ['/', '/?bars=100', '/index.html', hashedFile('main', '.js'), hashedFile('style', '.css')]) {
        const ask = (encodings) => get(web.url, path, { headers: encodings && { 'Accept-Encoding': encodings } });
        const plain = await ask('identity');
        assert.equal(plain.headers['content-encoding'], undefined, path);
        for (const [encodings, encoding, unpack] of [['gzip, deflate, br, zstd', 'br', brotliDecompressSync], ['gzip, deflate', 'gzip', gunzipSync],
          ['br;q=0, gzip;q=0.5', 'gzip', gunzipSync], ['brotli, x-gzip2', undefined, (raw) => raw], ['', undefined, (raw) => raw]]) {
          const answer = await ask(encodings);
          const about = `${path} for ${encodings}`;
          assert.equal(answer.headers['content-encoding'], encoding, about);
          assert.ok(unpack(answer.raw).equals(plain.body), about);
          for (const name of ['content-type', 'cache-control', 'content-security-policy']) assert.equal(answer.headers[name], plain.headers[name], about);
          assert.equal(answer.headers.vary, 'Accept-Encoding', about);
          assert.equal(answer.headers.etag === plain.headers.etag, encoding === undefined, `tag of ${about}`);
        }
      }
    });

    it('lets browsers keep what has a hash in its name, and nothing else', async () => {
      for (const path of [hashedFile('main', '.js'), hashedFile('style', '.css')]) {
        assert.equal((await get(web.url, path)).headers['cache-control'], 'public, max-age=31536000, immutable', path);
      }
      for (const path of ['/', '/index.html', '/manifest.webmanifest', '/icons/icon.svg']) {
        assert.equal((await get(web.url, path)).headers['cache-control'], 'no-cache', path);
      }
      for (const encodings of ['br', 'gzip', 'identity']) {
        const missing = await get(web.url, '/static/main-00000000.js', { headers: { 'Accept-Encoding': encodings } });
        assert.deepEqual([missing.status, missing.headers['cache-control'], missing.headers['content-encoding']], [404, 'no-cache', undefined]);
      }
    });

    it('leaves it to the daemon to refuse control characters and what is no text', async () => {
      for (const [odd, code] of [['%00', 'bad_query'], ['%0a%0d', 'bad_symbol'], ['%7f', 'bad_symbol'], ['%ff%fe', 'bad_symbol']])
        checkError(await get(web.url, `${PATH}&symbol=${odd}`), 400, code);
      for (const path of ['/%00', '/index.html%00', '/static/%0d%0aX-Odd:%201', '/%ff/', '/static/..%00/index.html']) {
        const answer = await get(web.url, path);
        assert.ok([400, 403, 404].includes(answer.status), `${path}: ${answer.status}`);
        assert.equal(answer.headers['x-odd'], undefined);
      }
    });

    it('passes on the errors of the daemon', async () => {
      const answer = await get(web.url, '/api/v1/heatmap?interval=7m');
      checkError(answer, 400, 'bad_interval');
      assert.equal((await get(web.url, '/api/v1/nothing')).status, 404);
    });

    it('answers 503 in JSON with Retry-After while the daemon is away, and serves again after that', async () => {
      const { socket } = daemon;
      assert.equal((await get(web.url, PATH)).status, 200);
      await daemon.stop();
      for (const path of [PATH, '/metrics']) {
        const answer = await get(web.url, path);
        checkError(answer, 503, 'unavailable');
        assert.ok(Number(answer.headers['retry-after']) > 0);
      }
      assert.equal((await get(web.url, '/')).status, 200, 'the page is served without the daemon');
      daemon = await startDaemon({ socket, settings: { 'server.market': 'demo', 'server.log_level': 'warn', 'server.socket_mode': '0666' } });
      /* lighttpd looks once a second whether a backend is back. */
      await until(async () => (await get(web.url, PATH)).status === 200, 'a map');
    });

    it('answers in JSON when the daemon closes the connection without a response', async () => {
      const socket = join(scratch(), 'broken.sock');
      const broken = createServer((client) => client.on('error', () => {}).end());
      await new Promise((done) => { broken.listen({ path: socket, writableAll: true }, done); });
      const other = await startWeb(socket);
      try {
        const answer = await get(other.url, PATH);
        assert.ok(answer.status >= 500, String(answer.status));
        checkError(answer, answer.status, 'unavailable');
        assert.ok(Number(answer.headers['retry-after']) > 0);
      } finally {
        await other.stop(signal);
        broken.close();
      }
    });
  });
}

describe('conf/nginx.conf', () => {
  it('refuses a request body in JSON', async () => {
    const web = await startNginx(join(scratch(), 'nobody.sock'));
    try {
      checkError(await get(web.url, PATH, { method: 'POST', headers: { 'Content-Length': 5000 } }), 413, 'too_large');
    } finally {
      await web.stop('SIGQUIT');
    }
  });

  it('does not log each client above the limit', async () => {
    const web = await startNginx(join(scratch(), 'nobody.sock'));
    try {
      const answers = await Promise.all(Array.from({ length: 120 }, () => get(web.url, '/api/v1/ticker')));
      const limited = answers.filter((a) => a.status === 429);
      assert.ok(limited.length > 0);
      checkError(limited[0], 429, 'too_many_requests');
      assert.ok(Number(limited[0].headers['retry-after']) > 0);
      assert.doesNotMatch(web.log(), /limiting requests/);
    } finally {
      await web.stop('SIGQUIT');
    }
  });
});
