/** `procos deploy FILES…`: has the deployment process check and deploy models, decisions and forms as one deployment. */
import type { Command } from 'commander';
import { type CommonOptions, clientOf, printJson, remoteCommand } from '../cli/command.ts';
import { deployByProcess } from '../cli/deploying-process.ts';
import { withFiles } from '../cli/file-values.ts';
import { readModels } from '../cli/files.ts';
import type { Shell } from '../cli/shell.ts';
import { collectVariable, type VariableMap } from '../cli/variables.ts';

interface Options extends CommonOptions {
  readonly name?: string;
  readonly system?: boolean;
  readonly smoke?: string;
  readonly var?: VariableMap;
}

export function deployCommand(shell: Shell): Command {
  return remoteCommand('deploy', 'deploy models, decisions and forms together; unchanged files make no new version', [
    'procos deploy order.bpmn',
    'procos deploy --name approval document_approval.bpmn decide.form',
    'procos deploy invoice.bpmn discount.dmn',
    'procos deploy --smoke order --var amount:=3 order.bpmn',
    'procos deploy --system system/health_monitoring.bpmn',
  ])
    .argument('<files...>', '.bpmn and .dmn files and what they refer to (.form, …), or folders of them')
    .option('--name <name>', 'name of the deployment (default: the first file)')
    .option('--system', 'processes of the system (procos_system_…), with their rights; refused for any other')
    .option(
      '--smoke <process>',
      'try a start of it first, in memory and seen by no worker; refuse when that is an incident',
    )
    .option('--var <name=text>', 'variable of that start; name:=json for numbers, lists and objects', collectVariable)
    .action(async (paths: string[], options: Options) => {
      const client = clientOf(shell, options);
      const files = readModels(shell, paths);
      const deployed = await deployByProcess(shell, client, files, {
        name: options.name,
        system: options.system === true,
        smoke:
          options.smoke === undefined
            ? undefined
            : { process: options.smoke, variables: await withFiles(shell, client, options.var) },
      });
      if (options.json) return printJson(shell, deployed);
      const what = deployed.unchanged ? 'unchanged' : 'deployed';
      for (const { bpmnProcessId, version, resourceName } of deployed.definitions)
        shell.print(`${what}  ${bpmnProcessId} version ${version}  (${resourceName})`);
      for (const { decisionId, version, resourceName } of deployed.decisions)
        shell.print(`${what}  decision ${decisionId} version ${version}  (${resourceName})`);
      if (deployed.definitions.length === 0 && deployed.decisions.length === 0)
        for (const { name } of files) shell.print(`${what}  ${name}`);
    });
}
