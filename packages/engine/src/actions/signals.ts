/**
 * Signals, and messages to all: whoever waits receives one, and start events begin. Of many receivers each command tells some, and the next one
 * goes on from where it stopped: what is carried along is a place in the order of those that wait, not a list of them.
 */
import type { CommandOf, Correlated } from '../records/commands.ts';
import type { Variables } from '../records/events.ts';
import type { SubscriptionId } from '../records/ids.ts';
import type { Step, StepOf } from '../records/steps.ts';
import type { ProcessInstance, Subscription } from '../state/entities.ts';
import { isAddressed } from './addressed.ts';
import { narrowingOf } from './capabilities.ts';
import { chainOfTimer, continuation, followUp, NOBODY } from './chain.ts';
import { deliver, triggering } from './messages.ts';
import { leftOverSteps } from './pending.ts';
import { continueLater } from './retries.ts';
import { type Turn, type Visit, visit } from './turn.ts';
import { setLocal } from './variables.ts';

/** Receivers of one command, so that others do not wait longer for it than for a batch of timers. */
const AT_ONCE = 128;
/** Signals that may be on their way at once in one line of commands; a further one is told to all in one command, as counted steps. */
const MOST_UNDER_WAY = 16;
const OF_NOBODY = { processInstanceId: NOBODY, elementInstanceId: NOBODY };

type Signal = StepOf<'continueSignal'>;

/** Every waiting instance and every start event of the name receives the signal. How many have by now; the rest follows. */
export function broadcast(
  turn: Turn,
  name: string,
  variables: Variables,
  tenantId: string | null,
  { by, outside }: { readonly by?: ProcessInstance; readonly outside?: true },
): number {
  const narrowedBy = by === undefined ? undefined : narrowingOf(turn, by);
  turn.emit({ type: 'signalBroadcast', name });
  const { some, last } = slice(turn, 'signal', name, 0);
  const receivers = [...startsOf(turn, name, tenantId), ...some.filter((one) => isMeant(one, { tenantId }))];
  if (last !== undefined) {
    turn.postponed.push({
      kind: 'continueSignal',
      ...OF_NOBODY,
      name,
      tenantId,
      variables,
      after: last,
      upTo: turn.ids.next(),
      ...(by === undefined ? {} : { thrownBy: by.id }),
      ...(narrowedBy === undefined ? {} : { narrowedBy }),
      ...(outside === undefined ? {} : { outside }),
      ...(turn.subject === undefined ? {} : { sender: turn.subject }),
    });
    // Who has thrown it may be interrupted by it, and must not go on before.
    if (by !== undefined) receivers.push(...waitingIn(turn, { name }, by.id).filter(({ id }) => id > last));
  }
  return receivers.filter((one) => deliver(turn, one, variables, null, { narrowedBy, outside }) !== undefined).length;
}

/**
 * A message to all that wait for its name, who are too many for one command: those of the first part, and what it begins.
 * Undefined: they are not.
 */
export function correlateInTurns(
  turn: Turn,
  { name, variables = {}, tenantId, ...addressed }: CommandOf<'correlateMessage'>,
): readonly Correlated[] | undefined {
  const { some, last } = slice(turn, 'message', name, 0);
  if (last === undefined) return undefined;
  const { correlationKeys, localCorrelationKeys, localVariables } = addressed;
  const signal: Signal = {
    kind: 'continueSignal',
    ...OF_NOBODY,
    name,
    tenantId: tenantId ?? null,
    variables,
    after: last,
    upTo: turn.ids.next(),
    outside: true,
    ...(turn.subject === undefined ? {} : { sender: turn.subject }),
    message: {
      ...(correlationKeys === undefined ? {} : { correlationKeys }),
      ...(localCorrelationKeys === undefined ? {} : { localCorrelationKeys }),
      ...(localVariables === undefined ? {} : { localVariables }),
      ...(tenantId === undefined ? { anyTenant: true } : {}),
    },
  };
  turn.postponed.push(signal);
  const starts = turn.state.subscriptions.starting('message', name).filter((one) => isOfTenant(one, signal));
  return [
    ...some.flatMap((one) =>
      isStillToHear(turn, one, { ...signal, after: 0 }) ? (tell(turn, signal, one) ?? []) : [],
    ),
    ...starts.flatMap((one) => deliver(turn, one, variables, null, { outside: true }) ?? []),
  ];
}

/** As `broadcast`, but who waits for it now receives it in a command of its own. */
export function broadcastLater(at: Visit, name: string, variables: Variables): void {
  const { turn, instance, self } = at;
  const { tenantId } = instance;
  turn.emit({ type: 'signalBroadcast', name });
  const narrowedBy = narrowingOf(turn, instance);
  const signal: Signal = {
    kind: 'continueSignal',
    ...OF_NOBODY,
    name,
    tenantId,
    variables,
    after: 0,
    upTo: turn.ids.next(),
    apart: chainOfTimer(at, self.elementId, turn.now) ?? turn.chain,
    ...(narrowedBy === undefined ? {} : { narrowedBy }),
  };
  for (const start of startsOf(turn, name, tenantId)) tell(turn, signal, start);
  continueSignal(turn, signal);
}

/** The next ones receive it. */
export function continueSignal(turn: Turn, signal: Signal): void {
  const { some, last } = slice(turn, kindOf(signal), signal.name, signal.after);
  if (last !== undefined && last < signal.upTo) turn.postponed.push({ ...signal, after: last });
  for (const one of some) if (isStillToHear(turn, one, signal)) tell(turn, signal, one);
}

function tell(turn: Turn, signal: Signal, subscription: Subscription): Correlated | undefined {
  const { variables, narrowedBy, apart, sender } = signal;
  if (apart !== undefined) {
    const narrowing = narrowedBy === undefined ? {} : { narrowedBy };
    const { id: subscriptionId } = subscription;
    followUp(turn, { kind: 'deliverSignal', subscriptionId, variables, ...narrowing, ...OF_NOBODY }, apart);
    return undefined;
  }
  const { processInstanceId } = subscription;
  if (processInstanceId !== null && sender !== undefined) turn.senders.set(processInstanceId, sender);
  giveItsOwn(turn, signal, subscription);
  return deliver(turn, subscription, variables, null, { narrowedBy });
}

/** What a message has for what waits alone. */
function giveItsOwn(turn: Turn, { message }: Signal, { processInstanceId, elementInstanceId }: Subscription): void {
  if (message?.localVariables === undefined || processInstanceId === null || elementInstanceId === null) return;
  const at = visit(turn, processInstanceId, elementInstanceId);
  if (at !== undefined && !at.instance.suspended) setLocal(at, message.localVariables);
}

/** Whoever does not wait any more does not receive it; a suspended instance does when it is resumed. */
export function deliverSignal(turn: Turn, step: StepOf<'deliverSignal'>): void {
  const { subscriptionId, variables, narrowedBy } = step;
  const subscription = turn.state.subscriptions.get(subscriptionId);
  if (subscription === undefined) return;
  const { processInstanceId, elementInstanceId } = subscription;
  const root = processInstanceId === null ? undefined : visit(turn, processInstanceId, processInstanceId);
  if (root?.instance.suspended !== true || elementInstanceId === null) {
    deliver(turn, subscription, variables, null, { narrowedBy });
    return;
  }
  const received = triggering(subscription, root.instance.id, elementInstanceId, variables);
  continueLater(root, continuation(root.instance.id, [received]));
}

/**
 * Before an instance is suspended or resumed: whether it receives a signal is decided by what it was when that was thrown.
 * What it would still have received waits in it until it is resumed; and a signal that has not come to its waits yet passes
 * over them, since they are new ones.
 */
export function settleSignals(turn: Turn, instance: ProcessInstance): void {
  const received: Step[] = [];
  const settled = new Set<Subscription>();
  for (const signal of unfinished(turn)) {
    for (const one of waitingIn(turn, signal, instance.id)) {
      if (one.elementInstanceId === null || !isStillToHear(turn, one, signal)) continue;
      settled.add(one);
      if (instance.suspended) continue;
      giveItsOwn(turn, signal, one);
      if (signal.message !== undefined) noteCorrelated(turn, one, instance.id);
      received.push(triggering(one, instance.id, one.elementInstanceId, signal.variables));
    }
  }
  for (const one of settled) {
    turn.emit({ type: 'subscriptionClosed', subscriptionId: one.id });
    turn.emit({ type: 'subscriptionOpened', subscription: { ...one, id: turn.ids.next() } });
  }
  const root = received.length === 0 ? undefined : visit(turn, instance.id, instance.id);
  if (root !== undefined) continueLater(root, continuation(instance.id, received));
}

function noteCorrelated(turn: Turn, { name, elementInstanceId }: Subscription, processInstanceId: number): void {
  turn.emit({ type: 'messageCorrelated', name, processInstanceId, elementInstanceId, started: false });
}

/** A signal that was thrown has not come to a wait of the instance yet. */
export function awaitsSignal(turn: Turn, { id, suspended }: ProcessInstance): boolean {
  if (suspended) return false;
  return unfinished(turn).some((signal) => waitingIn(turn, signal, id).some((one) => isStillToHear(turn, one, signal)));
}

function unfinished(turn: Turn): readonly Signal[] {
  return leftOverSteps(turn).filter(
    (step): step is Signal => step.kind === 'continueSignal' && step.apart === undefined,
  );
}

/** `last`: where to go on, if there may be more. */
function slice(
  turn: Turn,
  kind: Subscription['kind'],
  name: string,
  after: SubscriptionId,
): { readonly some: readonly Subscription[]; readonly last: SubscriptionId | undefined } {
  const isAlone = turn.postponed.length < MOST_UNDER_WAY;
  const atOnce = isAlone ? Math.min(AT_ONCE, turn.limits.stepsPerCommand) : Number.POSITIVE_INFINITY;
  const some = turn.state.subscriptions.after(kind, name, after, atOnce);
  return { some, last: some.length < atOnce ? undefined : some.at(-1)?.id };
}

function kindOf({ message }: Pick<Signal, 'message'>): Subscription['kind'] {
  return message === undefined ? 'signal' : 'message';
}

function isStillToHear(turn: Turn, one: Subscription, signal: Signal): boolean {
  const { after, upTo, thrownBy, message } = signal;
  if (one.id <= after || one.id > upTo || !isMeant(one, signal) || one.processInstanceId === thrownBy) return false;
  return message === undefined || isAddressed(turn, one, message);
}

type Tenant = Pick<Signal, 'tenantId' | 'message'>;

function isMeant(one: Subscription, tenant: Tenant): boolean {
  return one.processInstanceId !== null && isOfTenant(one, tenant);
}

function isOfTenant(one: Subscription, { tenantId, message }: Tenant): boolean {
  return message?.anyTenant === true || one.tenantId === tenantId;
}

function waitingIn(
  turn: Turn,
  signal: Pick<Signal, 'name' | 'message'>,
  processInstanceId: number,
): readonly Subscription[] {
  const kind = kindOf(signal);
  return turn.state.subscriptions.ofInstance(signal.name, processInstanceId).filter((one) => one.kind === kind);
}

function startsOf(turn: Turn, name: string, tenantId: string | null): readonly Subscription[] {
  const starts = turn.state.subscriptions.starting('signal', name);
  return starts.filter((one) => one.tenantId === tenantId && !isGathering(turn, one));
}

/** An instance that began with another part of the same start event, or another event of the same gateway, waits for this one: no second instance begins. */
function isGathering(turn: Turn, start: Subscription): boolean {
  const element = turn.state.definitions.get(start.definitionId)?.model.elements[start.elementId];
  // Most begin with one event, and are not looked for.
  if (element?.type === 'startEvent' && !(element.event.kind === 'multiple' && element.event.parallel)) return false;
  const { name, tenantId, bpmnProcessId, elementId } = start;
  const isSame = (one: Subscription) => one.bpmnProcessId === bpmnProcessId && one.elementId === elementId;
  return turn.state.subscriptions.byName('signal', name).some((one) => isMeant(one, { tenantId }) && isSame(one));
}
