/**
 * Write docs/truth.md, and www/truth.txt with the same words: liqmap report over a folder of recorded market data.
 *   node scripts/truth.mjs FOLDER [OUTPUT]
 * FOLDER has klines/, metrics/ and liquidations/.  The words of the figures are
 * the command's own.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const [folder, output = join(ROOT, 'docs/truth.md')] = process.argv.slice(2);
if (!folder) {
  console.error('usage: node scripts/truth.mjs FOLDER [OUTPUT]');
  process.exit(2);
}

const candles = (name) => `klines/${name}.csv.gz`;
const metrics = (name) => ['--metrics', `metrics/${name}.csv.gz`];
const orders = (name) => ['--liquidations', `liquidations/${name}.csv`];

/** Name in the tables, and the command's words. */
const RUNS = [
  ['BTC perpetual 2025', candles('um_BTCUSDT_5m_2025-07-04_2025-10-31'),
    ...metrics('um_BTCUSDT_metrics_5m_2025-07-01_2025-10-31')],
  ['ETH perpetual 2025', candles('um_ETHUSDT_5m_2025-07-04_2025-10-31'), '--symbol', 'ETHUSDT',
    ...metrics('um_ETHUSDT_metrics_1h_2025-07-01_2025-10-31')],
  ['BTC perpetual 2025, bars of 4h', candles('um_BTCUSDT_5m_2025-07-04_2025-10-31'), '--display', '4h',
    ...metrics('um_BTCUSDT_metrics_5m_2025-07-01_2025-10-31')],
  ['BTC perpetual early 2026', candles('um_BTCUSDT_1h_2026-02-01_2026-03-19'),
    ...metrics('um_BTCUSDT_metrics_5m_2026-02-01_2026-02-20')],
  ['BTC perpetual 2024 to 2025, 4h', candles('um_BTCUSDT_4h_2024-02-28_2025-10-31'),
    ...metrics('um_BTCUSDT_metrics_1h_2022-01-01_2025-06-30'),
    ...metrics('um_BTCUSDT_metrics_5m_2025-07-01_2025-10-31')],
  ['BTC perpetual 2020 to 2025, 1d', candles('um_BTCUSDT_1d_2020-05-31_2025-10-31_long')],
  ['BTC spot 2021 to 2025, 1h', candles('spot_BTCUSDT_1h_2021-04-03_2024-04-30'),
    candles('spot_BTCUSDT_1h_2024-05-01_2025-05-30'), candles('spot_BTCUSDT_1h_2025-05-19_2025-09-21'),
    ...metrics('um_BTCUSDT_metrics_1h_2022-01-01_2025-06-30'),
    ...orders('binance_um_force_orders_2024-08-17_2024-08-18'),
    ...orders('binance_um_force_orders_2025-06-18_2025-06-23')],
  ['ETH spot 2024 to 2025, 1h', candles('spot_ETHUSDT_1h_2024-05-01_2025-05-30'), '--symbol', 'ETHUSDT'],
  ['BTC spot early 2024', candles('spot_BTCUSDT_5m_2024-01-01_2024-03-31')],
  ['BTC spot April 2023', candles('spot_BTCUSDT_1m_2023-04-05_2023-05-05')],
  ['BTC spot summer 2022', candles('spot_BTCUSDT_5m_2022-07-14_2022-08-16')],
];

const run = (args) => execFileSync(join(ROOT, 'build/liqmap'), ['report', ...args],
  { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 });
const reports = RUNS.map(([name, ...args]) => ({ name, args, json: JSON.parse(run([...args, '--json'])) }));

const digits = (x) => (Math.abs(x) >= 10 ? 1 : 2);
const signed = (x) => `${x < 0 ? '−' : '+'}${Math.abs(x).toFixed(digits(x))}`;
const day = (ms) => new Date(ms).toISOString().slice(0, 10);
const number = (n) => n.toLocaleString('en-US');
const figure = (json, measure, what, map = 'map') =>
  json.measures[measure].figures.find((f) => f.map === map && f.what === what);

/** "+0.1 [−0.2, +0.4]", bold where it is established. */
function cell(f) {
  if (!f) return 'no input';
  if (f.value === null) return `too few (${f.n})`;
  const text = `${signed(f.value)} [${signed(f.low)}, ${signed(f.high)}]`;
  if (f.verdict === 'a placebo scores') return `${text}, a placebo scores`;
  return f.verdict === 'established' ? `**${text}**` : text;
}

function table(columns) {
  const lines = [`| data | ${columns.map(([title]) => title).join(' | ')} |`,
    `|---|${columns.map(() => '---|').join('')}`];
  for (const { name, json } of reports) lines.push(`| ${name} | ${columns.map(([, of]) => of(json)).join(' | ')} |`);
  return lines.join('\n');
}

const rows = (measure, what) => (json) => {
  const f = figure(json, measure, what);
  return f ? `${number(f.n)} / ${f.blocks}` : '';
};
const of = (measure, what) => (json) => cell(figure(json, measure, what));

/** A sentence on how many of the runs exclude zero. */
function count(measure, what) {
  const known = reports.map(({ json }) => figure(json, measure, what)).filter((f) => f && f.value !== null);
  const spoiled = known.filter((f) => f.verdict === 'a placebo scores').length;
  const yes = known.filter((f) => f.verdict === 'established');
  const up = yes.filter((f) => f.low > f.nothing).length;
  const values = known.map((f) => f.value);
  return `of ${known.length} runs that could be judged, intervals exclude zero upward in ${up}, downward in ${yes.length - up}` +
    `${spoiled ? `; a placebo scores too in ${spoiled}` : ''}; nothing is established in ${known.length - yes.length - spoiled}` +
    ` (values ${signed(Math.min(...values))} to ${signed(Math.max(...values))}).`;
}

const placebos = reports.flatMap(({ json }) => Object.values(json.measures).flatMap((m) => m.figures))
  .filter((f) => f.map !== 'map' && f.value !== null);
const broken = placebos.filter((f) => f.verdict === 'BROKEN');
const cells = reports.flatMap(({ json }) => json.measures.touch.figures)
  .filter((f) => f.map === 'map' && f.what !== 'all distances' && f.value !== null);
const { model, draws, seed } = reports[0].json;

const text = `# What the map has been worth

This page is written by \`node scripts/truth.mjs FOLDER\`: \`liqmap report\` over recorded market
data, whatever comes out. \`liqmap report --help\` lists the options; the same command on files of your
own repeats it, and \`--html FILE\` draws it.

Model ${model.name} version ${model.version}: leverages ${model.tiers.map((t) => t.leverage).join(', ')};
standing shares ${model.tiers.map((t) => t.standing_share).join(', ')}; half-lives
${model.tiers.map((t) => t.half_life_hours).join(', ')} h; leverage spread ${model.leverage_spread}; round-number share
${model.round_number_share}; maintenance margin rate ${model.maintenance_margin_rate}. ${draws} resamples of whole UTC days
(weeks where a run spans more than two years), seed ${seed}. Intervals hold 95 %; bold ones exclude zero.

## In short

- **Reported liquidations: not measured here.** This data has two short lists of single orders (${
  number(reports.find(({ json }) => json.input.n_liquidations > 0).json.input.n_liquidations)} of BTCUSDT), which
  is no sample, and the report says "too few rows". That swept rows explain reported liquidations rests on
  an earlier study with an unpublished list (src/model/MODEL.md 11) and on tests with planted effects,
  not on this page.
- **Touches**: ${count('touch', 'all distances')} Of ${cells.length} cells (side and distance), ${
  cells.filter((f) => f.low > 0).length} exclude zero upward and ${cells.filter((f) => f.high < 0).length} downward; by chance
  alone ${Math.round(cells.length / 20)} would. The largest sample is the one that counts most.
- **Published levels**: ${count('levels', 'all distances')}
- **During a touch** volume against an equal move across sparse rows: ${count('after', 'volume of the same bar')}
- **After a touch** the next bar's move in the same direction: ${count('after', 'move of the next bar, same direction')}
- **Open interest**, beyond range, volume, return, volatility and the fall before: ${
  count('open_interest', 'beyond range, volume, return, before')}
- **Placebos.** ${number(placebos.length)} figures of maps that must mean nothing (the average map, the map of 24, 72, 168 h and
  of a random hour ago at today's price, the other side's map): ${broken.length === 0 ? 'none scores' : `${broken.length} ${
    broken.length === 1 ? 'scores' : 'score'}`} beyond noise${broken.length === 0 ? '' : ` (${[...new Set(broken.map((f) =>
    `${f.map}, ${f.what}`))].join('; ')}), and the figures of the map beside them are not used`}.

## The runs

| data | bars | engine | judged | bars judged |
|---|---|---|---|---|
${reports.map(({ name, json: { input } }) => `| ${name} | ${input.interval} | ${input.engine_interval} | ${
    day(input.from)} to ${day(input.to)} | ${number(input.bars)} |`).join('\n')}

## Touches

Lift in percentage points: the densest tenth of the rows of a distance against the others, or published
levels, each less the base rate of a move of so many standard deviations within 24 h.

${table([['dense rows', of('touch', 'all distances')], ['rows / days', rows('touch', 'all distances')],
    ['published levels', of('levels', 'all distances')], ['levels / days', rows('levels', 'all distances')]])}

## After a touch

Bars that moved 0.2 % or more: the quarter that swept most for its move against the quarter that swept
least, at an equal move, volatility, return, and volume and range of the bar before.

${table([['volume of the same bar, %', of('after', 'volume of the same bar')],
    ['volume of the next, %', of('after', 'volume of the next bar')],
    ['range of the next, %', of('after', 'range of the next bar')],
    ['next move on, % of price', of('after', 'move of the next bar, same direction')],
    ['rows / days', rows('after', 'volume of the same bar')]])}

## Open interest

Gain in R² out of fold for the rank of the fall of open interest in the bar, percentage points.

${table([['beyond range + volume', of('open_interest', 'beyond range + volume')],
    ['and return, volatility, fall before', of('open_interest', 'beyond range, volume, return, before')],
    ['bars / days', rows('open_interest', 'beyond range + volume')]])}

## One report in full

\`\`\`
${run(RUNS[0].slice(1)).trimEnd()}
\`\`\`

## Method and caveats

The definitions are in the report's own page (\`--html\`): what is judged is always the map before the candle;
gains are judged on folds that the fit has not seen, a day apart; a figure whose interval holds what
nothing would give is called not established; a figure beside which a placebo scores is not used. Tests
(\`tests/unit/report/\`) plant an effect in synthetic liquidations and find it, plant none and find none, and
shuffle the future without changing an input. Touches within 24 h overlap from one day to the next, so their
intervals are a little narrow. ${number(cells.length)} cells and ${reports.length} overlapping runs are many comparisons: a single
bold figure is weak evidence.

## Command lines

In the folder of the data:

${RUNS.map(([, ...args]) => `    liqmap report ${args.join(' \\\n        ')}`).join('\n\n')}
`;

/* The page links to it as plain text. */
writeFileSync(output, text);
if (!process.argv[3]) writeFileSync(join(ROOT, 'www/truth.txt'), text);
