/** Functions in processes of their own: so that memory is only theirs, clients do not share the server's event loop, and a kernel can be killed. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));
/** Those under which the launcher (`packages/procos/bin/procos.js`) runs a kernel, like its settings of glibc. */
const FLAGS = ['--disable-proto=delete', '--disable-warning=ExperimentalWarning', '--max-semi-space-size=8'];

const MALLOC = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_MMAP_THRESHOLD_: '131072' };

export interface Isolated<T> {
  readonly child: ChildProcess;
  /** What the function gave. Rejects when the process ended without. */
  readonly result: Promise<T>;
  /** Resolves with the next message that the function sent by `tell`. */
  told(): Promise<unknown>;
}

/** Runs the exported function `name` of the module `url` (its `import.meta.url`); `environment` is added to that of this process. */
export function isolated<T>(
  url: string,
  name: string,
  argument: unknown,
  environment: Readonly<Record<string, string>> = {},
): Isolated<T> {
  const child = fork(CHILD, [url, name, JSON.stringify(argument)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: FLAGS,
    env: { ...MALLOC, ...process.env, ...environment },
  });
  const result = Promise.withResolvers<T>();
  let told = Promise.withResolvers<unknown>();
  child.on('message', (message: { readonly result?: T; readonly told?: unknown }) => {
    if ('told' in message) {
      told.resolve(message.told);
      told = Promise.withResolvers();
    } else result.resolve(message.result as T);
  });
  child.on('exit', (code, signal) => result.reject(new Error(`${name} ended with ${signal ?? code}`)));
  // Who kills it does not wait for it.
  result.promise.catch(() => {});
  return { child, result: result.promise, told: () => told.promise };
}

/** From inside: tells whoever started this process. */
export function tell(told: unknown): void {
  process.send?.({ told });
}
