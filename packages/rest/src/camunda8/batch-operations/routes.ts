/** `/batch-operations`, and the operations on many process instances that begin one. */
import type { ProcessInstanceView } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { notFound, rejected } from '../errors.ts';
import { readKey } from '../keys.ts';
import { answer, by } from '../search/routes.ts';
import { cancelMany, migrateMany, modifyMany, resolveMany, resolveOfInstance } from './create.ts';
import { searchItems, writeItems } from './items.ts';
import { BATCHES, OF_BATCHES, writeBatches } from './shown.ts';

export function batchOperationRoutes(route: Declare): void {
  route('POST', '/process-instances/cancellation', 'processInstance.cancel', cancelMany);
  route('POST', '/process-instances/migration', 'processInstance.update', migrateMany);
  route('POST', '/process-instances/modification', 'processInstance.update', modifyMany);
  route('POST', '/process-instances/incident-resolution', 'incident.resolve', resolveMany);
  route('POST', '/process-instances/:processInstanceKey/incident-resolution', 'incident.resolve', resolveOfInstance);
  const one = '/batch-operations/:batchOperationKey';
  route('POST', '/batch-operations/search', 'batch.read', by(BATCHES, writeBatches, { where: OF_BATCHES }));
  route('POST', '/batch-operation-items/search', 'batch.read', (call) => answer(call, searchItems(call), writeItems));
  route('GET', one, 'batch.read', (call) => writeBatches(call.engine, [find(call)])[0]);
  route('POST', `${one}/suspension`, 'batch.update', (call) => suspend(call, true));
  route('POST', `${one}/resumption`, 'batch.update', (call) => suspend(call, false));
  route('POST', `${one}/cancellation`, 'batch.cancel', cancel);
}

function find({ engine, params }: Call): ProcessInstanceView {
  const key = params['batchOperationKey'];
  const where = [...OF_BATCHES, { column: 'id', op: '=', value: readKey(key, 'batchOperationKey') } as const];
  const [row] = engine.find('processInstances', { where });
  if (row === undefined) throw notFound(`Batch operation with key '${key}' not found`);
  return row;
}

async function suspend(call: Call, suspended: boolean): Promise<undefined> {
  const target = { processInstanceId: find(call).id };
  const outcome = await call.engine.submit({ type: 'setSuspension', target, suspended }, call.by);
  if (!outcome.ok) throw rejected(outcome.rejection);
}

/** What it has done stays done. */
async function cancel(call: Call): Promise<undefined> {
  const { id: processInstanceId } = find(call);
  const outcome = await call.engine.submit({ type: 'cancelProcessInstance', processInstanceId }, call.by);
  if (!outcome.ok) throw rejected(outcome.rejection);
}
