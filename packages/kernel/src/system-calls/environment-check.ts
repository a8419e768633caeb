/** `procos.environment.check`: may the system run here? Throws with what to mend. */
import { dirname } from 'node:path';
import type { StoreDescription } from '@procos/store';
import type { Machine } from '../machine.ts';
import type { SystemCall } from './contract.ts';

/** Bytes that must be free for the system to begin work. */
const MIN_FREE_DISK = 64 * 1024 * 1024;
const MIN_FREE_MEMORY = 64 * 1024 * 1024;
const MIN_NODE_MAJOR = 24;

export function environmentCheck(store: StoreDescription, machine: Machine): SystemCall {
  return {
    topic: 'procos.environment.check',
    async run() {
      const wrong: string[] = [];
      const major = Number.parseInt(machine.nodeVersion, 10);
      if (major < MIN_NODE_MAJOR) wrong.push(`Node ${machine.nodeVersion} is too old: use ${MIN_NODE_MAJOR} or newer.`);
      const freeMemory = machine.freeMemoryBytes();
      if (freeMemory < MIN_FREE_MEMORY)
        wrong.push(`Only ${megabytes(freeMemory)} MB of memory are free: end other programs.`);
      let freeDisk: number | null = null;
      if (store.path !== null) {
        const folder = dirname(store.path);
        if (!(await machine.isWritable(folder))) wrong.push(`The data folder ${folder} cannot be written to.`);
        freeDisk = await machine.freeDiskBytes(folder);
        if (freeDisk < MIN_FREE_DISK) wrong.push(`Only ${megabytes(freeDisk)} MB are free in ${folder}: make room.`);
      }
      if (wrong.length > 0) throw new Error(wrong.join(' '));
      const environment = {
        node: machine.nodeVersion,
        platform: machine.platform,
        store: store.path ?? 'memory',
        free_disk_mb: freeDisk === null ? null : megabytes(freeDisk),
        free_memory_mb: megabytes(freeMemory),
      };
      return { variables: { environment } };
    },
  };
}

function megabytes(bytes: number): number {
  return Math.floor(bytes / 1024 / 1024);
}
