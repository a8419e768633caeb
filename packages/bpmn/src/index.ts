/** What a process is. The one public face of this floor. */
export type { Evaluation, EvaluationContext } from './expression/contract.ts';
export type * from './model.ts';
export { MODEL_VERSION } from './model.ts';
export type { Repeat, Scheduling, TimerSchedule } from './time/contract.ts';
export { inferVariable, type Json, type ValueInfo, type Variable, type VariableType } from './values.ts';
