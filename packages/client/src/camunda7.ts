/** The parts of Camunda 7's wire (`/engine-rest`) that the client reads. */
import type { AiBudget, Capabilities } from '@procos/protocol';
import type { TypedValues } from './values.ts';

export interface DeploymentReply {
  readonly id: string;
  readonly name: string | null;
  readonly source: string | null;
  readonly deploymentTime: string;
  readonly tenantId: string | null;
  /** By definition id; null when nothing was new. */
  readonly deployedProcessDefinitions: Readonly<Record<string, ProcessDefinitionReply>> | null;
  /** By definition id; null when nothing was new. */
  readonly deployedDecisionDefinitions: Readonly<Record<string, DecisionDefinitionReply>> | null;
}
export interface ProcessDefinitionReply {
  readonly id: string;
  readonly key: string;
  readonly name: string | null;
  readonly version: number;
  readonly resource: string;
  readonly deploymentId: string;
}
export interface DecisionDefinitionReply {
  readonly id: string;
  readonly key: string;
  readonly name: string | null;
  readonly version: number;
  readonly resource: string;
  readonly deploymentId: string;
}
export interface StartReply {
  readonly id: string;
  readonly definitionId: string;
  readonly definitionKey: string | null;
  readonly businessKey: string | null;
  readonly ended: boolean;
  readonly suspended: boolean;
  readonly tenantId: string | null;
  readonly variables?: TypedValues;
}

/** An external task as `fetchAndLock` hands it out. */
export interface LockedExternalTask {
  readonly id: string;
  readonly topicName: string;
  readonly workerId: string;
  /** Fencing token: ProcOS refuses what is said under an older lock. Camunda has none. */
  readonly lockCount?: number;
  /** What its process may use; absent: everything. Camunda has none. */
  readonly capabilities?: Capabilities;
  /** ProcOS: what its owners have left for it, of an AI task. */
  readonly aiBudget?: AiBudget;
  readonly activityId: string;
  readonly activityInstanceId: string;
  readonly executionId: string;
  readonly processInstanceId: string;
  readonly processDefinitionId: string;
  readonly processDefinitionKey: string;
  readonly businessKey: string | null;
  readonly tenantId: string | null;
  readonly priority: number;
  /** null until the first failure, unless the model gives a number. */
  readonly retries: number | null;
  readonly lockExpirationTime: string;
  readonly errorMessage: string | null;
  readonly errorDetails: string | null;
  readonly extensionProperties?: Readonly<Record<string, string>> | null;
  readonly variables: TypedValues;
}
