/** Flows into what starts, out of what ends, and at event sub-processes. */
import { child, flag, type Node } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';

export function* flowDirections({ elements }: Subject): Generator<Finding> {
  for (const { node } of elements) {
    if (node.$type !== 'bpmn:SequenceFlow') continue;
    const source = child(node, 'sourceRef');
    const target = child(node, 'targetRef');
    if (source !== undefined && leavesNever(source)) {
      const message = `${title(source)} cannot have an outgoing flow: remove flow ${node.id ?? ''}.`;
      yield { rule: 'flow-direction', node: source, message };
    }
    if (target !== undefined && entersNever(target)) {
      const message = `${title(target)} cannot have an incoming flow: remove flow ${node.id ?? ''}.`;
      yield { rule: 'flow-direction', node: target, message };
    }
  }
}

function leavesNever(node: Node): boolean {
  return node.$type === 'bpmn:EndEvent' || isEventSubProcess(node);
}

function entersNever(node: Node): boolean {
  return node.$type === 'bpmn:StartEvent' || node.$type === 'bpmn:BoundaryEvent' || isEventSubProcess(node);
}

function isEventSubProcess(node: Node): boolean {
  return node.$type === 'bpmn:SubProcess' && flag(node, 'triggeredByEvent') === true;
}
