/* The pictures of README and manifest, from the demo market.
 *
 *     node scripts/screenshots.mjs [FOLDER]      default: www/screenshots
 */

import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startRun } from '../tests/e2e/harness.mjs';
import { PHONE, frames, launchWhole, open } from '../tests/web/helpers.mjs';

const folder = resolve(process.argv[2] ?? 'www/screenshots');
mkdirSync(folder, { recursive: true });

/** Where on the chart the mouse or finger is. */
const SHOTS = [
    ['desktop.png', { viewport: { width: 1320, height: 760 } }, '?interval=1h&bars=500', 0.08, 0.28],
    ['phone.png', { ...PHONE, deviceScaleFactor: 1 }, '?interval=15m&bars=200', 0.45, 0.72],
];

const run = await startRun({ args: ['--demo'] });
const browser = await launchWhole();
try {
    for (const [name, size, query, fx, fy] of SHOTS) {
        const page = await open(browser, { url: run.url + '/' }, { size, query, panel: true });
        const box = await page.getByTestId('chart').boundingBox();
        const [x, y] = [box.x + fx * box.width, box.y + fy * box.height];
        if (size.hasTouch)
            await page.touchscreen.tap(x, y);
        else
            await page.mouse.move(x, y);
        /* A tap waits for a second one. */
        await page.getByTestId('tooltip').waitFor();
        await frames(page);
        await page.screenshot({ path: join(folder, name) });
        process.stdout.write(join(folder, name) + '\n');
        await page.context().close();
    }
} finally {
    await browser.close();
    await run.stop();
}
