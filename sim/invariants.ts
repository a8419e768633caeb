/**
 * What must hold of a running system, one named function each; each gives what is wrong, or null. The first group
 * looks at an event before it is taken into the history, the second at the state, the third at promises to clients.
 */
import type { ProcessModel } from '@procos/bpmn';
import type {
  CommandOf,
  CommandType,
  EngineEvent,
  EventOf,
  LogRecord,
  ProcessInstance,
  ReplyOf,
  State,
} from '@procos/engine';
import type { Store } from '@procos/store';
import type { History } from './history.ts';

export type Finding = string | null;

/** A broken invariant. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly invariant: string;

  constructor(invariant: string, finding: string) {
    super(`${invariant}: ${finding}`);
    this.invariant = invariant;
  }
}

/** Throws when the finding of an invariant is something. */
export function demand(invariant: string, finding: Finding): void {
  if (finding !== null) throw new Violation(invariant, finding);
}

// Records.

export function sequenceHasNoGap(history: History, record: LogRecord): Finding {
  return record.sequence === history.sequence + 1 ? null : `${record.sequence} follows ${history.sequence}`;
}

export function timeNeverGoesBack(history: History, record: LogRecord): Finding {
  return record.at >= history.at ? null : `record ${record.sequence} is ${history.at - record.at} ms too old`;
}

/** An identity is given out once: what a record brings into being is newer than the record before. */
export function identitiesAreFresh(history: History, record: LogRecord): Finding {
  if (record.lastId < history.lastId) return `the last id fell from ${history.lastId} to ${record.lastId}`;
  for (const id of record.events.flatMap(created))
    if (id <= history.lastId || id > record.lastId)
      return `record ${record.sequence} (ids ${history.lastId + 1} to ${record.lastId}) created ${id}`;
  return null;
}

function created(event: EngineEvent): readonly number[] {
  if (event.type === 'processInstanceCreated') return [event.processInstanceId];
  if (event.type === 'elementActivated') return [event.elementInstanceId];
  if (event.type === 'externalTaskCreated' || event.type === 'userTaskCreated') return [event.task.id];
  if (event.type === 'timerScheduled') return [event.timer.id];
  if (event.type === 'subscriptionOpened') return [event.subscription.id];
  if (event.type === 'incidentRaised') return [event.incident.id];
  return event.type === 'messageBuffered' ? [event.message.id] : [];
}

// Events.

type EventCheck = (history: History, event: EngineEvent, record: LogRecord) => Finding;

/** An element instance begins once inside a scope that is alive, ends once, and nothing is left inside it. */
export const elementsLiveOnce: EventCheck = (history, event) => {
  switch (event.type) {
    case 'elementActivated': {
      if (history.elements.has(event.elementInstanceId)) return `${event.elementInstanceId} was activated twice`;
      const scope = history.elements.get(event.scopeId);
      return scope?.instanceId === event.processInstanceId ? null : `${event.elementId} begins in no scope`;
    }
    case 'elementCompleted':
    case 'elementCanceled':
      return endsClean(history, event.elementInstanceId, event.type === 'elementCompleted');
    case 'processInstanceCompleted':
    case 'processInstanceEnded':
      return endsClean(history, event.processInstanceId, event.type === 'processInstanceCompleted');
    default:
      return null;
  }
};

function endsClean(history: History, id: number, completed: boolean): Finding {
  const element = history.elements.get(id);
  if (element === undefined) return `element instance ${id} ended ${history.ended.has(id) ? 'twice' : 'unborn'}`;
  if (element.children > 0) return `${element.elementId} ${id} ended with ${element.children} inside`;
  if (completed && element.tokens.size > 0) return `${element.elementId} ${id} completed with tokens under way inside`;
  return null;
}

/** A token is consumed where one is, and a parallel gateway that joins takes one from each of its flows. */
export const tokensAreConserved: EventCheck = (history, event) => {
  const consumed =
    event.type === 'elementActivated' ? event.consumedFlows : event.type === 'gatewayRound' ? event.tokens : [];
  if (consumed.length === 0 || !('scopeId' in event)) return null;
  const tokens = history.elements.get(event.scopeId)?.tokens;
  const missing = consumed.find((flowId) => (tokens?.get(flowId) ?? 0) < 1);
  if (missing !== undefined) return `no token on ${missing} to consume`;
  if (event.type !== 'elementActivated') return null;
  const element = modelOf(history, event)?.elements[event.elementId];
  if (element?.type !== 'parallelGateway') return null;
  const open = element.incoming.find((flowId) => !consumed.includes(flowId));
  return open === undefined ? null : `parallel gateway ${element.id} started without a token on ${open}`;
};

/** An element that completes leaves a token on flows that go out from it. */
export const tokensLeaveByOwnFlows: EventCheck = (history, event) => {
  if (event.type !== 'elementCompleted') return null;
  const model = modelOf(history, event);
  const wrong = event.takenFlows.find((flowId) => model?.flows[flowId]?.source !== event.elementId);
  return wrong === undefined ? null : `${event.elementId} took ${wrong}, which is not its own`;
};

function modelOf(history: History, event: { readonly processInstanceId: number }): ProcessModel | undefined {
  return history.models.get(history.instances.get(event.processInstanceId) ?? -1);
}

/** A task of a worker or a person ends once, and nothing happens to it afterwards. */
export const tasksEndOnce: EventCheck = (history, event) => {
  if ('externalTaskId' in event && !history.tasks.has(event.externalTaskId))
    return `${event.type} of external task ${event.externalTaskId}, which is not there`;
  if ('userTaskId' in event && !history.userTasks.has(event.userTaskId))
    return `${event.type} of user task ${event.userTaskId}, which is not there`;
  return null;
};

/** A lock is given only when nobody else holds one (fetched: when no back-off runs either); each has its own fencing token. */
export const oneHolderAtATime: EventCheck = (history, event, { at, command }) => {
  if (event.type !== 'externalTaskLocked') return null;
  const task = history.tasks.get(event.externalTaskId);
  if (task === undefined) return null;
  const byId = command === 'lockExternalTask' && (task.holder === null || task.holder === event.workerId);
  if (task.availableAt > at && !byId)
    return `task ${task.id} was given to ${event.workerId} ${task.availableAt - at} ms before it was free (${task.holder})`;
  return event.lockCount === task.lockCount + 1
    ? null
    : `task ${task.id}: lock ${event.lockCount} follows ${task.lockCount}`;
};

/** A task without retries left is handed to nobody. */
export const failedTasksRest: EventCheck = (history, event, { command }) => {
  if (event.type !== 'externalTaskLocked' || command !== 'fetchAndLock') return null;
  return history.tasks.get(event.externalTaskId)?.retries === 0
    ? `task ${event.externalTaskId} has no retries left`
    : null;
};

/** A timer rings at its time or later, one occurrence after the other, and no more often than it was told to. */
export const timersRingOnTimeAndOnce: EventCheck = (history, event, { at }) => {
  if (event.type === 'timerCanceled' && !history.timers.has(event.timerId))
    return `timer ${event.timerId} is not there`;
  if (event.type !== 'timerTriggered') return null;
  const timer = history.timers.get(event.timerId);
  if (timer === undefined) return `timer ${event.timerId} rang, which is not there`;
  if (timer.dueAt > at) return `timer ${event.timerId} rang ${timer.dueAt - at} ms early`;
  if (event.next === undefined) {
    const left = timer.remaining ?? 0;
    return left > 0 ? `timer ${event.timerId} stopped with ${left} occurrences left` : null;
  }
  const { dueAt, repeat } = event.next;
  if (dueAt <= timer.dueAt) return `timer ${event.timerId} is set to ring at ${dueAt} again`;
  const expected = timer.remaining === null ? null : (timer.remaining ?? 0) - 1;
  return repeat.remaining === expected
    ? null
    : `timer ${event.timerId}: ${repeat.remaining} rings left, not ${expected}`;
};

/** A subscription or an incident is closed once. */
export const waitsEndOnce: EventCheck = (history, event) => {
  if (event.type === 'subscriptionClosed' && !history.subscriptions.has(event.subscriptionId))
    return `subscription ${event.subscriptionId} is not there`;
  if (event.type === 'incidentResolved' && !history.incidents.has(event.incidentId))
    return `incident ${event.incidentId} is not there`;
  return null;
};

/** A buffered message reaches each process once, one that is meant for a single receiver only that one. */
export const messagesAreDeliveredOnce: EventCheck = (history, event) => {
  if (event.type !== 'messageTaken' && event.type !== 'messageRemoved') return null;
  const message = history.messages.get(event.messageId);
  if (message === undefined) return `message ${event.messageId} was ${event.type} when it was gone`;
  if (event.type === 'messageRemoved') return null;
  if (message.takenBy.has(event.bpmnProcessId))
    return `message ${event.messageId} reached ${event.bpmnProcessId} twice`;
  return message.once ? `message ${event.messageId} for one receiver is kept after its first` : null;
};

/** There is one PID 1 at a time. */
export const onePidOne: EventCheck = (history, event) => {
  if (event.type !== 'rootDesignated' || history.rootId === null) return null;
  return `PID 1 is ${history.rootId} already, not ${event.processInstanceId}`;
};

/** Nothing begins beyond what its owner allows: instances of a process, and external tasks open in one of them. */
export const limitsAreKept: EventCheck = (history, event) => {
  if (history.limits.size === 0) return null;
  if (event.type === 'processInstanceCreated') {
    const limits = history.limits.get(event.bpmnProcessId);
    const living = history.living(event.bpmnProcessId);
    return limits?.instances === undefined || limits.counting || living < limits.instances
      ? null
      : `${event.bpmnProcessId} has ${living} instances of ${limits.instances}, and ${event.processInstanceId} began`;
  }
  if (event.type !== 'externalTaskCreated') return null;
  const { processInstanceId, bpmnProcessId } = event.task;
  const most = history.limits.get(bpmnProcessId)?.openTasks;
  if (most === undefined) return null;
  const open = [...history.tasks.values()].filter(
    ({ elementInstanceId }) => history.elements.get(elementInstanceId)?.instanceId === processInstanceId,
  );
  return open.length < most ? null : `instance ${processInstanceId} has ${open.length} open tasks of ${most}`;
};

export const EVENT_CHECKS: Readonly<Record<string, EventCheck>> = {
  elementsLiveOnce,
  tokensAreConserved,
  tokensLeaveByOwnFlows,
  tasksEndOnce,
  oneHolderAtATime,
  failedTasksRest,
  timersRingOnTimeAndOnce,
  waitsEndOnce,
  messagesAreDeliveredOnce,
  onePidOne,
  limitsAreKept,
};

/** Takes a record into the history; throws `Violation` when something in it cannot be. */
export function follow(history: History, record: LogRecord): void {
  demand('sequenceHasNoGap', sequenceHasNoGap(history, record));
  demand('timeNeverGoesBack', timeNeverGoesBack(history, record));
  demand('identitiesAreFresh', identitiesAreFresh(history, record));
  for (const event of record.events) {
    for (const [name, check] of Object.entries(EVENT_CHECKS)) {
      const finding = check(history, event, record);
      if (finding !== null) throw new Violation(name, `record ${record.sequence} (${record.command}): ${finding}`);
    }
    history.take(event);
  }
  history.close(record);
}

// The state.

/** Every element instance is counted by its scope, every token is positive, and every scope exists. */
export function countersBalance(instance: ProcessInstance): Finding {
  const counted = new Map<number, number>();
  for (const element of instance.elements.values()) {
    if (element.scopeId === null) continue;
    if (!instance.elements.has(element.scopeId)) return `the scope of ${element.elementId} ${element.id} is gone`;
    counted.set(element.scopeId, (counted.get(element.scopeId) ?? 0) + 1);
  }
  for (const element of instance.elements.values()) {
    const inside = counted.get(element.id) ?? 0;
    if (element.children !== inside)
      return `${element.elementId} ${element.id} counts ${element.children} inside, there are ${inside}`;
    for (const [flowId, count] of element.tokens) if (!(count > 0)) return `${count} tokens on ${flowId}`;
    const loop = element.loop;
    if (loop !== null && loop.started - loop.completed !== inside)
      return `loop ${element.elementId} ${element.id}: ${loop.started} started, ${loop.completed} completed, ${inside} inside`;
  }
  return null;
}

const SCOPES: ReadonlySet<string> = new Set([
  'process',
  'subProcess',
  'transaction',
  'adHocSubProcess',
  'eventSubProcess',
]);
const CATCHERS: ReadonlySet<string> = new Set([
  'startEvent',
  'intermediateCatchEvent',
  'receiveTask',
  'eventBasedGateway',
]);

/** Nothing stands still for no reason: a scope has something inside, everything else waits for somebody, or has an incident. */
export function nothingStandsStill(store: Store, instance: ProcessInstance): Finding {
  const idle = [...instance.elements.values()].filter(({ id }) => waitReason(store.state, instance, id) === null);
  if (idle.length === 0) return null;
  const later = leftOver(store);
  const lost = idle.find(({ id }) => !later.has(id) && !isBeingCanceled(store, instance, id));
  return lost === undefined ? null : `${lost.elementId} ${lost.id} of instance ${instance.id} waits for nothing`;
}

/** Element instances that go on in a later command: by steps that a long command has left over, or by joins still to be looked at. */
function leftOver(store: Store): ReadonlySet<number> {
  const steps = [...store.find('timers'), ...store.find('incidents')].map(({ step }) => step);
  const rest = steps.flatMap((step) => (step?.kind === 'continueTurn' ? [step] : []));
  return new Set([
    // A token that a limit has stopped alone: its incident is at the instance.
    ...steps.flatMap((step) => (step !== null && 'scopeId' in step ? [step.scopeId] : [])),
    ...rest.flatMap((one) => one.steps).map((step) => ('scopeId' in step ? step.scopeId : step.elementInstanceId)),
    ...rest.flatMap((one) => one.touched).map(([, scopeId]) => scopeId),
  ]);
}

/** Is something around it about to be canceled, as soon as listeners of what is inside have been told? */
function isBeingCanceled(store: Store, instance: ProcessInstance, elementInstanceId: number): boolean {
  const steps = store.find('externalTasks').flatMap(({ errand }) => errand?.step ?? []);
  const hosts = new Set(
    steps.flatMap((step) => ('told' in step && step.told !== undefined ? [step.elementInstanceId] : [])),
  );
  if (hosts.size === 0) return false;
  let inside: ProcessInstance | undefined = instance;
  let id: number | null = elementInstanceId;
  while (inside !== undefined && id !== null) {
    if (hosts.has(id)) return true;
    const scopeId: number | null = inside.elements.get(id)?.scopeId ?? null;
    id = scopeId ?? inside.parentElementInstanceId;
    if (scopeId === null) inside = store.state.instances.get(inside.parentId ?? -1);
  }
  return false;
}

/** What an element instance waits for, in a word; null when for nothing. */
export function waitReason(state: State, instance: ProcessInstance, elementInstanceId: number): string | null {
  const element = instance.elements.get(elementInstanceId);
  if (element === undefined) return null;
  const type = state.definitions.get(instance.definitionId)?.model.elements[element.elementId]?.type ?? '';
  if (element.incidents.size > 0) return 'incident';
  if (element.externalTaskId !== null) return 'externalTask';
  const steps = [...element.timers].map((id) => state.timers.get(id)?.step ?? null);
  if (steps.some((step) => step !== null && step.kind !== 'reachTimeLimit')) return 'retry';
  if (element.role !== 'element' || SCOPES.has(type)) {
    if (element.children > 0) return 'inside';
    return type === 'adHocSubProcess' ? 'choice' : null;
  }
  if (element.undo !== null && [...instance.elements.values()].some(({ undoneFor }) => undoneFor === element.id))
    return 'undo';
  if (element.userTaskId !== null) return 'userTask';
  if (element.calledInstanceId !== null && state.instances.get(element.calledInstanceId) !== undefined) return 'called';
  if (!CATCHERS.has(type)) return null;
  if (element.subscriptions.size > 0) return 'event';
  return element.timers.size > 0 ? 'timer' : null;
}

type Owned = {
  readonly id: number;
  readonly processInstanceId: number | null;
  readonly elementInstanceId: number | null;
};

/** Every task, timer, subscription and incident is known to the element instance it belongs to. */
export function nothingIsOrphaned(store: Store): Finding {
  const { state } = store;
  const owner = (row: Owned) =>
    state.instances.get(row.processInstanceId ?? -1)?.elements.get(row.elementInstanceId ?? -1);
  for (const row of store.find('externalTasks'))
    if (owner(row)?.externalTaskId !== row.id) return `external task ${row.id} (${row.topic}) belongs to nobody`;
  for (const row of store.find('userTasks'))
    if (owner(row)?.userTaskId !== row.id) return `user task ${row.id} (${row.elementId}) belongs to nobody`;
  for (const row of store.find('timers'))
    if (row.elementInstanceId !== null && owner(row)?.timers.has(row.id) !== true)
      return `timer ${row.id} (${row.elementId}) belongs to nobody`;
  for (const row of store.find('subscriptions'))
    if (row.elementInstanceId !== null && owner(row)?.subscriptions.has(row.id) !== true)
      return `subscription ${row.id} (${row.kind} ${row.name}) belongs to nobody`;
  for (const row of store.find('incidents'))
    if (owner(row)?.incidents.has(row.id) !== true) return `incident ${row.id} (${row.message}) belongs to nobody`;
  return null;
}

/** A task that a process does has an instance of it that lives, and only such a one has it. */
export function servedTasksAreServed(store: Store): Finding {
  const { state } = store;
  for (const { id, topic, workerId, processInstanceId, elementInstanceId } of store.find('externalTasks')) {
    if (workerId?.startsWith('process:') !== true) continue;
    const called = state.instances.get(processInstanceId)?.elements.get(elementInstanceId)?.calledInstanceId;
    const serving = state.instances.get(called ?? -1);
    if (serving?.parentElementInstanceId !== elementInstanceId)
      return `task ${id} (${topic}) is held by ${workerId}, and no instance does it`;
  }
  return null;
}

/** Nobody gets work of a process that does not declare it. */
export function nothingUndeclaredIsWork(store: Store, topic: string): Finding {
  const [task] = store.find('externalTasks', { where: [{ column: 'topic', op: '=', value: topic }] });
  return task === undefined ? null : `task ${task.id} has the topic ${topic}, which its process does not declare`;
}

/** What an element instance says it waits for is there; a called instance and its caller know each other. */
export function nothingIsMissing(state: State, instance: ProcessInstance): Finding {
  const { id, parentId, parentElementInstanceId } = instance;
  if (parentId !== null && parentElementInstanceId !== null) {
    const caller = state.instances.get(parentId)?.elements.get(parentElementInstanceId);
    if (caller?.calledInstanceId !== id) return `nobody waits for called instance ${id}`;
  }
  for (const element of instance.elements.values()) {
    const { externalTaskId, userTaskId } = element;
    const gone = [
      ...(externalTaskId !== null && state.externalTasks.get(externalTaskId) === undefined ? ['external task'] : []),
      ...(userTaskId !== null && state.userTasks.get(userTaskId) === undefined ? ['user task'] : []),
      ...[...element.timers].filter((timer) => state.timers.get(timer) === undefined).map(() => 'timer'),
      ...[...element.subscriptions]
        .filter((one) => state.subscriptions.get(one) === undefined)
        .map(() => 'subscription'),
      ...[...element.incidents].filter((incident) => state.incidents.get(incident) === undefined).map(() => 'incident'),
    ];
    if (gone.length > 0) return `the ${gone[0]} of ${element.elementId} ${element.id} is gone`;
  }
  return null;
}

/** The state holds exactly what the log has told of and not ended. */
export function stateIsWhatTheLogTells(history: History, store: Store): Finding {
  const { state } = store;
  if (state.singletons.rootInstanceId !== history.rootId)
    return `PID 1 is ${state.singletons.rootInstanceId}, the log says ${history.rootId}`;
  const live = [
    ['external tasks', store.find('externalTasks'), history.tasks],
    ['user tasks', store.find('userTasks'), history.userTasks],
    ['timers', store.find('timers'), history.timers],
    ['subscriptions', store.find('subscriptions'), history.subscriptions],
    ['incidents', store.find('incidents'), history.incidents],
  ] as const;
  for (const [what, rows, told] of live) {
    const extra = rows.find(({ id }) => !told.has(id));
    if (extra !== undefined) return `${what}: ${extra.id} is there, but the log has ended it`;
    if (rows.length === told.size) continue;
    const ids = new Set(rows.map(({ id }) => id));
    return `${what}: ${[...told.keys()].find((id) => !ids.has(id))} is gone, but the log has not ended it`;
  }
  for (const [id, element] of history.elements) {
    const found = state.instances.get(element.instanceId)?.elements.get(id);
    if (found === undefined)
      return `element instance ${id} (${element.elementId}) is gone, but the log has not ended it`;
    const same = found.tokens.size === element.tokens.size;
    if (!same || [...found.tokens].some(([flowId, count]) => element.tokens.get(flowId) !== count))
      return `tokens in ${element.elementId} ${id} are ${JSON.stringify([...found.tokens])}, the log says ${JSON.stringify([...element.tokens])}`;
  }
  for (const id of history.instances.keys()) {
    const extra = [...(state.instances.get(id)?.elements.keys() ?? [])].find((one) => !history.elements.has(one));
    if (extra !== undefined) return `element instance ${extra} is there, but the log has ended it`;
  }
  for (const { target, living, countedFrom } of store.find('controls')) {
    if (target.kind !== 'definition' || target.version !== null || living === undefined || countedFrom !== undefined)
      continue;
    const told = history.living(target.bpmnProcessId);
    if (living !== told) return `${target.bpmnProcessId} counts ${living} instances alive, the log says ${told}`;
  }
  return null;
}

/** Asking the views gives what is alive: instances, element instances, variables, open incidents. */
export function viewsShowWhatLives(history: History, store: Store): Finding {
  const running = store.find('processInstances', { where: [{ column: 'state', op: '=', value: 'active' }] });
  const shown = new Set(running.map(({ id }) => id));
  const hidden = [...history.instances.keys()].find((id) => !shown.has(id));
  if (hidden !== undefined || shown.size !== history.instances.size)
    return `active instances: ${shown.size} are shown, ${history.instances.size} live${hidden === undefined ? '' : ` (${hidden})`}`;
  for (const { id, incidents } of running) {
    const open = store.count('incidents', { where: [{ column: 'processInstanceId', op: '=', value: id }] });
    if (open !== incidents) return `instance ${id} shows ${incidents} incidents, there are ${open}`;
  }
  const active = store.find('elementInstances', { where: [{ column: 'outcome', op: '=', value: 'active' }] });
  const odd = active.find(({ id }) => !history.elements.has(id));
  // The root scope is shown as the instance.
  const inside = history.elements.size - history.instances.size;
  if (odd !== undefined || active.length !== inside)
    return `active element instances: ${active.length} are shown, ${inside} live${odd === undefined ? '' : ` (${odd.id} ${odd.elementId})`}`;
  for (const row of store.find('variables', { where: [{ column: 'live', op: '=', value: true }] })) {
    const scope = store.state.instances.get(row.processInstanceId)?.elements.get(row.scopeId);
    const value = scope?.variables.get(row.name)?.value;
    if (JSON.stringify(value) !== JSON.stringify(row.value))
      return `variable ${row.name} of ${row.scopeId} is shown as ${JSON.stringify(row.value)}, it is ${JSON.stringify(value)}`;
  }
  return null;
}

// Promises.

/** Commands whose acceptance always changes something, so that their record must be in the log. */
const CHANGING: ReadonlySet<CommandType> = new Set([
  'extendLock',
  'unlockExternalTask',
  'completeExternalTask',
  'failExternalTask',
  'throwBpmnError',
  'lockExternalTask',
  'completeUserTask',
  'throwFromUserTask',
  'triggerTimer',
]);

/** An accepted command that changed something is on the disk when its client hears of it. */
export function acknowledgedIsDurable(command: CommandType, value: unknown, isOnDisk: boolean): Finding {
  if (isOnDisk) return null;
  const fetched = command === 'fetchAndLock' && (value as { tasks: readonly unknown[] }).tasks.length > 0;
  const started = command === 'createProcessInstance' || command === 'publishMessage';
  const correlated = command === 'correlateMessage' && (value as ReplyOf<'correlateMessage'>).correlated.length > 0;
  return CHANGING.has(command) || fetched || started || correlated
    ? `${command} was accepted, but its record is not on the disk`
    : null;
}

/** Only the latest holder reports on a task, and the lock it was given lasts as long as it asked. */
export function reportsComeFromTheHolder(history: History, command: Request, record: LogRecord): Finding {
  if ('workerId' in command && 'externalTaskId' in command && command.type !== 'lockExternalTask') {
    const task = history.tasks.get(command.externalTaskId);
    const stale = command.lockCount !== undefined && command.lockCount !== task?.lockCount;
    if (task?.holder !== command.workerId || stale)
      return `${command.type} by ${command.workerId} (lock ${command.lockCount}) was accepted; ${task?.holder} holds lock ${task?.lockCount}`;
    if (command.type === 'extendLock' && task.availableAt <= record.at)
      return `a lock that ended ${record.at - task.availableAt} ms ago was extended`;
  }
  if (command.type !== 'fetchAndLock') return null;
  for (const event of record.events) {
    if (event.type !== 'externalTaskLocked') continue;
    const finding = lockLasts(command, event, record.at);
    if (finding !== null) return finding;
  }
  return null;
}

type Request = { [T in CommandType]: CommandOf<T> }[CommandType];

function lockLasts(command: CommandOf<'fetchAndLock'>, event: EventOf<'externalTaskLocked'>, at: number): Finding {
  const lasts = event.lockExpiresAt - at;
  const asked = command.topics.filter(({ topic }) => topic === event.topic).map(({ lockMs }) => lockMs);
  return asked.includes(lasts) ? null : `a lock of ${event.topic} lasts ${lasts} ms, asked were ${asked.join(' or ')}`;
}
