import { loadHalf } from '../halves.mjs';

await loadHalf(1, import.meta.url);
