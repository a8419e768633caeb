/** Messages: who receives one, and what a receiver makes of it; signals are delivered the same way. */
import type { Correlated } from '../records/commands.ts';
import type { Variables } from '../records/events.ts';
import type { DefinitionId, ElementInstanceId, ProcessInstanceId, Subject } from '../records/ids.ts';
import type { StepOf } from '../records/steps.ts';
import type { BufferedMessage, Subscription } from '../state/entities.ts';
import { mayBeBegun } from './access.ts';
import { narrowingOf } from './capabilities.ts';
import { createInstance } from './instances.ts';
import { mayStart } from './limits.ts';
import type { Turn, Visit } from './turn.ts';

/** How long a message thrown inside the engine waits for its receiver. */
const THROWN_MESSAGE_TTL_MS = 3_600_000;

/** Who has sent it. */
export interface Sender {
  /** A process: what it starts has no more rights. */
  readonly narrowedBy?: readonly DefinitionId[] | undefined;
  /** Somebody outside, whom a model may not let begin it. */
  readonly outside?: true | undefined;
  /** Who it was, of what was kept. */
  readonly by?: Subject | undefined;
}

/** Delivers to one subscription: a running instance goes on, or a new one starts. */
export function deliver(
  turn: Turn,
  subscription: Subscription,
  variables: Variables,
  businessKey: string | null,
  { narrowedBy, outside, by }: Sender = {},
): Correlated | undefined {
  const { processInstanceId, elementInstanceId, elementId, definitionId, part } = subscription;
  if (processInstanceId === null || elementInstanceId === null) {
    const definition = turn.startable(definitionId, elementId);
    const may = outside === true ? mayBeBegun : mayStart;
    if (definition === undefined || !may(turn, definition, variables)) return undefined;
    const instanceId = createInstance(turn, {
      definition,
      startElementId: elementId,
      part,
      businessKey,
      variables,
      parent: null,
      startedBy: by,
      ...(narrowedBy === undefined ? {} : { narrowedBy }),
    });
    return correlated(turn, subscription, {
      processInstanceId: instanceId,
      elementInstanceId: null,
      definitionId: definition.id,
      started: true,
    });
  }
  if (turn.state.instances.get(processInstanceId)?.suspended === true) return undefined;
  turn.enqueue(triggering(subscription, processInstanceId, elementInstanceId, variables));
  return correlated(turn, subscription, { processInstanceId, elementInstanceId, definitionId, started: false });
}

export function triggering(
  { elementId: eventElementId, part }: Subscription,
  processInstanceId: ProcessInstanceId,
  elementInstanceId: ElementInstanceId,
  variables: Variables,
): StepOf<'trigger'> {
  return {
    kind: 'trigger',
    processInstanceId,
    elementInstanceId,
    eventElementId,
    trigger: { variables },
    ...(part === null ? {} : { part }),
  };
}

/**
 * Publishes a message: each process (by id) receives it at most once, running instances before new ones, and for
 * `timeToLiveMs` it is kept for processes that have not received it; one that a process has thrown (`once`) is kept only
 * when nobody takes it. A Camunda 7 subscription (no correlation key) matches by the instance's business key, or any when
 * the key is empty. A Camunda 8 process starts no second instance for a correlation key while the first one runs.
 */
export function publish(
  turn: Turn,
  message: {
    readonly name: string;
    readonly correlationKey: string;
    readonly timeToLiveMs: number;
    readonly variables: Variables;
    readonly tenantId: string | null;
    readonly once: boolean;
    readonly uniqueId?: string;
    /** Of who threw it: what it starts has no more rights. */
    readonly narrowedBy?: readonly DefinitionId[];
  },
  outside?: true,
): { readonly messageId: number; readonly correlated: readonly Correlated[] } {
  const messageId = turn.ids.next();
  const received: Correlated[] = [];
  const served = new Set<string>();
  for (const subscription of receiversOf(turn, message.name, message.correlationKey, message.tenantId)) {
    if (served.has(subscription.bpmnProcessId)) continue;
    if (isLocked(turn, subscription, message.correlationKey)) continue;
    const result = deliver(
      turn,
      subscription,
      message.variables,
      message.correlationKey === '' ? null : message.correlationKey,
      { narrowedBy: message.narrowedBy, outside },
    );
    if (result === undefined) continue;
    lock(turn, subscription, message.correlationKey, result);
    served.add(subscription.bpmnProcessId);
    received.push(result);
  }
  if (message.timeToLiveMs > 0 && (received.length === 0 || !message.once)) {
    const { timeToLiveMs: _timeToLiveMs, ...kept } = message;
    const expiresAt = turn.now + message.timeToLiveMs;
    const takenBy = [...served];
    const by = outside === true && turn.subject !== undefined ? { by: turn.subject } : {};
    turn.emit({
      type: 'messageBuffered',
      message: { ...kept, id: messageId, expiresAt, takenBy, ...by },
    });
  }
  return { messageId, correlated: received };
}

/** Who may receive a message: running instances before start events. */
export function receiversOf(turn: Turn, name: string, key: string, tenantId: string | null): readonly Subscription[] {
  const running = accepting(turn, name, key);
  const starting = turn.state.subscriptions.starting('message', name);
  return [...running, ...starting].filter((one) => one.tenantId === tenantId);
}

/** A message thrown by a process goes to whoever waits for it inside the engine, or waits for a receiver itself. */
export function throwMessage(
  { turn, instance }: Visit,
  message: { readonly name: string; readonly correlationKey: string; readonly variables: Variables },
): void {
  const narrowedBy = narrowingOf(turn, instance);
  publish(turn, {
    ...message,
    tenantId: instance.tenantId,
    timeToLiveMs: THROWN_MESSAGE_TTL_MS,
    once: true,
    ...(narrowedBy === undefined ? {} : { narrowedBy }),
  });
}

/** A subscription has just been opened: the oldest buffered message that fits triggers it. False when there is none. */
export function takeBuffered(turn: Turn, subscription: Subscription): boolean {
  const keys =
    subscription.correlationKey !== null
      ? [subscription.correlationKey]
      : ['', ...(subscription.businessKey ? [subscription.businessKey] : [])];
  return takeWithKeys(turn, subscription, keys);
}

function takeWithKeys(turn: Turn, subscription: Subscription, keys: readonly string[]): boolean {
  const { bpmnProcessId, tenantId, name, processInstanceId } = subscription;
  // A modification may open waits in a suspended instance: what is kept stays for later.
  if (processInstanceId !== null && turn.state.instances.get(processInstanceId)?.suspended === true) return false;
  const message = keys
    .flatMap((key) => turn.state.messages.byKey(name, key))
    .filter(
      (candidate) =>
        candidate.tenantId === tenantId &&
        candidate.expiresAt > turn.now &&
        !candidate.takenBy.includes(bpmnProcessId) &&
        !isLocked(turn, subscription, candidate.correlationKey),
    )
    .reduce<BufferedMessage | undefined>(
      (oldest, candidate) => (oldest === undefined || candidate.id < oldest.id ? candidate : oldest),
      undefined,
    );
  if (message === undefined) return false;
  if (processInstanceId === null && !mayBegin(turn, subscription, message.variables)) return false;
  if (message.once) turn.emit({ type: 'messageRemoved', messageId: message.id, why: 'correlated' });
  else turn.emit({ type: 'messageTaken', messageId: message.id, bpmnProcessId });
  const { correlationKey } = message;
  if (processInstanceId !== null && message.by !== undefined) turn.senders.set(processInstanceId, message.by);
  const starts = subscription.processInstanceId === null && correlationKey !== '';
  const result = deliver(turn, subscription, message.variables, starts ? correlationKey : null, {
    narrowedBy: message.narrowedBy,
    by: message.by,
  });
  if (result !== undefined) lock(turn, subscription, correlationKey, result);
  return true;
}

/** Where a limit forbids it what is kept stays kept. */
function mayBegin(turn: Turn, { definitionId, elementId }: Subscription, variables: Variables): boolean {
  const definition = turn.startable(definitionId, elementId);
  return definition === undefined || mayStart(turn, definition, variables);
}

/** An instance that held the key has ended: a message that waited for that begins the next one. */
export function startNextOfKey(turn: Turn, bpmnProcessId: string, tenantId: string | null, key: string): void {
  const definition = turn.state.definitions.latest(bpmnProcessId, tenantId);
  if (definition === undefined) return;
  for (const subscription of turn.state.subscriptions.startSubscriptions(definition.id))
    if (subscription.kind === 'message' && takeWithKeys(turn, subscription, [key])) return;
}

/** Camunda 8: a process runs one instance per correlation key of its message start events. */
function locksKey(turn: Turn, { definitionId, processInstanceId }: Subscription, key: string): boolean {
  if (processInstanceId !== null || key === '') return false;
  return turn.state.definitions.get(definitionId)?.model.dialect === 'camunda8';
}

function isLocked(turn: Turn, subscription: Subscription, key: string): boolean {
  return (
    locksKey(turn, subscription, key) &&
    turn.state.subscriptions
      .byKey(subscription.bpmnProcessId, key)
      .some((other) => other.kind === 'lock' && other.tenantId === subscription.tenantId)
  );
}

function lock(turn: Turn, subscription: Subscription, key: string, { processInstanceId }: Correlated): void {
  if (!locksKey(turn, subscription, key)) return;
  const { definitionId, bpmnProcessId, elementId, tenantId } = subscription;
  turn.emit({
    type: 'subscriptionOpened',
    subscription: {
      id: turn.ids.next(),
      kind: 'lock',
      name: bpmnProcessId,
      correlationKey: key,
      definitionId,
      bpmnProcessId,
      processInstanceId,
      elementInstanceId: processInstanceId,
      elementId,
      part: null,
      businessKey: null,
      tenantId,
      createdAt: turn.now,
    },
  });
}

/** Those of running instances that a message with this key reaches, oldest first; others of its name are not looked at. */
function accepting(turn: Turn, name: string, key: string): readonly Subscription[] {
  const { subscriptions } = turn.state;
  const keyed = subscriptions.byKey(name, key);
  const keyless = (key === '' ? subscriptions.byName('message', name) : subscriptions.byBusinessKey(name, key)).filter(
    (one) => one.correlationKey === null,
  );
  return [...keyed, ...keyless]
    .filter((one) => one.kind === 'message' && one.processInstanceId !== null)
    .sort((left, right) => left.id - right.id);
}

function correlated(turn: Turn, subscription: Subscription, result: Correlated): Correlated {
  if (subscription.kind === 'message') {
    const { processInstanceId, elementInstanceId, started } = result;
    turn.emit({ type: 'messageCorrelated', name: subscription.name, processInstanceId, elementInstanceId, started });
  }
  return result;
}
