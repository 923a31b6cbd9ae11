/**
 * A second exchange: Bybit's v5 REST over real HTTP, from the candles of a stand-in for Binance, so that tests can see two
 * exchanges at once. Prices lie `basis` above the first one's and sizes are `size` times as large.
 *
 * fail(how): 'stall' (until release), a status, or null for none.
 */
import { createServer } from 'node:http';
import { StandIn } from './exchange.mjs';

const INTERVALS = { 1: '1m', 5: '5m', 15: '15m', 60: '1h', 240: '4h', D: '1d' };

export class Bybit {
  constructor({ recordings, clock, speed = 0, basis = 0, size = 1 }) {
    this.market = new StandIn({ recordings, clock, speed });
    Object.assign(this, { basis, size, how: null, requests: [], held: new Set() });
    this.server = createServer((req, res) => this.#serve(req, res));
  }

  listen() {
    return new Promise((done) => {
      this.server.listen(0, '127.0.0.1', () => {
        this.url = `http://127.0.0.1:${this.server.address().port}`;
        done(this);
      });
    });
  }

  close() {
    this.release();
    this.server.closeAllConnections?.();
    return new Promise((done) => { this.server.close(done); });
  }

  setClock(time) {
    this.market.setClock(time, 0);
  }

  fail(how) {
    this.how = how;
  }

  release() {
    for (const res of this.held) res.destroy();
    this.held.clear();
    this.how = null;
  }

  count(path) {
    return this.requests.filter((r) => !path || r.startsWith(path)).length;
  }

  #price(text) {
    return (Number(text) + this.basis).toFixed(1);
  }

  #klines(query, now) {
    const asked = new URLSearchParams({ symbol: query.get('symbol'), interval: INTERVALS[query.get('interval')],
      limit: query.get('limit') ?? '200' });
    if (query.has('start')) asked.set('startTime', query.get('start'));
    if (query.has('end')) asked.set('endTime', query.get('end'));
    const rows = this.market.exchange.klines(asked, now);
    const list = rows.map(([t, o, h, l, c, v, , q]) => [String(t), this.#price(o), this.#price(h), this.#price(l),
      this.#price(c), String(Number(v) * this.size), String(Number(q) * this.size)]).reverse();
    return { category: 'linear', symbol: query.get('symbol'), list };
  }

  #ticker(query, now) {
    const recording = this.market.exchange.recording(query);
    const t = this.market.exchange.ticker(recording, now);
    const premium = this.market.exchange.premium(recording, now);
    const interest = Number(this.market.exchange.interest(recording, now).openInterest) * this.size;
    return { category: 'linear', list: [{ symbol: t.symbol, lastPrice: this.#price(t.lastPrice),
      markPrice: this.#price(premium.markPrice), price24hPcnt: String(Number(t.priceChangePercent) / 100),
      highPrice24h: this.#price(t.highPrice), lowPrice24h: this.#price(t.lowPrice),
      turnover24h: t.quoteVolume, volume24h: t.volume, openInterest: String(2 * interest), openInterestValue: '',
      singleOpenInterest: String(interest), fundingRate: premium.lastFundingRate,
      nextFundingTime: String(premium.nextFundingTime) }] };
  }

  #answer(path, query, now) {
    if (path === '/v5/market/kline') return this.#klines(query, now);
    if (path === '/v5/market/tickers') return this.#ticker(query, now);
    if (path === '/v5/market/time') return { timeSecond: String(Math.floor(now / 1000)), timeNano: `${now}000000` };
    if (path === '/v5/market/account-ratio') {
      return { list: [{ symbol: query.get('symbol'), buyRatio: '0.6', sellRatio: '0.4', timestamp: String(now - 60000) }] };
    }
    if (path === '/v5/market/instruments-info') {
      return { category: 'linear', nextPageCursor: '', list: [...this.market.exchange.recordings.keys()].map((symbol) =>
        ({ symbol, contractType: 'LinearPerpetual', status: 'Trading', baseCoin: symbol.replace('USDT', ''),
          quoteCoin: 'USDT', settleCoin: 'USDT', priceFilter: { tickSize: '0.10' } })) };
    }
    return null;
  }

  #serve(req, res) {
    const url = new URL(req.url, 'http://stand-in');
    const now = this.market.now();
    this.requests.push(url.pathname + url.search);
    if (this.how === 'stall') {
      this.held.add(res);
      return;
    }
    if (this.how) {
      res.writeHead(this.how, { 'Content-Type': 'text/plain', Date: new Date(now).toUTCString() });
      res.end('access too frequent');
      return;
    }
    let result = null;
    try {
      result = this.#answer(url.pathname, url.searchParams, now);
    } catch {
      result = null;
    }
    const body = result ? { retCode: 0, retMsg: 'OK', result, retExtInfo: {}, time: now }
      : { retCode: 10001, retMsg: 'Not supported symbols', result: {}, retExtInfo: {}, time: now };
    res.writeHead(200, { 'Content-Type': 'application/json', Date: new Date(now).toUTCString() });
    res.end(JSON.stringify(body));
  }
}
