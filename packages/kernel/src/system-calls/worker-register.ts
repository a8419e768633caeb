/** `procos.worker.register`: which topics the running worker hosts serve. */
import type { Hosts } from '../hosts.ts';
import type { KernelLog } from '../log.ts';
import type { SystemCall } from './contract.ts';

export function workerRegister(hosts: Hosts, log: KernelLog): SystemCall {
  return {
    topic: 'procos.worker.register',
    async run(task) {
      const workers = hosts
        .status()
        .filter(({ state }) => state === 'running')
        .map(({ name, topics }) => ({ host: name, topics }));
      const fields = { workers, correlation_id: task.processInstanceId };
      log.info('workers_registered', `Worker hosts that serve their topics: ${workers.length}.`, fields);
      return { variables: { workers } };
    },
  };
}
