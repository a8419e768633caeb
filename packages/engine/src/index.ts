/** What a process does. The one public face of this floor. */

export {
  type CapabilityPart,
  capabilityParts,
  POLICY_DEPLOYMENT,
  POLICY_FILE,
  policyOf,
  requestOf,
  together,
} from './actions/capabilities.ts';
export { generateMigration, validateMigrationPlan } from './actions/migration.ts';
export { servedLoop } from './actions/served-loops.ts';
export { HELD_AT } from './actions/serving.ts';
export { sourceOf, timerRule } from './actions/timer-rules.ts';
export type { Pinned } from './actions/turn.ts';
export { givenVariables, replaceVariables } from './commands/given-variables.ts';
export { apply, type Execution, type ExecutionContext, execute } from './engine.ts';
export type {
  Command,
  CommandOf,
  CommandTable,
  CommandType,
  Correlated,
  DecisionRef,
  DefinitionRef,
  Holder,
  ImportedInstance,
  Instruction,
  ItemCommand,
  LockedTask,
  MigrationInstruction,
  NewDecision,
  NewDefinition,
  ReplyOf,
  StartedInstance,
  TopicRequest,
} from './records/commands.ts';
export type { EngineEvent, EventOf, EventType, HistoryTarget, LogRecord, Variables } from './records/events.ts';
export type { FrozenElement, FrozenInstance } from './records/frozen.ts';
export type * from './records/ids.ts';
export { DEFAULT_LIMITS, type Limits, type Undeclared } from './records/limits.ts';
export type { Outcome, Rejection, RejectionCode } from './records/rejection.ts';
export type { Step, ThrownError, Trigger, UserTaskUpdate } from './records/steps.ts';
export type { Flow, TurnTaking } from './records/turns.ts';
export { allBounds, type Bound, boundsOf, niceOf, startRefusal, usedOf } from './state/controls.ts';
export { mapOf, setOf, takeChanged } from './state/element-instance.ts';
export type * from './state/entities.ts';
export { familyOf, freezeInstance } from './state/freeze.ts';
export type * from './state/identities.ts';
export { measure, sizeOfInstance } from './state/size.ts';
export type * from './state/state.ts';
