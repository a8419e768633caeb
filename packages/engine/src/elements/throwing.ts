/** What throwing events do, at an end or on the way. */
import type { EventDefinition, SingleEvent } from '@procos/bpmn';
import { cancelContent } from '../actions/cancel.ts';
import { refuseSystemEvent } from '../actions/capabilities.ts';
import { createExternalTask } from '../actions/external-work.ts';
import { Fault } from '../actions/fault.ts';
import { throwMessage } from '../actions/messages.ts';
import { broadcast, broadcastLater } from '../actions/signals.ts';
import { type Visit, visitScope } from '../actions/turn.ts';
import { startUndo, undoWithoutWaiting } from '../actions/undo.ts';
import { evaluateMappings, evaluateText, visibleVariables } from '../actions/variables.ts';
import { closeWaits } from '../actions/waits.ts';
import type { Variables } from '../records/events.ts';
import type { StepOf } from '../records/steps.ts';
import type { Progress } from './behavior.ts';

/** What the event has waited for is done; a multiple event may have more to throw. */
export function throwRest(event: EventDefinition, at: Visit): Progress {
  return event.kind === 'multiple' ? throwsAll(event.events, at) : 'complete';
}

export function throwEvent(event: EventDefinition, at: Visit): Progress {
  switch (event.kind) {
    case 'message':
      return throwsMessage(event, at);
    case 'signal':
      return throwsSignal(event, at);
    case 'error':
      return throwsError(event, at);
    case 'terminate':
      return terminates(at);
    case 'escalation':
      return throwsEscalation(event, at);
    case 'compensation':
      return compensates(event, at);
    case 'cancel':
      return cancelsTransaction(at);
    case 'multiple':
      return throwsAll(event.events, at);
    default:
      return 'complete';
  }
}

function throwsMessage(event: EventDefinition & { readonly kind: 'message' }, at: Visit): Progress {
  if (event.work !== undefined) return createExternalTask(at, event.work) ?? 'wait';
  const name = evaluateText(at, event.name, 'message name');
  if (name instanceof Fault) return name;
  if (name.text === null || name.text === '') return new Fault('message', emptyName('message', at));
  const refused = refuseSystemEvent(at, 'message', name.text);
  if (refused !== undefined) return refused;
  const key = evaluateText(at, event.correlationKey, 'correlation key');
  if (key instanceof Fault) return key;
  throwMessage(at, {
    name: name.text,
    correlationKey: key.text ?? at.instance.businessKey ?? '',
    variables: Object.fromEntries(at.self.variables),
  });
  return 'complete';
}

function throwsSignal(event: EventDefinition & { readonly kind: 'signal' }, at: Visit): Progress {
  const name = evaluateText(at, event.name, 'signal name');
  if (name instanceof Fault) return name;
  if (name.text === null || name.text === '') return new Fault('message', emptyName('signal', at));
  const refused = refuseSystemEvent(at, 'signal', name.text);
  if (refused !== undefined) return refused;
  const mapped = evaluateMappings(at, event.in ?? [], 'signal variable');
  if (mapped instanceof Fault) return mapped;
  const all: Variables = event.inAll === true ? Object.fromEntries(visibleVariables(at.instance, at.self)) : {};
  if (event.async === true) broadcastLater(at, name.text, { ...all, ...mapped });
  else broadcast(at.turn, name.text, { ...all, ...mapped }, at.instance.tenantId, { by: at.instance });
  return 'complete';
}

function emptyName(kind: string, at: Visit): string {
  return `${kind} name of '${at.self.elementId}' is empty: give it a value`;
}

function throwsError(event: EventDefinition & { readonly kind: 'error' }, at: Visit): Progress {
  const code = evaluateText(at, event.code, 'error code');
  if (code instanceof Fault) return code;
  const message = evaluateText(at, event.message, 'error message');
  if (message instanceof Fault) return message;
  at.turn.enqueue({
    kind: 'throwError',
    processInstanceId: at.instance.id,
    elementInstanceId: at.self.id,
    error: { code: code.text ?? '', message: message.text },
  });
  return 'wait';
}

function terminates(at: Visit): Progress {
  const scope = visitScope(at);
  if (scope === undefined) return 'complete';
  endScope(scope, ending(at, scope, 'terminate'));
  return 'wait';
}

function ending(at: Visit, scope: Visit, how: 'terminate' | 'cancel'): StepOf<'endScope'> {
  return {
    kind: 'endScope',
    processInstanceId: at.instance.id,
    elementInstanceId: scope.self.id,
    by: at.self.id,
    how,
  };
}

/** Cancels what is beside the end event as soon as its listeners have been told; then the end event goes on. */
export function endScope(scope: Visit, step: StepOf<'endScope'>): void {
  const { turn, instance } = scope;
  const self = instance.elements.get(step.by);
  // Somebody has canceled the end event while it waited.
  if (self === undefined || !cancelContent(turn, instance, scope.self, { keep: step.by, step })) return;
  if (step.how === 'cancel') startUndo({ ...scope, self }, scope, null);
  else turn.enqueue({ kind: 'complete', processInstanceId: instance.id, elementInstanceId: step.by });
}

function throwsEscalation(event: EventDefinition & { readonly kind: 'escalation' }, at: Visit): Progress {
  const code = evaluateText(at, event.code, 'escalation code');
  if (code instanceof Fault) return code;
  at.turn.enqueue({
    kind: 'throwEscalation',
    processInstanceId: at.instance.id,
    elementInstanceId: at.self.id,
    escalation: { code: code.text ?? '', variables: Object.fromEntries(at.self.variables) },
  });
  return 'complete';
}

function compensates(event: EventDefinition & { readonly kind: 'compensation' }, at: Visit): Progress {
  const activityId = event.activityId ?? null;
  const scope = scopeToUndo(at, activityId);
  if (scope === undefined) return 'complete';
  if (!event.waitForCompletion) {
    undoWithoutWaiting(scope, activityId);
    return 'complete';
  }
  startUndo(at, scope, activityId);
  return 'wait';
}

/** The scope of the event, of an event sub-process the one around it; the nearest that contains the named activity. */
function scopeToUndo(at: Visit, activityId: string | null): Visit | undefined {
  const wanted = activityId === null ? undefined : at.model.elements[activityId]?.scopeId;
  for (let scope = visitScope(at); scope !== undefined; scope = visitScope(scope)) {
    if (scope.self.role === 'body') continue;
    if (wanted === undefined) {
      if (at.model.elements[scope.self.elementId]?.type !== 'eventSubProcess') return scope;
    } else if (scope.self.elementId === wanted) return scope;
  }
  return undefined;
}

/** What is still active inside the transaction is canceled, what it has completed is undone. */
function cancelsTransaction(at: Visit): Progress {
  const transaction = visitScope(at);
  if (transaction === undefined) return 'complete';
  closeWaits(transaction, () => true);
  endScope(transaction, ending(at, transaction, 'cancel'));
  return 'wait';
}

/**
 * All of them: first what is done at once, then, one after the other, what the event waits for, and last what it does not
 * come back from. Called again when it has waited; what is thrown already is not thrown again.
 */
function throwsAll(events: readonly SingleEvent[], at: Visit): Progress {
  const { turn, instance, self } = at;
  const parts = events.map((event, part) => ({ event, part }));
  for (const { event, part } of parts.toSorted((one, other) => place(one.event) - place(other.event))) {
    const thrown = self.partsSeen.get(self.elementId) ?? [];
    if (thrown.includes(part)) continue;
    const progress = throwEvent(event, at);
    if (progress instanceof Fault) return progress;
    turn.emit({
      type: 'eventPartsSeen',
      processInstanceId: instance.id,
      elementInstanceId: self.id,
      eventElementId: self.elementId,
      parts: [...thrown, part],
    });
    if (progress === 'wait') return 'wait';
  }
  return 'complete';
}

function place(event: SingleEvent): number {
  if (event.kind === 'error' || event.kind === 'cancel') return 2;
  const waits = event.kind === 'message' ? event.work !== undefined : event.kind === 'compensation';
  return waits ? 1 : 0;
}
