/** Suspends and resumes: an instance with its timers and tasks, a definition (nobody can start it), or one external task. */
import { handOverFreed, handOverLater } from '../actions/hand-over.ts';
import { settleSignals } from '../actions/signals.ts';
import type { Turn } from '../actions/turn.ts';
import type { ProcessInstance } from '../state/entities.ts';
import { findTask } from './external-task-holder.ts';
import { type CommandHandler, DONE, reject } from './handler.ts';

/** Called instances and running instances of a definition are suspended each for itself. */
export const setSuspension: CommandHandler<'setSuspension'> = ({ target, suspended, reason }, turn) => {
  if ('processInstanceId' in target) {
    const { processInstanceId } = target;
    const instance = turn.state.instances.get(processInstanceId);
    if (instance === undefined)
      return reject('NOT_FOUND', `process instance ${processInstanceId} does not run`, { processInstanceId });
    if (instance.suspended === suspended) return DONE;
    settleSignals(turn, instance);
    turn.emit({
      type: suspended ? 'processInstanceSuspended' : 'processInstanceResumed',
      processInstanceId,
      ...(reason === undefined ? {} : { reason }),
    });
    if (!suspended) handOverFreed(turn, topicsOf(turn, instance), instance.tenantId);
    return DONE;
  }
  if ('definitionId' in target) return suspendDefinition(turn, target.definitionId, suspended);
  const found = findTask(turn, target.externalTaskId);
  if (!found.ok) return found;
  const { externalTaskId } = target;
  if (found.task.suspended === suspended) return DONE;
  turn.emit({ type: suspended ? 'externalTaskSuspended' : 'externalTaskResumed', externalTaskId });
  if (!suspended) handOverFreed(turn, [found.task.topic], found.task.tenantId);
  return DONE;
};

function topicsOf({ state }: Turn, { elements }: ProcessInstance): readonly string[] {
  return [...elements.values()].flatMap(({ externalTaskId }) =>
    externalTaskId === null ? [] : (state.externalTasks.get(externalTaskId)?.topic ?? []),
  );
}

function suspendDefinition(turn: Turn, definitionId: number, suspended: boolean) {
  const definition = turn.state.definitions.get(definitionId);
  if (definition === undefined)
    return reject('NOT_FOUND', `process definition ${definitionId} does not exist`, { definitionId });
  if (definition.suspended !== suspended)
    turn.emit({ type: suspended ? 'definitionSuspended' : 'definitionResumed', definitionId });
  // What it has left to workers while it rested.
  if (!suspended)
    for (const { topic } of definition.model.serves ?? []) handOverLater(turn, topic, definition.tenantId);
  return DONE;
}
