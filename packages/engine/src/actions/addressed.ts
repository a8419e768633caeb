/** Camunda 7: who of those that wait for a message is meant, by the variables of its instance and its own. */
import type { Addressed } from '../records/steps.ts';
import type { Subscription } from '../state/entities.ts';
import { type Turn, visit } from './turn.ts';

export function isAddressed(
  turn: Turn,
  { processInstanceId, elementInstanceId }: Subscription,
  { correlationKeys, localCorrelationKeys }: Addressed,
): boolean {
  if (correlationKeys === undefined && localCorrelationKeys === undefined) return true;
  const at =
    processInstanceId === null || elementInstanceId === null
      ? undefined
      : visit(turn, processInstanceId, elementInstanceId);
  if (at === undefined) return false;
  const root = at.instance.elements.get(at.instance.id);
  const has = (values: Addressed['correlationKeys'], scope: typeof root) =>
    Object.entries(values ?? {}).every(([name, value]) => scope?.variables.get(name)?.value === value);
  return has(correlationKeys, root) && has(localCorrelationKeys, at.self);
}
