/** `/api/batches`: how far they are, and starting one on all instances of a process. */
import {
  BATCH_PROCESS,
  type BatchOperation,
  type Condition,
  type ItemFailure,
  type ProcessInstanceView,
  startBatch,
} from '@procos/kernel';
import type { BatchDetail, BatchList, BatchRow } from '@procos/protocol';
import { type BatchState, batchStates } from '../batches.ts';
import { Answer, type Call } from '../call.ts';
import { ApiRefusal, rejected } from './errors.ts';
import { instant, optionalInstant } from './instants.ts';
import { rangeOf, requiredText, wrong } from './parameters.ts';
import { pidOf } from './pids.ts';
import { stateQuery } from './processes.ts';
import { stateOf } from './states.ts';

const OF_BATCHES = { column: 'bpmnProcessId', op: '=', value: BATCH_PROCESS } as const;
/** Failures that are shown at most. */
const SHOWN = 1_000;

export function listBatches(call: Call): BatchList {
  const where: Condition<ProcessInstanceView>[] = [OF_BATCHES, ...stateQuery(call, 'all')];
  const orderBy = [{ column: 'id', descending: true }] as const;
  const { rows, total } = call.engine.page('processInstances', { where, orderBy, ...rangeOf(call) });
  return { batches: batchStates(call.engine, rows).map(batchRow), total };
}

export function batchDetail(call: Call): BatchDetail {
  const pid = call.params['pid'] ?? '';
  return batchDetailOf(call, pidOf(call, pid), `There is no batch ${pid}: see /api/batches.`);
}

export function batchDetailOf({ engine }: Call, id: number, missing: string): BatchDetail {
  const rows = engine.find('processInstances', { where: [OF_BATCHES, { column: 'id', op: '=', value: id }] });
  const [state] = batchStates(engine, rows);
  if (state === undefined) throw new ApiRefusal(404, 'NOT_FOUND', missing);
  const [listed] = engine.find('variables', {
    where: [
      { column: 'processInstanceId', op: '=', value: id },
      { column: 'scopeId', op: '=', value: id },
      { column: 'name', op: '=', value: 'failures' },
    ],
  });
  const failures = Array.isArray(listed?.value) ? (listed.value as unknown as readonly ItemFailure[]) : [];
  return {
    ...batchRow(state),
    failures: failures.slice(0, SHOWN).map(({ item, reason }) => ({ id: String(item), reason })),
  };
}

function batchRow({ row, total, done, failed }: BatchState): BatchRow {
  return {
    pid: String(row.id),
    operation: row.businessKey ?? '',
    state: stateOf(row),
    suspended: row.suspended,
    total,
    done,
    failed,
    startedAt: instant(row.startedAt),
    endedAt: optionalInstant(row.endedAt),
    startedBy: row.startedBy,
  };
}

const OPERATIONS: Readonly<Record<string, BatchOperation>> = {
  cancel: { type: 'cancelProcessInstance', reason: null },
  suspend: { type: 'setSuspension', suspended: true },
  resume: { type: 'setSuspension', suspended: false },
  retry: { type: 'resolveIncident' },
};

/** On all running instances of all versions of a process; `retry`: on all their open incidents. */
export async function createBatch(call: Call): Promise<Answer> {
  const { engine, body, by } = call;
  const name = requiredText(body, 'operation');
  const bpmnProcessId = requiredText(body, 'bpmnProcessId');
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  if (operation === undefined)
    throw wrong(`Member operation is "${name}": give ${Object.keys(OPERATIONS).join(', ')}.`);
  const ofProcess = { column: 'bpmnProcessId', op: '=', value: bpmnProcessId } as const;
  if (engine.count('definitions', { where: [ofProcess] }) === 0)
    throw new ApiRefusal(404, 'NOT_FOUND', `There is no process ${bpmnProcessId}: see /api/definitions.`);
  const running = { column: 'state', op: '=', value: 'active' } as const;
  const found =
    name === 'retry'
      ? engine.find('incidents', { where: [ofProcess] })
      : engine.find('processInstances', { where: [ofProcess, running] });
  if (found.length === 0 && !call.repeated) {
    const what = name === 'retry' ? 'has an open incident' : 'runs';
    throw new ApiRefusal(409, 'INVALID_STATE', `No instance of ${bpmnProcessId} ${what}: there is nothing to do.`);
  }
  const items = found.map(({ id }: { readonly id: number }) => id);
  const outcome = await engine.submit(startBatch(operation, items), by);
  if (!outcome.ok) throw rejected(outcome.rejection);
  return new Answer(201, batchDetailOf(call, outcome.value.processInstanceId, 'The batch is gone.'));
}
