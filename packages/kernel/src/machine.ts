/** What the kernel reads of the machine it runs on, injected so that a simulated machine can answer. */
import { access, constants, statfs } from 'node:fs/promises';
import { availableParallelism, freemem, loadavg, totalmem, uptime } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface Machine {
  readonly osPid: number;
  /** Without the leading `v`. */
  readonly nodeVersion: string;
  /** Operating system and processor. */
  readonly platform: string;
  freeMemoryBytes(): number;
  memoryBytes(): number;
  processors(): number;
  /** Over 1, 5 and 15 minutes; zeros where the system does not tell. */
  loadAverage(): readonly number[];
  uptimeSeconds(): number;
  /** 0 where it cannot be read: Linux tells it by a file, and a process may have opened as many as it may. */
  residentBytes(): number;
  /** Bytes that an ordinary user may still write in the folder. */
  freeDiskBytes(folder: string): Promise<number>;
  /** Size of the file system that holds the folder. */
  diskBytes(folder: string): Promise<number>;
  isWritable(folder: string): Promise<boolean>;
  /** How late the event loop was since it was asked last (99th percentile), ms; watched from the first call on. */
  eventLoopDelayMs(): number;
}

let delays: ReturnType<typeof monitorEventLoopDelay> | null = null;

export const thisMachine: Machine = {
  osPid: process.pid,
  nodeVersion: process.versions.node,
  platform: `${process.platform} ${process.arch}`,
  freeMemoryBytes: freemem,
  memoryBytes: totalmem,
  processors: availableParallelism,
  loadAverage: loadavg,
  uptimeSeconds: uptime,
  residentBytes() {
    try {
      return process.memoryUsage.rss();
    } catch {
      return 0;
    }
  },
  async freeDiskBytes(folder) {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
  async diskBytes(folder) {
    const { blocks, bsize } = await statfs(folder);
    return blocks * bsize;
  },
  async isWritable(folder) {
    try {
      await access(folder, constants.W_OK);
      return true;
    } catch {
      return false;
    }
  },
  eventLoopDelayMs() {
    const p99 = delays === null ? 0 : delays.percentile(99) / 1e6;
    delays?.reset();
    if (delays === null) {
      delays = monitorEventLoopDelay({ resolution: 20 });
      delays.enable();
    }
    return p99;
  },
};
