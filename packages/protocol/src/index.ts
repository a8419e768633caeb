/** The words on the wire. The one public face of this floor. */

export { AI_TOPICS, type AiBudget, type AiReservation, type AiReservationReply, type AiUsage } from './ai-topics.ts';
export {
  ACTIONS,
  type Access,
  type AccessRule,
  type Action,
  type Capabilities,
  type CapabilityRequest,
  type CapabilitySet,
  CLASSIFICATIONS,
  type Classification,
  type Grant,
  type Grants,
  KINDS,
  type Kind,
  SANDBOX_LEVELS,
  type SandboxLevel,
  type Verdict,
} from './capabilities/contract.ts';
export { canonicalSet, EVERYTHING, narrow, OPEN, permits } from './capabilities/decide.ts';
export { type CapabilityDifference, capabilityDifference } from './capabilities/difference.ts';
export { grantProblem, isWithin, SCRIPT_TOPIC, SYSTEM_PREFIX } from './capabilities/grants.ts';
export {
  NO_POLICY,
  type Policy,
  type PolicyRule,
  policyProblems,
  rulesFor,
  rulesMissing,
  ruleText,
  setOfRule,
  underRules,
} from './capabilities/policy.ts';
export {
  isOperators,
  isSystemProcess,
  namesSystemProcess,
  SYSTEM_PROCESS_PREFIX,
} from './capabilities/system-processes.ts';
export { capabilityLines, elementFor } from './capabilities/wording.ts';
export { CONSOLE_PAGES, type ConsolePage, isConsolePage } from './console-pages.ts';
export { encodingOf } from './encoding.ts';
export type * from './identity.ts';
export {
  ANY_LIMIT_CODE,
  INSTANCE_LIMITS,
  type InstanceLimit,
  LIMIT_KINDS,
  type LimitKind,
  limitErrorCode,
  POOL_LIMITS,
  type PoolLimit,
} from './limits/kinds.ts';
export { limitForm, limitText, readLimitValue } from './limits/values.ts';
export type * from './own.ts';
export type * from './registry.ts';
