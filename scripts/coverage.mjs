/* Sums what gcov counted: a line that several programs compiled counts once, and
 * is covered when one of them ran it.
 *
 *     node scripts/coverage.mjs GCOV.json      one JSON document a line
 */

import { readFileSync } from 'node:fs';

/* file of src/ -> line number -> covered */
const files = new Map();
for (const document of readFileSync(process.argv[2], 'utf8').split('\n').filter(Boolean)) {
    for (const { file, lines } of JSON.parse(document).files) {
        if (!file.startsWith('src/'))
            continue;
        const known = files.get(file) ?? new Map();
        files.set(file, known);
        for (const { line_number: line, count } of lines)
            known.set(line, known.get(line) || count > 0);
    }
}

const percent = (covered, all) => `${(100 * covered / all).toFixed(1)} %`.padStart(8);
const rows = [...files].filter(([, lines]) => lines.size > 0)
    .map(([file, lines]) => ({ file, all: lines.size, covered: [...lines.values()].filter(Boolean).length }))
    .sort((a, b) => a.covered / a.all - b.covered / b.all);
for (const { file, all, covered } of rows)
    console.log(`${percent(covered, all)}  ${String(all - covered).padStart(5)} lines not run  ${file}`);
const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
if (sum('all') === 0)
    throw new Error(`no counts in ${process.argv[2]}`);
console.log(`${percent(sum('covered'), sum('all'))} of ${sum('all')} lines of src/`);
