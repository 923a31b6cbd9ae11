/* Runs before the page's other modules are there: ask for the map, then for
 * them. */

import { askEarly } from './early.js';

askEarly(window.location.search);
if (document.readyState === 'loading')
    await new Promise((parsed) => { document.addEventListener('DOMContentLoaded', parsed, { once: true }); });
await import('./main.js');
