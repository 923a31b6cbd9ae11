import { LONG } from './harness.mjs';
import { loadHalf } from '../halves.mjs';

await loadHalf(0, import.meta.url, LONG);
