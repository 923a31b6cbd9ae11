/** conf/nginx.conf and conf/lighttpd.conf: what both web servers answer, with the daemon and without it. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { get, scratch, startDaemon, startLighttpd, startNginx, until } from './harness.mjs';

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
      for (const path of ['/', '/js/main.js', PATH, '/api/v1/nothing', '/metrics']) {
        assert.equal(await sent(web.url, path, 'x-content-type-options'), 1, path);
      }
    });

    it('serves the page but no files for developers', async () => {
      for (const path of ['/', '/js/main.js', '/manifest.webmanifest']) {
        assert.equal((await get(web.url, path)).status, 200, path);
      }
      for (const path of ['/jsconfig.json', '/types/', '/types/vendor/lightweight-charts.d.ts', '/.git/config', '/js/.hidden']) {
        assert.ok([403, 404].includes((await get(web.url, path)).status), path);
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
