/** A process instance is over, one way or the other; the correlation key it held is free again. */
import type { EventOf } from '../records/events.ts';
import type { SubscriptionId } from '../records/ids.ts';
import type { ProcessInstance, Subscription } from '../state/entities.ts';
import { startNextOfKey } from './messages.ts';
import type { Turn } from './turn.ts';

const NONE: readonly SubscriptionId[] = [];

export function endInstance(
  turn: Turn,
  instance: ProcessInstance,
  event: EventOf<'processInstanceCompleted' | 'processInstanceEnded'>,
): void {
  const held = heldBy(turn, instance);
  turn.emit(event);
  if (held !== undefined && held.correlationKey !== null)
    startNextOfKey(turn, held.bpmnProcessId, held.tenantId, held.correlationKey);
}

function heldBy(turn: Turn, { id, elements }: ProcessInstance): Subscription | undefined {
  for (const subscriptionId of elements.get(id)?.subscriptions ?? NONE) {
    const subscription = turn.state.subscriptions.get(subscriptionId);
    if (subscription?.kind === 'lock') return subscription;
  }
  return undefined;
}
