/**
 * Viewers of the live map, as many as a server has on a busy day: they poll for a minute, over two refreshes and more.  And
 * one viewer, in a process of his own, alone and beside strangers who ask for what nobody had before.
 *
 *     node tests/bench/crowd.mjs [--viewers 1000] [--seconds 60] [--strangers 16] [--flood-seconds 20]
 *
 * Each viewer has an address of his own (nginx limits each address) and one connection that is kept, asks for the map every
 * 5 to 20 s, as the page does, and sends the tag of the map that he has.  As browsers do, he asks once more when a connection
 * that he kept was closed meanwhile.  The times include this program's own, on the same machine.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { HOUR } from '../mock/recording.mjs';
import { startLighttpd, startNginx, startSite } from '../e2e/harness.mjs';
import { ask, connection, connectionOf, failed, quantile, tally, wait } from './load.mjs';

const { values } = parseArgs({ options: { viewers: { type: 'string', default: '1000' }, seconds: { type: 'string', default: '60' },
  strangers: { type: 'string', default: '16' }, viewer: { type: 'string', default: '' }, 'flood-seconds': { type: 'string', default: '20' } } });
const [VIEWERS, SECONDS, STRANGERS, FLOOD_SECONDS] = ['viewers', 'seconds', 'strangers', 'flood-seconds'].map((name) => Number(values[name]));
const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const VIEWED = ['15m', '1h', '4h'].map((interval) => `/api/v1/heatmap?symbol=BTCUSDT&interval=${interval}&bars=500&format=compact`);
const P99_MOST_MS = 100;
const settings = { 'server.socket_mode': '0666', 'fetch.deadline_ms': 25_000, 'exchange.binance.budget': 2400 };

const between = (from, to) => from + Math.random() * (to - from);

function say(name, answers, more = '') {
  const times = answers.map(({ ms }) => ms);
  const [half, most] = [0.5, 0.99].map((q) => quantile(times, q).toFixed(1));
  console.log(`${name}: ${answers.length} requests, failed ${failed(answers)}, statuses ${JSON.stringify(tally(answers))}, ` +
    `p50 ${half} ms, p99 ${most} ms${more}`);
  return failed(answers);
}

/** One viewer from his first request on. */
async function view(base, i, untilMs, answers) {
  const way = connectionOf(i);
  const path = VIEWED[i % VIEWED.length];
  let etag;
  await wait(between(0, 5000));
  while (Date.now() < untilMs) {
    const answer = await ask(base, path, { ...way, etag });
    etag = answer.etag ?? etag;
    answers.push(answer);
    await wait(between(5000, 20_000));
  }
  way.agent.destroy();
}

async function crowd(name, startWeb) {
  const site = await startSite({ mocks: { clock: CLOCK }, startWeb, settings });
  try {
    for (const path of VIEWED) await ask(site.web.url, path);
    const answers = [];
    const untilMs = Date.now() + SECONDS * 1000;
    await Promise.all(Array.from({ length: VIEWERS }, (_, i) => view(site.web.url, i, untilMs, answers)));
    const refreshes = site.mocks.all[0].count('/fapi/v1/ticker/24hr');
    return say(`${name}, ${VIEWERS} viewers for ${SECONDS} s`, answers, `, ${refreshes} refreshes`) > 0;
  } finally {
    await site.stop();
  }
}

/* Strangers without pause, each on a connection of his own; what they get does not count. */
async function stranger(base, untilMs, statuses) {
  const way = connection();
  const makes = [
    () => `heatmap?interval=1h&bars=500&rows=${Math.floor(between(50, 800))}&range=${between(1, 90).toFixed(1)}`,
    () => `klines?interval=1h&bars=1&end=${CLOCK - Math.floor(between(1, 2000)) * HOUR}`,
    () => `levels?interval=4h&bars=1000&range=${between(1, 90).toFixed(1)}&tiers=${['5', '10,25', '50,100'][Math.floor(between(0, 3))]}`,
  ];
  while (Date.now() < untilMs) {
    const { status } = await ask(base, `/api/v1/${makes[Math.floor(between(0, makes.length))]()}`, way);
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
  way.agent.destroy();
}

/* The process of the one viewer: what he got, to his parent. */
async function viewAlone(base, seconds) {
  const way = connection();
  const answers = [];
  for (const untilMs = Date.now() + seconds * 1000; Date.now() < untilMs; await wait(20))
    answers.push(await ask(base, VIEWED[answers.length % VIEWED.length], way));
  way.agent.destroy();
  process.send(answers);
}

function startViewer(base) {
  const child = fork(fileURLToPath(import.meta.url), ['--viewer', base, '--flood-seconds', String(FLOOD_SECONDS)]);
  return new Promise((done, lost) => {
    child.on('message', done);
    child.on('exit', (code) => lost(new Error(`the viewer ended with ${code}`)));
  });
}

async function flood() {
  const site = await startSite({ mocks: { clock: CLOCK }, startWeb: startLighttpd, settings });
  try {
    for (const path of VIEWED) await ask(site.web.url, path);
    let bad = say(`a viewer alone for ${FLOOD_SECONDS} s`, await startViewer(site.web.url));
    const untilMs = Date.now() + FLOOD_SECONDS * 1000;
    const statuses = {};
    const viewer = startViewer(site.web.url);
    await Promise.all(Array.from({ length: STRANGERS }, () => stranger(site.web.url, untilMs, statuses)));
    const answers = await viewer;
    bad += say(`a viewer beside ${STRANGERS} strangers for ${FLOOD_SECONDS} s`, answers, `; strangers ${JSON.stringify(statuses)}`);
    return bad > 0 || quantile(answers.map(({ ms }) => ms), 0.99) > P99_MOST_MS;
  } finally {
    await site.stop();
  }
}

if (values.viewer) {
  await viewAlone(values.viewer, FLOOD_SECONDS);
  process.disconnect();
} else {
  const bad = [await flood(), await crowd('lighttpd', startLighttpd), await crowd('nginx', startNginx)];
  process.exitCode = bad.some(Boolean) ? 1 : 0;
}
