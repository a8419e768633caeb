/** `procos set PID name=value…`: changes variables of a running process. */
import type { Command } from 'commander';
import { type CommonOptions, clientOf, printJson, remoteCommand } from '../cli/command.ts';
import { withFiles } from '../cli/file-values.ts';
import type { Shell } from '../cli/shell.ts';
import { UserError } from '../cli/user-error.ts';
import { collectVariable, type VariableMap } from '../cli/variables.ts';

interface Options extends CommonOptions {
  readonly scope?: string;
  readonly remove?: readonly string[];
}

export function setCommand(shell: Shell): Command {
  return remoteCommand('set', 'change variables of a running process', [
    'procos set 2251 to_email=ada@example.org amount:=7',
    'procos set 2251 --scope approve note=urgent',
    'procos set 2251 report=@report.pdf',
    'procos set 2251 --remove draft',
  ])
    .argument('<pid>', 'process id as `procos ps` shows it')
    .argument('[values...]', 'name=text; name:=json for numbers, lists and objects; name=@FILE for its content')
    .option('--scope <element>', 'in this active element alone (its id, or that of its instance)')
    .option('--remove <name>', 'take this variable away', (name, before: readonly string[] = []) => [...before, name])
    .action(async (pid: string, values: string[], options: Options) => {
      const { scope, remove = [] } = options;
      const given = values.reduce<VariableMap>((before, value) => collectVariable(value, before), {});
      if (values.length + remove.length === 0) throw new UserError('USAGE', 'Give name=value, or --remove NAME.');
      const client = clientOf(shell, options);
      const variables = await withFiles(shell, client, given);
      await client.setProcessVariables(pid, {
        variables,
        ...(remove.length === 0 ? {} : { remove }),
        ...(scope === undefined ? {} : { scope }),
      });
      const where = scope === undefined ? '' : `  in ${scope}`;
      if (options.json) return printJson(shell, { pid, set: Object.keys(variables), removed: remove });
      for (const name of Object.keys(variables)) shell.print(`set ${name}${where}  (process ${pid})`);
      for (const name of remove) shell.print(`removed ${name}${where}  (process ${pid})`);
    });
}
