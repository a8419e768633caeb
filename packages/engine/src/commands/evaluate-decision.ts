/** Evaluates a decision for somebody outside; the history keeps it. */
import { ruleResults } from '@procos/bpmn';
import { decide, modelOf } from '../actions/decisions.ts';
import type { Turn } from '../actions/turn.ts';
import type { DecisionRef } from '../records/commands.ts';
import type { DecisionDefinition } from '../state/entities.ts';
import { type CommandHandler, reject } from './handler.ts';

export const evaluateDecision: CommandHandler<'evaluateDecision'> = ({ decision: ref, variables }, turn) => {
  const decision = find(turn, ref);
  if (decision === undefined) {
    const what =
      'decisionId' in ref ? `decision '${ref.decisionId}'` : `decision definition ${ref.decisionDefinitionId}`;
    return reject('NOT_FOUND', `${what} is not deployed`, { ...ref });
  }
  const outcome = decide(
    turn,
    decision,
    {
      lookup: (name) => (Object.hasOwn(variables, name) ? variables[name]?.value : undefined),
      names: () => Object.keys(variables),
    },
    null,
  );
  if (!outcome.ok) return reject('INVALID_STATE', `decision '${decision.decisionId}': ${outcome.message}`);
  const { value, trace, warnings } = outcome;
  const results = ruleResults(modelOf(decision), decision.decisionId, outcome);
  return { ok: true, value: { decisionDefinitionId: decision.id, value, ruleResults: results, trace, warnings } };
};

function find(turn: Turn, ref: DecisionRef): DecisionDefinition | undefined {
  const { decisions } = turn.state;
  if ('decisionDefinitionId' in ref) return decisions.get(ref.decisionDefinitionId);
  const tenantId = ref.tenantId ?? null;
  return ref.version === undefined
    ? turn.latestDecision(ref.decisionId, tenantId)
    : decisions.version(ref.decisionId, ref.version, tenantId);
}
