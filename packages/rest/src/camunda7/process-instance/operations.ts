/** `/process-instance/…`: modification and suspension of running instances, at once. */
import type { ProcessEngine } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { optionalFlag, optionalList, optionalText } from '../body.ts';
import { findDefinition } from '../definitions.ts';
import { invalid, RestError, refuseForbidden } from '../errors.ts';
import { readInstructions, skipped } from '../instructions.ts';
import { selectedInstances } from '../selection.ts';

export function processInstanceOperationRoutes(route: Declare): void {
  route('POST', '/process-instance/:id/modification', 'processInstance.update', modify);
  route('PUT', '/process-instance/:id/suspended', 'processInstance.update', (call) =>
    suspend(call, [parseId(call.params['id'] ?? '')]),
  );
  route('PUT', '/process-instance/suspended', 'processInstance.update', (call) => suspend(call, chosen(call)));
}

async function modify({ engine, params, body, by }: Call): Promise<undefined> {
  const id = params['id'] ?? '';
  const instructions = readInstructions(optionalList(body, 'instructions') ?? []);
  const command = { type: 'modifyProcessInstance', processInstanceId: parseId(id), instructions } as const;
  const outcome = await engine.submit({ ...command, ...skipped(body) }, by);
  if (outcome.ok) return undefined;
  refuseForbidden(outcome.rejection);
  const { code, message } = outcome.rejection;
  if (code === 'NOT_FOUND') throw invalid(`Process instance with id ${id} does not exist`);
  throw new RestError(400, 'BadUserRequestException', `Cannot modify process instance ${id}: ${message}`);
}

/** Each instance by itself; the first refusal is answered. */
async function suspend({ engineFor, body, by }: Call, ids: readonly number[]): Promise<undefined> {
  const suspended = suspension(body);
  for (const processInstanceId of ids) {
    const command = { type: 'setSuspension', target: { processInstanceId }, suspended } as const;
    const outcome = await engineFor(processInstanceId).submit(command, by);
    if (!outcome.ok) refuseForbidden(outcome.rejection);
    if (!outcome.ok) throw new RestError(404, 'ProcessEngineException', outcome.rejection.message);
  }
  return undefined;
}

export function suspension(body: Call['body']): boolean {
  const suspended = optionalFlag(body, 'suspended');
  if (suspended === undefined) throw invalid("Either 'suspended' must be true or false");
  return suspended;
}

/** By ids and queries, or all running instances of a definition or of all its versions. */
function chosen(call: Call): readonly number[] {
  const { engine, body } = call;
  const selected = selectedInstances(call);
  if (selected !== undefined) return selected;
  const key = optionalText(body, 'processDefinitionKey');
  if (key !== undefined) return runningOf(engine, { column: 'bpmnProcessId', op: '=', value: key });
  const definitionId = optionalText(body, 'processDefinitionId');
  const definition = definitionId === undefined ? undefined : findDefinition(engine, definitionId);
  if (definition === undefined)
    throw invalid('Either processInstanceIds, processDefinitionId or processDefinitionKey must name something');
  return runningOf(engine, { column: 'definitionId', op: '=', value: definition.id });
}

/** Ids of the running instances. */
export function runningOf(
  engine: ProcessEngine,
  condition: { readonly column: 'bpmnProcessId' | 'definitionId'; readonly op: '='; readonly value: string | number },
): readonly number[] {
  const where = [condition, { column: 'state', op: '=', value: 'active' }] as const;
  return engine.find('processInstances', { where }).map(({ id }) => id);
}
