/** README.md tells the truth: its commands run, its files exist, its settings are settings. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startExchange } from '../mock/exchanges.mjs';
import { Program, ROOT, against, get, startRun } from './harness.mjs';

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```/gm)]
  .flatMap(([, block]) => block.trim().split('\n'));
const conf = readFileSync(join(ROOT, 'conf/liqmap.conf'), 'utf8');

/* section.key -> default, as the file has them. */
function settings() {
  const found = {};
  let section = '';
  for (const line of conf.split('\n')) {
    section = line.match(/^\[(.+)\]$/)?.[1] ?? section;
    const [, key, value] = line.match(/^([a-z_]+) *= *(.*)$/) ?? [];
    if (key) found[`${section}.${key}`] = value;
  }
  return found;
}

describe('README.md', () => {
  let mock;
  let run;
  before(async () => {
    mock = await startExchange({ symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'], speed: 0 });
    run = await startRun({ settings: against(mock) });
  });
  after(async () => { await run?.stop(); await mock?.close(); });

  it('has commands', () => assert.ok(blocks.length >= 7));

  for (const command of blocks) {
    /* The two commands themselves: this test is running in one of them and has the
     * other beside it. */
    const plain = /^scripts\/\w+$/.test(command);
    it(`"${command}" ${plain ? 'is there' : 'runs'}`, async () => {
      if (plain) {
        const help = new Program(join(ROOT, command), ['--help']);
        assert.equal((await help.ended).code, 0);
        assert.match(help.out, /usage|SUITE/);
        return;
      }
      const here = command.replaceAll('http://127.0.0.1:8080', run.url).replace(/^curl /, 'curl -f ');
      const program = new Program('bash', ['-c', here]);
      const { code } = await program.ended;
      assert.equal(code, 0, program.err);
      assert.ok(program.out.length > 20);
      if (command.startsWith('curl')) JSON.parse(program.out);
    });
  }

  const files = [...readme.matchAll(/\]\((?!https?:|#)([^)]+)\)|`((?:src|conf|tests|www|scripts|include)\/[\w./-]*)`/g)];
  for (const file of new Set(files.map((m) => m[1] ?? m[2]))) {
    it(`names ${file}, which exists`, () => assert.ok(existsSync(join(ROOT, file))));
  }

  it('links to its own headings', () => {
    const anchors = [...readme.matchAll(/^#+ (.+)$/gm)]
      .map(([, text]) => text.toLowerCase().replace(/[^\w -]/g, '').replaceAll(' ', '-'));
    for (const [, anchor] of readme.matchAll(/\]\(#([^)]+)\)/g)) assert.ok(anchors.includes(anchor), anchor);
  });

  it('names routes and parameters that are, and all of them', async () => {
    const routes = new Set([...readme.matchAll(/`(\/api\/v1\/[\w.]+)`/g)].map(([, r]) => r));
    const { allowed } = (await get(run.url, '/api/v1/nope')).json().error;
    assert.deepEqual([...routes].sort(), [...allowed].sort());
    const named = new Set([...readme.matchAll(/^\| `(\w+)` \|/gm)].map(([, p]) => p));
    const known = new Set();
    for (const route of [...routes, '/api/v1/profile?model=single']) {
      const answer = await get(run.url, `${route}${route.includes('?') ? '&' : '?'}nope=1`);
      for (const name of answer.json().error?.allowed ?? []) known.add(name);
    }
    assert.deepEqual([...named].sort(), [...known].sort());
  });

  it('names settings that are', () => {
    const known = settings();
    const named = [...readme.matchAll(/--set ([\w.]+)=|`((?:server|cache|fetch|watch|exchange)\.[\w.]+)`/g)]
      .map((m) => m[1] ?? m[2]);
    assert.ok(named.length > 3);
    for (const name of named) assert.ok(name in known, name);
    for (const [, name] of readme.matchAll(/`LIQMAP_(\w+)=/g)) {
      assert.ok(Object.keys(known).some((k) => k.toUpperCase().replaceAll('.', '_') === name), name);
    }
  });

  it('conf/liqmap.conf holds the defaults: a start with each line set says nothing new', async () => {
    const all = Object.entries(settings()).filter(([key]) => key !== 'server.listen' && !key.startsWith('exchange.'));
    const again = await startRun({ settings: against(mock, Object.fromEntries(all.filter(([, v]) => v !== ''))) });
    try {
      assert.equal((await get(again.url, '/api/v1/ticker')).status, 200);
    } finally {
      await again.stop();
    }
  });
});
