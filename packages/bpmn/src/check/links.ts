/** A link jumps to the one catching link of its name in the same scope. */
import { eventDefinitions, type Node, text } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';

export function* links({ elements }: Subject): Generator<Finding> {
  const named = elements.flatMap(({ node, scope }) => linkNames(node).map((name) => ({ node, scope, name })));
  const catching = named.filter(({ node }) => node.$type === 'bpmn:IntermediateCatchEvent');
  for (const { node, scope, name } of named) {
    const targets = catching.filter((other) => other.scope === scope && other.name === name);
    const problem =
      name === undefined
        ? 'is a link without a name: name it'
        : node.$type === 'bpmn:IntermediateThrowEvent' && targets.length === 0
          ? `throws link "${name}", which no event of its scope catches: add a catching link of that name`
          : node.$type === 'bpmn:IntermediateCatchEvent' && targets[0]?.node !== node
            ? `catches link "${name}", as another event of its scope does: keep one of them`
            : undefined;
    if (problem !== undefined) yield { rule: 'link', node, message: `${title(node)} ${problem}.` };
  }
}

function linkNames(node: Node): (string | undefined)[] {
  return eventDefinitions(node)
    .filter((definition) => definition.$type === 'bpmn:LinkEventDefinition')
    .map((definition) => text(definition, 'name'));
}
