/* The PNG icons of www/icons from icon.svg, drawn by the browser of the tests.
 *
 *     node scripts/icons.mjs
 */

import { readFile, writeFile } from 'node:fs/promises';
import { launchWhole } from '../tests/web/helpers.mjs';

const icons = new URL('../www/icons/', import.meta.url);
const svg = (await readFile(new URL('icon.svg', icons))).toString('base64');
const browser = await launchWhole();
const page = await browser.newPage();
for (const [name, size, inset] of [['icon-192.png', 192, 0], ['icon-512.png', 512, 0],
    /* Launchers may cut a circle out of it. */
    ['icon-maskable-512.png', 512, 0.14]]) {
    const png = await page.evaluate(async ([data, side, margin]) => {
        const image = new Image();
        image.src = 'data:image/svg+xml;base64,' + data;
        await image.decode();
        const canvas = document.createElement('canvas');
        canvas.width = side;
        canvas.height = side;
        const context = canvas.getContext('2d');
        if (margin > 0) {
            context.fillStyle = '#0b0d14';
            context.fillRect(0, 0, side, side);
        }
        context.drawImage(image, margin * side, margin * side, side * (1 - 2 * margin), side * (1 - 2 * margin));
        return canvas.toDataURL('image/png').split(',')[1];
    }, [svg, size, inset]);
    await writeFile(new URL(name, icons), Buffer.from(png, 'base64'));
}
await browser.close();
