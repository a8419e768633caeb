/** The two tables that say how bad something is, and what is done about it: decisions of the system that can be changed while it runs. */
import { type DecisionModel, type DecisionOutcome, evaluateDecision, type Json } from '@procos/bpmn';
import type { DecisionDefinition } from '@procos/engine';
import type { Facts } from './facts.ts';

export const SEVERITY_DECISION = 'procos_system_incident_severity';
export const RECOVERY_DECISION = 'procos_system_recovery';

export interface Rule {
  /** Of the decision that the rule stands in. */
  readonly version: number;
  /** As written in the file. */
  readonly id: string;
  /** The first one is 1. */
  readonly index: number;
}

export interface Choice {
  readonly severity: Json;
  /** The first rule of the table that holds; null: none, and nothing is done. */
  readonly rule: Rule | null;
  /** By name of their columns. */
  readonly outputs: Readonly<Record<string, Json>>;
}

export interface TableNeeds {
  /** By decision id: the version that decides now. */
  readonly decision: (decisionId: string) => DecisionDefinition | undefined;
  /** ms since the epoch. */
  readonly now: () => number;
  /** IANA time zone. */
  readonly zone: string;
}

/** What nobody can be told but the log: the tables are not there, or one of them cannot be evaluated. */
export class TableFailure extends Error {
  override readonly name = 'TableFailure';
}

/** Writes nothing. Throws `TableFailure`. */
export function choose(needs: TableNeeds, facts: Facts): Choice {
  const severity = evaluate(needs, SEVERITY_DECISION, { ...facts }).outcome.value;
  const { outcome, version } = evaluate(needs, RECOVERY_DECISION, { ...facts, severity });
  const [rule] = rulesOf(outcome.trace);
  const isMap = typeof outcome.value === 'object' && outcome.value !== null && !Array.isArray(outcome.value);
  return {
    severity,
    rule: rule === undefined ? null : { version, ...rule },
    outputs: rule !== undefined && isMap ? (outcome.value as Readonly<Record<string, Json>>) : {},
  };
}

function evaluate(
  { decision, now, zone }: TableNeeds,
  decisionId: string,
  values: Readonly<Record<string, Json>>,
): { readonly outcome: DecisionOutcome & { readonly ok: true }; readonly version: number } {
  const found = decision(decisionId);
  if (found === undefined) throw new TableFailure(`There is no decision ${decisionId}.`);
  const outcome = evaluateDecision(found.model as unknown as DecisionModel, decisionId, {
    now: now(),
    zone,
    lookup: (name) => (Object.hasOwn(values, name) ? values[name] : undefined),
    names: () => Object.keys(values),
  });
  if (!outcome.ok) throw new TableFailure(`Decision ${decisionId} version ${found.version}: ${outcome.message}`);
  return { outcome, version: found.version };
}

function rulesOf(trace: Json): readonly { readonly id: string; readonly index: number }[] {
  const last = Array.isArray(trace) ? (trace.at(-1) as Json | undefined) : undefined;
  const rules = (last as { readonly rules?: readonly { readonly id: string; readonly index: number }[] } | null)?.rules;
  return (rules ?? []).map(({ id, index }) => ({ id, index }));
}
