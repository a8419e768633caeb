/** What live and historic variable instances have in common: the row's value and its instance. */
import type { ProcessEngine, ProcessInstanceView, VariableView } from '@procos/kernel';
import { toVariable } from '../../scopes.ts';
import { type TypedValue, writeVariable } from '../typed-values.ts';

export function instancesOf(
  engine: ProcessEngine,
  rows: readonly VariableView[],
): ReadonlyMap<number, ProcessInstanceView> {
  const ids = [...new Set(rows.map((row) => row.processInstanceId))];
  if (ids.length === 0) return new Map();
  const found = engine.find('processInstances', { where: [{ column: 'id', op: 'in', value: ids }] });
  return new Map(found.map((row) => [row.id, row]));
}

export function typedValueOf(row: VariableView): TypedValue {
  return writeVariable(toVariable(row));
}

export function definitionIdOfInstance(instance: ProcessInstanceView | undefined): string | null {
  return instance === undefined ? null : `${instance.bpmnProcessId}:${instance.version}:${instance.definitionId}`;
}
