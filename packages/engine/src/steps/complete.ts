/** An element has done its work: end listeners, output mappings, then it leaves by its outgoing flows. */
import { goOnUndoing } from '../actions/cancel.ts';
import { endInstance } from '../actions/end-instance.ts';
import { Fault, retryFrom } from '../actions/fault.ts';
import { finishServed } from '../actions/finished-work.ts';
import { leave } from '../actions/flow.ts';
import { closeIncidents } from '../actions/incidents.ts';
import { runListeners } from '../actions/listeners.ts';
import { collectResults, loopResult } from '../actions/loops.ts';
import { isStillToBegin } from '../actions/pending.ts';
import { continuationOf, continueLater } from '../actions/retries.ts';
import { resultsOf, servedTask } from '../actions/serving.ts';
import { type Traits, traitsOf } from '../actions/traits.ts';
import { type Visit, visit, visitScope } from '../actions/turn.ts';
import { applyOutputs } from '../actions/variables.ts';
import { closeWaits } from '../actions/waits.ts';
import { waitsForCalled } from '../actions/within.ts';
import { collectOutput, handOverOutput } from '../elements/ad-hoc-sub-process.ts';
import { leaveByConditions } from '../elements/behavior.ts';
import { returnToCaller, variablesOut } from '../elements/call-activity.ts';
import { throwLoopEvents } from '../elements/loop-events.ts';
import { behaviorOf } from '../elements/registry.ts';
import type { StepOf } from '../records/steps.ts';

type Complete = StepOf<'complete'>;

export function complete(at: Visit, step: Complete): Fault | undefined {
  const { self, model } = at;
  // A scope that was done when this step was enqueued may have been re-entered by an event since.
  if (self.children > 0 || self.tokens.size > 0 || isStillToBegin(at)) return undefined;
  // It is canceled when all is undone.
  if (self.undo?.ending !== undefined) return undefined;
  const traits = traitsOf(model, self.elementId);
  if (self.role === 'undo') {
    leave(at, []);
    return undefined;
  }
  const more = self.role === 'body' ? undefined : behaviorOf(traits.element).resume?.(traits.element, at);
  if (more instanceof Fault) return more;
  if (more === 'wait') return undefined;
  const fault = self.role === 'body' ? collectResults(at) : finish(at, traits, step);
  if (fault !== undefined) return fault;
  if (self.scopeId === null) return completeInstance(at);
  if (continuationOf(at, traits)?.after === true && step.asyncDone !== true) {
    closeWaits(at, () => true);
    continueLater(at, { ...finished(step, traits), asyncDone: true });
    return undefined;
  }
  return depart(at, traits, step);
}

/** From where it goes on once it is finished. */
function finished(step: Complete, { endListeners }: Traits): Complete {
  return { ...step, outputsDone: true, listenersDone: Math.max(step.listenersDone ?? 0, endListeners.length) };
}

/** Camunda 7 runs the end listeners before the output mappings, Camunda 8 after them. */
function finish(at: Visit, { element, endListeners: listeners }: Traits, step: Complete): Fault | undefined {
  if (element.type === 'adHocSubProcess' && step.outputsDone !== true) handOverOutput(at, element);
  const outputs = () => (step.outputsDone === true ? undefined : applyOutputs(at, element.outputs));
  if (listeners.length === 0) return outputs();
  if (at.model.dialect === 'camunda7') {
    const halted = runListeners(at, listeners, step);
    if (halted !== undefined) return halted;
    const fault = outputs();
    const listenersDone = Math.max(step.listenersDone ?? 0, listeners.length);
    return fault === undefined ? undefined : retryFrom(fault, { ...step, listenersDone });
  }
  return outputs() ?? runListeners(at, listeners, { ...step, outputsDone: true });
}

/** Leaves by the outgoing flows; a loop instance goes back to its loop. */
function depart(at: Visit, traits: Traits, step: Complete): Fault | undefined {
  const { element, completionQuantity } = traits;
  const { self, turn, instance, model } = at;
  if (self.loopIndex !== null && self.scopeId !== null) {
    const result = loopResult(at);
    if (result instanceof Fault) return retryFrom(result, finished(step, traits));
    const fault = throwLoopEvents(at);
    if (fault !== undefined) return retryFrom(fault, finished(step, traits));
    leave(at, [], result.variable);
    turn.enqueue({ kind: 'continueLoop', processInstanceId: instance.id, elementInstanceId: self.scopeId });
    return undefined;
  }
  const behavior = behaviorOf(element);
  const flows = behavior.leave === undefined ? leaveByConditions(traits, at) : behavior.leave(element, at);
  if (flows instanceof Fault) return retryFrom(flows, finished(step, traits));
  if (traits.tellsFlows && flows.some((flowId) => model.flows[flowId]?.listeners !== undefined)) {
    const taken = flows
      .flatMap((flowId) => model.flows[flowId]?.listeners ?? [])
      .map((action) => ({ event: 'take', action }));
    const fault = runListeners(at, [...traits.endListeners, ...taken], finished(step, traits));
    if (fault !== undefined) return fault;
  }
  const scope = flows.length === 0 ? visitScope(at) : undefined;
  const around = scope === undefined ? undefined : model.elements[scope.self.elementId];
  if (scope !== undefined && around?.type === 'adHocSubProcess') {
    const fault = collectOutput(at, scope, around);
    if (fault !== undefined) return retryFrom(fault, finished(step, traits));
  }
  const left =
    completionQuantity === 1 ? flows : flows.flatMap((flowId) => new Array<string>(completionQuantity).fill(flowId));
  leave(at, left);
  behavior.left?.(element, at);
  return undefined;
}

function completeInstance(at: Visit): Fault | undefined {
  const { turn, instance, self } = at;
  const caller =
    instance.parentId === null || instance.parentElementInstanceId === null
      ? undefined
      : visit(turn, instance.parentId, instance.parentElementInstanceId);
  const call = caller?.model.elements[caller.self.elementId];
  const handedBack = caller !== undefined && call?.type === 'callActivity' ? variablesOut(call, caller, at) : undefined;
  if (handedBack instanceof Fault) return handedBack;
  const task = caller === undefined || call?.type === 'callActivity' ? undefined : servedTask(caller);
  const results = task === undefined ? {} : resultsOf(at, task.topic);
  turn.finalVariables.set(instance.id, self.variables);
  closeIncidents(turn, instance.id, self);
  endInstance(turn, instance, { type: 'processInstanceCompleted', processInstanceId: instance.id });
  if (caller === undefined) return undefined;
  if (waitsForCalled(caller.instance)) goOnUndoing(caller);
  else if (call?.type === 'callActivity') returnToCaller(caller, handedBack ?? {});
  else if (task !== undefined) finishServed(caller, task, results);
  return undefined;
}
