/** Event → state: the only code that writes. An event carries the decision, so nothing here looks at element types. */
import type { EngineEvent, EventOf, EventType } from '../records/events.ts';
import type { DefinitionId, ElementInstanceId, ProcessInstanceId } from '../records/ids.ts';
import type { Step } from '../records/steps.ts';
import { noteCondition } from '../state/condition-index.ts';
import { mapOf, markChanged, newElementInstance, ownMap, ownSet } from '../state/element-instance.ts';
import type { Compensation, ElementInstance, ExternalTask, ProcessInstance } from '../state/entities.ts';
import { copyOf } from '../state/freeze.ts';
import type { State } from '../state/state.ts';
import { changeUsage, countAi, countLiving, countStart, holdAi, letGoOfAi, setLimits } from './controls.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Applier<T extends EventType> = (state: State, event: EventOf<T>, at: number) => void;

const appliers: { readonly [T in EventType]: Applier<T> } = {
  deploymentCreated: (state, { deployment }) => state.deployments.put(deployment),
  deploymentRemoved: (state, { deploymentId }) => state.deployments.delete(deploymentId),
  processDefined: (state, { definition }) => state.definitions.put({ ...definition }),
  decisionDefined: (state, { decision }) => state.decisions.put(decision),
  timerRuleSet(state, { definitionId, rule }) {
    const definition = state.definitions.get(definitionId) ?? missing('definition', definitionId);
    const others = (definition.timerRules ?? []).filter(
      ({ elementId, from }) => elementId !== rule.elementId || from !== rule.from,
    );
    const says = rule.suspended !== undefined || rule.priority !== undefined;
    definition.timerRules = says ? [...others, rule] : others;
    state.definitions.put(definition);
  },
  definitionRemoved(state, { definitionId }) {
    const definition = state.definitions.get(definitionId) ?? missing('definition', definitionId);
    definition.removed = true;
    state.definitions.put(definition);
  },
  decisionRemoved: (state, { decisionDefinitionId }) => state.decisions.delete(decisionDefinitionId),
  decisionEvaluated() {},
  topicServerSet: (state, { server }) => state.topicServers.put(server),
  definitionSuspended: (state, event) => suspendDefinition(state, event.definitionId, true),
  definitionResumed: (state, event) => suspendDefinition(state, event.definitionId, false),
  historyTimeToLiveSet(state, { definitionId, days }) {
    const definition = state.definitions.get(definitionId) ?? missing('definition', definitionId);
    definition.historyTimeToLive = days;
    state.definitions.put(definition);
  },
  historyRemoved(state, { target }) {
    if (!('processInstanceIds' in target) || state.notes.none) return;
    for (const id of target.processInstanceIds)
      for (const note of state.notes.ofInstance(id)) state.notes.delete(note.id);
  },

  processInstanceCreated(state, event, at) {
    const root = newElementInstance(event.processInstanceId, event.bpmnProcessId, null);
    const instance: Mutable<ProcessInstance> = {
      id: event.processInstanceId,
      definitionId: event.definitionId,
      businessKey: event.businessKey,
      tenantId: event.tenantId,
      rootId: event.rootId,
      parentId: event.parentId,
      parentElementInstanceId: event.parentElementInstanceId,
      startedAt: event.imported?.startedAt ?? at,
      suspended: false,
      elements: new Map<ElementInstanceId, ElementInstance>().set(root.id, root),
    };
    if (event.imported !== undefined && event.imported.warnings > 0) instance.warnings = event.imported.warnings;
    if (event.narrowedBy !== undefined) instance.narrowedBy = event.narrowedBy;
    if (event.tags !== undefined) instance.tags = event.tags;
    if (event.endsAfter !== undefined) instance.endsAfter = event.endsAfter;
    state.instances.put(instance);
    countStart(state, event, at);
    if (event.parentId === null || event.parentElementInstanceId === null) return;
    const parent = instanceOf(state, event.parentId);
    elementOf(parent, event.parentElementInstanceId).calledInstanceId = event.processInstanceId;
    state.instances.put(parent);
  },
  rootDesignated(state, event) {
    state.singletons.rootInstanceId = event.processInstanceId;
  },
  processInstanceCompleted: (state, event) => endInstance(state, event.processInstanceId),
  processInstanceEnded: (state, event) => endInstance(state, event.processInstanceId),

  processInstanceSuspended: (state, event) => suspendInstance(state, event.processInstanceId, true),
  processInstanceResumed: (state, event) => suspendInstance(state, event.processInstanceId, false),
  processInstanceMigrated(state, event) {
    const instance = instanceOf(state, event.processInstanceId);
    countLiving(state, instance, -1);
    instance.definitionId = event.definitionId;
    countLiving(state, instance, 1);
    for (const { elementInstanceId, elementId } of event.elements)
      elementOf(instance, elementInstanceId).elementId = elementId;
    for (const element of instance.elements.values()) moveElement(state, element, event);
    state.instances.put(instance);
  },

  elementActivated(state, event) {
    const instance = instanceOf(state, event.processInstanceId);
    const scope = elementOf(instance, event.scopeId);
    const element = newElementInstance(
      event.elementInstanceId,
      event.elementId,
      event.scopeId,
      event.role ?? 'element',
    );
    element.loopIndex = event.loopIndex ?? null;
    for (const flowId of event.consumedFlows) addToken(scope, flowId, -1);
    if (event.undoes !== undefined) {
      const { compensationId, scopeId, by } = event.undoes;
      const source = elementOf(instance, scopeId);
      const undone = source.compensations.find((compensation) => compensation.id === compensationId);
      source.compensations = source.compensations.filter((compensation) => compensation.id !== compensationId);
      element.undoneFor = by;
      if (event.role === 'undo') element.compensations = undone?.inner ?? [];
    }
    scope.children += 1;
    if (scope.loop !== null && event.loopIndex !== undefined) scope.loop.started += 1;
    instance.elements.set(element.id, element);
    state.instances.put(instance);
  },
  elementRestored(state, event) {
    changeElement(state, event, (element) => {
      element.tokens = mapOf(Object.entries(event.tokens ?? {}));
      element.loop = event.loop === undefined ? null : copyOf(event.loop);
      element.compensations = event.compensations ?? [];
      element.undo = event.undo ?? null;
      element.undoneFor = event.undoneFor ?? null;
      element.partsSeen = mapOf(Object.entries(event.partsSeen ?? {}));
      element.rounds = mapOf(Object.entries(event.rounds ?? {}));
      element.queue = event.queue ?? [];
    });
  },
  loopPrepared(state, event) {
    const instance = instanceOf(state, event.processInstanceId);
    elementOf(instance, event.elementInstanceId).loop = {
      total: event.total,
      started: 0,
      completed: 0,
      items: event.items,
      results: event.collects ? new Array(event.total).fill(null) : null,
    };
    state.instances.put(instance);
  },
  elementCompleted(state, event) {
    const instance = instanceOf(state, event.processInstanceId);
    const element = removeElement(state, instance, event.elementInstanceId);
    const scope = elementOf(instance, element.scopeId);
    for (const flowId of event.takenFlows) addToken(scope, flowId, 1);
    // The body of a loop is no scope of its own: what its instances completed is undone from outside it.
    if (element.role === 'body') scope.compensations = [...scope.compensations, ...element.compensations];
    if (event.compensation !== undefined) scope.compensations = [...scope.compensations, event.compensation];
    if (scope.loop !== null && element.loopIndex !== null) {
      scope.loop.completed += 1;
      if (scope.loop.results !== null) scope.loop.results[element.loopIndex] = event.loopResult ?? null;
    }
    state.instances.put(instance);
  },
  elementCanceled(state, event) {
    const instance = instanceOf(state, event.processInstanceId);
    const element = removeElement(state, instance, event.elementInstanceId);
    const scope = elementOf(instance, element.scopeId);
    if (event.kept !== undefined) scope.compensations = [...scope.compensations, ...event.kept];
    // A loop does not wait for an instance that was canceled.
    if (scope.loop !== null && element.loopIndex !== null) scope.loop.completed += 1;
    state.instances.put(instance);
  },
  elementMoved(state, event) {
    const instance = instanceOf(state, event.processInstanceId);
    const element = elementOf(instance, event.elementInstanceId);
    elementOf(instance, element.scopeId).children -= 1;
    elementOf(instance, event.scopeId).children += 1;
    element.scopeId = event.scopeId;
    if (event.outOfLoop === true) element.loopIndex = null;
    state.instances.put(instance);
  },
  undoStarted(state, event) {
    changeElement(state, event, (element) => {
      element.undo = event.undo;
    });
  },
  eventPartsSeen(state, event) {
    changeElement(state, event, (element) => {
      if (event.parts.length === 0) ownMap(element.partsSeen).delete(event.eventElementId);
      else element.partsSeen = ownMap(element.partsSeen).set(event.eventElementId, event.parts);
    });
  },
  gatewayRound(state, event) {
    const instance = instanceOf(state, event.processInstanceId);
    const scope = elementOf(instance, event.scopeId);
    for (const flowId of event.tokens) addToken(scope, flowId, -1);
    if (event.flows === null) ownMap(scope.rounds).delete(event.elementId);
    else scope.rounds = ownMap(scope.rounds).set(event.elementId, event.flows);
    state.instances.put(instance);
  },
  adHocQueued(state, event) {
    changeElement(state, event, (element) => {
      element.queue = event.queue;
    });
  },
  tokenPlaced(state, event) {
    const instance = instanceOf(state, event.processInstanceId);
    addToken(elementOf(instance, event.scopeId), event.flowId, 1);
    state.instances.put(instance);
  },
  loopExtended(state, event) {
    changeElement(state, event, (element) => {
      if (element.loop === null) return;
      const { loop } = element;
      element.loop = {
        ...loop,
        total: loop.total + 1,
        results: loop.results === null ? null : [...loop.results, null],
      };
    });
  },
  tokensDiscarded(state, event) {
    const instance = instanceOf(state, event.processInstanceId);
    const scope = elementOf(instance, event.scopeId);
    scope.tokens = mapOf();
    scope.rounds = mapOf();
    state.instances.put(instance);
  },

  variablesSet(state, event) {
    const instance = instanceOf(state, event.processInstanceId);
    const scope = elementOf(instance, event.scopeId);
    const variables = ownMap(scope.variables);
    for (const name in event.variables) variables.set(name, event.variables[name]!);
    scope.variables = variables;
    state.instances.put(instance);
  },
  variablesRemoved(state, event) {
    const instance = instanceOf(state, event.processInstanceId);
    const variables = ownMap(elementOf(instance, event.scopeId).variables);
    for (const name of event.names) variables.delete(name);
    state.instances.put(instance);
  },

  externalTaskCreated(state, { task }) {
    state.externalTasks.put({ ...task });
    changeElement(state, task, (element) => {
      element.externalTaskId = task.id;
    });
  },
  externalTaskLocked: (state, event, at) =>
    changeTask(state, event.externalTaskId, (task) => {
      letGoOfAi(state, task, at);
      task.workerId = event.workerId;
      task.availableAt = event.lockExpiresAt;
      task.lockCount = event.lockCount;
    }),
  externalTaskUnlocked: (state, event) =>
    changeTask(state, event.externalTaskId, (task) => {
      task.workerId = null;
      task.availableAt = 0;
    }),
  externalTaskFenced: (state, event) =>
    changeTask(state, event.externalTaskId, (task) => {
      task.workerId = null;
      task.availableAt = 0;
      task.lockCount = event.lockCount;
      if (event.reason !== undefined) task.errorMessage = event.reason;
    }),
  externalTaskForbidden: (state, event) =>
    changeTask(state, event.externalTaskId, (task) => {
      task.workerId = null;
      task.availableAt = 0;
      task.lockCount += 1;
      task.retries = 0;
      task.errorMessage = event.reason;
    }),
  externalTaskLockExtended: (state, event) =>
    changeTask(state, event.externalTaskId, (task) => {
      task.availableAt = event.lockExpiresAt;
    }),
  externalTaskFailed: (state, event) =>
    changeTask(state, event.externalTaskId, (task) => {
      letGoOfAi(state, task);
      task.workerId = null;
      task.availableAt = event.availableAt;
      task.retries = event.retries;
      task.errorMessage = event.errorMessage;
      task.errorDetails = event.errorDetails;
    }),
  externalTaskRetriesSet: (state, event) =>
    changeTask(state, event.externalTaskId, (task) => {
      task.retries = event.retries;
    }),
  externalTaskPrioritySet: (state, event) =>
    changeTask(state, event.externalTaskId, (task) => {
      task.priority = event.priority;
    }),
  externalTaskItemDone: (state, { externalTaskId, item, failure }) =>
    changeTask(state, externalTaskId, (task) => {
      const failed = task.progress?.failed ?? [];
      task.progress = {
        next: item + 1,
        failed: failure === null ? failed : [...failed, { item, reason: failure }],
      };
    }),
  externalTaskSuspended: (state, event) =>
    changeTask(state, event.externalTaskId, (task) => {
      task.suspended = true;
    }),
  externalTaskResumed: (state, event) =>
    changeTask(state, event.externalTaskId, (task) => {
      task.suspended = false;
    }),
  externalTaskCompleted: (state, event, at) => endExternalTask(state, event, at),
  externalTaskCanceled: (state, event, at) => endExternalTask(state, event, at),

  userTaskCreated(state, { task }) {
    state.userTasks.put({ ...task });
    changeElement(state, task, (element) => {
      element.userTaskId = task.id;
    });
  },
  userTaskAssigned(state, event, at) {
    const task = state.userTasks.get(event.userTaskId) ?? missing('user task', event.userTaskId);
    task.assignee = event.assignee;
    task.updatedAt = at;
    state.userTasks.put(task);
  },
  userTaskUpdated(state, event, at) {
    const task = state.userTasks.get(event.userTaskId) ?? missing('user task', event.userTaskId);
    Object.assign(task, event.changes, { updatedAt: at });
    state.userTasks.put(task);
  },
  userTaskCompleted: (state, event) => endUserTask(state, event),
  userTaskCanceled: (state, event) => endUserTask(state, event),

  noteAdded(state, { note }, at) {
    state.notes.put(note);
    const task = note.userTaskId === null ? undefined : state.userTasks.get(note.userTaskId);
    if (task === undefined) return;
    task.updatedAt = at;
    state.userTasks.put(task);
  },
  commentChanged(state, { noteId, text }) {
    const note = state.notes.get(noteId);
    if (note?.kind !== 'comment') return missing('comment', noteId);
    state.notes.put({ ...note, text });
  },
  noteRemoved: (state, { noteId }) => state.notes.delete(noteId),
  taskFilterSet: (state, { filter }) => state.filters.put(filter),
  taskFilterRemoved: (state, { filterId }) => state.filters.delete(filterId),

  timerScheduled(state, { timer }) {
    state.timers.put({ ...timer });
    changeElement(state, timer, (element) => {
      element.timers = ownSet(element.timers).add(timer.id);
    });
  },
  timerTriggered(state, event) {
    const timer = state.timers.get(event.timerId) ?? missing('timer', event.timerId);
    if (event.next !== undefined) {
      timer.dueAt = event.next.dueAt;
      timer.repeat = event.next.repeat;
      state.timers.put(timer);
      return;
    }
    state.timers.delete(timer.id);
    changeElement(state, timer, ({ timers }) => ownSet(timers).delete(timer.id));
  },
  timerCanceled(state, event) {
    const timer = state.timers.get(event.timerId) ?? missing('timer', event.timerId);
    state.timers.delete(timer.id);
    changeElement(state, timer, ({ timers }) => ownSet(timers).delete(timer.id));
  },
  timerChanged(state, { timerId, dueAt, priority, suspended }) {
    const timer = state.timers.get(timerId) ?? missing('timer', timerId);
    timer.dueAt = dueAt ?? timer.dueAt;
    timer.priority = priority ?? timer.priority;
    timer.suspended = suspended ?? timer.suspended;
    state.timers.put(timer);
  },
  timerPrioritySet(state, { timerId, priority }) {
    const timer = state.timers.get(timerId) ?? missing('timer', timerId);
    timer.priority = priority;
    state.timers.put(timer);
  },
  subscriptionOpened(state, { subscription }) {
    state.subscriptions.put(subscription);
    changeElement(state, subscription, (element, instance) => {
      element.subscriptions = ownSet(element.subscriptions).add(subscription.id);
      if (subscription.kind === 'condition') noteCondition(instance, element.id);
    });
  },
  subscriptionClosed(state, event) {
    const subscription = state.subscriptions.get(event.subscriptionId) ?? missing('subscription', event.subscriptionId);
    state.subscriptions.delete(subscription.id);
    changeElement(state, subscription, ({ subscriptions }) => ownSet(subscriptions).delete(subscription.id));
  },

  messageBuffered: (state, { message }) => state.messages.put({ ...message }),
  messageTaken(state, event) {
    const message = state.messages.get(event.messageId) ?? missing('message', event.messageId);
    message.takenBy = [...message.takenBy, event.bpmnProcessId];
    state.messages.put(message);
  },
  messageRemoved: (state, event) => state.messages.delete(event.messageId),
  messageCorrelated() {},
  signalBroadcast() {},
  requestAnswered(state, { answer, forgotten }) {
    for (const id of forgotten) state.answers.delete(id);
    state.answers.put(answer);
  },
  identitySet: (state, { identity }) => state.identities.put({ ...identity }),
  identityRemoved: (state, event) => state.identities.delete(event.identityId),
  limitsSet: setLimits,
  usageCounted(state, { processInstanceId, steps = 0, createdTasks = 0 }) {
    changeUsage(state, processInstanceId, (usage) => ({
      ...usage,
      ...(steps === 0 ? {} : { steps: (usage.steps ?? 0) + steps }),
      ...(createdTasks === 0 ? {} : { createdTasks: (usage.createdTasks ?? 0) + createdTasks }),
    }));
  },
  aiReserved: holdAi,
  aiUsed: (state, event, at) => countAi(state, event, at),
  limitCaught(state, { processInstanceId, limit }) {
    changeUsage(state, processInstanceId, ({ [limit as 'steps']: _begun, ...usage }) => ({
      ...usage,
      caught: [...(usage.caught ?? []), limit],
    }));
  },
  instancesCounted(state, { controlId, countedFrom, found }) {
    const control = state.controls.get(controlId) ?? missing('control', controlId);
    control.living = (control.living ?? 0) + found;
    if (countedFrom > 0) control.countedFrom = countedFrom;
    else delete control.countedFrom;
    state.controls.put(control);
  },
  startRefused() {},
  storeRestored() {},
  clockPinned(state, { at }) {
    state.singletons.clockPinnedAt = at;
  },
  clockReset(state) {
    state.singletons.clockPinnedAt = null;
  },
  warningIssued(state, { processInstanceId }) {
    const instance = state.instances.get(processInstanceId);
    if (instance === undefined) return;
    instance.warnings = (instance.warnings ?? 0) + 1;
    state.instances.put(instance);
  },

  incidentRaised(state, { incident }) {
    state.incidents.put(incident);
    changeElement(state, incident, (element) => {
      element.incidents = ownSet(element.incidents).add(incident.id);
    });
  },
  incidentAnnotated(state, { incidentId, annotation }) {
    const incident = state.incidents.get(incidentId) ?? missing('incident', incidentId);
    if (annotation === null) delete incident.annotation;
    else incident.annotation = annotation;
    state.incidents.put(incident);
  },
  incidentResolved(state, event) {
    state.incidents.delete(event.incidentId);
    changeElement(state, event, ({ incidents }) => ownSet(incidents).delete(event.incidentId));
  },
  recoveryStarted(state, { incidentId, recoveryId }) {
    const incident = state.incidents.get(incidentId) ?? missing('incident', incidentId);
    incident.recoveryId = recoveryId;
    state.incidents.put(incident);
  },
};

/** Applies one event of the log: the only way state changes. `at` is the instant of its record. */
export function apply(state: State, event: EngineEvent, at: number): void {
  (appliers[event.type] as Applier<EventType>)(state, event, at);
}

function instanceOf(state: State, id: ProcessInstanceId): ProcessInstance {
  return state.instances.get(id) ?? missing('process instance', id);
}

/** For writing: what is got here counts as changed. */
function elementOf(instance: ProcessInstance, id: ElementInstanceId | null): ElementInstance {
  const element = (id === null ? undefined : instance.elements.get(id)) ?? missing('element instance', id);
  markChanged(element);
  return element;
}

function addToken(scope: ElementInstance, flowId: string, change: 1 | -1): void {
  const count = (scope.tokens.get(flowId) ?? 0) + change;
  if (count < 0) throw new Error(`no token on sequence flow ${flowId} in scope ${scope.id}`);
  // To empty a map costs more than a new one for the next token.
  if (count === 0 && scope.tokens.size === 1) scope.tokens = mapOf();
  else if (count === 0) ownMap(scope.tokens).delete(flowId);
  else scope.tokens = ownMap(scope.tokens).set(flowId, count);
}

function removeElement(state: State, instance: ProcessInstance, id: ElementInstanceId): ElementInstance {
  const element = elementOf(instance, id);
  dropBelongings(state, element);
  instance.elements.delete(id);
  elementOf(instance, element.scopeId).children -= 1;
  return element;
}

function endInstance(state: State, id: ProcessInstanceId): void {
  const instance = instanceOf(state, id);
  for (const element of instance.elements.values()) dropBelongings(state, element);
  countLiving(state, instance, -1);
  state.instances.delete(id);
  if (state.singletons.rootInstanceId === id) state.singletons.rootInstanceId = null;
}

/** Timers, subscriptions and incidents end with their element; nobody needs an event for each. */
function dropBelongings(state: State, element: ElementInstance): void {
  for (const id of element.timers) state.timers.delete(id);
  for (const id of element.subscriptions) state.subscriptions.delete(id);
  for (const id of element.incidents) state.incidents.delete(id);
}

function suspendDefinition(state: State, id: DefinitionId, suspended: boolean): void {
  const definition = state.definitions.get(id) ?? missing('definition', id);
  definition.suspended = suspended;
  state.definitions.put(definition);
}

/** What could happen in the instance rests with it. */
function suspendInstance(state: State, id: ProcessInstanceId, suspended: boolean): void {
  const instance = instanceOf(state, id);
  instance.suspended = suspended;
  for (const element of instance.elements.values()) {
    if (element.externalTaskId !== null)
      changeTask(state, element.externalTaskId, (task) => {
        task.suspended = suspended;
      });
    for (const timerId of element.timers) {
      const timer = state.timers.get(timerId) ?? missing('timer', timerId);
      timer.suspended = suspended;
      state.timers.put(timer);
    }
  }
  state.instances.put(instance);
}

/** Everything that names an element or the definition names the new one. */
function moveElement(state: State, element: ElementInstance, event: EventOf<'processInstanceMigrated'>): void {
  markChanged(element);
  const { definitionId, bpmnProcessId } = event;
  const moved = (id: string): string => (Object.hasOwn(event.moved, id) ? event.moved[id] : undefined) ?? id;
  const flow = (id: string): string => (Object.hasOwn(event.flows, id) ? event.flows[id] : undefined) ?? id;
  if (element.tokens.size > 0) element.tokens = new Map([...element.tokens].map(([id, count]) => [flow(id), count]));
  if (element.rounds.size > 0)
    element.rounds = new Map([...element.rounds].map(([id, flows]) => [moved(id), flows.map(flow)]));
  if (element.partsSeen.size > 0)
    element.partsSeen = new Map([...element.partsSeen].map(([id, parts]) => [moved(id), parts]));
  element.compensations = element.compensations.map((one) => moveCompensation(one, moved));
  element.queue = element.queue.map(moved);
  function move<Row extends { readonly id: number; elementId: string; definitionId: number }>(
    rows: { get(id: number): Row | undefined; put(row: Row): void },
    id: number | null,
  ): void {
    const row = id === null ? undefined : rows.get(id);
    if (row === undefined) return;
    row.elementId = moved(row.elementId);
    row.definitionId = definitionId;
    if ('bpmnProcessId' in row) Object.assign(row, { bpmnProcessId });
    if ('step' in row) Object.assign(row, { step: moveStep(row.step as Step | null, moved, flow) });
    rows.put(row);
  }
  move(state.externalTasks, element.externalTaskId);
  move(state.userTasks, element.userTaskId);
  for (const id of element.timers) move(state.timers, id);
  for (const id of element.subscriptions) move(state.subscriptions, id);
  for (const id of element.incidents) move(state.incidents, id);
}

/** What is to go on, or to be tried again, goes on at the new elements. */
function moveStep(step: Step | null, moved: (id: string) => string, flow: (id: string) => string): Step | null {
  switch (step?.kind) {
    case 'arrive':
      return { ...step, flowId: flow(step.flowId) };
    case 'enter':
      return { ...step, elementId: moved(step.elementId) };
    case 'trigger':
      return { ...step, eventElementId: moved(step.eventElementId) };
    case 'continueTurn':
      return { ...step, steps: step.steps.flatMap((one) => moveStep(one, moved, flow) ?? []) };
    default:
      return step;
  }
}

function moveCompensation(compensation: Compensation, moved: (id: string) => string): Compensation {
  const inner = compensation.inner.map((one) => moveCompensation(one, moved));
  return { ...compensation, elementId: moved(compensation.elementId), inner };
}

function changeElement(
  state: State,
  where: { readonly processInstanceId: ProcessInstanceId | null; readonly elementInstanceId: ElementInstanceId | null },
  change: (element: ElementInstance, instance: ProcessInstance) => void,
): void {
  if (where.processInstanceId === null || where.elementInstanceId === null) return;
  const instance = instanceOf(state, where.processInstanceId);
  change(elementOf(instance, where.elementInstanceId), instance);
  state.instances.put(instance);
}

function changeTask(state: State, id: number, change: (task: ExternalTask) => void): void {
  const task = state.externalTasks.get(id) ?? missing('external task', id);
  change(task);
  state.externalTasks.put(task);
}

function endExternalTask(
  state: State,
  event: EventOf<'externalTaskCompleted' | 'externalTaskCanceled'>,
  at: number,
): void {
  const task = state.externalTasks.get(event.externalTaskId);
  if (task !== undefined) letGoOfAi(state, task, at);
  state.externalTasks.delete(event.externalTaskId);
  changeElement(state, event, (element) => {
    element.externalTaskId = null;
  });
}

function endUserTask(state: State, event: EventOf<'userTaskCompleted' | 'userTaskCanceled'>): void {
  state.userTasks.delete(event.userTaskId);
  changeElement(state, event, (element) => {
    element.userTaskId = null;
  });
}

function missing(what: string, id: number | null): never {
  throw new Error(`the log names a ${what} that the state does not have: ${id}`);
}
