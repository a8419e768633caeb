/** Turns a syntax tree into closures that compute its value. */
import { arithmetic, negate } from './arithmetic.ts';
import { and, compare, or, ternary } from './compare.ts';
import { callCode, functionCode } from './compile-calls.ts';
import { filterCode, loopCode, pathCode, quantifiedCode, rangeCode } from './compile-lists.ts';
import { type Code, Frame, innerScope, nameCode, type Scope } from './scope.ts';
import type { BinaryOperator, Comparator, Syntax, TestSyntax } from './syntax.ts';
import { parseTemporal } from './temporal/values.ts';
import { isInstance } from './types.ts';
import { anyTestCode, testCode } from './unary-tests.ts';
import { FeelRange, type FeelValue, newContext } from './values.ts';

/** Compiles what stands inside; handed to the other files of the compiler, which would import each other in a circle otherwise. */
export type Compile = (syntax: Syntax, scope: Scope) => Code;

export function compile(syntax: Syntax, scope: Scope): Code {
  switch (syntax.kind) {
    case 'literal': {
      const { value } = syntax;
      return () => value;
    }
    case 'temporal': {
      const { text } = syntax;
      const value = parseTemporal(text);
      return value === null ? ({ run }) => run.warn(`@"${text}" is no date, time or duration`) : () => value;
    }
    case 'name':
      return nameCode(syntax.name, scope);
    case 'path':
      return pathCode(syntax, scope, compile);
    case 'filter':
      return filterCode(syntax, scope, compile);
    case 'call':
      return callCode(syntax, scope, compile);
    case 'binary':
      return binaryCode(syntax.operator, compile(syntax.left, scope), compile(syntax.right, scope));
    case 'negate': {
      const of = compile(syntax.of, scope);
      return (frame) => negate(of(frame), frame.run);
    }
    case 'between': {
      const [of, low, high] = [syntax.of, syntax.low, syntax.high].map((part) => compile(part, scope)) as [
        Code,
        Code,
        Code,
      ];
      return (frame) => {
        const { run } = frame;
        const value = of(frame);
        return and(compare('>=', value, low(frame), run), compare('<=', value, high(frame), run));
      };
    }
    case 'in': {
      const of = compile(syntax.of, scope);
      const test = anyTestCode(syntax.tests.map((one) => testCodeOf(one, scope)));
      return (frame) => test(frame, of(frame));
    }
    case 'instance': {
      const of = compile(syntax.of, scope);
      const { type } = syntax;
      return (frame) => isInstance(of(frame), type, frame.run);
    }
    case 'if': {
      const [test, yes, no] = [syntax.test, syntax.yes, syntax.no].map((part) => compile(part, scope)) as [
        Code,
        Code,
        Code,
      ];
      return (frame) => (test(frame) === true ? yes(frame) : no(frame));
    }
    case 'for':
      return loopCode(syntax, scope, compile);
    case 'quantified':
      return quantifiedCode(syntax, scope, compile);
    case 'function':
      return functionCode(syntax, scope, compile);
    case 'list': {
      const items = syntax.items.map((item) => compile(item, scope));
      return (frame) => items.map((item) => item(frame));
    }
    case 'context':
      return contextCode(syntax.entries, scope);
    case 'range':
      return rangeCode(syntax, scope, compile);
    case 'half range': {
      const { operator } = syntax;
      const value = compile(syntax.value, scope);
      return (frame) => FeelRange.half(operator, value(frame)) ?? frame.run.warn(`(${operator} …) is no range`);
    }
  }
}

/** A unary test; `?` in it is the input. */
export function testCodeOf(test: TestSyntax, scope: Scope): ReturnType<typeof testCode> {
  const inner = test.kind === 'expression' && test.usesInput ? innerScope(scope, ['?']) : scope;
  return testCode(test, compile(test.value, inner));
}

/** Entries see those before them. */
function contextCode(entries: readonly { readonly name: string; readonly value: Syntax }[], scope: Scope): Code {
  const names = entries.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) return ({ run }) => run.warn(`a context has two entries with the name '${twice}'`);
  const codes = entries.map(({ value }, index) => compile(value, innerScope(scope, names.slice(0, index))));
  return (frame) => {
    const values: FeelValue[] = [];
    const own = new Frame(frame.run, values, frame);
    for (const code of codes) values.push(code(own));
    return newContext(names.map((name, index) => [name, values[index] ?? null]));
  };
}

function binaryCode(operator: BinaryOperator, left: Code, right: Code): Code {
  switch (operator) {
    case 'and':
      return (frame) => {
        const first = ternary(left(frame));
        return first === false ? false : and(first, ternary(right(frame)));
      };
    case 'or':
      return (frame) => {
        const first = ternary(left(frame));
        return first === true ? true : or(first, ternary(right(frame)));
      };
    case '+':
    case '-':
    case '*':
    case '/':
    case '**': {
      const compute = arithmetic(operator);
      return (frame) => compute(left(frame), right(frame), frame.run);
    }
    default:
      return comparisonCode(operator, left, right);
  }
}

/** Numbers are compared here, everything else by `compare`. */
function comparisonCode(operator: Comparator, left: Code, right: Code): Code {
  const slow = (a: FeelValue, b: FeelValue, frame: Frame) => compare(operator, a, b, frame.run);
  const of = (onNumbers: (a: number, b: number) => boolean): Code => {
    return (frame) => {
      const a = left(frame);
      const b = right(frame);
      return typeof a === 'number' && typeof b === 'number' ? onNumbers(a, b) : slow(a, b, frame);
    };
  };
  switch (operator) {
    case '=':
      return of((a, b) => a === b);
    case '!=':
      return of((a, b) => a !== b);
    case '<':
      return of((a, b) => a < b);
    case '<=':
      return of((a, b) => a <= b);
    case '>':
      return of((a, b) => a > b);
    case '>=':
      return of((a, b) => a >= b);
  }
}
