/** A token arrives at the target of its sequence flow: the element starts, or keeps waiting for more. */
import type { Element } from '@procos/bpmn';
import { enter } from '../actions/flow.ts';
import type { Visit } from '../actions/turn.ts';
import { behaviorOf } from '../elements/registry.ts';
import type { StepOf } from '../records/steps.ts';

export function arrive(scope: Visit, step: StepOf<'arrive'>): undefined {
  // The token may have been consumed by a join meanwhile, or discarded with its scope.
  if (!scope.self.tokens.has(step.flowId)) return;
  const target = scope.model.elements[scope.model.flows[step.flowId]?.target ?? ''];
  if (target === undefined)
    throw new Error(`sequence flow ${step.flowId} leads nowhere in ${scope.model.bpmnProcessId}`);
  const behavior = behaviorOf(target);
  const consumedFlows =
    behavior.arrive === undefined
      ? tokensToStart(target, scope, step.flowId)
      : behavior.arrive(target, scope, step.flowId);
  if (consumedFlows !== undefined) enter(scope, target.id, { consumedFlows });
}

/** One token, or as many as the activity's `startQuantity` asks for, from whatever flow they come. */
function tokensToStart(target: Element, { self }: Visit, flowId: string): readonly string[] | undefined {
  const quantity = ('startQuantity' in target ? target.startQuantity : undefined) ?? 1;
  if (quantity === 1) return [flowId];
  const waiting = target.incoming.flatMap((id) => new Array<string>(self.tokens.get(id) ?? 0).fill(id));
  return waiting.length < quantity ? undefined : waiting.slice(0, quantity);
}
