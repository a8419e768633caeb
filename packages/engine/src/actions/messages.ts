/** Messages and signals: who receives one, and what a receiver makes of it. */
import type { Correlated } from '../records/commands.ts';
import type { Variables } from '../records/events.ts';
import type { BufferedMessage, Subscription } from '../state/entities.ts';
import { createInstance } from './instances.ts';
import type { Turn } from './turn.ts';

/** How long a message thrown inside the engine waits for its receiver. */
const THROWN_MESSAGE_TTL_MS = 3_600_000;

/** Delivers to one subscription: a running instance goes on, or a new one starts. */
export function deliver(
  turn: Turn,
  subscription: Subscription,
  variables: Variables,
  businessKey: string | null,
): Correlated | undefined {
  const { processInstanceId, elementInstanceId, elementId, definitionId } = subscription;
  if (processInstanceId === null || elementInstanceId === null) {
    const definition = turn.state.definitions.get(definitionId);
    if (definition === undefined) return undefined;
    const instanceId = createInstance(turn, {
      definition,
      startElementId: elementId,
      businessKey,
      variables,
      parent: null,
    });
    return correlated(turn, subscription, {
      processInstanceId: instanceId,
      elementInstanceId: null,
      definitionId,
      started: true,
    });
  }
  turn.enqueue({
    kind: 'trigger',
    processInstanceId,
    elementInstanceId,
    eventElementId: elementId,
    trigger: { variables },
  });
  return correlated(turn, subscription, { processInstanceId, elementInstanceId, definitionId, started: false });
}

/**
 * Publishes a message: each process (by id) receives it at most once, running instances before new ones; when nobody takes
 * it, it is kept for `timeToLiveMs`. A Camunda 7 subscription (no correlation key) matches by the instance's business key,
 * or any when the key is empty.
 */
export function publish(
  turn: Turn,
  message: {
    readonly name: string;
    readonly correlationKey: string;
    readonly timeToLiveMs: number;
    readonly variables: Variables;
    readonly tenantId: string | null;
  },
): { readonly messageId: number; readonly correlated: readonly Correlated[] } {
  const messageId = turn.ids.next();
  const received: Correlated[] = [];
  const served = new Set<string>();
  const waiting = turn.state.subscriptions
    .byName('message', message.name)
    .filter((subscription) => subscription.tenantId === message.tenantId);
  const running = waiting.filter(
    (subscription) => subscription.processInstanceId !== null && accepts(subscription, message.correlationKey),
  );
  const starting = waiting.filter((subscription) => subscription.processInstanceId === null);
  for (const subscription of [...running, ...starting]) {
    if (served.has(subscription.bpmnProcessId)) continue;
    const result = deliver(
      turn,
      subscription,
      message.variables,
      message.correlationKey === '' ? null : message.correlationKey,
    );
    if (result === undefined) continue;
    served.add(subscription.bpmnProcessId);
    received.push(result);
  }
  if (received.length === 0 && message.timeToLiveMs > 0) {
    const { name, correlationKey, variables, tenantId } = message;
    turn.emit({
      type: 'messageBuffered',
      message: { id: messageId, name, correlationKey, variables, tenantId, expiresAt: turn.now + message.timeToLiveMs },
    });
  }
  return { messageId, correlated: received };
}

/** A message thrown by a process goes to whoever waits for it inside the engine, or waits for a receiver itself. */
export function throwMessage(
  turn: Turn,
  name: string,
  correlationKey: string,
  variables: Variables,
  tenantId: string | null,
): void {
  publish(turn, { name, correlationKey, variables, tenantId, timeToLiveMs: THROWN_MESSAGE_TTL_MS });
}

/** A subscription has just been opened: the oldest buffered message that fits triggers it. False when there is none. */
export function takeBuffered(turn: Turn, subscription: Subscription): boolean {
  const keys =
    subscription.correlationKey !== null
      ? [subscription.correlationKey]
      : ['', ...(subscription.businessKey ? [subscription.businessKey] : [])];
  const message = keys
    .flatMap((key) => turn.state.messages.byKey(subscription.name, key))
    .filter((candidate) => candidate.tenantId === subscription.tenantId && candidate.expiresAt > turn.now)
    .reduce<BufferedMessage | undefined>(
      (oldest, candidate) => (oldest === undefined || candidate.id < oldest.id ? candidate : oldest),
      undefined,
    );
  if (message === undefined) return false;
  turn.emit({ type: 'messageRemoved', messageId: message.id, why: 'correlated' });
  deliver(turn, subscription, message.variables, null);
  return true;
}

/** Every waiting instance and every start event of the name receives the signal. */
export function broadcast(
  turn: Turn,
  name: string,
  variables: Variables,
  tenantId: string | null,
  elementInstanceId?: number,
): number {
  turn.emit({ type: 'signalBroadcast', name });
  let receivers = 0;
  for (const subscription of turn.state.subscriptions.byName('signal', name)) {
    if (subscription.tenantId !== tenantId) continue;
    if (elementInstanceId !== undefined && subscription.elementInstanceId !== elementInstanceId) continue;
    if (deliver(turn, subscription, variables, null) !== undefined) receivers += 1;
  }
  return receivers;
}

function accepts(subscription: Subscription, key: string): boolean {
  if (subscription.correlationKey !== null) return subscription.correlationKey === key;
  return key === '' || subscription.businessKey === key;
}

function correlated(turn: Turn, subscription: Subscription, result: Correlated): Correlated {
  if (subscription.kind === 'message') {
    const { processInstanceId, elementInstanceId, started } = result;
    turn.emit({ type: 'messageCorrelated', name: subscription.name, processInstanceId, elementInstanceId, started });
  }
  return result;
}
