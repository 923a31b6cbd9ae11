/* A module that imports another is two round trips; one that the page names is
 * one. */

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { test } from 'node:test';

const www = new URL('../../www/', import.meta.url);
const html = readFileSync(new URL('index.html', www), 'utf8');

/** What a module imports at once, by its path in js/. */
const imported = (name) => [...readFileSync(new URL('js/' + name, www), 'utf8')
    .matchAll(/^(?:import|\} from)[^'\n]*'(\.[^']+)'/gm)].map((m) => normalize(join(name, '..', m[1])))
    .filter((path) => !path.startsWith('..'));

/** A module and all it imports at once, not what it imports later. */
function needed(name, found = new Set()) {
    if (!found.has(name)) {
        found.add(name);
        for (const other of imported(name))
            needed(other, found);
    }
    return found;
}

test('index.html names every module that the first map needs, and no other', () => {
    const named = [...html.matchAll(/<link rel="modulepreload" href="js\/([^"]+)">/g)].map((m) => m[1]).sort();
    const first = needed('first.js', needed('main.js'));
    for (const script of ['first.js', 'main.js']) {
        assert.ok(html.includes(` src="js/${script}"></script>`), script);
        first.delete(script);
    }
    assert.deepEqual(named, [...first].sort());
    assert.ok(first.has('draw/heatmap.js') && !first.has('tools.js'));
});

/** What tools.js loads when something is saved or switched on. */
const LATER = ['data/csv.js', 'draw/depth.js', 'draw/executed.js', 'draw/panes.js', 'draw/picture.js', 'net/feed.js', 'ui/executed-words.js', 'ui/explanation-card.js', 'ui/help-text.js', 'ui/key-list.js',
    'ui/share-menu.js', 'ui/view-menu.js'];

test('every module is needed: now, by the tools, or later', () => {
    const all = needed('first.js', needed('main.js', needed('tools.js')));
    for (const name of LATER) {
        assert.ok(!all.has(name), `${name} does not come with the page`);
        needed(name, all);
    }
    const files = readdirSync(new URL('js/', www), { recursive: true }).filter((name) => name.endsWith('.js'));
    assert.deepEqual([...all].sort(), files.sort());
});
