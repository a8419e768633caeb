/** `procos ps`: the instances as processes. */
import type { ProcessRow } from '@procos/protocol';
import type { Command } from 'commander';
import { type CommonOptions, clientOf, positive, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { age, type Cell, table } from '../cli/text.ts';
import { pointsText } from '../cli/wait-text.ts';

interface Options extends CommonOptions {
  readonly all?: boolean;
  readonly definition?: string;
  readonly limit: number;
}

export function psCommand(shell: Shell): Command {
  return remoteCommand('ps', 'list the processes that run', [
    'procos ps',
    'procos ps --all --definition hello_email_process',
    'procos ps --json | jq .processes[].pid',
  ])
    .option('-a, --all', 'also those that have ended')
    .option('--definition <key>', 'only processes of this definition')
    .option('--limit <number>', 'at most so many, newest first where not all fit', positive, 100)
    .action(async (options: Options) => {
      const { all, definition, limit } = options;
      const state = all ? 'all' : 'active';
      const query = { state, limit, ...(definition === undefined ? {} : { definition }) } as const;
      const list = await clientOf(shell, options).processes(query);
      if (options.json) return printJson(shell, list);
      for (const line of processTable(shell, list.processes)) shell.print(line);
      const hidden = list.total - list.processes.length;
      if (hidden > 0) shell.note(`${hidden} more are not shown: procos ps --limit ${list.total}`);
    });
}

export function processTable(shell: Pick<Shell, 'colour' | 'now'>, rows: readonly ProcessRow[]): string[] {
  const keyed = rows.some((row) => row.businessKey !== null);
  const headers = ['PID', 'NAME', 'STATE', 'WAITS AT', 'AGE', ...(keyed ? ['BUSINESS KEY'] : [])];
  return table(
    shell,
    headers,
    rows.map((row) => [
      row.pid,
      row.bpmnProcessId,
      stateCell(row.state),
      pointsText(row.waitsAt),
      age(row.startedAt, shell.now()),
      ...(keyed ? [row.businessKey ?? ''] : []),
    ]),
  );
}

export function stateCell(state: string): Cell {
  if (state === 'incident') return { text: state, style: 'red' };
  if (state === 'active') return { text: state, style: 'green' };
  return { text: state, style: 'dim' };
}
