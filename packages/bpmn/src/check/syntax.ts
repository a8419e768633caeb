/** Expressions that do not even parse: the one place where reading meets the expression languages. */
import { checkExpression } from '../expression/evaluate.ts';
import type { Expression } from '../model.ts';
import type { Node } from '../read/moddle.ts';
import { type Finding, title } from './contract.ts';

export function syntaxProblem(node: Node, expression: Expression): Finding | undefined {
  const reason = checkExpression(expression);
  if (reason === undefined) return undefined;
  return {
    rule: 'expression-syntax',
    node,
    message: `${title(node)} has an expression that cannot be read: ${reason}; correct it.`,
  };
}
