/** `/history/variable-instance`: the last value of every variable, of running and of ended scopes. */
import type { ProcessEngine, VariableView } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { formatDate } from '../dates.ts';
import { invalid, notFound } from '../errors.ts';
import * as by from '../list-query.ts';
import { listRoutes } from '../list-routes.ts';
import {
  dataOf,
  definitionIdOfInstance,
  instancesOf,
  ofTasks,
  typedValueOf,
  withValue,
} from '../variable-instance/shared.ts';
import { removeVariableHistory } from './process-instance.ts';

const LIST: by.ListSpec<'variables'> = {
  table: 'variables',
  parameters: {
    variableName: by.equals('name'),
    variableNameLike: by.like('name'),
    variableNameIn: by.among('name'),
    variableTypeIn: (parameter) => {
      const types = by.textsOf(parameter).map((type) => type.charAt(0).toUpperCase() + type.slice(1));
      return by.isIn('type', types);
    },
    processInstanceId: by.equalsId('processInstanceId'),
    processInstanceIdIn: by.amongIds('processInstanceId'),
    processDefinitionId: (parameter) => {
      const where = by.definition<InstanceRow>('definitionId')(parameter).where ?? [];
      return ofInstances(parameter.engine, where);
    },
    processDefinitionKey: (parameter) => {
      return ofInstances(parameter.engine, [{ column: 'bpmnProcessId', op: '=', value: by.textOf(parameter) }]);
    },
    executionIdIn: by.amongIds('scopeId'),
    activityInstanceIdIn: by.amongIds('scopeId'),
    includeDeleted: by.always,
    taskIdIn: ofTasks,
    variableValue: (parameter) => {
      const name = parameter.asked.get('variableName');
      if (typeof name !== 'string')
        throw invalid('Only a single variable value parameter specified: variable name and value are required');
      return withValue({ ...parameter, value: [{ name, operator: 'eq', value: parameter.value }] });
    },
    variableNamesIgnoreCase: by.always,
    variableValuesIgnoreCase: by.always,
    caseInstanceId: by.none,
    caseExecutionIdIn: by.none,
    caseActivityIdIn: by.none,
    ...by.tenantOfInstance('processInstanceId'),
  },
  sortBy: {
    instanceId: 'processInstanceId',
    variableName: 'name',
    tenantId: by.byInstance('processInstanceId', ({ tenantId }) => tenantId),
  },
};

type InstanceRow = ReturnType<typeof instancesOf> extends ReadonlyMap<number, infer R> ? R : never;

function ofInstances(
  engine: ProcessEngine,
  where: NonNullable<by.Filter<InstanceRow>['where']>,
): by.Filter<VariableView> {
  return by.isIn(
    'processInstanceId',
    engine.find('processInstances', { where }).map((row) => row.id),
  );
}

export function historicVariableInstanceRoutes(route: Declare): void {
  const list = (call: Call) => write(call.engine, by.list(call, LIST));
  const count = (call: Call) => by.count(call, LIST);
  listRoutes(route, '/history/variable-instance', 'history.read', { list, count, spec: LIST, posts: 'list and count' });
  route('GET', '/history/variable-instance/:id', 'history.read', ({ engine, params }) => {
    const id = params['id'] ?? '';
    const found = engine.find('variables', { where: [{ column: 'id', op: '=', value: parseId(id) }] });
    if (found.length === 0) throw notFound(`Variable instance with Id '${id}' does not exist.`);
    return write(engine, found)[0];
  });
  route('GET', '/history/variable-instance/:id/data', 'history.read', (call) => dataOf(call));
  route('DELETE', '/history/variable-instance/:id', 'history.delete', remove);
}

async function remove(call: Call): Promise<undefined> {
  const { engine, params } = call;
  const id = params['id'] ?? '';
  const [found] = engine.find('variables', { where: [{ column: 'id', op: '=', value: parseId(id) }] });
  if (found === undefined && call.repeated) return undefined;
  if (found === undefined) throw notFound(`No historic variable instance found with id: ${id}`);
  const instance = instancesOf(engine, [found]).get(found.processInstanceId);
  if (found.live && instance?.endedAt === null)
    throw invalid(`Variable instance ${id} is still there: remove it from its execution, then from the history`);
  return removeVariableHistory(call, found.processInstanceId, [found.id]);
}

function write(engine: ProcessEngine, rows: readonly VariableView[]): readonly unknown[] {
  const instances = instancesOf(engine, rows);
  return rows.map((row) => {
    const instance = instances.get(row.processInstanceId);
    return {
      ...typedValueOf(row),
      id: String(row.id),
      name: row.name,
      processDefinitionKey: instance?.bpmnProcessId ?? null,
      processDefinitionId: definitionIdOfInstance(instance),
      processInstanceId: String(row.processInstanceId),
      executionId: String(row.scopeId),
      activityInstanceId: String(row.scopeId),
      caseDefinitionKey: null,
      caseDefinitionId: null,
      caseInstanceId: null,
      caseExecutionId: null,
      taskId: null,
      tenantId: instance?.tenantId ?? null,
      errorMessage: null,
      state: 'CREATED',
      createTime: formatDate(row.createdAt),
      removalTime: null,
      rootProcessInstanceId: String(instance?.rootId ?? row.processInstanceId),
    };
  });
}
