/** The syntax tree of FEEL (DMN 1.5, 10.3.1.2); `from` and `to` are offsets into the text. */
import type { FeelNumber } from './numbers.ts';
import type { Run } from './run.ts';
import type { FeelValue } from './values.ts';

interface Place {
  readonly from: number;
  readonly to: number;
}

export type Comparator = '=' | '!=' | '<' | '<=' | '>' | '>=';
export type BinaryOperator = Comparator | 'or' | 'and' | '+' | '-' | '*' | '/' | '**';

export interface Iterator {
  readonly name: string;
  readonly source: Syntax;
  /** The end of `1..n`. */
  readonly end?: Syntax;
}

export interface ParameterSyntax {
  readonly name: string;
  readonly type?: FeelType;
}

/** A type as an expression or a model writes it. */
export type FeelType =
  | { readonly kind: 'any' }
  | { readonly kind: 'null' }
  | { readonly kind: 'basic'; readonly name: string }
  | { readonly kind: 'list'; readonly of: FeelType }
  | { readonly kind: 'range'; readonly of: FeelType }
  | { readonly kind: 'context'; readonly entries: readonly { readonly name: string; readonly type: FeelType }[] }
  | { readonly kind: 'function'; readonly parameters: readonly FeelType[]; readonly result: FeelType }
  /** Defined by the model. */
  | { readonly kind: 'named'; readonly name: string }
  /** The values of a type that pass the tests of the model. */
  | {
      readonly kind: 'constrained';
      readonly of: FeelType;
      readonly allows: (value: FeelValue, run: Run) => boolean;
    };

/** What stands behind `in` and in the cells of a decision table. */
export type TestSyntax =
  | { readonly kind: 'compare'; readonly operator: Comparator; readonly value: Syntax }
  /** `usesInput`: it mentions `?`. */
  | { readonly kind: 'expression'; readonly value: Syntax; readonly usesInput: boolean };

export interface TestsSyntax {
  readonly negated: boolean;
  /** Empty: `-`, which every value passes. */
  readonly tests: readonly TestSyntax[];
}

export type Syntax = Place &
  (
    | { readonly kind: 'literal'; readonly value: null | boolean | string | FeelNumber }
    | { readonly kind: 'temporal'; readonly text: string }
    /** `?` is the input of a unary test. */
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'path'; readonly of: Syntax; readonly name: string }
    | { readonly kind: 'filter'; readonly of: Syntax; readonly by: Syntax }
    | {
        readonly kind: 'call';
        readonly of: Syntax;
        readonly args: readonly Syntax[];
        readonly names?: readonly string[];
      }
    | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Syntax; readonly right: Syntax }
    | { readonly kind: 'negate'; readonly of: Syntax }
    | { readonly kind: 'between'; readonly of: Syntax; readonly low: Syntax; readonly high: Syntax }
    | { readonly kind: 'in'; readonly of: Syntax; readonly tests: readonly TestSyntax[] }
    | { readonly kind: 'instance'; readonly of: Syntax; readonly type: FeelType }
    | { readonly kind: 'if'; readonly test: Syntax; readonly yes: Syntax; readonly no: Syntax }
    | { readonly kind: 'for'; readonly iterators: readonly Iterator[]; readonly body: Syntax }
    | {
        readonly kind: 'quantified';
        readonly every: boolean;
        readonly iterators: readonly Iterator[];
        readonly body: Syntax;
      }
    /** Without a body: external. */
    | { readonly kind: 'function'; readonly parameters: readonly ParameterSyntax[]; readonly body?: Syntax }
    | { readonly kind: 'list'; readonly items: readonly Syntax[] }
    | {
        readonly kind: 'context';
        readonly entries: readonly { readonly name: string; readonly value: Syntax }[];
      }
    | {
        readonly kind: 'range';
        readonly low: Syntax;
        readonly high: Syntax;
        readonly lowIncluded: boolean;
        readonly highIncluded: boolean;
      }
    /** `(> 5)` as a value. */
    | { readonly kind: 'half range'; readonly operator: Comparator; readonly value: Syntax }
  );
