/** After a restore: it is written down, and no lock of the lost life of the store counts any more. */
import { handOverFreed } from '../actions/hand-over.ts';
import { servingInstance } from '../actions/serving.ts';
import { type CommandHandler, DONE } from './handler.ts';

/** More than any task is locked in one life of a store. */
const LOCKS_PER_LIFE = 1_000_000;

export const recordRestore: CommandHandler<'recordRestore'> = ({ records }, turn) => {
  turn.emit({ type: 'storeRestored', records });
  return DONE;
};

/** Those that an instance does go on: it was restored with them. Also tasks that nobody had locked: in the lost life somebody may have. A failed task need not wait out its pause. */
export const fenceExternalTasks: CommandHandler<'fenceExternalTasks'> = ({ externalTaskIds }, turn) => {
  const freed = new Map<string | null, Set<string>>();
  for (const externalTaskId of externalTaskIds) {
    const task = turn.state.externalTasks.get(externalTaskId);
    if (task === undefined || servingInstance(turn, task) !== undefined) continue;
    const { topic } = task;
    const lockCount = (Math.floor(task.lockCount / LOCKS_PER_LIFE) + 1) * LOCKS_PER_LIFE;
    turn.emit({ type: 'externalTaskFenced', externalTaskId, topic, lockCount });
    freed.set(task.tenantId, (freed.get(task.tenantId) ?? new Set()).add(topic));
  }
  for (const [tenantId, topics] of freed) handOverFreed(turn, topics, tenantId);
  return DONE;
};
