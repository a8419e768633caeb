/** Runs the follow-up steps of a command, one kind per function; a fault becomes an incident in one place. */
import type { Element } from '@procos/bpmn';
import { cancelContent, cancelElement } from '../actions/cancel.ts';
import { findCatcher } from '../actions/errors.ts';
import { Fault } from '../actions/fault.ts';
import { enter, leave } from '../actions/flow.ts';
import { closeIncidents, raiseIncident } from '../actions/incidents.ts';
import { startInclusiveJoins } from '../actions/inclusive-join.ts';
import { collectResults, continueLoop, loopOf, loopResult, startLoop } from '../actions/loops.ts';
import { type Turn, type Visit, visit, visitScope } from '../actions/turn.ts';
import { applyInputs, applyOutputs, placeResults, restoreLocal } from '../actions/variables.ts';
import { closeWaits, openWaits, planWaits } from '../actions/waits.ts';
import { leaveByConditions } from '../elements/behavior.ts';
import { returnToCaller, variablesOut } from '../elements/call-activity.ts';
import { behaviorOf } from '../elements/registry.ts';
import type { Step, Trigger } from '../records/steps.ts';

/** A command that causes more steps than this is a runaway: the rest waits in incidents that name where. */
export const MAX_STEPS_PER_TURN = 50_000;

type StepOf<K extends Step['kind']> = Extract<Step, { readonly kind: K }>;

/** Runs steps until none is left and no inclusive join can start. */
export function runSteps(turn: Turn): void {
  let count = 0;
  do {
    for (let step = turn.nextStep(); step !== undefined; step = turn.nextStep()) {
      count += 1;
      if (count > MAX_STEPS_PER_TURN) haltStep(turn, step);
      else runStep(turn, step);
    }
  } while (startJoins(turn));
}

function startJoins(turn: Turn): boolean {
  let started = false;
  for (const id of turn.touched) {
    const instance = turn.state.instances.get(id);
    if (instance !== undefined && startInclusiveJoins(turn, instance)) started = true;
  }
  return started;
}

function runStep(turn: Turn, step: Step): void {
  const at = visit(turn, step.processInstanceId, 'scopeId' in step ? step.scopeId : step.elementInstanceId);
  if (at === undefined) return;
  const fault = perform(at, step);
  if (fault !== undefined && !waitsAlready(at, step))
    raiseIncident(at, { kind: fault.kind, message: fault.message, step: fault.retry ?? step });
}

/** The same step failed before and has not been tried again: a scope that an event has re-entered, a loop that went on. */
function waitsAlready({ turn, self }: Visit, step: Step): boolean {
  if (step.kind !== 'complete' && step.kind !== 'continueLoop') return false;
  return [...self.incidents].some((id) => turn.state.incidents.get(id)?.step?.kind === step.kind);
}

function haltStep(turn: Turn, step: Step): void {
  const at = visit(turn, step.processInstanceId, 'scopeId' in step ? step.scopeId : step.elementInstanceId);
  if (at === undefined) return;
  const elementId =
    step.kind === 'arrive' ? at.model.flows[step.flowId]?.target : step.kind === 'enter' ? step.elementId : undefined;
  const message = `stopped after ${MAX_STEPS_PER_TURN} steps without waiting anywhere: look for a loop around '${elementId ?? at.self.elementId}', then resolve this incident to go on`;
  raiseIncident(at, { kind: 'runaway', message, step, ...(elementId === undefined ? {} : { elementId }) });
}

function perform(at: Visit, step: Step): Fault | undefined {
  switch (step.kind) {
    case 'arrive':
      return arrive(at, step);
    case 'enter':
      enter(at, step.elementId, step);
      return undefined;
    case 'activate':
      return activate(at, step);
    case 'complete':
      return complete(at, step);
    case 'trigger':
      return trigger(at, step);
    case 'throwError':
      return throwError(at, step);
    case 'continueLoop':
      return continueLoop(at);
  }
}

function arrive(scope: Visit, step: StepOf<'arrive'>): undefined {
  // The token may have been consumed by a join meanwhile, or discarded with its scope.
  if (!scope.self.tokens.has(step.flowId)) return;
  const target = scope.model.elements[scope.model.flows[step.flowId]?.target ?? ''];
  if (target === undefined)
    throw new Error(`sequence flow ${step.flowId} leads nowhere in ${scope.model.bpmnProcessId}`);
  const behavior = behaviorOf(target);
  const consumedFlows = behavior.arrive === undefined ? [step.flowId] : behavior.arrive(target, scope, step.flowId);
  if (consumedFlows !== undefined) enter(scope, target.id, { consumedFlows });
}

function activate(at: Visit, step: StepOf<'activate'>): Fault | undefined {
  const element = at.model.elements[at.self.elementId];
  if (element === undefined) throw new Error(`element ${at.self.elementId} is not in ${at.model.bpmnProcessId}`);
  if (at.self.role === 'body') return begin(at, element, step.trigger);
  const before = new Map(at.self.variables);
  const fault = applyInputs(at, element.inputs) ?? begin(at, element, step.trigger);
  if (fault !== undefined) restoreLocal(at, before);
  return fault;
}

function begin(at: Visit, element: Element, trigger: Trigger | undefined): Fault | undefined {
  const loop = at.self.role === 'body' ? loopOf(at.model, element.id) : undefined;
  const waits = planWaits(at, trigger !== undefined);
  if (waits instanceof Fault) return waits;
  const progress =
    loop === undefined ? behaviorOf(element).activate(element, at, trigger) : (startLoop(at, loop) ?? 'wait');
  if (progress instanceof Fault) return progress;
  if (progress === 'wait') openWaits(at, waits);
  else at.turn.enqueue({ kind: 'complete', processInstanceId: at.instance.id, elementInstanceId: at.self.id });
  return undefined;
}

function complete(at: Visit, step: StepOf<'complete'>): Fault | undefined {
  const { self, model } = at;
  // A scope that was done when this step was enqueued may have been re-entered by an event since.
  if (self.children > 0 || self.tokens.size > 0) return undefined;
  if (self.scopeId === null) return completeInstance(at);
  const element = model.elements[self.elementId];
  if (element === undefined) throw new Error(`element ${self.elementId} is not in ${model.bpmnProcessId}`);
  if (self.role === 'body') {
    collectResults(at);
  } else if (step.outputsDone !== true) {
    const fault = applyOutputs(at, element.outputs);
    if (fault !== undefined) return fault;
  }
  const fault = depart(at, element);
  return fault === undefined ? undefined : new Fault(fault.kind, fault.message, { ...step, outputsDone: true });
}

/** Leaves by the outgoing flows; a loop instance goes back to its loop. */
function depart(at: Visit, element: Element): Fault | undefined {
  const { self, turn, instance } = at;
  if (self.loopIndex !== null && self.scopeId !== null) {
    const result = loopResult(at);
    if (result instanceof Fault) return result;
    leave(at, [], result.variable);
    turn.enqueue({ kind: 'continueLoop', processInstanceId: instance.id, elementInstanceId: self.scopeId });
    return undefined;
  }
  const behavior = behaviorOf(element);
  const flows = behavior.leave === undefined ? leaveByConditions(element, at) : behavior.leave(element, at);
  if (flows instanceof Fault) return flows;
  leave(at, flows);
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
  turn.finalVariables.set(instance.id, Object.fromEntries(self.variables));
  closeIncidents(turn, instance.id, self);
  turn.emit({ type: 'processInstanceCompleted', processInstanceId: instance.id });
  if (caller !== undefined) returnToCaller(caller, handedBack ?? {});
  return undefined;
}

/** A waiting event has happened at its host. */
function trigger(host: Visit, step: StepOf<'trigger'>): undefined {
  const { turn, instance, model, self } = host;
  const event = model.elements[step.eventElementId];
  if (!stillWaits(host, event)) return;
  switch (event?.type) {
    case 'boundaryEvent': {
      const scope = visitScope(host);
      if (scope === undefined) return;
      if (event.interrupting) cancelElement(turn, instance, self.id);
      enter(scope, event.id, { trigger: step.trigger });
      return;
    }
    case 'startEvent': {
      const eventSubProcessId = event.scopeId;
      if (eventSubProcessId === undefined) return;
      if (event.interrupting) {
        cancelContent(turn, instance, self);
        // Boundary events of the scope stay: it goes on, in its event sub-process.
        closeWaits(host, (elementId) => model.elements[elementId]?.type !== 'boundaryEvent');
      }
      enter(host, eventSubProcessId, { trigger: step.trigger });
      return;
    }
    default:
      if (self.elementId === step.eventElementId) {
        // Completing may fail and wait in an incident: what happened once must not happen again meanwhile.
        closeWaits(host, (elementId) => elementId === step.eventElementId);
        placeResults(host, step.trigger.variables);
        turn.enqueue({ kind: 'complete', processInstanceId: instance.id, elementInstanceId: self.id });
      } else leaveGateway(host, step);
  }
}

/** False when another event of the same moment has interrupted the wait for this one. */
function stillWaits({ turn, self }: Visit, event: Element | undefined): boolean {
  const kind = event !== undefined && 'event' in event ? event.event.kind : undefined;
  if (event === undefined || (kind !== 'message' && kind !== 'signal')) return true;
  return [...self.subscriptions].some((id) => turn.state.subscriptions.get(id)?.elementId === event.id);
}

/** An event-based gateway goes on with the event that came first. */
function leaveGateway(gateway: Visit, step: StepOf<'trigger'>): void {
  const { turn, instance, model, self } = gateway;
  const scope = visitScope(gateway);
  const flowId = model.elements[self.elementId]?.outgoing.find((id) => model.flows[id]?.target === step.eventElementId);
  if (scope === undefined || flowId === undefined) return;
  turn.emit({
    type: 'elementCompleted',
    processInstanceId: instance.id,
    elementInstanceId: self.id,
    elementId: self.elementId,
    takenFlows: [flowId],
  });
  enter(scope, step.eventElementId, { consumedFlows: [flowId], trigger: step.trigger });
}

function throwError(at: Visit, step: StepOf<'throwError'>): Fault | undefined {
  const catcher = findCatcher(at, step.error);
  if (catcher instanceof Fault) return catcher;
  if (catcher === undefined) {
    const text = step.error.message === null ? '' : ` (${step.error.message})`;
    return new Fault(
      'unhandledError',
      `error '${step.error.code}'${text} thrown at '${at.self.elementId}' is caught by no boundary event and no event sub-process`,
    );
  }
  const { host, eventElementId, variables } = catcher;
  host.turn.enqueue({
    kind: 'trigger',
    processInstanceId: host.instance.id,
    elementInstanceId: host.self.id,
    eventElementId,
    trigger: { variables },
  });
  return undefined;
}
