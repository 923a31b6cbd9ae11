/* Serves the bundled page under the headers of production and answers the API by
 * itself, in whatever state a test asks for.
 *
 *     node tests/web/mock-server.mjs [--port 8090] [--state demo] [--source]
 *
 * --source: the page as it is written, in www/
 */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compactOf } from './compact.mjs';
import { makeDepth, makeExecuted, makeExplanation, makeSingle, makeVolume, makeWatch } from './mock-answers.mjs';
import { EXCHANGE_NOW, SYMBOLS, makeSnapshot } from './mock-market.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LIBRARY = join(ROOT, 'node_modules/lightweight-charts/dist/lightweight-charts.standalone.production.mjs');
const INTERVALS = ['5m', '15m', '1h', '4h', '1d'];
const BARS = [100, 200, 500, 1000, 1500];
const TYPES = {
    '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.mjs': 'text/javascript',
    '.svg': 'image/svg+xml', '.webmanifest': 'application/manifest+json', '.png': 'image/png',
};
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export const STATES = {
    live: {},
    demo: { extra: { source: 'demo', exchange: 'demo', market: 'simulated' } },
    file: { extra: { source: 'file', exchange: '', market: 'file' } },
    stale: { extra: { stale: true, stale_reason: 'binance: timed out' }, ageMs: 185000, maxAge: 0 },
    degraded: { openInterest: false, extra: { warnings: ['open interest: unknown, dollars are not shown', 'funding: unavailable'] } },
    blocked: { status: 503, retryAfter: 30, error: { code: 'exchange_blocked', message: 'binance refuses this region (HTTP 451); bybit timed out.' } },
    several: {
        extra: {
            exchange: 'all', market: 'all',
            exchanges: [
                { name: 'binance', included: true, share: 0.62, open_interest_usd: 8.9e9, age_ms: 1500, stale: false, reason: null, engine_interval: '15m', contract: 'linear',
                    limits: { max_leverage: 125, maintenance_margin_rate: 0.004, inverse: false, source: 'documented' }, warnings: [] },
                { name: 'okx', included: true, share: 0.38, open_interest_usd: 3.1e9, age_ms: 95000, stale: true, reason: 'timed out', engine_interval: '15m', warnings: ['funding: unavailable'] },
                { name: 'bybit', included: false, share: null, open_interest_usd: null, age_ms: null, stale: false, reason: 'refuses this region', engine_interval: null, warnings: [] },
                { name: 'gate', included: false, share: 0, open_interest_usd: null, age_ms: null, stale: false, reason: 'gate: request budget used up: free in 9 s',
                    engine_interval: '15m', warnings: [] },
            ],
            incomplete: ['gate'],
            warnings: ['gate is excluded for now: gate: request budget used up: free in 9 s', 'bybit is excluded: refuses this region'],
        },
    },
    fallback: { extra: { exchange: 'bybit', fallback: { from: 'binance', code: 'blocked', reason: 'binance refuses this region (HTTP 451)' } } },
    garbage: { extra: { grid: { rows: 2 } } },
};

/** Maps by what they were asked with: the same for every test of a file. */
const made = new Map();

/** What a test finds. */
const usual = () => ({ state: 'live', extra: {}, now: EXCHANGE_NOW, maxAge: 20, hold: null, retryAfter: null, exchanges: ['binance'], symbols: SYMBOLS, othersFail: false, takers: true, depth: {}, executed: {}, requests: [], etags: new Set() });

/**
 * Start on a port the system picks.
 *
 * The returned `mock` is the switchboard: `state` one of STATES, `extra` what else
 * is different in the map's answer, `now` the exchange's clock, `maxAge` seconds, `hold` a promise every answer waits for,
 * `requests` what came to the API.  `source`: the page as it is written.
 * `folder`: a bundled page that lies elsewhere.  `begin()` makes it as new for
 * another test: what says by a header that it is of one before is dropped.
 */
export async function startMock({ port = 0, prefix = '', source = false, folder = join(ROOT, 'build/www') } = {}) {
    const mock = { folder, source, prefix, test: 0, ...usual(), url: '', close: null, begin: () => Object.assign(mock, usual(), { test: mock.test + 1 }) };
    const server = createServer((request, response) => {
        handle(mock, prefix, request, response).catch((error) => {
            response.writeHead(500, { 'Content-Type': 'text/plain' });
            response.end(String(error));
        });
    });
    await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
    mock.url = `http://127.0.0.1:${server.address().port}${prefix}/`;
    mock.close = () => new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
    });
    return mock;
}

async function handle(mock, prefix, request, response) {
    const url = new URL(request.url, 'http://mock');
    const path = url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length) : '/none';
    if (path.startsWith('/api/v1/'))
        await answerApi(mock, path.slice(8), url, request, response);
    else
        await answerFile(path, mock, response);
}

async function answerFile(path, { source, folder }, response) {
    const clean = normalize(path === '/' ? '/index.html' : decodeURIComponent(path));
    const file = source && clean === '/vendor/lightweight-charts.mjs' ? LIBRARY : join(source ? join(ROOT, 'www') : folder, clean);
    const body = await readFile(file).catch(() => null);
    response.writeHead(body ? 200 : 404, {
        'Content-Type': TYPES[extname(file)] ?? 'text/plain',
        'Content-Security-Policy': CSP,
        'X-Content-Type-Options': 'nosniff',
        'Cache-Control': body && clean.startsWith('/static/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    });
    response.end(body ?? 'no such file');
}

async function answerApi(mock, route, url, request, response) {
    if (Number(request.headers['x-test'] ?? mock.test) !== mock.test)
        return response.destroy();
    const entry = { route, query: url.search, status: 0, aborted: false };
    mock.requests.push(entry);
    response.on('close', () => { entry.aborted = !response.writableFinished; });
    if (route === 'heatmap' && mock.hold)
        await mock.hold;
    const send = (status, headers, body) => {
        entry.status = status;
        response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Access-Control-Allow-Origin': '*', ...headers });
        response.end(body);
    };
    if (route === 'symbols')
        return send(200, {}, JSON.stringify({ api: 1, exchanges: mock.exchanges.map((exchange) => ({ exchange, market: 'usdm-perpetual', source: 'live', intervals: INTERVALS, listed: true, symbols: mock.symbols.map((symbol) => ({ symbol, base: symbol.slice(0, -4), tick: null })) })), bars: BARS, warnings: [] }));
    if (route === 'profile' || route === 'explain')
        return answerOther(mock, route, url.searchParams, send);
    if (route === 'volume')
        return answerVolume(mock, url.searchParams, send);
    if (route === 'depth')
        return answerDepth(mock, url.searchParams, send);
    if (route === 'liquidations')
        return answerExecuted(mock, url.searchParams, send);
    if (route === 'watch')
        return answerWatch(mock, url.searchParams, send);
    if (route !== 'heatmap')
        return send(404, {}, JSON.stringify({ error: { code: 'not_found', message: 'No such route.' } }));
    return answerHeatmap(mock, url.searchParams, request, send);
}

/** What a query asks of the model. */
function askedOf(query, mock) {
    return {
        symbol: query.get('symbol'), interval: query.get('interval'), bars: Number(query.get('bars')), now: mock.now,
        openInterest: STATES[mock.state].openInterest ?? true,
        tiers: query.has('tiers') ? query.get('tiers').split(',').map(Number) : undefined,
        side: query.get('side') ?? 'both', range: query.get('model') ? 0 : Number(query.get('range') ?? 0),
    };
}

function answerVolume(mock, query, send) {
    if (mock.othersFail)
        return send(503, {}, JSON.stringify({ error: { code: 'busy', message: 'The exchange is busy.' } }));
    return send(200, {}, JSON.stringify(makeVolume(askedOf(query, mock), query.get('exchange'), mock.takers)));
}

/* mock.depth: an error {status, code, message}, or what is different in the answer. */
function answerDepth(mock, query, send) {
    const { status = 200, code, message, ageMs = 1000, ...more } = mock.depth;
    if (status !== 200)
        return send(status, {}, JSON.stringify({ error: { code, message } }));
    const asked = { symbol: query.get('symbol'), interval: '1h', bars: 500, now: mock.now };
    return send(200, { 'X-Liqmap-Age-Ms': String(ageMs) }, JSON.stringify(makeDepth(makeSnapshot(asked), query.get('exchange'), more)));
}

/* mock.executed: as mock.depth. */
function answerExecuted(mock, query, send) {
    const { status = 200, code, message, ...more } = mock.executed;
    if (status !== 200)
        return send(status, {}, JSON.stringify({ error: { code, message } }));
    const end = query.get('end') === null ? mock.now : Date.parse(query.get('end'));
    return send(200, {}, JSON.stringify(makeExecuted({ ...askedOf(query, mock), now: end }, query.get('exchange') ?? 'all', more)));
}

async function answerOther(mock, route, query, send) {
    const refuse = (status, code, message) => send(status, {}, JSON.stringify({ error: { code, message } }));
    const asked = askedOf(query, mock);
    if (mock.othersFail)
        return refuse(503, 'busy', 'The model is busy.');
    if (route === 'explain') {
        const explanation = makeExplanation(asked, { time: Number(query.get('time')), price: Number(query.get('price')) });
        return explanation ? send(200, {}, JSON.stringify(explanation)) : refuse(400, 'bad_price', 'price is off the axis');
    }
    if (query.get('model') !== 'single')
        return refuse(500, 'unexpected', 'the page has the profile of the map');
    const knobs = Object.fromEntries(['leverage', 'margin_rate', 'lambda', 'range'].map((name) => [name, Number(query.get(name))]));
    if (knobs.margin_rate >= 1 / knobs.leverage)
        return refuse(400, 'bad_value', 'margin_rate must be below 1/leverage');
    return send(200, {}, JSON.stringify(makeSingle(asked, knobs)));
}

function answerWatch(mock, query, send) {
    if (mock.othersFail)
        return send(503, {}, JSON.stringify({ error: { code: 'busy', message: 'The model is busy.' } }));
    const asked = askedOf(query, mock);
    const symbols = query.get('symbols').split(',').map((symbol) => (SYMBOLS.includes(symbol) ? symbol
        : { symbol, error: { code: 'unknown_symbol', message: `${symbol} is not listed by any exchange` } }));
    return send(200, { 'Cache-Control': `public, max-age=${mock.maxAge}` }, JSON.stringify(makeWatch(asked, symbols)));
}

function answerHeatmap(mock, query, request, send) {
    const state = STATES[mock.state];
    const [symbol, interval, bars] = [query.get('symbol'), query.get('interval'), Number(query.get('bars'))];
    if (state.error) {
        return send(state.status, { 'Retry-After': String(mock.retryAfter ?? state.retryAfter), 'Cache-Control': 'no-store' },
            JSON.stringify({ error: state.error }));
    }
    if (!SYMBOLS.includes(symbol))
        return send(400, {}, JSON.stringify({ error: { code: 'bad_symbol', message: `No exchange lists ${symbol}.`, allowed: SYMBOLS } }));
    if (!INTERVALS.includes(interval) || !BARS.includes(bars))
        return send(400, {}, JSON.stringify({ error: { code: 'bad_interval', message: 'Unknown interval or bars.', allowed: INTERVALS } }));
    const end = query.get('end') === null ? NaN : Date.parse(query.get('end'));
    const past = Number.isFinite(end);
    if (past && end > mock.now)
        return send(400, {}, JSON.stringify({ error: { code: 'bad_end', message: 'end lies in the future' } }));
    const now = past ? end : mock.now;
    const asked = { ...askedOf(query, mock), now };
    /* All that the map depends on. */
    const map = [mock.state, symbol, interval, bars, now, past, mock.now, asked.tiers, asked.openInterest, asked.side, asked.range, JSON.stringify(mock.extra)].join();
    const cursor = createHash('sha1').update(map).digest('hex').slice(0, 16);
    const compact = query.get('format') === 'compact';
    const key = map + (compact ? ' compact' : '');
    if (!made.has(key)) {
        const snapshot = { ...makeSnapshot({ ...asked, ...state, ...past && { extra: { generated_at: mock.now, data_time: mock.now } } }), ...mock.extra, cursor };
        made.set(key, JSON.stringify(compact ? compactOf(snapshot) : snapshot));
    }
    const body = made.get(key);
    const etag = `"${cursor}"`;
    const headers = {
        ETag: etag,
        'Cache-Control': `public, max-age=${state.maxAge ?? mock.maxAge}`,
        'X-Liqmap-Age-Ms': String(state.ageMs ?? 1200),
        Vary: 'Accept-Encoding',
    };
    /* What the browser keeps of a test before does not count. */
    if (request.headers['if-none-match'] === etag && mock.etags.has(etag))
        return send(304, headers, undefined);
    mock.etags.add(etag);
    /* What changed: nothing, or as after a restart the whole map. */
    return send(200, headers, query.get('since') === cursor ? JSON.stringify({ since: cursor, cursor }) : body);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const { values } = parseArgs({ options: { port: { type: 'string', default: '8090' }, state: { type: 'string', default: 'live' }, source: { type: 'boolean', default: false } } });
    const mock = await startMock({ port: Number(values.port), source: values.source });
    mock.state = values.state;
    process.stdout.write(`${mock.url} (${mock.state})\n`);
}
