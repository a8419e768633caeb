/** What live and historic variable instances have in common: the row's value and its instance. */
import type { Condition, ProcessEngine, ProcessInstanceView, VariableView } from '@procos/kernel';
import type { Call, TAKEN_OVER } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { toVariable } from '../../scopes.ts';
import { notFound } from '../errors.ts';
import { type Filter, isIn, type Parameter, textsOf } from '../list-query.ts';
import { type TypedValue, writeVariable } from '../typed-values.ts';
import { readConditions } from '../variable-conditions.ts';
import { variableData } from '../variable-data.ts';

export function instancesOf(
  engine: ProcessEngine,
  rows: readonly { readonly processInstanceId: number }[],
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

/** The content of the variable instance that the path names. */
export function dataOf(call: Call, among: readonly Condition<VariableView>[] = []): typeof TAKEN_OVER {
  const id = call.params['id'] ?? '';
  const [row] = call.engine.find('variables', { where: [{ column: 'id', op: '=', value: parseId(id) }, ...among] });
  if (row === undefined) throw notFound(`Variable instance with Id '${id}' does not exist.`);
  return variableData(call, toVariable(row), row.name);
}

/** Variables of the scopes that tasks have. */
export const ofTasks = (parameter: Parameter): Filter<VariableView> => {
  const where = [{ column: 'userTaskId', op: 'in', value: textsOf(parameter).map(parseId) }] as const;
  return isIn(
    'scopeId',
    parameter.engine.find('elementInstances', { where }).map(({ id }) => id),
  );
};

/** Variables for which one of the comparisons holds. */
export const withValue = (parameter: Parameter): Filter<VariableView> => {
  const conditions = readConditions(parameter);
  return { test: (row) => conditions.some(({ isNamed, holds }) => isNamed(row.name) && holds(row)) };
};
