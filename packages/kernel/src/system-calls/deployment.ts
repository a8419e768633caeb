/** `procos.deployment.check` and `procos.deployment.deploy`: what is between a draft and the definitions that come of it. */
import { type Json, jsonOf, type Problem, type ReadResult } from '@procos/bpmn';
import { type Difference, differenceOf, summaryOf } from '../deployment/difference.ts';
import { type Draft, readDraft } from '../deployment/draft.ts';
import { smokeStart } from '../deployment/smoke-start.ts';
import type { FourEyes } from '../identity/four-eyes.ts';
import type { DeployRequest, ProcessEngine } from '../process-engine.ts';
import { Hopeless, type SystemCall, type SystemTask } from './contract.ts';
import { startedBy } from './starter.ts';

export interface DeploymentNeeds {
  readonly engine: () => ProcessEngine;
  readonly readProcesses: (xml: string) => ReadResult | Promise<ReadResult>;
  /** What stands between the request and its deployment, besides its findings. */
  readonly fourEyes: Pick<FourEyes, 'asksForApproval'>;
  /** An empty engine in memory. */
  readonly sandbox: () => ProcessEngine;
}

/** Both act in the name of who handed the draft in, and for nobody else. */
export function deploymentCalls({ engine, readProcesses, sandbox, fourEyes }: DeploymentNeeds): readonly SystemCall[] {
  return [
    {
      topic: 'procos.deployment.check',
      async run(task) {
        const { by, request } = draftOf(engine(), task, 'draft');
        const { refused, findings } = await engine().check(request, by);
        const difference = await differencesOf(request, { engine: engine(), readProcesses });
        return {
          variables: {
            refused,
            findings: jsonOf(findings),
            difference: jsonOf(difference),
            summary: summaryOf(difference),
            approval_required: fourEyes.asksForApproval(request),
          },
        };
      },
    },
    {
      topic: 'procos.deployment.smoke',
      async run(task) {
        const process = task.input('smoke');
        const [refused, before] = [task.input('refused'), task.input('findings')];
        if (typeof process !== 'string' || refused === true)
          return { variables: { refused, findings: before, smoke_result: null } };
        const { by, request } = draftOf(engine(), task, 'draft');
        const variables = membersOf(task.input('smoke_variables'));
        const result = await smokeStart({ sandbox: sandbox(), engine: engine(), request, process, variables, by });
        const failed = result.problems.map(
          (message): Problem => ({
            severity: 'error',
            rule: 'smoke-start',
            message: `Tried start of ${process}: ${message}`,
            line: 0,
          }),
        );
        const resource = request.resources[0]?.name ?? '';
        const more = failed.length === 0 ? [] : [{ resource, problems: failed }];
        const findings = [...(Array.isArray(before) ? before : []), ...more.map(jsonOf)];
        return { variables: { refused: failed.length > 0, findings, smoke_result: jsonOf(result) } };
      },
    },
    {
      topic: 'procos.deployment.deploy',
      async run(task) {
        const { by, request } = draftOf(engine(), task, 'draft');
        const { externalTaskId } = task.holder;
        // A call that was interrupted after the deployment gets the answer of that one.
        const key = { key: `system call ${externalTaskId}`, fingerprint: String(task.input('draft')) };
        const outcome = await engine().deploy(request, by, key);
        if (!outcome.ok) return { variables: { refused: true, findings: jsonOf(outcome.findings), deployed: null } };
        const deployed = deployedBy(engine(), outcome.value);
        return { variables: { refused: false, findings: jsonOf(outcome.warnings), deployed } };
      },
    },
  ];
}

/** What each process of the files would change. */
export async function differencesOf(
  { resources, tenantId }: DeployRequest,
  {
    engine,
    readProcesses,
  }: { readonly engine: ProcessEngine; readonly readProcesses: DeploymentNeeds['readProcesses'] },
): Promise<Difference[]> {
  const found: Difference[] = [];
  for (const { name, content } of resources) {
    if (!/\.(bpmn|xml)$/i.test(name)) continue;
    const { processes } = await readProcesses(content);
    for (const model of processes)
      found.push(differenceOf(model, engine.latestDefinition(model.bpmnProcessId, tenantId)));
  }
  return found;
}

function membersOf(value: Json): { readonly [name: string]: Json } {
  return value === null || typeof value !== 'object' || Array.isArray(value)
    ? {}
    : (value as { readonly [name: string]: Json });
}

/** The variable may come from anybody who completes a task of the process: it may only name a draft of who started that. */
export function draftOf(engine: ProcessEngine, task: SystemTask, variable: 'draft' | 'bundle'): Draft {
  const id = task.input(variable);
  const draft = typeof id === 'string' && /^\d{1,15}$/.test(id) ? readDraft(engine, Number(id)) : undefined;
  if (draft === undefined)
    throw new Hopeless(
      `The variable ${variable} is ${JSON.stringify(id)}, which names no draft: hand the files in with POST /api/drafts, or with procos ${variable === 'draft' ? 'deploy' : 'install'}.`,
    );
  const asked = startedBy(engine, task.processInstanceId);
  if (asked === `${draft.by.kind}:${draft.by.id}`) return draft;
  throw new Hopeless(
    `Draft ${id} was handed in by ${draft.by.kind}:${draft.by.id} and cannot be deployed for ${asked}: hand the files in anew.`,
  );
}

function deployedBy(
  engine: ProcessEngine,
  reply: {
    readonly deploymentId: number;
    readonly definitionIds: readonly number[];
    readonly decisionDefinitionIds: readonly number[];
  },
): Json {
  const where = (ids: readonly number[]) => [{ column: 'id', op: 'in', value: ids }] as const;
  const definitions = engine.find('definitions', { where: where(reply.definitionIds) });
  const decisions = engine.find('decisions', { where: where(reply.decisionDefinitionIds) });
  return {
    deploymentId: String(reply.deploymentId),
    definitions: definitions.map(({ bpmnProcessId, version, resourceName }) => ({
      bpmnProcessId,
      version,
      resourceName,
    })),
    decisions: decisions.map(({ decisionId, version, resourceName }) => ({ decisionId, version, resourceName })),
  };
}
