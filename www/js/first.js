/* Runs before the page's other modules are there: ask for the map, then for
 * them. */

import { askEarly } from './early.js';

askEarly(window.location.search);
await import('./main.js');
