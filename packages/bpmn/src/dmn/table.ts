/** Decision tables: which rules match, and what their hit policy makes of them (DMN 1.5, chapter 8). */
import type { Feel, FeelRunner, Scope } from './feel.ts';
import type { Aggregation, DecisionTable, DecisionText, ItemDefinition, TableOutput, TableRule } from './model.ts';
import { conform } from './types.ts';

export interface TableWork {
  readonly feel: FeelRunner;
  readonly types: readonly ItemDefinition[];
  evaluate(expression: DecisionText, scope: Scope): Feel;
}

export interface TableTrace {
  readonly inputs: readonly { readonly label: string; readonly value: Feel }[];
  readonly rules: readonly { readonly id: string; readonly index: number; readonly outputs: Feel }[];
}

type Hit = { readonly rule: TableRule; readonly index: number; readonly outputs: readonly Feel[] };

export function evaluateTable(
  table: DecisionTable,
  scope: Scope,
  work: TableWork,
): { readonly value: Feel; readonly trace: TableTrace } {
  const { feel, types } = work;
  const inputs: { label: string; value: Feel }[] = [];
  const names: Record<string, Feel> = { ...scope };
  for (const input of table.inputs) {
    const raw = input.expression.text === '' ? null : work.evaluate(input.expression, scope);
    const value = conform(raw, input.typeRef, types, feel, `input "${input.label}"`);
    if (input.allowed !== undefined && value !== null && !feel.passes(input.allowed, value, scope)) {
      feel.warn(
        `input "${input.label}" has a value that is not among the allowed ones: ${JSON.stringify(feel.json(value))}`,
      );
      return { value: null, trace: { inputs, rules: [] } };
    }
    inputs.push({ label: input.label, value });
    if (input.variable !== undefined) names[input.variable] = value;
  }
  const matching = table.rules
    .map((rule, index) => ({ rule, index }))
    .filter(({ rule }) => rule.inputs.every((test, column) => passes(test, inputs[column]?.value, names, work)));
  const needed = table.hitPolicy === 'FIRST' ? matching.slice(0, 1) : matching;
  const hits = needed.map(({ rule, index }): Hit => {
    const outputs = rule.outputs.map((entry, column) => outputOf(entry, table.outputs[column], names, work));
    return { rule, index, outputs };
  });
  const rules = hits.map(({ rule, index, outputs }) => ({
    id: rule.id,
    index: index + 1,
    outputs: result(table, outputs),
  }));
  return { value: decide(table, hits, names, work), trace: { inputs, rules } };
}

function passes(test: DecisionText, value: Feel, scope: Scope, { feel, evaluate }: TableWork): boolean {
  if (test.language === 'feel') return feel.passes(test.text, value ?? null, scope);
  return test.text === '' || test.text === '-' || evaluate(test, { ...scope, cellInput: value ?? null }) === true;
}

function outputOf(entry: DecisionText, output: TableOutput | undefined, scope: Scope, work: TableWork): Feel {
  if (entry.text === '' || entry.text === '-') return null;
  const what = `output "${output?.name ?? ''}"`;
  const value = conform(work.evaluate(entry, scope), output?.typeRef, work.types, work.feel, what);
  if (output?.allowed === undefined || value === null || work.feel.passes(output.allowed, value, scope)) return value;
  return work.feel.warn(
    `${what} has a value that is not among the allowed ones: ${JSON.stringify(work.feel.json(value))}`,
  );
}

/** One value for a table of one output, a context for several. */
function result(table: DecisionTable, outputs: readonly Feel[]): Feel {
  if (table.outputs.length === 1) return outputs[0] ?? null;
  return Object.fromEntries(table.outputs.map(({ name }, column) => [name ?? '', outputs[column] ?? null]));
}

function decide(table: DecisionTable, hits: readonly Hit[], scope: Scope, work: TableWork): Feel {
  if (hits.length === 0 && table.outputs.some((output) => output.default !== undefined)) {
    const preset = table.outputs.map((output) =>
      output.default === undefined ? null : work.evaluate(output.default, scope),
    );
    const value = result(table, preset);
    return isList(table) && table.aggregation === undefined ? [value] : value;
  }
  const values = hits.map(({ outputs }) => result(table, outputs));
  switch (table.hitPolicy) {
    case 'UNIQUE':
      return values.length > 1
        ? work.feel.warn(`${matchingRules(hits)} match, and the hit policy is unique`)
        : (values[0] ?? null);
    case 'ANY': {
      const different = new Set(values.map((value) => JSON.stringify(work.feel.json(value))));
      return different.size > 1
        ? work.feel.warn(`${matchingRules(hits)} match with different outputs, and the hit policy is any`)
        : (values[0] ?? null);
    }
    case 'FIRST':
      return values[0] ?? null;
    case 'PRIORITY':
      return byPriority(table, hits, work)[0] ?? null;
    case 'OUTPUT ORDER':
      return byPriority(table, hits, work);
    case 'RULE ORDER':
      return values;
    case 'COLLECT':
      return table.aggregation === undefined ? values : aggregate(table.aggregation, values, work.feel);
  }
}

function isList({ hitPolicy }: DecisionTable): boolean {
  return hitPolicy === 'COLLECT' || hitPolicy === 'RULE ORDER' || hitPolicy === 'OUTPUT ORDER';
}

function matchingRules(hits: readonly Hit[]): string {
  return `rules ${hits.map(({ index }) => index + 1).join(', ')}`;
}

/** The first output decides, then the second, and so on; rules of equal outputs keep their order. */
function byPriority(table: DecisionTable, hits: readonly Hit[], { feel }: TableWork): Feel[] {
  const ranks = table.outputs.map(({ allowed }) => {
    const order = allowed === undefined ? [] : feel.value(`[${allowed}]`, {});
    const texts = Array.isArray(order) ? order.map((value) => JSON.stringify(feel.json(value))) : [];
    return (value: Feel) => {
      const rank = texts.indexOf(JSON.stringify(feel.json(value)));
      return rank < 0 ? texts.length : rank;
    };
  });
  const ranked = hits.toSorted((one, other) => {
    for (const [column, rank] of ranks.entries()) {
      const difference = rank(one.outputs[column]) - rank(other.outputs[column]);
      if (difference !== 0) return difference;
    }
    return one.index - other.index;
  });
  return ranked.map(({ outputs }) => result(table, outputs));
}

function aggregate(how: Aggregation, values: readonly Feel[], feel: FeelRunner): Feel {
  if (how === 'COUNT') return values.length;
  if (values.length === 0) return null;
  return feel.value(`${how === 'SUM' ? 'sum' : how === 'MIN' ? 'min' : 'max'}(values)`, { values });
}
