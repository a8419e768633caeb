/** The state as the engine sees it: ports, one per subject. The store implements them; only appliers write. */
import type {
  AnswerId,
  ControlId,
  DecisionDefinitionId,
  DefinitionId,
  DeploymentId,
  ExternalTaskId,
  IdentityId,
  IncidentId,
  MessageId,
  NoteId,
  ProcessInstanceId,
  SubscriptionId,
  TaskFilterId,
  TimerId,
  TopicServerId,
  UserTaskId,
} from '../records/ids.ts';
import type {
  Answer,
  BufferedMessage,
  Control,
  DecisionDefinition,
  Definition,
  Deployment,
  ExternalTask,
  Incident,
  Note,
  ProcessInstance,
  Subscription,
  TaskFilter,
  Timer,
  TopicServer,
  UserTask,
} from './entities.ts';
import type { Identity, IdentityKind, IdentityOf } from './identities.ts';

/**
 * Rows of one subject. `get` returns the live object: an applier may mutate it and then must `put` it, which marks it
 * changed. What `get` and the look-ups return includes every change made so far in the batch, committed or not.
 */
export interface Rows<Id extends number, Row extends { readonly id: Id }> {
  get(id: Id): Row | undefined;
  put(row: Row): void;
  delete(id: Id): void;
}

export interface DeploymentRows extends Rows<DeploymentId, Deployment> {
  /** Latest deployment of this name and tenant. */
  latest(name: string | null, tenantId: string | null): Deployment | undefined;
}

/** Those that are removed are found by `get` and `ofDeployment` alone. */
export interface DefinitionRows extends Rows<DefinitionId, Definition> {
  latest(bpmnProcessId: string, tenantId: string | null): Definition | undefined;
  version(bpmnProcessId: string, version: number, tenantId: string | null): Definition | undefined;
  versionTag(bpmnProcessId: string, versionTag: string, tenantId: string | null): Definition | undefined;
  ofDeployment(deploymentId: DeploymentId): readonly Definition[];
}

export interface DecisionDefinitionRows extends Rows<DecisionDefinitionId, DecisionDefinition> {
  latest(decisionId: string, tenantId: string | null): DecisionDefinition | undefined;
  version(decisionId: string, version: number, tenantId: string | null): DecisionDefinition | undefined;
  versionTag(decisionId: string, versionTag: string, tenantId: string | null): DecisionDefinition | undefined;
  ofDeployment(deploymentId: DeploymentId): readonly DecisionDefinition[];
}

export interface ProcessInstanceRows extends Rows<ProcessInstanceId, ProcessInstance> {
  /** Those whose id is not greater than `upTo`, the newest first, at most `limit`. Reads each: for what is done once. */
  upTo(upTo: ProcessInstanceId, limit: number): readonly ProcessInstance[];
}

/** Kept in memory: each is asked for at every start, and most systems have none. */
export interface ControlRows extends Rows<ControlId, Control> {
  /** Nobody has ever set anything for a definition or tenant. */
  readonly none: boolean;
  of(target: Control['target']): Control | undefined;
}

export interface ExternalTaskRows extends Rows<ExternalTaskId, ExternalTask> {
  /**
   * Tasks of a topic that may be handed out: not suspended, `availableAt` ≤ now and retries ≠ 0; ordered by priority (highest first) when
   * asked, then by creation (id) ascending or descending. Lazy: stop reading when enough were taken.
   */
  fetchable(
    topic: string,
    now: number,
    order: { readonly byPriority: boolean; readonly newestFirst: boolean },
    wanted?: WantedTasks,
  ): Iterable<ExternalTask>;
  /** Definitions that have tasks of this topic which nobody holds; some may have none any more. */
  definitions(topic: string): readonly DefinitionId[];
  /** Of one definition those that nobody holds, of highest priority first, then oldest. Lazy. */
  freeOf(topic: string, definitionId: DefinitionId, wanted?: WantedTasks): Iterable<ExternalTask>;
  /** Those whose lock or back-off has run out, oldest first or by priority. Lazy. */
  released(topic: string, now: number, byPriority: boolean, wanted?: WantedTasks): Iterable<ExternalTask>;
  /** The earliest instant after `after` at which one that is held, or waits for its next attempt, comes free. */
  nextRelease(topic: string, after: number): number | undefined;
}

/** Values that a task must have one of; tasks that have not need not be given, though some are. */
export type WantedTasks = {
  readonly [column in 'definitionId' | 'bpmnProcessId' | 'businessKey' | 'tenantId']?: readonly (
    | string
    | number
    | null
  )[];
};

export interface TimerRows extends Rows<TimerId, Timer> {
  /** Timers not suspended and due at or before `now`, earliest first, at most `limit`. */
  due(now: number, limit: number): readonly Timer[];
  /** Definitions that have timers, 0 among them for those of none; some may have none any more. */
  definitions(): readonly DefinitionId[];
  /** As `due`, of one definition. */
  dueOf(definitionId: DefinitionId, now: number, limit: number): readonly Timer[];
  /** Earliest `dueAt` of those not suspended; undefined when there is none. */
  nextDueAt(): number | undefined;
  /** Timer start events of a definition. */
  startTimers(definitionId: DefinitionId): readonly Timer[];
}

export interface SubscriptionRows extends Rows<SubscriptionId, Subscription> {
  /** All that wait for this name, oldest first. */
  byName(kind: Subscription['kind'], name: string): readonly Subscription[];
  /** Of those the ones that began to wait after `after` did, at most `limit`. */
  after(kind: Subscription['kind'], name: string, after: SubscriptionId, limit: number): readonly Subscription[];
  /** Camunda 8: the ones with this correlation key, oldest first. */
  byKey(name: string, correlationKey: string): readonly Subscription[];
  /** Those of instances with this business key, oldest first. */
  byBusinessKey(name: string, businessKey: string): readonly Subscription[];
  /** Those of one instance, oldest first. */
  ofInstance(name: string, processInstanceId: ProcessInstanceId): readonly Subscription[];
  /** Start events that wait for this name, oldest first. */
  starting(kind: Subscription['kind'], name: string): readonly Subscription[];
  /** Start events of a definition. */
  startSubscriptions(definitionId: DefinitionId): readonly Subscription[];
}

export interface MessageRows extends Rows<MessageId, BufferedMessage> {
  byKey(name: string, correlationKey: string): readonly BufferedMessage[];
  expired(now: number, limit: number): readonly BufferedMessage[];
  nextExpiryAt(): number | undefined;
}

export interface IncidentRows extends Rows<IncidentId, Incident> {
  ofExternalTask(externalTaskId: ExternalTaskId): Incident | undefined;
}

export interface AnswerRows extends Rows<AnswerId, Answer> {
  byKey(key: string): Answer | undefined;
  /** That may be forgotten at `now`, those first that may be longest, at most `limit`. */
  expired(now: number, limit: number): readonly Answer[];
}

export interface IdentityRows extends Rows<IdentityId, Identity> {
  named<K extends IdentityKind>(kind: K, name: string): IdentityOf<K> | undefined;
  /** All of a kind, oldest first. */
  ofKind<K extends IdentityKind>(kind: K): readonly IdentityOf<K>[];
}

export interface TopicServerRows extends Rows<TopicServerId, TopicServer> {
  /** Asked for every task that is created: no statement where the topic was asked for before. */
  of(topic: string, tenantId: string | null): TopicServer | undefined;
}

export interface NoteRows extends Rows<NoteId, Note> {
  /** Nobody has said anything, about nothing. */
  readonly none: boolean;
  /** Of the instance and its user tasks, in the order in which they came. */
  ofInstance(processInstanceId: ProcessInstanceId): readonly Note[];
}

/** Single values of the whole store. */
export interface Singletons {
  /** PID 1, null before the first boot and after it ended. */
  rootInstanceId: ProcessInstanceId | null;
  /** Instant at which time stands still, ms since the epoch; null: it goes on. */
  clockPinnedAt: number | null;
}

export interface State {
  readonly deployments: DeploymentRows;
  readonly definitions: DefinitionRows;
  readonly decisions: DecisionDefinitionRows;
  readonly instances: ProcessInstanceRows;
  readonly externalTasks: ExternalTaskRows;
  readonly userTasks: Rows<UserTaskId, UserTask>;
  readonly timers: TimerRows;
  readonly subscriptions: SubscriptionRows;
  readonly messages: MessageRows;
  readonly incidents: IncidentRows;
  readonly answers: AnswerRows;
  readonly identities: IdentityRows;
  readonly topicServers: TopicServerRows;
  readonly controls: ControlRows;
  readonly notes: NoteRows;
  readonly filters: Rows<TaskFilterId, TaskFilter>;
  readonly singletons: Singletons;
}
