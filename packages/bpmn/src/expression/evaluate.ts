/** Evaluates an expression of either language against the variables of a scope. */
import type { Expression } from '../model.ts';
import type { Json } from '../values.ts';
import type { Evaluation, EvaluationContext } from './contract.ts';
import { ExpressionFailure, failureText } from './failure.ts';
import { checkExpressionText } from './feel/feel.ts';
import { compileFeel } from './feel/process.ts';
import { compileJuel } from './juel/compile.ts';

/** Longest expression text, in characters. */
const MAX_EXPRESSION_LENGTH = 65_536;
/** How many compiled expressions are kept; longer texts than the second figure are compiled each time. */
const CACHE_ENTRIES = 2_000;
const CACHE_TEXT_LENGTH = 4_096;

type Compiled = (context: EvaluationContext) => Json;

/** A memory of pure results: it never changes what an expression yields. */
const caches = { juel: new Map<string, Compiled>(), feel: new Map<string, Compiled>() } as const;

/** The value of an expression, or why there is none. Never throws. */
export function evaluate(expression: Expression, context: EvaluationContext): Evaluation {
  try {
    return { ok: true, value: compiled(expression)(context) };
  } catch (error) {
    return { ok: false, message: failureText(error) };
  }
}

/** The syntax error of an expression with its position, undefined when it can be compiled; for the deploy check. */
export function checkExpression(expression: Expression): string | undefined {
  if (expression.language === 'script') return undefined;
  try {
    compiled(expression);
    if (expression.language === 'feel') checkExpressionText(expression.text);
    return undefined;
  } catch (error) {
    return failureText(error);
  }
}

function compiled(expression: Expression): Compiled {
  const { language, text } = expression;
  if (language === 'literal') return () => text;
  if (language === 'script')
    throw new ExpressionFailure('A script runs in the sandbox and cannot be evaluated in place');
  const cache = caches[language];
  const known = cache.get(text);
  if (known !== undefined) return known;
  if (text.length > MAX_EXPRESSION_LENGTH)
    throw new ExpressionFailure(`The expression is longer than ${MAX_EXPRESSION_LENGTH} characters`);
  const run = language === 'juel' ? compileJuel(text) : compileFeel(text);
  if (text.length <= CACHE_TEXT_LENGTH) {
    const [oldest] = cache.keys();
    if (cache.size >= CACHE_ENTRIES && oldest !== undefined) cache.delete(oldest);
    cache.set(text, run);
  }
  return run;
}
