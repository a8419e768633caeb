/** `procos.machine.info` and `procos.machine.disk`: what there is of memory, processors, time and room. */
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import type { StoreDescription } from '@procos/store';
import type { Machine } from '../machine.ts';
import type { SystemCall } from './contract.ts';

export function machineCalls(machine: Machine, store: StoreDescription): readonly SystemCall[] {
  return [
    {
      topic: 'procos.machine.info',
      async run() {
        const { platform, nodeVersion } = machine;
        const [load_1m = 0, load_5m = 0, load_15m = 0] = machine.loadAverage();
        return {
          variables: {
            info: {
              platform,
              node: nodeVersion,
              processors: machine.processors(),
              load_1m,
              load_5m,
              load_15m,
              memory_bytes: machine.memoryBytes(),
              free_memory_bytes: machine.freeMemoryBytes(),
              kernel_resident_bytes: machine.residentBytes(),
              uptime_seconds: Math.floor(machine.uptimeSeconds()),
            },
          },
        };
      },
    },
    {
      topic: 'procos.machine.disk',
      async run() {
        const folder = dirname(store.path ?? `${tmpdir()}/memory`);
        const [free_bytes, total_bytes] = [await machine.freeDiskBytes(folder), await machine.diskBytes(folder)];
        const used_percent = total_bytes === 0 ? 0 : Math.round((1 - free_bytes / total_bytes) * 1000) / 10;
        return { variables: { free_bytes, total_bytes, used_percent } };
      },
    },
  ];
}
