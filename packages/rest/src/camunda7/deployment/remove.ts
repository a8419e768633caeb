/** Removing deployments and process definitions, where asked for with their instances and history. */
import type { ProcessEngine, Rejection } from '@procos/kernel';
import type { Call } from '../../call.ts';
import { permit } from '../../gate.ts';
import { parseId } from '../../ids.ts';
import { notFound, RestError, rejected } from '../errors.ts';
import { removeHistory } from '../history/process-instance.ts';
import { runningOf } from '../process-instance/operations.ts';

/** Commands that the history of one instance takes at most; their items are told from those that cancel. */
const STEPS = 100_000;
/** As Camunda's database would say it: something still refers to what is to go. */
const FOREIGN_KEY = 10_001;

/** `DELETE /deployment/{id}` with all that it defines. */
export async function removeDeployment(call: Call): Promise<undefined> {
  permitCascade(call);
  const { engine, params, by } = call;
  const id = params['id'] ?? '';
  const deploymentId = parseId(id);
  const where = [{ column: 'deploymentId', op: '=', value: deploymentId }] as const;
  const definitionIds = engine.find('definitions', { where }).map((definition) => definition.id);
  refuseRunning(call, definitionIds, (running) => {
    const why = `Deployment with id '${id}' cannot be deleted: ${running} process instances of it run. Ask with cascade=true.`;
    return new RestError(500, 'ProcessEngineException', why, { code: FOREIGN_KEY });
  });
  const outcome = await engine.submit({ type: 'removeDeployment', deploymentId, withDefinitions: true }, by);
  if (outcome.ok) return removeInstances(call, definitionIds);
  if (outcome.rejection.code === 'NOT_FOUND') throw notFound(`Deployment with id '${id}' do not exist`);
  throw refused(outcome.rejection);
}

/** `DELETE /process-definition/…`. */
export async function removeDefinitions(call: Call, definitionIds: readonly number[]): Promise<undefined> {
  permitCascade(call);
  refuseRunning(call, definitionIds, (running, definitionId) => {
    const why =
      'Deletion of process definition without cascading failed. ' +
      `Process definition with id: ${definitionId} can't be deleted, since there exists ${running} dependening process instances.`;
    return new RestError(500, 'ProcessEngineException', why);
  });
  const outcome = await call.engine.submit({ type: 'removeDefinitions', definitionIds }, call.by);
  if (!outcome.ok) throw refused(outcome.rejection);
  return removeInstances(call, definitionIds);
}

/** Whoever may deploy may not end instances and delete history for that. */
function permitCascade({ kernel, request, query }: Call): void {
  if (!isCascade(query)) return;
  permit(kernel, request, 'processInstance.cancel');
  permit(kernel, request, 'history.delete');
}

/** Unless what runs is to go as well. */
function refuseRunning(
  { engine, query }: Call,
  definitionIds: readonly number[],
  stillRuns: (running: number, definitionId: number) => RestError,
): void {
  if (isCascade(query)) return;
  for (const id of definitionIds) {
    const running = runningOf(engine, { column: 'definitionId', op: '=', value: id }).length;
    if (running > 0) throw stillRuns(running, id);
  }
}

/** With `cascade` nothing of their instances stays; without, the history of those that have ended does. */
async function removeInstances(call: Call, definitionIds: readonly number[]): Promise<undefined> {
  const { engine, engineFor, query, by } = call;
  if (!isCascade(query)) return undefined;
  const skipListeners = query['skipCustomListeners'] === 'true';
  for (const processInstanceId of definitionIds.flatMap((id) => instancesOf(engine, id, true))) {
    const command = { type: 'cancelProcessInstance', processInstanceId, reason: 'deleted', skipListeners } as const;
    const outcome = await engineFor(processInstanceId).submit(command, by);
    // One that has ended by itself, or with its caller, is as good.
    if (!outcome.ok && outcome.rejection.code !== 'NOT_FOUND') throw refused(outcome.rejection);
  }
  for (const id of definitionIds.flatMap((definitionId) => instancesOf(engine, definitionId, false)))
    await removeHistory(call, id, (step) => engineFor(-(id * STEPS + step)));
  return undefined;
}

function isCascade(query: Call['query']): boolean {
  return query['cascade'] === 'true';
}

function instancesOf(engine: ProcessEngine, definitionId: number, running: boolean): readonly number[] {
  const where = [
    { column: 'definitionId', op: '=', value: definitionId },
    { column: 'endedAt', op: running ? 'isNull' : 'notNull' },
  ] as const;
  return engine.find('processInstances', { where }).map(({ id }) => id);
}

function refused(rejection: Rejection): RestError {
  return rejection.code === 'NOT_FOUND' ? notFound(rejection.message) : rejected(rejection);
}
