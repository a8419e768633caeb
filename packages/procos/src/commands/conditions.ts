/** `procos conditions`: starts the processes whose conditional start event holds for these variables. */
import type { Command } from 'commander';
import { type CommonOptions, clientOf, printJson, remoteCommand } from '../cli/command.ts';
import { withFiles } from '../cli/file-values.ts';
import type { Shell } from '../cli/shell.ts';
import { collectVariable, type VariableMap } from '../cli/variables.ts';

interface Options extends CommonOptions {
  readonly var?: VariableMap;
  readonly key?: string;
}

export function conditionsCommand(shell: Shell): Command {
  return remoteCommand('conditions', 'start the processes whose start condition holds', [
    'procos conditions --var temperature:=91',
    'procos conditions --var stock:=0 --key article-7',
  ])
    .option(
      '--var <name=text>',
      'variable to judge by and begin with; name:=json for others than text',
      collectVariable,
    )
    .option('--key <text>', 'business key of what is started')
    .action(async (options: Options) => {
      const client = clientOf(shell, options);
      const started = await client.evaluateConditions(await withFiles(shell, client, options.var), options.key);
      if (options.json) return printJson(shell, { started });
      if (started.length === 0) shell.print('no condition holds: nothing was started');
      for (const pid of started) shell.print(`started ${pid}`);
    });
}
