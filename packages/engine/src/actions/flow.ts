/** How a token leaves an element, and how a scope ends when nothing is left inside. */
import type { ProcessModel, Variable } from '@procos/bpmn';
import type { EventOf } from '../records/events.ts';
import type { ElementInstanceId } from '../records/ids.ts';
import type { StepOf, Trigger } from '../records/steps.ts';
import type { Compensation } from '../state/entities.ts';
import { closeIncidents } from './incidents.ts';
import { traitsOf } from './traits.ts';
import type { Mutable, Turn, Visit } from './turn.ts';

/** What is not said; a literal would be garbage at once, several times for each element. */
const NOTHING = {};

/**
 * The element is done: its tokens go onto `takenFlows`, and each arrives at its target in a step of its own. What ran to undo
 * something tells who waits for that.
 */
export function leave(at: Visit, takenFlows: readonly string[], loopResult?: Variable): void {
  const { turn, instance, self } = at;
  const compensation = compensationOf(at);
  complete(at, takenFlows, compensation, loopResult);
  const scopeId = self.scopeId ?? instance.id;
  for (const flowId of takenFlows) turn.enqueue({ kind: 'arrive', processInstanceId: instance.id, scopeId, flowId });
  if (self.undoneFor !== null)
    turn.enqueue({ kind: 'continueUndo', processInstanceId: instance.id, elementInstanceId: self.undoneFor });
  const scope = instance.elements.get(scopeId);
  if (scope !== undefined && traitsOf(at.model, scope.elementId).isAdHoc && scope.role !== 'body')
    turn.enqueue({ kind: 'continueAdHoc', processInstanceId: instance.id, elementInstanceId: scopeId });
  else if (takenFlows.length === 0) completeScopeIfDone(turn, instance.id, scopeId);
}

/** How the activity that completes here can be undone later; undefined when it cannot. */
function compensationOf({ turn, model, self }: Visit): Compensation | undefined {
  const { element, mayBeUndone } = traitsOf(model, self.elementId);
  if (!mayBeUndone || self.role === 'undo' || self.undoneFor !== null) return undefined;
  const byHandler = 'compensationHandler' in element && element.compensationHandler !== undefined;
  // Camunda 8 undoes a multi-instance activity as a whole, by one run of its handler.
  const asWhole =
    byHandler && model.dialect === 'camunda8' && 'loop' in element && element.loop?.kind === 'multiInstance';
  if (self.role === 'body' ? !asWhole : asWhole && self.loopIndex !== null) return undefined;
  const isScope = 'eventSubProcesses' in element && element.type !== 'eventSubProcess';
  const byItself = isScope && (self.compensations.length > 0 || compensationStart(model, element) !== undefined);
  if (!byHandler && !byItself) return undefined;
  const { elementId, compensations: inner } = self;
  return { id: turn.ids.next(), elementId, variables: Object.fromEntries(self.variables), inner };
}

/** The event sub-process that undoes the scope, where it has one. */
export function compensationStart(
  model: ProcessModel,
  scope: { readonly eventSubProcesses: readonly string[] },
): string | undefined {
  return scope.eventSubProcesses.find((id) => {
    const eventSubProcess = model.elements[id];
    const start =
      eventSubProcess?.type === 'eventSubProcess' ? model.elements[eventSubProcess.startEventId] : undefined;
    return start?.type === 'startEvent' && start.event.kind === 'compensation';
  });
}

/** States that the element is done, with its incidents and variables; where the tokens go is up to the caller. */
export function complete(
  { turn, instance, self }: Visit,
  takenFlows: readonly string[],
  compensation?: Compensation,
  loopResult?: Variable,
): void {
  closeIncidents(turn, instance.id, self);
  const event: Mutable<EventOf<'elementCompleted'>> = {
    type: 'elementCompleted',
    processInstanceId: instance.id,
    elementInstanceId: self.id,
    elementId: self.elementId,
    takenFlows,
  };
  if (compensation !== undefined) event.compensation = compensation;
  if (loopResult !== undefined) event.loopResult = loopResult;
  if (self.variables.size > 0) event.hadVariables = true;
  turn.emit(event);
}

/** Nothing inside is alive or under way: the scope itself completes. */
export function completeScopeIfDone(turn: Turn, processInstanceId: number, scopeId: ElementInstanceId): void {
  const scope = turn.state.instances.get(processInstanceId)?.elements.get(scopeId);
  if (scope === undefined || scope.children > 0 || scope.tokens.size > 0 || scope.role === 'body') return;
  turn.enqueue({ kind: 'complete', processInstanceId, elementInstanceId: scopeId });
}

export interface EnterOptions {
  readonly consumedFlows?: readonly string[];
  readonly trigger?: Trigger;
  readonly loopIndex?: number;
  readonly undo?: { readonly compensation: Compensation; readonly by: ElementInstanceId; readonly whole: boolean };
  readonly skipInputs?: boolean;
  readonly skipListeners?: boolean;
  readonly bare?: boolean;
}

/** Creates an instance of an element in a scope, taking the tokens that it starts with. */
export function enter(scope: Visit, elementId: string, options: EnterOptions = NOTHING): ElementInstanceId {
  const { turn, instance, model, self } = scope;
  const loops = traitsOf(model, elementId).loops && options.loopIndex === undefined;
  const { undo } = options;
  const role = undo?.whole === true ? 'undo' : loops ? 'body' : undefined;
  const elementInstanceId = turn.ids.next();
  const event: Mutable<EventOf<'elementActivated'>> = {
    type: 'elementActivated',
    processInstanceId: instance.id,
    elementInstanceId,
    elementId,
    scopeId: self.id,
    consumedFlows: options.consumedFlows ?? [],
  };
  if (role !== undefined) event.role = role;
  if (options.loopIndex !== undefined) event.loopIndex = options.loopIndex;
  if (undo !== undefined) event.undoes = { compensationId: undo.compensation.id, scopeId: self.id, by: undo.by };
  turn.emit(event);
  const step: Mutable<StepOf<'activate'>> = { kind: 'activate', processInstanceId: instance.id, elementInstanceId };
  if (options.trigger !== undefined) step.trigger = options.trigger;
  if (options.skipInputs === true) step.skipInputs = true;
  if (options.skipListeners === true) step.skipListeners = true;
  if (options.bare === true) step.bare = true;
  turn.enqueue(step);
  return elementInstanceId;
}
