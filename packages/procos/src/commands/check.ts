/** `procos check FILES…`: what deploying would say, without doing it. */
import type { Command } from 'commander';
import { type CommonOptions, clientOf, printJson, remoteCommand } from '../cli/command.ts';
import { checkModels, findingLines, readModels } from '../cli/files.ts';
import type { Shell } from '../cli/shell.ts';
import { count } from '../cli/text.ts';
import { EXIT } from '../cli/user-error.ts';

export function checkCommand(shell: Shell): Command {
  return remoteCommand('check', 'say what is wrong with models, without deploying them', [
    'procos check order.bpmn',
    'procos check models/*.bpmn --json',
  ])
    .argument('<files...>', '.bpmn files')
    .action(async (paths: string[], options: CommonOptions) => {
      const { refused, checked, findings } = await checkModels(clientOf(shell, options), readModels(shell, paths));
      if (refused) shell.exitCode = EXIT.failed;
      if (options.json) return printJson(shell, { refused, findings });
      for (const line of findingLines(shell, findings)) shell.print(line);
      shell.print(
        refused ? 'refused: a deployment would change nothing' : `${count(checked, 'model')} can be deployed`,
      );
    });
}
