/** The next completed activity is undone; when none is left, who asked for it goes on. */
import type { EventDefinition } from '@procos/bpmn';
import { cancelFromOutside } from '../actions/cancel.ts';
import { Fault } from '../actions/fault.ts';
import { type Visit, visitScope } from '../actions/turn.ts';
import { undoNext } from '../actions/undo.ts';
import { undoAndCancel } from '../actions/undo-and-cancel.ts';

export function continueUndo(driver: Visit): Fault | undefined {
  const { turn, instance, self } = driver;
  if (self.undo === null) return undefined;
  const { ending } = self.undo;
  const of = { processInstanceId: instance.id, elementInstanceId: self.id };
  if (ending?.called === true) {
    undoAndCancel(turn, instance, { kind: 'cancelInstance', reason: ending.reason, compensate: true, ...of });
    return undefined;
  }
  if (undoNext(driver)) return undefined;
  if (ending !== undefined) {
    cancelFromOutside(turn, instance, { kind: 'cancelInstance', reason: ending.reason, ...of });
    return undefined;
  }
  const element = driver.model.elements[self.elementId];
  if (element?.type === 'endEvent' && isCanceling(element.event, driver)) return leaveTransaction(driver);
  turn.enqueue({ kind: 'complete', ...of });
  return undefined;
}

/** A multiple event cancels last. */
function isCanceling(event: EventDefinition, { self }: Visit): boolean {
  if (event.kind !== 'multiple') return event.kind === 'cancel';
  return event.events.some(({ kind }, part) => kind === 'cancel' && self.partsSeen.get(self.elementId)?.includes(part));
}

/** All that the transaction had completed is undone: it is left by its cancel boundary event. */
function leaveTransaction(end: Visit): Fault | undefined {
  const transaction = visitScope(end);
  if (transaction === undefined) return undefined;
  const host = transaction.self.loopIndex === null ? transaction : visitScope(transaction);
  const element = transaction.model.elements[transaction.self.elementId];
  const boundaryEvents = element !== undefined && 'boundaryEvents' in element ? element.boundaryEvents : [];
  const eventElementId = boundaryEvents.find((id) => {
    const boundary = transaction.model.elements[id];
    return boundary?.type === 'boundaryEvent' && boundary.event.kind === 'cancel';
  });
  if (host === undefined || eventElementId === undefined)
    return new Fault(
      'unhandledError',
      `transaction '${transaction.self.elementId}' is canceled and has no cancel boundary event`,
    );
  host.turn.enqueue({
    kind: 'trigger',
    processInstanceId: host.instance.id,
    elementInstanceId: host.self.id,
    eventElementId,
    trigger: {},
  });
  return undefined;
}
