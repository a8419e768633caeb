/** Who catches an error: boundary events and event sub-processes, from the inside out, across call activities. */
import { inferVariable, type Variable } from '@procos/bpmn';
import type { ThrownError } from '../records/steps.ts';
import { Fault } from './fault.ts';
import { type Visit, visit, visitScope } from './turn.ts';
import { evaluateText } from './variables.ts';

export interface Catcher {
  /** The activity with the boundary event, or the scope with the event sub-process. */
  readonly host: Visit;
  readonly eventElementId: string;
  readonly variables: Readonly<Record<string, Variable>>;
}

/** Looks from the element instance upward, then in the calling instance; undefined when nobody catches it. */
export function findCatcher(origin: Visit, error: ThrownError): Catcher | Fault | undefined {
  let from: Visit | undefined;
  for (let at: Visit | undefined = origin; at !== undefined; from = at, at = outward(at)) {
    const caught = caughtAt(at, error, from);
    if (caught !== undefined) return caught;
  }
  return undefined;
}

function outward(at: Visit): Visit | undefined {
  if (at.self.scopeId !== null) return visitScope(at);
  const { parentId, parentElementInstanceId } = at.instance;
  return parentId === null || parentElementInstanceId === null
    ? undefined
    : visit(at.turn, parentId, parentElementInstanceId);
}

/** Event sub-processes inside come before boundary events outside; an exact code before a catch-all. */
function caughtAt(at: Visit, error: ThrownError, from: Visit | undefined): Catcher | Fault | undefined {
  for (const candidates of [insideEvents(at, from), boundaryEvents(at)]) {
    let catchAll: Catcher | undefined;
    for (const eventElementId of candidates) {
      const element = at.model.elements[eventElementId];
      if (element === undefined || !('event' in element) || element.event.kind !== 'error') continue;
      const code = evaluateText(at, element.event.code, `error code of '${eventElementId}' at`);
      if (code instanceof Fault) return code;
      const catcher = { host: at, eventElementId, variables: caughtVariables(element.event, error) };
      if (code.text === error.code) return catcher;
      if (code.text === null || code.text === '') catchAll ??= catcher;
    }
    if (catchAll !== undefined) return catchAll;
  }
  return undefined;
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

function caughtVariables(
  event: { readonly codeVariable?: string; readonly messageVariable?: string },
  error: ThrownError,
): Readonly<Record<string, Variable>> {
  return {
    ...error.variables,
    ...(event.codeVariable === undefined ? {} : { [event.codeVariable]: inferVariable(error.code) }),
    ...(event.messageVariable === undefined ? {} : { [event.messageVariable]: inferVariable(error.message) }),
  };
}
