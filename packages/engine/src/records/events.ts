/** What happened: past tense, complete enough that applying the events in order gives the state. */
import type { Repeat, Variable } from '@procos/bpmn';
import type {
  BufferedMessage,
  Definition,
  Deployment,
  ExternalTask,
  Incident,
  Subscription,
  Timer,
  UserTask,
} from '../state/entities.ts';
import type {
  DefinitionId,
  ElementInstanceId,
  ExternalTaskId,
  IncidentId,
  MessageId,
  ProcessInstanceId,
  SubscriptionId,
  TimerId,
  UserTaskId,
} from './ids.ts';

export type Variables = Readonly<Record<string, Variable>>;

interface In {
  readonly processInstanceId: ProcessInstanceId;
}
interface Of extends In {
  readonly elementInstanceId: ElementInstanceId;
}

export type EngineEvent =
  | { readonly type: 'deploymentCreated'; readonly deployment: Deployment }
  | { readonly type: 'processDefined'; readonly definition: Definition }
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
  | ({
      readonly type: 'elementActivated';
      readonly elementId: string;
      readonly scopeId: ElementInstanceId;
      /** Tokens taken off these flows of the scope. */
      readonly consumedFlows: readonly string[];
      readonly role?: 'body';
      readonly loopIndex?: number;
    } & Of)
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
      /** Multi-instance: what this loop instance adds to the output collection. */
      readonly loopResult?: Variable;
      /** It had variables of its own, which end with it. */
      readonly hadVariables?: true;
    } & Of)
  /** Its timers, subscriptions and incidents end with it. */
  | ({ readonly type: 'elementCanceled'; readonly elementId: string; readonly hadVariables?: true } & Of)
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
  | { readonly type: 'externalTaskPrioritySet'; readonly externalTaskId: ExternalTaskId; readonly priority: number }
  | ({
      readonly type: 'externalTaskCompleted';
      readonly externalTaskId: ExternalTaskId;
      readonly workerId: string | null;
    } & Of)
  | ({ readonly type: 'externalTaskCanceled'; readonly externalTaskId: ExternalTaskId } & Of)
  | { readonly type: 'userTaskCreated'; readonly task: UserTask }
  | ({ readonly type: 'userTaskAssigned'; readonly userTaskId: UserTaskId; readonly assignee: string | null } & Of)
  | ({ readonly type: 'userTaskCompleted'; readonly userTaskId: UserTaskId } & Of)
  | ({ readonly type: 'userTaskCanceled'; readonly userTaskId: UserTaskId } & Of)
  | { readonly type: 'timerScheduled'; readonly timer: Timer }
  /** `next` absent: that was the last occurrence. */
  | {
      readonly type: 'timerTriggered';
      readonly timerId: TimerId;
      readonly next?: { readonly dueAt: number; readonly repeat: Repeat };
    }
  | { readonly type: 'timerCanceled'; readonly timerId: TimerId }
  | { readonly type: 'subscriptionOpened'; readonly subscription: Subscription }
  | { readonly type: 'subscriptionClosed'; readonly subscriptionId: SubscriptionId }
  | { readonly type: 'messageBuffered'; readonly message: BufferedMessage }
  | { readonly type: 'messageRemoved'; readonly messageId: MessageId; readonly why: 'correlated' | 'expired' }
  /** For the audit and the reply: who received it. */
  | {
      readonly type: 'messageCorrelated';
      readonly name: string;
      readonly processInstanceId: ProcessInstanceId;
      readonly elementInstanceId: ElementInstanceId | null;
      readonly started: boolean;
    }
  | { readonly type: 'signalBroadcast'; readonly name: string }
  | { readonly type: 'incidentRaised'; readonly incident: Incident }
  | ({ readonly type: 'incidentResolved'; readonly incidentId: IncidentId } & Of);

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
