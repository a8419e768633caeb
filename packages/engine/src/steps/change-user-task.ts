/** A user task changes, with its listeners: Camunda 7 tells them afterwards (but before it completes), Camunda 8 before. */
import type { TaskListener, UserTask } from '@procos/bpmn';
import { cancelTask } from '../actions/ended-task.ts';
import { Detour, type Fault } from '../actions/fault.ts';
import { runListeners } from '../actions/listeners.ts';
import { taskHeaders } from '../actions/task-listener-jobs.ts';
import type { Visit } from '../actions/turn.ts';
import { placeResults } from '../actions/variables.ts';
import type { StepOf } from '../records/steps.ts';

type Change = StepOf<'changeUserTask'>;

export function changeUserTask(at: Visit, step: Change): Fault | undefined {
  const element = at.model.elements[at.self.elementId];
  if (element?.type !== 'userTask' || at.self.userTaskId === null) return undefined;
  const first = at.model.dialect === 'camunda7' && step.change.kind !== 'complete' && step.change.kind !== 'create';
  if (first && step.listenersDone === undefined) apply(at, step);
  const fault = runListeners(
    at,
    listenersOf(at, element, step),
    { ...step, listenersDone: step.listenersDone ?? 0 },
    'taskListener',
  );
  if (fault instanceof Detour && at.model.dialect === 'camunda8') {
    const { change } = step;
    return fault.informed(taskHeaders(at, change), change.kind === 'complete' ? (change.variables ?? {}) : {});
  }
  if (fault !== undefined) return fault;
  if (!first) apply(at, step);
  return undefined;
}

function listenersOf({ model }: Visit, element: UserTask, { change }: Change): readonly TaskListener[] {
  const of = (kind: string) => (element.taskListeners ?? []).filter(({ event }) => event === kind);
  if (change.kind === 'timeout') return of('timeout').slice(change.listener, change.listener + 1);
  // In Camunda 7 an assignment is an update too, unless the model itself assigns.
  const updates = model.dialect === 'camunda7' && change.kind === 'assignment' && change.initial !== true;
  return [...(updates ? of('update') : []), ...of(change.kind)];
}

function apply(at: Visit, { change }: Change): void {
  const { turn, instance, self } = at;
  const { userTaskId } = self;
  if (userTaskId === null) return;
  const of = { processInstanceId: instance.id, elementInstanceId: self.id };
  const { assignee: corrected, ...corrections } = change.corrections ?? {};
  if (corrected !== undefined && change.kind !== 'assignment')
    turn.emit({ type: 'userTaskAssigned', userTaskId, assignee: corrected, ...of });
  if (Object.keys(corrections).length > 0)
    turn.emit({ type: 'userTaskUpdated', userTaskId, changes: corrections, ...of });
  switch (change.kind) {
    case 'timeout':
      return;
    case 'create': {
      // Its listeners may have assigned it to somebody else.
      const now = turn.state.userTasks.get(userTaskId)?.assignee ?? change.assignee ?? null;
      if (now !== null)
        turn.enqueue({ kind: 'changeUserTask', change: { kind: 'assignment', assignee: now, initial: true }, ...of });
      return;
    }
    case 'assignment': {
      const assignee = corrected === undefined ? change.assignee : corrected;
      if (change.initial !== true || turn.state.userTasks.get(userTaskId)?.assignee !== assignee)
        turn.emit({ type: 'userTaskAssigned', userTaskId, assignee, ...of });
      return;
    }
    case 'update':
      turn.emit({ type: 'userTaskUpdated', userTaskId, changes: change.changes, ...of });
      return;
    case 'complete':
      placeResults(at, change.variables);
      // Its job, where it has one.
      if (self.externalTaskId !== null) cancelTask(turn, self.externalTaskId, of);
      turn.emit({ type: 'userTaskCompleted', ...of, userTaskId });
      turn.enqueue({ kind: 'complete', ...of });
  }
}
