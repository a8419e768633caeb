/**
 * Complex gateway (BPMN 2.0.2, section 13.4.5): starts when its activation condition holds for the tokens that are there,
 * leaves by every flow whose condition holds, and swallows what else arrives until its round is over (`actions/joins.ts`).
 * Then the conditions of its flows are asked again, with `waitingForStart` false.
 */
import type { ComplexGateway, Json } from '@procos/bpmn';
import { chooseFlows, trueFlows } from '../actions/conditions.ts';
import { Fault } from '../actions/fault.ts';
import { asksAgain, endsRound } from '../actions/joins.ts';
import type { Visit } from '../actions/turn.ts';
import { isTrue } from '../actions/variables.ts';
import type { ElementBehavior } from './behavior.ts';

export const complexGatewayBehavior: ElementBehavior<ComplexGateway> = {
  arrive(element, scope, flowId) {
    if (element.incoming.length <= 1) return [flowId];
    if (scope.self.rounds.has(element.id)) return undefined;
    const arrived = element.incoming.filter((id) => scope.self.tokens.has(id));
    if (arrived.length === 0 || !activates(element, scope, arrived)) return undefined;
    const { turn, instance, self } = scope;
    if (arrived.length < element.incoming.length || asksAgain(scope.model, element))
      turn.emit({
        type: 'gatewayRound',
        processInstanceId: instance.id,
        scopeId: self.id,
        elementId: element.id,
        flows: arrived,
        tokens: [],
      });
    return arrived;
  },
  activate: () => 'complete',
  leave(element, at) {
    if (element.outgoing.length === 0) return [];
    return endsRound(at)
      ? flowsOfSecondPhase(element, at)
      : chooseFlows(at, element, element.defaultFlow, ALL, PHASE_1);
  },
};

const ALL = Number.POSITIVE_INFINITY;
const PHASE_1 = { waitingForStart: true };
const PHASE_2 = { waitingForStart: false };

/** Those with a condition that holds, else the default flow; there may be none. A flow without a condition is of the first phase. */
function flowsOfSecondPhase(element: ComplexGateway, at: Visit): readonly string[] | Fault {
  const taken = trueFlows(at, element, element.defaultFlow, ALL, PHASE_2);
  if (taken instanceof Fault) return taken;
  const conditional = taken.filter((id) => at.model.flows[id]?.condition !== undefined);
  return conditional.length > 0 || element.defaultFlow === undefined ? conditional : [element.defaultFlow];
}

/** A condition that cannot be evaluated yet does not hold. */
function activates(element: ComplexGateway, scope: Visit, arrived: readonly string[]): boolean {
  if (element.activationCondition === undefined) return true;
  const counts: Record<string, Json> = { activationCount: arrived.length };
  for (const id of element.incoming) counts[id] = arrived.includes(id) ? (scope.self.tokens.get(id) ?? 0) : 0;
  const holds = isTrue(scope, element.activationCondition, 'activation condition', counts);
  return holds instanceof Fault ? false : holds;
}
