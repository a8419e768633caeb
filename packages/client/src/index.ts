/** The one public face of this floor: client of a running ProcOS, and external-task workers. */

export type { ChosenService, LargeValue } from '@procos/protocol';
export type { DeploymentReply, LockedExternalTask, ProcessDefinitionReply, StartReply } from './camunda7.ts';
export type { ConnectionCode } from './error.ts';
export { ProcosError } from './error.ts';
export type { Content, Download, LargeValues } from './large-values.ts';
export { asLargeValue } from './large-values.ts';
export type {
  BatchQuery,
  ClientOptions,
  DeployFiles,
  IncidentQuery,
  Message,
  ProcessFiles,
  ProcessQuery,
  Start,
  SystemFiles,
  TaskQuery,
} from './procos-client.ts';
export { DEFAULT_URL, ProcosClient } from './procos-client.ts';
export { readTrace, type TraceContext } from './trace.ts';
export type { PlainValues, TypedValue, TypedValues } from './values.ts';
export { toPlain, toPlainValues, toTyped, toTypedValues } from './values.ts';
export type {
  Handler,
  ReserveAi,
  Subscription,
  TaskContext,
  Worker,
  WorkerLogger,
  WorkerOptions,
} from './worker/contract.ts';
export type { HandlerResult } from './worker/outcome.ts';
export { BpmnError, WorkerFailure } from './worker/outcome.ts';
export { createWorker } from './worker/worker.ts';
