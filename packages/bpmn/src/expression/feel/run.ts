/** One evaluation: where names are found, what it may still spend, and what it found wrong on the way. */
import { ExpressionFailure } from '../failure.ts';
import type { FeelType } from './syntax.ts';
import type { FeelValue } from './values.ts';

/** Most steps of one evaluation: iterations, calls, and elements that functions go through. */
const MAX_STEPS = 4_000_000;
/** Most elements that ranges such as `1..n` may be enumerated to in one evaluation. */
const MAX_RANGE_ELEMENTS = 200_000;
/** Deepest nesting of calls, and of lists and contexts that are compared. */
const MAX_DEPTH = 256;
/** Warnings beyond this number are not kept. */
const MAX_WARNINGS = 100;

/** `function`: no function of this name takes these arguments. `null`: null because something is wrong. */
export type WarningKind = 'function' | 'null';

export interface Surroundings {
  /** Undefined where there is no variable of this name. */
  lookup(name: string): FeelValue | undefined;
  /** Instant of the command, ms since the epoch, and IANA zone. */
  readonly now: number;
  readonly zone: string;
  /** A type of the model. */
  typeNamed?(name: string): FeelType | undefined;
  warn?(kind: WarningKind, message: string): void;
}

class Budget {
  steps = MAX_STEPS;
  rangeElements = MAX_RANGE_ELEMENTS;
  depth = 0;
  warnings = 0;
  silent = 0;
}

export class Run {
  readonly surroundings: Surroundings;
  readonly #budget: Budget;

  /** `within`: an evaluation that this one is a part of, and spends from the same budget. */
  constructor(surroundings: Surroundings, within?: Run) {
    this.surroundings = surroundings;
    this.#budget = within === undefined ? new Budget() : within.#budget;
  }

  spend(steps: number): void {
    this.#budget.steps -= steps;
    if (this.#budget.steps < 0) throw new ExpressionFailure(`The expression takes more than ${MAX_STEPS} steps`);
  }

  spendRange(elements: number): void {
    this.#budget.rangeElements -= elements;
    if (this.#budget.rangeElements < 0)
      throw new ExpressionFailure(
        `A range has too many elements: the ranges of this expression may have ${MAX_RANGE_ELEMENTS} in all`,
      );
  }

  deeper<T>(part: () => T): T {
    this.#budget.depth += 1;
    if (this.#budget.depth > MAX_DEPTH) throw new ExpressionFailure('The evaluation is nested too deeply');
    const value = part();
    this.#budget.depth -= 1;
    return value;
  }

  /** Without warnings: what it asks for may be missing. */
  silently<T>(part: () => T): T {
    this.#budget.silent += 1;
    const value = part();
    this.#budget.silent -= 1;
    return value;
  }

  /** Null, said why. */
  warn(message: string, kind: WarningKind = 'null'): null {
    if (this.#budget.silent > 0 && kind === 'null') return null;
    this.#budget.warnings += 1;
    if (this.#budget.warnings <= MAX_WARNINGS || kind === 'function') this.surroundings.warn?.(kind, message);
    return null;
  }
}
