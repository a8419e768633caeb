/** Locks of external tasks, one at a time: lock, extend, unlock; retries and priority. */

import { handOverFreed } from '../actions/hand-over.ts';
import { closeIncidents, raiseIncident } from '../actions/incidents.ts';
import { HELD_AT, serveAgain } from '../actions/serving.ts';
import { type Turn, visit } from '../actions/turn.ts';
import type { ExternalTask } from '../state/entities.ts';
import { findTask, heldTask, servedTask, suspendedTask, takenAway } from './external-task-holder.ts';
import { type CommandHandler, DONE, reject, tooLong } from './handler.ts';

export const lockExternalTask: CommandHandler<'lockExternalTask'> = (command, turn) => {
  const found = findTask(turn, command.externalTaskId);
  if (!found.ok) return found;
  const { task } = found;
  if (task.suspended) return suspendedTask(task);
  const forbidden = takenAway(turn, task);
  if (forbidden !== undefined) return forbidden;
  if (!(command.lockMs > 0)) return reject('INVALID_ARGUMENT', `lock duration must be positive: ${command.lockMs} ms`);
  const endless = tooLong(turn, command.lockMs, 'the lock');
  if (endless !== undefined) return endless;
  if (task.workerId !== null && task.workerId !== command.workerId && task.availableAt > turn.now) {
    return reject('NOT_LOCKED_BY_WORKER', `external task ${task.id} is locked by worker '${task.workerId}'`, {
      externalTaskId: task.id,
      workerId: command.workerId,
      holder: task.workerId,
    });
  }
  turn.emit({
    type: 'externalTaskLocked',
    externalTaskId: task.id,
    topic: task.topic,
    workerId: command.workerId,
    lockExpiresAt: turn.now + command.lockMs,
    lockCount: task.lockCount + 1,
  });
  return DONE;
};

export const extendLock: CommandHandler<'extendLock'> = (command, turn) => {
  const found = heldTask(turn, command);
  if (!found.ok) return found;
  if (!(command.lockMs > 0)) return reject('INVALID_ARGUMENT', `lock duration must be positive: ${command.lockMs} ms`);
  const endless = tooLong(turn, command.lockMs, 'the lock');
  if (endless !== undefined) return endless;
  if (found.task.availableAt <= turn.now) {
    return reject('LOCK_EXPIRED', `the lock of external task ${found.task.id} has expired: fetch it again`, {
      externalTaskId: found.task.id,
    });
  }
  turn.emit({
    type: 'externalTaskLockExtended',
    externalTaskId: found.task.id,
    lockExpiresAt: turn.now + command.lockMs,
  });
  return DONE;
};

export const keepLocks: CommandHandler<'keepLocks'> = ({ externalTaskIds, byMs }, turn) => {
  for (const externalTaskId of externalTaskIds) {
    const task = turn.state.externalTasks.get(externalTaskId);
    if (task === undefined || task.workerId === null || task.availableAt >= HELD_AT) continue;
    turn.emit({ type: 'externalTaskLockExtended', externalTaskId, lockExpiresAt: task.availableAt + byMs });
  }
  return DONE;
};

export const unlockExternalTask: CommandHandler<'unlockExternalTask'> = (command, turn) => {
  const found = findTask(turn, command.externalTaskId);
  if (!found.ok) return found;
  if (command.lockCount !== undefined && command.lockCount !== found.task.lockCount) {
    return reject('NOT_LOCKED_BY_WORKER', `external task ${found.task.id} has been locked again since`, {
      externalTaskId: found.task.id,
      holder: found.task.workerId,
    });
  }
  const served = servedTask(turn, found.task);
  if (served !== undefined) return served;
  const { id: externalTaskId, topic, tenantId } = found.task;
  turn.emit({ type: 'externalTaskUnlocked', externalTaskId, topic });
  handOverFreed(turn, [topic], tenantId);
  return DONE;
};

export const setExternalTaskRetries: CommandHandler<'setExternalTaskRetries'> = (command, turn) => {
  const found = findTask(turn, command.externalTaskId);
  if (!found.ok) return found;
  if (!Number.isInteger(command.retries) || command.retries < 0) {
    return reject('INVALID_ARGUMENT', `the number of retries must be a whole number, 0 or more: ${command.retries}`);
  }
  const forbidden = command.retries > 0 ? takenAway(turn, found.task) : undefined;
  if (forbidden !== undefined) return forbidden;
  changeRetries(turn, found.task, command.retries);
  return DONE;
};

/** 0 raises an incident where there is none, more closes it, and what had failed is tried again. */
export function changeRetries(turn: Turn, task: ExternalTask, retries: number): void {
  const hadFailed = task.retries === 0;
  turn.emit({ type: 'externalTaskRetriesSet', externalTaskId: task.id, topic: task.topic, retries });
  const at = visit(turn, task.processInstanceId, task.elementInstanceId);
  if (at === undefined) return;
  if (retries > 0) {
    closeIncidents(turn, at.instance.id, at.self);
    if (hadFailed) serveAgain(at, task);
  } else if (at.self.incidents.size === 0)
    raiseIncident(at, { kind: 'failedExternalTask', message: task.errorMessage ?? 'no retries left', step: null });
}

export const setExternalTaskPriority: CommandHandler<'setExternalTaskPriority'> = (command, turn) => {
  const found = findTask(turn, command.externalTaskId);
  if (!found.ok) return found;
  if (!Number.isInteger(command.priority))
    return reject('INVALID_ARGUMENT', `the priority must be a whole number: ${command.priority}`);
  turn.emit({ type: 'externalTaskPrioritySet', externalTaskId: found.task.id, priority: command.priority });
  return DONE;
};
