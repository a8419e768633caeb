/** `procos run FILE|KEY`: deploys a model, hands it to PID 1, shows what happens and what came out. */
import type { ProcosClient } from '@procos/client';
import type { FeedEvent, ProcessDetail } from '@procos/protocol';
import type { Command } from 'commander';
import { type CommonOptions, clientOf, printJson, remoteCommand } from '../cli/command.ts';
import { deployModels } from '../cli/deploying.ts';
import { findModels, isModel, readModels } from '../cli/files.ts';
import { type FollowEnd, followProcess, onceUp, startedChild } from '../cli/following.ts';
import { narrate } from '../cli/narration.ts';
import type { Shell } from '../cli/shell.ts';
import { clock, paint, printable, table, valueText } from '../cli/text.ts';
import { EXIT, UserError } from '../cli/user-error.ts';
import { collectVariable, type VariableMap } from '../cli/variables.ts';

interface Options extends CommonOptions {
  readonly var?: VariableMap;
  readonly businessKey?: string;
  readonly process?: string;
  readonly wait: boolean;
  readonly keepWaiting?: boolean;
  readonly verbose?: boolean;
}

/** How long a system that still boots is waited for. */
const BOOT_MS = 10_000;

export function runCommand(shell: Shell): Command {
  return remoteCommand('run', 'run a process as a child of PID 1, show what happens and what came out', [
    `procos run examples/order_fulfilment --var order:='{"order_id":"A-17","item":"Lamp","quantity":2}'`,
    "procos run hello_email.bpmn --var to_email=you@example.org --var name='Ada'",
    'procos run order_fulfilment --business-key A-17 --no-wait',
    'procos run report.bpmn --json | jq .variables.total',
  ])
    .argument('<file>', 'a .bpmn file (the .form files beside it go along), a folder of models, or the id of a process')
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
      await run(shell, client, bpmnProcessId, options);
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

async function run(shell: Shell, client: ProcosClient, bpmnProcessId: string, options: Options): Promise<void> {
  const signal = shell.interrupted;
  const { businessKey } = options;
  const after = (await client.system()).store.lastSequence;
  const request = {
    bpmnProcessId,
    variables: options.var ?? {},
    ...(businessKey === undefined ? {} : { businessKey }),
  };
  const reply = await onceUp(() => client.request(request), BOOT_MS);
  if (!options.wait) {
    if (options.json) return printJson(shell, reply);
    return shell.print(reply.pid === null ? `handed to PID 1 as request ${reply.requestId}` : `started ${reply.pid}`);
  }
  const pid = await startedChild(client, reply, businessKey, after, signal);
  const end =
    pid === undefined
      ? 'interrupted'
      : await followProcess(client, pid, {
          after,
          signal,
          keepWaiting: options.keepWaiting === true,
          onEvent: (event, at) =>
            options.json ? undefined : showEvent({ shell, client, pid, all: options.verbose === true }, event, at),
        });
  if (pid === undefined || end === 'interrupted') {
    shell.exitCode = EXIT.interrupted;
    return shell.note(`Not waiting any longer; the process goes on: procos inspect ${pid ?? reply.requestId}`);
  }
  showEnd(shell, await client.process(pid), end, options.json === true);
}

interface Watching {
  readonly shell: Shell;
  readonly client: ProcosClient;
  readonly pid: string;
  /** Also how each step is done inside. */
  readonly all: boolean;
}

async function showEvent({ shell, client, pid, all }: Watching, event: FeedEvent, at: string): Promise<void> {
  const line = narrate(event, all);
  if (line === undefined) return;
  const child = event.pid === pid ? '' : `${paint(shell, 'cyan', event.pid ?? '')} `;
  shell.print(`${paint(shell, 'dim', clock(at))}  ${child}${printable(line)}`);
  if (event.type !== 'userTaskCreated') return;
  const open = (await client.tasks({ limit: 1000 })).tasks;
  const task = open.find((row) => row.pid === event.pid && row.elementId === event.elementId);
  if (task)
    shell.note(`It waits for a person: procos complete ${task.taskId} --var …, or ${client.baseUrl} in a browser`);
}

function showEnd(shell: Shell, detail: ProcessDetail, end: FollowEnd, json: boolean): void {
  const variables = detail.variables.filter(({ elementId }) => elementId === null);
  const incidents = detail.incidents.filter(({ state }) => state === 'open');
  const state = end === 'incident' ? 'incident' : detail.state;
  shell.exitCode = state === 'incident' ? EXIT.incident : state === 'completed' ? EXIT.ok : EXIT.failed;
  if (json) {
    const values = Object.fromEntries(variables.map(({ name, value }) => [name, value]));
    const { pid, bpmnProcessId } = detail;
    printJson(shell, { pid, bpmnProcessId, state, variables: values, incidents });
    return;
  }
  const rows = variables.map(({ name, value }) => [name, valueText(value)]);
  if (rows.length > 0) for (const line of ['', ...table(shell, ['VARIABLE', 'VALUE'], rows)]) shell.print(line);
  for (const { elementId, message } of incidents) {
    shell.note(`${paint(shell, 'red', 'incident')} at ${elementId}: ${printable(message)}`);
  }
  if (state === 'incident') shell.note(`It stands still until that is mended: procos inspect ${detail.pid}`);
  else if (state !== 'completed') shell.note(`It was ${state}${detail.reason === null ? '' : `: ${detail.reason}`}.`);
}
