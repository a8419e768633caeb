/** `procos ps`: the instances as processes. */
import type { ProcessRow } from '@procos/protocol';
import type { Command } from 'commander';
import { type CommonOptions, clientOf, positive, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { age, type Cell, table } from '../cli/text.ts';
import { UserError } from '../cli/user-error.ts';
import { pointsText } from '../cli/wait-text.ts';

interface Options extends CommonOptions {
  readonly all?: boolean;
  readonly definition?: string;
  readonly businessKey?: string;
  readonly incidents?: boolean;
  readonly tree?: boolean;
  readonly columns?: readonly ColumnName[];
  readonly limit: number;
}

export function psCommand(shell: Shell): Command {
  return remoteCommand('ps', 'list the processes that run', [
    'procos ps',
    'procos ps --all --definition hello_email_process',
    'procos ps --tree',
    'procos ps --incidents -o pid,name,since',
    'procos ps --json | jq .processes[].pid',
  ])
    .option('-a, --all', 'also those that have ended')
    .option('--definition <key>', 'only processes of this definition')
    .option('--business-key <key>', 'only processes with this business key')
    .option('--incidents', 'only processes that stand in an incident')
    .option('--tree', 'called processes below their callers')
    .option('-o, --columns <names>', `which columns, with commas: ${COLUMN_NAMES.join(', ')}`, columnsOf)
    .option('--limit <number>', 'at most so many, newest first where not all fit', positive, 100)
    .action(async (options: Options) => {
      const { all, definition, businessKey, incidents, limit } = options;
      const state = incidents ? 'incident' : all ? 'all' : 'active';
      const list = await clientOf(shell, options).processes({
        state,
        limit,
        ...(definition === undefined ? {} : { definition }),
        ...(businessKey === undefined ? {} : { businessKey }),
      });
      if (options.json) return printJson(shell, list);
      const { columns, tree } = options;
      const rows = tree ? asTree(list.processes) : list.processes;
      for (const line of processTable(shell, rows, columns)) shell.print(line);
      const hidden = list.total - list.processes.length;
      if (hidden > 0) shell.note(`${hidden} more are not shown: procos ps --limit ${list.total}`);
    });
}

type ColumnName =
  | 'pid'
  | 'name'
  | 'state'
  | 'waits at'
  | 'age'
  | 'business key'
  | 'version'
  | 'parent'
  | 'since'
  | 'ended'
  | 'user';
type ShownRow = ProcessRow & { readonly depth?: number };

type Column = (row: ShownRow, nowMs: number) => string | Cell;

const COLUMNS: Readonly<Record<ColumnName, Column>> = {
  pid: ({ pid }) => pid,
  name: ({ bpmnProcessId, depth = 0 }) => `${'  '.repeat(depth)}${bpmnProcessId}`,
  state: ({ state, suspended }) => stateCell(state, suspended),
  'waits at': ({ waitsAt }) => pointsText(waitsAt),
  age: ({ startedAt }, nowMs) => age(startedAt, nowMs),
  'business key': ({ businessKey }) => businessKey ?? '',
  version: ({ version }) => String(version),
  parent: ({ parentPid }) => parentPid ?? '',
  since: ({ startedAt }) => startedAt,
  ended: ({ endedAt }) => endedAt ?? '',
  user: ({ startedBy }) => startedBy,
};
const COLUMN_NAMES = Object.keys(COLUMNS) as readonly ColumnName[];

function columnsOf(text: string): readonly ColumnName[] {
  return text.split(',').map((given) => {
    const name = given.trim().toLowerCase().replace(/[-_]/g, ' ');
    const column = COLUMN_NAMES.find((one) => one === name);
    if (column === undefined) throw new UserError('USAGE', `"${given}" is no column: give ${COLUMN_NAMES.join(', ')}.`);
    return column;
  });
}

export function processTable(
  shell: Pick<Shell, 'colour' | 'now'>,
  rows: readonly ShownRow[],
  chosen?: readonly ColumnName[],
): string[] {
  const keyed = rows.some((row) => row.businessKey !== null);
  const usual: readonly ColumnName[] = [
    'pid',
    'name',
    'state',
    'waits at',
    'age',
    ...(keyed ? (['business key'] as const) : []),
  ];
  const columns = chosen ?? usual;
  return table(
    shell,
    columns.map((name) => name.toUpperCase()),
    rows.map((row) => columns.map((name) => COLUMNS[name](row, shell.now()))),
  );
}

/** Called processes below their callers; whose caller is not among the rows stands at the top. */
function asTree(rows: readonly ProcessRow[]): readonly ShownRow[] {
  const there = new Set(rows.map(({ pid }) => pid));
  const below = Map.groupBy(rows, ({ parentPid }) => (parentPid !== null && there.has(parentPid) ? parentPid : ''));
  const from = (pid: string, depth: number): ShownRow[] =>
    (below.get(pid) ?? []).flatMap((row) => [{ ...row, depth }, ...from(row.pid, depth + 1)]);
  return from('', 0);
}

/** An incident of a suspended process is what to look at first. */
export function stateCell(state: string, suspended = false): Cell {
  if (suspended && state === 'active') return { text: 'suspended', style: 'yellow' };
  if (state === 'incident') return { text: state, style: 'red' };
  if (state === 'active') return { text: state, style: 'green' };
  return { text: state, style: 'dim' };
}
