/** `procos batch`: one operation on many processes. */
import type { BatchDetail, BatchRow } from '@procos/protocol';
import type { Command } from 'commander';
import { type CommonOptions, clientOf, groupCommand, positive, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { age, table } from '../cli/text.ts';
import { EXIT, UserError } from '../cli/user-error.ts';
import { stateCell } from './ps.ts';

const OPERATIONS = ['cancel', 'suspend', 'resume', 'retry'] as const;

interface ListOptions extends CommonOptions {
  readonly all?: boolean;
  readonly limit: number;
}

export function batchCommand(shell: Shell): Command {
  return groupCommand('batch', 'one operation on many processes: start one, see how far they are', [
    'procos batch list',
    'procos batch start retry order',
    'procos batch show 2251',
  ])
    .addCommand(listCommand(shell), { isDefault: true })
    .addCommand(startCommand(shell))
    .addCommand(showCommand(shell))
    .addCommand(cancelCommand(shell));
}

function listCommand(shell: Shell): Command {
  return remoteCommand('list', 'list the batches that run', ['procos batch list', 'procos batch list --all'])
    .option('-a, --all', 'also those that have ended')
    .option('--limit <number>', 'at most so many, newest first', positive, 100)
    .action(async (options: ListOptions) => {
      const { all, limit } = options;
      const list = await clientOf(shell, options).batches({ state: all ? 'all' : 'active', limit });
      if (options.json) return printJson(shell, list);
      for (const line of batchTable(shell, list.batches)) shell.print(line);
      const hidden = list.total - list.batches.length;
      if (hidden > 0) shell.note(`${hidden} more are not shown: procos batch list --limit ${list.total}`);
    });
}

function startCommand(shell: Shell): Command {
  return remoteCommand('start', 'begin one on all running instances of a process', [
    'procos batch start retry order',
    'procos batch start cancel order',
  ])
    .argument('<operation>', `${OPERATIONS.join(', ')} (retry: what waits in an incident is tried again)`)
    .argument('<process>', 'the id of the process')
    .action(async (name: string, process: string, options: CommonOptions) => {
      const operation = OPERATIONS.find((one) => one === name);
      if (operation === undefined)
        throw new UserError('USAGE', `"${name}" is no operation: give ${OPERATIONS.join(', ')}.`);
      print(shell, options, await clientOf(shell, options).startBatch(operation, process));
    });
}

function showCommand(shell: Shell): Command {
  return remoteCommand('show', 'how far a batch is, and what has failed', ['procos batch show 2251'])
    .argument('<pid>', 'its process id')
    .action(async (pid: string, options: CommonOptions) => {
      print(shell, options, await clientOf(shell, options).batch(pid));
    });
}

function cancelCommand(shell: Shell): Command {
  return remoteCommand('cancel', 'stop batches; what they have done stays done', ['procos batch cancel 2251'])
    .argument('<pids...>', 'their process ids')
    .action(async (pids: string[], options: CommonOptions) => {
      const client = clientOf(shell, options);
      for (const pid of pids) {
        const { endedAt, state } = await client.batch(pid);
        if (endedAt !== null) throw new UserError('ENDED', `batch ${pid} has ended already (${state}).`, EXIT.failed);
        await client.deleteInstance(pid);
        if (!options.json) shell.print(`canceled ${pid}`);
      }
      if (options.json) printJson(shell, { canceled: pids });
    });
}

function print(shell: Shell, options: CommonOptions, batch: BatchDetail): void {
  if (options.json) {
    printJson(shell, batch);
    return;
  }
  const failures = batch.failures.map(({ id, reason }) => [id, reason]);
  const failed = failures.length === 0 ? [] : ['', ...table(shell, ['FAILED', 'REASON'], failures)];
  for (const line of [...batchTable(shell, [batch]), ...failed]) shell.print(line);
}

function batchTable(shell: Pick<Shell, 'colour' | 'now'>, rows: readonly BatchRow[]): string[] {
  return table(
    shell,
    ['PID', 'OPERATION', 'STATE', 'DONE', 'FAILED', 'AGE'],
    rows.map(({ pid, operation, state, suspended, total, done, failed, startedAt }) => [
      pid,
      operation,
      stateCell(state, suspended),
      `${done} of ${total}`,
      failed === 0 ? '' : { text: String(failed), style: 'red' },
      age(startedAt, shell.now()),
    ]),
  );
}
