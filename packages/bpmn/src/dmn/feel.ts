/** FEEL as decisions use it: names of the model, functions as values, and every silent null as a warning. */
import { ExpressionFailure, failureText } from '../expression/failure.ts';
import {
  compileExpression,
  compileTests,
  type FeelExpression,
  type FeelTests,
  type Reading,
} from '../expression/feel/feel.ts';
import { Run, type Surroundings, type WarningKind } from '../expression/feel/run.ts';
import { Frame } from '../expression/feel/scope.ts';
import type { FeelType } from '../expression/feel/syntax.ts';
import { type FeelValue, toJson } from '../expression/feel/values.ts';
import type { Json } from '../values.ts';

export interface Clock {
  /** Instant, ms since the epoch, and IANA zone. */
  readonly now: number;
  readonly zone: string;
}

/** Where names are found. */
export interface Names {
  lookup(name: string): FeelValue | undefined;
  names(): Iterable<string>;
}

/** A text with what it was compiled to. */
export interface Compiled<T> {
  readonly text: string;
  readonly reading: Reading<T>;
}

/** How many texts are kept compiled, beside the tables of the models in use. */
const CACHE_ENTRIES = 5_000;

/** More are not kept. */
const MAX_WARNINGS = 100;

const expressions = new Map<string, Compiled<FeelExpression>>();

/** The compiled text, from the memory of those that were compiled before. */
export function expressionOf(text: string): Compiled<FeelExpression> {
  let found = expressions.get(text);
  if (found === undefined) {
    found = { text, reading: compileExpression(text) };
    const [oldest] = expressions.keys();
    if (expressions.size >= CACHE_ENTRIES && oldest !== undefined) expressions.delete(oldest);
    expressions.set(text, found);
  }
  return found;
}

export function testsOf(text: string): Compiled<FeelTests> {
  return { text, reading: compileTests(text === '' ? '-' : text) };
}

/** One evaluation of a decision with all that it requires: one budget, one list of warnings. */
export class FeelRunner {
  readonly clock: Clock;
  readonly warnings: string[] = [];
  /** Spends for all that is evaluated. */
  readonly budget: Run;
  #text = '';

  constructor(clock: Clock) {
    this.clock = clock;
    this.budget = new Run({ ...clock, lookup: () => undefined, warn: (_, message) => this.warn(message) });
  }

  /** Null with a warning where FEEL finds something wrong. */
  value({ text, reading }: Compiled<FeelExpression>, scope: Scope): FeelValue {
    const outer = this.#enter(text);
    const code = reading.fixed ?? this.#read(reading, scope);
    const value = code === undefined ? null : code(scope.frame);
    this.#text = outer;
    return value;
  }

  /** Does the value pass the tests? */
  passes({ text, reading }: Compiled<FeelTests>, value: FeelValue, scope: Scope): boolean {
    const outer = this.#enter(text);
    const code = reading.fixed ?? this.#read(reading, scope);
    const result = code !== undefined && code(scope.frame, value) === true;
    this.#text = outer;
    return result;
  }

  warn(message: string): null {
    if (this.warnings.length < MAX_WARNINGS)
      this.warnings.push(this.#text === '' ? message : `"${shorten(this.#text)}": ${message}`);
    return null;
  }

  /** JSON; null with a warning for what is no value (functions, ranges). */
  json(value: FeelValue): Json {
    try {
      return toJson(value);
    } catch (error) {
      return this.warn(failureText(error));
    }
  }

  /** Warnings name the text that is evaluated; gives the one around it. */
  #enter(text: string): string {
    const outer = this.#text;
    this.#text = text;
    return outer;
  }

  #read<T>(reading: Reading<T>, scope: Scope): T | undefined {
    try {
      return reading.within(scope);
    } catch (error) {
      if (!(error instanceof ExpressionFailure)) throw error;
      this.warn(error.message);
      return undefined;
    }
  }
}

/** What every place in a file knows. */
export interface FileNames {
  readonly types: (name: string) => FeelType | undefined;
  /** Names of components, entries and columns that only the file can tell from an expression such as `a - b`. */
  readonly members: readonly string[];
}

/** Names of a place in a model, and beyond them those around it. */
export class Scope implements Surroundings, Names {
  readonly now: number;
  readonly zone: string;
  readonly run: Run;
  readonly frame: Frame;
  readonly runner: FeelRunner;
  readonly #own: ReadonlyMap<string, FeelValue>;
  readonly #outer: Names | undefined;
  readonly #file: FileNames;

  constructor(runner: FeelRunner, file: FileNames, own: ReadonlyMap<string, FeelValue>, outer?: Names) {
    this.runner = runner;
    this.now = runner.clock.now;
    this.zone = runner.clock.zone;
    this.#file = file;
    this.#own = own;
    this.#outer = outer;
    this.run = new Run(this, runner.budget);
    this.frame = new Frame(this.run, []);
  }

  /** With more names; theirs win. */
  with(own: ReadonlyMap<string, FeelValue>): Scope {
    return new Scope(this.runner, this.#file, own, this);
  }

  lookup(name: string): FeelValue | undefined {
    return this.#own.get(name) ?? (this.#own.has(name) ? null : this.#outer?.lookup(name));
  }

  *names(): Iterable<string> {
    yield* this.#own.keys();
    if (this.#outer !== undefined) yield* this.#outer.names();
  }

  members(): readonly string[] {
    return this.#file.members;
  }

  typeNamed(name: string): FeelType | undefined {
    return this.#file.types(name);
  }

  warn(_: WarningKind, message: string): void {
    this.runner.warn(message);
  }
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
