/* The page in the colours of the reader's system. */

import assert from 'node:assert/strict';
import { browserOfFile, pageTests } from './helpers.mjs';
import { decodePng } from './png.mjs';

const forcedTest = pageTests(browserOfFile(), { panel: true, query: '' });

/** How many colours it is drawn in. */
async function coloursOf(place) {
    const image = decodePng(await place.screenshot());
    const seen = new Set();
    for (let y = 0; y < image.height; y++) {
        for (let x = 0; x < image.width; x++)
            seen.add(image.at(x, y).join());
    }
    return seen.size;
}

forcedTest('what only a background shows is seen in forced colours', {}, async (page) => {
    await page.emulateMedia({ forcedColors: 'active' });
    for (const name of ['.bell', '.mix', '.gauge-bar', '.ladder-price', '.tier-chip', '#sec-levels summary', '.chip', '#intervals .choice:has(:checked)']) {
        const place = page.locator(name).first();
        assert.ok(await coloursOf(place) > 1, `${name} cannot be seen`);
    }
    const look = (name) => page.locator(name).first().evaluate((e) => {
        const { backgroundColor, borderColor, outlineStyle } = getComputedStyle(e);
        return [backgroundColor, borderColor, outlineStyle].join();
    });
    assert.notEqual(await look('.choice input:checked + span'), await look('.choice input:not(:checked) + span'), 'what is chosen');
    assert.notEqual(await look('.watch[aria-current]'), await look('.watch:not([aria-current])'), 'what is shown');
    const bell = page.locator('.bell').first();
    const off = (await bell.screenshot()).toString('hex');
    await bell.click();
    await page.mouse.move(5, 5);
    await page.locator('.bell[aria-pressed="true"]').first().evaluate((e) => e.blur());
    assert.notEqual((await bell.screenshot()).toString('hex'), off, 'a level that is watched');
    await page.emulateMedia({ forcedColors: null });
});
