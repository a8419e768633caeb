/** A batch as Camunda 8 shows it. Those of operations that Camunda 8 does not have are not among them. */
import {
  BATCH_PROCESS,
  type BatchOperationType,
  type Condition,
  type ProcessEngine,
  type ProcessInstanceView,
  type Subject,
} from '@procos/kernel';
import { batchStates } from '../../batches.ts';
import { dateOf, optionalDateOf } from '../dates.ts';
import { keyOf } from '../keys.ts';
import * as by from '../search/filter.ts';
import { byIndex } from '../search/reach.ts';
import type { SearchSpec } from '../search/search.ts';

type Row = ProcessInstanceView;

export const TYPES: Readonly<Partial<Record<BatchOperationType, string>>> = {
  cancelProcessInstance: 'CANCEL_PROCESS_INSTANCE',
  migrateProcessInstance: 'MIGRATE_PROCESS_INSTANCE',
  modifyProcessInstance: 'MODIFY_PROCESS_INSTANCE',
  resolveIncident: 'RESOLVE_INCIDENT',
  setVariables: 'UPDATE_VARIABLE',
};

export const WORDS: Readonly<Record<string, readonly string[]>> = {
  ADD_VARIABLE: [],
  DELETE_DECISION_DEFINITION: [],
  DELETE_DECISION_INSTANCE: [],
  DELETE_PROCESS_DEFINITION: [],
  DELETE_PROCESS_INSTANCE: [],
  ...Object.fromEntries(Object.entries(TYPES).map(([type, word]) => [word, [type]])),
};

const STATES = ['ACTIVE', 'CANCELED', 'COMPLETED', 'CREATED', 'FAILED', 'PARTIALLY_COMPLETED', 'SUSPENDED'] as const;
const ACTOR_OF = { user: 'USER', worker: 'CLIENT', kernel: 'UNKNOWN' } as const;
const ACTORS = ['ANONYMOUS', 'CLIENT', 'UNKNOWN', 'USER'] as const;

export const OF_BATCHES: readonly Condition<ProcessInstanceView>[] = [
  { column: 'bpmnProcessId', op: '=', value: BATCH_PROCESS },
  { column: 'businessKey', op: 'in', value: Object.keys(TYPES) },
];

const states: by.Values<Row> = (rows, engine) => {
  const shown = new Map(writeBatches(engine, rows).map((batch) => [batch.batchOperationKey, batch.state]));
  return ({ id }) => shown.get(keyOf(id)) ?? null;
};

export const BATCHES: SearchSpec<'processInstances'> = {
  table: 'processInstances',
  filters: {
    batchOperationKey: by.key('id'),
    operationType: by.oneOf('businessKey', WORDS),
    state: by.lookedWord(states, STATES),
    actorType: by.lookedWord<Row>(
      () =>
        ({ startedBy }) =>
          actorOf(startedBy).type,
      ACTORS,
    ),
    actorId: by.looked<Row>(
      () =>
        ({ startedBy }) =>
          actorOf(startedBy).id,
      by.asText,
    ),
  },
  sorts: {
    batchOperationKey: 'id',
    operationType: 'businessKey',
    state: states,
    startDate: 'id',
    endDate: 'endedAt',
    actorType:
      () =>
      ({ startedBy }) =>
        actorOf(startedBy).type,
    actorId:
      () =>
      ({ startedBy }) =>
        actorOf(startedBy).id,
  },
  reach: byIndex('processInstances', ['bpmnProcessId']),
};

/** In the words of REST. */
export interface ShownBatch {
  readonly batchOperationKey: string;
  readonly batchOperationType: string;
  readonly state: (typeof STATES)[number];
  readonly startDate: string;
  readonly endDate: string | null;
  readonly actorType: (typeof ACTORS)[number];
  readonly actorId: string | null;
  readonly operationsTotalCount: number;
  readonly operationsFailedCount: number;
  readonly operationsCompletedCount: number;
  readonly errors: readonly [];
}

export function writeBatches(engine: ProcessEngine, rows: readonly Row[]): readonly ShownBatch[] {
  return batchStates(engine, rows).map(({ row, total, done, failed, begunAt }): ShownBatch => {
    const { type: actorType, id: actorId } = actorOf(row.startedBy);
    return {
      batchOperationKey: keyOf(row.id),
      batchOperationType: TYPES[row.businessKey as BatchOperationType] ?? 'UPDATE_VARIABLE',
      state: stateOf(row, failed, begunAt),
      startDate: dateOf(row.startedAt),
      endDate: optionalDateOf(row.endedAt),
      actorType,
      actorId,
      operationsTotalCount: total,
      operationsFailedCount: failed,
      operationsCompletedCount: done,
      errors: [],
    };
  });
}

function stateOf({ state, suspended }: Row, failed: number, begunAt: number | null): ShownBatch['state'] {
  if (state === 'completed') return failed > 0 ? 'PARTIALLY_COMPLETED' : 'COMPLETED';
  if (state !== 'active') return 'CANCELED';
  if (suspended) return 'SUSPENDED';
  return begunAt === null ? 'CREATED' : 'ACTIVE';
}

/** `kind:id` of who started it. */
function actorOf(startedBy: string): { readonly type: ShownBatch['actorType']; readonly id: string | null } {
  const at = startedBy.indexOf(':');
  const kind = startedBy.slice(0, at) as Subject['kind'];
  const id = startedBy.slice(at + 1);
  if (kind === 'anonymous') return { type: 'ANONYMOUS', id: null };
  return { type: ACTOR_OF[kind], id };
}
