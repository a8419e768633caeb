/** The result of a decision in the forms that Camunda 7 gives it (`camunda:mapDecisionResult`). */
import type { Json } from '../values.ts';
import type { DecisionModel } from './model.ts';

export type ResultMapping = 'value' | 'singleEntry' | 'singleResult' | 'collectEntries' | 'resultList';

export type Mapped = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly message: string };

/** What a decision came to. */
export interface Found {
  readonly value: Json;
  /** Rules that matched, where it is a table. */
  readonly hits: number;
}

type RuleResult = Readonly<Record<string, Json>>;

/** `value`: the decision's own value, as Camunda 8 has it. The others see a list of rule results, each a map of outputs. */
export function mapResult(model: DecisionModel, decisionId: string, found: Found, how: ResultMapping): Mapped {
  if (how === 'value') return { ok: true, value: found.value };
  const results = ruleResults(model, decisionId, found);
  if (how === 'resultList') return { ok: true, value: results };
  if (how === 'collectEntries') {
    const wide = results.find((result) => Object.keys(result).length > 1);
    if (wide !== undefined) return several(Object.keys(wide).length, 'entries in one rule', how);
    return { ok: true, value: results.map((result) => Object.values(result)[0] ?? null) };
  }
  if (results.length > 1) return several(results.length, 'rules', how);
  const [only] = results;
  if (only === undefined) return { ok: true, value: null };
  if (how === 'singleResult') return { ok: true, value: only };
  const entries = Object.values(only);
  return entries.length > 1 ? several(entries.length, 'entries', how) : { ok: true, value: entries[0] ?? null };
}

function several(count: number, what: string, how: ResultMapping): Mapped {
  return {
    ok: false,
    message: `the result has ${count} ${what}, and ${how} takes one: use another mapping of the result`,
  };
}

/** One map for each rule that counts; a literal expression has one, under its variable's name. */
export function ruleResults(model: DecisionModel, decisionId: string, { value, hits }: Found): readonly RuleResult[] {
  const decision = model.decisions.find(({ id }) => id === decisionId);
  const logic = decision?.logic;
  if (logic?.kind !== 'table') return [{ [decision?.variable ?? 'result']: value }];
  const { hitPolicy, aggregation, outputs } = logic;
  const isList = aggregation === undefined && ['COLLECT', 'RULE ORDER', 'OUTPUT ORDER'].includes(hitPolicy);
  // Several rules of a unique table count as none.
  const counts = value !== null || (hits > 0 && !(hitPolicy === 'UNIQUE' && hits > 1));
  const values: readonly Json[] = isList && Array.isArray(value) ? value : counts ? [value] : [];
  return values.map((one) =>
    outputs.length > 1 && one !== null && typeof one === 'object' && !Array.isArray(one)
      ? (one as RuleResult)
      : { [outputs[0]?.name ?? decision?.variable ?? 'result']: one },
  );
}
