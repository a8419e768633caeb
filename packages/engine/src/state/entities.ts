/** What the state consists of: one plain type per subject. Instants (`…At`) are ms since the epoch. */
import type { Json, LimitKind, ProcessModel, Repeat, Variable } from '@procos/bpmn';
import type {
  AnswerId,
  ControlId,
  DecisionDefinitionId,
  DefinitionId,
  DeploymentId,
  ElementInstanceId,
  ExternalTaskId,
  IncidentId,
  MessageId,
  NoteId,
  ProcessInstanceId,
  Subject,
  SubscriptionId,
  TaskFilterId,
  TimerId,
  TopicServerId,
  UserTaskId,
} from '../records/ids.ts';
import type { Chain, Step } from '../records/steps.ts';

export interface Deployment {
  readonly id: DeploymentId;
  readonly name: string | null;
  readonly source: string | null;
  readonly tenantId: string | null;
  readonly deployedAt: number;
  readonly resources: readonly DeployedResource[];
}

export interface DeployedResource {
  readonly name: string;
  /** Its text; empty for a file that is none. */
  readonly content: string;
  /** The file itself, as base64, where it is not simply the UTF-8 of the text. */
  readonly bytes?: string;
}

export interface Definition {
  readonly id: DefinitionId;
  readonly bpmnProcessId: string;
  readonly version: number;
  readonly versionTag: string | null;
  readonly name: string | null;
  readonly deploymentId: DeploymentId;
  readonly resourceName: string;
  readonly tenantId: string | null;
  readonly deployedAt: number;
  /** sha256 of the resource, hex: tells an unchanged redeployment. */
  readonly checksum: string;
  readonly model: ProcessModel;
  /** Nobody can start it, and its start events do not fire. */
  suspended: boolean;
  /** Days that the history of its instances is kept, null: for good; absent: as its model says. */
  historyTimeToLive?: number | null;
  /** What holds for timers that are set from now on; absent: what the model says. */
  timerRules?: readonly TimerRule[];
  /** Nobody can start it any more; it is kept because instances of it ran, and their history is read by its model. */
  removed?: true;
}

/** Where a timer comes from: an event of the model, or an asynchronous continuation before or after an element. */
export interface TimerSource {
  readonly elementId: string;
  readonly from: 'event' | 'before' | 'after';
}

/** What an owner has set for the timers of one source. */
export interface TimerRule extends TimerSource {
  /** They rest until they are resumed. */
  readonly suspended?: true;
  readonly priority?: number;
}

/** A deployed version of one DMN decision. */
export interface DecisionDefinition {
  readonly id: DecisionDefinitionId;
  readonly decisionId: string;
  readonly version: number;
  readonly versionTag: string | null;
  readonly name: string | null;
  readonly deploymentId: DeploymentId;
  readonly resourceName: string;
  readonly tenantId: string | null;
  readonly deployedAt: number;
  /** sha256 of the resource, hex. */
  readonly checksum: string;
  /** The whole file that it comes from (all its decisions), as JSON; packages/bpmn/src/dmn reads it. */
  readonly model: Json;
}

/** A running instance: one compact row. Mutable; only appliers mutate it. */
export interface ProcessInstance {
  readonly id: ProcessInstanceId;
  /** Changes when the instance is migrated. */
  definitionId: DefinitionId;
  businessKey: string | null;
  readonly tenantId: string | null;
  readonly rootId: ProcessInstanceId;
  readonly parentId: ProcessInstanceId | null;
  readonly parentElementInstanceId: ElementInstanceId | null;
  readonly startedAt: number;
  /** Words by which it is found; absent: none. */
  readonly tags?: readonly string[];
  /** Ids of elements after which it is canceled; absent: none. */
  readonly endsAfter?: readonly string[];
  /** Definitions of those who started it, one by the other: it has no more rights than they; absent: none declares any. */
  readonly narrowedBy?: readonly DefinitionId[];
  /** Nothing happens in it until it is resumed: no timer fires, no task is handed out, no event is received. */
  suspended: boolean;
  /** How many warnings it has issued; absent: none. */
  warnings?: number;
  /** What its owner has set for it alone, and what is counted because of limits; absent: nothing. */
  control?: InstanceControl;
  /** Every element instance alive, the root scope included, by id. */
  readonly elements: Map<ElementInstanceId, ElementInstance>;
}

/** What an owner has set: how much, who, when and why. */
export interface Owned {
  readonly value: number;
  readonly by: string;
  readonly at: number;
  readonly reason: string;
}

export interface InstanceControl {
  readonly limits: { readonly [kind in LimitKind]?: Owned };
  /** −20 (first) to 19 (last). */
  readonly nice?: Owned;
  readonly usage: InstanceUsage;
}

/** Steps and tasks are counted only while a limit of them holds. */
export interface InstanceUsage {
  readonly steps?: number;
  readonly createdTasks?: number;
  readonly aiTokens?: number;
  /** Millionths of the currency. */
  readonly aiCost?: number;
  /** What AI tasks that run may still use. */
  readonly aiHeld?: AiHeld;
  /** Limits that an event of the model has taken care of: the next time there is an incident. */
  readonly caught?: readonly LimitKind[];
}

/** Reserved by AI tasks before they ask. `cost`: millionths of the currency. */
export interface AiHeld {
  readonly tokens: number;
  readonly cost: number;
  /** Tasks that hold something. */
  readonly tasks: number;
}

/** For whom an owner sets something. `version` null: every version of the process. */
export type ControlTarget =
  | { readonly kind: 'instance'; readonly processInstanceId: ProcessInstanceId }
  | {
      readonly kind: 'definition';
      readonly bpmnProcessId: string;
      readonly tenantId: string | null;
      readonly version: number | null;
    }
  | { readonly kind: 'tenant'; readonly tenantId: string };

/** What an owner has set for a definition or a tenant, and what is counted of all its instances. */
export interface Control {
  readonly id: ControlId;
  readonly target: Exclude<ControlTarget, { readonly kind: 'instance' }>;
  limits: { readonly [kind in LimitKind]?: Owned };
  nice?: Owned;
  /** Instances alive; absent: nobody asks. */
  living?: number;
  /** Those with a smaller id are not among `living` yet: they are being counted. */
  countedFrom?: number;
  minute?: { readonly since: number; readonly starts: number };
  /** `day`: days of UTC since the epoch. */
  ai?: { readonly day: number; readonly tokens: number; readonly cost: number };
  /** What AI tasks that run may still use. */
  aiHeld?: AiHeld;
}

/** Its maps and sets are changed through `ownMap` and `ownSet`: those that are empty are shared. */
export interface ElementInstance {
  readonly id: ElementInstanceId;
  /** Changes when the instance is migrated. */
  elementId: string;
  /** Enclosing element instance; null for the root scope. Changes when a migration adds or removes a scope. */
  scopeId: ElementInstanceId | null;
  /**
   * `body`: the scope that holds the instances of a loop. `undo`: a completed sub-process that was brought back with its
   * variables of that time, to undo what it had completed.
   */
  readonly role: 'element' | 'body' | 'undo';
  /** Local variables. */
  variables: ReadonlyMap<string, Variable>;
  /** Scopes: element instances directly inside that are alive. */
  children: number;
  /** Scopes: tokens that have left an element and not yet been consumed, per sequence flow. */
  tokens: ReadonlyMap<string, number>;
  /** Position in a multi-instance loop, 0-based. */
  loopIndex: number | null;
  /** Only for `body`. */
  loop: LoopState | null;
  externalTaskId: ExternalTaskId | null;
  userTaskId: UserTaskId | null;
  calledInstanceId: ProcessInstanceId | null;
  timers: ReadonlySet<TimerId>;
  subscriptions: ReadonlySet<SubscriptionId>;
  incidents: ReadonlySet<IncidentId>;
  /** Scopes: what has completed inside and can be undone, oldest first. */
  compensations: readonly Compensation[];
  /** It is undoing what a scope has completed, the latest first. */
  undo: Undo | null;
  /** It runs to undo something: who waits for it (an element instance with `undo`). */
  undoneFor: ElementInstanceId | null;
  /** Parallel multiple events that wait here: which of their parts have happened, by the event's element id. */
  partsSeen: ReadonlyMap<string, readonly number[]>;
  /** Scopes: complex gateways that have started and wait for the rest of their round: the flows consumed so far. */
  rounds: ReadonlyMap<string, readonly string[]>;
  /** Sequential ad-hoc sub-process: elements still to be started. */
  queue: readonly string[];
}

/** A completed activity that can be undone. */
export interface Compensation {
  /** Ascending over the whole store. */
  readonly id: number;
  /** The activity that completed. */
  readonly elementId: string;
  /** Its own variables at that moment. */
  readonly variables: Readonly<Record<string, Variable>>;
  /** A sub-process: what had completed inside. */
  readonly inner: readonly Compensation[];
  /** It had not completed when its instance was ended: only what is inside is undone. */
  readonly interrupted?: true;
}

export interface Undo {
  /** The scope whose completed activities are undone. */
  readonly scopeId: ElementInstanceId;
  /** Only this activity; null: all. */
  readonly activityId: string | null;
  /** Only what had completed by then (`Compensation.id` ≤). */
  readonly upTo: number;
  /** The whole instance: it is canceled when all is undone. `called`: what it has called, and still runs, undoes first. */
  readonly ending?: { readonly reason: string | null; readonly called?: true };
}

export interface LoopState {
  /** Total to run; known when the body activates. A standard loop: its upper limit. */
  readonly total: number;
  started: number;
  completed: number;
  /** Items of the collection, where there is one. */
  readonly items: readonly Variable[] | null;
  /** Results by index for an output collection. */
  readonly results: (Variable | null)[] | null;
}

export interface ExternalTask {
  readonly id: ExternalTaskId;
  readonly topic: string;
  readonly processInstanceId: ProcessInstanceId;
  readonly elementInstanceId: ElementInstanceId;
  elementId: string;
  definitionId: DefinitionId;
  bpmnProcessId: string;
  readonly businessKey: string | null;
  readonly tenantId: string | null;
  readonly createdAt: number;
  priority: number;
  /** null until a worker reports a number (Camunda 7) unless the model gives one. 0: waits in an incident. */
  retries: number | null;
  /** Who holds the lock; null when nobody does. */
  workerId: string | null;
  /** Fetchable when ≤ now: 0 when free, end of the lock while locked, end of the back-off after a failure. */
  availableAt: number;
  /** Fencing token: counts the locks given out. */
  lockCount: number;
  errorMessage: string | null;
  errorDetails: string | null;
  /** Not handed out until resumed. */
  suspended: boolean;
  /** What the worker is told beside the variables, where that was evaluated for this task; absent: what the model says. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Not the element's own work but something on the way to it or from it (a listener, a script in a mapping). */
  readonly errand: Errand | null;
  /** A task that works through a list: how far it is. It outlives locks, failures and restarts. */
  progress?: TaskProgress;
  /** Of an AI task: what it may still use, and where that is held beside its instance. */
  aiHeld?: { readonly tokens: number; readonly cost: number; readonly controls: readonly ControlId[] };
}

/** Items are numbered from 0. */
export interface TaskProgress {
  /** The first item that nothing has been done about. */
  readonly next: number;
  /** Items before `next` that could not be done, and why. */
  readonly failed: readonly { readonly item: number; readonly reason: string }[];
}

/** Work that a step waits for: when it is done, the step goes on. */
export interface Errand {
  readonly purpose: 'script' | 'executionListener' | 'taskListener';
  readonly step: Step;
  /** `script`: under which key the step finds the value. */
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Values of mappings before this one: the worker sees them beside the visible variables. */
  readonly variables: Readonly<Record<string, Variable>>;
}

export interface UserTask {
  readonly id: UserTaskId;
  readonly processInstanceId: ProcessInstanceId;
  readonly elementInstanceId: ElementInstanceId;
  elementId: string;
  definitionId: DefinitionId;
  bpmnProcessId: string;
  readonly tenantId: string | null;
  name: string | null;
  readonly createdAt: number;
  assignee: string | null;
  candidateUsers: readonly string[];
  candidateGroups: readonly string[];
  /** Who answers for it while somebody else does it; absent: nobody. */
  owner?: string | null;
  /** Its assignee does it for its owner (`pending`), or has done so (`resolved`); absent: it was never delegated. */
  delegation?: 'pending' | 'resolved' | null;
  description?: string | null;
  /** Who else has to do with it, besides assignee, owner and candidates; absent: nobody. */
  links?: readonly TaskLink[];
  /** When somebody last changed it or said something about it; absent: never. */
  updatedAt?: number;
  dueAt: number | null;
  followUpAt: number | null;
  priority: number;
  readonly formKey: string | null;
  readonly formId: string | null;
  /** Which version of the form is meant; absent: the latest. */
  readonly formBinding?: FormBinding;
}

/** A user or a group, in a part that the application names. */
export interface TaskLink {
  readonly type: string;
  readonly userId: string | null;
  readonly groupId: string | null;
}

/** What somebody has said about a user task or a process instance, or put to it. It stays until the history of the instance goes. */
export type Note = {
  readonly id: NoteId;
  readonly processInstanceId: ProcessInstanceId;
  /** null: of the process instance itself. */
  readonly userTaskId: UserTaskId | null;
  readonly createdAt: number;
  /** Who, as the application names him. */
  readonly by: string | null;
} & NoteContent;

export type NoteContent =
  | { readonly kind: 'comment'; readonly text: string }
  | {
      readonly kind: 'attachment';
      readonly name: string | null;
      readonly description: string | null;
      readonly type: string | null;
      /** Where it is, when it is not here. */
      readonly url: string | null;
      /** Bytes as they are kept in a variable, beside the records where they are many; null: there is only the address. */
      readonly content: Variable | null;
    };

/** A query for user tasks that is kept under a name; the engine never reads one. */
export interface TaskFilter {
  readonly id: TaskFilterId;
  readonly name: string;
  readonly owner: string | null;
  /** In the words of who asks. */
  readonly query: Json;
  /** What applications show with it. */
  readonly properties: Json;
}

/** `version` is a number (Camunda 7) or a tag (Camunda 8), as text; null for the form of the same deployment. */
export interface FormBinding {
  readonly kind: 'deployment' | 'version' | 'versionTag';
  readonly version: string | null;
}

export interface Timer {
  readonly id: TimerId;
  dueAt: number;
  repeat: Repeat | null;
  definitionId: DefinitionId;
  /** null for a timer start event of a process. */
  readonly processInstanceId: ProcessInstanceId | null;
  /** What is waiting: the catch event itself, the host of a boundary event, the scope of an event sub-process, the gateway. */
  readonly elementInstanceId: ElementInstanceId | null;
  /** The timer event; the element that goes on, for `step`. */
  elementId: string;
  /** Which part of a multiple event. */
  readonly part: number | null;
  /** Not an event: the instance goes on with this step (asynchronous continuation, or a retry). */
  readonly step: Step | null;
  /** Camunda 7 `jobPriority`, else as nice its instance is: of those that are due together the highest goes first. */
  priority: number;
  /** Does not fire until resumed. */
  suspended: boolean;
  /** It waits for nothing: the command that it causes goes on with this chain. */
  readonly chain?: Chain;
}

export interface Subscription {
  readonly id: SubscriptionId;
  /** `lock`: no event, but a mark that an instance started by a message with this correlation key is running. */
  readonly kind: 'message' | 'signal' | 'condition' | 'lock';
  /** Empty for conditions. */
  readonly name: string;
  /** Camunda 8 correlation key; null in Camunda 7 models and for signals. */
  readonly correlationKey: string | null;
  definitionId: DefinitionId;
  bpmnProcessId: string;
  /** null for a start event of a process. */
  readonly processInstanceId: ProcessInstanceId | null;
  readonly elementInstanceId: ElementInstanceId | null;
  /** The message, signal or conditional event (or receive task). */
  elementId: string;
  /** Which part of a multiple event. */
  readonly part: number | null;
  readonly businessKey: string | null;
  readonly tenantId: string | null;
  readonly createdAt: number;
}

/** A published message that waits for its receiver until `expiresAt`. */
export interface BufferedMessage {
  readonly id: MessageId;
  readonly name: string;
  readonly correlationKey: string;
  readonly variables: Readonly<Record<string, Variable>>;
  readonly tenantId: string | null;
  readonly expiresAt: number;
  /** Thrown by a process: gone with its first receiver. Published: each process (by id) receives it once. */
  readonly once: boolean;
  /** What its publisher calls it; absent: nothing. */
  readonly uniqueId?: string;
  /** Of who threw it: an instance that it starts has no more rights. */
  readonly narrowedBy?: readonly DefinitionId[];
  /** Who has sent it from outside: what begins because of it is started by him, whoever is asking for something when it is taken. */
  readonly by?: Subject;
  /** Process ids that have received it. */
  takenBy: readonly string[];
}

/** Who does the tasks of a topic; where there is no row, workers do. */
export interface TopicServer {
  readonly id: TopicServerId;
  readonly topic: string;
  readonly tenantId: string | null;
  /** null: workers. A process that does not declare the topic any more leaves it to workers, too. */
  readonly bpmnProcessId: string | null;
  /** By somebody; false: by the first deployment that declared it. */
  readonly chosen: boolean;
}

/** What a request with a key was answered, kept for the case that it is asked again. */
export interface Answer {
  readonly id: AnswerId;
  readonly key: string;
  readonly fingerprint: string;
  /** Reply or refusal. Of `fetchAndLock` only which tasks were locked. */
  readonly outcome: Json;
  /** From then on the key counts as new. */
  readonly expiresAt: number;
}

export type IncidentKind =
  | 'failedExternalTask'
  | 'forbidden'
  | 'expression'
  | 'unhandledError'
  | 'calledElement'
  | 'runaway'
  | 'noOutgoingFlow'
  | 'timer'
  | 'message'
  | 'decision'
  | 'deadlock'
  | 'limitReached'
  | 'custom';

export interface Incident {
  readonly id: IncidentId;
  readonly kind: IncidentKind;
  readonly processInstanceId: ProcessInstanceId;
  readonly elementInstanceId: ElementInstanceId;
  elementId: string;
  definitionId: DefinitionId;
  bpmnProcessId: string;
  readonly tenantId: string | null;
  readonly createdAt: number;
  /** What, where, and what to do. */
  readonly message: string;
  readonly externalTaskId: ExternalTaskId | null;
  /** What is tried again when the incident is resolved; null where the external task itself is. */
  readonly step: Step | null;
  /** `custom`: what who raised it calls it, and what else he said. */
  readonly label?: string;
  readonly configuration?: string;
  /** What somebody has noted about it; absent: nothing. */
  annotation?: string;
  /** Of the business error that nobody caught, where a worker had reported it. */
  readonly errorCode?: string;
  /** The process instance that was started to recover from it, whatever has become of that; absent: none so far. */
  recoveryId?: ProcessInstanceId;
}
