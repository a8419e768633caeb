/** A conditional event needs a condition, and one that the kernel can evaluate at once. */
import { body, child, eventDefinitions } from '../read/moddle.ts';
import { conditionScript } from '../read/scripts.ts';
import { type Finding, type Subject, title } from './contract.ts';

export function* conditionalEvents({ elements }: Subject): Generator<Finding> {
  for (const { node } of elements) {
    for (const definition of eventDefinitions(node)) {
      if (definition.$type !== 'bpmn:ConditionalEventDefinition') continue;
      if (body(definition, 'condition') === undefined) {
        const message = `${title(node)} waits for a condition and has none: give it one.`;
        yield { rule: 'conditional-event', node, message };
      } else if (conditionScript(child(definition, 'condition')) !== undefined) {
        const message = `${title(node)} has a script as its condition, which is looked at too often for a sandbox: write it as an expression.`;
        yield { rule: 'conditional-event', node, message };
      }
    }
  }
}
