/** Starts of a kernel under strace: counts its system calls on files of a store, or does something to the n-th of them. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Absence } from './scenario.ts';

/** All by which SQLite and the backup change what is on the disk; its other writes go to memory that is mapped. */
export const WRITES: readonly string[] = ['pwrite64', 'write', 'fsync', 'fdatasync', 'ftruncate', 'rename', 'unlink'];

const STORE_FILES = [
  'procos.db',
  'procos.db-wal',
  'procos.db-journal',
  'procos.db-shm',
  'procos.anchor',
  'procos.lock',
  'procos.lock-journal',
];

/** Absolute paths of all that is written to in a data folder by the thread of the kernel. */
export function storeFiles(directory: string): readonly string[] {
  return STORE_FILES.map((name) => join(directory, name));
}

export interface Traced {
  readonly calls: readonly string[];
  /** Only calls on these; absolute. */
  readonly paths: readonly string[];
  /** What is done to which of them, e.g. `signal=KILL:when=7`; counted per thread and kind of call. Absent: nothing. */
  readonly inject?: string;
  /** Where each call is written down, one a line. */
  readonly log?: string;
}

/** To be put in front of the kernel's command: strace runs beside it, so that signals and exit codes are the kernel's own. */
export function strace({ calls, paths, inject, log = '/dev/null' }: Traced): readonly string[] {
  const only = paths.flatMap((path) => ['-P', path]);
  const names = calls.join(',');
  // Calls that a filter in the kernel of the machine lets through are not injected into.
  const how = inject === undefined ? ['--seccomp-bpf'] : ['-e', `inject=${names}:${inject}`];
  return ['strace', '-D', '-f', ...how, '-qq', '-o', log, '-e', `trace=${names}`, ...only];
}

/** How often each was called, from what strace wrote down. */
export function countCalls(log: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [, call = ''] of readFileSync(log, 'utf8').matchAll(/^\d+ +(\w+)\(/gm))
    counts.set(call, (counts.get(call) ?? 0) + 1);
  return counts;
}

/** Null when a process can be traced here. */
export function straceMissing(): Absence | null {
  const tried = spawnSync('strace', ['-D', '-f', '-qq', '-o', '/dev/null', 'true'], {
    encoding: 'utf8',
  });
  if (tried.error !== undefined) return { why: 'strace is not installed: apt-get install strace', component: true };
  if (tried.status === 0) return null;
  return { why: `this machine does not let a process be traced: ${tried.stderr.trim()}`, component: false };
}
