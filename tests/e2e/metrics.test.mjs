/** /metrics: well-formed, true to what happened, and what the examples for Prometheus and Grafana name. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ROOT, get, startNginx, startSite } from './harness.mjs';

const CLOCK = Date.UTC(2025, 9, 10, 22, 7, 30);
const SAMPLE = /^(liqmap_[a-z_]+)(?:\{((?:[a-z]+="[^"\\\n]*",?)*)\})? (\S+)$/;

/* The samples as [name, labels as text, value], after a check of every line. */
function parse(text) {
  const types = new Map();
  return text.trimEnd().split('\n').flatMap((line) => {
    const [, name, type] = line.match(/^# TYPE (\S+) (counter|gauge|histogram)$/) ?? [];
    if (name) {
      assert.ok(!types.has(name), `${name} twice`);
      types.set(name, type);
    }
    if (line.startsWith('#')) return [];
    const [, sample, labels = '', value] = line.match(SAMPLE) ?? assert.fail(line);
    const family = sample.replace(/_(bucket|sum|count)$/, '');
    assert.ok(types.has(sample) || types.get(family) === 'histogram', `${sample} has a type before it`);
    assert.ok(Number.isFinite(Number(value)), line);
    return [[sample, labels, Number(value)]];
  });
}

describe('metrics', () => {
  let site;
  before(async () => {
    site = await startSite({ names: ['binance', 'bybit'], mocks: { clock: CLOCK, speed: 0 }, settings: { 'cache.ttl_ms': 600000 } });
  });
  after(() => site?.stop());
  const metrics = async (url = site.web.url) => {
    const answer = await get(url, '/metrics');
    assert.equal(answer.status, 200);
    assert.match(answer.headers['content-type'], /^text\/plain; version=0\.0\.4/);
    assert.equal(answer.headers['cache-control'], 'no-store');
    return parse(answer.text);
  };
  const value = (samples, name, labels = '') => samples.find((s) => s[0] === name && s[1] === labels)?.[2];

  it('counts requests, the model, the cache and the exchanges', async () => {
    for (let i = 0; i < 3; i++) assert.equal((await site.get('heatmap?exchange=binance&bars=100&rows=50')).status, 200);
    assert.equal((await site.get('heatmap?bars=7')).status, 400);
    assert.equal((await site.get('nowhere')).status, 404);
    site.mocks.by.bybit.fault({ path: '*', kind: 'status', status: 500 });
    assert.equal((await site.get('klines?exchange=bybit&bars=100')).status, 502);
    const samples = await metrics();
    assert.equal(value(samples, 'liqmap_requests_total', 'route="heatmap",status="200"'), 3);
    assert.equal(value(samples, 'liqmap_requests_total', 'route="heatmap",status="400"'), 1);
    assert.equal(value(samples, 'liqmap_requests_total', 'route="none",status="404"'), 1);
    assert.equal(value(samples, 'liqmap_requests_total', 'route="klines",status="502"'), 1);
    assert.equal(value(samples, 'liqmap_request_duration_seconds_count', 'route="heatmap"'), 4);
    assert.equal(value(samples, 'liqmap_request_duration_seconds_bucket', 'route="heatmap",le="+Inf"'), 4);
    assert.equal(value(samples, 'liqmap_model_runs_total'), 1);
    assert.ok(value(samples, 'liqmap_cache_hits_total', 'kind="response"') >= 2);
    assert.ok(value(samples, 'liqmap_cache_bytes', 'kind="series"') > 10_000);
    /* Who accepts no gzip shares one copy of the plain bytes. */
    assert.equal(value(samples, 'liqmap_cache_entries', 'kind="plain"'), 1);
    assert.ok(value(samples, 'liqmap_cache_bytes', 'kind="plain"') > 16_384);
    assert.equal(value(samples, 'liqmap_cache_parked', 'kind="response"'), 0);
    const { binance } = site.mocks.by;
    assert.equal(value(samples, 'liqmap_exchange_good_total', 'exchange="binance"'), binance.requests.length);
    assert.equal(value(samples, 'liqmap_exchange_failed_total', 'exchange="binance"'), 0);
    assert.ok(value(samples, 'liqmap_exchange_failed_total', 'exchange="bybit"') > 0);
    assert.ok(value(samples, 'liqmap_exchange_weight_used', 'exchange="binance"') > 0);
    assert.ok(value(samples, 'liqmap_exchange_weight_left', 'exchange="binance"') > 0);
    assert.ok(value(samples, 'liqmap_series_age_seconds', 'exchange="binance",symbol="BTCUSDT",interval="1h"') >= 0);
    assert.equal(value(samples, 'liqmap_log_lines_dropped_total'), 0);
    assert.ok(value(samples, 'liqmap_uptime_seconds') > 0);
  });

  it('through nginx as well, for this machine', async () => {
    const nginx = await startNginx(site.daemon.socket);
    try {
      assert.ok(value(await metrics(nginx.url), 'liqmap_requests_total', 'route="metrics",status="200"') >= 1);
    } finally {
      await nginx.stop();
    }
  });

  it('what the alerts and the dashboard name is served', async () => {
    const served = new Set((await metrics()).map(([name]) => name));
    const dashboard = JSON.parse(readFileSync(join(ROOT, 'conf/grafana-dashboard.json'), 'utf8'));
    assert.ok(dashboard.panels.length > 8);
    for (const text of [readFileSync(join(ROOT, 'conf/alerts.yml'), 'utf8'),
      ...dashboard.panels.flatMap((panel) => panel.targets.map((target) => target.expr))]) {
      const named = [...text.matchAll(/liqmap_[a-z_]+/g)].map(([name]) => name);
      assert.ok(named.length > 0, text);
      for (const name of named) assert.ok(served.has(name), name);
    }
  });
});
