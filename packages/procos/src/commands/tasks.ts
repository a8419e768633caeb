/** `procos tasks`: the work that waits for people. */
import type { Command } from 'commander';
import { type CommonOptions, clientOf, positive, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { age, table } from '../cli/text.ts';

interface Options extends CommonOptions {
  readonly assignee?: string;
  readonly limit: number;
}

export function tasksCommand(shell: Shell): Command {
  return remoteCommand('tasks', 'list the tasks that wait for people', ['procos tasks', 'procos tasks --assignee mary'])
    .option('--assignee <user>', 'only tasks of this user')
    .option('--limit <number>', 'at most so many, oldest first', positive, 100)
    .action(async (options: Options) => {
      const { assignee, limit } = options;
      const list = await clientOf(shell, options).tasks({ limit, ...(assignee === undefined ? {} : { assignee }) });
      if (options.json) return printJson(shell, list);
      const rows = list.tasks.map((task) => [
        task.taskId,
        task.name ?? task.elementId,
        task.bpmnProcessId,
        task.pid,
        task.assignee ?? [...task.candidateUsers, ...task.candidateGroups].join(', '),
        age(task.createdAt, shell.now()),
      ]);
      for (const line of table(shell, ['TASK', 'NAME', 'PROCESS', 'PID', 'FOR', 'AGE'], rows)) shell.print(line);
      const hidden = list.total - list.tasks.length;
      if (hidden > 0) shell.note(`${hidden} more are not shown: procos tasks --limit ${list.total}`);
    });
}
