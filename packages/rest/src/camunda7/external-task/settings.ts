/** Retries and priority of external tasks, set from outside. */
import type { Call, JsonObject } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { asBatch } from '../batch/carry-out.ts';
import { optionalTexts, optionalWhole } from '../body.ts';
import { invalid, RestError, rejected } from '../errors.ts';
import { selectedTasks } from '../selection.ts';
import { taskNotFound } from './work.ts';

export async function setRetries({ engine, params, body, by }: Call): Promise<undefined> {
  const id = params['id'] ?? '';
  const retries = readRetries(body);
  const outcome = await engine.submit({ type: 'setExternalTaskRetries', externalTaskId: parseId(id), retries }, by);
  if (!outcome.ok) throw outcome.rejection.code === 'NOT_FOUND' ? taskNotFound(id) : rejected(outcome.rejection);
  return undefined;
}

/** All of the selected tasks, or none when one of the named ones does not exist. */
export async function setRetriesOfMany(call: Call): Promise<undefined> {
  const retries = readRetries(call.body);
  for (const externalTaskId of someTasks(call)) {
    const command = { type: 'setExternalTaskRetries', externalTaskId, retries } as const;
    const outcome = await call.engineFor(externalTaskId).submit(command, call.by);
    if (!outcome.ok && outcome.rejection.code !== 'NOT_FOUND') throw rejected(outcome.rejection);
  }
  return undefined;
}

export function setRetriesAsBatch(call: Call): Promise<unknown> {
  const retries = readRetries(call.body);
  return asBatch(call, { type: 'setExternalTaskRetries', retries }, someTasks(call));
}

function someTasks(call: Call): readonly number[] {
  const ids = selectedTasks(call);
  if (call.repeated) return ids;
  if (ids.length === 0) throw new RestError(400, 'BadUserRequestException', 'externalTaskIds is empty');
  const where = [{ column: 'id', op: 'in', value: ids }] as const;
  const known = new Set(call.engine.find('externalTasks', { where }).map((task) => task.id));
  const missing = (optionalTexts(call.body, 'externalTaskIds') ?? []).find((text) => !known.has(parseId(text)));
  if (missing !== undefined) {
    throw new RestError(404, 'NotFoundException', `Cannot find external task with id ${missing}`);
  }
  return ids;
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
