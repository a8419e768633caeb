/** One life of a kernel: from mounting the disk to its end by order, by a fault of the disk, or by a power cut. */

import type { Limits } from '@procos/engine';
import type { RunningKernel } from '../../packages/kernel/src/kernel-options.ts';
import type { KernelLogLine } from '../../packages/kernel/src/kernel-port.ts';
import { KernelLog } from '../../packages/kernel/src/log.ts';
import type { Machine } from '../../packages/kernel/src/machine.ts';
import { startKernel } from '../../packages/kernel/src/microkernel.ts';
import { verifyTail } from '../../packages/store/src/chain.ts';
import type { CoreStore } from '../../packages/store/src/core.ts';
import type { Chance } from '../random.ts';
import type { Disk, DiskFaults, Frame } from './disk.ts';
import { systemModels } from './models.ts';
import { openStore } from './replica.ts';
import { LifeClock, type VirtualTime } from './time.ts';

const MACHINE: Machine = {
  osPid: 1,
  nodeVersion: '24.0.0',
  platform: 'simulated',
  freeMemoryBytes: () => 2 ** 32,
  memoryBytes: () => 2 ** 33,
  processors: () => 2,
  loadAverage: () => [0, 0, 0],
  uptimeSeconds: () => 60,
  diskBytes: async () => 2 ** 40,
  residentBytes: () => 2 ** 27,
  freeDiskBytes: async () => 2 ** 34,
  isWritable: async () => true,
  eventLoopDelayMs: () => 1,
};

export interface LifeOptions {
  readonly disk: Disk;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly faults: Omit<DiskFaults, 'crash'>;
  readonly limits: Limits;
  /** May be called in the middle of a commit: must not throw. */
  readonly onDurable: (frame: Frame) => void;
  readonly onLine: (line: KernelLogLine) => void;
  /** Never called for a life that was cut off. */
  readonly onEnded: (how: string) => void;
}

export class Life {
  readonly clock: LifeClock;
  kernel: RunningKernel | null = null;
  store: CoreStore | null = null;
  ready = false;
  /** The machine was switched off in the middle of a commit. */
  cutOff = false;
  /** The disk has refused something: only then may it end by a failure. */
  struck = false;
  readonly #options: LifeOptions;
  #alive = true;

  constructor(options: LifeOptions) {
    this.#options = options;
    this.clock = new LifeClock(options.time, options.chance, () => this.#alive);
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Nothing of it reaches the world any more. */
  cut(): void {
    this.#alive = false;
  }

  /** Opens the store as a start does; throws when the disk cannot be read or the log does not hold. */
  start(): void {
    const { disk, faults, onDurable, time } = this.#options;
    const crash = (): void => {
      this.cutOff = true;
      this.cut();
    };
    const backend = disk.mount({ ...this.#watched(faults), crash }, onDurable);
    const tail = verifyTail(backend);
    if (!tail.ok) throw new Error(`the log does not hold: ${tail.problem}`);
    this.store = openStore(backend);
    const log = new KernelLog({ level: 'silent', stream: { write() {} }, keep: 10, now: () => time.wall });
    log.follow((line) => {
      if (this.#alive) this.#options.onLine(line);
    });
    void this.#run(log);
  }

  async #run(log: KernelLog): Promise<void> {
    const { store } = this;
    const { limits } = this.#options;
    if (store === null) return;
    try {
      const kernel = await startKernel({
        store,
        systemModels,
        hosts: [],
        version: 'simulated',
        log,
        zone: 'UTC',
        clock: this.clock,
        machine: MACHINE,
        limits,
      });
      this.kernel = kernel;
      void kernel.ready.then(() => {
        this.ready = true;
      });
      const { exitCode } = await kernel.stopped;
      this.#end(`exit code ${exitCode}`);
    } catch (error) {
      this.#end(`no start: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #watched(faults: Omit<DiskFaults, 'crash'>): Omit<DiskFaults, 'crash'> {
    const note = <T>(happened: T): T => {
      if (happened !== 'done') this.struck = true;
      return happened;
    };
    return {
      full: () => {
        const full = faults.full();
        this.struck ||= full;
        return full;
      },
      write: () => note(faults.write()),
      sync: () => note(faults.sync()),
      read: () => note(faults.read()),
    };
  }

  #end(how: string): void {
    if (!this.#alive) return;
    this.cut();
    this.#options.onEnded(how);
  }
}
