/** `procos.worker.restart`: lets a worker host finish the work at hand and end, and starts it again; which one, say the parameters. */
import type { Json } from '@procos/bpmn';
import type { Hosts } from '../hosts.ts';
import type { SystemCall, SystemTask } from './contract.ts';

export function workerRestart(hosts: Hosts, timeoutMs: number): SystemCall {
  return {
    topic: 'procos.worker.restart',
    async run(task) {
      const host = hostOf(task, hosts);
      if (host === null) {
        const known = hosts.names.join(', ') || 'none';
        const text = `No worker host is known to serve it: name one in the parameter component. Known are: ${known}.`;
        return { variables: { problem: text } };
      }
      await hosts.drain(host, timeoutMs);
      hosts.forgetFailures(host);
      const start = await hosts.start(host);
      const problem = start.started ? null : `Worker host ${host} did not start again: ${start.reason}`;
      return { variables: { problem } };
    },
  };
}

/** The one that is named, else the one that serves the topic of what failed. */
function hostOf(task: SystemTask, hosts: Hosts): string | null {
  const parameters = task.input('parameters') as { readonly component?: Json } | null;
  const named = parameters?.component ?? task.input('component');
  if (typeof named === 'string' && named !== '') return hosts.has(named) ? named : null;
  const topic = task.input('topic');
  return hosts.status().find(({ topics }) => topics.some((one) => one === topic))?.name ?? null;
}
