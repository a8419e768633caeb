/** `procos df`, `uptime`, `workers` and `dmesg`: one view of the system each, named as on Unix. */
import type { WorkerRow } from '@procos/protocol';
import type { Command } from 'commander';
import { type CommonOptions, clientOf, positive, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { age, type Cell, count, size, table, valueText } from '../cli/text.ts';
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
      const { startedAt, now, phase, safe, counts } = await clientOf(shell, options).system();
      if (options.json) return printJson(shell, { startedAt, now, phase, safe, ...counts });
      shell.print(
        `up ${age(startedAt, Date.parse(now))}, ${phase}${safe ? ', safe run' : ''}, ${count(counts.running, 'process', 'processes')}, ` +
          `${count(counts.incidents, 'incident')}, ${count(counts.userTasks, 'user task')}, ${count(counts.externalTasks, 'external task')}`,
      );
    },
  );
}

export function workersCommand(shell: Shell): Command {
  return remoteCommand(
    'workers',
    'list the worker hosts of the system, and all workers: what they serve and how they fare',
    ['procos workers', 'procos workers --topic http_request --json'],
  )
    .option('--topic <name>', 'only workers that serve this topic')
    .action(async (options: CommonOptions & { readonly topic?: string }) => {
      const client = clientOf(shell, options);
      const [{ hosts }, { workers }] = await Promise.all([client.system(), client.workers(options.topic)]);
      if (options.json) return printJson(shell, { hosts, workers });
      const hostRows = hosts.map(({ name, state, silent, osPid, restarts, startedAt, topics }) => [
        name,
        {
          text: silent ? 'silent' : state,
          style: state === 'running' && !silent ? ('green' as const) : ('red' as const),
        },
        osPid === null ? '' : String(osPid),
        String(restarts),
        startedAt === null ? '' : age(startedAt, shell.now()),
        topics.join(', '),
      ]);
      for (const line of table(shell, ['HOST', 'STATE', 'OS PID', 'RESTARTS', 'AGE', 'TOPICS'], hostRows))
        shell.print(line);
      if (workers.length === 0) return;
      shell.print('');
      const headers = ['WORKER', 'KIND', 'STATE', 'SEEN', 'HOLDS', 'DONE', 'FAILED', 'PER MIN', 'TOPICS', 'LAST ERROR'];
      for (const line of table(
        shell,
        headers,
        workers.map((row) => workerRow(row, shell.now())),
      ))
        shell.print(line);
    });
}

function workerRow(row: WorkerRow, now: number): (string | Cell)[] {
  return [
    row.version === null ? row.name : `${row.name} ${row.version}`,
    row.kind,
    stateOf(row),
    age(row.seenAt, now),
    row.capacity === null ? String(row.locked) : `${row.locked}/${row.capacity}`,
    String(row.completed),
    String(row.failed),
    String(row.perMinute),
    row.topics.join(', '),
    row.lastError === null ? '' : valueText(`${row.lastError.topic}: ${row.lastError.message}`, 60),
  ];
}

function stateOf({ silent, gone }: WorkerRow): Cell {
  if (gone) return { text: 'gone', style: 'dim' };
  return silent ? { text: 'silent', style: 'red' } : { text: 'alive', style: 'green' };
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
