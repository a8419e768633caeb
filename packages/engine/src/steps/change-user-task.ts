/** A user task changes, with its listeners: Camunda 7 tells them afterwards (but before it completes), Camunda 8 before. */
import type { UserTask } from '@procos/bpmn';
import type { Fault } from '../actions/fault.ts';
import { runListeners } from '../actions/listeners.ts';
import type { Visit } from '../actions/turn.ts';
import type { StepOf } from '../records/steps.ts';

export function changeUserTask(at: Visit, step: StepOf<'changeUserTask'>): Fault | undefined {
  const element = at.model.elements[at.self.elementId];
  if (element?.type !== 'userTask' || at.self.userTaskId === null) return undefined;
  const first = at.model.dialect === 'camunda7' && step.change.kind !== 'complete';
  if (first && step.listenersDone === undefined) apply(at, step);
  const fault = runListeners(
    at,
    listenersOf(element, step),
    { ...step, listenersDone: step.listenersDone ?? 0 },
    'taskListener',
  );
  if (fault !== undefined) return fault;
  if (!first) apply(at, step);
  return undefined;
}

function listenersOf(element: UserTask, { change }: StepOf<'changeUserTask'>) {
  return (element.taskListeners ?? []).filter(({ event }) => event === change.kind).map(({ action }) => action);
}

function apply(at: Visit, { change }: StepOf<'changeUserTask'>): void {
  const { turn, instance, self } = at;
  const { userTaskId } = self;
  if (userTaskId === null) return;
  const of = { processInstanceId: instance.id, elementInstanceId: self.id };
  switch (change.kind) {
    case 'create':
      return;
    case 'assignment':
      turn.emit({ type: 'userTaskAssigned', userTaskId, assignee: change.assignee, ...of });
      return;
    case 'update':
      turn.emit({ type: 'userTaskUpdated', userTaskId, changes: change.changes, ...of });
      return;
    case 'complete':
      turn.emit({ type: 'userTaskCompleted', userTaskId, ...of });
      turn.enqueue({ kind: 'complete', ...of });
  }
}
