/** What was evaluated on the way to a result, in Camunda 8's words. The trace is that of packages/bpmn/src/dmn/trace.ts. */
import type { DecisionDefinition, Json } from '@procos/kernel';
import { isObject } from '../../safe-json.ts';
import { modelOf } from './requirements.ts';

export interface Traced {
  readonly decisionId: string;
  readonly name: string;
  readonly value: Json;
  readonly inputs?: readonly { readonly label: string; readonly value: Json }[];
  readonly rules?: readonly { readonly id: string; readonly index: number; readonly outputs: Json }[];
  /** It stands in a decision service, or in another file. */
  readonly service?: string;
  readonly file?: string;
}

export function tracedIn(trace: Json): readonly Traced[] {
  return Array.isArray(trace) ? (trace as unknown as readonly Traced[]) : [];
}

/** Inputs and outputs have no identities here: their places stand for them. */
export function evaluatedInputs({ inputs = [] }: Traced): readonly unknown[] {
  return inputs.map(({ label, value }, at) => ({
    inputId: `input_${at + 1}`,
    inputName: label,
    inputValue: JSON.stringify(value),
  }));
}

export function matchedRules({ rules = [] }: Traced): readonly unknown[] {
  return rules.map(({ id, index, outputs }) => ({
    ruleId: id,
    ruleIndex: index,
    evaluatedOutputs: entriesOf(outputs).map(([name, value], at) => ({
      outputId: `output_${at + 1}`,
      outputName: name,
      outputValue: JSON.stringify(value),
      ruleId: id,
      ruleIndex: index,
    })),
  }));
}

/** A table with one output may leave it without a name. */
function entriesOf(outputs: Json): readonly (readonly [string, Json])[] {
  return isObject(outputs) ? Object.entries(outputs) : [['result', outputs]];
}

export type DecisionType = 'DECISION_TABLE' | 'LITERAL_EXPRESSION' | 'UNKNOWN';

/** `UNKNOWN`: one of the boxed expressions that Camunda 8 has no word for. */
export function typeOf(decision: DecisionDefinition | undefined): DecisionType {
  if (decision === undefined) return 'UNKNOWN';
  const logic = modelOf(decision).decisions.find(({ id }) => id === decision.decisionId)?.logic;
  if (logic?.kind === 'table') return 'DECISION_TABLE';
  return logic?.kind === 'literal' ? 'LITERAL_EXPRESSION' : 'UNKNOWN';
}
