/** The query for running process instances: of the list routes, and of operations that select by it. */
import type { ProcessEngine, ProcessInstanceView } from '@procos/kernel';
import { parseId } from '../../ids.ts';
import { callerOf, withActivity, withIncident, withIncidentOfType, withVariables } from '../instance-filters.ts';
import * as by from '../list-query.ts';

export const RUNNING: by.ListSpec<'processInstances'> = {
  table: 'processInstances',
  // Both say the same; the first is what instances are found by, the second what those of one process are found by.
  base: [
    { column: 'state', op: '=', value: 'active' },
    { column: 'endedAt', op: 'isNull' },
  ],
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
    incidentType: withIncidentOfType('id'),
    incidentMessage: withIncident('id', 'message'),
    incidentMessageLike: withIncident('id', 'message', 'like'),
    activityIdIn: withActivity('id', true),
    rootProcessInstances: by.when({ column: 'parentId', op: 'isNull' }),
    rootProcessInstanceId: by.equalsId('rootId'),
    variables: withVariables('id', true),
    variableNamesIgnoreCase: by.always,
    variableValuesIgnoreCase: by.always,
    processDefinitionWithoutTenantId: by.when({ column: 'tenantId', op: 'isNull' }),
    leafProcessInstances: (parameter) => {
      if (!by.flagOf(parameter)) return {};
      const where = [
        { column: 'state', op: '=', value: 'active' },
        { column: 'parentId', op: 'notNull' },
      ] as const;
      const callers = parameter.engine.find('processInstances', { where }).flatMap(({ parentId }) => parentId ?? []);
      return { where: [{ column: 'id', op: 'notIn', value: [...new Set(callers)] }] };
    },
    caseInstanceId: by.none,
    superCaseInstance: by.none,
    subCaseInstance: by.none,
    ...by.tenant('tenantId'),
  },
  sortBy: {
    instanceId: 'id',
    definitionKey: 'bpmnProcessId',
    definitionId: 'definitionId',
    tenantId: 'tenantId',
    businessKey: 'businessKey',
  },
};

export function findActive(engine: ProcessEngine, id: string): ProcessInstanceView | undefined {
  const where = [{ column: 'id', op: '=', value: parseId(id) }, ...(RUNNING.base ?? [])] as const;
  return engine.find('processInstances', { where })[0];
}
