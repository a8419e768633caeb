/** An event-based gateway chooses between at least two events that are caught right behind it. */
import { child, flag, type Node } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';

export function* eventGateways({ elements, outgoing: flows }: Subject): Generator<Finding> {
  for (const { node } of elements) {
    if (node.$type !== 'bpmn:EventBasedGateway') continue;
    const outgoing = flows.get(node) ?? [];
    if (outgoing.length < 2 && flag(node, 'instantiate') !== true) {
      const message = `${title(node)} has ${outgoing.length} outgoing flows: it needs at least two events to choose from.`;
      yield { rule: 'event-gateway', node, message };
    }
    for (const target of outgoing.map((flow) => child(flow, 'targetRef')).filter(isMisplaced)) {
      const message = `${title(target)} follows the event-based gateway ${node.id ?? ''}: only intermediate catch events and receive tasks may.`;
      yield { rule: 'event-gateway', node: target, message };
    }
  }
}

function isMisplaced(node: Node | undefined): node is Node {
  return node !== undefined && node.$type !== 'bpmn:IntermediateCatchEvent' && node.$type !== 'bpmn:ReceiveTask';
}
