/** One small query language over the tables of the store; every face translates its own parameters into it. */
import type { Control } from '@procos/engine';
import type {
  DecisionDefinition,
  DecisionInstanceView,
  DefinitionView,
  Deployment,
  ElementInstanceView,
  ExternalTask,
  Incident,
  IncidentView,
  Note,
  ProcessInstanceView,
  Subscription,
  TaskFilter,
  Timer,
  TopicServer,
  UserTask,
  VariableType,
  VariableView,
  WarningView,
} from './rows.ts';

/** What there is now, and views that follow the record log and keep what has ended. */
export interface Tables {
  deployments: Deployment;
  definitions: DefinitionView;
  externalTasks: ExternalTask;
  userTasks: UserTask;
  timers: Timer;
  topicServers: TopicServer;
  subscriptions: Subscription;
  incidents: Incident;
  processInstances: ProcessInstanceView;
  elementInstances: ElementInstanceView;
  variables: VariableView;
  incidentHistory: IncidentView;
  decisions: DecisionDefinition;
  decisionInstances: DecisionInstanceView;
  warnings: WarningView;
  controls: Control;
  notes: Note;
  filters: TaskFilter;
}
export type TableName = keyof Tables;

export type Scalar = string | number | boolean | null;

/**
 * A condition on a queryable column (see `COLUMNS`); any other column, and a value of another type than the column's, is a
 * TypeError. `=`, `!=`, `in` and `notIn` treat null as a value like any other; `<`, `<=`, `>`, `>=` and `like` never hold
 * for null. `hasAny`, for columns that are lists of text: one of these is in the list. Text is ordered by code point, null comes first. `like` uses `%` and `_`, case-sensitive.
 */
export type Condition<Row> =
  | { readonly column: keyof Row & string; readonly op: '=' | '!=' | '<' | '<=' | '>' | '>='; readonly value: Scalar }
  | { readonly column: keyof Row & string; readonly op: 'in' | 'notIn'; readonly value: readonly Scalar[] }
  | { readonly column: keyof Row & string; readonly op: 'like'; readonly value: string }
  | { readonly column: keyof Row & string; readonly op: 'hasAny'; readonly value: readonly string[] }
  | { readonly column: keyof Row & string; readonly op: 'isNull' | 'notNull' };

export interface Query<Row> {
  /** All must hold. */
  readonly where?: readonly Condition<Row>[];
  /** Default: ascending id, which also breaks ties. */
  readonly orderBy?: readonly { readonly column: keyof Row & string; readonly descending?: boolean }[];
  readonly offset?: number;
  readonly limit?: number;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Matching rows in all. */
  readonly total: number;
}
export type { VariableType };
