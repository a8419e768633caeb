/** Compiles JUEL text into a closure over an evaluation context. */
import { Temporal } from 'temporal-polyfill';
import type { Json } from '../../values.ts';
import type { EvaluationContext } from '../contract.ts';
import { ExpressionFailure } from '../failure.ts';
import { boundedSize } from '../limits.ts';
import { instantProperty } from './instant.ts';
import { callMethod } from './methods.ts';
import { type BinaryOperator, type Node, parseTemplate } from './parse.ts';
import { executionOf, related, taskOf } from './scope.ts';
import { spinNode } from './spin.ts';
import {
  asInstant,
  compare,
  Execution,
  entryOf,
  equal,
  Instant,
  isList,
  isMap,
  toBoolean,
  toJson,
  toNumber,
  toText,
  typeName,
  type Value,
} from './values.ts';

type Run = (context: EvaluationContext) => Value;

/** A single `${…}` keeps the type of its value; text around it makes the whole a string. Throws ExpressionFailure. */
export function compileJuel(text: string): (context: EvaluationContext) => Json {
  const parts = parseTemplate(text).map((part) => (typeof part === 'string' ? () => part : compileNode(part, text)));
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return (context) => toJson(only(context));
  return (context) => {
    let result = '';
    for (const part of parts) {
      result += toText(toJson(part(context)));
      boundedSize(result.length);
    }
    return result;
  };
}

function compileNode(node: Node, text: string): Run {
  switch (node.kind) {
    case 'literal':
      return () => node.value;
    case 'name':
      return (context) => resolve(node.name, context, text);
    case 'unary':
      return compileUnary(node.operator, compileNode(node.operand, text));
    case 'binary':
      return compileBinary(node.operator, compileNode(node.left, text), compileNode(node.right, text));
    case 'ternary': {
      const [condition, yes, no] = [node.condition, node.yes, node.no].map((part) => compileNode(part, text));
      return (context) => (toBoolean(condition!(context)) ? yes!(context) : no!(context));
    }
    case 'member': {
      const [base, key] = [compileNode(node.base, text), compileNode(node.key, text)];
      return (context) => member(base(context), key(context), text, context);
    }
    case 'method': {
      const base = compileNode(node.base, text);
      const args = node.args.map((arg) => compileNode(arg, text));
      return (context) => {
        const target = base(context);
        if (target === null)
          throw new ExpressionFailure(`Cannot call '${node.name}' in expression: ${text}. The value before it is null`);
        return callMethod(
          target,
          node.name,
          args.map((arg) => arg(context)),
          context,
        );
      };
    }
    case 'function':
      return compileFunction(
        node.name,
        node.args.map((arg) => compileNode(arg, text)),
      );
  }
}

/** `execution` first, as Camunda does, then variables. */
function resolve(name: string, context: EvaluationContext, text: string): Value {
  if (name === 'execution' && context.execution !== undefined) return executionOf(context.execution, context);
  if (name === 'authenticatedUserId') return context.user ?? null;
  const value = context.lookup(name);
  if (value !== undefined) return value;
  if (name === 'task' && context.execution !== undefined) return taskOf(context.execution, context);
  throw new ExpressionFailure(
    `Unknown property used in expression: ${text}. Cause: Cannot resolve identifier '${name}'`,
  );
}

function member(base: Value, key: Value, text: string, context: EvaluationContext): Value {
  if (base === null || key === null) return null;
  if (isMap(base)) return entryOf(base, toText(key)) ?? null;
  if (isList(base)) {
    const index = toNumber(key);
    if (!Number.isSafeInteger(index)) throw new ExpressionFailure(`Index ${index} of a list is not a whole number`);
    return base[index] ?? null;
  }
  const name = toText(key);
  if (base instanceof Execution) {
    const value = base.properties.get(name);
    const known = value === undefined ? related(base, name, context) : value;
    if (known !== undefined) return known;
  }
  const instant = asInstant(base, context.zone);
  const part = instant === undefined ? undefined : instantProperty(instant, name);
  if (part !== undefined) return part;
  throw new ExpressionFailure(
    `Unknown property used in expression: ${text}. Cause: Cannot find property ${name} in a ${typeName(base)}`,
  );
}

function compileUnary(operator: '-' | '!' | 'empty', operand: Run): Run {
  if (operator === '-') return (context) => 0 - toNumber(operand(context));
  if (operator === '!') return (context) => !toBoolean(operand(context));
  return (context) => isEmpty(operand(context));
}

function isEmpty(value: Value): boolean {
  if (value === null || value === '') return true;
  if (isList(value)) return value.length === 0;
  return isMap(value) && Object.keys(value).length === 0;
}

const OPERATORS: Readonly<Record<Exclude<BinaryOperator, '&&' | '||'>, (left: Value, right: Value) => Value>> = {
  '+': (left, right) => toNumber(left) + toNumber(right),
  '-': (left, right) => toNumber(left) - toNumber(right),
  '*': (left, right) => toNumber(left) * toNumber(right),
  '/': (left, right) => divide(toNumber(left), toNumber(right)),
  '%': (left, right) => remainder(toNumber(left), toNumber(right)),
  '==': (left, right) => equal(left, right),
  '!=': (left, right) => !equal(left, right),
  '<': (left, right) => (compare(left, right) ?? Number.NaN) < 0,
  '>': (left, right) => (compare(left, right) ?? Number.NaN) > 0,
  '<=': (left, right) => left === right || (compare(left, right) ?? Number.NaN) <= 0,
  '>=': (left, right) => left === right || (compare(left, right) ?? Number.NaN) >= 0,
};

function compileBinary(operator: BinaryOperator, left: Run, right: Run): Run {
  if (operator === '&&') return (context) => toBoolean(left(context)) && toBoolean(right(context));
  if (operator === '||') return (context) => toBoolean(left(context)) || toBoolean(right(context));
  const apply = OPERATORS[operator];
  return (context) => apply(left(context), right(context));
}

function divide(left: number, right: number): number {
  if (right === 0) throw new ExpressionFailure('Division by zero');
  return left / right;
}

function remainder(left: number, right: number): number {
  if (right === 0) throw new ExpressionFailure('Division by zero');
  return left % right;
}

type Argument = Run | undefined;

const now: Run = ({ now: at, zone }) =>
  new Instant(Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone));
const node =
  (argument: Argument): Run =>
  (context) =>
    spinNode(argument === undefined ? null : argument(context));

/** By name: how many arguments, and what it gives. */
const FUNCTIONS: ReadonlyMap<string, readonly [takes: number, of: (argument: Argument) => Run]> = new Map([
  ['now', [0, () => now]],
  ['dateTime', [0, () => now]],
  ['currentUser', [0, () => (context) => context.user ?? null]],
  // The engine itself knows no groups of users: then it gives null.
  ['currentUserGroups', [0, () => (context) => context.userGroups ?? null]],
  ['S', [1, node]],
  ['JSON', [1, node]],
]);

function compileFunction(name: string, args: readonly Run[]): Run {
  const [takes, make] = FUNCTIONS.get(name) ?? [];
  if (takes === undefined || make === undefined)
    throw new ExpressionFailure(
      `Function '${name}' is not available in expressions: ${[...FUNCTIONS.keys()].map((one) => `${one}()`).join(', ')} are; other values come from variables`,
    );
  if (args.length !== takes)
    throw new ExpressionFailure(`Function '${name}' takes ${takes === 0 ? 'no arguments' : 'one argument'}`);
  return make(args[0]);
}
