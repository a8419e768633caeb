/** `procos.deployment.check` and `procos.deployment.deploy`: what is between a draft and the definitions that come of it. */
import type { Json, ReadResult } from '@procos/bpmn';
import { type Difference, differenceOf, summaryOf } from '../deployment/difference.ts';
import { DEPLOYMENT_PROCESS, readDraft } from '../deployment/draft.ts';
import type { DeployFindings, DeployRequest, ProcessEngine } from '../process-engine.ts';
import { Hopeless, type SystemCall, type SystemTask } from './contract.ts';
import { starterOf } from './starter.ts';

export interface DeploymentNeeds {
  readonly engine: () => ProcessEngine;
  readonly readProcesses: (xml: string) => ReadResult | Promise<ReadResult>;
}

/** Both act in the name of who started the process. */
export function deploymentCalls({ engine, readProcesses }: DeploymentNeeds): readonly SystemCall[] {
  const starter = (task: SystemTask) => starterOf(engine(), task.processInstanceId, DEPLOYMENT_PROCESS);

  async function differences({ resources, tenantId }: DeployRequest): Promise<Difference[]> {
    const found: Difference[] = [];
    for (const { name, content } of resources) {
      if (!/\.(bpmn|xml)$/i.test(name)) continue;
      const { processes } = await readProcesses(content);
      for (const model of processes)
        found.push(differenceOf(model, engine().latestDefinition(model.bpmnProcessId, tenantId)));
    }
    return found;
  }

  return [
    {
      topic: 'procos.deployment.check',
      async run(task) {
        const request = draftOf(engine(), task);
        const { refused, findings } = await engine().check(request, starter(task));
        const difference = await differences(request);
        return {
          variables: {
            refused,
            findings: json(findings),
            difference: json(difference),
            summary: summaryOf(difference),
          },
        };
      },
    },
    {
      topic: 'procos.deployment.deploy',
      async run(task) {
        const request = draftOf(engine(), task);
        const { externalTaskId } = task.holder;
        // A call that was interrupted after the deployment gets the answer of that one.
        const key = { key: `system call ${externalTaskId}`, fingerprint: String(task.input('draft')) };
        const outcome = await engine().deploy(request, starter(task), key);
        if (!outcome.ok) return { variables: { refused: true, findings: json(outcome.findings), deployed: null } };
        const deployed = deployedBy(engine(), outcome.value);
        return { variables: { refused: false, findings: json(outcome.warnings), deployed } };
      },
    },
  ];
}

function draftOf(engine: ProcessEngine, task: SystemTask): DeployRequest {
  const id = task.input('draft');
  const request = typeof id === 'string' && /^\d{1,15}$/.test(id) ? readDraft(engine, Number(id)) : undefined;
  if (request !== undefined) return request;
  throw new Hopeless(
    `The variable draft is ${JSON.stringify(id)}, which names no draft: hand the files in with POST /api/drafts, or with procos deploy.`,
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

function json(value: DeployFindings['findings'] | readonly Difference[]): Json {
  return value as unknown as Json;
}
