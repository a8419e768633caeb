/** Who may report on an external task: only the worker that holds it, and only with its latest lock. */
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
  if (task.workerId !== holder.workerId || (holder.lockCount !== undefined && holder.lockCount !== task.lockCount)) {
    const by = task.workerId === null ? 'nobody' : `worker '${task.workerId}'`;
    return reject(
      'NOT_LOCKED_BY_WORKER',
      `external task ${task.id} is not locked by worker '${holder.workerId}' but by ${by}`,
      {
        externalTaskId: task.id,
        workerId: holder.workerId,
        holder: task.workerId,
      },
    );
  }
  return found;
}

export function suspendedTask(task: ExternalTask): Refused {
  return reject('INVALID_STATE', `external task ${task.id} is suspended: resume it, or its process instance, first`, {
    externalTaskId: task.id,
  });
}
