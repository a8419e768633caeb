/** Which worker hosts a system call is about: the one named in `host`, or all of them. */
import type { Hosts } from '../hosts.ts';
import { Hopeless, type SystemTask } from './contract.ts';

export function hostsOf(task: SystemTask, hosts: Hosts): readonly string[] {
  const name = task.input('host');
  if (name === null || name === '') return hosts.names;
  if (typeof name !== 'string' || !hosts.has(name)) {
    const known = hosts.names.join(', ') || 'none';
    throw new Hopeless(`There is no worker host ${JSON.stringify(name)}: put one of these into "host": ${known}.`);
  }
  return [name];
}
