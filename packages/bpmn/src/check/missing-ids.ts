/** Flow elements and processes without an id: nothing could refer to them or be stored under them. */
import { type Finding, type Subject, title } from './contract.ts';
import { DATA } from './types.ts';

export function* missingIds({ processes, elements }: Subject): Generator<Finding> {
  for (const node of [...processes, ...elements.map((element) => element.node)]) {
    if ((node.id !== undefined && node.id.trim() !== '') || DATA.has(node.$type)) continue;
    yield { rule: 'missing-id', node, message: `A ${title(node)} has no id: give it one that is unique in the file.` };
  }
}
