/** `procos df`, `uptime`, `workers` and `dmesg`: one view of the system each, named as on Unix. */
import type { Command } from 'commander';
import { type CommonOptions, clientOf, positive, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { age, count, size, table } from '../cli/text.ts';
import { kernelLog } from './logs.ts';

export function dfCommand(shell: Shell): Command {
  return remoteCommand('df', 'show how large the store is', ['procos df', 'procos df --json | jq .sizeBytes']).action(
    async (options: CommonOptions) => {
      const { store } = await clientOf(shell, options).system();
      if (options.json) return printJson(shell, store);
      const row = [store.kind, size(store.sizeBytes), String(store.lastSequence), store.path ?? ''];
      for (const line of table(shell, ['STORE', 'SIZE', 'RECORDS', 'PATH'], [row])) shell.print(line);
    },
  );
}

export function uptimeCommand(shell: Shell): Command {
  return remoteCommand('uptime', 'show for how long the system runs, and what runs', ['procos uptime']).action(
    async (options: CommonOptions) => {
      const { startedAt, now, phase, counts } = await clientOf(shell, options).system();
      if (options.json) return printJson(shell, { startedAt, now, phase, ...counts });
      shell.print(
        `up ${age(startedAt, Date.parse(now))}, ${phase}, ${count(counts.running, 'process', 'processes')}, ` +
          `${count(counts.incidents, 'incident')}, ${count(counts.userTasks, 'user task')}, ${count(counts.externalTasks, 'external task')}`,
      );
    },
  );
}

export function workersCommand(shell: Shell): Command {
  return remoteCommand('workers', 'list the worker hosts of the system, and the topics that they serve', [
    'procos workers',
  ]).action(async (options: CommonOptions) => {
    const { hosts } = await clientOf(shell, options).system();
    if (options.json) return printJson(shell, { hosts });
    const rows = hosts.map(({ name, state, osPid, restarts, startedAt, topics }) => [
      name,
      { text: state, style: state === 'running' ? ('green' as const) : ('red' as const) },
      osPid === null ? '' : String(osPid),
      String(restarts),
      startedAt === null ? '' : age(startedAt, shell.now()),
      topics.join(', '),
    ]);
    const headers = ['HOST', 'STATE', 'OS PID', 'RESTARTS', 'AGE', 'TOPICS'];
    for (const line of table(shell, headers, rows)) shell.print(line);
  });
}

export function dmesgCommand(shell: Shell): Command {
  return remoteCommand('dmesg', 'show what the kernel and its hosts say; with --json one object per line', [
    'procos dmesg',
    'procos dmesg -f',
  ])
    .option('-f, --follow', 'go on with what they say now, until Ctrl-C')
    .option('-n, --lines <number>', 'so many lines of the past', positive, 200)
    .action((options: CommonOptions & { readonly follow?: boolean; readonly lines: number }) =>
      kernelLog(shell, clientOf(shell, options), options),
    );
}
