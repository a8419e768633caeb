/** `/task/{id}/identity-links`: who has to do with a task, and as what. */
import type { TaskLink, UserTask } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { optionalText } from '../body.ts';
import { invalid, RestError, refuseForbidden } from '../errors.ts';

export function linkRoutes(route: Declare): void {
  route('GET', '/task/:id/identity-links', 'userTask.read', (call) => {
    const type = call.query['type'];
    return linksOf(taskOf(call)).filter((link) => type === undefined || link.type === type);
  });
  route('POST', '/task/:id/identity-links', 'userTask.assign', (call) => change(call, false));
  route('POST', '/task/:id/identity-links/delete', 'userTask.assign', (call) => change(call, true));
}

/** What is kept in other places of the task comes first, in Camunda's order. */
export function linksOf({ assignee, owner = null, candidateUsers, candidateGroups, links = [] }: UserTask): TaskLink[] {
  const user = (type: string, userId: string | null) => (userId === null ? [] : [{ userId, groupId: null, type }]);
  return [
    ...user('assignee', assignee),
    ...user('owner', owner),
    ...candidateUsers.flatMap((name) => user('candidate', name)),
    ...candidateGroups.map((groupId) => ({ userId: null, groupId, type: 'candidate' })),
    ...links.map(({ userId, groupId, type }) => ({ userId, groupId, type })),
  ];
}

function taskOf({ engine, params }: Call): UserTask {
  const id = params['id'] ?? '';
  const [task] = engine.find('userTasks', { where: [{ column: 'id', op: '=', value: parseId(id) }] });
  if (task !== undefined) return task;
  throw new RestError(500, 'NullValueException', `Cannot find task with id ${id}: task is null`);
}

async function change({ engine, params, body, by }: Call, remove: boolean): Promise<undefined> {
  const id = params['id'] ?? '';
  const [userId, groupId] = [optionalText(body, 'userId') ?? null, optionalText(body, 'groupId') ?? null];
  const type = optionalText(body, 'type');
  if (userId === null && groupId === null) throw invalid('Identity Link requires userId or groupId.');
  if (userId !== null && groupId !== null)
    throw invalid('Identity Link requires either userId or groupId, but not both.');
  if (type === undefined) throw invalid('Identity Link requires a type, e.g. candidate.');
  const outcome = await engine.submit(
    { type: 'changeUserTaskLink', userTaskId: parseId(id), link: { type, userId, groupId }, remove },
    by,
  );
  if (outcome.ok) return undefined;
  refuseForbidden(outcome.rejection);
  const { code, message } = outcome.rejection;
  if (code === 'NOT_FOUND')
    throw new RestError(500, 'NullValueException', `Cannot find task with id ${id}: task is null`);
  throw new RestError(code === 'INVALID_ARGUMENT' ? 400 : 500, 'RestException', message);
}
