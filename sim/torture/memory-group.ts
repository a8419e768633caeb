/** Memory that ends: a control group of Linux with a limit of its own, in which the system kills whoever wants more. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Absence } from './scenario.ts';

const ROOT = '/sys/fs/cgroup';

/** How the two generations of control groups call the same things. */
const UNIFIED = {
  parent: ROOT,
  limit: 'memory.max',
  usage: 'memory.current',
  kills: 'memory.events',
} as const;
const FIRST = {
  parent: join(ROOT, 'memory'),
  limit: 'memory.limit_in_bytes',
  usage: 'memory.usage_in_bytes',
  kills: 'memory.oom_control',
} as const;

export class MemoryGroup {
  readonly #names = existsSync(join(ROOT, 'cgroup.controllers')) ? UNIFIED : FIRST;
  readonly #folder = join(this.#names.parent, `procos-torture-${process.pid}-${crypto.randomUUID().slice(0, 8)}`);

  constructor() {
    mkdirSync(this.#folder);
    // Without control of memory in it, there is no such file.
    readFileSync(join(this.#folder, this.#names.limit));
  }

  /** Nobody may be in it any more. */
  [Symbol.dispose](): void {
    rmdirSync(this.#folder);
  }

  /** In front of a command: it enters the group, then becomes the command. */
  get entrance(): readonly string[] {
    return ['sh', '-c', `echo $$ > ${join(this.#folder, 'cgroup.procs')}; exec "$@"`, 'sh'];
  }

  get usage(): number {
    return Number(readFileSync(join(this.#folder, this.#names.usage), 'utf8'));
  }

  /** False: what is in use cannot be brought below that. */
  limit(bytes: number): boolean {
    try {
      writeFileSync(join(this.#folder, this.#names.limit), String(Math.floor(bytes)));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EBUSY') return false;
      throw error;
    }
  }

  /** How many the system has killed in it. */
  get kills(): number {
    const text = readFileSync(join(this.#folder, this.#names.kills), 'utf8');
    return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
  }
}

/** Null when memory can be made to end here. */
export function memoryGroupMissing(): Absence | null {
  if (process.platform !== 'linux') return { why: 'only Linux has control groups', component: false };
  try {
    using group = new MemoryGroup();
    group.limit(2 ** 30);
    return null;
  } catch (error) {
    const why = `no control group of memory can be made here; it needs root (${(error as Error).message})`;
    return { why, component: false };
  }
}
