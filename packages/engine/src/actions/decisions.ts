/** Evaluates deployed decisions: with the variables of a scope, and into the history. */
import { type DecisionModel, type DecisionOutcome, evaluateDecision, type Json } from '@procos/bpmn';
import type { DecisionDefinition } from '../state/entities.ts';
import type { Turn, Visit } from './turn.ts';
import { warn } from './warnings.ts';

export interface Variables {
  lookup(name: string): Json | undefined;
  names(): Iterable<string>;
}

/** Evaluates and notes what was found; `at`: the element instance that asks. */
export function decide(
  turn: Turn,
  decision: DecisionDefinition,
  variables: Variables,
  at: Visit | null,
): DecisionOutcome {
  const outcome = evaluateDecision(modelOf(decision), decision.decisionId, {
    now: turn.now,
    zone: turn.zone,
    lookup: variables.lookup,
    names: variables.names,
    strict: at !== null && isStrict(at),
    resolve: (namespace) =>
      modelOf(decision).imported?.find((model) => model.namespace === namespace) ??
      // Deployed before models carried what they import.
      turn.state.decisions
        .ofDeployment(decision.deploymentId)
        .map(modelOf)
        .find((model) => model.namespace === namespace),
  });
  if (!outcome.ok) return outcome;
  turn.emit({
    type: 'decisionEvaluated',
    processInstanceId: at?.instance.id ?? null,
    elementInstanceId: at?.self.id ?? null,
    elementId: at?.self.elementId ?? null,
    decisionDefinitionId: decision.id,
    decisionId: decision.decisionId,
    version: decision.version,
    value: outcome.value,
    trace: outcome.trace,
  });
  if (at === null) return outcome;
  for (const message of outcome.warnings) warn(at, `decision '${decision.decisionId}': ${message}`);
  return outcome;
}

/** Extension property `procos.strict` of the element or its process: what would be a silent null is a fault. */
function isStrict({ model, self }: Visit): boolean {
  return [self.elementId, model.bpmnProcessId].some(
    (id) => model.elements[id]?.properties?.['procos.strict'] === 'true',
  );
}

export function modelOf({ model }: DecisionDefinition): DecisionModel {
  return model as unknown as DecisionModel;
}
