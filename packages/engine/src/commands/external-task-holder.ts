/** Who may report on an external task: only the worker that holds it, and only with its latest lock. */

import { forbiddenTask } from '../actions/capabilities.ts';
import { servingInstance } from '../actions/serving.ts';
import type { Turn } from '../actions/turn.ts';
import type { Holder } from '../records/commands.ts';
import type { ExternalTask } from '../state/entities.ts';
import { type Refused, reject } from './handler.ts';

export function findTask(
  turn: Turn,
  externalTaskId: number,
): { readonly ok: true; readonly task: ExternalTask } | Refused {
  const task = turn.state.externalTasks.get(externalTaskId);
  return task === undefined
    ? reject('NOT_FOUND', `external task ${externalTaskId} does not exist`, { externalTaskId })
    : { ok: true, task };
}

/** Camunda compares the worker only, not the time: an expired lock that nobody took over still counts. */
export function heldTask(turn: Turn, holder: Holder): { readonly ok: true; readonly task: ExternalTask } | Refused {
  const found = findTask(turn, holder.externalTaskId);
  if (!found.ok) return found;
  const { task } = found;
  if (task.suspended) return suspendedTask(task);
  const forbidden = takenAway(turn, task);
  if (forbidden !== undefined) return forbidden;
  const served = servedTask(turn, task);
  if (served !== undefined) return served;
  const { id: externalTaskId, workerId: current, lockCount } = task;
  const details = { externalTaskId, workerId: holder.workerId, holder: current };
  if (current !== holder.workerId) {
    const by = current === null ? 'nobody' : `worker '${current}'`;
    const told = current === null && task.errorMessage !== null ? ` (${task.errorMessage})` : '';
    const message = `external task ${externalTaskId} is not locked by worker '${holder.workerId}' but by ${by}${told}`;
    return reject('NOT_LOCKED_BY_WORKER', message, details);
  }
  if (holder.lockCount !== undefined && holder.lockCount !== lockCount) {
    const message = `worker '${current}' has locked external task ${externalTaskId} again since: lock ${holder.lockCount} is over, it is under lock ${lockCount}`;
    return reject('NOT_LOCKED_BY_WORKER', message, details);
  }
  return found;
}

/** Nobody else may report on what an instance does, or take it from it. */
export function servedTask(turn: Turn, task: ExternalTask): Refused | undefined {
  const serving = servingInstance(turn, task);
  if (serving === undefined) return undefined;
  const { id: externalTaskId, workerId: holder } = task;
  const message = `external task ${externalTaskId} is done by process instance ${serving.id} ('${turn.model(serving).bpmnProcessId}'): cancel that instance to end the attempt`;
  return reject('NOT_LOCKED_BY_WORKER', message, { externalTaskId, holder, processInstanceId: serving.id });
}

/** Its process has lost the right to it: nobody may do it, whoever holds it. */
export function takenAway(turn: Turn, task: ExternalTask): Refused | undefined {
  const reason = forbiddenTask(turn, task);
  return reason === undefined
    ? undefined
    : reject('INVALID_STATE', `external task ${task.id} was taken back: ${reason}`, { externalTaskId: task.id });
}

export function suspendedTask(task: ExternalTask): Refused {
  return reject('INVALID_STATE', `external task ${task.id} is suspended: resume it, or its process instance, first`, {
    externalTaskId: task.id,
  });
}
