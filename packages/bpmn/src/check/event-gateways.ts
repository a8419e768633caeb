/** An event-based gateway chooses between at least two events that are caught right behind it. */
import { child, flag, type Node } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';

export function* eventGateways({ elements, outgoing: flows }: Subject): Generator<Finding> {
  for (const { node } of elements) {
    if (node.$type !== 'bpmn:EventBasedGateway') continue;
    const outgoing = flows.get(node) ?? [];
    const begins = flag(node, 'instantiate') === true;
    if (outgoing.length < (begins ? 1 : 2)) {
      const message = `${title(node)} has ${outgoing.length} outgoing flows: it needs at least two events to choose from.`;
      yield { rule: 'event-gateway', node, message };
    }
    if (begins) yield* alsoEntered(outgoing, flows);
    for (const target of outgoing.map((flow) => child(flow, 'targetRef')).filter(isMisplaced)) {
      const message = `${title(target)} follows the event-based gateway ${node.id ?? ''}: only intermediate catch events and receive tasks may.`;
      yield { rule: 'event-gateway', node: target, message };
    }
  }
}

/** What begins instances is not reached in another way. */
function* alsoEntered(outgoing: readonly Node[], flows: Subject['outgoing']): Generator<Finding> {
  const targets = new Set(outgoing.map((flow) => child(flow, 'targetRef')));
  for (const flow of [...flows.values()].flat()) {
    const node = child(flow, 'targetRef');
    if (node === undefined || !targets.has(node) || outgoing.includes(flow)) continue;
    const message = `${title(node)} begins instances and cannot have another incoming flow: remove flow ${flow.id ?? ''}.`;
    yield { rule: 'event-gateway', node, message };
  }
}

function isMisplaced(node: Node | undefined): node is Node {
  return node !== undefined && node.$type !== 'bpmn:IntermediateCatchEvent' && node.$type !== 'bpmn:ReceiveTask';
}
