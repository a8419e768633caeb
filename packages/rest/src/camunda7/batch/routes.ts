/** `/batch` and `/history/batch`: the instances of the system process of batches. */
import { BATCH_PROCESS, type BatchOperationType, type ProcessEngine, type ProcessInstanceView } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { NO_ID, parseId } from '../../ids.ts';
import { invalid, notFound } from '../errors.ts';
import { removeHistory } from '../history/process-instance.ts';
import * as by from '../list-query.ts';
import { listRoutes } from '../list-routes.ts';
import { suspension } from '../process-instance/operations.ts';
import { batches, batchStatistics, cleanableBatches, historicBatches, TYPES } from './dto.ts';

type Row = ProcessInstanceView;

const OF_BATCHES = { column: 'bpmnProcessId', op: '=', value: BATCH_PROCESS } as const;
const RUNNING = { column: 'state', op: '=', value: 'active' } as const;

const SHARED = {
  batchId: by.equalsId<Row>('id'),
  type: (parameter: by.Parameter): by.Filter<Row> => {
    const asked = by.textOf(parameter);
    const [operation] = Object.entries(TYPES).find(([, type]) => type === asked) ?? [];
    return {
      where: [{ column: 'businessKey', op: '=', value: (operation as BatchOperationType | undefined) ?? asked }],
    };
  },
  ...by.tenant<Row>('tenantId'),
};

const LIST: by.ListSpec<'processInstances'> = {
  table: 'processInstances',
  base: [OF_BATCHES, RUNNING],
  parameters: {
    ...SHARED,
    suspended: (parameter) => ({ where: [{ column: 'suspended', op: '=', value: by.flagOf(parameter) }] }),
    createdBy: (parameter) => ({ where: [{ column: 'startedBy', op: '=', value: `user:${by.textOf(parameter)}` }] }),
    startedBefore: by.instant('startedAt', '<'),
    startedAfter: by.instant('startedAt', '>'),
    withFailures: by.when<Row>({ column: 'incidents', op: '>', value: 0 }),
    withoutFailures: by.when<Row>({ column: 'incidents', op: '=', value: 0 }),
  },
  sortBy: { batchId: 'id', tenantId: 'tenantId' },
};

const HISTORY: by.ListSpec<'processInstances'> = {
  table: 'processInstances',
  base: [OF_BATCHES],
  parameters: {
    ...SHARED,
    completed: (parameter) => ({ where: [{ column: 'endedAt', op: by.flagOf(parameter) ? 'notNull' : 'isNull' }] }),
  },
  sortBy: { batchId: 'id', startTime: 'startedAt', endTime: 'endedAt', tenantId: 'tenantId' },
};

export function batchRoutes(route: Declare): void {
  listRoutes(route, '/batch', 'batch.read', {
    list: (call) => batches(call.engine, by.list(call, LIST)),
    count: (call) => by.count(call, LIST),
    spec: LIST,
  });
  listRoutes(route, '/batch/statistics', 'batch.read', {
    list: (call) => batchStatistics(call.engine, by.list(call, LIST)),
    count: (call) => by.count(call, LIST),
    spec: LIST,
  });
  route('GET', '/batch/:id', 'batch.read', ({ engine, params }) => {
    const id = params['id'] ?? '';
    const found = findBatch(engine, id);
    if (found?.state !== 'active') throw notFound(`Batch with id '${id}' does not exist`);
    return batches(engine, [found])[0];
  });
  route('PUT', '/batch/:id/suspended', 'batch.update', suspend);
  route('DELETE', '/batch/:id', 'batch.cancel', remove);
  listRoutes(route, '/history/batch', 'history.read', {
    list: (call) => historicBatches(call.engine, by.list(call, HISTORY)),
    count: (call) => by.count(call, HISTORY),
    spec: HISTORY,
  });
  route('GET', '/history/batch/cleanable-batch-report', 'history.read', cleanable);
  route('GET', '/history/batch/cleanable-batch-report/count', 'history.read', (call) => ({
    count: cleanableBatches(call.engine).length,
  }));
  route('DELETE', '/history/batch/:id', 'history.delete', (call) => {
    const id = call.params['id'] ?? '';
    const found = findBatch(call.engine, id);
    if (found === undefined) throw notFound(`Historic batch with id '${id}' does not exist`);
    if (found.endedAt === null) throw invalid(`Batch with id '${id}' still runs: delete it first`);
    return removeHistory(call, found.id);
  });
  route('GET', '/history/batch/:id', 'history.read', ({ engine, params }) => {
    const id = params['id'] ?? '';
    const found = findBatch(engine, id);
    if (found === undefined) throw notFound(`Historic batch with id '${id}' does not exist`);
    return historicBatches(engine, [found])[0];
  });
}

/** Paged and sorted by hand: there are as many rows as kinds of batches. */
function cleanable(call: Call): readonly unknown[] {
  const { sortBy, sortOrder } = call.query;
  if (sortBy !== undefined && sortBy !== 'finished')
    throw invalid(`Cannot set query sortBy parameter to value ${sortBy}`);
  const sign = sortOrder === 'desc' ? -1 : 1;
  const rows = [...cleanableBatches(call.engine)];
  if (sortBy !== undefined) rows.sort((a, b) => sign * (a.finishedBatchesCount - b.finishedBatchesCount));
  const { from = 0 } = by.whole(call, 'firstResult', 'from');
  const { most } = by.whole(call, 'maxResults', 'most');
  return rows.slice(from, most === undefined ? undefined : from + most);
}

async function suspend({ engine, params, body, by: subject }: Call): Promise<undefined> {
  const id = params['id'] ?? '';
  const suspended = suspension(body);
  const target = { processInstanceId: findBatch(engine, id)?.id ?? NO_ID };
  const outcome = await engine.submit({ type: 'setSuspension', target, suspended }, subject);
  if (outcome.ok) return undefined;
  throw invalid(`Unable to ${suspended ? 'suspend' : 'activate'} batch with id '${id}': ${outcome.rejection.message}`);
}

/** What it has done stays done, and its history stays (also with `cascade`): that goes by itself. */
async function remove({ engine, params, by: subject }: Call): Promise<undefined> {
  const id = params['id'] ?? '';
  const processInstanceId = findBatch(engine, id)?.id ?? NO_ID;
  const outcome = await engine.submit({ type: 'cancelProcessInstance', processInstanceId }, subject);
  if (outcome.ok) return undefined;
  throw invalid(`Unable to delete batch with id '${id}': ${outcome.rejection.message}`);
}

function findBatch(engine: ProcessEngine, id: string): ProcessInstanceView | undefined {
  return engine.find('processInstances', { where: [OF_BATCHES, { column: 'id', op: '=', value: parseId(id) }] })[0];
}
