/** `procos.worker.give_up`: a host fails again and again. Waits in an incident; resolving it means: try once more. */
import type { Hosts } from '../hosts.ts';
import { Hopeless, type SystemCall } from './contract.ts';
import { hostsOf } from './host-input.ts';

export function workerGiveUp(hosts: Hosts): SystemCall {
  return {
    topic: 'procos.worker.give_up',
    async run(task) {
      const names = hostsOf(task, hosts);
      if (!task.again) {
        const text = `Worker host ${names.join(', ')} failed again and again right after its start.`;
        throw new Hopeless(
          `${text} See the kernel's log, mend the cause, then resolve this incident to start it again.`,
        );
      }
      for (const name of names) hosts.forgetFailures(name);
      return { variables: {} };
    },
  };
}
