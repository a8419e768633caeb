/** Flows into what starts, out of what ends, and at event sub-processes. */
import { child, eventDefinitions, flag, type Node } from '../read/moddle.ts';
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
  return (
    node.$type === 'bpmn:EndEvent' ||
    (node.$type === 'bpmn:IntermediateThrowEvent' && isLink(node)) ||
    (node.$type === 'bpmn:BoundaryEvent' && hasDefinition(node, 'bpmn:CompensateEventDefinition')) ||
    isEventSubProcess(node) ||
    isHandler(node)
  );
}

function entersNever(node: Node): boolean {
  return (
    node.$type === 'bpmn:StartEvent' ||
    node.$type === 'bpmn:BoundaryEvent' ||
    flag(node, 'instantiate') === true ||
    (node.$type === 'bpmn:IntermediateCatchEvent' && isLink(node)) ||
    isEventSubProcess(node) ||
    isHandler(node)
  );
}

function hasDefinition(node: Node, type: string): boolean {
  return eventDefinitions(node).some((definition) => definition.$type === type);
}

function isLink(node: Node): boolean {
  return hasDefinition(node, 'bpmn:LinkEventDefinition');
}

/** What undoes something runs beside the flow. */
function isHandler(node: Node): boolean {
  return flag(node, 'isForCompensation') === true;
}

function isEventSubProcess(node: Node): boolean {
  return node.$type === 'bpmn:SubProcess' && flag(node, 'triggeredByEvent') === true;
}
