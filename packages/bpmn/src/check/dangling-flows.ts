/** Sequence flows that lead from or to nothing, or across the border of a sub-process. */
import { child, type Node } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';
import { canHaveFlows } from './types.ts';

export function* danglingFlows({ elements }: Subject): Generator<Finding> {
  for (const { node, scope } of elements) {
    if (node.$type !== 'bpmn:SequenceFlow') continue;
    for (const end of ['sourceRef', 'targetRef'] as const) {
      const problem = problemOf(child(node, end), end, scope);
      if (problem !== undefined) yield { rule: 'dangling-flow', node, message: `${title(node)} ${problem}` };
    }
  }
}

function problemOf(element: Node | undefined, end: string, scope: Node): string | undefined {
  const side = end === 'sourceRef' ? 'start' : 'end';
  if (element === undefined || !canHaveFlows(element.$type)) {
    return `has a ${end} that names no flow element: connect its ${side} or remove the flow.`;
  }
  if (element.$parent === scope) return undefined;
  return `has its ${side} at ${title(element)} in another scope: flows cannot cross the border of a process or sub-process; connect it inside.`;
}
