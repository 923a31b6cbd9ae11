import { loadHalf } from './halves.mjs';

await loadHalf(1);
