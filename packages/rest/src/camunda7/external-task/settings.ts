/** Retries and priority of external tasks, set from outside. */
import type { Call, JsonObject } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { optionalTexts, optionalWhole } from '../body.ts';
import { formatDate } from '../dates.ts';
import { invalid, RestError, rejected, unsupported } from '../errors.ts';
import { taskNotFound } from './work.ts';

export async function setRetries({ engine, params, body, by }: Call): Promise<undefined> {
  const id = params['id'] ?? '';
  const retries = readRetries(body);
  const outcome = await engine.submit({ type: 'setExternalTaskRetries', externalTaskId: parseId(id), retries }, by);
  if (!outcome.ok) throw outcome.rejection.code === 'NOT_FOUND' ? taskNotFound(id) : rejected(outcome.rejection);
  return undefined;
}

/** All of the named tasks, or none when one does not exist. */
export async function setRetriesOfMany(call: Call): Promise<undefined> {
  await setRetriesOf(call);
  return undefined;
}

/** The same work at once, answered as the batch that Camunda would make of it: by the time it is read, it is done. */
export async function setRetriesAsBatch(call: Call): Promise<Readonly<Record<string, unknown>>> {
  const startTime = formatDate(call.engine.now());
  const count = await setRetriesOf(call);
  return {
    id: String(call.engine.lastSequence),
    type: 'set-external-task-retries',
    totalJobs: count,
    jobsCreated: count,
    batchJobsPerSeed: count,
    invocationsPerBatchJob: 1,
    seedJobDefinitionId: null,
    monitorJobDefinitionId: null,
    batchJobDefinitionId: null,
    suspended: false,
    tenantId: null,
    createUserId: null,
    startTime,
    executionStartTime: startTime,
  };
}

async function setRetriesOf({ engine, body, by }: Call): Promise<number> {
  const retries = readRetries(body);
  for (const member of [
    'processInstanceIds',
    'externalTaskQuery',
    'processInstanceQuery',
    'historicProcessInstanceQuery',
  ]) {
    if (body[member] !== undefined && body[member] !== null) throw unsupported(`Selecting tasks by '${member}'`);
  }
  const texts = optionalTexts(body, 'externalTaskIds') ?? [];
  if (texts.length === 0) throw new RestError(400, 'BadUserRequestException', 'externalTaskIds is empty');
  const ids = [...new Set(texts.map(parseId))];
  const known = new Set(
    engine.find('externalTasks', { where: [{ column: 'id', op: 'in', value: ids }] }).map((task) => task.id),
  );
  const missing = texts.find((text) => !known.has(parseId(text)));
  if (missing !== undefined) {
    throw new RestError(404, 'NotFoundException', `Cannot find external task with id ${missing}`);
  }
  for (const externalTaskId of ids) {
    const outcome = await engine.submit({ type: 'setExternalTaskRetries', externalTaskId, retries }, by);
    if (!outcome.ok && outcome.rejection.code !== 'NOT_FOUND') throw rejected(outcome.rejection);
  }
  return ids.length;
}

function readRetries(body: JsonObject): number {
  const retries = optionalWhole(body, 'retries');
  if (retries === undefined) throw invalid('The number of retries cannot be null');
  if (retries < 0) throw new RestError(400, 'BadUserRequestException', 'The number of retries cannot be negative');
  return retries;
}

export async function setPriority({ engine, params, body, by }: Call): Promise<undefined> {
  const id = params['id'] ?? '';
  const priority = optionalWhole(body, 'priority');
  if (priority === undefined) throw new RestError(400, 'RestException', 'The priority cannot be null');
  const outcome = await engine.submit({ type: 'setExternalTaskPriority', externalTaskId: parseId(id), priority }, by);
  if (!outcome.ok) throw outcome.rejection.code === 'NOT_FOUND' ? taskNotFound(id) : rejected(outcome.rejection);
  return undefined;
}
