/** `procos.worker.start`: starts one worker host (`host`), or all, and waits until they are ready. */
import type { Hosts } from '../hosts.ts';
import type { SystemCall } from './contract.ts';
import { hostsOf } from './host-input.ts';

export function workerStart(hosts: Hosts): SystemCall {
  return {
    topic: 'procos.worker.start',
    async run(task) {
      const starts = await Promise.all(hostsOf(task, hosts).map((name) => hosts.start(name)));
      const failed = starts.filter((start) => !start.started);
      const worst = failed.toSorted((a, b) => b.quickFailures - a.quickFailures)[0];
      return {
        variables: {
          started: failed.length === 0,
          quick_failures: worst?.quickFailures ?? 0,
          back_off: worst?.backOff ?? 'PT0S',
          failures: failed.map(({ host, reason }) => `${host}: ${reason}`),
        },
      };
    },
  };
}
