/** Deploys files together and shows why they are refused; used by `run`. */
import { type ProcosClient, ProcosError } from '@procos/client';
import { checkModels, type Finding, findingLines, isDecisionFile, type ModelFile } from './files.ts';
import type { Shell } from './shell.ts';
import { count } from './text.ts';
import { EXIT, UserError } from './user-error.ts';

export interface Deployed extends DeployedNow {
  readonly unchanged: boolean;
}

export interface DeployedNow {
  /** null when nothing was new. */
  readonly deploymentId: string | null;
  /** Latest versions of the processes in these files. */
  readonly definitions: readonly {
    readonly bpmnProcessId: string;
    readonly version: number;
    readonly resourceName: string;
  }[];
  /** Latest versions of the decisions in these files. */
  readonly decisions: readonly {
    readonly decisionId: string;
    readonly version: number;
    readonly resourceName: string;
  }[];
}

/** What is wrong goes to standard error, line by line; throws `UserError` when the deployment is refused for it. */
export async function deployModels(
  shell: Shell,
  client: ProcosClient,
  files: readonly ModelFile[],
  name: string | undefined,
): Promise<Deployed> {
  const request = {
    name: name ?? files[0]?.name ?? 'deployment',
    source: 'procos cli',
    resources: files.map((file) => ({ name: file.name, content: file.bytes })),
    skipUnchanged: true,
  };
  const reply = await client.deploy(request).catch((error: unknown) => {
    throw refusal(shell, files, error);
  });
  const fresh = Object.values(reply.deployedProcessDefinitions ?? {}).map((definition) => ({
    bpmnProcessId: definition.key,
    version: definition.version,
    resourceName: definition.resource,
  }));
  const decided = Object.values(reply.deployedDecisionDefinitions ?? {}).map((decision) => ({
    decisionId: decision.key,
    version: decision.version,
    resourceName: decision.resource,
  }));
  if (fresh.length > 0 || decided.length > 0) {
    // The answer of a deployment carries no warnings; what was accepted has nothing else.
    const { findings } = await checkModels(client, files);
    for (const line of findingLines(shell, findings)) shell.note(line);
    return { deploymentId: reply.id, unchanged: false, definitions: fresh, decisions: decided };
  }
  return latestOf(client, files, reply.id);
}

/** Nothing was new: what there is of these files. */
export async function latestOf(
  client: ProcosClient,
  files: readonly Pick<ModelFile, 'name'>[],
  deploymentId: string | null,
): Promise<Deployed> {
  const names = new Set(files.map((file) => file.name));
  const known = (await client.definitions()).definitions.filter((row) => names.has(row.resourceName));
  const decisions = files.some(({ name }) => isDecisionFile(name)) ? (await client.decisions()).decisions : [];
  return {
    deploymentId,
    unchanged: true,
    definitions: known.map(({ bpmnProcessId, version, resourceName }) => ({ bpmnProcessId, version, resourceName })),
    decisions: decisions
      .filter(({ resourceName }) => names.has(resourceName))
      .map(({ decisionId, version, resourceName }) => ({ decisionId, version, resourceName })),
  };
}

/** The problems of a refused model, as Camunda words them, with the paths that the person gave. */
function refusal(shell: Shell, files: readonly ModelFile[], error: unknown): unknown {
  if (!(error instanceof ProcosError) || error.code !== 'ParseException') return error;
  const { details } = error.details as { details?: Readonly<Record<string, ParseDetails>> };
  const findings = Object.entries(details ?? {}).flatMap(([resource, { errors, warnings }]) => {
    const path = files.find((file) => file.name === resource)?.path ?? resource;
    return [...errors.map(finding(path, 'error')), ...warnings.map(finding(path, 'warning'))];
  });
  if (findings.length === 0) return error;
  return refused(shell, findings);
}

/** Shows the problems of what was refused. */
export function refused(shell: Shell, findings: readonly Finding[]): UserError {
  for (const line of findingLines(shell, findings)) shell.note(line);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return new UserError('MODEL_REFUSED', `nothing was deployed because of ${count(errors, 'error')}.`, EXIT.failed);
}

/** As `/engine-rest/deployment/create` answers per resource. */
interface ParseDetails {
  readonly errors: readonly ParseProblem[];
  readonly warnings: readonly ParseProblem[];
}
interface ParseProblem {
  readonly message: string;
  readonly line: number;
  readonly mainElementId?: string | null;
}

function finding(path: string, severity: Finding['severity']): (problem: ParseProblem) => Finding {
  return ({ message, line, mainElementId }) => ({
    path,
    severity,
    message,
    line,
    ...(mainElementId ? { elementId: mainElementId } : {}),
  });
}
