/** `/process-instance`: list, one, end it, its variables, its tree of activity instances. */
import type { ProcessEngine, ProcessInstanceView } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { findScope } from '../../scopes.ts';
import { notFound, rejected } from '../errors.ts';
import { callerOf, withActivity, withIncident, withVariables } from '../instance-filters.ts';
import * as by from '../list-query.ts';
import { variableRoutes } from '../variable-routes.ts';
import { activityInstances } from './activity-instances.ts';
import { processInstance } from './dto.ts';
import { processInstanceOperationRoutes } from './operations.ts';

const LIST: by.ListSpec<'processInstances'> = {
  table: 'processInstances',
  base: [{ column: 'state', op: '=', value: 'active' }],
  parameters: {
    processInstanceIds: by.amongIds('id'),
    businessKey: by.equals('businessKey'),
    businessKeyLike: by.like('businessKey'),
    processDefinitionId: by.definition('definitionId'),
    processDefinitionKey: by.equals('bpmnProcessId'),
    processDefinitionKeyIn: by.among('bpmnProcessId'),
    processDefinitionKeyNotIn: by.notAmong('bpmnProcessId'),
    deploymentId: (parameter) => {
      const deployment = parseId(by.textOf(parameter));
      const found = parameter.engine.find('definitions', {
        where: [{ column: 'deploymentId', op: '=', value: deployment }],
      });
      return by.isIn(
        'definitionId',
        found.map((definition) => definition.id),
      );
    },
    superProcessInstance: by.equalsId('parentId'),
    subProcessInstance: callerOf('id'),
    active: by.when({ column: 'suspended', op: '=', value: false }),
    suspended: by.when({ column: 'suspended', op: '=', value: true }),
    withIncident: by.when({ column: 'incidents', op: '>', value: 0 }),
    incidentId: withIncident('id', 'id'),
    incidentType: withIncident('id', 'kind'),
    incidentMessage: withIncident('id', 'message'),
    incidentMessageLike: withIncident('id', 'message', 'like'),
    activityIdIn: withActivity('id', true),
    rootProcessInstances: by.when({ column: 'parentId', op: 'isNull' }),
    rootProcessInstanceId: by.equalsId('rootId'),
    variables: withVariables('id', true),
    ...by.tenant('tenantId'),
  },
  unsupported:
    'caseInstanceId superCaseInstance subCaseInstance processDefinitionWithoutTenantId leafProcessInstances variableNamesIgnoreCase variableValuesIgnoreCase orQueries',
  sortBy: {
    instanceId: 'id',
    definitionKey: 'bpmnProcessId',
    definitionId: 'definitionId',
    tenantId: 'tenantId',
    businessKey: 'businessKey',
  },
};

export function processInstanceRoutes(route: Declare): void {
  const list = (call: Call) => by.list(call, LIST).map((instance) => processInstance(instance));
  const count = (call: Call) => by.count(call, LIST);
  route('GET', '/process-instance', 'processInstance.read', list);
  route('POST', '/process-instance', 'processInstance.read', list);
  route('GET', '/process-instance/count', 'processInstance.read', count);
  route('POST', '/process-instance/count', 'processInstance.read', count);
  route('GET', '/process-instance/:id', 'processInstance.read', ({ engine, params }) => {
    const id = params['id'] ?? '';
    const instance = findActive(engine, id);
    if (instance === undefined) throw notFound(`Process instance with id ${id} does not exist`);
    return processInstance(instance);
  });
  route('GET', '/process-instance/:id/activity-instances', 'processInstance.read', ({ engine, params }) => {
    const id = params['id'] ?? '';
    const instance = findActive(engine, id);
    if (instance === undefined) throw notFound(`Process instance with id ${id} does not exist`);
    return activityInstances(engine, instance);
  });
  route('DELETE', '/process-instance/:id', 'processInstance.cancel', remove);
  processInstanceOperationRoutes(route);
  variableRoutes(route, {
    path: '/process-instance/:id/variables',
    name: 'process instance',
    subject: 'processInstance',
    local: false,
    find: (engine, id) => findScope(engine, parseId(id)),
    missing: (id) => `execution ${id} doesn't exist: execution is null`,
  });
}

export function findActive(engine: ProcessEngine, id: string): ProcessInstanceView | undefined {
  const where = [{ column: 'id', op: '=', value: parseId(id) }, ...(LIST.base ?? [])] as const;
  return engine.find('processInstances', { where })[0];
}

async function remove({ engine, params, query, by: subject }: Call): Promise<undefined> {
  const id = params['id'] ?? '';
  const outcome = await engine.submit({ type: 'cancelProcessInstance', processInstanceId: parseId(id) }, subject);
  if (outcome.ok) return undefined;
  if (outcome.rejection.code !== 'NOT_FOUND') throw rejected(outcome.rejection);
  if (query['failIfNotExists'] === 'false') return undefined;
  throw notFound(`Process instance with id ${id} does not exist`);
}
