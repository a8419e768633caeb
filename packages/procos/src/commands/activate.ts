/** `procos activate PID SUB ELEMENT…`: starts activities inside an ad-hoc sub-process that waits. */
import type { Command } from 'commander';
import { type CommonOptions, clientOf, printJson, remoteCommand } from '../cli/command.ts';
import { withFiles } from '../cli/file-values.ts';
import type { Shell } from '../cli/shell.ts';
import { collectVariable, type VariableMap } from '../cli/variables.ts';

interface Options extends CommonOptions {
  readonly var?: VariableMap;
  readonly cancelRemaining?: boolean;
}

export function activateCommand(shell: Shell): Command {
  return remoteCommand('activate', 'start activities inside an ad-hoc sub-process', [
    'procos activate 2251 investigation interview search',
    'procos activate 2251 investigation interview --var witness=Ada --cancel-remaining',
  ])
    .argument('<pid>', 'process id as `procos ps` shows it')
    .argument('<sub-process>', 'id of the ad-hoc sub-process')
    .argument('<elements...>', 'ids of the activities to start')
    .option('--var <name=text>', 'variable of each of them; name:=json for numbers, lists and objects', collectVariable)
    .option('--cancel-remaining', 'cancel what is active inside first')
    .action(async (pid: string, elementId: string, names: string[], options: Options) => {
      const client = clientOf(shell, options);
      const variables = await withFiles(shell, client, options.var);
      const elements = names.map((name) => ({ elementId: name, variables }));
      await client.activate(pid, {
        elementId,
        elements,
        cancelRemaining: options.cancelRemaining === true,
      });
      if (options.json) return printJson(shell, { pid, activated: names });
      shell.print(`activated ${names.join(', ')}  in ${elementId}  (process ${pid})`);
    });
}
