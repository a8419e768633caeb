/** `procos deploy FILES…`: checks and deploys models and forms as one deployment. */
import type { Command } from 'commander';
import { type CommonOptions, clientOf, printJson, remoteCommand } from '../cli/command.ts';
import { deployModels } from '../cli/deploying.ts';
import { readModels } from '../cli/files.ts';
import type { Shell } from '../cli/shell.ts';

interface Options extends CommonOptions {
  readonly name?: string;
}

export function deployCommand(shell: Shell): Command {
  return remoteCommand('deploy', 'deploy models and forms together; unchanged files make no new version', [
    'procos deploy order.bpmn',
    'procos deploy --name approval document_approval.bpmn decide.form',
  ])
    .argument('<files...>', '.bpmn files and what they refer to (.form, …)')
    .option('--name <name>', 'name of the deployment (default: the first file)')
    .action(async (paths: string[], options: Options) => {
      const client = clientOf(shell, options);
      const files = readModels(shell, paths);
      const deployed = await deployModels(shell, client, files, options.name);
      if (options.json) return printJson(shell, deployed);
      for (const definition of deployed.definitions) {
        const what = deployed.unchanged ? 'unchanged' : 'deployed';
        shell.print(`${what}  ${definition.bpmnProcessId} version ${definition.version}  (${definition.resourceName})`);
      }
      if (deployed.definitions.length === 0) shell.print(deployed.unchanged ? 'unchanged' : 'deployed');
    });
}
