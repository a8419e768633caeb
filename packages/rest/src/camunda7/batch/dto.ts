/** A batch as Camunda shows it. One item stands for one of its jobs; seed, monitor and batch jobs there are none. */
import {
  BATCH_PROCESS,
  type BatchOperationType,
  historyDays,
  type ProcessEngine,
  type ProcessInstanceView,
  type Subject,
} from '@procos/kernel';
import { type BatchState, batchStates } from '../../batches.ts';
import { formatDate, formatOptionalDate } from '../dates.ts';

const DAY_MS = 86_400_000;

export const TYPES: Readonly<Record<BatchOperationType, string>> = {
  cancelProcessInstance: 'instance-deletion',
  broadcastSignal: 'broadcast-signal',
  setSuspension: 'instance-update-suspension-state',
  setVariables: 'set-variables',
  correlateMessage: 'correlate-message',
  modifyProcessInstance: 'instance-modification',
  migrateProcessInstance: 'instance-migration',
  restartProcessInstance: 'instance-restart',
  removeHistory: 'historic-instance-deletion',
  removeDecisionHistory: 'historic-decision-instance-deletion',
  setExternalTaskRetries: 'set-external-task-retries',
  resolveIncident: 'set-job-retries',
};

export function batches(engine: ProcessEngine, rows: readonly ProcessInstanceView[]): readonly unknown[] {
  return batchStates(engine, rows).map(batch);
}

export function batchStatistics(engine: ProcessEngine, rows: readonly ProcessInstanceView[]): readonly unknown[] {
  return batchStates(engine, rows).map((state) => {
    const { total, done, failed } = state;
    return { ...batch(state), remainingJobs: total - done, completedJobs: done, failedJobs: failed };
  });
}

export function historicBatches(engine: ProcessEngine, rows: readonly ProcessInstanceView[]): readonly unknown[] {
  return batchStates(engine, rows).map((state) => ({
    ...shared(state),
    endTime: formatOptionalDate(state.row.endedAt),
    removalTime: null,
  }));
}

interface CleanableBatches {
  readonly batchType: string;
  /** Days; null: for good. */
  readonly historyTimeToLive: number | null;
  readonly finishedBatchesCount: number;
  readonly cleanableBatchesCount: number;
}

/** For each kind of which a batch has ended: how many have, and how many of them have outlived their time. */
export function cleanableBatches(engine: ProcessEngine): readonly CleanableBatches[] {
  const definitions = engine.find('definitions', {
    where: [{ column: 'bpmnProcessId', op: '=', value: BATCH_PROCESS }],
  });
  const days = new Map(definitions.map((row) => [row.id, historyDays(row, engine.model(row.id)) ?? null]));
  const ended = engine.find('processInstances', {
    where: [
      { column: 'bpmnProcessId', op: '=', value: BATCH_PROCESS },
      { column: 'endedAt', op: 'notNull' },
    ],
  });
  const kinds = Map.groupBy(ended, ({ businessKey }) => businessKey ?? '');
  return Array.from(kinds, ([kind, rows]) => ({
    batchType: TYPES[kind as BatchOperationType] ?? kind,
    historyTimeToLive: days.get(rows.at(-1)?.definitionId ?? 0) ?? null,
    finishedBatchesCount: rows.length,
    cleanableBatchesCount: rows.filter(({ definitionId, endedAt }) => {
      const kept = days.get(definitionId) ?? null;
      return kept !== null && (endedAt ?? 0) + kept * DAY_MS <= engine.now();
    }).length,
  }));
}

function batch(state: BatchState): Record<string, unknown> {
  return { ...shared(state), jobsCreated: state.total, suspended: state.row.suspended };
}

function shared(state: BatchState): Record<string, unknown> {
  const { row } = state;
  return {
    id: String(row.id),
    type: TYPES[row.businessKey as BatchOperationType] ?? row.businessKey,
    totalJobs: state.total,
    batchJobsPerSeed: state.chunkSize,
    invocationsPerBatchJob: 1,
    seedJobDefinitionId: null,
    monitorJobDefinitionId: null,
    batchJobDefinitionId: null,
    tenantId: row.tenantId,
    createUserId: userOf(row.startedBy),
    startTime: formatDate(row.startedAt),
    executionStartTime: formatOptionalDate(state.begunAt),
  };
}

const USER: Subject['kind'] = 'user';

function userOf(startedBy: string): string | null {
  return startedBy.startsWith(`${USER}:`) ? startedBy.slice(USER.length + 1) : null;
}
