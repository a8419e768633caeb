/** Has PID 1 run a process, shows what happens and what came out; used by `run` and by commands that are processes of the system. */
import type { ProcosClient } from '@procos/client';
import type { FeedEvent, ProcessDetail } from '@procos/protocol';
import { printJson } from './command.ts';
import { withFiles } from './file-values.ts';
import { BOOT_MS, type FollowEnd, followProcess, onceUp, startedChild } from './following.ts';
import { narrate } from './narration.ts';
import type { Shell } from './shell.ts';
import { clock, paint, printable, table, valueText } from './text.ts';
import { EXIT } from './user-error.ts';
import type { VariableMap } from './variables.ts';

export interface RunOptions {
  readonly json?: boolean;
  readonly var?: VariableMap;
  readonly businessKey?: string;
  readonly wait: boolean;
  readonly keepWaiting?: boolean;
  readonly verbose?: boolean;
}

/** Prints what happens and what came out, and sets the exit code. */
export async function runAsChild(
  shell: Shell,
  client: ProcosClient,
  bpmnProcessId: string,
  options: RunOptions,
): Promise<void> {
  const signal = shell.interrupted;
  const { businessKey } = options;
  const after = (await client.system()).store.lastSequence;
  const request = {
    bpmnProcessId,
    variables: await withFiles(shell, client, options.var),
    ...(businessKey === undefined ? {} : { businessKey }),
  };
  const reply = await onceUp(() => client.request(request), BOOT_MS);
  if (!options.wait) {
    if (options.json) return printJson(shell, reply);
    return shell.print(reply.pid === null ? `handed to PID 1 as request ${reply.requestId}` : `started ${reply.pid}`);
  }
  const pid = await startedChild(client, reply, {
    businessKey,
    after,
    signal,
    ...(options.keepWaiting === true ? { onHeld: (why) => shell.note(`PID 1 has not begun it: ${why}`) } : {}),
  });
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
    const goesOn =
      pid === undefined ? 'PID 1 begins it when it can: procos ps' : `the process goes on: procos inspect ${pid}`;
    return shell.note(`Not waiting any longer; ${goesOn}`);
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
