/** `procos.worker.drain`: lets one worker host (`host`), or all, finish the work at hand and end. */
import type { Hosts } from '../hosts.ts';
import type { SystemCall } from './contract.ts';
import { hostsOf } from './host-input.ts';

export function workerDrain(hosts: Hosts, timeoutMs: number): SystemCall {
  return {
    topic: 'procos.worker.drain',
    async run(task) {
      const names = hostsOf(task, hosts);
      const drained = await Promise.all(names.map((name) => hosts.drain(name, timeoutMs)));
      return { variables: { forced: names.filter((_, index) => !drained[index]) } };
    },
  };
}
