/** Which table answers for each name of the query language, and which of its columns can be asked for. */
import type { TableName, Tables } from '../query.ts';
import type { Column, Spec } from '../spec.ts';
import {
  controls,
  decisions,
  deployments,
  externalTasks,
  filters,
  incidents,
  notes,
  subscriptions,
  timers,
  topicServers,
  userTasks,
} from './state-tables.ts';
import {
  decisionInstances,
  definitionViews,
  elementInstances,
  incidentHistory,
  processInstances,
  variables,
  warnings,
} from './view-tables.ts';

export const QUERYABLE: { readonly [T in TableName]: Spec<Tables[T]> } = {
  deployments,
  definitions: definitionViews,
  externalTasks,
  userTasks,
  timers,
  topicServers,
  subscriptions,
  incidents,
  processInstances,
  elementInstances,
  variables,
  incidentHistory,
  decisions,
  decisionInstances,
  warnings,
  controls,
  notes,
  filters,
};

/** Those that follow the log; the others are the live state and always up to date. */
export const VIEWS: ReadonlySet<TableName> = new Set<TableName>([
  'definitions',
  'processInstances',
  'elementInstances',
  'variables',
  'incidentHistory',
  'decisionInstances',
  'warnings',
]);

/** Columns that conditions and orders may name; fields kept as JSON are not among them. */
export const COLUMNS: { readonly [T in TableName]: readonly string[] } = {
  deployments: columnsOf(QUERYABLE.deployments),
  definitions: columnsOf(QUERYABLE.definitions),
  externalTasks: columnsOf(QUERYABLE.externalTasks),
  userTasks: columnsOf(QUERYABLE.userTasks),
  timers: columnsOf(QUERYABLE.timers),
  topicServers: columnsOf(QUERYABLE.topicServers),
  subscriptions: columnsOf(QUERYABLE.subscriptions),
  incidents: columnsOf(QUERYABLE.incidents),
  processInstances: columnsOf(QUERYABLE.processInstances),
  elementInstances: columnsOf(QUERYABLE.elementInstances),
  variables: columnsOf(QUERYABLE.variables),
  incidentHistory: columnsOf(QUERYABLE.incidentHistory),
  decisions: columnsOf(QUERYABLE.decisions),
  decisionInstances: columnsOf(QUERYABLE.decisionInstances),
  warnings: columnsOf(QUERYABLE.warnings),
  controls: columnsOf(QUERYABLE.controls),
  notes: columnsOf(QUERYABLE.notes),
  filters: columnsOf(QUERYABLE.filters),
};

function columnsOf({ columns }: { readonly columns: readonly Column[] }): readonly string[] {
  return ['id', ...columns.filter(({ type }) => type !== 'json').map(({ name }) => name)];
}
