/** Batch operations on process instances: canceled, migrated, moved on, or what has failed in them tried again. */
import { type BatchOperation, startBatch } from '@procos/kernel';
import type { Call } from '../../call.ts';
import { invalid, notFound, rejected } from '../errors.ts';
import { keyOf, readKey } from '../keys.ts';
import { Members } from '../members.ts';
import { refuseOthers } from '../search/request.ts';
import { selectInstances } from './select.ts';
import { TYPES } from './shown.ts';

/** In the words of REST. */
export interface Created {
  readonly batchOperationKey: string;
  readonly batchOperationType: string;
}

/** With what they have called: of called instances the one that called them decides. */
export function cancelMany(call: Call): Promise<Created> {
  refuseOthers(call.body, ['filter', 'operationReference'], '');
  const instances = selectInstances(call, [{ column: 'parentId', op: 'isNull' }]);
  return begin(call, { type: 'cancelProcessInstance', reason: null }, idsOf(instances));
}

export function resolveMany(call: Call): Promise<Created> {
  refuseOthers(call.body, ['filter', 'operationReference'], '');
  const instances = selectInstances(call, [{ column: 'incidents', op: '>', value: 0 }]);
  return begin(call, { type: 'resolveIncident' }, incidentsOf(call, idsOf(instances)));
}

/** Those of one process instance. */
export function resolveOfInstance(call: Call): Promise<Created> {
  const key = call.params['processInstanceKey'];
  const id = readKey(key, 'processInstanceKey');
  const where = [{ column: 'id', op: '=', value: id } as const];
  if (call.engine.count('processInstances', { where }) === 0)
    throw notFound(`Process Instance with key '${key}' not found`);
  return begin(call, { type: 'resolveIncident' }, incidentsOf(call, [id]));
}

function incidentsOf({ engine }: Call, value: readonly number[]): readonly number[] {
  return idsOf(engine.find('incidents', { where: [{ column: 'processInstanceId', op: 'in', value }] }));
}

export function migrateMany(call: Call): Promise<Created> {
  refuseOthers(call.body, ['filter', 'migrationPlan', 'operationReference'], '');
  const plan = new Members(call.body).members('migrationPlan');
  const targetDefinitionId = plan.key('targetProcessDefinitionKey');
  const instructions = plan.list('mappingInstructions').map((mapping) => ({
    source: mapping.text('sourceElementId'),
    target: mapping.text('targetElementId'),
  }));
  const instances = selectInstances(call);
  const sourceDefinitionId = definitionOf(instances);
  const operation = { sourceDefinitionId, targetDefinitionId, instructions, variables: {} };
  return begin(call, { type: 'migrateProcessInstance', ...operation }, idsOf(instances));
}

/** Instances in which one of the elements that are moved away from is not active are left as they are. */
export function modifyMany(call: Call): Promise<Created> {
  refuseOthers(call.body, ['filter', 'moveInstructions', 'operationReference'], '');
  const moves = new Members(call.body).list('moveInstructions').map((move) => ({
    source: move.text('sourceElementId'),
    target: move.text('targetElementId'),
  }));
  if (moves.length === 0) throw invalid("'moveInstructions' must have at least one instruction");
  const selected = selectInstances(call);
  const definitionId = definitionOf(selected);
  const value = idsOf(selected);
  const active = moves.map(({ source }) => {
    const where = [
      { column: 'processInstanceId', op: 'in', value },
      { column: 'elementId', op: '=', value: source },
      { column: 'endedAt', op: 'isNull' },
    ] as const;
    return new Set<number>(call.engine.find('elementInstances', { where }).map((row) => row.processInstanceId));
  });
  const ids = value.filter((id) => active.every((instances) => instances.has(id)));
  const instructions = [
    ...moves.map(({ source }) => ({ kind: 'cancelAll', elementId: source }) as const),
    ...moves.map(({ target }) => ({ kind: 'startBefore', elementId: target }) as const),
  ];
  const skipped = { skipListeners: false, skipMappings: false };
  return begin(call, { type: 'modifyProcessInstance', definitionId, instructions, ...skipped }, ids);
}

function idsOf(rows: readonly { readonly id: number }[]): readonly number[] {
  return rows.map(({ id }) => id);
}

/** A plan is for instances of one definition. */
function definitionOf(instances: readonly { readonly definitionId: number }[]): number {
  const ids = [...new Set(instances.map(({ definitionId }) => definitionId))];
  const [only] = ids;
  if (only !== undefined && ids.length === 1) return only;
  if (only === undefined) throw invalid("'filter' finds no process instance that runs");
  throw invalid(
    `'filter' must find process instances of one process definition, but finds those of ${ids.length}: give processDefinitionKey`,
  );
}

async function begin({ engine, by }: Call, operation: BatchOperation, items: readonly number[]): Promise<Created> {
  const outcome = await engine.submit(startBatch(operation, items), by);
  if (!outcome.ok) throw rejected(outcome.rejection);
  const batchOperationType = TYPES[operation.type];
  if (batchOperationType === undefined) throw new Error(`${operation.type} has no name in Camunda 8`);
  return { batchOperationKey: keyOf(outcome.value.processInstanceId), batchOperationType };
}
