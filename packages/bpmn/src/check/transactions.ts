/** A transaction is canceled from inside, and left by its cancel boundary event. */
import { child, eventDefinitions, type Node } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';

export function* transactions({ elements }: Subject): Generator<Finding> {
  for (const { node, scope } of elements) {
    if (!cancels(node)) continue;
    if (node.$type === 'bpmn:BoundaryEvent') {
      if (child(node, 'attachedToRef')?.$type === 'bpmn:Transaction') continue;
      const message = `${title(node)} catches the cancellation of a transaction and is attached to none: attach it to a transaction.`;
      yield { rule: 'cancel-event', node, message };
    } else if (scope.$type !== 'bpmn:Transaction') {
      const message = `${title(node)} cancels a transaction and is in none: put it directly into a transaction.`;
      yield { rule: 'cancel-event', node, message };
    } else if (!elements.some(({ node: other }) => cancels(other) && child(other, 'attachedToRef') === scope)) {
      const message = `${title(node)} cancels ${title(scope)}, which has no cancel boundary event: give it one, to say how it goes on.`;
      yield { rule: 'cancel-event', node, message };
    }
  }
}

function cancels(node: Node): boolean {
  return eventDefinitions(node).some((definition) => definition.$type === 'bpmn:CancelEventDefinition');
}
