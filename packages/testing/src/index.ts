/** The one public face: a test kit that runs models in memory under a virtual clock, and says which paths were passed. */
export { BpmnError, type Handler, type TaskContext, WorkerFailure } from '@procos/client';
export { Coverage, coverage } from './coverage/coverage.ts';
export {
  type CoverageReport,
  type CoveredModel,
  type CoveredPart,
  mergeReports,
  percentOf,
  reportText,
} from './coverage/report.ts';
export {
  type Correlation,
  createTestEngine,
  type DecisionResult,
  type Publication,
  type Start,
  TestEngine,
  type TestEngineOptions,
} from './engine.ts';
export { type JobFailure, TestInstance } from './instance.ts';
export type { Resource } from './resources.ts';
export { TestTask } from './task.ts';
export type { Calls, Work, WorkOptions } from './work.ts';
