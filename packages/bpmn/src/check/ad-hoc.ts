/** An ad-hoc sub-process has activities and neither start nor end (BPMN 2.0.2, section 10.3.5). */
import { children } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';
import { ACTIVITIES } from './types.ts';

export function* adHoc({ scopes }: Subject): Generator<Finding> {
  for (const scope of scopes) {
    if (scope.$type !== 'bpmn:AdHocSubProcess') continue;
    const inner = children(scope, 'flowElements');
    for (const node of inner.filter((one) => one.$type === 'bpmn:StartEvent' || one.$type === 'bpmn:EndEvent')) {
      const message = `${title(node)} is in an ad-hoc sub-process, which has no start and no end: remove it.`;
      yield { rule: 'ad-hoc', node, message };
    }
    if (!inner.some((one) => ACTIVITIES.has(one.$type))) {
      const message = `${title(scope)} is an ad-hoc sub-process without an activity: add one.`;
      yield { rule: 'ad-hoc', node: scope, message };
    }
  }
}
