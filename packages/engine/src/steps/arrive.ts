/** A token arrives at the target of its sequence flow: the element starts, or keeps waiting for more. */
import { enter } from '../actions/flow.ts';
import { type Traits, targetOf } from '../actions/traits.ts';
import type { Visit } from '../actions/turn.ts';
import { behaviorOf } from '../elements/registry.ts';
import type { StepOf } from '../records/steps.ts';

export function arrive(scope: Visit, step: StepOf<'arrive'>): undefined {
  // The token may have been consumed by a join meanwhile, or discarded with its scope.
  if (!scope.self.tokens.has(step.flowId)) return;
  const traits = targetOf(scope.model, step.flowId);
  const target = traits.element;
  const behavior = behaviorOf(target);
  const consumedFlows =
    behavior.arrive === undefined
      ? tokensToStart(traits, scope, step.flowId)
      : behavior.arrive(target, scope, step.flowId);
  if (consumedFlows !== undefined) enter(scope, target.id, { consumedFlows });
}

/** One token, or as many as the activity's `startQuantity` asks for, from whatever flow they come. */
function tokensToStart(
  { element, startQuantity: quantity }: Traits,
  { self }: Visit,
  flowId: string,
): readonly string[] | undefined {
  if (quantity === 1) return [flowId];
  const waiting = element.incoming.flatMap((id) => new Array<string>(self.tokens.get(id) ?? 0).fill(id));
  return waiting.length < quantity ? undefined : waiting.slice(0, quantity);
}
