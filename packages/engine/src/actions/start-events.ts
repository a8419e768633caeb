/** Start events of a deployed definition that wait: opened at deployment, retired when a newer version takes over. */
import type { Definition } from '../state/entities.ts';
import { Fault } from './fault.ts';
import { takeBuffered } from './messages.ts';
import type { Turn } from './turn.ts';
import { planStart } from './waits.ts';

export function openStartEvents(turn: Turn, definition: Definition): void {
  for (const elementId of definition.model.startEvents) {
    const wait = planStart(turn, definition.model, elementId);
    if (wait === undefined || wait instanceof Fault) continue;
    const common = {
      id: turn.ids.next(),
      definitionId: definition.id,
      processInstanceId: null,
      elementInstanceId: null,
      elementId,
    };
    if (wait.kind === 'timer') {
      turn.emit({ type: 'timerScheduled', timer: { ...common, dueAt: wait.dueAt, repeat: wait.repeat } });
      continue;
    }
    const subscription = {
      ...common,
      kind: wait.kind,
      name: wait.name,
      correlationKey: null,
      bpmnProcessId: definition.bpmnProcessId,
      businessKey: null,
      tenantId: definition.tenantId,
      createdAt: turn.now,
    };
    turn.emit({ type: 'subscriptionOpened', subscription });
    if (wait.kind === 'message') takeBuffered(turn, subscription);
  }
}

export function retireStartEvents(turn: Turn, definition: Definition): void {
  for (const timer of turn.state.timers.startTimers(definition.id))
    turn.emit({ type: 'timerCanceled', timerId: timer.id });
  for (const subscription of turn.state.subscriptions.startSubscriptions(definition.id)) {
    turn.emit({ type: 'subscriptionClosed', subscriptionId: subscription.id });
  }
}
