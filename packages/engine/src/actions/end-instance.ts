/** A process instance is over, one way or the other; the correlation key it held is free again. */
import type { EventOf } from '../records/events.ts';
import type { ProcessInstance } from '../state/entities.ts';
import { startNextOfKey } from './messages.ts';
import type { Turn } from './turn.ts';

export function endInstance(
  turn: Turn,
  instance: ProcessInstance,
  event: EventOf<'processInstanceCompleted' | 'processInstanceEnded'>,
): void {
  const root = instance.elements.get(instance.id);
  const held = [...(root?.subscriptions ?? [])]
    .map((id) => turn.state.subscriptions.get(id))
    .find((subscription) => subscription?.kind === 'lock');
  turn.emit(event);
  if (held !== undefined && held.correlationKey !== null)
    startNextOfKey(turn, held.bpmnProcessId, held.tenantId, held.correlationKey);
}
