/** `procos lsof PID`: what a process holds. */
import type { Command } from 'commander';
import { type CommonOptions, clientOf, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { age, table } from '../cli/text.ts';

export function lsofCommand(shell: Shell): Command {
  return remoteCommand('lsof', 'list what a process holds: tasks, locks, subscriptions, timers', [
    'procos lsof 2251',
    'procos lsof 1 --json | jq .holdings[].kind',
  ])
    .argument('<pid>', 'process id as `procos ps` shows it')
    .action(async (pid: string, options: CommonOptions) => {
      const list = await clientOf(shell, options).holdings(pid);
      if (options.json) return printJson(shell, list);
      const rows = list.holdings.map(({ kind, id, elementId, name, key, holder, until, retries }) => [
        id,
        kind,
        elementId,
        key === null || key === '' ? name : `${name} [${key}]`,
        holder ?? '',
        until === null ? '' : untilText(until, shell.now()),
        retries === null ? '' : String(retries),
      ]);
      const headers = ['ID', 'KIND', 'ELEMENT', 'NAME', 'HELD BY', 'DUE', 'RETRIES'];
      for (const line of table(shell, headers, rows)) shell.print(line);
    });
}

/** `in 3m`, `45s ago`. */
export function untilText(at: string, nowMs: number): string {
  const leftMs = Date.parse(at) - nowMs;
  return leftMs >= 0 ? `in ${age(new Date(nowMs).toISOString(), nowMs + leftMs)}` : `${age(at, nowMs)} ago`;
}
