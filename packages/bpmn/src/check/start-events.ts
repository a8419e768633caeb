/** Every process and sub-process needs a way to begin, and only one without an event. */
import { children, eventDefinitions, flag, type Node } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';

export function* startEvents({ scopes }: Subject): Generator<Finding> {
  for (const scope of scopes) {
    if (flag(scope, 'triggeredByEvent') === true || scope.$type === 'bpmn:AdHocSubProcess') continue;
    const starts = children(scope, 'flowElements').filter((node) => node.$type === 'bpmn:StartEvent');
    const plain = starts.filter((node) => eventDefinitions(node).length === 0);
    if (starts.length === 0 && !children(scope, 'flowElements').some(instantiates)) {
      const message = `${title(scope)} has no start event: add one.`;
      yield { rule: 'missing-start-event', node: scope, message };
    }
    for (const node of plain.slice(1)) {
      const message = `${title(scope)} has several start events without an event: keep one, or give the others a message, timer, signal or condition.`;
      yield { rule: 'several-start-events', node, message };
    }
    if (scope.$type === 'bpmn:Process') continue;
    for (const node of starts.filter((start) => !plain.includes(start))) {
      const message = `${title(node)} waits for an event, but a sub-process begins when a token enters it: use a start event without an event.`;
      yield { rule: 'typed-start-event', node, message };
    }
  }
}

/** A process may also begin with a message or an event. */
function instantiates(node: Node): boolean {
  const kind = node.$type === 'bpmn:ReceiveTask' || node.$type === 'bpmn:EventBasedGateway';
  return kind && flag(node, 'instantiate') === true;
}
