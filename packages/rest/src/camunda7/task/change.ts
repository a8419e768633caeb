/** What else changes a task: its properties as a whole, delegation, and its end without an end of its work. */
import type { CommandOf, Rejection, UserTask } from '@procos/kernel';
import type { Call, Declare, JsonObject } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { optionalText, optionalWhole } from '../body.ts';
import { parseDateParameter } from '../dates.ts';
import { notFound, RestError, refuseForbidden, unsupported } from '../errors.ts';
import { readVariables } from '../typed-values.ts';
import { delegationOf } from './query.ts';
import { createTask, isStandalone } from './standalone.ts';

export function changeRoutes(route: Declare): void {
  route('PUT', '/task/:id', 'userTask.assign', update);
  route('DELETE', '/task/:id', 'userTask.assign', remove);
  route('POST', '/task/create', 'userTask.assign', (call) => createTask(call, propertiesIn(call.body)));
  route('POST', '/task/:id/delegate', 'userTask.assign', async ({ engine, params, body, by }) => {
    const id = params['id'] ?? '';
    const assignee = optionalText(body, 'userId');
    if (assignee === undefined)
      throw new RestError(500, 'ProcessEngineException', 'Cannot delegate task: userId is null');
    const outcome = await engine.submit({ type: 'delegateUserTask', userTaskId: parseId(id), assignee }, by);
    if (!outcome.ok) throw refusal(outcome.rejection, id);
    return undefined;
  });
  route('POST', '/task/:id/resolve', 'userTask.complete', async ({ engine, params, body, by }) => {
    const id = params['id'] ?? '';
    const variables = readVariables(body['variables']);
    const outcome = await engine.submit({ type: 'resolveUserTask', userTaskId: parseId(id), variables }, by);
    if (!outcome.ok) throw refusal(outcome.rejection, id, `Cannot resolve task ${id}: `);
    return undefined;
  });
}

function refusal(rejection: Rejection, id: string, prefix = ''): RestError {
  refuseForbidden(rejection);
  const { code, message } = rejection;
  if (code === 'INVALID_ARGUMENT') return new RestError(400, 'RestException', `${prefix}${message}`);
  const type = prefix === '' ? 'ProcessEngineException' : 'RestException';
  const said = code === 'NOT_FOUND' ? `Cannot find task with id ${id}: task is null` : message;
  return new RestError(500, type, `${prefix}${said}`);
}

/** All of the task's properties at once: what is not given is null from then on, as in Camunda. */
async function update(call: Call): Promise<undefined> {
  const { engine, params, body, by } = call;
  const id = params['id'] ?? '';
  const changes = propertiesIn(body);
  const outcome = await engine.submit({ type: 'updateUserTask', userTaskId: parseId(id), changes }, by);
  if (outcome.ok) return undefined;
  if (outcome.rejection.code === 'NOT_FOUND') throw notFound(`No matching task with id ${id}`);
  throw refusal(outcome.rejection, id);
}

/** What a task is in the words of `TaskDto`; also of a new one. */
export function propertiesIn(body: JsonObject): CommandOf<'updateUserTask'>['changes'] {
  const parent = optionalText(body, 'parentTaskId') ?? optionalText(body, 'caseInstanceId');
  if (parent !== undefined) throw unsupported('A task below another task or in a case');
  const delegation = optionalText(body, 'delegationState');
  return {
    name: optionalText(body, 'name') ?? null,
    description: optionalText(body, 'description') ?? null,
    assignee: optionalText(body, 'assignee') ?? null,
    owner: optionalText(body, 'owner') ?? null,
    delegation: delegation === undefined ? null : delegationOf(delegation),
    dueAt: dateOf(body, 'due'),
    followUpAt: dateOf(body, 'followUp'),
    priority: optionalWhole(body, 'priority') ?? 0,
  };
}

function dateOf(body: JsonObject, name: string): number | null {
  const text = optionalText(body, name);
  return text === undefined ? null : parseDateParameter(name, text);
}

/** A task of a process ends with its activity; one that was made by hand with the process that is there for it alone. */
async function remove({ engine, params, by, repeated }: Call): Promise<undefined> {
  const id = params['id'] ?? '';
  const [task]: readonly UserTask[] = engine.find('userTasks', {
    where: [{ column: 'id', op: '=', value: parseId(id) }],
  });
  if (task === undefined && repeated) return undefined;
  if (task === undefined) throw new RestError(400, 'RestException', `Cannot find task with id ${id}: task is null`);
  if (!isStandalone(task))
    throw new RestError(
      500,
      'ProcessEngineException',
      'The task cannot be deleted because is part of a running process',
    );
  const { processInstanceId } = task;
  const outcome = await engine.submit({ type: 'cancelProcessInstance', processInstanceId, reason: 'deleted' }, by);
  if (!outcome.ok) throw refusal(outcome.rejection, id);
  return undefined;
}
