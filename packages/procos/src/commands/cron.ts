/** `procos cron`: what starts processes by the clock. */
import type { Command } from 'commander';
import { type CommonOptions, clientOf, groupCommand, positive, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { table } from '../cli/text.ts';
import { EXIT, UserError } from '../cli/user-error.ts';
import { untilText } from './lsof.ts';

export function cronCommand(shell: Shell): Command {
  return groupCommand('cron', 'what starts processes by the clock: list, pause, resume, run now', [
    'procos cron list',
    'procos cron pause report',
    'procos cron run report',
  ])
    .addCommand(listCommand(shell), { isDefault: true })
    .addCommand(pauseCommand(shell, 'pause', true))
    .addCommand(pauseCommand(shell, 'resume', false))
    .addCommand(runCommand(shell));
}

function listCommand(shell: Shell): Command {
  return remoteCommand('list', 'list the timers that start processes, the next one first', ['procos cron list'])
    .option('--limit <number>', 'at most so many', positive, 100)
    .action(async (options: CommonOptions & { readonly limit: number }) => {
      const list = await clientOf(shell, options).timers({ limit: options.limit });
      if (options.json) return printJson(shell, list);
      const rows = list.timers.map(
        ({ bpmnProcessId, version, elementName, elementId, dueAt, repeat, remaining, paused }) => [
          bpmnProcessId,
          String(version),
          elementName ?? elementId,
          paused ? { text: 'paused', style: 'yellow' as const } : untilText(dueAt, shell.now()),
          dueAt,
          repeat === null ? 'once' : `${repeat}${remaining === null ? '' : `, ${remaining} more`}`,
        ],
      );
      const headers = ['PROCESS', 'VERSION', 'TIMER', 'NEXT', 'AT', 'CYCLE'];
      for (const line of table(shell, headers, rows)) shell.print(line);
      const hidden = list.total - list.timers.length;
      if (hidden > 0) shell.note(`${hidden} more are not shown: procos cron list --limit ${list.total}`);
    });
}

function pauseCommand(shell: Shell, name: 'pause' | 'resume', suspended: boolean): Command {
  const about = suspended
    ? 'suspend the definition of a process: no timer, message or person starts it; what runs goes on'
    : 'let the definition of a process be started again';
  return remoteCommand(name, about, [`procos cron ${name} report`])
    .argument('<process>', 'the id of the process')
    .action(async (process: string, options: CommonOptions) => {
      const client = clientOf(shell, options);
      await client.timers({ definition: process });
      await client.suspendDefinition(process, suspended);
      if (options.json) return printJson(shell, { process, paused: suspended });
      shell.print(`${suspended ? 'paused' : 'resumed'} ${process}`);
    });
}

function runCommand(shell: Shell): Command {
  return remoteCommand('run', 'trigger the timer of a process now, in the place of its next time', [
    'procos cron run report',
  ])
    .argument('<process>', 'the id of the process')
    .option('--timer <element>', 'which one, where there are several: the id of the start event')
    .action(async (process: string, options: CommonOptions & { readonly timer?: string }) => {
      const client = clientOf(shell, options);
      const { timers } = await client.timers({ definition: process });
      const { timer: wanted } = options;
      const [timer, ...others] = timers.filter(({ elementId }) => wanted === undefined || elementId === wanted);
      if (timer === undefined)
        throw new UserError(
          'NO_TIMER',
          `No timer${wanted === undefined ? '' : ` '${wanted}'`} starts ${process}.`,
          EXIT.failed,
        );
      if (others.length > 0) {
        const names = timers.map(({ elementId }) => elementId).join(', ');
        throw new UserError('USAGE', `Several timers start ${process}: give --timer, one of ${names}.`);
      }
      if (timer.paused)
        throw new UserError('PAUSED', `${process} is paused: procos cron resume ${process}.`, EXIT.failed);
      await client.triggerTimer(timer.timerId);
      if (options.json) return printJson(shell, { process, timerId: timer.timerId });
      shell.print(`triggered ${timer.elementName ?? timer.elementId} of ${process}`);
    });
}
