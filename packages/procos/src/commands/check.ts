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
    'procos check discount.dmn prices.dmn',
  ])
    .argument('<files...>', '.bpmn files, each by itself, and .dmn files, all together, or folders of them')
    .action(async (paths: string[], options: CommonOptions) => {
      const files = readModels(shell, paths);
      const { refused, checked, findings, defines } = await checkModels(clientOf(shell, options), files);
      if (refused) shell.exitCode = EXIT.failed;
      if (options.json) return printJson(shell, { refused, findings, defines });
      for (const line of findingLines(shell, findings)) shell.print(line);
      for (const { kind, id, resource } of defines)
        shell.print(`checked  ${kind === 'decision' ? 'decision ' : ''}${id}  (${resource})`);
      shell.print(
        refused ? 'refused: a deployment would change nothing' : `${count(checked, 'model')} can be deployed`,
      );
    });
}
