/** What the state consists of: one plain type per subject. Instants (`…At`) are ms since the epoch. */
import type { ProcessModel, Repeat, Variable } from '@procos/bpmn';
import type {
  DefinitionId,
  DeploymentId,
  ElementInstanceId,
  ExternalTaskId,
  IncidentId,
  MessageId,
  ProcessInstanceId,
  SubscriptionId,
  TimerId,
  UserTaskId,
} from '../records/ids.ts';
import type { Step } from '../records/steps.ts';

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
  /** UTF-8 text as deployed, byte for byte. */
  readonly content: string;
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
}

/** A running instance: one compact row. Mutable; only appliers mutate it. */
export interface ProcessInstance {
  readonly id: ProcessInstanceId;
  readonly definitionId: DefinitionId;
  businessKey: string | null;
  readonly tenantId: string | null;
  readonly rootId: ProcessInstanceId;
  readonly parentId: ProcessInstanceId | null;
  readonly parentElementInstanceId: ElementInstanceId | null;
  readonly startedAt: number;
  /** Every element instance alive, the root scope included, by id. */
  readonly elements: Map<ElementInstanceId, ElementInstance>;
}

export interface ElementInstance {
  readonly id: ElementInstanceId;
  readonly elementId: string;
  /** Enclosing element instance; null for the root scope. */
  readonly scopeId: ElementInstanceId | null;
  /** `body`: the scope that holds the loop instances of a multi-instance activity. */
  readonly role: 'element' | 'body';
  /** Local variables. */
  readonly variables: Map<string, Variable>;
  /** Scopes: element instances directly inside that are alive. */
  children: number;
  /** Scopes: tokens that have left an element and not yet been consumed, per sequence flow. */
  readonly tokens: Map<string, number>;
  /** Position in a multi-instance loop, 0-based. */
  loopIndex: number | null;
  /** Only for `body`. */
  loop: LoopState | null;
  externalTaskId: ExternalTaskId | null;
  userTaskId: UserTaskId | null;
  calledInstanceId: ProcessInstanceId | null;
  readonly timers: Set<TimerId>;
  readonly subscriptions: Set<SubscriptionId>;
  readonly incidents: Set<IncidentId>;
}

export interface LoopState {
  /** Total to run; known when the body activates. */
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
  readonly elementId: string;
  readonly definitionId: DefinitionId;
  readonly bpmnProcessId: string;
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
}

export interface UserTask {
  readonly id: UserTaskId;
  readonly processInstanceId: ProcessInstanceId;
  readonly elementInstanceId: ElementInstanceId;
  readonly elementId: string;
  readonly definitionId: DefinitionId;
  readonly bpmnProcessId: string;
  readonly tenantId: string | null;
  readonly name: string | null;
  readonly createdAt: number;
  assignee: string | null;
  readonly candidateUsers: readonly string[];
  readonly candidateGroups: readonly string[];
  readonly dueAt: number | null;
  readonly followUpAt: number | null;
  readonly priority: number;
  readonly formKey: string | null;
  readonly formId: string | null;
}

export interface Timer {
  readonly id: TimerId;
  dueAt: number;
  repeat: Repeat | null;
  readonly definitionId: DefinitionId;
  /** null for a timer start event of a process. */
  readonly processInstanceId: ProcessInstanceId | null;
  /** What is waiting: the catch event itself, the host of a boundary event, the scope of an event sub-process, the gateway. */
  readonly elementInstanceId: ElementInstanceId | null;
  /** The timer event. */
  readonly elementId: string;
}

export interface Subscription {
  readonly id: SubscriptionId;
  readonly kind: 'message' | 'signal';
  readonly name: string;
  /** Camunda 8 correlation key; null in Camunda 7 models and for signals. */
  readonly correlationKey: string | null;
  readonly definitionId: DefinitionId;
  readonly bpmnProcessId: string;
  /** null for a start event of a process. */
  readonly processInstanceId: ProcessInstanceId | null;
  readonly elementInstanceId: ElementInstanceId | null;
  /** The message or signal event (or receive task). */
  readonly elementId: string;
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
}

export type IncidentKind =
  | 'failedExternalTask'
  | 'expression'
  | 'unhandledError'
  | 'calledElement'
  | 'runaway'
  | 'noOutgoingFlow'
  | 'timer'
  | 'message';

export interface Incident {
  readonly id: IncidentId;
  readonly kind: IncidentKind;
  readonly processInstanceId: ProcessInstanceId;
  readonly elementInstanceId: ElementInstanceId;
  readonly elementId: string;
  readonly definitionId: DefinitionId;
  readonly bpmnProcessId: string;
  readonly tenantId: string | null;
  readonly createdAt: number;
  /** What, where, and what to do. */
  readonly message: string;
  readonly externalTaskId: ExternalTaskId | null;
  /** What is tried again when the incident is resolved; null where the external task itself is. */
  readonly step: Step | null;
}
