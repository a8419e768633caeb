/** How it is remembered. The one public face of this floor. */
export { type Store, type StoreDescription, StoreFailure, StoreRefusal } from './contract.ts';
export type { Condition, Page, Query, Scalar, TableName, Tables } from './query.ts';
export type { DefinitionView, ElementInstanceView, IncidentView, ProcessInstanceView, VariableView } from './rows.ts';
