/** What the outside may ask of the engine: imperative, one entry per command with its request and its reply. */
import type { AiBudget, AiUsage, Capabilities, Json, LimitKind, ProcessModel, Variable } from '@procos/bpmn';
import type {
  BufferedMessage,
  ControlTarget,
  DeployedResource,
  ExternalTask,
  NoteContent,
  TaskFilter,
  TaskLink,
  TimerSource,
} from '../state/entities.ts';
import type { Approval, IdentityChange, IdentityRequest } from '../state/identities.ts';
import type { HistoryTarget, Variables } from './events.ts';
import type { FrozenInstance } from './frozen.ts';
import type {
  DecisionDefinitionId,
  DefinitionId,
  DeploymentId,
  ElementInstanceId,
  ExternalTaskId,
  IncidentId,
  MessageId,
  NoteId,
  ProcessInstanceId,
  TaskFilterId,
  TimerId,
  UserTaskId,
} from './ids.ts';
import type { UserTaskUpdate } from './steps.ts';

export interface NewDefinition {
  readonly resourceName: string;
  readonly checksum: string;
  readonly model: ProcessModel;
}

export interface NewDecision {
  readonly resourceName: string;
  readonly checksum: string;
  readonly decisionId: string;
  readonly name: string | null;
  readonly versionTag: string | null;
  /** The whole file, as JSON (packages/bpmn/src/dmn). */
  readonly model: Json;
}

/** Which decision to evaluate: by id, or by decision id with the latest (or given) version. */
export type DecisionRef =
  | { readonly decisionDefinitionId: DecisionDefinitionId }
  | { readonly decisionId: string; readonly version?: number; readonly tenantId?: string | null };

/**
 * One change of a running instance, as Camunda 7 names them. Where several instances of the enclosing scope are alive,
 * `ancestor` says in which one; scopes that are missing are created on the way.
 */
export type Instruction =
  | { readonly kind: 'cancel'; readonly elementInstanceId: ElementInstanceId }
  /** Every instance of the element. */
  | { readonly kind: 'cancelAll'; readonly elementId: string }
  | ({ readonly kind: 'startBefore'; readonly elementId: string } & StartInstruction)
  /** As if the element had just completed: by its only outgoing sequence flow. */
  | ({ readonly kind: 'startAfter'; readonly elementId: string } & StartInstruction)
  | ({ readonly kind: 'startTransition'; readonly flowId: string } & StartInstruction);

interface StartInstruction {
  readonly ancestor?: ElementInstanceId;
  /** Set in the process instance. */
  readonly variables?: Variables;
  /** Set in the scope of the element that starts. */
  readonly localVariables?: Variables;
  /** Set in scopes around it, by the ids of their elements: Camunda 8 names them. */
  readonly scopes?: readonly { readonly elementId: string; readonly variables: Variables }[];
}

export interface MigrationInstruction {
  readonly source: string;
  readonly target: string;
  /** Evaluate the timer, message or condition of the target anew; else the wait goes on as it is. */
  readonly updateEventTrigger?: boolean;
}

/** Which definition to start: by id, or by process id with the latest (or given) version. */
export type DefinitionRef =
  | { readonly definitionId: DefinitionId }
  | { readonly bpmnProcessId: string; readonly version?: number; readonly tenantId?: string | null };

export interface StartedInstance {
  readonly processInstanceId: ProcessInstanceId;
  readonly definitionId: DefinitionId;
  readonly bpmnProcessId: string;
  readonly version: number;
  readonly businessKey: string | null;
  readonly tenantId: string | null;
  /** The instance reached its end within this very command. */
  readonly ended: boolean;
  /** Variables of the root scope when the command was done (also of an ended instance). */
  readonly variables: Variables;
}

export interface Correlated {
  readonly processInstanceId: ProcessInstanceId;
  /** null when the message started a new instance. */
  readonly elementInstanceId: ElementInstanceId | null;
  readonly definitionId: DefinitionId;
  readonly started: boolean;
}

export interface TopicRequest {
  readonly topic: string;
  /** Length of the lock, ms, > 0. */
  readonly lockMs: number;
  /** Names to send along; undefined: all visible ones. */
  readonly variables?: readonly string[];
  readonly localVariables?: boolean;
  readonly businessKey?: string;
  readonly definitionIds?: readonly DefinitionId[];
  readonly bpmnProcessIds?: readonly string[];
  readonly versionTag?: string;
  readonly withoutTenantId?: boolean;
  readonly tenantIds?: readonly string[];
  /** Only tasks of instances whose variables equal these. */
  readonly processVariables?: Readonly<Record<string, Variable['value']>>;
  readonly includeExtensionProperties?: boolean;
}

export interface LockedTask {
  /** A copy, as of the lock. */
  readonly task: ExternalTask;
  readonly variables: Variables;
  readonly versionTag: string | null;
  readonly definitionVersion: number;
  /** The outermost caller of its instance, or the instance itself. */
  readonly rootId: ProcessInstanceId;
  /** Of its instance; absent: none. */
  readonly tags?: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  /** What its instance may use; absent: everything but system calls. */
  readonly capabilities?: Capabilities;
  /** Of an AI task: what is left for it; absent: without limit. */
  readonly aiBudget?: AiBudget;
}

/** Held by whom: refused when the task is held by another, or the fencing token is an old one. */
export interface Holder {
  readonly externalTaskId: ExternalTaskId;
  readonly workerId: string;
  readonly lockCount?: number;
}

interface WorkerResult {
  /** To the scopes above (to the output mappings where a Camunda 8 element has some). */
  readonly variables?: Variables;
  /** To the element's own scope, where output mappings see them. */
  readonly localVariables?: Variables;
}

type Attachment = Extract<NoteContent, { readonly kind: 'attachment' }>;
export type NewNote = Extract<NoteContent, { readonly kind: 'comment' }> | Omit<Attachment, 'content'>;

/** `definitionId` is one of here. */
export interface ImportedInstance extends FrozenInstance {
  /** As the history shows it. */
  readonly startedBy: string;
  readonly startElementId: string | null;
}

/** `name: [request, reply]`. */
export interface CommandTable {
  deploy: [
    {
      readonly name: string | null;
      readonly source: string | null;
      readonly tenantId: string | null;
      readonly resources: readonly DeployedResource[];
      readonly definitions: readonly NewDefinition[];
      readonly decisions?: readonly NewDecision[];
      /** Camunda's `enable-duplicate-filtering`: nothing new when every resource is unchanged since the latest deployment. */
      readonly skipUnchanged: boolean;
      /** Nobody can start what it defines until that is resumed. */
      readonly suspended?: boolean;
      /** Name of the approval that it needs and uses up. */
      readonly approval?: string;
    },
    {
      /** The earlier deployment's id when nothing was new. */
      readonly deploymentId: DeploymentId;
      readonly deployedAt: number;
      readonly name: string | null;
      readonly source: string | null;
      readonly tenantId: string | null;
      /** Empty when nothing was new. */
      readonly definitionIds: readonly DefinitionId[];
      readonly decisionDefinitionIds: readonly DecisionDefinitionId[];
    },
  ];
  createProcessInstance: [
    {
      readonly definition: DefinitionRef;
      readonly businessKey?: string | null;
      /** Words by which it is found; they never change. */
      readonly tags?: readonly string[];
      readonly variables?: Variables;
      /** Submitted by the form of the start event: held against its fields. */
      readonly form?: boolean;
      /** It recovers from these open incidents: refused when one of them has gone, or has a recovery already. */
      readonly recovers?: { readonly incidentIds: readonly IncidentId[]; readonly attempt: number };
      /** Start the root process, unless one is running: then the reply names that one. */
      readonly asRoot?: boolean;
      /** Begin at these places instead of the start event (Camunda's start instructions; a restart). */
      readonly startInstructions?: readonly Instruction[];
      /** Canceled as soon as one of these elements has completed or was canceled (Camunda 8's runtime instructions). */
      readonly endsAfter?: readonly string[];
      readonly skipListeners?: boolean;
      readonly skipMappings?: boolean;
    },
    StartedInstance,
  ];
  cancelProcessInstance: [
    {
      readonly processInstanceId: ProcessInstanceId;
      readonly reason?: string | null;
      readonly skipListeners?: boolean;
      /**
       * Undo first what it has completed, also inside sub-processes that are still active: what runs is canceled at once,
       * then the compensation handlers run, the latest activity first, and when the last one is done the instance is
       * canceled. Asked again meanwhile it changes nothing; without it the instance is canceled at once.
       */
      readonly compensate?: boolean;
    },
    Record<never, never>,
  ];
  /** All instructions in order, in one step. An instance left with nothing inside completes as canceled. */
  modifyProcessInstance: [
    {
      readonly processInstanceId: ProcessInstanceId;
      readonly instructions: readonly Instruction[];
      readonly skipListeners?: boolean;
      readonly skipMappings?: boolean;
    },
    Record<never, never>,
  ];
  /**
   * Refused with all reasons at once when an element instance has no fitting place in the target. Scopes that are new in the
   * target begin around what moves into them, scopes that are not mapped end around what moves out of them.
   */
  migrateProcessInstance: [
    {
      readonly processInstanceId: ProcessInstanceId;
      readonly targetDefinitionId: DefinitionId;
      readonly instructions: readonly MigrationInstruction[];
      readonly variables?: Variables;
      /** Of the scopes that begin and end. */
      readonly skipListeners?: boolean;
      readonly skipMappings?: boolean;
      /** For the audit. */
      readonly reason?: string;
    },
    Record<never, never>,
  ];
  /** Suspends or resumes; asking for what is already so changes nothing. */
  setSuspension: [
    {
      readonly target:
        | { readonly processInstanceId: ProcessInstanceId }
        | { readonly definitionId: DefinitionId }
        | { readonly externalTaskId: ExternalTaskId };
      readonly suspended: boolean;
      /** For the audit; kept for process instances. */
      readonly reason?: string;
    },
    Record<never, never>,
  ];
  /** Who does the tasks of a topic that are created from now on; null: workers, whatever processes declare. */
  setTopicServer: [
    { readonly topic: string; readonly tenantId: string | null; readonly bpmnProcessId: string | null },
    Record<never, never>,
  ];
  /**
   * What an owner allows a definition, a tenant or one running instance: whole numbers, 0 or more; null takes a limit away.
   * `nice` is −20 (first) to 19 (last). What is not named stays as it is.
   */
  setLimits: [
    {
      readonly target: ControlTarget;
      readonly limits?: { readonly [kind in LimitKind]?: number | null };
      readonly nice?: number | null;
      /** For the audit, and for who reaches the limit. */
      readonly reason: string;
    },
    Record<never, never>,
  ];
  /** How long the history of instances of a definition is kept, in days; null: for good. */
  setHistoryTimeToLive: [{ readonly definitionId: DefinitionId; readonly days: number | null }, Record<never, never>];
  /**
   * Takes what is over out of the history: at most `atMost` rows, so that nobody waits long. Ask again while there is
   * more. What still lives is refused, and so is a list of more than 1,000.
   */
  removeHistory: [{ readonly target: HistoryTarget; readonly atMost: number }, Record<never, never>];
  /** A deployment with its files. Refused when a definition comes from it, unless those are to go with it. */
  removeDeployment: [{ readonly deploymentId: DeploymentId; readonly withDefinitions?: boolean }, Record<never, never>];
  /** All of them or none. What runs goes on; the version before begins to receive what starts the process. */
  removeDefinitions: [{ readonly definitionIds: readonly DefinitionId[] }, Record<never, never>];
  /** The version before, where there is one, is the latest then. */
  removeDecisions: [{ readonly decisionDefinitionIds: readonly DecisionDefinitionId[] }, Record<never, never>];
  /**
   * Instances that ran elsewhere, with all that they called, callers first; they arrive suspended. `keepIds`: refused when
   * an identity is taken; else all get new ones, and nobody holds their tasks. Messages get new identities in any case.
   */
  importProcessInstances: [
    {
      readonly instances: readonly ImportedInstance[];
      readonly messages?: readonly BufferedMessage[];
      readonly keepIds: boolean;
    },
    /** Old and new identity of each. */
    { readonly processInstanceIds: readonly (readonly [ProcessInstanceId, ProcessInstanceId])[] },
  ];
  /** Starts activities inside a waiting ad-hoc sub-process. */
  activateAdHoc: [
    {
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId;
      readonly elements: readonly { readonly elementId: string; readonly variables?: Variables }[];
      /** Cancel what is active inside first. */
      readonly cancelRemaining?: boolean;
    },
    Record<never, never>,
  ];
  /** Conditional start events (of one definition, or of all latest versions) whose condition holds for these variables. */
  evaluateConditions: [
    {
      readonly variables: Variables;
      readonly businessKey?: string | null;
      readonly definitionId?: DefinitionId;
      readonly tenantId?: string | null;
    },
    { readonly started: readonly Correlated[] },
  ];
  evaluateDecision: [
    { readonly decision: DecisionRef; readonly variables: Variables },
    {
      readonly decisionDefinitionId: DecisionDefinitionId;
      readonly value: Json;
      /** As Camunda 7 gives it: for every rule that counts a map of its outputs. */
      readonly ruleResults: readonly Readonly<Record<string, Json>>[];
      /** Matched rules, inputs and results of every decision evaluated on the way. */
      readonly trace: Json;
      readonly warnings: readonly string[];
    },
  ];
  setVariables: [
    {
      readonly processInstanceId: ProcessInstanceId;
      /** The instance itself (its root scope) or one of its element instances. */
      readonly scopeId: ElementInstanceId;
      readonly variables: Variables;
      readonly remove?: readonly string[];
      /** True: exactly in this scope; false: where each is found upward, else in the root scope. */
      readonly local: boolean;
    },
    Record<never, never>,
  ];
  fetchAndLock: [
    {
      readonly workerId: string;
      readonly maxTasks: number;
      readonly usePriority: boolean;
      /** Order by creation time; undefined: none asked (oldest first). */
      readonly createTimeOrder?: 'asc' | 'desc';
      readonly topics: readonly TopicRequest[];
    },
    {
      readonly tasks: readonly LockedTask[];
      /** There may be others: what one answer holds is bounded. */
      readonly more?: true;
    },
  ];
  lockExternalTask: [
    { readonly externalTaskId: ExternalTaskId; readonly workerId: string; readonly lockMs: number },
    Record<never, never>,
  ];
  extendLock: [Holder & { readonly lockMs: number }, Record<never, never>];
  /** With `lockCount`: only while that very lock is the latest one. */
  unlockExternalTask: [{ readonly externalTaskId: ExternalTaskId; readonly lockCount?: number }, Record<never, never>];
  completeExternalTask: [
    Holder &
      WorkerResult & {
        /** Of an AI task: what it has used. */
        readonly usage?: AiUsage;
        /** Jobs of Camunda 8's task listeners: whether the change is refused, else what is corrected. */
        readonly result?: {
          readonly denied?: boolean;
          /** Why, for the history; only with `denied`. */
          readonly deniedReason?: string;
          readonly corrections?: UserTaskUpdate & { readonly assignee?: string | null };
        };
      },
    Record<never, never>,
  ];
  /**
   * Before an AI task asks: at most so much will it use, tokens in and out, and millionths of the currency. Not granted
   * where that is more than is left; `held`: others may leave something of what they hold. A task holds one reservation, the
   * latest. It ends when the task is completed (what it has used counts instead), has failed (nothing counts), or is taken
   * from its worker (all of it counts as used, since nobody knows).
   */
  reserveAi: [
    Holder & { readonly tokens: number; readonly cost: number },
    { readonly granted: boolean; readonly left: AiBudget; readonly held: boolean },
  ];
  failExternalTask: [
    Holder &
      WorkerResult & {
        readonly errorMessage: string | null;
        readonly errorDetails?: string | null;
        readonly retries: number;
        /** Back-off, ms. */
        readonly retryAfterMs: number;
      },
    Record<never, never>,
  ];
  throwBpmnError: [
    Holder & { readonly errorCode: string; readonly errorMessage?: string | null; readonly variables?: Variables },
    Record<never, never>,
  ];
  setExternalTaskRetries: [{ readonly externalTaskId: ExternalTaskId; readonly retries: number }, Record<never, never>];
  setExternalTaskPriority: [
    { readonly externalTaskId: ExternalTaskId; readonly priority: number },
    Record<never, never>,
  ];
  /** `claim`: refused when somebody else holds it. Without: whoever holds it now (null: nobody). */
  assignUserTask: [
    { readonly userTaskId: UserTaskId; readonly assignee: string | null; readonly claim: boolean },
    Record<never, never>,
  ];
  updateUserTask: [
    {
      readonly userTaskId: UserTaskId;
      readonly changes: UserTaskUpdate & { readonly assignee?: string | null };
    },
    Record<never, never>,
  ];
  /** Adds or removes one. The types `assignee`, `owner` and `candidate` stand for what the task has anyway. */
  changeUserTaskLink: [
    { readonly userTaskId: UserTaskId; readonly link: TaskLink; readonly remove: boolean },
    Record<never, never>,
  ];
  /** Somebody else is to do it for its owner, who is the present assignee where it has none. */
  delegateUserTask: [{ readonly userTaskId: UserTaskId; readonly assignee: string }, Record<never, never>];
  /** What was delegated is done: it goes back to its owner, who may complete it. */
  resolveUserTask: [{ readonly userTaskId: UserTaskId; readonly variables?: Variables }, Record<never, never>];
  /** A person reports a business error or an escalation instead of completing. */
  throwFromUserTask: [
    {
      readonly userTaskId: UserTaskId;
      readonly what: 'error' | 'escalation';
      readonly code: string;
      readonly message?: string | null;
      readonly variables?: Variables;
    },
    Record<never, never>,
  ];
  completeUserTask: [
    {
      readonly userTaskId: UserTaskId;
      readonly variables?: Variables;
      /** Submitted by the form of the task: held against its fields. */
      readonly form?: boolean;
      /** What is approved with it, as the kernel has found. */
      readonly approves?: Approval;
    },
    { readonly variables: Variables },
  ];
  /** Says something about a task or instance that runs, or puts a file to it. */
  addNote: [
    {
      readonly on: { readonly userTaskId: UserTaskId } | { readonly processInstanceId: ProcessInstanceId };
      readonly by: string | null;
      readonly note: NewNote;
      /** Of an attachment: its bytes, under the name `content`. */
      readonly variables?: Variables;
    },
    { readonly noteId: NoteId; readonly createdAt: number },
  ];
  changeComment: [{ readonly noteId: NoteId; readonly text: string }, Record<never, never>];
  /** All of them or none. */
  removeNotes: [{ readonly noteIds: readonly NoteId[] }, Record<never, never>];
  /** Without `filterId`: a new one. */
  setTaskFilter: [
    { readonly filterId?: TaskFilterId; readonly filter: Omit<TaskFilter, 'id'> },
    { readonly filterId: TaskFilterId },
  ];
  removeTaskFilter: [{ readonly filterId: TaskFilterId }, Record<never, never>];
  /** Camunda 7: deliver now to who waits (or starts), or refuse. */
  correlateMessage: [
    {
      readonly name: string;
      readonly businessKey?: string;
      readonly processInstanceId?: ProcessInstanceId;
      /** With its process instance: only what this very element instance waits for. */
      readonly elementInstanceId?: ElementInstanceId;
      readonly correlationKeys?: Readonly<Record<string, Variable['value']>>;
      readonly localCorrelationKeys?: Readonly<Record<string, Variable['value']>>;
      readonly tenantId?: string | null;
      readonly variables?: Variables;
      readonly localVariables?: Variables;
      readonly all: boolean;
      /** With `all`: very many are told one part after the other, so that others get their turn; the answer names those of the first part. */
      readonly inTurns?: boolean;
    },
    { readonly correlated: readonly Correlated[] },
  ];
  /** Camunda 8: deliver by correlation key, start instances, and keep it `timeToLiveMs` for who comes later. */
  publishMessage: [
    {
      readonly name: string;
      readonly correlationKey: string;
      readonly timeToLiveMs: number;
      readonly variables?: Variables;
      readonly tenantId?: string | null;
      /** Gone with its first receiver; else every process may receive it within its time to live. */
      readonly once?: boolean;
      /**
       * The publisher's own name for it: refused (`ALREADY_PUBLISHED`) while a message of the same name, correlation key,
       * tenant and this id is kept, so that who is not sure may publish again. Without a time to live nothing is kept.
       */
      readonly uniqueId?: string;
    },
    { readonly messageId: MessageId; readonly correlated: readonly Correlated[] },
  ];
  broadcastSignal: [
    {
      readonly name: string;
      readonly variables?: Variables;
      readonly tenantId?: string | null;
      readonly elementInstanceId?: ElementInstanceId;
      /** Only inside this instance: its tenant counts, and it is refused when nothing there waits for the signal. */
      readonly processInstanceId?: ProcessInstanceId;
      /** For the audit. */
      readonly reason?: string;
    },
    /** Those that it has reached by now: where very many wait, the rest is told in commands that follow. */
    { readonly receivers: number },
  ];
  triggerTimer: [{ readonly timerId: TimerId }, Record<never, never>];
  /** By hand: what is not named stays as it is. `dueAt`: what comes after a repeating one is counted from there. */
  changeTimer: [
    { readonly timerId: TimerId; readonly dueAt?: number; readonly priority?: number; readonly suspended?: boolean },
    Record<never, never>,
  ];
  /** For timers of this source that are set from now on; null: as the model says. What is not named stays as it is. */
  setTimerRule: [
    TimerSource & {
      readonly definitionId: DefinitionId;
      readonly suspended?: boolean;
      readonly priority?: number | null;
    },
    Record<never, never>,
  ];
  /**
   * Evaluates anew when it is due: a duration from now, or as if it had been set at `setAt` (ms since the epoch). Refused
   * for what is no event of the model, and where the model gives no time.
   */
  recalculateTimer: [{ readonly timerId: TimerId; readonly setAt?: number }, Record<never, never>];
  /** What waited for it waits on, for something else. */
  removeTimer: [{ readonly timerId: TimerId }, Record<never, never>];
  /**
   * The next item of a task that works through a list: runs `command`, notes on the task what became of the item, or
   * neither. Items come in order from 0, so that none is done twice, whoever is told to begin again. A refusal of `command`
   * is the item's outcome; this command itself is refused when the task is gone, suspended, held by another, or at another
   * item.
   */
  workOnItem: [
    Holder & {
      /** 0-based. */
      readonly item: number;
      /** Without: nothing is to be done, or `failure` says why nothing can be. */
      readonly command?: ItemCommand;
      readonly failure?: string;
      /** Why, for the audit. */
      readonly why?: string;
    },
    { readonly failure: string | null },
  ];
  expireMessages: [{ readonly messageIds: readonly MessageId[] }, Record<never, never>];
  resolveIncident: [{ readonly incidentId: IncidentId }, Record<never, never>];
  /** Somebody says that something is wrong with an instance or one of its element instances. Nothing is tried again when it is resolved. */
  raiseIncident: [
    {
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId;
      readonly label: string;
      readonly message: string;
      readonly configuration?: string;
    },
    { readonly incidentId: IncidentId },
  ];
  annotateIncident: [{ readonly incidentId: IncidentId; readonly annotation: string | null }, Record<never, never>];
  /** All of them or none. Tokens of a user that is removed go with him. */
  changeIdentities: [
    {
      readonly changes: readonly IdentityChange[];
      /** Name of the approval that it needs and uses up. */
      readonly approval?: string;
      /** Name of the request that it carries out, which is over then. */
      readonly request?: string;
    },
    Record<never, never>,
  ];
  /** Keeps the changes until the process of the system carries them out; asked again by the same person it changes nothing. */
  requestIdentityChange: [{ readonly request: IdentityRequest }, Record<never, never>];
  /** What a face answers by itself to a request with a key is kept as the engine's own answers are. Changes nothing else. */
  keepReply: [{ readonly reply: Json }, { readonly keptReply: Json }];
  /** The store came back from a backup that ended with record `records`: for the audit. */
  recordRestore: [{ readonly records: number }, Record<never, never>];
  /** Time stands still at this instant, ms since the epoch, from the next command on. It cannot be one that is past. */
  pinClock: [{ readonly at: number }, Record<never, never>];
  /** Time goes on with the wall clock; does nothing where it does. */
  resetClock: [Record<never, never>, Record<never, never>];
  /** The wall clock was set forward by `byMs`: locks that are still held last so much longer. */
  keepLocks: [{ readonly externalTaskIds: readonly ExternalTaskId[]; readonly byMs: number }, Record<never, never>];
  /**
   * After the owner's policy has changed: of these tasks the forbidden ones are taken back into incidents, the others that
   * are locked are free again, since who holds them goes by an older set. `reason` is what who held one is told.
   */
  applyPolicy: [{ readonly externalTaskIds: readonly ExternalTaskId[]; readonly reason: string }, Record<never, never>];
  /** Takes tasks away from whoever has locked them, in this life of the store or in one that was lost. */
  fenceExternalTasks: [{ readonly externalTaskIds: readonly ExternalTaskId[] }, Record<never, never>];
}

export type CommandType = keyof CommandTable;
export type CommandOf<T extends CommandType> = { readonly type: T } & CommandTable[T][0];
export type ReplyOf<T extends CommandType> = CommandTable[T][1];
/** What may be done to an item: commands on instances and what belongs to them. */
export type ItemCommandType =
  | 'broadcastSignal'
  | 'cancelProcessInstance'
  | 'correlateMessage'
  | 'createProcessInstance'
  | 'migrateProcessInstance'
  | 'modifyProcessInstance'
  | 'removeHistory'
  | 'resolveIncident'
  | 'setExternalTaskRetries'
  | 'setSuspension'
  | 'setVariables';
export type ItemCommand = { [T in ItemCommandType]: CommandOf<T> }[ItemCommandType];
export type Command = { [T in CommandType]: CommandOf<T> }[CommandType];
