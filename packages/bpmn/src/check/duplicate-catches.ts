/** Two events in one place that catch the same error or escalation: only the first of them ever will. */
import { child, eventDefinitions, flag, type Node, text } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';

export function* duplicateCatches({ elements }: Subject): Generator<Finding> {
  const onActivities = new Map<Node, Set<string>>();
  const inScopes = new Map<Node, Set<string>>();
  for (const { node, scope } of elements) {
    const host = node.$type === 'bpmn:BoundaryEvent' ? child(node, 'attachedToRef') : undefined;
    if (host !== undefined) yield* repeated(node, seenAt(onActivities, host));
    if (node.$type !== 'bpmn:StartEvent' || flag(scope, 'triggeredByEvent') !== true) continue;
    if (scope.$parent !== undefined) yield* repeated(node, seenAt(inScopes, scope.$parent));
  }
}

function seenAt(places: Map<Node, Set<string>>, place: Node): Set<string> {
  const known = places.get(place) ?? new Set<string>();
  places.set(place, known);
  return known;
}

function* repeated(node: Node, seen: Set<string>): Generator<Finding> {
  for (const definition of eventDefinitions(node)) {
    const what = definition.$type === 'bpmn:ErrorEventDefinition' ? 'error' : 'escalation';
    if (what === 'escalation' && definition.$type !== 'bpmn:EscalationEventDefinition') continue;
    const code = text(child(definition, `${what}Ref`), `${what}Code`);
    const caught = code === undefined ? `every ${what}` : `${what} "${code}"`;
    if (seen.has(caught)) {
      const message = `${title(node)} catches ${caught}, as another event in the same place does before it: remove one, or give it another code.`;
      yield { severity: 'warning', rule: 'duplicate-catch', node, message };
    }
    seen.add(caught);
  }
}
