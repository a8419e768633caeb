/** The rows that queries give: live entities as they are, and the views that keep history. Instants are ms since the epoch. */
import type { ElementType, Json, ValueInfo, VariableType } from '@procos/bpmn';
import type {
  DecisionDefinition,
  Definition as DefinitionEntity,
  Deployment,
  ExternalTask,
  Incident,
  Note,
  Subscription,
  TaskFilter,
  Timer,
  TopicServer,
  UserTask,
  UserTaskUpdate,
} from '@procos/engine';

export type {
  DecisionDefinition,
  Deployment,
  ExternalTask,
  Incident,
  Note,
  Subscription,
  TaskFilter,
  Timer,
  TopicServer,
  UserTask,
  VariableType,
};

/** A definition without its graph. */
export type DefinitionView = Omit<DefinitionEntity, 'model'> & {
  /** True for the highest version of its process id and tenant. */
  readonly latest: boolean;
};

export interface ProcessInstanceView {
  readonly id: number;
  readonly definitionId: number;
  readonly bpmnProcessId: string;
  readonly version: number;
  readonly businessKey: string | null;
  readonly tenantId: string | null;
  readonly state: 'active' | 'completed' | 'canceled' | 'terminated';
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly startElementId: string | null;
  readonly rootId: number;
  readonly parentId: number | null;
  readonly parentElementInstanceId: number | null;
  /** Why it was ended from outside. */
  readonly reason: string | null;
  /** Who started it, e.g. `user:anonymous`. */
  readonly startedBy: string;
  /** Open incidents. */
  readonly incidents: number;
  readonly suspended: boolean;
  /** Words by which it is found; absent: none. */
  readonly tags?: readonly string[];
  /** Sequence of the record that created it; rows written by an older version have none. */
  readonly startedIn?: number;
  /**
   * Sequences of the records that changed something inside it: they hold the history of what is over there. Absent: element
   * instances and variables of it keep their rows when they end (many records, very long ones, a migration, an older version).
   */
  readonly keptIn?: readonly number[];
  /** How many places they take (`history/inside.ts`); absent: one each. */
  readonly keptPlaces?: number;
}

/** One evaluation of a decision. Those that it requires in the same file have rows of their own. */
export interface DecisionInstanceView {
  readonly id: number;
  readonly decisionDefinitionId: number;
  readonly decisionId: string;
  readonly version: number;
  /** null when it was asked for from outside. */
  readonly processInstanceId: number | null;
  readonly elementInstanceId: number | null;
  readonly elementId: string | null;
  readonly evaluatedAt: number;
  /** The row of the decision that was asked for; null when this is it. */
  readonly rootId: number | null;
  readonly value: Json;
  /** Every decision evaluated on the way, with inputs and matched rules; of one that was only required, itself. */
  readonly trace: Json;
}

export interface WarningView {
  readonly id: number;
  readonly processInstanceId: number;
  readonly elementInstanceId: number;
  readonly elementId: string;
  readonly message: string;
  readonly at: number;
}

export interface ElementInstanceView {
  readonly id: number;
  readonly processInstanceId: number;
  readonly definitionId: number;
  readonly bpmnProcessId: string;
  readonly elementId: string;
  readonly elementName: string | null;
  readonly elementType: ElementType | 'multiInstanceBody';
  readonly scopeId: number | null;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly outcome: 'active' | 'completed' | 'canceled';
  readonly calledInstanceId: number | null;
  readonly externalTaskId: number | null;
  readonly userTaskId: number | null;
  readonly assignee: string | null;
  /** What was changed of its user task since it was created; all of it where the record that created it has left the log. */
  readonly task?: UserTaskUpdate;
  readonly loopIndex: number | null;
  /** Sequence of the record that created it: orders what happened in one millisecond. */
  readonly sequence: number;
}

/** How many element instances have ended in the same way on one element of a definition; those that have rows left out. */
export interface EndedVisitsView {
  readonly id: number;
  readonly definitionId: number;
  readonly bpmnProcessId: string;
  readonly elementId: string;
  readonly elementName: string | null;
  readonly elementType: ElementInstanceView['elementType'];
  readonly outcome: ElementInstanceView['outcome'];
  readonly count: number;
}

export interface VariableView {
  readonly id: number;
  readonly processInstanceId: number;
  /** Owner: the instance or one of its element instances. */
  readonly scopeId: number;
  readonly name: string;
  readonly type: VariableType;
  readonly value: Json;
  readonly info: ValueInfo | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Who changed it last. */
  readonly updatedBy: string;
  /** False once its scope has ended or it was removed; the last value is kept. */
  readonly live: boolean;
}

export interface IncidentView {
  readonly id: number;
  readonly kind: Incident['kind'];
  readonly processInstanceId: number;
  readonly elementInstanceId: number;
  readonly elementId: string;
  readonly definitionId: number;
  readonly bpmnProcessId: string;
  readonly message: string;
  readonly createdAt: number;
  readonly resolvedAt: number | null;
  readonly state: 'open' | 'resolved' | 'deleted';
  /** The process instance that was started to recover from it; absent: none. */
  readonly recoveryId?: number;
  /** Which attempt that is, from 1. */
  readonly recoveryAttempt?: number;
  /** Of the business error that a worker had reported and nobody caught. */
  readonly errorCode?: string;
  /** `custom`: what who raised it calls it, and what else he said. */
  readonly label?: string;
  readonly configuration?: string;
  /** What somebody has noted about it. */
  readonly annotation?: string;
}
