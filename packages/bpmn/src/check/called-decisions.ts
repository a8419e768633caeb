/** Business rule tasks must say which decision they evaluate, which version of it, and what becomes of its result. */
import { extension, type Node, text } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';

const RESULTS: readonly string[] = ['singleEntry', 'singleResult', 'collectEntries', 'resultList'];

export function* calledDecisions({ elements }: Subject): Generator<Finding> {
  for (const { node } of elements) {
    const zeebe = extension(node, 'zeebe:CalledDecision');
    if (zeebe === undefined && text(node, 'camunda:decisionRef') === undefined) continue;
    const problem = problemOf(node, zeebe);
    if (problem !== undefined) yield { rule: 'missing-called-decision', node, message: `${title(node)} ${problem}.` };
  }
}

function problemOf(node: Node, zeebe: Node | undefined): string | undefined {
  if (node.$type !== 'bpmn:BusinessRuleTask') return 'calls a decision: make it a business rule task';
  if (zeebe !== undefined && text(zeebe, 'decisionId') === undefined)
    return 'calls no decision: set decisionId of zeebe:calledDecision';
  const binding = text(node, 'camunda:decisionRefBinding') ?? text(zeebe, 'bindingType');
  const tag = text(node, 'camunda:decisionRefVersionTag') ?? text(zeebe, 'versionTag');
  if (binding === 'version' && text(node, 'camunda:decisionRefVersion') === undefined)
    return 'binds to a version but names none: set camunda:decisionRefVersion';
  if (binding === 'versionTag' && tag === undefined) return 'binds to a version tag but names none: set it';
  const result = text(node, 'camunda:mapDecisionResult');
  return result === undefined || RESULTS.includes(result)
    ? undefined
    : `maps its result as ${result}: set camunda:mapDecisionResult to one of ${RESULTS.join(', ')}`;
}
