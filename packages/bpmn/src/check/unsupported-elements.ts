/** Elements and activity markers that the engine cannot execute. */
import { child, flag, type Node, text } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';
import { DATA, isFlowNode } from './types.ts';

const ADVICE: ReadonlyMap<string, string> = new Map([
  ['bpmn:ComplexGateway', 'use exclusive, inclusive or parallel gateways'],
  ['bpmn:Transaction', 'use a sub-process with error events'],
  ['bpmn:AdHocSubProcess', 'use a sub-process with an inclusive gateway'],
]);

export function* unsupportedElements({ elements }: Subject): Generator<Finding> {
  for (const { node } of elements) {
    const reason = reasonOf(node);
    if (reason !== undefined) yield { rule: 'not-executable-here', node, message: `${title(node)} ${reason}` };
  }
}

function reasonOf(node: Node): string | undefined {
  if (node.$type === 'bpmn:SequenceFlow' || DATA.has(node.$type)) return undefined;
  if (!isFlowNode(node.$type)) {
    return `is of a kind that is not executable here: ${ADVICE.get(node.$type) ?? 'use one of the elements in docs/bpmn-support.md'}.`;
  }
  if (flag(node, 'isForCompensation') === true)
    return 'is for compensation, which is not executable here: remove the marker.';
  for (const name of ['startQuantity', 'completionQuantity']) {
    if ((text(node, name) ?? '1') !== '1')
      return `has a ${name} other than 1, which is not executable here: remove it.`;
  }
  if (flag(node, 'instantiate') === true)
    return 'starts instances, which is not executable here: use a message start event.';
  const loop = child(node, 'loopCharacteristics');
  if (loop === undefined) return undefined;
  if (loop.$type !== 'bpmn:MultiInstanceLoopCharacteristics') {
    return 'has a loop marker, which is not executable here: model the loop with an exclusive gateway, or use multi-instance.';
  }
  return flag(node, 'triggeredByEvent') === true ? 'is an event sub-process and cannot be multi-instance.' : undefined;
}
