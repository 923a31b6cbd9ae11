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
/** Chromium compiles all functions of such a script while it loads, on a thread of its own. */
const COMPILE_ALL = '//# allFunctionsCalledOnLoad';

const SCRIPT = {
    ...SHARED, format: 'esm', target: 'es2022', sourcemap: 'linked', banner: { js: COMPILE_ALL },
};

/** The library as it is for bundlers: what the page does not use is left out. */
const LIBRARY = { path: join(CHART, 'dist/lightweight-charts.production.mjs'), sideEffects: false };

/** What modules import in its place. */
const VENDOR = join(WWW, 'vendor/lightweight-charts.mjs');

/** Stands in the names of scripts until all are made and have their hash. */
const NO_HASH = '-00000000.js';

/** One file of static/. @param {Map<string, Uint8Array>} files @param {string} source @param {Uint8Array} content */
function addHashed(files, source, content) {
    const kind = extname(source);
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 8);
    const name = `static/${basename(source, kind)}-${hash}${kind}`;
    files.set(name, content);
    return name;
}

/**
 * What a module imports: at once, name by name, and later.
 *
 * @param {string} path
 * @returns {{now: {path: string, names: string[]}[], later: string[]}}
 */
function importsOf(path) {
    if (path === VENDOR)
        return { now: [], later: [] };
    const text = readFileSync(path, 'utf8').replace(/\/\*[^]*?\*\//g, '');
    const other = /^import [^{].*/m.exec(text);
    if (other)
        throw new Error(`${path}: imported name by name only: ${other[0]}`);
    return {
        now: [...text.matchAll(/^(?:import|export) \{([^}]*)\} from '(\.[^']+)'/gm)].map(([, names, from]) => ({
            path: join(path, '..', from), names: names.split(',').map((name) => name.trim().replace(/ as .*/, '')).filter(Boolean),
        })),
        later: [...text.matchAll(/\bimport\('(\.[^']+)'\)/g)].map(([, from]) => join(path, '..', from)),
    };
}

/**
 * The scripts of the page: main.js, and each module that is imported later, with
 * all that they import and an earlier one has not.  One has the other's modules
 * from its file, so that nothing they share becomes a file and a request.
 *
 * @returns {Map<string, {modules: Set<string>, exports: Map<string, string>}>} by path, in the order in
 *     which they are found; exports: what others need of it, name -> module
 */
function partsOf(entry) {
    const parts = new Map();
    const owners = new Map();
    const waiting = new Set([entry]);
    for (const path of waiting) {
        const part = { modules: new Set(), exports: new Map() };
        const visit = (module) => {
            if (owners.has(module))
                return;
            owners.set(module, part);
            part.modules.add(module);
            const { now, later } = importsOf(module);
            now.forEach((each) => visit(each.path));
            later.forEach((each) => waiting.add(each));
        };
        visit(path);
        parts.set(path, part);
    }
    for (const part of parts.values()) {
        for (const { path, names } of [...part.modules].flatMap((module) => importsOf(module).now)) {
            const owner = owners.get(path);
            for (const name of owner && owner !== part ? names : []) {
                if ((owner.exports.get(name) ?? path) !== path)
                    throw new Error(`two modules export ${name} to another script: ${path} and ${owner.exports.get(name)}`);
                owner.exports.set(name, path);
            }
        }
    }
    return parts;
}

/** The memory decides how long a block is, and none is best for all texts: 0.2 % of the page. */
const smallestGzip = (content) => [6, 7, 8, 9].map((memLevel) => gzipSync(content, { level: 9, memLevel }))
    .reduce((a, b) => (b.length < a.length ? b : a));

const nameOf = (path) => basename(path, '.js') + NO_HASH;

/** Names that one part has for another; short, as they are written twice. @param {{exports: Map<string, string>}} part */
const listOf = (part) => [...part.exports].map(([name, module], i) => ({ name, module, short: '$' + i.toString(36) }));

/** How the modules of one part find each other, the library and the other parts. */
function partPlugin(parts, path) {
    const ownerOf = (module) => [...parts.keys()].find((each) => parts.get(each).modules.has(module));
    const external = (name) => ({ path: './' + name, external: true });
    return {
        name: 'part',
        setup({ onResolve, onLoad }) {
            onResolve({ filter: /^part:/ }, () => ({ path, namespace: 'part' }));
            onLoad({ filter: /./, namespace: 'part' }, () => ({
                resolveDir: ROOT,
                contents: [`export * from '${path}';`, ...listOf(parts.get(path))
                    .map(({ name, module, short }) => `export { ${name} as ${short} } from '${module}';`)].join('\n'),
            }));
            onLoad({ filter: /./, namespace: 'other' }, ({ path: other }) => ({
                contents: `export { ${listOf(parts.get(other)).map(({ name, short }) => `${short} as ${name}`)} } from 'other.js';`,
                pluginData: nameOf(other),
            }));
            onResolve({ filter: /\.m?js$/ }, ({ resolveDir, path: from, kind, namespace, pluginData }) => {
                if (namespace === 'other')
                    return external(pluginData);
                const module = resolve(resolveDir, from);
                if (kind === 'dynamic-import')
                    return external(nameOf(module));
                const other = ownerOf(module);
                if (other !== undefined && other !== path)
                    return { path: other, namespace: 'other', sideEffects: false };
                return module === VENDOR ? LIBRARY : undefined;
            });
        },
    };
}

/**
 * Scripts that esbuild makes of one entry.
 *
 * @returns {Promise<Map<string, Uint8Array>>} by file name: the script and its source map
 */
async function bundle(entry, out, plugin, more = {}) {
    const { outputFiles } = await build({
        ...SCRIPT, ...more, entryPoints: [{ in: entry, out }], outdir: join(ROOT, 'static'), plugins: [plugin],
    });
    return new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
}

/**
 * Put scripts that name each other among the files, under one hash.
 *
 * @param {Map<string, Uint8Array>} made  by file name, with NO_HASH in names and content
 * @returns {(name: string) => string} the path of a script in the page, by its module's name
 */
function addScripts(files, made) {
    const hash = createHash('sha256');
    for (const [, content] of made)
        hash.update(content);
    /* As long as what it replaces: source maps count columns. */
    const end = `-${hash.digest('hex').slice(0, 8)}.js`;
    for (const [name, content] of made)
        files.set('static/' + name.replace(NO_HASH, end), Buffer.from(Buffer.from(content).toString().replaceAll(NO_HASH, end)));
    return (name) => `static/${name}${end}`;
}

/** main.js and what it loads later. @returns {Promise<string>} the path of main.js in the page */
async function addMain(files) {
    const parts = partsOf(join(WWW, 'js/main.js'));
    const made = await Promise.all([...parts.keys()]
        .map((path) => bundle('part:' + path, nameOf(path).slice(0, -3), partPlugin(parts, path))));
    return addScripts(files, new Map(made.flatMap((map) => [...map])))('main');
}

/** first.js by itself, before the rest: it names main.js by its hash.  A module would wait for the styles. */
async function addFirst(files, main) {
    const mainPlugin = {
        name: 'main',
        setup({ onResolve }) {
            onResolve({ filter: /^\.\/main\.js$/ }, () => ({ path: `./${basename(main)}`, external: true }));
        },
    };
    const source = join(WWW, 'js/first.js');
    return addScripts(files, await bundle(source, nameOf(source).slice(0, -3), mainPlugin, { format: 'iife' }))('first');
}

/** All style sheets of the page as one. */
async function addStyle(files, sheets) {
    const { outputFiles } = await build({
        ...SHARED, stdin: { contents: sheets.map((name) => `@import "./${name}";`).join('\n'), resolveDir: WWW, loader: 'css' },
    });
    return addHashed(files, 'style.css', outputFiles[0].contents);
}

/** A picture of some hundred bytes is no request of its own. @param {string} source @returns {string} its URL */
function dataOf(source) {
    const svg = readFileSync(join(WWW, source), 'utf8').replace(/\s*\n\s*/g, '').replaceAll('"', "'");
    return 'data:image/svg+xml,' + svg.replace(/[#%<>]/g, encodeURIComponent);
}

/** index.html with the names of the bundle. @returns {Promise<void>} */
async function addPage(files) {
    const html = readFileSync(join(WWW, 'index.html'), 'utf8');
    const main = await addMain(files);
    const first = await addFirst(files, main);
    const sheets = [...html.matchAll(/<link rel="stylesheet" href="([^"]+)">/g)].map((m) => m[1]);
    const style = await addStyle(files, sheets);
    files.set('index.html', Buffer.from(html
        .replace(/^ *<link rel="(modulepreload|stylesheet)" href="[^"]*">\n/gm, '')
        .replace('type="module" async src="js/first.js"', `src="${first}"`)
        .replace('js/main.js', main)
        .replaceAll('"icons/icon.svg"', `"${dataOf('icons/icon.svg')}"`)
        .replace('</head>', `<link rel="stylesheet" href="${style}">\n</head>`)
        .replace(/^ +/gm, '')));
}

/** Files that other files or programs know by name. */
function addNamed(files) {
    for (const name of ['manifest.webmanifest', 'truth.txt', ...['icons', 'screenshots']
        .flatMap((folder) => readdirSync(join(WWW, folder)).map((file) => `${folder}/${file}`))])
        files.set(name, readFileSync(join(WWW, name)));
    files.set('lightweight-charts.LICENSE', readFileSync(join(CHART, 'LICENSE')));
}

/** Each text, compressed as far as it goes. */
function addCompressed(files) {
    for (const [name, content] of [...files]) {
        if (!TEXTS.includes(extname(name)))
            continue;
        files.set(name + '.gz', smallestGzip(content));
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
