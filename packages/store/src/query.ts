/** One small query language over the tables of the store; every face translates its own parameters into it. */
import type {
  DefinitionView,
  Deployment,
  ElementInstanceView,
  ExternalTask,
  Incident,
  IncidentView,
  ProcessInstanceView,
  Subscription,
  Timer,
  UserTask,
  VariableType,
  VariableView,
} from './rows.ts';

/** `live` tables are state (no history); the others are views that follow the record log and keep what has ended. */
export interface Tables {
  deployments: Deployment;
  definitions: DefinitionView;
  externalTasks: ExternalTask;
  userTasks: UserTask;
  timers: Timer;
  subscriptions: Subscription;
  incidents: Incident;
  processInstances: ProcessInstanceView;
  elementInstances: ElementInstanceView;
  variables: VariableView;
  incidentHistory: IncidentView;
}
export type TableName = keyof Tables;

export type Scalar = string | number | boolean | null;

/** A condition on a queryable column (see `COLUMNS`); `like` uses `%` and `_`, case-sensitive. */
export type Condition<Row> =
  | { readonly column: keyof Row & string; readonly op: '=' | '!=' | '<' | '<=' | '>' | '>='; readonly value: Scalar }
  | { readonly column: keyof Row & string; readonly op: 'in' | 'notIn'; readonly value: readonly Scalar[] }
  | { readonly column: keyof Row & string; readonly op: 'like'; readonly value: string }
  | { readonly column: keyof Row & string; readonly op: 'isNull' | 'notNull' };

export interface Query<Row> {
  /** All must hold. */
  readonly where?: readonly Condition<Row>[];
  /** Default: ascending id. */
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
