/** What the allocator of a running daemon knows: tests/bench/heap.c, preloaded. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, scratch, until } from '../e2e/harness.mjs';

/* A second; figures come ten times a second. */
const QUIET = 50;

/**
 * @param {object} before  environment for the daemon, which may preload something already
 * @returns {{env: object, read: function(): {used: number, arenas: number, mapped: number, trims: number},
 *     trimmed: function(): Promise<void>, quiet: function(): Promise<void>}} read: bytes in use, of the arenas, in use with
 *     mappings of their own, and how often malloc_trim was called; trimmed: once it has been called again; quiet: once nothing
 *     was allocated or freed for QUIET readings
 */
export function heapFigures(before = {}) {
  const folder = scratch();
  const [library, file] = [join(folder, 'heap.so'), join(folder, 'heap')];
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(ROOT, 'tests/bench/heap.c'), '-pthread']);
  writeFileSync(file, Buffer.alloc(32));
  const read = () => {
    const [used, arenas, mapped, trims] = new BigUint64Array(new Uint8Array(readFileSync(file)).buffer);
    return { used: Number(used), arenas: Number(arenas), mapped: Number(mapped), trims: Number(trims) };
  };
  return { read,
    env: { ...before, LIQ_HEAP_FILE: file, LD_PRELOAD: [before.LD_PRELOAD, library].filter(Boolean).join(':') },
    async quiet() {
      let [used, same] = [read().used, 0];
      await until(() => {
        const now = read().used;
        same = now === used ? same + 1 : 0;
        used = now;
        return same > QUIET;
      }, 'nothing in flight');
    },
    async trimmed() {
      const { trims } = read();
      await until(() => read().trims > trims, 'malloc_trim');
    } };
}
