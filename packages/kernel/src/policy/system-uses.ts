/** What a model that is not the system's asks of processes of the system. */
import {
  type Element,
  elementFor,
  isOperators,
  namesSystemProcess,
  type Problem,
  type ProcessModel,
  type SingleEvent,
  usesOf,
} from '@procos/bpmn';
import { SYSTEM_TOPIC_PREFIX } from './decide.ts';

/** Ids, and beginnings of ids, of processes that only operators may run, as the block names them. */
export function namedSystemProcesses({ capabilities }: ProcessModel): readonly string[] {
  return (capabilities?.processes ?? []).flatMap(({ name }) => (isOperators(name) ? [name] : []));
}

/** Calls that no block names, and messages and signals of the system that are thrown. What only shows at run time is refused then. */
export function systemUses(model: ProcessModel): readonly Problem[] {
  return [...unnamedCalls(model), ...Object.values(model.elements).flatMap(systemEvents)];
}

function unnamedCalls(model: ProcessModel): Problem[] {
  return usesOf(model).flatMap(({ request: { kind, name }, elementId, line }): Problem[] => {
    if (kind !== 'processes' || !isOperators(name) || namesSystemProcess(model.capabilities ?? null, name)) return [];
    const message =
      `${name} is a process of the system that only operators may run: name it in the procos:security block ` +
      `(${elementFor('processes', name)}), and have who may run it deploy the model.`;
    return [{ severity: 'error', rule: 'system-process-undeclared', message, elementId, line }];
  });
}

function systemEvents(element: Element): Problem[] {
  if (element.type !== 'endEvent' && element.type !== 'intermediateThrowEvent') return [];
  const { id: elementId, line, event } = element;
  const events: readonly (SingleEvent | typeof event)[] = event.kind === 'multiple' ? event.events : [event];
  return events.flatMap((thrown): Problem[] => {
    if (thrown.kind !== 'message' && thrown.kind !== 'signal') return [];
    const { language, text } = thrown.name;
    if (language !== 'literal' || !text.startsWith(SYSTEM_TOPIC_PREFIX)) return [];
    const message =
      `${thrown.kind} ${text} is the system's: only processes of the system throw it. Give it a name that does not ` +
      `begin with ${SYSTEM_TOPIC_PREFIX}, or call the process that you want run.`;
    return [{ severity: 'error', rule: 'system-event', message, elementId, line }];
  });
}
