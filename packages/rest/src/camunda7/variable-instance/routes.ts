/** `/variable-instance`: live variables across instances. */
import type { ProcessEngine, VariableView } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { notFound } from '../errors.ts';
import * as by from '../list-query.ts';
import { listRoutes } from '../list-routes.ts';
import { dataOf, definitionIdOfInstance, instancesOf, ofTasks, typedValueOf, withValue } from './shared.ts';

const LIST: by.ListSpec<'variables'> = {
  table: 'variables',
  base: [{ column: 'live', op: '=', value: true }],
  parameters: {
    variableName: by.equals('name'),
    variableNameLike: by.like('name'),
    processInstanceIdIn: by.amongIds('processInstanceId'),
    executionIdIn: by.amongIds('scopeId'),
    activityInstanceIdIn: by.amongIds('scopeId'),
    variableScopeIdIn: by.amongIds('scopeId'),
    taskIdIn: ofTasks,
    batchIdIn: by.amongIds('processInstanceId'),
    variableValues: withValue,
    variableNamesIgnoreCase: by.always,
    variableValuesIgnoreCase: by.always,
    caseInstanceIdIn: by.none,
    caseExecutionIdIn: by.none,
    ...by.tenantOfInstance('processInstanceId'),
  },
  sortBy: {
    variableName: 'name',
    variableType: 'type',
    activityInstanceId: 'scopeId',
    tenantId: by.byInstance('processInstanceId', ({ tenantId }) => tenantId),
  },
};

export function variableInstanceRoutes(route: Declare): void {
  const list = (call: Call) => write(call.engine, by.list(call, LIST));
  const count = (call: Call) => by.count(call, LIST);
  listRoutes(route, '/variable-instance', 'variable.read', { list, count, spec: LIST, posts: 'list and count' });
  route('GET', '/variable-instance/:id', 'variable.read', ({ engine, params }) => {
    const id = params['id'] ?? '';
    const where = [{ column: 'id', op: '=', value: parseId(id) }, ...(LIST.base ?? [])] as const;
    const found = engine.find('variables', { where });
    if (found.length === 0) throw notFound(`Variable instance with Id '${id}' does not exist.`);
    return write(engine, found)[0];
  });
  route('GET', '/variable-instance/:id/data', 'variable.read', (call) => dataOf(call, LIST.base));
}

function write(engine: ProcessEngine, rows: readonly VariableView[]): readonly unknown[] {
  const instances = instancesOf(engine, rows);
  return rows.map((row) => {
    const instance = instances.get(row.processInstanceId);
    return {
      ...typedValueOf(row),
      id: String(row.id),
      name: row.name,
      processDefinitionId: definitionIdOfInstance(instance),
      processInstanceId: String(row.processInstanceId),
      executionId: String(row.scopeId),
      caseInstanceId: null,
      caseExecutionId: null,
      taskId: null,
      batchId: null,
      activityInstanceId: String(row.scopeId),
      tenantId: instance?.tenantId ?? null,
      errorMessage: null,
    };
  });
}
