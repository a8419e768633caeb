/** `procos.environment.check`: may the system run here? Throws with what to mend. */
import { access, constants, statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import { dirname } from 'node:path';
import type { StoreDescription } from '@procos/store';
import type { SystemCall } from './contract.ts';

/** Bytes that must be free for the system to begin work. */
const MIN_FREE_DISK = 64 * 1024 * 1024;
const MIN_FREE_MEMORY = 64 * 1024 * 1024;
const MIN_NODE_MAJOR = 24;

export function environmentCheck(store: StoreDescription): SystemCall {
  return {
    topic: 'procos.environment.check',
    async run() {
      const wrong: string[] = [];
      const major = Number.parseInt(process.versions.node, 10);
      if (major < MIN_NODE_MAJOR)
        wrong.push(`Node ${process.versions.node} is too old: use ${MIN_NODE_MAJOR} or newer.`);
      const freeMemory = freemem();
      if (freeMemory < MIN_FREE_MEMORY)
        wrong.push(`Only ${megabytes(freeMemory)} MB of memory are free: end other programs.`);
      let freeDisk: number | null = null;
      if (store.path !== null) {
        const folder = dirname(store.path);
        await access(folder, constants.W_OK).catch(() => wrong.push(`The data folder ${folder} cannot be written to.`));
        freeDisk = await freeBytes(folder);
        if (freeDisk < MIN_FREE_DISK) wrong.push(`Only ${megabytes(freeDisk)} MB are free in ${folder}: make room.`);
      }
      if (wrong.length > 0) throw new Error(wrong.join(' '));
      const environment = {
        node: process.versions.node,
        platform: `${process.platform} ${process.arch}`,
        store: store.path ?? 'memory',
        free_disk_mb: freeDisk === null ? null : megabytes(freeDisk),
        free_memory_mb: megabytes(freeMemory),
      };
      return { variables: { environment } };
    },
  };
}

/** Bytes that an ordinary user may still write there. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function megabytes(bytes: number): number {
  return Math.floor(bytes / 1024 / 1024);
}
