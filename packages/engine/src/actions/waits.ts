/** What an element instance waits for: its own event, its boundary events, event sub-processes, a gateway's next events. */
import { type Element, type EventDefinition, type ProcessModel, schedule } from '@procos/bpmn';
import type { ElementInstance, Subscription, Timer } from '../state/entities.ts';
import { chainOfTimer } from './chain.ts';
import { conditionHolds, triggerCondition } from './conditional-events.ts';
import { Fault } from './fault.ts';
import { takeBuffered } from './messages.ts';
import { jobPriority } from './retries.ts';
import { ruled } from './timer-rules.ts';
import { timerOf } from './timers.ts';
import { traitsOf } from './traits.ts';
import { NO_INSTANCE, type Turn, type Visit, visitBeforeStart } from './turn.ts';
import { evaluateText } from './variables.ts';

/** An event that is to be waited for, fully evaluated. */
export type Wait = { readonly eventElementId: string; readonly part: number | null } & (
  | {
      readonly kind: 'timer';
      readonly dueAt: number;
      readonly repeat: Timer['repeat'];
    }
  | {
      readonly kind: 'message' | 'signal';
      readonly name: string;
      readonly correlationKey: string | null;
    }
  | { readonly kind: 'condition' }
);

const NO_WAITS: readonly Wait[] = [];

interface Candidate {
  readonly eventElementId: string;
  /** Which part of a multiple event. */
  readonly part: number | null;
  readonly event: EventDefinition;
  /** Only a non-interrupting event may occur more than once. */
  readonly repeats: boolean;
}

/**
 * Evaluates everything this element instance waits for, or what is `wanted` of it; nothing is opened yet. `triggered`: its own
 * event has happened.
 */
export function planWaits(
  at: Visit,
  triggered: boolean,
  wanted: (eventElementId: string) => boolean = () => true,
): readonly Wait[] | Fault {
  if (!traitsOf(at.model, at.self.elementId).mayWait) return NO_WAITS;
  const waits: Wait[] = [];
  for (const candidate of candidates(at.model, at.self)) {
    if (!wanted(candidate.eventElementId)) continue;
    if (triggered && candidate.eventElementId === at.self.elementId && !gathers(at, candidate)) continue;
    const wait = plan(at, candidate);
    if (wait instanceof Fault) return wait;
    if (wait !== undefined) waits.push(wait);
  }
  return waits;
}

/** Opens the waits; a message that is buffered already triggers at once. */
export function openWaits(at: Visit, waits: readonly Wait[]): void {
  if (waits.length === 0) return;
  const { turn, instance, self, model } = at;
  const forMessages: Subscription[] = [];
  const conditions: Subscription[] = [];
  for (const wait of waits) {
    if (wait.kind === 'timer') {
      const { dueAt, repeat, eventElementId: elementId, part } = wait;
      const chain = repeat === null ? chainOfTimer(at, elementId, dueAt) : undefined;
      const timer = timerOf(turn, instance, {
        elementInstanceId: self.id,
        elementId,
        part,
        dueAt,
        repeat,
        step: null,
        priority: jobPriority(at, elementId),
        ...(chain === undefined ? {} : { chain }),
      });
      turn.emit({ type: 'timerScheduled', timer: ruled(turn.definition(instance), timer) });
      continue;
    }
    const subscription: Subscription = {
      id: turn.ids.next(),
      definitionId: instance.definitionId,
      processInstanceId: instance.id,
      elementInstanceId: self.id,
      elementId: wait.eventElementId,
      part: wait.part,
      kind: wait.kind,
      name: wait.kind === 'condition' ? '' : wait.name,
      correlationKey: wait.kind === 'condition' ? null : wait.correlationKey,
      bpmnProcessId: model.bpmnProcessId,
      businessKey: instance.businessKey,
      tenantId: instance.tenantId,
      createdAt: turn.now,
    };
    turn.emit({ type: 'subscriptionOpened', subscription });
    if (wait.kind === 'message') forMessages.push(subscription);
    if (wait.kind === 'condition') conditions.push(subscription);
  }
  triggerBuffered(at, forMessages);
  for (const subscription of conditions) if (conditionHolds(at, subscription)) triggerCondition(turn, subscription);
}

/** A message for a wait that another one has just ended stays in the buffer for who comes next. */
function triggerBuffered({ turn, model }: Visit, subscriptions: readonly Subscription[]): void {
  let interrupted = false;
  for (const subscription of subscriptions) {
    const event = model.elements[subscription.elementId];
    const startsInside = event?.type === 'startEvent';
    if (interrupted && startsInside) continue;
    if ((startsInside || event?.type === 'boundaryEvent') && !event.interrupting) {
      while (takeBuffered(turn, subscription));
    } else if (takeBuffered(turn, subscription)) {
      if (!startsInside) return;
      interrupted = true;
    }
  }
}

/** Closes the waits of the element instance for the chosen events. */
export function closeWaits({ turn, self }: Visit, chosen: (eventElementId: string) => boolean): void {
  for (const timerId of [...self.timers]) {
    const timer = turn.state.timers.get(timerId);
    if (timer !== undefined && timer.step === null && chosen(timer.elementId))
      turn.emit({ type: 'timerCanceled', timerId });
  }
  for (const subscriptionId of [...self.subscriptions]) {
    const subscription = turn.state.subscriptions.get(subscriptionId);
    if (subscription !== undefined && subscription.kind !== 'lock' && chosen(subscription.elementId))
      turn.emit({ type: 'subscriptionClosed', subscriptionId });
  }
}

/** What an element that begins an instance waits for, evaluated without any variables. */
export function planStart(turn: Turn, model: ProcessModel, elementId: string): readonly Wait[] | Fault {
  const element = model.elements[elementId];
  if (element === undefined || !('event' in element)) return [];
  const at = visitBeforeStart(turn, model);
  const waits: Wait[] = [];
  for (const candidate of parts(element.id, element.event, true)) {
    const wait = plan(at, candidate);
    if (wait instanceof Fault) return wait;
    if (wait !== undefined) waits.push(wait);
  }
  return waits;
}

/** Several events for one that has several definitions. */
function parts(eventElementId: string, event: EventDefinition, repeats: boolean): Candidate[] {
  return event.kind === 'multiple'
    ? event.events.map((single, part) => ({ eventElementId, part, event: single, repeats }))
    : [{ eventElementId, part: null, event, repeats }];
}

/** It began with one part of a parallel multiple event, and needs the others too. */
function gathers({ model, self }: Visit, { eventElementId, part }: Candidate): boolean {
  const element = model.elements[eventElementId];
  if (element === undefined || !('event' in element)) return false;
  const { event } = element;
  if (event.kind !== 'multiple' || !event.parallel || part === null) return false;
  const seen = self.partsSeen.get(eventElementId);
  return seen !== undefined && !seen.includes(part);
}

function candidates(model: ProcessModel, self: ElementInstance): Candidate[] {
  const element = model.elements[self.elementId];
  if (element === undefined) return [];
  const found: Candidate[] = [];
  const inLoop = self.loopIndex !== null;
  if (!inLoop && 'boundaryEvents' in element) {
    for (const id of element.boundaryEvents) {
      const boundary = model.elements[id];
      if (boundary?.type === 'boundaryEvent') found.push(...parts(id, boundary.event, !boundary.interrupting));
    }
  }
  if (self.role === 'body') return found;
  if ('eventSubProcesses' in element) {
    for (const id of element.eventSubProcesses) {
      const start = startOf(model, model.elements[id]);
      if (start !== undefined) found.push(...parts(start.id, start.event, !start.interrupting));
    }
  }
  if (element.type === 'intermediateCatchEvent' || element.type === 'receiveTask') {
    found.push(...parts(element.id, element.event, false));
  }
  if (element.type === 'startEvent' && self.partsSeen.size > 0) found.push(...parts(element.id, element.event, false));
  if (element.type === 'eventBasedGateway') {
    for (const flowId of element.outgoing) {
      const target = model.elements[model.flows[flowId]?.target ?? ''];
      if (target?.type === 'intermediateCatchEvent' || target?.type === 'receiveTask') {
        const happened = self.partsSeen.get(element.id)?.includes(element.outgoing.indexOf(flowId)) === true;
        if (!happened) found.push(...parts(target.id, target.event, false));
      }
    }
  }
  return found;
}

function startOf(
  model: ProcessModel,
  element: Element | undefined,
): (Element & { readonly type: 'startEvent' }) | undefined {
  const start = element?.type === 'eventSubProcess' ? model.elements[element.startEventId] : undefined;
  return start?.type === 'startEvent' ? start : undefined;
}

function plan(at: Visit, { eventElementId, part, event, repeats }: Candidate): Wait | Fault | undefined {
  switch (event.kind) {
    case 'timer': {
      const value = evaluateText(at, event.value, `timer of '${eventElementId}' at`);
      if (value instanceof Fault) return new Fault('timer', value.message);
      const scheduled = schedule(event.timer, value.text ?? '', at.turn.now, at.turn.zone, at.model.dialect);
      if (!scheduled.ok) return new Fault('timer', `timer '${eventElementId}': ${scheduled.message}`);
      const { dueAt, repeat } = scheduled.value;
      return { eventElementId, part, kind: 'timer', dueAt, repeat: repeats ? (repeat ?? null) : null };
    }
    case 'message':
    case 'signal': {
      const name = evaluateText(at, event.name, `${event.kind} name of '${eventElementId}' at`);
      if (name instanceof Fault) return name;
      if (name.text === null || name.text === '')
        return new Fault('message', `${event.kind} name of '${eventElementId}' is empty: give it a value`);
      let correlationKey: string | null = null;
      if (event.kind === 'message' && event.correlationKey !== undefined && at.instance.id !== NO_INSTANCE) {
        const key = evaluateText(at, event.correlationKey, `correlation key of '${eventElementId}' at`);
        if (key instanceof Fault) return key;
        if (key.text === null)
          return new Fault('message', `correlation key of '${eventElementId}' is null: it needs text or a number`);
        correlationKey = key.text;
      }
      return { eventElementId, part, kind: event.kind, name: name.text, correlationKey };
    }
    case 'conditional':
      return { eventElementId, part, kind: 'condition' };
    default:
      return undefined;
  }
}
