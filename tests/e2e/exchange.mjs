/**
 * A mock exchange from the command line: the public REST API of an exchange over real HTTP, from recorded or generated
 * candles, on a clock that can be set.  It prints its base URL.
 *
 *   node tests/e2e/exchange.mjs --port 9000 --data DIR --clock 2025-10-10T22:00:00Z
 *
 *   --exchange NAME binance (default), bybit, okx, bitget, gate, kucoin, hyperliquid, htx, binance-spot or binance-coin
 *   --data DIR      folder with klines/, metrics/, funding/ (see tests/mock/recording.mjs); without it the market is generated
 *   --clock TIME    where the exchange's clock starts (default: 2025-10-10T22:00:00Z)
 *   --speed N       how fast it runs; 0 holds it (default 1)
 *   --symbols A,B   which recordings to read (default BTCUSDT,ETHUSDT)
 *   --weight N      refuse above N of its main request limit (default: only count)
 *   --port N        0 picks a free one (default 0); always 127.0.0.1
 *
 * GET and POST /control: see tests/mock/server.mjs.
 */
import { startExchange } from '../mock/exchanges.mjs';

const NUMBERS = ['port', 'speed', 'weight'];
const TEXTS = ['exchange', 'data', 'clock', 'symbols'];

async function main(argv) {
  const options = {};
  for (let i = 0; i < argv.length; i += 2) {
    const name = argv[i].replace(/^--/, '');
    if (![...NUMBERS, ...TEXTS].includes(name) || argv[i + 1] === undefined) {
      throw new Error(`exchange.mjs: ${argv[i]}: see the head of the file for the options`);
    }
    options[name] = NUMBERS.includes(name) ? Number(argv[i + 1]) : argv[i + 1];
  }
  if (options.symbols) options.symbols = options.symbols.split(',');
  const mock = await startExchange(options);
  process.stdout.write(`${mock.base}\n`);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => { mock.close().then(() => process.exit(0)); });
  }
}

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
});
