/** A start of what is to be deployed, in an engine of its own that forgets everything: no worker and nobody else sees it. */
import type { Json } from '@procos/bpmn';
import { inferVariable } from '@procos/bpmn';
import type { Subject } from '@procos/engine';
import type { DeployRequest, ProcessEngine } from '../process-engine.ts';
import { filesFor } from '../redeployment.ts';

export interface SmokeResult {
  readonly process: string;
  /** `refused`: there is no such process in the files, or it cannot be started. */
  readonly state: 'completed' | 'waits' | 'incident' | 'refused';
  /** Where it waits, as element ids. */
  readonly at: readonly string[];
  readonly problems: readonly string[];
}

export interface SmokeStart {
  /** Empty, in memory. */
  readonly sandbox: ProcessEngine;
  /** Where the processes are that the new ones call. */
  readonly engine: ProcessEngine;
  readonly request: DeployRequest;
  readonly process: string;
  readonly variables: { readonly [name: string]: Json };
  readonly by: Subject;
}

/** Runs to where the process waits for something outside; timers are not waited for. */
export async function smokeStart(smoke: SmokeStart): Promise<SmokeResult> {
  const { sandbox, request, process, variables, by } = smoke;
  const nothing = { process, at: [] };
  const deployed = await sandbox.deploy(request, by);
  if (!deployed.ok) return { ...nothing, state: 'refused', problems: ['the files cannot be deployed'] };
  const names = deployed.value.definitionIds.map((id) => sandbox.definition(id)?.bpmnProcessId);
  if (!names.includes(process)) {
    return {
      ...nothing,
      state: 'refused',
      problems: [`process ${process} is not in the files, but ${names.join(', ')}`],
    };
  }
  await bringCalled(smoke, deployed.value.definitionIds);
  const started = await sandbox.submit(
    {
      type: 'createProcessInstance',
      definition: { bpmnProcessId: process, ...(request.tenantId === null ? {} : { tenantId: request.tenantId }) },
      variables: Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, inferVariable(value)])),
    },
    by,
  );
  if (!started.ok) return { ...nothing, state: 'refused', problems: [started.rejection.message] };
  const incidents = sandbox.find('incidents');
  const standing = sandbox.find('elementInstances', { where: [{ column: 'outcome', op: '=', value: 'active' }] });
  return {
    process,
    state: incidents.length > 0 ? 'incident' : started.value.ended ? 'completed' : 'waits',
    at: standing.filter(({ elementType }) => elementType !== 'process').map(({ elementId }) => elementId),
    problems: incidents.map(({ elementId, message }) => `${elementId}: ${message}`),
  };
}

/** What is called and is not among the files, as it is active now; and what that calls. */
async function bringCalled({ sandbox, engine, request, by }: SmokeStart, ids: readonly number[]): Promise<void> {
  const waiting = [...ids];
  for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
    for (const element of Object.values(sandbox.model(id)?.elements ?? {})) {
      if (!('called' in element) || element.called.processId.language !== 'literal') continue;
      const name = element.called.processId.text;
      const tenants = request.tenantId === null ? [null] : [request.tenantId, null];
      if (tenants.some((tenant) => sandbox.latestDefinition(name, tenant) !== undefined)) continue;
      const [id] = tenants.flatMap((tenant) => engine.latestDefinition(name, tenant)?.id ?? []);
      const [called] = engine.find('definitions', { where: [{ column: 'id', op: '=', value: id ?? 0 }] });
      if (called === undefined) continue;
      const where = [{ column: 'id', op: '=', value: called.deploymentId }] as const;
      const source = engine.find('deployments', { where })[0]?.source ?? null;
      const { tenantId } = called;
      const files = { name: null, source, tenantId, resources: filesFor(engine, called), skipUnchanged: false };
      const outcome = await sandbox.deploy(files, by);
      if (outcome.ok) waiting.push(...outcome.value.definitionIds);
    }
  }
}
