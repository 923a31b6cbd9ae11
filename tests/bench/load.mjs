/** What bench.mjs and crowd.mjs share: requests as a browser makes them, quantiles of their times, and what they cost. */
import { Agent, request } from 'node:http';
import { readFileSync, readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export const wait = (ms) => new Promise((done) => { setTimeout(done, ms); });

/** One connection that is kept, for ask(). */
export const connection = () => ({ agent: new Agent({ keepAlive: true, maxSockets: 1 }) });

/** That of viewer i, from an address of his own, because nginx limits each address. */
export const connectionOf = (i) => ({ ...connection(), localAddress: `127.1.${i >> 8}.${i & 255}` });

/**
 * One request: {status, etag, ms}; a failed one has the error's code as its status, a short one "cut".  As browsers do, it is
 * sent once more when a connection that was kept was closed meanwhile.
 *
 * @param {{agent?: Agent, localAddress?: string, etag?: string, read?: function(string)}} how  etag: of the map that the viewer
 *     has; read: gets the body of a 200
 */
export function ask(base, path, how = {}) {
  const { hostname, port } = new URL(base);
  const { agent, localAddress, etag, read } = how;
  const began = performance.now();
  return new Promise((done) => {
    const end = (status, headers = {}) => done({ status, etag: headers.etag, ms: performance.now() - began });
    const headers = { 'Accept-Encoding': 'gzip', ...(etag ? { 'If-None-Match': etag } : {}) };
    const req = request({ hostname, port, path, agent, headers, localAddress }, (res) => {
      const chunks = [];
      let bytes = 0;
      res.on('data', (chunk) => {
        bytes += chunk.length;
        if (read) chunks.push(chunk);
      });
      res.on('error', (error) => end(error.code));
      res.on('end', () => {
        const { statusCode: status, headers: of } = res;
        end(status === 200 && bytes !== Number(of['content-length']) ? 'cut' : status, of);
        if (read && status === 200) read((of['content-encoding'] === 'gzip' ? gunzipSync : String)(Buffer.concat(chunks)).toString());
      });
    });
    req.on('error', (error) => {
      if (req.reusedSocket && error.code === 'ECONNRESET') done(ask(base, path, how));
      else end(error.code);
    });
    req.end();
  });
}

/** STATUS -> how many of the answers have it. */
export function tally(answers) {
  const statuses = {};
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
  return statuses;
}

/** How many are neither a map nor "not modified". */
export const failed = (answers) => answers.filter(({ status }) => status !== 200 && status !== 304).length;

export function quantile(numbers, q) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

/** Microseconds of processor time that a process, its threads and its children have used. */
export function processorUs(pid) {
  let ns = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const of = (name) => readFileSync(`/proc/${pid}/task/${thread}/${name}`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
    ns += of('schedstat')[0];
    for (const child of of('children')) ns += 1000 * processorUs(child);
  }
  return ns / 1000;
}
