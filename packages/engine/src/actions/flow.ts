/** How a token leaves an element, and how a scope ends when nothing is left inside. */
import type { Variable } from '@procos/bpmn';
import type { ElementInstanceId } from '../records/ids.ts';
import type { Trigger } from '../records/steps.ts';
import { closeIncidents } from './incidents.ts';
import type { Turn, Visit } from './turn.ts';

/** The element is done: its tokens go onto `takenFlows`, and each arrives at its target in a step of its own. */
export function leave(at: Visit, takenFlows: readonly string[], loopResult?: Variable): void {
  const { turn, instance, self } = at;
  closeIncidents(turn, instance.id, self);
  turn.emit({
    type: 'elementCompleted',
    processInstanceId: instance.id,
    elementInstanceId: self.id,
    elementId: self.elementId,
    takenFlows,
    ...(loopResult === undefined ? {} : { loopResult }),
    ...(self.variables.size === 0 ? {} : { hadVariables: true as const }),
  });
  const scopeId = self.scopeId ?? instance.id;
  for (const flowId of takenFlows) turn.enqueue({ kind: 'arrive', processInstanceId: instance.id, scopeId, flowId });
  if (takenFlows.length === 0) completeScopeIfDone(turn, instance.id, scopeId);
}

/** Nothing inside is alive or under way: the scope itself completes. */
export function completeScopeIfDone(turn: Turn, processInstanceId: number, scopeId: ElementInstanceId): void {
  const scope = turn.state.instances.get(processInstanceId)?.elements.get(scopeId);
  if (scope === undefined || scope.children > 0 || scope.tokens.size > 0 || scope.role === 'body') return;
  turn.enqueue({ kind: 'complete', processInstanceId, elementInstanceId: scopeId });
}

/** Creates an instance of an element in a scope, taking the tokens that it starts with. */
export function enter(
  scope: Visit,
  elementId: string,
  options: {
    readonly consumedFlows?: readonly string[];
    readonly trigger?: Trigger;
    readonly loopIndex?: number;
  } = {},
): ElementInstanceId {
  const { turn, instance, model, self } = scope;
  const element = model.elements[elementId];
  const loops =
    element !== undefined && 'loop' in element && element.loop !== undefined && options.loopIndex === undefined;
  const elementInstanceId = turn.ids.next();
  turn.emit({
    type: 'elementActivated',
    processInstanceId: instance.id,
    elementInstanceId,
    elementId,
    scopeId: self.id,
    consumedFlows: options.consumedFlows ?? [],
    ...(loops ? { role: 'body' as const } : {}),
    ...(options.loopIndex === undefined ? {} : { loopIndex: options.loopIndex }),
  });
  turn.enqueue({
    kind: 'activate',
    processInstanceId: instance.id,
    elementInstanceId,
    ...(options.trigger === undefined ? {} : { trigger: options.trigger }),
  });
  return elementInstanceId;
}
