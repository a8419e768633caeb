/** Has PID 1 run the deployment process with files, waits for it, and reads what came out; used by `deploy`, `rollback` and `install`. */
import type { ProcosClient } from '@procos/client';
import type { FeedEvent, ProcessDetail } from '@procos/protocol';
import { type Deployed, type DeployedNow, latestOf, refused } from './deploying.ts';
import { type Finding, findingLines, type ModelFile } from './files.ts';
import { BOOT_MS, followProcess, onceUp, startedChild } from './following.ts';
import type { Shell } from './shell.ts';
import { printable } from './text.ts';
import { EXIT, UserError } from './user-error.ts';
import type { VariableMap } from './variables.ts';

const PROCESS = 'procos_system_deployment';

export interface DeployOptions {
  readonly name: string | undefined;
  /** With the rights of the system. */
  readonly system: boolean;
  /** A start to be tried first. */
  readonly smoke: { readonly process: string; readonly variables: VariableMap } | undefined;
}

/** What the check says goes to standard error, line by line; throws `UserError` when nothing was deployed. */
export async function deployByProcess(
  shell: Shell,
  client: ProcosClient,
  files: readonly ModelFile[],
  { name, system, smoke }: DeployOptions,
): Promise<Deployed> {
  const { draftId } = await client.draft({
    name: name ?? files[0]?.name ?? 'deployment',
    source: system ? 'system' : 'procos cli',
    resources: files.map((file) => ({ name: file.name, content: file.bytes })),
    skipUnchanged: true,
  });
  return deployDraft(shell, client, draftId, files, smoke);
}

/** Of what was handed in already; `files` as the person gave them. */
export async function deployDraft(
  shell: Shell,
  client: ProcosClient,
  draftId: string,
  files: readonly ModelFile[],
  smoke: DeployOptions['smoke'],
): Promise<Deployed> {
  const variables = { draft: draftId, smoke: smoke?.process ?? null, smoke_variables: smoke?.variables ?? {} };
  return deployedBy(shell, client, files, await runDeploying(shell, client, PROCESS, `draft ${draftId}`, variables));
}

/** Value of a variable of the process itself. */
export function variableOf(detail: ProcessDetail, wanted: string): unknown {
  return detail.variables.find((variable) => variable.elementId === null && variable.name === wanted)?.value;
}

/** What came of it; shows the findings, and throws `UserError` when nothing was deployed. */
export async function deployedBy(
  shell: Shell,
  client: ProcosClient,
  files: readonly Pick<ModelFile, 'name' | 'path'>[],
  detail: ProcessDetail,
): Promise<Deployed> {
  const value = (wanted: string): unknown => variableOf(detail, wanted);
  const findings = findingsOf(files, value('findings'));
  if (value('refused') === true) throw refused(shell, findings);
  for (const line of findingLines(shell, findings)) shell.note(line);
  const deployed = value('deployed') as DeployedNow | null | undefined;
  if (detail.state === 'completed' && deployed) {
    // Identities are given out in order: what was there before this process began is no deployment of it.
    const unchanged = deployed.deploymentId === null || Number(deployed.deploymentId) < Number(detail.pid);
    return unchanged ? latestOf(client, files, deployed.deploymentId) : { ...deployed, unchanged: false };
  }
  const [incident] = detail.incidents.filter(({ state }) => state === 'open');
  const why =
    incident === undefined ? '' : ` It stands in an incident at ${incident.elementId}: ${printable(incident.message)}`;
  const how = incident === undefined ? `was ${detail.state} without deploying anything` : 'has deployed nothing yet';
  const code = incident === undefined ? EXIT.failed : EXIT.incident;
  throw new UserError('NOT_DEPLOYED', `the deployment (process ${detail.pid}) ${how}.${why}`, code);
}

/** Has PID 1 run a process that deploys what was handed in, to its end or to an incident. `businessKey`: names this run. */
export async function runDeploying(
  shell: Shell,
  client: ProcosClient,
  bpmnProcessId: string,
  businessKey: string,
  variables: VariableMap,
): Promise<ProcessDetail> {
  const signal = shell.interrupted;
  const after = (await client.system()).store.lastSequence;
  const request = { bpmnProcessId, businessKey, variables };
  const reply = await onceUp(() => client.request(request), BOOT_MS);
  const pid = await startedChild(client, reply, { businessKey, after, signal });
  const onEvent = (event: FeedEvent): Promise<void> => tellOfTask(shell, client, event);
  const end =
    pid === undefined
      ? 'interrupted'
      : await followProcess(client, pid, { after, signal, keepWaiting: false, onEvent });
  if (pid !== undefined && end !== 'interrupted') return client.process(pid);
  const goesOn = pid === undefined ? 'begins when PID 1 can: procos ps' : `goes on: procos inspect ${pid}`;
  throw new UserError('INTERRUPTED', `not waiting any longer; the deployment ${goesOn}`, EXIT.interrupted);
}

/** An approval, where somebody has put one into the process. */
async function tellOfTask(shell: Shell, client: ProcosClient, event: FeedEvent): Promise<void> {
  if (event.type !== 'userTaskCreated') return;
  const { tasks } = await client.tasks({ limit: 1000 });
  const task = tasks.find((row) => row.pid === event.pid && row.elementId === event.elementId);
  if (task === undefined) return;
  const name = printable(task.name ?? task.elementId);
  const summary = variableOf(await client.process(task.pid), 'summary');
  if (typeof summary === 'string') for (const line of summary.split('\n')) shell.note(printable(line));
  shell.note(
    `The deployment waits for a person (${name}): procos complete ${task.taskId} --var …, or ${client.baseUrl} in a browser`,
  );
}

/** With the paths that the person gave. */
function findingsOf(files: readonly Pick<ModelFile, 'name' | 'path'>[], value: unknown): Finding[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly { resource: string; problems: readonly Omit<Finding, 'path'>[] }[]).flatMap(
    ({ resource, problems }) => {
      const path = files.find((file) => file.name === resource)?.path ?? resource;
      return problems.map((problem) => ({ path, ...problem }));
    },
  );
}
