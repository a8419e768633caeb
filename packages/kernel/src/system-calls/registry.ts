/** All system calls there are. */
import type { StoreDescription } from '@procos/store';
import type { Clock } from '../clock.ts';
import type { Hosts } from '../hosts.ts';
import type { KernelLog } from '../log.ts';
import type { Machine } from '../machine.ts';
import type { ServiceRegistry } from '../services/registry.ts';
import { batchRetry } from './batch-retry.ts';
import { type BatchNeeds, batchRun } from './batch-run.ts';
import { type BundleNeeds, bundleCalls } from './bundle.ts';
import type { SystemCall } from './contract.ts';
import { copiesCalls } from './copies.ts';
import { type DeploymentNeeds, deploymentCalls } from './deployment.ts';
import { environmentCheck } from './environment-check.ts';
import { fileLock } from './file-lock.ts';
import { type HealthNeeds, healthCheck } from './health-check.ts';
import { type IncidentActionsNeeds, incidentActions } from './incident-actions.ts';
import { logRotate } from './log-rotate.ts';
import { machineCalls } from './machine-info.ts';
import { type Power, powerCalls } from './power.ts';
import { processCalls } from './process-control.ts';
import { type RetentionNeeds, retentionCalls } from './retention.ts';
import { serviceCalls } from './services.ts';
import { type SnapshotNeeds, snapshotCalls } from './snapshot.ts';
import { type SuspendNeeds, suspend } from './suspend.ts';
import { type UserNeeds, userCalls } from './users.ts';
import { workerDrain } from './worker-drain.ts';
import { workerGiveUp } from './worker-give-up.ts';
import { workerRegister } from './worker-register.ts';
import { workerRestart } from './worker-restart.ts';
import { workerStart } from './worker-start.ts';

export interface SystemCallNeeds {
  readonly hosts: Hosts;
  readonly log: KernelLog;
  readonly clock: Clock;
  readonly machine: Machine;
  readonly store: StoreDescription;
  readonly noop: () => Promise<unknown>;
  readonly power: Power;
  /** How long a host may take to finish the work at hand. */
  readonly drainMs: number;
  /** Absolute path of the folder of all backups. */
  readonly backups: string;
  readonly batch: BatchNeeds;
  readonly retention: RetentionNeeds;
  readonly snapshots: SnapshotNeeds;
  readonly services: ServiceRegistry;
  /** See the engine's context. */
  readonly systemByName: boolean;
  readonly suspend: SuspendNeeds;
  readonly deployment: DeploymentNeeds;
  readonly bundles: BundleNeeds['bundles'];
  readonly incidents: IncidentActionsNeeds;
  readonly planFor: HealthNeeds['planFor'];
  readonly users: UserNeeds;
}

export function createSystemCalls(needs: SystemCallNeeds): readonly SystemCall[] {
  const { hosts, log, clock, machine, store, noop, power, drainMs, backups, batch, retention } = needs;
  return [
    environmentCheck(store, machine),
    workerStart(hosts),
    workerRegister(hosts, log),
    workerDrain(hosts, drainMs),
    workerRestart(hosts, drainMs),
    workerGiveUp(hosts),
    healthCheck({ hosts, log, clock, machine, store, engine: needs.incidents.engine, planFor: needs.planFor, noop }),
    ...copiesCalls({
      store,
      folder: backups,
      restart: (restore) => power.restart(restore),
      fourEyes: needs.users.fourEyes,
    }),
    batchRun(batch),
    batchRetry(),
    ...retentionCalls(retention),
    ...snapshotCalls(needs.snapshots),
    ...serviceCalls(needs.services),
    suspend(needs.suspend),
    ...incidentActions(needs.incidents),
    logRotate(log),
    fileLock(needs.snapshots.engine),
    ...machineCalls(machine, store),
    ...processCalls(needs.snapshots.engine, needs.systemByName),
    ...deploymentCalls(needs.deployment),
    ...bundleCalls({ ...needs.deployment, bundles: needs.bundles }),
    ...userCalls(needs.users),
    ...powerCalls(power, log),
  ];
}
