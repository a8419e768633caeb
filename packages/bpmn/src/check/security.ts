/** The `procos:security` block says what it says: a typing error in it would grant or refuse something else. */
import { children, eventDefinitions, extensions } from '../read/moddle.ts';
import { SECURITY, securityOf } from '../read/security.ts';
import { type Finding, type Subject, title } from './contract.ts';

export function* security({ processes, elements }: Subject): Generator<Finding> {
  for (const node of processes)
    for (const problem of securityOf(node).problems)
      yield { rule: 'security', node, message: `procos:security of ${title(node)}: ${problem}.` };
  for (const { node } of elements) {
    const holders = [node, ...eventDefinitions(node), ...children(node, 'artifacts')];
    if (holders.some((holder) => extensions(holder).some(({ $type }) => $type === SECURITY)))
      yield { rule: 'security', node, message: `${title(node)} has a procos:security block: only a process has one.` };
  }
}
