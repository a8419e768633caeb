/** User tasks from outside: assign, claim, update, complete, or report that it cannot be done. */

import { findCatcher } from '../actions/catchers.ts';
import { Fault } from '../actions/fault.ts';
import { readSubmitted, type Submitted } from '../actions/forms.ts';
import { errandOf } from '../actions/pending.ts';
import type { Turn } from '../actions/turn.ts';
import { type Visit, visit } from '../actions/turn.ts';
import { placeResults, visibleVariables } from '../actions/variables.ts';
import type { Variables } from '../records/events.ts';
import type { UserTaskChange, UserTaskUpdate } from '../records/steps.ts';
import type { TaskLink, UserTask } from '../state/entities.ts';
import { type CommandHandler, DONE, type Refused, reject } from './handler.ts';
import { set as setIdentity } from './identities.ts';

export const assignUserTask: CommandHandler<'assignUserTask'> = (command, turn) => {
  const found = findUserTask(turn, command.userTaskId);
  if (!found.ok) return found;
  const { task } = found;
  if (command.claim && task.assignee !== null && task.assignee !== command.assignee) {
    return reject('ALREADY_CLAIMED', `user task ${task.id} is already claimed by '${task.assignee}'`, {
      userTaskId: task.id,
      assignee: task.assignee,
    });
  }
  change(found.at, { kind: 'assignment', assignee: command.assignee });
  return DONE;
};

export const updateUserTask: CommandHandler<'updateUserTask'> = (command, turn) => {
  const found = findUserTask(turn, command.userTaskId);
  if (!found.ok) return found;
  const { assignee, ...changes } = command.changes;
  const { priority } = changes;
  if (priority !== undefined && !Number.isInteger(priority))
    return reject('INVALID_ARGUMENT', `the priority must be a whole number: ${priority}`);
  if (assignee === undefined || assignee === found.task.assignee) change(found.at, { kind: 'update', changes });
  else change(found.at, { kind: 'assignment', assignee, corrections: changes });
  return DONE;
};

export const changeUserTaskLink: CommandHandler<'changeUserTaskLink'> = ({ userTaskId, link, remove }, turn) => {
  const found = findUserTask(turn, userTaskId);
  if (!found.ok) return found;
  const { at, task } = found;
  const { type, userId, groupId } = link;
  if (type === '' || (userId === null) === (groupId === null) || userId === '' || groupId === '')
    return reject('INVALID_ARGUMENT', 'a link of a user task has a type and names either a user or a group');
  if (type === 'assignee' || type === 'owner') {
    if (groupId !== null) return reject('INVALID_ARGUMENT', `the ${type} of a user task is a user, not a group`);
    if (remove && task[type] !== userId) return DONE;
    const now = remove ? null : userId;
    change(at, type === 'owner' ? { kind: 'update', changes: { owner: now } } : { kind: 'assignment', assignee: now });
    return DONE;
  }
  const changes = type === 'candidate' ? changedCandidates(task, link, remove) : changedLinks(task, link, remove);
  if (changes !== undefined) change(at, { kind: 'update', changes });
  return DONE;
};

/** undefined: it is so already. */
function changedCandidates(task: UserTask, { userId, groupId }: TaskLink, remove: boolean): UserTaskUpdate | undefined {
  const [list, name] =
    userId === null ? (['candidateGroups', groupId ?? ''] as const) : (['candidateUsers', userId] as const);
  if (task[list].includes(name) !== remove) return undefined;
  return { [list]: remove ? task[list].filter((other) => other !== name) : [...task[list], name] };
}

function changedLinks({ links = [] }: UserTask, link: TaskLink, remove: boolean): UserTaskUpdate | undefined {
  const others = links.filter(
    ({ type, userId, groupId }) => type !== link.type || userId !== link.userId || groupId !== link.groupId,
  );
  if (others.length < links.length !== remove) return undefined;
  return { links: remove ? others : [...others, link] };
}

export const delegateUserTask: CommandHandler<'delegateUserTask'> = ({ userTaskId, assignee }, turn) => {
  const found = findUserTask(turn, userTaskId);
  if (!found.ok) return found;
  const { task, at } = found;
  change(at, {
    kind: 'assignment',
    assignee,
    corrections: { owner: task.owner ?? task.assignee, delegation: 'pending' },
  });
  return DONE;
};

export const resolveUserTask: CommandHandler<'resolveUserTask'> = ({ userTaskId, variables }, turn) => {
  const found = findUserTask(turn, userTaskId);
  if (!found.ok) return found;
  const { task, at } = found;
  placeResults(at, variables);
  change(at, { kind: 'assignment', assignee: task.owner ?? null, corrections: { delegation: 'resolved' } });
  return DONE;
};

export const completeUserTask: CommandHandler<'completeUserTask'> = (command, turn) => {
  const found = findUserTask(turn, command.userTaskId);
  if (!found.ok) return found;
  const { at, task } = found;
  if (task.delegation === 'pending')
    return reject('INVALID_STATE', DELEGATED, { userTaskId: task.id, owner: task.owner ?? null });
  const submitted = command.form === true ? submittedTo(at, command.variables) : undefined;
  if (submitted?.ok === false) return reject('INVALID_ARGUMENT', submitted.reason, { userTaskId: command.userTaskId });
  if (command.approves !== undefined) setIdentity(turn, command.approves);
  const given = submitted?.variables ?? command.variables;
  // Listeners of Camunda 8 may deny it: then nothing has changed.
  const later = at.model.dialect === 'camunda8' && given !== undefined;
  if (!later) placeResults(at, given);
  const variables = { ...Object.fromEntries(visibleVariables(at.instance, at.self)), ...given };
  change(at, { kind: 'complete', ...(later ? { variables: given } : {}) });
  return { ok: true, value: { variables } };
};

const DELEGATED = 'A delegated task cannot be completed, but should be resolved instead.';

function submittedTo(at: Visit, variables: Variables = {}): Submitted {
  const element = at.model.elements[at.self.elementId];
  const fields = element?.type === 'userTask' ? element.user.formFields : undefined;
  return readSubmitted(at, fields ?? [], variables);
}

/** A business error must have somebody who catches it; an escalation need not, and the task goes on unless it is interrupted. */
export const throwFromUserTask: CommandHandler<'throwFromUserTask'> = (command, turn) => {
  const found = findUserTask(turn, command.userTaskId);
  if (!found.ok) return found;
  const { code, message = null, variables = {} } = command;
  if (code === '') return reject('INVALID_ARGUMENT', `the ${command.what} code is empty: name it`);
  const { at } = found;
  const of = { processInstanceId: at.instance.id, elementInstanceId: at.self.id };
  if (command.what === 'escalation') {
    turn.enqueue({ kind: 'throwEscalation', escalation: { code, variables }, ...of });
    return DONE;
  }
  const catcher = findCatcher(at, { kind: 'error', code, message, variables });
  if (catcher === undefined || catcher instanceof Fault)
    return reject(
      'INVALID_STATE',
      `error '${code}' of user task ${command.userTaskId} is caught by no boundary event and no event sub-process`,
      { userTaskId: command.userTaskId },
    );
  turn.enqueue({ kind: 'throwError', error: { code, message, variables }, ...of });
  return DONE;
};

function findUserTask(
  turn: Turn,
  userTaskId: number,
): { readonly ok: true; readonly task: UserTask; readonly at: Visit } | Refused {
  const task = turn.state.userTasks.get(userTaskId);
  if (task === undefined) return reject('NOT_FOUND', `user task ${userTaskId} does not exist`, { userTaskId });
  const at = visit(turn, task.processInstanceId, task.elementInstanceId);
  if (at === undefined) throw new Error(`user task ${task.id} belongs to no element instance`);
  if (at.instance.suspended)
    return reject('INVALID_STATE', `user task ${userTaskId} is suspended: resume its process instance first`, {
      userTaskId,
    });
  if (errandOf(at) !== null)
    return reject('INVALID_STATE', `user task ${userTaskId} waits for one of its listeners: try again later`, {
      userTaskId,
    });
  return { ok: true, task, at };
}

function change({ turn, instance, self }: Visit, wanted: UserTaskChange): void {
  turn.enqueue({
    kind: 'changeUserTask',
    processInstanceId: instance.id,
    elementInstanceId: self.id,
    change: wanted,
  });
}
