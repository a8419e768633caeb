/** `procos topic [NAME] [--by workers|PROCESS]`: which process does the tasks of a topic, or that workers do; and the change. */
import type { TopicRow } from '@procos/protocol';
import type { Command } from 'commander';
import { type CommonOptions, clientOf, printJson, remoteCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { table } from '../cli/text.ts';
import { UserError } from '../cli/user-error.ts';

const WORKERS = 'workers';

interface Options extends CommonOptions {
  readonly by?: string;
  readonly tenant?: string;
}

export function topicCommand(shell: Shell): Command {
  return remoteCommand('topic', 'show which process serves a topic, or give the topic to another one or to workers', [
    'procos topic',
    'procos topic http_request --by cached_http',
    'procos topic http_request --by workers',
  ])
    .argument('[name]', 'topic (a job type of Camunda 8 is one, too)')
    .option('--by <server>', `who does its tasks from now on: a process that declares it, or ${WORKERS}`)
    .option('--tenant <id>', 'of this tenant (default: of none)')
    .action(async (name: string | undefined, options: Options) => {
      const client = clientOf(shell, options);
      if (options.by !== undefined && name === undefined)
        throw new UserError('USAGE', 'Which topic? procos topic NAME --by SERVER.');
      if (options.by !== undefined && name !== undefined) {
        const process = options.by === WORKERS ? null : options.by;
        const row = await client.chooseTopicServer(name, { process, tenantId: options.tenant ?? null });
        if (options.json) return printJson(shell, row);
        shell.print(`${row.topic} is served by ${serverOf(row)} from now on`);
        return;
      }
      const { topics } = await client.topics(name);
      const shown = topics.filter((row) => options.tenant === undefined || row.tenantId === options.tenant);
      if (options.json) return printJson(shell, { topics: shown });
      if (name !== undefined && shown.length === 0) {
        shell.print(`${name} is served by workers: no process declares it`);
        return;
      }
      const rows = shown.map((row) => [
        row.topic,
        serverOf(row),
        row.chosen ? 'chosen' : 'declared',
        row.declaredBy.join(', '),
        String(row.tasks),
        row.tenantId ?? '',
      ]);
      for (const line of table(shell, ['TOPIC', 'SERVED BY', 'AS', 'DECLARED BY', 'TASKS', 'TENANT'], rows))
        shell.print(line);
    });
}

function serverOf({ process }: TopicRow): string {
  return process === null ? WORKERS : `process ${process}`;
}
