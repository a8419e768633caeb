/** What a process is. The one public face of this floor. */

export type {
  Capabilities,
  CapabilityDifference,
  CapabilityRequest,
  CapabilitySet,
  Policy,
  Verdict,
} from '@procos/protocol';
export {
  AI_TOPICS,
  type AiBudget,
  type AiUsage,
  ANY_LIMIT_CODE,
  canonicalSet,
  capabilityDifference,
  capabilityLines,
  EVERYTHING,
  elementFor,
  encodingOf,
  INSTANCE_LIMITS,
  type InstanceLimit,
  isOperators,
  isSystemProcess,
  LIMIT_KINDS,
  type LimitKind,
  limitErrorCode,
  NO_POLICY,
  namesSystemProcess,
  narrow,
  OPEN,
  POOL_LIMITS,
  type PolicyRule,
  type PoolLimit,
  permits,
  policyProblems,
  rulesFor,
  rulesMissing,
  ruleText,
  SCRIPT_TOPIC,
  SYSTEM_PREFIX,
  SYSTEM_PROCESS_PREFIX,
  setOfRule,
} from '@procos/protocol';
export { declaredByUse, UNKNOWN_LANGUAGE, type Use, usesOf } from './capabilities/uses.ts';
export { checkImports, type DecisionFile, withImports } from './dmn/check/imports.ts';
export {
  type DecisionContext,
  type DecisionOutcome,
  evaluateDecision,
} from './dmn/evaluate.ts';
export type { DecisionModel } from './dmn/model.ts';
export { type ReadDecisions, readDecisions } from './dmn/read.ts';
export { mapResult, type ResultMapping, ruleResults } from './dmn/results.ts';
export type { Evaluation, EvaluationContext, TaskChange } from './expression/contract.ts';
export { checkExpression, evaluate } from './expression/evaluate.ts';
export { type BeanCall, beanCalls } from './expression/juel/calls.ts';
export { daysToLive } from './history-time-to-live.ts';
export { excessOf, MAX_JSON_DEPTH } from './json-text.ts';
export {
  asLargeValue,
  isBlobName,
  JSON_TYPE,
  type LargeValue,
  TEXT_TYPE,
  variableOfLarge,
} from './large-value.ts';
export type * from './model.ts';
export { MODEL_VERSION } from './model.ts';
export { type ReadOptions, readProcesses } from './read/processes.ts';
export { reviveModel } from './read/revive.ts';
export { type Position, type Scan, type ScannedElement, scan } from './read/scan.ts';
export type { Repeat, Scheduling, TimerSchedule } from './time/contract.ts';
export { parseDurationMs, reschedule, schedule } from './time/schedule.ts';
export { instantText, readInstant } from './time/text.ts';
export { inferVariable, type Json, jsonOf, type ValueInfo, type Variable, type VariableType } from './values.ts';
export {
  attributeOf,
  type BpmnDocument,
  type DocumentAttribute,
  type DocumentElement,
  type DocumentNode,
  type DocumentText,
  elementById,
  elementsIn,
  setAttribute,
} from './write/document.ts';
export { type ReadDocument, readDocument } from './write/read-document.ts';
export { writeDocument } from './write/write-document.ts';
