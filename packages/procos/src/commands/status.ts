/** `procos status`: how the system is. */
import type { SystemStatus } from '@procos/protocol';
import type { Command } from 'commander';
import { type CommonOptions, clientOf, printJson, remoteCommand } from '../cli/command.ts';
import { whatHolds } from '../cli/following.ts';
import type { Shell } from '../cli/shell.ts';
import { age, count, pairs, size } from '../cli/text.ts';
import { waitText } from '../cli/wait-text.ts';

export function statusCommand(shell: Shell): Command {
  return remoteCommand('status', 'show how the system is', ['procos status', 'procos status --json']).action(
    async (options: CommonOptions) => {
      const client = clientOf(shell, options);
      const status = await client.system();
      if (options.json) return printJson(shell, status);
      const run = status.safe ? ', a safe run by the shipped versions of the system' : '';
      shell.print(`ProcOS ${status.version} is ${status.phase} at ${client.baseUrl}${run}`);
      for (const line of pairs(shell, statusPairs(status, shell.now()))) shell.print(line);
      const held = status.phase === 'booting' ? await whatHolds(client) : undefined;
      if (held !== undefined) shell.note(`It takes nothing up yet: ${held}`);
    },
  );
}

function statusPairs(status: SystemStatus, nowMs: number): [string, string][] {
  const { root, store, counts } = status;
  return [
    ['up', age(status.startedAt, nowMs)],
    // A kernel of an earlier version says nothing of it.
    ...(status.clockPinnedAt == null ? [] : [['clock', `stands still at ${status.clockPinnedAt}`] as [string, string]]),
    ['PID 1', root === null ? 'not started yet' : `${root.bpmnProcessId}, ${waitText(root.waitsAt)}`],
    [
      'processes',
      `${counts.running} running, ${count(counts.incidents, 'incident')}, ${count(counts.userTasks, 'user task')}, ` +
        `${count(counts.externalTasks, 'external task')}, ${count(counts.definitions, 'definition')}`,
    ],
    ['store', `${store.path ?? store.kind}, ${size(store.sizeBytes)}, ${count(store.lastSequence, 'record')}`],
    ['memory', size(status.residentBytes)],
    ...status.hosts.map((host): [string, string] => [
      `host ${host.name}`,
      `${host.state}${host.osPid === null ? '' : ` (operating system pid ${host.osPid})`}, ` +
        `${count(host.restarts, 'restart')}, topics: ${host.topics.join(', ') || 'none'}`,
    ]),
  ];
}
