/** What the end-to-end tests share: where things are, starting and ending processes, asking. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const shared = process.env.LIQMAP_SHARED ?? join(ROOT, '..', 'shared');
/** Folder of recorded candles, or null where there is none. */
export const marketData = existsSync(join(shared, 'market-data', 'klines'))
  ? join(shared, 'market-data') : null;
