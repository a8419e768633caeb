/** What happened: past tense, complete enough that applying the events in order gives the state. */
import type { AiUsage, Json, LimitKind, Repeat, Variable } from '@procos/bpmn';
import type {
  Answer,
  BufferedMessage,
  Compensation,
  ControlTarget,
  DecisionDefinition,
  Definition,
  Deployment,
  ExternalTask,
  Incident,
  Note,
  Subscription,
  TaskFilter,
  Timer,
  TimerRule,
  TopicServer,
  Undo,
  UserTask,
} from '../state/entities.ts';
import type { Identity, IdentityKind } from '../state/identities.ts';
import type { FrozenElement } from './frozen.ts';
import type {
  AnswerId,
  ControlId,
  DecisionDefinitionId,
  DefinitionId,
  DeploymentId,
  ElementInstanceId,
  ExternalTaskId,
  IdentityId,
  IncidentId,
  MessageId,
  NoteId,
  ProcessInstanceId,
  SubscriptionId,
  TaskFilterId,
  TimerId,
  UserTaskId,
} from './ids.ts';
import type { UserTaskUpdate } from './steps.ts';

export type Variables = Readonly<Record<string, Variable>>;

interface In {
  readonly processInstanceId: ProcessInstanceId;
}
interface Of extends In {
  readonly elementInstanceId: ElementInstanceId;
}

/** What is to go from the history. Instants are ms since the epoch. */
export type HistoryTarget =
  /** Instances that have ended, each with all its rows. */
  | { readonly processInstanceIds: readonly ProcessInstanceId[] }
  /** What of one instance, which may still run, was over by then. */
  | { readonly processInstanceId: ProcessInstanceId; readonly overBy: number }
  /** These variables of one instance, as far as they are over. */
  | { readonly processInstanceId: ProcessInstanceId; readonly variableIds: readonly number[] }
  /** These evaluations of decisions. */
  | { readonly decisionInstanceIds: readonly number[] }
  /** Evaluations of a decision that no process instance asked for. */
  | {
      readonly decisionDefinitionId: DecisionDefinitionId;
      readonly decisionId: string;
      readonly evaluatedBy: number;
    };

export type EngineEvent =
  | { readonly type: 'deploymentCreated'; readonly deployment: Deployment }
  /** What it defined was removed before. */
  | { readonly type: 'deploymentRemoved'; readonly deploymentId: DeploymentId }
  | { readonly type: 'processDefined'; readonly definition: Definition }
  | { readonly type: 'decisionDefined'; readonly decision: DecisionDefinition }
  /** Whoever does the tasks of a topic from now on; declared by a deployment, or chosen by somebody. */
  | { readonly type: 'topicServerSet'; readonly server: TopicServer }
  /** Its start events are gone; instances of it go on. `latestId`: what is the latest version now; absent: that has not changed. */
  | { readonly type: 'definitionRemoved'; readonly definitionId: DefinitionId; readonly latestId?: DefinitionId }
  | { readonly type: 'decisionRemoved'; readonly decisionDefinitionId: DecisionDefinitionId }
  | { readonly type: 'definitionSuspended'; readonly definitionId: DefinitionId }
  | { readonly type: 'definitionResumed'; readonly definitionId: DefinitionId }
  | { readonly type: 'historyTimeToLiveSet'; readonly definitionId: DefinitionId; readonly days: number | null }
  /** In the place of the rule that the source had; one that says nothing takes it away. */
  | { readonly type: 'timerRuleSet'; readonly definitionId: DefinitionId; readonly rule: TimerRule }
  /** At most `atMost` rows of it. */
  | { readonly type: 'historyRemoved'; readonly target: HistoryTarget; readonly atMost: number }
  | {
      readonly type: 'processInstanceCreated';
      readonly processInstanceId: ProcessInstanceId;
      readonly definitionId: DefinitionId;
      readonly bpmnProcessId: string;
      readonly version: number;
      readonly businessKey: string | null;
      readonly tenantId: string | null;
      readonly rootId: ProcessInstanceId;
      readonly parentId: ProcessInstanceId | null;
      readonly parentElementInstanceId: ElementInstanceId | null;
      readonly startElementId: string | null;
      /** Absent: none. */
      readonly tags?: readonly string[];
      /** Ids of elements after which it is canceled; absent: none. */
      readonly endsAfter?: readonly string[];
      /** It has no more rights than these; absent: nobody who started it declares any. */
      readonly narrowedBy?: readonly DefinitionId[];
      /** As `kind:id`, where it is somebody else than who the record is by. */
      readonly startedBy?: string;
      /** It ran elsewhere before: since when, started by whom, and with how many warnings. */
      readonly imported?: { readonly startedAt: number; readonly startedBy: string; readonly warnings: number };
    }
  /** PID 1 of the store is this instance from now on. */
  | ({ readonly type: 'rootDesignated' } & In)
  | ({ readonly type: 'processInstanceCompleted' } & In)
  /** Ended from outside (`canceled`) or by a terminate end event (`terminated`). */
  | ({
      readonly type: 'processInstanceEnded';
      readonly how: 'canceled' | 'terminated';
      readonly reason: string | null;
    } & In)
  /** Its timers and external tasks rest too. */
  | ({ readonly type: 'processInstanceSuspended'; readonly reason?: string } & In)
  | ({ readonly type: 'processInstanceResumed'; readonly reason?: string } & In)
  /** It follows another definition from now on: `elements` says what each element instance stands on. */
  | ({
      readonly type: 'processInstanceMigrated';
      readonly definitionId: DefinitionId;
      readonly bpmnProcessId: string;
      readonly version: number;
      readonly elements: readonly { readonly elementInstanceId: ElementInstanceId; readonly elementId: string }[];
      /** Sequence flows under a token, old id to new id. */
      readonly flows: Readonly<Record<string, string>>;
      /** Every element that stands somewhere else now, old id to new id: events that are waited for, what can be undone. */
      readonly moved: Readonly<Record<string, string>>;
      readonly reason?: string;
    } & In)
  | ({
      readonly type: 'elementActivated';
      readonly elementId: string;
      readonly scopeId: ElementInstanceId;
      /** Tokens taken off these flows of the scope. */
      readonly consumedFlows: readonly string[];
      readonly role?: 'body' | 'undo';
      readonly loopIndex?: number;
      /** It runs to undo this completed activity (which is no longer to be undone), on behalf of `by`. */
      readonly undoes?: {
        readonly compensationId: number;
        readonly scopeId: ElementInstanceId;
        readonly by: ElementInstanceId;
      };
    } & Of)
  /** What else was known of it where it ran before; what is absent is empty. */
  | ({ readonly type: 'elementRestored' } & Pick<
      FrozenElement,
      'tokens' | 'loop' | 'compensations' | 'undo' | 'undoneFor' | 'partsSeen' | 'rounds' | 'queue'
    > &
      Of)
  /** Multi-instance: how often the body will run is known now. */
  | ({
      readonly type: 'loopPrepared';
      readonly total: number;
      readonly items: readonly Variable[] | null;
      readonly collects: boolean;
    } & Of)
  /** Its timers, subscriptions and incidents end with it. */
  | ({
      readonly type: 'elementCompleted';
      readonly elementId: string;
      readonly takenFlows: readonly string[];
      /** Kept in its scope: it can be undone. */
      readonly compensation?: Compensation;
      /** Multi-instance: what this loop instance adds to the output collection. */
      readonly loopResult?: Variable;
      /** It had variables of its own, which end with it. */
      readonly hadVariables?: true;
    } & Of)
  /** Its timers, subscriptions and incidents end with it. */
  | ({
      readonly type: 'elementCanceled';
      readonly elementId: string;
      readonly hadVariables?: true;
      /** Kept in its scope: the instance ends, and undoes what was completed inside this. */
      readonly kept?: readonly Compensation[];
    } & Of)
  /** `scopeId` is around it from now on: a migration has put a scope around it, or taken one away. */
  | ({
      readonly type: 'elementMoved';
      readonly elementId: string;
      readonly scopeId: ElementInstanceId;
      /** It was an instance of a loop, and is one by itself now. */
      readonly outOfLoop?: true;
    } & Of)
  /** From now on it undoes what a scope has completed, the latest first. */
  | ({ readonly type: 'undoStarted'; readonly undo: Undo } & Of)
  /** Parallel multiple event: these of its parts have happened. */
  | ({ readonly type: 'eventPartsSeen'; readonly eventElementId: string; readonly parts: readonly number[] } & Of)
  /** A complex gateway's round: the flows it has consumed so far; null: the round is over. `tokens` are taken off the flows. */
  | ({
      readonly type: 'gatewayRound';
      readonly scopeId: ElementInstanceId;
      readonly elementId: string;
      readonly flows: readonly string[] | null;
      readonly tokens: readonly string[];
    } & In)
  /** Sequential ad-hoc sub-process: these elements are still to be started. */
  | ({ readonly type: 'adHocQueued'; readonly queue: readonly string[] } & Of)
  /** Started from outside: a token on a sequence flow. */
  | ({ readonly type: 'tokenPlaced'; readonly scopeId: ElementInstanceId; readonly flowId: string } & In)
  /** One more instance than planned, started from outside. */
  | ({ readonly type: 'loopExtended' } & Of)
  /** All tokens that were under way in the scope are gone (it was interrupted or terminated). */
  | ({ readonly type: 'tokensDiscarded'; readonly scopeId: ElementInstanceId } & In)
  /** `scopeId` owns the variables from now on. */
  | ({ readonly type: 'variablesSet'; readonly scopeId: ElementInstanceId; readonly variables: Variables } & In)
  | ({ readonly type: 'variablesRemoved'; readonly scopeId: ElementInstanceId; readonly names: readonly string[] } & In)
  | { readonly type: 'externalTaskCreated'; readonly task: ExternalTask }
  | {
      readonly type: 'externalTaskLocked';
      readonly externalTaskId: ExternalTaskId;
      readonly topic: string;
      readonly workerId: string;
      readonly lockExpiresAt: number;
      readonly lockCount: number;
    }
  | { readonly type: 'externalTaskUnlocked'; readonly externalTaskId: ExternalTaskId; readonly topic: string }
  /** Free again, with a lock count that no lock of a lost life of the store has had. */
  | {
      readonly type: 'externalTaskFenced';
      readonly externalTaskId: ExternalTaskId;
      readonly topic: string;
      readonly lockCount: number;
      /** For who held it; absent: it came with a life of the store that was lost. */
      readonly reason?: string;
    }
  /** Nobody may do it any more: its process has lost the right to it. It stands in an incident. */
  | {
      readonly type: 'externalTaskForbidden';
      readonly externalTaskId: ExternalTaskId;
      readonly topic: string;
      readonly reason: string;
    }
  | {
      readonly type: 'externalTaskLockExtended';
      readonly externalTaskId: ExternalTaskId;
      readonly lockExpiresAt: number;
    }
  | ({
      readonly type: 'externalTaskFailed';
      readonly externalTaskId: ExternalTaskId;
      readonly topic: string;
      readonly errorMessage: string | null;
      readonly errorDetails: string | null;
      readonly retries: number;
      readonly availableAt: number;
    } & Of)
  | {
      readonly type: 'externalTaskRetriesSet';
      readonly externalTaskId: ExternalTaskId;
      readonly topic: string;
      readonly retries: number;
    }
  /** A task that works through a list has come past this item; `failure` says why it could not be done. */
  | {
      readonly type: 'externalTaskItemDone';
      readonly externalTaskId: ExternalTaskId;
      readonly item: number;
      readonly failure: string | null;
      /** Why it was done, for the audit. */
      readonly why?: string;
    }
  | { readonly type: 'externalTaskSuspended'; readonly externalTaskId: ExternalTaskId }
  | { readonly type: 'externalTaskResumed'; readonly externalTaskId: ExternalTaskId }
  | { readonly type: 'externalTaskPrioritySet'; readonly externalTaskId: ExternalTaskId; readonly priority: number }
  | ({
      readonly type: 'externalTaskCompleted';
      readonly externalTaskId: ExternalTaskId;
      readonly workerId: string | null;
      /** What its last failure left; absent: it never failed. */
      readonly failed?: { readonly errorMessage: string; readonly retries: number | null };
      /** It was the listener of a change, and denied it. */
      readonly denied?: { readonly reason: string | null };
    } & Of)
  | ({
      readonly type: 'externalTaskCanceled';
      readonly externalTaskId: ExternalTaskId;
      readonly failed?: { readonly errorMessage: string; readonly retries: number | null };
      /** Its worker has ended it by a business error that the model catches. */
      readonly thrown?: { readonly code: string; readonly message: string | null; readonly workerId: string | null };
    } & Of)
  | { readonly type: 'userTaskCreated'; readonly task: UserTask }
  | ({ readonly type: 'userTaskAssigned'; readonly userTaskId: UserTaskId; readonly assignee: string | null } & Of)
  | ({ readonly type: 'userTaskUpdated'; readonly userTaskId: UserTaskId; readonly changes: UserTaskUpdate } & Of)
  | ({ readonly type: 'userTaskCompleted'; readonly userTaskId: UserTaskId } & Of)
  | ({ readonly type: 'userTaskCanceled'; readonly userTaskId: UserTaskId } & Of)
  | { readonly type: 'noteAdded'; readonly note: Note }
  | ({ readonly type: 'commentChanged'; readonly noteId: NoteId; readonly text: string } & In)
  | ({ readonly type: 'noteRemoved'; readonly noteId: NoteId } & In)
  /** New, or in the place of the one with this id. */
  | { readonly type: 'taskFilterSet'; readonly filter: TaskFilter }
  | { readonly type: 'taskFilterRemoved'; readonly filterId: TaskFilterId }
  | { readonly type: 'timerScheduled'; readonly timer: Timer }
  /** `next` absent: that was the last occurrence. */
  | {
      readonly type: 'timerTriggered';
      readonly timerId: TimerId;
      readonly next?: { readonly dueAt: number; readonly repeat: Repeat };
    }
  | { readonly type: 'timerCanceled'; readonly timerId: TimerId }
  /** By hand: what is absent stays as it is. */
  | {
      readonly type: 'timerChanged';
      readonly timerId: TimerId;
      readonly dueAt?: number;
      readonly priority?: number;
      readonly suspended?: boolean;
    }
  | { readonly type: 'timerPrioritySet'; readonly timerId: TimerId; readonly priority: number }
  | { readonly type: 'subscriptionOpened'; readonly subscription: Subscription }
  | { readonly type: 'subscriptionClosed'; readonly subscriptionId: SubscriptionId }
  | { readonly type: 'messageBuffered'; readonly message: BufferedMessage }
  /** One process has it now; others may still receive it. */
  | { readonly type: 'messageTaken'; readonly messageId: MessageId; readonly bpmnProcessId: string }
  | { readonly type: 'messageRemoved'; readonly messageId: MessageId; readonly why: 'correlated' | 'expired' }
  /** For the audit and the reply: who received it. */
  | {
      readonly type: 'messageCorrelated';
      readonly name: string;
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId | null;
      readonly started: boolean;
    }
  | { readonly type: 'signalBroadcast'; readonly name: string; readonly reason?: string }
  /** A request with a key got its answer, and answers that are out of date were forgotten. */
  | { readonly type: 'requestAnswered'; readonly answer: Answer; readonly forgotten: readonly AnswerId[] }
  /** A user, group, role, token, rule, approval or request for a change is new, or changed. */
  | { readonly type: 'identitySet'; readonly identity: Identity }
  | {
      readonly type: 'identityRemoved';
      readonly identityId: IdentityId;
      readonly kind: IdentityKind;
      readonly name: string;
    }
  /** An owner has set limits and priority; null: taken away. */
  | {
      readonly type: 'limitsSet';
      readonly target: ControlTarget;
      /** Of a definition or tenant. */
      readonly controlId?: ControlId;
      /** Instances alive are counted from now on: those from this id at once, the ones before by and by. */
      readonly countFrom?: ProcessInstanceId;
      readonly limits: { readonly [kind in LimitKind]?: number | null };
      readonly nice?: number | null;
      readonly by: string;
      readonly reason: string;
    }
  /** What one command has used of limits of an instance's whole life. */
  | ({ readonly type: 'usageCounted'; readonly steps?: number; readonly createdTasks?: number } & In)
  /** What an AI task has used, as its worker says. */
  /** An AI task may use as much, and nobody else may until it has said what it has used. */
  | ({
      readonly type: 'aiReserved';
      readonly externalTaskId: ExternalTaskId;
      readonly tokens: number;
      readonly cost: number;
      /** Limits of definitions and tenants that it counts against. */
      readonly controls: readonly ControlId[];
    } & Of)
  | ({ readonly type: 'aiUsed'; readonly externalTaskId: ExternalTaskId; readonly usage: AiUsage } & Of)
  /** An event of the model takes over; what is counted begins anew. */
  | ({ readonly type: 'limitCaught'; readonly limit: LimitKind; readonly eventElementId: string } & Of)
  /** Instances with ids from here on are counted, `found` of them alive. */
  | {
      readonly type: 'instancesCounted';
      readonly controlId: ControlId;
      readonly countedFrom: number;
      readonly found: number;
    }
  /** A limit kept a start event from beginning an instance; who asked from outside was refused instead. */
  | { readonly type: 'startRefused'; readonly definitionId: DefinitionId; readonly message: string }
  /** What follows is another life of the store: the first one went on after record `records`, and is lost. */
  | { readonly type: 'storeRestored'; readonly records: number }
  /** From the next record on time stands still at `at`, ms since the epoch. */
  | { readonly type: 'clockPinned'; readonly at: number }
  /** From the next record on time goes on with the wall clock. */
  | { readonly type: 'clockReset' }
  /** For the history: what a decision was given, what it found and why. Ids are null when it was asked from outside. */
  | {
      readonly type: 'decisionEvaluated';
      readonly processInstanceId: ProcessInstanceId | null;
      readonly elementInstanceId: ElementInstanceId | null;
      readonly elementId: string | null;
      readonly decisionDefinitionId: number;
      readonly decisionId: string;
      readonly version: number;
      readonly value: Json;
      readonly trace: Json;
    }
  /** Nothing failed, but somebody should know: an expression gave null because something in it was wrong. */
  | ({ readonly type: 'warningIssued'; readonly elementId: string; readonly message: string } & Of)
  | { readonly type: 'incidentRaised'; readonly incident: Incident }
  /** null: what was noted is taken away. */
  | ({ readonly type: 'incidentAnnotated'; readonly incidentId: IncidentId; readonly annotation: string | null } & In)
  | ({ readonly type: 'incidentResolved'; readonly incidentId: IncidentId } & Of)
  /** The instance `recoveryId` has been started to recover from this incident, the only one that ever is. */
  | ({
      readonly type: 'recoveryStarted';
      readonly incidentId: IncidentId;
      readonly recoveryId: ProcessInstanceId;
      /** 1: the first recovery at this element; an incident after a recovery there is the next attempt. */
      readonly attempt: number;
    } & In);

export type EventType = EngineEvent['type'];
export type EventOf<T extends EventType> = Extract<EngineEvent, { readonly type: T }>;

/** One entry of the record log: one accepted command and everything it caused. */
export interface LogRecord {
  /** 1, 2, 3, … without gaps. */
  readonly sequence: number;
  /** Instant of the command, ms since the epoch; never smaller than that of the record before. */
  readonly at: number;
  readonly by: { readonly kind: string; readonly id: string };
  /** Name of the command. */
  readonly command: string;
  /** Last identity given out when the command was done. */
  readonly lastId: number;
  readonly events: readonly EngineEvent[];
}
