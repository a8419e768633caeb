/** `EvaluateDecision`. */
import { evaluateDecision } from '../decisions/evaluation.ts';
import { readDecision } from '../decisions/read-decision.ts';
import type { GatewayCall } from './call.ts';
import { given, variablesOf, withoutNulls } from './documents.ts';

export async function evaluate(call: GatewayCall): Promise<object> {
  const { decisionKey, decisionId, tenantId } = given(call.message, 'decisionKey', 'decisionId');
  const decision = readDecision({
    ...(decisionKey === undefined ? {} : { decisionDefinitionKey: decisionKey }),
    ...(decisionId === undefined ? {} : { decisionDefinitionId: decisionId }),
    tenantId: tenantId ?? '',
  });
  const { evaluatedDecisions, output, failedDecisionDefinitionId, ...rest } = await evaluateDecision(
    call,
    decision,
    variablesOf(call.message),
  );
  return withoutNulls({
    ...inWords(rest),
    decisionOutput: output,
    failedDecisionId: failedDecisionDefinitionId,
    evaluatedDecisions: (evaluatedDecisions as readonly Readonly<Record<string, unknown>>[]).map(evaluated),
  });
}

function evaluated({ output, ...rest }: Readonly<Record<string, unknown>>): object {
  return { ...inWords(rest), decisionOutput: output };
}

/** What REST calls a decision definition the protocol calls a decision. */
function inWords(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const named = Object.entries(members).map(([name, value]) => [
    name.replace(/^decisionDefinition/, 'decision'),
    value,
  ]);
  return Object.fromEntries(named);
}
