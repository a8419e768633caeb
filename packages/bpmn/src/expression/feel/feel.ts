/** FEEL, compiled once for each text: expressions and unary tests that are run against names, a clock and types. */
import { ExpressionFailure } from '../failure.ts';
import { compile, testCodeOf } from './compile.ts';
import { BUILT_IN } from './functions/index.ts';
import { type SpecialName, specialName } from './names.ts';
import { type Parsed, parseExpression, parseTests, type SpecialNames } from './parse.ts';
import { type Frame, rootScope } from './scope.ts';
import type { TestsSyntax } from './syntax.ts';
import { anyTestCode } from './unary-tests.ts';
import type { FeelValue } from './values.ts';

/** What a text means. */
export interface Reading<T> {
  /** Whatever the scope; undefined where it depends on the names in scope. */
  readonly fixed: T | undefined;
  /** With the names in scope; throws ExpressionFailure where it cannot be read with them. */
  readonly within: (scope: NameSource) => T;
}

export interface NameSource {
  names(): Iterable<string>;
  /** Names that may stand behind a dot. */
  members?(): Iterable<string>;
}

/** Runs in a frame of its own without values, which may be used again. Throws ExpressionFailure where a bound is passed. */
export type FeelExpression = (frame: Frame) => FeelValue;
/** Does the input pass? Null where that cannot be told. */
export type FeelTests = (frame: Frame, input: FeelValue) => boolean | null;

const BUILT_IN_NAMES: readonly SpecialName[] = [...BUILT_IN.keys()].flatMap((name) => specialName(name) ?? []);
/** For how many sets of special names a text is kept compiled. */
const MAX_READINGS = 8;

export function compileExpression(text: string): Reading<FeelExpression> {
  return readings(text, (names) => {
    const { syntax, dependsOnScope } = parseExpression(text, names);
    return { syntax: compile(syntax, rootScope(text)), dependsOnScope };
  });
}

export function compileTests(text: string): Reading<FeelTests> {
  return readings(text, (names) => {
    const { syntax, dependsOnScope } = parseTests(text, names);
    return { syntax: testsCode(syntax, text), dependsOnScope };
  });
}

function testsCode({ tests, negated }: TestsSyntax, text: string): FeelTests {
  if (tests.length === 0) return () => true;
  const scope = rootScope(text);
  const test = anyTestCode(tests.map((one) => testCodeOf(one, scope)));
  if (!negated) return test;
  return (frame, input) => {
    const passes = test(frame, input);
    return passes === null ? null : !passes;
  };
}

/**
 * Throws ExpressionFailure at the first syntax error; names with blanks count as names whether or not they exist, names
 * with operators and keywords only where they are given.
 */
export function checkExpressionText(text: string, names: Iterable<string> = []): void {
  parseExpression(text, givenNames(text, names));
}

export function checkTestsText(text: string, names: Iterable<string> = []): void {
  parseTests(text, givenNames(text, names));
}

function givenNames(text: string, names: Iterable<string>): SpecialNames {
  const special = mentioned(text, names);
  return { names: [...BUILT_IN_NAMES, ...special], members: special };
}

const ALONE: SpecialNames = { names: BUILT_IN_NAMES, members: [] };

/** Compiles once, and again for other special names in scope only where they could make a difference. */
function readings<T>(text: string, compileWith: (names: SpecialNames) => Parsed<T>): Reading<T> {
  const plain = outcomeOf(() => compileWith(ALONE));
  if (plain.ok && !plain.value.dependsOnScope) {
    const { syntax } = plain.value;
    return { fixed: syntax, within: () => syntax };
  }
  const others = new Map<string, Outcome<Parsed<T>>>();
  const within = (scope: NameSource) => {
    const special = mentioned(text, scope.names());
    const members = scope.members === undefined ? [] : mentioned(text, scope.members());
    let outcome = plain;
    if (special.length + members.length > 0) {
      const key = [special, members].map((names) => names.map(({ name }) => name).join('\n')).join('\n\n');
      const known = others.get(key);
      outcome = known ?? outcomeOf(() => compileWith({ names: [...BUILT_IN_NAMES, ...special], members }));
      if (known === undefined) {
        if (others.size >= MAX_READINGS) others.clear();
        others.set(key, outcome);
      }
    }
    if (!outcome.ok) throw outcome.failure;
    return outcome.value.syntax;
  };
  return { fixed: undefined, within };
}

type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: ExpressionFailure };

function outcomeOf<T>(make: () => T): Outcome<T> {
  try {
    return { ok: true, value: make() };
  } catch (error) {
    if (!(error instanceof ExpressionFailure)) throw error;
    return { ok: false, failure: error };
  }
}

/** Special names that can occur in the text, in an order that does not depend on the scope's. */
function mentioned(text: string, names: Iterable<string>): SpecialName[] {
  const found: SpecialName[] = [];
  for (const name of names) {
    const special = specialName(name);
    if (special?.parts.every((part) => text.includes(part))) found.push(special);
  }
  return found.length > 1 ? found.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)) : found;
}
