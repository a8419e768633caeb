/** Who catches an error or an escalation: boundary events and event sub-processes, from the inside out, across call activities. */
import { type EventDefinition, inferVariable, type Variable } from '@procos/bpmn';
import type { ThrownError, ThrownEscalation } from '../records/steps.ts';
import { Fault } from './fault.ts';
import type { Visit } from './turn.ts';
import { evaluateText } from './variables.ts';
import { outward, waitsForCalled } from './within.ts';

/** What is on its way up. */
export type Thrown =
  | ({ readonly kind: 'error' } & ThrownError)
  | ({ readonly kind: 'escalation' } & ThrownEscalation & { readonly message?: undefined });

export interface Catcher {
  /** The activity with the boundary event, or the scope with the event sub-process. */
  readonly host: Visit;
  readonly eventElementId: string;
  /** Which part of a multiple event. */
  readonly part: number | null;
  readonly variables: Readonly<Record<string, Variable>>;
}

/** Looks from the element instance upward, then in the calling instance; undefined when nobody catches it. */
export function findCatcher(origin: Visit, thrown: Thrown): Catcher | Fault | undefined {
  let from: Visit | undefined;
  for (let at: Visit | undefined = origin; at !== undefined; from = at, at = upward(at)) {
    const caught = caughtAt(at, thrown, from);
    if (caught !== undefined) return caught;
  }
  return undefined;
}

/** What undoes for an instance that is about to end has nobody above it any more. */
function upward(at: Visit): Visit | undefined {
  const next = outward(at);
  return next !== undefined && next.instance !== at.instance && waitsForCalled(next.instance) ? undefined : next;
}

/** The same, but only who waits for this very code counts: who catches every error has not thought of it. */
export function findExactCatcher(origin: Visit, thrown: Thrown): Catcher | undefined {
  let from: Visit | undefined;
  for (let at: Visit | undefined = origin; at !== undefined; from = at, at = upward(at)) {
    const caught = caughtAt(at, thrown, from, true);
    // A code that cannot be evaluated names nothing.
    if (caught !== undefined && !(caught instanceof Fault)) return caught;
  }
  return undefined;
}

/** Lets the event happen. `reason`: why called instances that it interrupts end. */
export function catches({ host, eventElementId, part, variables }: Catcher, reason?: string): void {
  host.turn.enqueue({
    kind: 'trigger',
    processInstanceId: host.instance.id,
    elementInstanceId: host.self.id,
    eventElementId,
    trigger: { variables },
    ...(part === null ? {} : { part }),
    ...(reason === undefined ? {} : { reason }),
  });
}

/** Event sub-processes inside come before boundary events outside; an exact code before a catch-all. */
function caughtAt(
  at: Visit,
  thrown: Thrown,
  from: Visit | undefined,
  exact: boolean = false,
): Catcher | Fault | undefined {
  for (const candidates of [insideEvents(at, from), boundaryEvents(at)]) {
    let catchAll: Catcher | undefined;
    for (const eventElementId of candidates) {
      for (const { event, part } of catching(at, eventElementId, thrown.kind)) {
        const code = evaluateText(at, event.code, `${thrown.kind} code of '${eventElementId}' at`);
        if (code instanceof Fault) return code;
        const catcher = { host: at, eventElementId, part, variables: caughtVariables(event, thrown) };
        if (code.text === thrown.code) return catcher;
        if (code.text === null || code.text === '') catchAll ??= catcher;
      }
    }
    if (catchAll !== undefined && !exact) return catchAll;
  }
  return undefined;
}

type Catching = EventDefinition & { readonly kind: 'error' | 'escalation' };

/** The definitions of an event that catch this kind. */
function catching(
  at: Visit,
  eventElementId: string,
  kind: Thrown['kind'],
): readonly { readonly event: Catching; readonly part: number | null }[] {
  const element = at.model.elements[eventElementId];
  if (element === undefined || !('event' in element)) return [];
  if (element.event.kind === kind) return [{ event: element.event, part: null }];
  if (element.event.kind !== 'multiple') return [];
  const { events, parallel } = element.event;
  const seen = at.self.partsSeen.get(eventElementId) ?? [];
  return events.flatMap((event, part) => {
    if (event.kind !== kind) return [];
    // An error ends the activity, so that nothing could come after it: of a parallel event it can only be the last part.
    const isLast = events.every((_, other) => other === part || seen.includes(other));
    return kind === 'error' && parallel && !isLast ? [] : [{ event, part }];
  });
}

/** An error that comes out of an event sub-process is not caught by that same one again. */
function insideEvents(at: Visit, from: Visit | undefined): readonly string[] {
  const element = at.model.elements[at.self.elementId];
  if (at.self.role === 'body' || element === undefined || !('eventSubProcesses' in element)) return [];
  return element.eventSubProcesses.flatMap((id) => {
    const eventSubProcess = at.model.elements[id];
    return eventSubProcess?.type === 'eventSubProcess' && from?.self.elementId !== id
      ? [eventSubProcess.startEventId]
      : [];
  });
}

function boundaryEvents(at: Visit): readonly string[] {
  const element = at.model.elements[at.self.elementId];
  const inLoop = at.self.loopIndex !== null;
  return element !== undefined && 'boundaryEvents' in element && !inLoop ? element.boundaryEvents : [];
}

function caughtVariables(event: Catching, thrown: Thrown): Readonly<Record<string, Variable>> {
  const messageVariable = event.kind === 'error' ? event.messageVariable : undefined;
  return {
    ...thrown.variables,
    ...(event.codeVariable === undefined ? {} : { [event.codeVariable]: inferVariable(thrown.code) }),
    ...(messageVariable === undefined ? {} : { [messageVariable]: inferVariable(thrown.message ?? null) }),
  };
}
