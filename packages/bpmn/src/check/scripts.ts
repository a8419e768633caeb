/** Script tasks need a script in a language that can run here. */
import { extension, type Node, text } from '../read/moddle.ts';
import { canRun, SCRIPT_FORMATS } from '../read/scripts.ts';
import { type Finding, type Subject, title } from './contract.ts';

export function* scripts({ elements }: Subject): Generator<Finding> {
  for (const { node } of elements) {
    if (node.$type !== 'bpmn:ScriptTask' || extension(node, 'zeebe:TaskDefinition') !== undefined) continue;
    const problem = problemOf(node);
    if (problem !== undefined) yield { rule: 'script', node, message: `${title(node)} ${problem}` };
  }
}

function problemOf(node: Node): string | undefined {
  const zeebe = extension(node, 'zeebe:Script');
  if (zeebe !== undefined) {
    return text(zeebe, 'expression') === undefined ? 'has no expression: set that of zeebe:script.' : undefined;
  }
  const format = text(node, 'scriptFormat');
  if (format === undefined) return `does not say its language: set scriptFormat to ${SCRIPT_FORMATS}.`;
  if (!canRun(format)) return `is written in ${format}, which cannot run here: use ${SCRIPT_FORMATS}.`;
  if (text(node, 'script') === undefined && text(node, 'camunda:resource') === undefined)
    return 'has no script: write one.';
  return undefined;
}
