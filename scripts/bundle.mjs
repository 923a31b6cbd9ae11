/* Bundle the page: few files, whose names hold a hash of their content, so that
 * browsers keep them for ever, and each text compressed once.
 *
 *     node scripts/bundle.mjs [FOLDER]      default: build/www
 *
 * FOLDER/static/ holds what has a hash in its name; everything else may change
 * under its name.  Next to each text are FILE.gz and FILE.br.
 */

import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const WWW = join(ROOT, 'www');
const CHART = join(ROOT, 'node_modules/lightweight-charts');
const TEXTS = ['.css', '.html', '.js', '.svg', '.webmanifest'];

const SHARED = {
    absWorkingDir: ROOT, bundle: true, minify: true, write: false, logLevel: 'warning',
    legalComments: 'eof',
};
const SCRIPT = {
    ...SHARED, format: 'esm', target: 'es2022', sourcemap: 'linked',
    entryNames: '[name]-[hash]', chunkNames: '[name]-[hash]',
};

/** The library as it is for bundlers: what the page does not use is left out. */
const chartPlugin = {
    name: 'chart',
    setup({ onResolve }) {
        onResolve({ filter: /\/vendor\/lightweight-charts\.mjs$/ }, () => ({
            path: join(CHART, 'dist/lightweight-charts.production.mjs'), sideEffects: false,
        }));
    },
};

/** What is loaded only when somebody shows it. */
const LATER = ['panes', 'depth'];

/** One file of static/. @param {Map<string, Uint8Array>} files @param {string} source @param {Uint8Array} content */
function addHashed(files, source, content) {
    const kind = extname(source);
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 8);
    const name = `static/${basename(source, kind)}-${hash}${kind}`;
    files.set(name, content);
    return name;
}

/**
 * Scripts that esbuild makes of one module.
 *
 * @returns {Promise<{entry: string, needed: string[]}>} its name, and of what it imports at once
 */
async function addScripts(files, source, options) {
    const outdir = join(ROOT, 'static');
    const { outputFiles, metafile } = await build({
        ...SCRIPT, entryPoints: [join(WWW, source)], outdir, metafile: true, ...options,
    });
    for (const { path, contents } of outputFiles)
        files.set(path.slice(ROOT.length), contents);
    const entry = Object.keys(metafile.outputs).find((name) => metafile.outputs[name].entryPoint === `www/${source}`);
    const needed = metafile.outputs[entry].imports.filter(({ kind }) => kind === 'import-statement');
    return { entry, needed: needed.map(({ path }) => path) };
}

/** first.js by itself, before the rest: it names main.js by its hash. */
function addFirst(files, main) {
    const mainPlugin = {
        name: 'main',
        setup({ onResolve }) {
            onResolve({ filter: /^\.\/main\.js$/ }, () => ({ path: `./${basename(main)}`, external: true }));
        },
    };
    return addScripts(files, 'js/first.js', { plugins: [mainPlugin] });
}

/**
 * Each by itself, with a copy of what it imports: what it shared with the rest
 * of the page would be one more file for every visitor.
 *
 * @returns {Promise<object>} a plugin by which the others name them by their hash
 */
async function addLater(files) {
    const made = new Map();
    for (const name of LATER)
        made.set(`./draw/${name}.js`, (await addScripts(files, `js/draw/${name}.js`, {})).entry);
    return {
        name: 'later',
        setup({ onResolve }) {
            onResolve({ filter: new RegExp(`^\\./draw/(${LATER.join('|')})\\.js$`) }, ({ path }) => ({ path: `./${basename(made.get(path))}`, external: true }));
        },
    };
}

/** All style sheets of the page as one. */
async function addStyle(files, sheets) {
    const { outputFiles } = await build({
        ...SHARED, stdin: { contents: sheets.map((name) => `@import "./${name}";`).join('\n'), resolveDir: WWW, loader: 'css' },
    });
    return addHashed(files, 'style.css', outputFiles[0].contents);
}

/** index.html with the names of the bundle. @returns {Promise<void>} */
async function addPage(files) {
    const html = readFileSync(join(WWW, 'index.html'), 'utf8');
    const main = await addScripts(files, 'js/main.js', { splitting: true, plugins: [chartPlugin, await addLater(files)] });
    const first = await addFirst(files, main.entry);
    const sheets = [...html.matchAll(/<link rel="stylesheet" href="([^"]+)">/g)].map((m) => m[1]);
    const style = await addStyle(files, sheets);
    const icon = addHashed(files, 'icons/icon.svg', readFileSync(join(WWW, 'icons/icon.svg')));
    const head = [
        `<link rel="stylesheet" href="${style}">`,
        ...[main.entry, ...main.needed].map((name) => `<link rel="modulepreload" href="${name}">`),
    ];
    files.set('index.html', Buffer.from(html
        .replace(/^ *<link rel="(modulepreload|stylesheet)" href="[^"]*">\n/gm, '')
        .replace('js/first.js', first.entry)
        .replaceAll('"icons/icon.svg"', `"${icon}"`)
        .replace('</head>', head.join('\n') + '\n</head>')
        .replace(/^ +/gm, '')));
}

/** Files that other files or programs know by name. */
function addNamed(files) {
    for (const name of ['manifest.webmanifest', ...['icons', 'screenshots']
        .flatMap((folder) => readdirSync(join(WWW, folder)).map((file) => `${folder}/${file}`))])
        files.set(name, readFileSync(join(WWW, name)));
    files.set('lightweight-charts.LICENSE', readFileSync(join(CHART, 'LICENSE')));
}

/** Each text, compressed as far as it goes. */
function addCompressed(files) {
    for (const [name, content] of [...files]) {
        if (!TEXTS.includes(extname(name)))
            continue;
        files.set(name + '.gz', gzipSync(content, { level: 9, memLevel: 9 }));
        files.set(name + '.br', brotliCompressSync(content, { params: {
            [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
            [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
            [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
        } }));
    }
}

/** Replace the folder at once: a server may be reading from it. */
function write(files, folder) {
    const made = `${folder}.new`;
    const old = `${folder}.old`;
    for (const path of [made, old])
        rmSync(path, { recursive: true, force: true });
    for (const [name, content] of files) {
        const path = join(made, name);
        mkdirSync(join(path, '..'), { recursive: true });
        writeFileSync(path, content);
    }
    try {
        renameSync(folder, old);
    } catch (error) {
        if (error.code !== 'ENOENT')
            throw error;
    }
    renameSync(made, folder);
    rmSync(old, { recursive: true, force: true });
}

const folder = process.argv[2] ?? join(ROOT, 'build/www');
if (folder.startsWith('-') || process.argv.length > 3) {
    console.error('usage: node scripts/bundle.mjs [FOLDER]');
    process.exit(2);
}
/** @type {Map<string, Uint8Array>} path in the page -> content */
const files = new Map();
await addPage(files);
addNamed(files);
addCompressed(files);
write(files, resolve(folder));
