/** What the record log has told so far: who is alive, who holds what, what is due. Kept apart from the engine's own state. */
import type { ProcessModel } from '@procos/bpmn';
import type { EngineEvent, EventOf, LogRecord } from '@procos/engine';

export interface LiveElement {
  readonly id: number;
  readonly instanceId: number;
  elementId: string;
  scopeId: number | null;
  children: number;
  /** Tokens on the sequence flows of a scope. */
  readonly tokens: Map<string, number>;
  /** Ids of timers, subscriptions and incidents that end with it. */
  readonly timers: Set<number>;
  readonly subscriptions: Set<number>;
  readonly incidents: Set<number>;
}

export interface LiveTask {
  readonly id: number;
  readonly elementInstanceId: number;
  holder: string | null;
  availableAt: number;
  lockCount: number;
  retries: number | null;
}

export interface LiveTimer {
  dueAt: number;
  readonly elementInstanceId: number | null;
  remaining: number | null | undefined;
}

export interface LiveMessage {
  readonly once: boolean;
  readonly takenBy: Set<string>;
}

export interface LiveLimits {
  controlId: number;
  instances?: number;
  openTasks?: number;
  /** Instances from before the limit are still being counted. */
  counting: boolean;
}

export class History {
  sequence = 0;
  at = 0;
  lastId = 0;
  rootId: number | null = null;
  readonly models: Map<number, ProcessModel> = new Map();
  /** Definition of every instance alive. */
  readonly instances: Map<number, number> = new Map();
  /** The root scope of an instance has the id of the instance. */
  readonly elements: Map<number, LiveElement> = new Map();
  readonly tasks: Map<number, LiveTask> = new Map();
  readonly userTasks: Map<number, number> = new Map();
  readonly timers: Map<number, LiveTimer> = new Map();
  /** Subscriptions and incidents, by the element instance that they end with; null: start events. */
  readonly subscriptions: Map<number, number | null> = new Map();
  readonly incidents: Map<number, number> = new Map();
  readonly messages: Map<number, LiveMessage> = new Map();
  /** What owners allow all versions of a process without tenant. */
  readonly limits: Map<string, LiveLimits> = new Map();
  /** Ends that were told of external tasks, user tasks, elements and instances: each must be the only one. */
  readonly ended: Set<number> = new Set();

  /** Takes in the head of a record, once its events are in. */
  close(record: LogRecord): void {
    this.sequence = record.sequence;
    this.at = record.at;
    this.lastId = record.lastId;
  }

  /** Takes in one event that was found right. */
  take(event: EngineEvent): void {
    switch (event.type) {
      case 'processDefined':
        this.models.set(event.definition.id, event.definition.model);
        break;
      case 'processInstanceCreated':
        this.instances.set(event.processInstanceId, event.definitionId);
        this.#begin(event.processInstanceId, event.processInstanceId, event.bpmnProcessId, null);
        break;
      case 'rootDesignated':
        this.rootId = event.processInstanceId;
        break;
      case 'processInstanceCompleted':
      case 'processInstanceEnded':
        this.#end(event.processInstanceId);
        this.instances.delete(event.processInstanceId);
        if (this.rootId === event.processInstanceId) this.rootId = null;
        break;
      case 'processInstanceMigrated':
        this.instances.set(event.processInstanceId, event.definitionId);
        for (const { elementInstanceId, elementId } of event.elements) {
          const element = this.elements.get(elementInstanceId);
          if (element !== undefined) element.elementId = elementId;
        }
        this.#renameFlows(event.processInstanceId, event.flows);
        break;
      case 'elementActivated': {
        this.#begin(event.elementInstanceId, event.processInstanceId, event.elementId, event.scopeId);
        for (const flowId of event.consumedFlows) this.#token(event.scopeId, flowId, -1);
        break;
      }
      case 'elementCompleted': {
        const scopeId = this.elements.get(event.elementInstanceId)?.scopeId ?? null;
        this.#end(event.elementInstanceId);
        if (scopeId !== null) for (const flowId of event.takenFlows) this.#token(scopeId, flowId, 1);
        break;
      }
      case 'elementCanceled':
        this.#end(event.elementInstanceId);
        break;
      case 'elementMoved':
        this.#move(event.elementInstanceId, event.scopeId);
        break;
      case 'gatewayRound':
        for (const flowId of event.tokens) this.#token(event.scopeId, flowId, -1);
        break;
      case 'tokenPlaced':
        this.#token(event.scopeId, event.flowId, 1);
        break;
      case 'limitsSet':
        this.#limit(event);
        break;
      case 'instancesCounted':
        for (const limits of this.limits.values())
          if (limits.controlId === event.controlId && event.countedFrom === 0) limits.counting = false;
        break;
      case 'tokensDiscarded':
        this.elements.get(event.scopeId)?.tokens.clear();
        break;
      default:
        this.#takeBelonging(event);
    }
  }

  /** Alive, of all versions of the process. */
  living(bpmnProcessId: string): number {
    return [...this.instances.values()].filter((id) => this.models.get(id)?.bpmnProcessId === bpmnProcessId).length;
  }

  #limit({ target, limits, controlId = 0, countFrom }: EventOf<'limitsSet'>): void {
    if (target.kind !== 'definition' || target.version !== null || target.tenantId !== null) return;
    const known: LiveLimits = this.limits.get(target.bpmnProcessId) ?? { controlId, counting: false };
    for (const kind of ['instances', 'openTasks'] as const) {
      const value = limits[kind];
      if (value === null) delete known[kind];
      else if (value !== undefined) known[kind] = value;
    }
    if (countFrom !== undefined) known.counting = true;
    this.limits.set(target.bpmnProcessId, known);
  }

  #takeBelonging(event: EngineEvent): void {
    switch (event.type) {
      case 'externalTaskCreated': {
        // A process that serves its topic has it from the beginning.
        const { id, elementInstanceId, workerId: holder, availableAt, lockCount, retries } = event.task;
        this.tasks.set(id, { id, elementInstanceId, holder, availableAt, lockCount, retries });
        break;
      }
      case 'externalTaskLocked':
        this.#task(event.externalTaskId, {
          holder: event.workerId,
          availableAt: event.lockExpiresAt,
          lockCount: event.lockCount,
        });
        break;
      case 'externalTaskUnlocked':
        this.#task(event.externalTaskId, { holder: null, availableAt: 0 });
        break;
      case 'externalTaskFenced':
        this.#task(event.externalTaskId, { holder: null, availableAt: 0, lockCount: event.lockCount });
        break;
      case 'externalTaskLockExtended':
        this.#task(event.externalTaskId, { availableAt: event.lockExpiresAt });
        break;
      case 'externalTaskFailed':
        this.#task(event.externalTaskId, {
          holder: null,
          availableAt: event.availableAt,
          retries: event.retries,
        });
        break;
      case 'externalTaskRetriesSet':
        this.#task(event.externalTaskId, { retries: event.retries });
        break;
      case 'externalTaskCompleted':
      case 'externalTaskCanceled':
        this.tasks.delete(event.externalTaskId);
        this.ended.add(event.externalTaskId);
        break;
      case 'userTaskCreated':
        this.userTasks.set(event.task.id, event.task.elementInstanceId);
        break;
      case 'userTaskCompleted':
      case 'userTaskCanceled':
        this.userTasks.delete(event.userTaskId);
        this.ended.add(event.userTaskId);
        break;
      case 'timerScheduled': {
        const { id, dueAt, elementInstanceId, repeat } = event.timer;
        this.timers.set(id, { dueAt, elementInstanceId, remaining: repeat?.remaining });
        if (elementInstanceId !== null) this.elements.get(elementInstanceId)?.timers.add(id);
        break;
      }
      case 'timerTriggered': {
        const timer = this.timers.get(event.timerId);
        if (timer === undefined) break;
        if (event.next === undefined) this.#dropTimer(event.timerId);
        else {
          timer.dueAt = event.next.dueAt;
          timer.remaining = event.next.repeat.remaining;
        }
        break;
      }
      case 'timerCanceled':
        this.#dropTimer(event.timerId);
        break;
      case 'subscriptionOpened': {
        const { id, elementInstanceId } = event.subscription;
        this.subscriptions.set(id, elementInstanceId);
        if (elementInstanceId !== null) this.elements.get(elementInstanceId)?.subscriptions.add(id);
        break;
      }
      case 'subscriptionClosed': {
        const owner = this.subscriptions.get(event.subscriptionId);
        if (owner !== undefined && owner !== null) this.elements.get(owner)?.subscriptions.delete(event.subscriptionId);
        this.subscriptions.delete(event.subscriptionId);
        break;
      }
      case 'incidentRaised':
        this.incidents.set(event.incident.id, event.incident.elementInstanceId);
        this.elements.get(event.incident.elementInstanceId)?.incidents.add(event.incident.id);
        break;
      case 'incidentResolved':
        this.incidents.delete(event.incidentId);
        this.elements.get(event.elementInstanceId)?.incidents.delete(event.incidentId);
        break;
      case 'messageBuffered':
        this.messages.set(event.message.id, { once: event.message.once, takenBy: new Set(event.message.takenBy) });
        break;
      case 'messageTaken':
        this.messages.get(event.messageId)?.takenBy.add(event.bpmnProcessId);
        break;
      case 'messageRemoved':
        this.messages.delete(event.messageId);
        this.ended.add(event.messageId);
        break;
      default:
    }
  }

  #begin(id: number, instanceId: number, elementId: string, scopeId: number | null): void {
    const sets = { timers: new Set<number>(), subscriptions: new Set<number>(), incidents: new Set<number>() };
    this.elements.set(id, { id, instanceId, elementId, scopeId, children: 0, tokens: new Map(), ...sets });
    const scope = scopeId === null ? undefined : this.elements.get(scopeId);
    if (scope !== undefined) scope.children += 1;
  }

  #end(id: number): void {
    const element = this.elements.get(id);
    if (element === undefined) return;
    this.elements.delete(id);
    this.ended.add(id);
    for (const timer of element.timers) this.timers.delete(timer);
    for (const subscription of element.subscriptions) this.subscriptions.delete(subscription);
    for (const incident of element.incidents) this.incidents.delete(incident);
    const scope = element.scopeId === null ? undefined : this.elements.get(element.scopeId);
    if (scope !== undefined) scope.children -= 1;
  }

  #move(id: number, scopeId: number): void {
    const element = this.elements.get(id);
    if (element === undefined) return;
    const [from, to] = [this.elements.get(element.scopeId ?? 0), this.elements.get(scopeId)];
    if (from !== undefined) from.children -= 1;
    if (to !== undefined) to.children += 1;
    element.scopeId = scopeId;
  }

  #token(scopeId: number, flowId: string, change: 1 | -1): void {
    const tokens = this.elements.get(scopeId)?.tokens;
    if (tokens === undefined) return;
    const count = (tokens.get(flowId) ?? 0) + change;
    if (count === 0) tokens.delete(flowId);
    else tokens.set(flowId, count);
  }

  #task(id: number, change: Partial<LiveTask>): void {
    const task = this.tasks.get(id);
    if (task !== undefined) Object.assign(task, change);
  }

  #dropTimer(id: number): void {
    const owner = this.timers.get(id)?.elementInstanceId;
    if (owner !== undefined && owner !== null) this.elements.get(owner)?.timers.delete(id);
    this.timers.delete(id);
  }

  #renameFlows(instanceId: number, flows: Readonly<Record<string, string>>): void {
    for (const element of this.elements.values()) {
      if (element.instanceId !== instanceId || element.tokens.size === 0) continue;
      const renamed = [...element.tokens].map(([flowId, count]) => [flows[flowId] ?? flowId, count] as const);
      element.tokens.clear();
      for (const [flowId, count] of renamed) element.tokens.set(flowId, (element.tokens.get(flowId) ?? 0) + count);
    }
  }
}
