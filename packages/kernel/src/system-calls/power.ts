/** System calls of the life of the system itself: ready, failed to boot, no new work, checkpoint, off. */
import type { KernelLog } from '../log.ts';
import type { SystemCall } from './contract.ts';

/** The switches of the kernel. */
export interface Power {
  /** PID 1 is about to wait for work. */
  ready(): void;
  /** False: this shutdown was begun before the kernel started, by one that has died since; nobody wants it any more. */
  shutdownWanted(processInstanceId: number): boolean;
  stopWork(): void;
  checkpoint(): void;
  off(): void;
  /** Off, and on again with this backup in the place of the store. */
  restart(restore: string): void;
  /** PID 1 stands parked and shall boot. */
  on(): void;
}

export function powerCalls(power: Power, log: KernelLog): readonly SystemCall[] {
  return [
    {
      topic: 'procos.system.ready',
      async run() {
        return { afterwards: () => power.ready() };
      },
    },
    {
      topic: 'procos.system.failed',
      async run(task) {
        const fields = { findings: task.input('findings'), correlation_id: task.processInstanceId };
        log.error('kernel_bootstrap_failed', 'The system did not come up healthy; it will try again.', fields);
        return {};
      },
    },
    {
      topic: 'procos.work.stop',
      async run(task) {
        if (power.shutdownWanted(task.processInstanceId)) power.stopWork();
        return {};
      },
    },
    {
      topic: 'procos.store.checkpoint',
      async run() {
        power.checkpoint();
        return {};
      },
    },
    {
      topic: 'procos.power.off',
      async run(task) {
        const wanted = power.shutdownWanted(task.processInstanceId);
        // After the completion: PID 1 must stand parked on the disk before the kernel goes.
        return { afterwards: () => (wanted ? power.off() : power.on()) };
      },
    },
  ];
}
