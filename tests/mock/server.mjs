/**
 * A mock exchange: the public REST API of one exchange over real HTTP, from candles of recording.mjs, on a clock that
 * can be set, with the exchange's own spellings, paging, limits and errors.  What differs between exchanges is their
 * definition (binance.mjs and its neighbours):
 *
 *   name, prefix   "gate", "/api/v4": the base URL is the server's and the prefix
 *   pools, ban     request limits, see limits.mjs; sharesLimits: the exchange whose limits they are
 *   contracts(symbol)       [how ...] that a recording is listed as, see Contract
 *   routes         endpoint -> {costs(call, value): [[pool, weight] ...], answer(call): value}; a path, or what
 *                  endpoint(url, body) makes of a request
 *   body(value, call)       the value in its envelope
 *   refused(error, call)    {status, body} of a Refusal
 *   limited(over, call)     {status, body, retryAfter} of a request above the limits
 *   failures       HTTP status -> body, for faults
 *   headers(mock, costs, call)  what comes with every response
 * A call is {mock, query, posted, path, now}.
 *
 * GET /control gives clock, counts and requests; POST /control takes one object:
 *   {"clock": "2025-10-10T22:05:00Z" | ms, "speed": 0}
 *   {"fault": {"path": ENDPOINT | "*", "match": "interval=1m", "times": 1, "kind":
 *      "stall"    no response until released (or for "ms")        "delay"  the response after "ms"
 *      "status"   "status": 429, "retry_after": 7, "body": "..."   "missing"  404
 *      "cut"      half of the body, then the connection closes     "empty", "garbage", "html"
 *      "types"    right shape, wrong types                         "body"   "body": "..."
 *      "edit"     what "edit" (a function, so only from within the process) makes of the value}}
 *   {"drop": "open_interest"}   none is published, as some symbols really do
 *   {"size": 0.5}               open interest, as a share of the recording's
 *   {"ban": 2400 | null}        refuse above this weight; null: only count
 *   {"release": true}           respond to what is stalled
 *   {"clear": true}             end faults, drop and ban
 *   {"forget": true}            count from zero
 */
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { Limits } from './limits.mjs';
import { Clock, Contract, Refusal } from './market.mjs';

/* The same shape with every leaf of another type than it should have. */
function wrongTypes(value) {
  if (Array.isArray(value)) return value.map(wrongTypes);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, wrongTypes(v)]));
  }
  return typeof value === 'number' ? { not: 'a number' } : null;
}

const MISSING = { status: 404, body: '<html><body>404 Not found</body></html>' };
const GARBAGE = '\u0000\u0001{"]]}{[[1,2,"\ufffd';
const MAINTENANCE = '<!doctype html><html><title>Maintenance</title><p>We will be back soon.</html>';
/* Longer than any test, so that connections are closed by nobody but the client. */
const KEEP_ALIVE_MS = 600_000;
/* Enough for short bodies and long ones, and far quicker to set up than the defaults. */
const GZIP = { level: 1, windowBits: 12, memLevel: 5 };
/* Bytes; shorter bodies go as they are, as most servers have it. */
const GZIP_LEAST = 1000;

export class MockExchange {
  /**
   * @param {object} definition  see the head of this file
   * @param {object} options
   *     recordings  what is listed
   *     clock       a Clock, shared or not
   *     bps         how far its prices lie above the recording's, basis points
   *     share       its volume as a share of the recording's
   *     size        its open interest as a share of the recording's, or a function of the time
   *     enforce     refuse what exceeds a limit (else it is only counted)
   *     rows        rows per page of lists, where a definition makes it adjustable
   */
  constructor(definition, { recordings, clock, bps = 0, share = 1, size = share, enforce = false, rows = {} }) {
    Object.assign(this, { definition, name: definition.name, clock, bps, share, size, rows, openInterest: true });
    this.limits = new Limits(definition.pools, { ban: definition.ban, enforce });
    this.contracts = new Map();
    for (const recording of recordings) this.list(recording);
    this.faults = [];
    this.stalled = new Set();
    this.sockets = new Set();
    this.pages = new Map();
    this.pagesOf = [];
    this.forget();
    this.server = createServer((req, res) => this.#read(req, res));
    this.server.keepAliveTimeout = KEEP_ALIVE_MS;
    this.server.on('connection', (socket) => {
      this.connections++;
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => {});
    });
  }

  /** Add what a recording is traded as here. */
  list(recording) {
    for (const how of this.definition.contracts(recording.symbol)) {
      this.contracts.set(how.name, new Contract(recording, how, this));
    }
  }

  sizeAt(t) {
    return typeof this.size === 'function' ? this.size(t) : this.size;
  }

  /** The contract a query names; throws what the definition makes of an unknown one. */
  contract(name, refusal) {
    const found = this.contracts.get(name);
    if (!found) throw refusal;
    return found;
  }

  now() {
    return this.clock.now();
  }

  setClock(time, speed) {
    this.clock.set(time, speed);
  }

  /** Make an endpoint fail; see the head of this file. */
  fault(fault) {
    this.faults.push({ times: Infinity, ...fault });
  }

  drop(what) {
    if (what !== 'open_interest') throw new Refusal(0, `cannot drop ${what}`);
    this.openInterest = false;
  }

  /** End every fault, drop and ban; stalled requests are cut. */
  clear() {
    this.faults = [];
    this.openInterest = true;
    this.limits.reset();
    for (const { res } of this.stalled) res.destroy();
    this.stalled.clear();
  }

  /** Let stalled requests have their responses after all. */
  release() {
    this.faults = this.faults.filter((f) => f.kind !== 'stall');
    for (const { respond } of this.stalled) respond();
    this.stalled.clear();
  }

  forget() {
    this.requests = [];
    this.connections = 0;
    this.limits.reset();
  }

  /** How many requests came, of one endpoint or of all. */
  count(endpoint = null) {
    return this.requests.filter((r) => endpoint === null || r.path === endpoint).length;
  }

  state() {
    const counts = {};
    for (const { path } of this.requests) counts[path] = (counts[path] ?? 0) + 1;
    return { exchange: this.name, clock: this.now(), speed: this.clock.speed, counts, connections: this.connections,
      weight_used: this.limits.used, weight_most: this.limits.most, exceeded: this.limits.exceeded,
      faults: this.faults, requests: this.requests };
  }

  listen(port = 0) {
    return new Promise((done, failed) => {
      this.server.once('error', failed);
      this.server.listen(port, '127.0.0.1', () => {
        this.port = this.server.address().port;
        this.url = `http://127.0.0.1:${this.port}`;
        /** What goes into exchange.NAME.base_url. */
        this.base = this.url + (this.definition.prefix ?? '');
        done(this);
      });
    });
  }

  close() {
    for (const socket of this.sockets) socket.destroy();
    /* A test file's variables outlive its tests, and other files follow in the same process. */
    this.pages.clear();
    return new Promise((done) => { this.server.close(done); });
  }

  #read(req, res) {
    let text = '';
    req.on('data', (chunk) => { text += chunk; });
    req.on('end', () => {
      const url = new URL(req.url, this.url);
      if (url.pathname === '/control') this.#control(req, res, text);
      else this.#serve(req, res, url, text);
    });
  }

  #call(url, text) {
    const path = url.pathname.replace(this.definition.prefix ?? '', '');
    let posted = null;
    try {
      posted = text && JSON.parse(text);
    } catch {
      posted = null;
    }
    const endpoint = this.definition.endpoint?.(path, posted) ?? path;
    return { mock: this, endpoint, path, query: url.searchParams, posted, now: this.now(),
      route: this.definition.routes[endpoint] ?? this.definition.route?.(path) };
  }

  #serve(req, res, url, text) {
    const call = this.#call(url, text);
    call.key = `${url.pathname}${url.search} ${text}`;
    const fault = this.faults.find((f) => f.times > 0 && (f.path === '*' || f.path === call.endpoint) &&
      (url.search + text).includes(f.match ?? ''));
    if (fault) fault.times--;
    const answer = this.#answer(call, fault);
    this.requests.push({ path: call.endpoint, query: url.search || text, weight: answer.costs[0][1],
      costs: answer.costs, now: call.now, at: Date.now(), status: answer.status });
    for (const [name, value] of Object.entries(answer.headers)) res.setHeader(name, String(value));
    this.#send(req, res, call.now, answer, fault);
  }

  /* What the route says, with its serialised body: {value, body}; kept for who asks the same while nothing has changed. */
  #page(call) {
    const moment = [call.now, this.bps, this.share, this.size, this.openInterest, this.contracts.size, this.rows, this.liquidations];
    if (moment.some((part, i) => part !== this.pagesOf[i])) {
      this.pagesOf = moment;
      this.pages.clear();
    }
    let page = this.pages.get(call.key);
    if (!page) {
      const value = call.route.answer(call);
      page = { value, body: JSON.stringify(this.definition.body?.(value, call) ?? value) };
      this.pages.set(call.key, page);
    }
    return page;
  }

  /* What a fault makes of the route's value. */
  #damaged(call, fault) {
    const value = call.route.answer(call);
    const edited = fault.kind === 'edit' ? fault.edit(value, call) : value;
    const whole = this.definition.body?.(edited, call) ?? edited;
    return { value, body: JSON.stringify(fault.kind === 'types' ? wrongTypes(whole) : whole) };
  }

  /* {status, body, costs, headers, retryAfter} */
  #answer(call, fault) {
    const { definition } = this;
    let answer = MISSING;
    try {
      if (call.route) {
        const needed = !['status', 'missing'].includes(fault?.kind);
        const damaged = ['edit', 'types'].includes(fault?.kind);
        const page = damaged ? this.#damaged(call, fault) : needed ? this.#page(call) : {};
        answer = { status: 200, page, value: page.value, body: page.body };
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      answer = definition.refused(error, call);
    }
    const costs = call.route?.costs(call, answer.value) ?? [[Object.keys(this.limits.pools)[0], 0]];
    const over = this.limits.spend(costs);
    const headers = definition.headers?.(this, costs, call) ?? {};
    if (fault?.kind === 'missing') return { ...MISSING, costs, headers };
    if (fault?.kind === 'status') {
      const words = definition.failures[fault.status] ?? '';
      return { status: fault.status, costs, headers, retryAfter: fault.retry_after,
        body: fault.body ?? (typeof words === 'function' ? words(this.limits.bannedUntil || call.now + 120_000) : words) };
    }
    if (over) return { costs, headers, ...definition.limited(over, call) };
    return { costs, headers, ...answer };
  }

  #later(fault, res, respond) {
    const entry = { res, respond };
    this.stalled.add(entry);
    if (fault.ms === undefined) return;
    setTimeout(() => { if (this.stalled.delete(entry)) respond(); }, fault.ms).unref();
  }

  #send(req, res, now, answer, fault) {
    if (fault?.kind === 'stall' || fault?.kind === 'delay') {
      this.#later(fault, res, () => this.#send(req, res, now, answer, null));
      return;
    }
    const bodies = { garbage: GARBAGE, html: MAINTENANCE, empty: '', body: fault?.body };
    const text = fault && fault.kind in bodies ? bodies[fault.kind] : answer.body;
    let body = Buffer.from(text);
    /* The exchange's clock, not the machine's. */
    res.setHeader('Date', new Date(now).toUTCString());
    res.setHeader('Content-Type', /^\s*</.test(text) ? 'text/html' : 'application/json;charset=UTF-8');
    if (answer.retryAfter !== undefined) res.setHeader('Retry-After', String(answer.retryAfter));
    if (body.length >= GZIP_LEAST && /\bgzip\b/.test(req.headers['accept-encoding'] ?? '')) {
      const page = text === answer.page?.body ? answer.page : {};
      page.zipped ??= gzipSync(body, GZIP);
      body = page.zipped;
      res.setHeader('Content-Encoding', 'gzip');
    }
    res.setHeader('Content-Length', body.length);
    res.writeHead(answer.status);
    if (fault?.kind === 'cut') res.write(body.subarray(0, body.length >> 1), () => res.socket?.destroy());
    else res.end(body);
  }

  #control(req, res, text) {
    let status = 200;
    let body;
    try {
      if (req.method === 'POST') this.command(JSON.parse(text));
      body = this.state();
    } catch (error) {
      status = 400;
      body = { error: error.message };
    }
    res.writeHead(status, { 'Content-Type': 'application/json' });
    res.end(JSON.stringify(body));
  }

  /** What POST /control takes. */
  command(c) {
    if ('clear' in c) this.clear();
    if ('release' in c) this.release();
    if ('forget' in c) this.forget();
    if ('clock' in c) this.setClock(c.clock);
    if ('speed' in c) this.setClock(this.now(), c.speed);
    if ('fault' in c) this.fault(c.fault);
    if ('drop' in c) this.drop(c.drop);
    if ('size' in c) this.size = c.size;
    if ('ban' in c) this.limits.set(c.ban);
  }
}

export { Clock, Refusal };
