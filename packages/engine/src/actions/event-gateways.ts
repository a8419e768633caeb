/** What an event-based gateway does when one of its events happens. */
import type { Trigger } from '../records/steps.ts';
import { complete, enter } from './flow.ts';
import { type Visit, visitScope } from './turn.ts';
import { closeWaits } from './waits.ts';

/** Goes on with the event; a parallel one (it began the instance) stays until all of its events have happened. */
export function eventHappened(gateway: Visit, eventElementId: string, trigger: Trigger): void {
  const { turn, instance, model, self } = gateway;
  const element = model.elements[self.elementId];
  const scope = visitScope(gateway);
  if (element?.type !== 'eventBasedGateway' || scope === undefined) return;
  const index = element.outgoing.findIndex((id) => model.flows[id]?.target === eventElementId);
  const flowId = element.outgoing[index];
  if (flowId === undefined) return;
  const of = { processInstanceId: instance.id, elementInstanceId: self.id };
  const seen = [...(self.partsSeen.get(element.id) ?? []), index];
  if (element.parallel && seen.length < element.outgoing.length) {
    turn.emit({ type: 'eventPartsSeen', eventElementId: element.id, parts: seen, ...of });
    closeWaits(gateway, (id) => id === eventElementId);
    enter(scope, eventElementId, { trigger });
    return;
  }
  complete(gateway, [flowId]);
  enter(scope, eventElementId, { consumedFlows: [flowId], trigger });
}
