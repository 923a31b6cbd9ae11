/** gcc and clang give the same bytes: the model's numbers at full precision, from both builds. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { SERIES, toCsv } from './series.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'liqmap-compilers-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const dump = (variant, args) => execFileSync(join(ROOT, `build/${variant}/tests/model_dump`), args,
    { maxBuffer: 1 << 28 });

/* `make js` and scripts/test build both variants first. */
for (const [name, series] of Object.entries(SERIES)) {
    test(`${name}: the same bytes from both compilers`, () => {
        const file = join(folder, `${name}.csv`);
        writeFileSync(file, toCsv(series.candles));
        for (const [display, rows, range] of [[3600000, 400, 0], [14400000, 150, 10]]) {
            const args = [file, String(display), '500', String(rows), String(range)];
            assert.deepEqual(dump('clang', args), dump('release', args));
        }
    });
}
