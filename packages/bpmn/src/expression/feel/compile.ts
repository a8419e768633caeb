/** FEEL by feelin, made pure and bounded: only variables that are mentioned, the command's clock, no unknown functions. */
import { evaluate as evaluateFeel, SyntaxError as FeelSyntaxError, parseExpression } from 'feelin';
import type { Json } from '../../values.ts';
import type { EvaluationContext } from '../contract.ts';
import { ExpressionFailure, syntaxFailure } from '../failure.ts';
import { beginEvaluation } from './bounds.ts';
import { clockFunctions, FUNCTIONS } from './functions.ts';
import { fromFeelValue, toFeelValue } from './values.ts';

/** Camunda's grammar: also names in backticks. */
const DIALECT = 'camunda';
/** Levels of the syntax tree; one level of parentheses takes up to three. */
const MAX_DEPTH = 300;

type SyntaxNode = ReturnType<typeof parseExpression>['topNode'];

/** What selects one element when it stands in brackets; anything else is tried on every element. */
const INDEXES: ReadonlySet<string> = new Set([
  'NumericLiteral',
  'VariableName',
  'PathExpression',
  'ArithmeticExpression',
  'FunctionInvocation',
]);

/** feelin reads names by the variables that exist (`my var`), so the text is parsed again at each evaluation. */
export function compileFeel(text: string): (context: EvaluationContext) => Json {
  const functions = Object.fromEntries(Object.entries(FUNCTIONS).filter(([name]) => occurs(name, text)));
  const needsClock = occurs('now', text) || occurs('today', text);
  const depth = loopDepth(text, parseExpression(text, { ...FUNCTIONS }, DIALECT).topNode, 0);
  return (context) => {
    const variables = mentioned(text, context);
    beginEvaluation(
      depth,
      variables.map(([, value]) => value),
    );
    const { value, warnings } = run(text, {
      ...functions,
      ...(needsClock ? clockFunctions(context) : {}),
      ...Object.fromEntries(variables.map(([name, variable]) => [name, toFeelValue(variable)])),
    });
    const failed = warnings.find(({ type }) => type === 'NO_FUNCTION_FOUND' || type === 'FUNCTION_INVOCATION_FAILURE');
    if (failed !== undefined) {
      const call = text.slice(failed.position.from, failed.position.to);
      throw new ExpressionFailure(`'${call}' calls a function that is not available or takes other arguments`);
    }
    return fromFeelValue(value);
  };
}

/** Throws ExpressionFailure at the first syntax error; names with blanks count as names whether or not they exist. */
export function checkFeel(text: string): void {
  parseExpression(text, { ...FUNCTIONS }, DIALECT).iterate({
    enter(node) {
      if (node.type.isError) throw syntaxFailure(text, node.from, unexpected(text, node.from, node.to));
    },
  });
}

function run(text: string, scope: Record<string, unknown>): ReturnType<typeof evaluateFeel> {
  try {
    return evaluateFeel(text, scope, DIALECT);
  } catch (error) {
    if (error instanceof FeelSyntaxError)
      throw syntaxFailure(text, error.position.from, unexpected(text, error.position.from, error.position.to));
    throw error;
  }
}

function unexpected(text: string, from: number, to: number): string {
  const found = text.slice(from, to).trim();
  if (found !== '') return `unexpected '${found}'`;
  return from >= text.trimEnd().length ? 'the expression is incomplete' : 'something is missing here';
}

/** Only variables whose name can occur in the text: nothing else is read or copied. */
function mentioned(text: string, context: EvaluationContext): [string, Json][] {
  const found: [string, Json][] = [];
  for (const name of context.names()) {
    const value = occurs(name, text) ? context.lookup(name) : undefined;
    if (value !== undefined) found.push([name, value]);
  }
  return found;
}

/** Of a name with blanks or operators, which can be spelt in several ways, the part before the first of them counts. */
function occurs(name: string, text: string): boolean {
  return text.includes(name.split(/[^\p{L}\p{N}_]/u, 1)[0] ?? '');
}

/**
 * How deeply loops and filters are nested. Throws where the tree is too deep, and at `==`, which feelin would take for a
 * comparison with a unary test.
 */
function loopDepth(text: string, node: SyntaxNode, level: number): number {
  if (level > MAX_DEPTH) throw new ExpressionFailure('The expression is nested too deeply');
  const children = childrenOf(node);
  const [first, second] = children;
  if (node.name === 'Comparison' && second?.name === 'CompareOp' && children[2]?.name === 'SimplePositiveUnaryTest')
    throw syntaxFailure(text, children[2].from, "unexpected operator: FEEL compares with a single '='");
  const below = (child: SyntaxNode) => loopDepth(text, child, level + 1);
  if (node.name === 'FilterExpression') {
    const own = INDEXES.has(children[2]?.name ?? '') ? 0 : 1;
    return Math.max(0, ...children.map((child) => below(child) + (child === first ? 0 : own)));
  }
  if (node.name === 'InExpressions') return Math.max(0, ...children.map((child, index) => below(child) + index));
  const loops = children.find(({ name }) => name === 'InExpressions');
  const own = loops === undefined ? 0 : childrenOf(loops).length;
  return Math.max(0, ...children.map((child) => below(child) + (child === loops ? 0 : own)));
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children;
}
