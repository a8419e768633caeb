/** The microkernel. The one public face of this floor; the faces above read the words of the floors below from here. */

export type {
  AiBudget,
  AiUsage,
  DecisionModel,
  Json,
  Problem,
  ProcessModel,
  ValueInfo,
  Variable,
  VariableType,
} from '@procos/bpmn';
export {
  asLargeValue,
  evaluate,
  excessOf,
  isBlobName,
  JSON_TYPE,
  type LargeValue,
  LIMIT_KINDS,
  type LimitKind,
  MAX_JSON_DEPTH,
  POOL_LIMITS,
  TEXT_TYPE,
  variableOfLarge,
} from '@procos/bpmn';
export type * from '@procos/engine';
export type { CapabilityPart, Undeclared } from '@procos/engine';
export {
  DEFAULT_LIMITS,
  generateMigration,
  HELD_AT,
  measure,
  sourceOf,
  timerRule,
  validateMigrationPlan,
} from '@procos/engine';
export type {
  Blob,
  Condition,
  DecisionInstanceView,
  DefinitionView,
  ElementInstanceView,
  IncidentView,
  Page,
  ProcessInstanceView,
  Query,
  Scalar,
  TableName,
  Tables,
  VariableView,
  WarningView,
} from '@procos/store';
export {
  BlobDamaged,
  Budget,
  CHUNK_BYTES,
  compareCells,
  isLike,
  rowHolds,
  TooMuchAsked,
  variableId,
} from '@procos/store';
export { type BareEngineOptions, createBareEngine } from './bare-engine.ts';

export {
  BATCH_PROCESS,
  type BatchOperation,
  type BatchOperationType,
  type ItemFailure,
  startBatch,
} from './batch/operation.ts';
export { type ItemPlan, planItem } from './batch/plan-item.ts';
export { BootFailure } from './boot.ts';
export { declaredBy, refuseOtherDeclaration, resourcesOf } from './bundle/declares.ts';
export { type Bundle, type BundleFile, type BundleManifest, readBundle, writeBundle } from './bundle/file.ts';
export {
  newKeyPair,
  PUBLIC_KEY_SUFFIX,
  readPrivateKey,
  type TrustedKey,
  trustedKeys,
} from './bundle/keys.ts';
export { BundleRefused } from './bundle/refusal.ts';
export { type BundleSettings, TRUSTED_KEYS } from './bundle/settings.ts';
export type { Clock } from './clock.ts';
export { type DelayedSuspension, SUSPENSION_PROCESS, suspendLater, type TimersOf } from './delayed-suspension.ts';
export { DEPLOYMENT_PROCESS, INSTALL_PROCESS, keepDraft } from './deployment/draft.ts';
export { bytesOf, resourceOf } from './deployment/resource.ts';
export type { EmbeddedEngine } from './embedded-engine.ts';
export { Access, type Authentication, type Denied, type Proved, SESSION_MS } from './identity/access.ts';
export type { Caller } from './identity/caller.ts';
export { createIdentity, type Identity } from './identity/identity.ts';
export { FOUR_EYES, USER_PROCESS } from './identity/names.ts';
export { addFirstAdministrator, hasAdministrator, setLostPassword } from './identity/offline.ts';
export { type IdentityOperation, Refused } from './identity/operations.ts';
export { hashPassword, PASSWORD_LENGTH } from './identity/passwords.ts';
export { businessKeyOf } from './identity/requests.ts';
export { hashOf, newSecret } from './identity/tokens.ts';
export type { Usage } from './identity/usage.ts';
export {
  EXIT_STORE_FAILED,
  type KernelOptions,
  type ReadBefore,
  type RunningKernel,
  type Stopped,
  type Timings,
} from './kernel-options.ts';
export type * from './kernel-port.ts';
export { handleOf, LARGE_VALUES, type LargeValueSettings, ValueTooLarge } from './large-values.ts';
export { KernelLog, type LogFields, type LogLevel, type LogOptions } from './log.ts';
export { LogFile, type LogFileOptions } from './log-file.ts';
export { thisMachine } from './machine.ts';
export { startKernel } from './microkernel.ts';
export { PassingEngine } from './passing-engine.ts';
export type { KeptPolicy } from './policy/owner-policy.ts';
export { ACTIONS, PERMISSIONS, type Permission, ROLES } from './policy/permissions.ts';
export {
  type CheckFindings,
  type DeployFindings,
  type DeployOutcome,
  type DeployRequest,
  type EffectiveCapabilities,
  type InstanceLimits,
  type LargeValues,
  type ProcessEngine,
  Unavailable,
} from './process-engine.ts';
export { redeploy, redeployDecision, redeployment, redeploymentOfDecision } from './redeployment.ts';
export { beginNewLife, type RestoredOptions } from './restored.ts';
export { HEARTBEAT_MS, type ServiceStatus, STRATEGIES, type Strategy } from './services/registry.ts';
export { watchHealth } from './services/watch.ts';
export { historyDays, type Retention } from './system-calls/retention.ts';
export type { SystemModel } from './system-deployment.ts';
export type { Announcement, WorkerStatus } from './workers/registry.ts';
