/** Paths, filters, ranges, loops and quantifiers. */

import { own } from './arithmetic.ts';
import { and, or, order, type Ternary, ternary } from './compare.ts';
import type { Compile } from './compile.ts';
import { elementsBetween, elementsOf } from './elements.ts';
import { isNumber, wholeNumber } from './numbers.ts';
import type { Run } from './run.ts';
import { type Code, Frame, innerScope, type Scope } from './scope.ts';
import type { Iterator, Syntax } from './syntax.ts';
import { isTemporal, temporalProperty } from './temporal/values.ts';
import { entryOf, type FeelList, FeelRange, type FeelValue, isContext, isList, kindOf } from './values.ts';

export function pathCode(syntax: Syntax & { readonly kind: 'path' }, scope: Scope, compile: Compile): Code {
  const of = compile(syntax.of, scope);
  const { name } = syntax;
  return (frame) => member(of(frame), name, frame.run);
}

/** An entry, a property of a temporal value or a range; of a list, that of each element. */
export function member(value: FeelValue, name: string, run: Run): FeelValue {
  if (isContext(value)) return entryOf(value, name) ?? missing(value, name, run);
  if (isList(value)) {
    run.spend(value.length);
    return run.deeper(() => value.map((item) => member(item, name, run)));
  }
  if (isTemporal(value)) return own(temporalProperty(value, name));
  if (value instanceof FeelRange) return rangeProperty(value, name) ?? missing(value, name, run);
  return missing(value, name, run);
}

function missing(value: FeelValue, name: string, run: Run): FeelValue {
  if (isContext(value) && Object.hasOwn(value, name)) return null;
  return run.warn(`a ${kindOf(value)} has no '${name}'`);
}

function rangeProperty(range: FeelRange, name: string): FeelValue {
  switch (name) {
    case 'start':
      return range.low ?? null;
    case 'end':
      return range.high ?? null;
    case 'start included':
      return range.lowIncluded;
    case 'end included':
      return range.highIncluded;
    default:
      return null;
  }
}

export function filterCode(syntax: Syntax & { readonly kind: 'filter' }, scope: Scope, compile: Compile): Code {
  const of = compile(syntax.of, scope);
  const by = compile(syntax.by, innerScope(scope, ['item'], true));
  return (frame) => {
    const { run } = frame;
    const value = of(frame);
    const list = isList(value) ? value : value === null ? [] : [value];
    return filtered(list, (item) => by(new Frame(run, [item], frame)), run);
  };
}

/** By a number the element with this index, from 1 or from the end; otherwise the elements for which the condition is true. */
export function filtered(list: FeelList, condition: (item: FeelValue) => FeelValue, run: Run): FeelValue {
  const [first] = list;
  const index = first === undefined ? run.silently(() => condition(null)) : condition(first);
  if (isNumber(index)) return elementAt(list, wholeNumber(index)) ?? null;
  const found: FeelValue[] = [];
  for (const [at, item] of list.entries()) {
    run.spend(1);
    const holds = at === 0 ? index : condition(item);
    if (holds === true) found.push(item);
    else if (holds !== false && holds !== null) return run.warn(`a filter gives a ${kindOf(holds)}, not true or false`);
  }
  return found;
}

export function elementAt(list: FeelList, index: number | undefined): FeelValue | undefined {
  if (index === undefined || index === 0) return undefined;
  return list[index > 0 ? index - 1 : list.length + index];
}

export function rangeCode(syntax: Syntax & { readonly kind: 'range' }, scope: Scope, compile: Compile): Code {
  const [low, high] = [compile(syntax.low, scope), compile(syntax.high, scope)];
  const { lowIncluded, highIncluded } = syntax;
  if (syntax.low.kind === 'literal' && syntax.high.kind === 'literal') {
    const [from, to] = [syntax.low.value, syntax.high.value];
    const range = new FeelRange(from, lowIncluded, to, highIncluded);
    if ((order(from, to) ?? 1) <= 0) return () => range;
  }
  return (frame) => {
    const [from, to] = [low(frame), high(frame)];
    if (from !== null && to !== null && !((order(from, to) ?? 1) <= 0))
      return frame.run.warn(`a range from a ${kindOf(from)} to a ${kindOf(to)} that is less or of another kind`);
    return new FeelRange(from, lowIncluded, to, highIncluded);
  };
}

interface IteratorCode {
  readonly source: Code;
  readonly end: Code | undefined;
}

/** Each iterator sees those before it, the body sees all. */
function iteratorsIn(
  iterators: readonly Iterator[],
  scope: Scope,
  compile: Compile,
): { readonly codes: readonly IteratorCode[]; readonly inner: Scope } {
  let inner = scope;
  const codes = iterators.map(({ name, source, end }) => {
    const code = { source: compile(source, inner), end: end === undefined ? undefined : compile(end, inner) };
    inner = innerScope(inner, [name]);
    return code;
  });
  return { codes, inner };
}

/** Runs the body for each combination until it says stop; false where there is nothing to go through. */
function iterate(codes: readonly IteratorCode[], frame: Frame, body: (frame: Frame) => boolean): boolean {
  const { run } = frame;
  let goesOn = true;
  const level = (at: number, around: Frame): boolean => {
    const code = codes[at];
    if (code === undefined) {
      run.spend(1);
      goesOn = body(around);
      return true;
    }
    const from = code.source(around);
    const items = code.end === undefined ? elementsOf(from, run) : elementsBetween(from, code.end(around), run);
    if (items === undefined) return false;
    for (const item of items) {
      run.spend(1);
      if (!level(at + 1, new Frame(run, [item], around))) return false;
      if (!goesOn) return true;
    }
    return true;
  };
  return level(0, frame);
}

/** The body also sees the results so far, as `partial`. */
export function loopCode(syntax: Syntax & { readonly kind: 'for' }, scope: Scope, compile: Compile): Code {
  const { codes, inner } = iteratorsIn(syntax.iterators, scope, compile);
  const around = innerScope(inner, ['partial']);
  const body = compile(syntax.body, around);
  const usesPartial = around.used.has('partial');
  return (frame) => {
    const { run } = frame;
    const results: FeelValue[] = [];
    const done = iterate(codes, frame, (each) => {
      if (usesPartial) run.spend(results.length);
      results.push(body(new Frame(run, usesPartial ? [[...results]] : [], each)));
      return true;
    });
    return done ? results : run.warn('a for goes through something that is neither a list nor a range');
  };
}

export function quantifiedCode(syntax: Syntax & { readonly kind: 'quantified' }, scope: Scope, compile: Compile): Code {
  const { every } = syntax;
  const { codes, inner } = iteratorsIn(syntax.iterators, scope, compile);
  const body = compile(syntax.body, inner);
  const join = every ? and : or;
  return (frame) => {
    let result: Ternary = every;
    let isCondition = true;
    const done = iterate(codes, frame, (each) => {
      const holds = body(each);
      isCondition = holds === null || typeof holds === 'boolean';
      result = join(result, ternary(holds));
      return isCondition && result !== !every;
    });
    const what = every ? 'every' : 'some';
    if (!isCondition) return frame.run.warn(`the condition of ${what} gives neither true nor false`);
    return done ? result : frame.run.warn(`${what} goes through something that is neither a list nor a range`);
  };
}
