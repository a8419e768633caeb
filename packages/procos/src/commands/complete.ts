/** `procos complete TASK`: does what a person would do with a task. */
import type { Command } from 'commander';
import { type CommonOptions, clientOf, printJson, remoteCommand } from '../cli/command.ts';
import { withFiles } from '../cli/file-values.ts';
import type { Shell } from '../cli/shell.ts';
import { collectVariable, type VariableMap } from '../cli/variables.ts';

interface Options extends CommonOptions {
  readonly var?: VariableMap;
}

export function completeCommand(shell: Shell): Command {
  return remoteCommand('complete', 'complete a task that waits for a person', [
    'procos complete 2260',
    "procos complete 2260 --var approved:=true --var comment='well done'",
  ])
    .argument('<task>', 'task id as `procos tasks` shows it')
    .option('--var <name=text>', 'variable to hand over; name:=json for numbers, lists and objects', collectVariable)
    .action(async (taskId: string, options: Options) => {
      const client = clientOf(shell, options);
      const task = await client.task(taskId);
      await client.completeTask(taskId, await withFiles(shell, client, options.var));
      if (options.json) return printJson(shell, { completed: taskId, pid: task.pid });
      shell.print(`completed ${taskId}  ${task.name ?? task.elementId}  (process ${task.pid})`);
    });
}
