/** `/process-instance/…`: operations on many instances, as batches. */
import type { Call, Declare } from '../../call.ts';
import { asBatch } from '../batch/carry-out.ts';
import { optionalList, optionalText } from '../body.ts';
import { invalid, notFound } from '../errors.ts';
import { readInstructions, skipped } from '../instructions.ts';
import { checkRetries } from '../job/retries.ts';
import { someInstances } from '../selection.ts';
import { readVariables } from '../typed-values.ts';
import { suspension } from './operations.ts';
import { findActive } from './query.ts';

export function processInstanceBatchRoutes(route: Declare): void {
  route('POST', '/process-instance/delete', 'processInstance.cancel', remove);
  route('POST', '/process-instance/delete-historic-query-based', 'processInstance.cancel', remove);
  route('POST', '/process-instance/job-retries', 'incident.resolve', setJobRetries);
  route('POST', '/process-instance/job-retries-historic-query-based', 'incident.resolve', setJobRetries);
  route('POST', '/process-instance/suspended-async', 'processInstance.update', (call) => {
    const suspended = suspension(call.body);
    return asBatch(call, { type: 'setSuspension', suspended }, someInstances(call));
  });
  route('POST', '/process-instance/variables-async', 'processInstance.update', (call) => {
    const variables = readVariables(call.body['variables']);
    if (Object.keys(variables).length === 0) throw invalid('variables is empty');
    return asBatch(call, { type: 'setVariables', variables }, someInstances(call));
  });
  route('POST', '/process-instance/message-async', 'message.correlate', (call) => {
    const name = optionalText(call.body, 'messageName');
    if (name === undefined || name === '') throw invalid('No message name supplied');
    const variables = readVariables(call.body['variables']);
    return asBatch(call, { type: 'correlateMessage', name, variables }, someInstances(call));
  });
  route('POST', '/process-instance/:id/modification-async', 'processInstance.update', modify);
}

function remove(call: Call): Promise<unknown> {
  const reason = optionalText(call.body, 'deleteReason') ?? null;
  return asBatch(call, { type: 'cancelProcessInstance', reason }, someInstances(call));
}

/** The job of an instance that has no retries left is the step of an open incident: to give it some is to try it again. */
function setJobRetries(call: Call): Promise<unknown> {
  checkRetries(call.body);
  const value = someInstances(call, 'processInstances');
  const incidents = call.engine.find('incidents', { where: [{ column: 'processInstanceId', op: 'in', value }] });
  const failed = incidents.flatMap(({ id, step }) => (step === null ? [] : [id]));
  if (failed.length === 0) throw invalid('jobIds is empty: none of the process instances has a failed job');
  return asBatch(call, { type: 'resolveIncident' }, failed);
}

function modify(call: Call): Promise<unknown> {
  const id = call.params['id'] ?? '';
  const instance = findActive(call.engine, id);
  if (instance === undefined) throw notFound(`Process instance with id ${id} does not exist`);
  const instructions = readInstructions(optionalList(call.body, 'instructions') ?? []);
  const { definitionId } = instance;
  return asBatch(call, { type: 'modifyProcessInstance', definitionId, instructions, ...skipped(call.body) }, [
    instance.id,
  ]);
}
