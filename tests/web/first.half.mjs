import { loadHalf } from '../halves.mjs';

await loadHalf(0, import.meta.url);
