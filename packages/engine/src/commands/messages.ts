/** Messages and signals from outside: Camunda 7 correlation, Camunda 8 publication, signals. */
import { refuseBegin, shutToStarters } from '../actions/access.ts';
import { isAddressed } from '../actions/addressed.ts';
import { deliver, publish, receiversOf } from '../actions/messages.ts';
import { broadcast, correlateInTurns } from '../actions/signals.ts';
import { type Turn, visit } from '../actions/turn.ts';
import { setLocal } from '../actions/variables.ts';
import type { CommandOf, Correlated } from '../records/commands.ts';
import type { Variables } from '../records/events.ts';
import type { ElementInstanceId, ProcessInstanceId } from '../records/ids.ts';
import type { Outcome, Rejection } from '../records/rejection.ts';
import type { Definition, Subscription } from '../state/entities.ts';
import { type CommandHandler, reject, tooLong } from './handler.ts';

/**
 * Camunda 7: waiting instances first; a start event only when none waits (both with `all`). Correlation keys choose among
 * those that wait; a start event has no variables to compare. A given instance excludes starting another one.
 */
export const correlateMessage: CommandHandler<'correlateMessage'> = (command, turn) => {
  if (command.name === '') return reject('INVALID_ARGUMENT', 'no message name given');
  const parts = mayBeMany(command) ? correlateInTurns(turn, command) : undefined;
  if (parts !== undefined) return { ok: true, value: { correlated: parts } };
  const isMeant = (subscription: Subscription): boolean =>
    (command.tenantId === undefined || subscription.tenantId === command.tenantId) && !isSuspended(turn, subscription);
  const running = candidates(turn, command).filter(
    (subscription) => isMeant(subscription) && waits(turn, subscription, command),
  );
  const starting =
    command.processInstanceId === undefined && (command.all || running.length === 0)
      ? turn.state.subscriptions.starting('message', command.name).filter(isMeant)
      : [];
  const receivers = command.all ? [...running, ...starting] : running.length > 0 ? running : starting;
  const [first, second] = receivers;
  if (first === undefined && !command.all)
    return reject(
      'NO_MATCHING_SUBSCRIPTION',
      `no process waits for message '${command.name}' with these correlation values`,
      { name: command.name },
    );
  if (second !== undefined && !command.all) {
    return reject(
      'AMBIGUOUS_CORRELATION',
      `${receivers.length} receivers wait for message '${command.name}': narrow it by business key, correlation keys or instance`,
      { name: command.name, count: receivers.length },
    );
  }
  const refused = refusedStart(turn, receivers, command.variables);
  if (refused !== undefined) return { ok: false, rejection: refused };
  const correlated: Correlated[] = [];
  for (const subscription of receivers) {
    if (
      subscription.processInstanceId !== null &&
      subscription.elementInstanceId !== null &&
      command.localVariables !== undefined
    ) {
      const at = visit(turn, subscription.processInstanceId, subscription.elementInstanceId);
      if (at !== undefined) setLocal(at, command.localVariables);
    }
    const result = deliver(turn, subscription, command.variables ?? {}, command.businessKey ?? null, {
      outside: true,
    });
    if (result !== undefined) correlated.push(result);
  }
  return { ok: true, value: { correlated } };
};

/** Who is meant is not found by what is said of them: all that wait for the name are looked at. */
function mayBeMany({ all, inTurns, ...one }: CommandOf<'correlateMessage'>): boolean {
  if (!all || inTurns !== true) return false;
  return one.businessKey === undefined && one.processInstanceId === undefined && one.elementInstanceId === undefined;
}

/** Why nobody receives it: it would only begin what a limit, or its model, forbids to begin. */
function refusedStart(
  turn: Turn,
  receivers: readonly Subscription[],
  variables: Variables = {},
): Rejection | undefined {
  const refusals = receivers.map(({ processInstanceId, definitionId, elementId }) => {
    const definition = processInstanceId === null ? turn.startable(definitionId, elementId) : undefined;
    return definition === undefined ? undefined : refuseBegin(turn, definition, variables);
  });
  return refusals.includes(undefined) ? undefined : refusals[0];
}

/** Of running instances; by the narrowest that was given, so that the others that wait for the name are not looked at. */
function candidates(turn: Turn, command: CommandOf<'correlateMessage'>): readonly Subscription[] {
  const { name, processInstanceId, businessKey } = command;
  const { subscriptions } = turn.state;
  const found =
    processInstanceId !== undefined
      ? subscriptions.ofInstance(name, processInstanceId)
      : businessKey !== undefined
        ? subscriptions.byBusinessKey(name, businessKey)
        : subscriptions.byName('message', name);
  return found.filter((one) => one.kind === 'message' && one.processInstanceId !== null);
}

function waits(turn: Turn, subscription: Subscription, command: CommandOf<'correlateMessage'>): boolean {
  if (command.businessKey !== undefined && subscription.businessKey !== command.businessKey) return false;
  if (command.processInstanceId !== undefined && subscription.processInstanceId !== command.processInstanceId)
    return false;
  if (command.elementInstanceId !== undefined && subscription.elementInstanceId !== command.elementInstanceId)
    return false;
  return isAddressed(turn, subscription, command);
}

export const publishMessage: CommandHandler<'publishMessage'> = (command, turn) => {
  if (command.name === '') return reject('INVALID_ARGUMENT', 'no message name given');
  if (!(command.timeToLiveMs >= 0))
    return reject('INVALID_ARGUMENT', `the time to live must not be negative: ${command.timeToLiveMs} ms`);
  const endless = tooLong(turn, command.timeToLiveMs, 'the time to live');
  if (endless !== undefined) return endless;
  const { name, correlationKey, timeToLiveMs, uniqueId } = command;
  const tenantId = command.tenantId ?? null;
  if (uniqueId !== undefined) {
    const kept = turn.state.messages
      .byKey(name, correlationKey)
      .find((one) => one.uniqueId === uniqueId && one.tenantId === tenantId && one.expiresAt > turn.now);
    if (kept !== undefined)
      return reject(
        'ALREADY_PUBLISHED',
        `message '${name}' with correlation key '${correlationKey}' and id '${uniqueId}' is published already, and kept until its time to live is over`,
        { messageId: kept.id, name, uniqueId },
      );
  }
  const variables = command.variables ?? {};
  if (timeToLiveMs === 0) {
    // Otherwise it is kept until somebody may begin.
    const refused = refusedStart(turn, receiversOf(turn, name, correlationKey, tenantId), variables);
    if (refused !== undefined) return { ok: false, rejection: refused };
  } else {
    // What is kept would begin it later, when nobody knows any more who has sent it.
    const shut = startedBy(turn, name, tenantId).map((definition) => shutToStarters(turn, definition));
    const [first] = shut.filter((one) => one !== undefined);
    if (first !== undefined) return { ok: false, rejection: first };
  }
  const once = command.once ?? false;
  const message = { name, correlationKey, timeToLiveMs, variables, tenantId, once };
  return { ok: true, value: publish(turn, uniqueId === undefined ? message : { ...message, uniqueId }, true) };
};

/** What a message of the name may begin. */
function startedBy(turn: Turn, name: string, tenantId: string | null): readonly Definition[] {
  return turn.state.subscriptions
    .starting('message', name)
    .filter((one) => one.tenantId === tenantId)
    .flatMap(({ definitionId, elementId }) => turn.startable(definitionId, elementId) ?? []);
}

export const expireMessages: CommandHandler<'expireMessages'> = (command, turn) => {
  for (const messageId of command.messageIds) {
    const message = turn.state.messages.get(messageId);
    if (message !== undefined && message.expiresAt <= turn.now)
      turn.emit({ type: 'messageRemoved', messageId, why: 'expired' });
  }
  return { ok: true, value: {} };
};

export const broadcastSignal: CommandHandler<'broadcastSignal'> = (command, turn) => {
  if (command.name === '') return reject('INVALID_ARGUMENT', 'no signal name given');
  const { name, variables = {}, tenantId = null, elementInstanceId, processInstanceId } = command;
  if (processInstanceId !== undefined) return signalInside(turn, command, processInstanceId);
  if (elementInstanceId !== undefined) return signalElement(turn, command, elementInstanceId);
  return { ok: true, value: { receivers: broadcast(turn, name, variables, tenantId, { outside: true }) } };
};

/** Reaches one that waits for it, and nobody else. */
function signalElement(
  turn: Turn,
  command: CommandOf<'broadcastSignal'>,
  elementInstanceId: ElementInstanceId,
): Outcome<{ readonly receivers: number }> {
  const { name, tenantId = null } = command;
  const waiting = turn.state.subscriptions
    .byName('signal', name)
    .filter((subscription) => subscription.elementInstanceId === elementInstanceId);
  if (waiting.length === 0)
    return reject(
      'NO_MATCHING_SUBSCRIPTION',
      `element instance ${elementInstanceId} does not wait for signal '${name}'`,
      { elementInstanceId },
    );
  return signalThese(
    turn,
    command,
    waiting.filter((one) => one.tenantId === tenantId),
  );
}

/** Reaches what waits for it in one instance, and nobody else. */
function signalInside(
  turn: Turn,
  command: CommandOf<'broadcastSignal'>,
  processInstanceId: ProcessInstanceId,
): Outcome<{ readonly receivers: number }> {
  const { name } = command;
  const instance = turn.state.instances.get(processInstanceId);
  if (instance === undefined)
    return reject('NOT_FOUND', `process instance ${processInstanceId} does not run`, { processInstanceId });
  if (instance.suspended)
    return reject('INVALID_STATE', `process instance ${processInstanceId} is suspended: resume it first`, {
      processInstanceId,
    });
  const mine = turn.state.subscriptions.ofInstance(name, processInstanceId).filter(({ kind }) => kind === 'signal');
  if (mine.length === 0)
    return reject(
      'NO_MATCHING_SUBSCRIPTION',
      `nothing in process instance ${processInstanceId} waits for signal '${name}'`,
      { processInstanceId, name },
    );
  return signalThese(turn, command, mine);
}

function signalThese(
  turn: Turn,
  { name, variables = {}, reason }: CommandOf<'broadcastSignal'>,
  waiting: readonly Subscription[],
): Outcome<{ readonly receivers: number }> {
  turn.emit({ type: 'signalBroadcast', name, ...(reason === undefined ? {} : { reason }) });
  const received = waiting.filter((one) => deliver(turn, one, variables, null) !== undefined);
  return { ok: true, value: { receivers: received.length } };
}

/** Nothing reaches a suspended instance, and a suspended definition does not start. */
function isSuspended(turn: Turn, { processInstanceId, definitionId }: Subscription): boolean {
  return processInstanceId === null
    ? turn.state.definitions.get(definitionId)?.suspended === true
    : turn.state.instances.get(processInstanceId)?.suspended === true;
}
