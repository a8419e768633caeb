/** Elements and activity markers that the engine cannot execute. */
import { child, flag, type Node, text } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';
import { DATA, isFlowNode } from './types.ts';

export function* unsupportedElements({ elements }: Subject): Generator<Finding> {
  for (const { node } of elements) {
    const reason = reasonOf(node);
    if (reason !== undefined) yield { rule: 'not-executable-here', node, message: `${title(node)} ${reason}` };
    for (const name of ['startQuantity', 'completionQuantity']) {
      if (/^[1-9]\d{0,3}$/.test(text(node, name) ?? '1')) continue;
      const message = `${title(node)} has a ${name} that is no whole number from 1 to 9999: correct it.`;
      yield { rule: 'quantity', node, message };
    }
  }
}

function reasonOf(node: Node): string | undefined {
  if (node.$type === 'bpmn:SequenceFlow' || DATA.has(node.$type)) return undefined;
  if (!isFlowNode(node.$type))
    return 'is of a kind that is not executable here: use one of the elements in docs/bpmn-support.md.';
  const loops = child(node, 'loopCharacteristics') !== undefined;
  return loops && flag(node, 'triggeredByEvent') === true
    ? 'is an event sub-process and cannot run several times.'
    : undefined;
}
