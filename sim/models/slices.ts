/** Many seeds in processes of their own, one after the other: a model that takes a process with it is one failure, and the others go on. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { failed, type Result } from './tally.ts';

/** What a slice says: which seed it begins with, and how that went. */
export type Said = { readonly began: number } | { readonly result: Result };

/** Heap of a slice, MB: many times what a model needs. */
const HEAP_MB = 1_024;
/** A model that takes longer never ends, ms. */
const SEED_MS = 300_000;

/** Plays `count` seeds from `first` on, `size` of them in each process. */
export async function playInSlices(
  first: number,
  count: number,
  size: number,
  tell: (result: Result) => void,
  heapMb: number = HEAP_MB,
): Promise<void> {
  for (let seed = first; seed < first + count; )
    seed = await playSlice(seed, Math.min(size, first + count - seed), tell, heapMb);
}

/** Gives the first seed that has not been played. */
async function playSlice(
  first: number,
  count: number,
  tell: (result: Result) => void,
  heapMb: number,
): Promise<number> {
  const slice = fork(fileURLToPath(import.meta.resolve('./slice.ts')), [String(first), String(count)], {
    execArgv: [`--max-old-space-size=${heapMb}`],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  let [playing, next, errors] = [first, first, ''];
  let limit: NodeJS.Timeout | undefined;
  slice.stderr?.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-2_000);
  });
  slice.on('message', (said: Said) => {
    clearTimeout(limit);
    if ('result' in said) {
      next = said.result.seed + 1;
      tell(said.result);
      return;
    }
    playing = said.began;
    limit = setTimeout(() => slice.kill('SIGKILL'), SEED_MS);
  });
  slice.on('close', () => resolve());
  await promise;
  clearTimeout(limit);
  if (next === first + count) return next;
  const { exitCode, signalCode } = slice;
  const how =
    signalCode === 'SIGKILL' ? `took more than ${SEED_MS} ms` : `ended its process: ${signalCode ?? exitCode}`;
  tell(failed(playing, `${how}\n${errors.split('\n').slice(0, 12).join('\n  ')}`));
  return playing + 1;
}
