/** `procos run FILE|KEY`: deploys a model, hands it to PID 1, shows what happens and what came out. */
import type { ProcosClient } from '@procos/client';
import type { Command } from 'commander';
import { type CommonOptions, clientOf, remoteCommand } from '../cli/command.ts';
import { deployModels } from '../cli/deploying.ts';
import { findModels, isModel, readModels } from '../cli/files.ts';
import { type RunOptions, runAsChild } from '../cli/running.ts';
import type { Shell } from '../cli/shell.ts';
import { UserError } from '../cli/user-error.ts';
import { collectVariable } from '../cli/variables.ts';

interface Options extends CommonOptions, RunOptions {
  readonly json?: boolean;
  readonly process?: string;
}

export function runCommand(shell: Shell): Command {
  return remoteCommand('run', 'run a process as a child of PID 1, show what happens and what came out', [
    `procos run examples/order_fulfilment --var order:='{"order_id":"A-17","item":"Lamp","quantity":2}'`,
    "procos run hello_email.bpmn --var to_email=you@example.org --var name='Ada'",
    'procos run order_fulfilment --business-key A-17 --no-wait',
    'procos run report.bpmn --json | jq .variables.total',
  ])
    .argument(
      '<file>',
      'a .bpmn file (the .form and .dmn files beside it go along), a folder of models, or the id of a process',
    )
    .option('--var <name=text>', 'variable at the start; name:=json for numbers, lists and objects', collectVariable)
    .option('--business-key <key>', 'business key of the process')
    .option('--process <id>', 'which process to run, where the files hold more than one')
    .option('--wait', 'wait for its end (so it is unless --no-wait)', true)
    .option('--no-wait', 'hand it over and do not wait for its end')
    .option('--keep-waiting', 'wait on when it stands in an incident')
    .option('-v, --verbose', 'show every event, not only the steps')
    .addHelpText(
      'after',
      '\nExit code: 0 completed, 1 failed or ended from outside, 2 wrong usage, 3 stands in an incident.',
    )
    .action(async (target: string, options: Options) => {
      const client = clientOf(shell, options);
      const bpmnProcessId = await processToRun(shell, client, target, options);
      await runAsChild(shell, client, bpmnProcessId, options);
    });
}

/** Deploys what `target` points to; a target that is no path is the id of a deployed process. */
async function processToRun(shell: Shell, client: ProcosClient, target: string, options: Options): Promise<string> {
  const paths = findModels(shell, target);
  if (paths === undefined) {
    if (isModel(target) || target.includes('/')) throw new UserError('FILE', `${target}: there is no such file.`);
    return target;
  }
  const { definitions } = await deployModels(shell, client, readModels(shell, paths), undefined);
  const ids = definitions.map((definition) => definition.bpmnProcessId);
  if (options.process !== undefined) {
    if (ids.includes(options.process)) return options.process;
    throw new UserError('USAGE', `${target} holds no process ${options.process}, but ${ids.join(', ') || 'none'}.`);
  }
  const [only, ...others] = ids;
  if (only === undefined) throw new UserError('FILE', `${target} holds no executable process.`);
  if (others.length > 0) throw new UserError('USAGE', `${target} holds ${ids.join(', ')}: choose one with --process.`);
  return only;
}
