/* Runs before the page's other modules are there: ask for the map, then for
 * them.  The bundled page has it as a script that waits for nothing. */

import { queryFrom } from './data/query.js';
import { answered, askEarly } from './net/early.js';
import { layOut } from './ui/layout.js';

/** A server that knows the map has answered by then. */
const PATIENCE_MS = 150;

/* As in main.js: a phone asks for fewer candles. */
const early = askEarly(window.location.search, matchMedia('(max-width: 47.5em), (max-height: 520px)').matches);
const main = import('./main.js');
start();

async function start() {
    /* The first frame waits for main.js, so that a page that loads at once is laid out
     * and drawn once; one that does not is shown without its map. */
    setTimeout(() => document.querySelector('script[blocking]')?.remove(), PATIENCE_MS);
    if (document.readyState === 'loading')
        await new Promise((parsed) => { document.addEventListener('DOMContentLoaded', parsed, { once: true }); });
    layOut(queryFrom(window.location.search).end > 0);
    const { Page } = await main;
    await answered(early, PATIENCE_MS);
    new Page().start(early);
}
