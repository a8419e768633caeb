/** Messages, signals and errors that an event names must exist and have a name or code. */
import { child, eventDefinitions, type Node, text } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';

export function* eventReferences({ elements }: Subject): Generator<Finding> {
  for (const { node } of elements) {
    if (node.$type === 'bpmn:ReceiveTask') yield* named(node, node, 'message');
    for (const definition of eventDefinitions(node)) {
      if (definition.$type === 'bpmn:SignalEventDefinition') yield* named(node, definition, 'signal');
      if (definition.$type === 'bpmn:MessageEventDefinition' && !isWork(node, definition)) {
        yield* named(node, definition, 'message');
      }
      if (definition.$type === 'bpmn:ErrorEventDefinition') yield* thrown(node, definition, 'error');
      if (definition.$type === 'bpmn:EscalationEventDefinition') yield* thrown(node, definition, 'escalation');
    }
  }
}

function* named(node: Node, holder: Node, what: 'message' | 'signal'): Generator<Finding> {
  if (text(child(holder, `${what}Ref`), 'name') !== undefined) return;
  const message = `${title(node)} refers to no ${what} with a name: choose a ${what} and name it.`;
  yield { rule: 'missing-event-reference', node, message };
}

/** Catching without a code means every error; what is thrown must have one. */
function* thrown(node: Node, definition: Node, what: 'error' | 'escalation'): Generator<Finding> {
  const throws = node.$type === 'bpmn:EndEvent' || node.$type === 'bpmn:IntermediateThrowEvent';
  if (!throws || text(child(definition, `${what}Ref`), `${what}Code`) !== undefined) return;
  const message = `${title(node)} throws an ${what} without a code: choose an ${what} and give it a code.`;
  yield { rule: 'missing-event-reference', node, message };
}

/** A message sent by a worker needs no name here: the worker knows what to send. */
function isWork(node: Node, definition: Node): boolean {
  if (node.$type !== 'bpmn:EndEvent' && node.$type !== 'bpmn:IntermediateThrowEvent') return false;
  if (text(definition, 'camunda:type') !== undefined) return true;
  const extensions = child(node, 'extensionElements')?.get('values');
  return Array.isArray(extensions) && extensions.some((one: Node) => one.$type === 'zeebe:TaskDefinition');
}
