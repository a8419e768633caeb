/** The process itself: a scope that begins where its trigger says. */
import type { Element, EventBasedGateway, ProcessElement, ProcessModel } from '@procos/bpmn';
import { enter } from '../actions/flow.ts';
import type { Visit } from '../actions/turn.ts';
import type { ElementBehavior } from './behavior.ts';

export const processBehavior: ElementBehavior<ProcessElement> = {
  activate(_element, at, trigger) {
    if (trigger?.eventElementId === undefined) return 'wait';
    const { eventElementId, part } = trigger;
    const gateway = gatewayBefore(at.model, eventElementId);
    if (gateway?.parallel === true && gateway.outgoing.length > 1) {
      const index = gateway.outgoing.findIndex((id) => at.model.flows[id]?.target === eventElementId);
      beginWith(at, gateway.id, index);
      enter(at, eventElementId, { trigger: {} });
    } else if (gathers(at.model.elements[eventElementId]) && part !== undefined) beginWith(at, eventElementId, part);
    else enter(at, eventElementId, { trigger: {} });
    return 'wait';
  },
};

/** Enters an element that needs several events, one of which has happened. */
function beginWith(at: Visit, elementId: string, part: number): void {
  const elementInstanceId = enter(at, elementId, { trigger: { part } });
  const { turn, instance } = at;
  const of = { processInstanceId: instance.id, elementInstanceId };
  turn.emit({ type: 'eventPartsSeen', eventElementId: elementId, parts: [part], ...of });
}

function gathers(element: Element | undefined): boolean {
  if (element?.type !== 'startEvent') return false;
  return element.event.kind === 'multiple' && element.event.parallel && element.event.events.length > 1;
}

/** The event-based gateway in front of an event that begins instances. */
function gatewayBefore(model: ProcessModel, eventElementId: string): EventBasedGateway | undefined {
  const [flowId] = model.elements[eventElementId]?.incoming ?? [];
  const source = flowId === undefined ? undefined : model.elements[model.flows[flowId]?.source ?? ''];
  return source?.type === 'eventBasedGateway' && source.instantiate ? source : undefined;
}
