/** The owner's policy has changed: tasks that have lost their right are taken back, and so are those whose worker goes by an older set. */
import { forbiddenTask } from '../actions/capabilities.ts';
import { forbidTask } from '../actions/forbidden-tasks.ts';
import { handOverFreed } from '../actions/hand-over.ts';
import { servingInstance } from '../actions/serving.ts';
import { type CommandHandler, DONE } from './handler.ts';

export const applyPolicy: CommandHandler<'applyPolicy'> = ({ externalTaskIds, reason }, turn) => {
  const freed = new Map<string | null, Set<string>>();
  for (const externalTaskId of externalTaskIds) {
    const task = turn.state.externalTasks.get(externalTaskId);
    if (task === undefined) continue;
    const why = forbiddenTask(turn, task);
    const serving = servingInstance(turn, task);
    if (serving !== undefined) {
      // Its task then finds out by itself whether somebody may try again.
      if (why !== undefined)
        turn.enqueue({
          kind: 'cancelInstance',
          processInstanceId: serving.id,
          elementInstanceId: serving.id,
          reason: why,
        });
    } else if (why !== undefined) {
      if (task.retries !== 0 || task.workerId !== null) forbidTask(turn, task, why);
    } else if (task.workerId !== null && task.availableAt > turn.now) {
      const { topic, lockCount, tenantId } = task;
      turn.emit({ type: 'externalTaskFenced', externalTaskId, topic, lockCount: lockCount + 1, reason });
      freed.set(tenantId, (freed.get(tenantId) ?? new Set()).add(topic));
    }
  }
  for (const [tenantId, topics] of freed) handOverFreed(turn, topics, tenantId);
  return DONE;
};
