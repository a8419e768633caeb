/** A batch as Camunda shows it. One item stands for one of its jobs; seed, monitor and batch jobs there are none. */
import type { BatchOperationType, Json, ProcessEngine, ProcessInstanceView, Subject } from '@procos/kernel';
import { formatDate, formatOptionalDate } from '../dates.ts';

export const TYPES: Readonly<Record<BatchOperationType, string>> = {
  cancelProcessInstance: 'instance-deletion',
  setSuspension: 'instance-update-suspension-state',
  setVariables: 'set-variables',
  correlateMessage: 'correlate-message',
  modifyProcessInstance: 'instance-modification',
  migrateProcessInstance: 'instance-migration',
  restartProcessInstance: 'instance-restart',
  setExternalTaskRetries: 'set-external-task-retries',
  resolveIncident: 'set-job-retries',
};

export function batches(engine: ProcessEngine, rows: readonly ProcessInstanceView[]): readonly unknown[] {
  const states = statesOf(engine, rows);
  return rows.map((row, at) => ({
    ...shared(row, states[at] ?? UNKNOWN),
    jobsCreated: states[at]?.total ?? 0,
    suspended: row.suspended,
  }));
}

export function batchStatistics(engine: ProcessEngine, rows: readonly ProcessInstanceView[]): readonly unknown[] {
  const states = statesOf(engine, rows);
  return batches(engine, rows).map((batch, at) => {
    const { total, done, failed } = states[at] ?? UNKNOWN;
    return { ...(batch as object), remainingJobs: total - done, completedJobs: done, failedJobs: failed };
  });
}

export function historicBatches(engine: ProcessEngine, rows: readonly ProcessInstanceView[]): readonly unknown[] {
  const states = statesOf(engine, rows);
  return rows.map((row, at) => ({
    ...shared(row, states[at] ?? UNKNOWN),
    endTime: formatOptionalDate(row.endedAt),
    removalTime: null,
  }));
}

function shared(row: ProcessInstanceView, state: BatchState): Record<string, unknown> {
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

interface BatchState {
  readonly total: number;
  readonly chunkSize: number;
  /** Items that went well. */
  readonly done: number;
  /** Items that did not, when they were last tried. */
  readonly failed: number;
  /** When the first items were taken up. */
  readonly begunAt: number | null;
}

const UNKNOWN: BatchState = { total: 0, chunkSize: 0, done: 0, failed: 0, begunAt: null };

/** In the order of the rows, with few queries: the variables of the batches, and how far the chunks at work are. */
function statesOf(engine: ProcessEngine, rows: readonly ProcessInstanceView[]): readonly BatchState[] {
  const value = rows.map(({ id }) => id);
  const mine = { column: 'processInstanceId', op: 'in', value } as const;
  const names = ['total', 'chunk_size', 'done', 'failed', 'attempt'];
  const variables = engine.find('variables', { where: [mine, { column: 'name', op: 'in', value: names }] });
  const runs = engine.find('elementInstances', { where: [mine, { column: 'elementId', op: '=', value: 'run' }] });
  const tasks = engine.find('externalTasks', { where: [mine] });
  return rows.map(({ id }) => {
    const own = variables.filter(({ processInstanceId, scopeId }) => processInstanceId === id && scopeId === id);
    const numberOf = (name: string): number => whole(own.find((variable) => variable.name === name)?.value ?? null);
    const progress = tasks.find(({ processInstanceId }) => processInstanceId === id)?.progress;
    const failedNow = progress?.failed.length ?? 0;
    const total = numberOf('total');
    const done = numberOf('done') + (progress?.next ?? 0) - failedNow;
    // After the first round everything that is not done has failed at least once.
    const failed = numberOf('attempt') > 1 ? total - done : numberOf('failed') + failedNow;
    const begunAt = runs.find(({ processInstanceId }) => processInstanceId === id)?.startedAt ?? null;
    return { total, chunkSize: numberOf('chunk_size'), done, failed, begunAt };
  });
}

function whole(value: Json): number {
  return typeof value === 'number' ? value : 0;
}
