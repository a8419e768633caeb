/** Decision tables: which rules match, and what their hit policy makes of them (DMN 1.5, chapter 8). */

import type { FeelTests } from '../expression/feel/feel.ts';
import { BUILT_IN } from '../expression/feel/functions/index.ts';
import { type FeelValue, newContext } from '../expression/feel/values.ts';
import { type Compiled, expressionOf, type Scope, testsOf } from './feel.ts';
import type { Aggregation, DecisionTable, DecisionText, TableOutput, TableRule } from './model.ts';
import { conform } from './types.ts';

/** Evaluates a text in its language. */
export type EvaluateText = (expression: DecisionText, scope: Scope) => FeelValue;

export interface TableTrace {
  readonly inputs: readonly { readonly label: string; readonly value: FeelValue }[];
  readonly rules: readonly { readonly id: string; readonly index: number; readonly outputs: FeelValue }[];
}

type Hit = { readonly rule: TableRule; readonly index: number; readonly outputs: readonly FeelValue[] };

/** A cell in FEEL, compiled, or in JUEL. */
interface Cell {
  readonly feel: Compiled<FeelTests> | undefined;
  readonly juel: DecisionText | undefined;
}

/** The unary tests of a table; a cell that passes everything is absent. */
interface TableTests {
  readonly cells: readonly (readonly (Cell | undefined)[])[];
  readonly inputs: readonly (Compiled<FeelTests> | undefined)[];
  readonly outputs: readonly (Compiled<FeelTests> | undefined)[];
}

/** So many rules cost one step of the evaluation. */
const RULES_PER_STEP = 10;

const compiled = new WeakMap<DecisionTable, TableTests>();

function testsIn(table: DecisionTable): TableTests {
  let tests = compiled.get(table);
  if (tests === undefined) {
    const allowed = (text: string | undefined) => (text === undefined ? undefined : testsOf(text));
    tests = {
      cells: table.rules.map(({ inputs }) => inputs.map(cellOf)),
      inputs: table.inputs.map((input) => allowed(input.allowed)),
      outputs: table.outputs.map((output) => allowed(output.allowed)),
    };
    compiled.set(table, tests);
  }
  return tests;
}

function cellOf(cell: DecisionText): Cell | undefined {
  if (cell.text === '' || cell.text === '-') return undefined;
  return cell.language === 'feel' ? { feel: testsOf(cell.text), juel: undefined } : { feel: undefined, juel: cell };
}

export function evaluateTable(
  table: DecisionTable,
  scope: Scope,
  evaluate: EvaluateText,
): { readonly value: FeelValue; readonly trace: TableTrace } {
  const { runner } = scope;
  const tests = testsIn(table);
  const inputs: { label: string; value: FeelValue }[] = [];
  const named = new Map<string, FeelValue>();
  for (const [column, input] of table.inputs.entries()) {
    const raw = input.expression.text === '' ? null : evaluate(input.expression, scope);
    const value = conform(raw, input.typeRef, scope, `input "${input.label}"`);
    const allowed = tests.inputs[column];
    if (allowed !== undefined && value !== null && !runner.passes(allowed, value, scope)) {
      runner.warn(notAllowed(`input "${input.label}"`, value, scope));
      return { value: null, trace: { inputs, rules: [] } };
    }
    inputs.push({ label: input.label, value });
    if (input.variable !== undefined) named.set(input.variable, value);
  }
  const inner = named.size === 0 ? scope : scope.with(named);
  const hits: Hit[] = [];
  for (const index of matchingIn(table, tests, inputs, inner, evaluate)) {
    const rule = table.rules[index] as TableRule;
    const outputs = rule.outputs.map((entry, column) =>
      outputOf(entry, table.outputs[column], tests.outputs[column], inner, evaluate),
    );
    hits.push({ rule, index, outputs });
  }
  const rules = hits.map(({ rule, index, outputs }) => ({
    id: rule.id,
    index: index + 1,
    outputs: result(table, outputs),
  }));
  return { value: decide(table, hits, inner, evaluate), trace: { inputs, rules } };
}

/** Indexes of the rules whose cells all pass; of the hit policy first only the first. */
function matchingIn(
  { rules, hitPolicy }: DecisionTable,
  { cells }: TableTests,
  inputs: TableTrace['inputs'],
  scope: Scope,
  evaluate: EvaluateText,
): number[] {
  const values = inputs.map(({ value }) => value);
  scope.run.spend(Math.ceil(rules.length / RULES_PER_STEP));
  const found: number[] = [];
  // Plain loops: this is where large tables spend their time.
  for (let index = 0; index < rules.length; index++) {
    const row = cells[index] ?? [];
    let column = 0;
    while (column < row.length && passes(row[column], values[column] ?? null, scope, evaluate)) column += 1;
    if (column < row.length) continue;
    found.push(index);
    if (hitPolicy === 'FIRST') break;
  }
  return found;
}

function passes(cell: Cell | undefined, value: FeelValue, scope: Scope, evaluate: EvaluateText): boolean {
  if (cell === undefined) return true;
  if (cell.feel !== undefined) return scope.runner.passes(cell.feel, value, scope);
  return cell.juel !== undefined && evaluate(cell.juel, scope.with(new Map([['cellInput', value]]))) === true;
}

function outputOf(
  entry: DecisionText,
  output: TableOutput | undefined,
  allowed: Compiled<FeelTests> | undefined,
  scope: Scope,
  evaluate: EvaluateText,
): FeelValue {
  if (entry.text === '' || entry.text === '-') return null;
  const what = `output "${output?.name ?? ''}"`;
  const value = conform(evaluate(entry, scope), output?.typeRef, scope, what);
  if (allowed === undefined || value === null || scope.runner.passes(allowed, value, scope)) return value;
  return scope.runner.warn(notAllowed(what, value, scope));
}

function notAllowed(what: string, value: FeelValue, { runner }: Scope): string {
  return `${what} has a value that is not among the allowed ones: ${JSON.stringify(runner.json(value))}`;
}

/** One value for a table of one output, a context for several. */
function result(table: DecisionTable, outputs: readonly FeelValue[]): FeelValue {
  if (table.outputs.length === 1) return outputs[0] ?? null;
  return newContext(table.outputs.map(({ name }, column) => [name ?? '', outputs[column] ?? null]));
}

function decide(table: DecisionTable, hits: readonly Hit[], scope: Scope, evaluate: EvaluateText): FeelValue {
  const { runner } = scope;
  if (hits.length === 0 && table.outputs.some((output) => output.default !== undefined)) {
    const preset = table.outputs.map((output) =>
      output.default === undefined ? null : evaluate(output.default, scope),
    );
    const value = result(table, preset);
    return isList(table) && table.aggregation === undefined ? [value] : value;
  }
  const values = hits.map(({ outputs }) => result(table, outputs));
  switch (table.hitPolicy) {
    case 'UNIQUE':
      return values.length > 1
        ? runner.warn(`${matchingRules(hits)} match, and the hit policy is unique`)
        : (values[0] ?? null);
    case 'ANY': {
      const different = new Set(values.map((value) => JSON.stringify(runner.json(value))));
      return different.size > 1
        ? runner.warn(`${matchingRules(hits)} match with different outputs, and the hit policy is any`)
        : (values[0] ?? null);
    }
    case 'FIRST':
      return values[0] ?? null;
    case 'PRIORITY':
      return byPriority(table, hits, scope)[0] ?? null;
    case 'OUTPUT ORDER':
      return byPriority(table, hits, scope);
    case 'RULE ORDER':
      return values;
    case 'COLLECT':
      return table.aggregation === undefined ? values : aggregate(table.aggregation, values, scope);
  }
}

function isList({ hitPolicy }: DecisionTable): boolean {
  return hitPolicy === 'COLLECT' || hitPolicy === 'RULE ORDER' || hitPolicy === 'OUTPUT ORDER';
}

function matchingRules(hits: readonly Hit[]): string {
  return `rules ${hits.map(({ index }) => index + 1).join(', ')}`;
}

/** The first output decides, then the second, and so on; rules of equal outputs keep their order. */
function byPriority(table: DecisionTable, hits: readonly Hit[], scope: Scope): FeelValue[] {
  const { runner } = scope;
  const ranks = table.outputs.map(({ allowed }) => {
    const order = allowed === undefined ? [] : runner.value(expressionOf(`[${allowed}]`), scope);
    const texts = Array.isArray(order) ? order.map((value) => JSON.stringify(runner.json(value))) : [];
    return (value: FeelValue) => {
      const rank = texts.indexOf(JSON.stringify(runner.json(value)));
      return rank < 0 ? texts.length : rank;
    };
  });
  const ranked = hits.toSorted((one, other) => {
    for (const [column, rank] of ranks.entries()) {
      const difference = rank(one.outputs[column] ?? null) - rank(other.outputs[column] ?? null);
      if (difference !== 0) return difference;
    }
    return one.index - other.index;
  });
  return ranked.map(({ outputs }) => result(table, outputs));
}

function aggregate(how: Aggregation, values: readonly FeelValue[], { run }: Scope): FeelValue {
  if (how === 'COUNT') return values.length;
  if (values.length === 0) return null;
  return BUILT_IN.get(how.toLowerCase())?.invoke([values], run) ?? null;
}
