/** Start events of a deployed definition that wait: opened at deployment, retired when a newer version takes over. */
import type { Definition } from '../state/entities.ts';
import { Fault } from './fault.ts';
import { takeBuffered } from './messages.ts';
import { jobPriority } from './retries.ts';
import { ruled } from './timer-rules.ts';
import { type Turn, visitBeforeStart } from './turn.ts';
import { planStart, type Wait } from './waits.ts';

export function openStartEvents(turn: Turn, definition: Definition): void {
  for (const elementId of definition.model.startEvents) {
    const waits = planStart(turn, definition.model, elementId);
    if (!(waits instanceof Fault)) for (const wait of waits) open(turn, definition, elementId, wait);
  }
}

function open(turn: Turn, definition: Definition, elementId: string, wait: Wait): void {
  const common = {
    id: turn.ids.next(),
    definitionId: definition.id,
    processInstanceId: null,
    elementInstanceId: null,
    elementId,
    part: wait.part,
  };
  if (wait.kind === 'timer') {
    const { dueAt, repeat } = wait;
    const priority = jobPriority(visitBeforeStart(turn, definition.model), elementId);
    const timer = { ...common, dueAt, repeat, step: null, priority, suspended: false };
    turn.emit({ type: 'timerScheduled', timer: ruled(definition, timer) });
    return;
  }
  const subscription = {
    ...common,
    kind: wait.kind,
    name: wait.kind === 'condition' ? '' : wait.name,
    correlationKey: null,
    bpmnProcessId: definition.bpmnProcessId,
    businessKey: null,
    tenantId: definition.tenantId,
    createdAt: turn.now,
  };
  turn.emit({ type: 'subscriptionOpened', subscription });
  if (wait.kind === 'message') takeBuffered(turn, subscription);
}

export function retireStartEvents(turn: Turn, definition: Definition): void {
  for (const timer of turn.state.timers.startTimers(definition.id))
    turn.emit({ type: 'timerCanceled', timerId: timer.id });
  for (const subscription of turn.state.subscriptions.startSubscriptions(definition.id)) {
    turn.emit({ type: 'subscriptionClosed', subscriptionId: subscription.id });
  }
}
