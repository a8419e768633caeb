/** `/history/incident`: open and resolved incidents. */
import type { IncidentView, ProcessEngine } from '@procos/kernel';
import type { Declare } from '../../call.ts';
import { formatDate, formatOptionalDate } from '../dates.ts';
import { definitionIdText, definitionsOf } from '../definitions.ts';
import { ofJobDefinitions, ofType, typeOf } from '../incident/types.ts';
import * as by from '../list-query.ts';
import { listRoutes } from '../list-routes.ts';
import { instancesOf } from '../variable-instance/shared.ts';

type Row = IncidentView;

const LIST: by.ListSpec<'incidentHistory'> = {
  table: 'incidentHistory',
  parameters: {
    incidentId: by.equalsId('id'),
    incidentType: ofType,
    incidentMessage: by.equals('message'),
    incidentMessageLike: by.like('message'),
    processDefinitionId: by.definition('definitionId'),
    processDefinitionKey: by.equals('bpmnProcessId'),
    processDefinitionKeyIn: by.among('bpmnProcessId'),
    processInstanceId: by.equalsId('processInstanceId'),
    executionId: by.equalsId('elementInstanceId'),
    createTimeBefore: by.instant('createdAt', '<'),
    createTimeAfter: by.instant('createdAt', '>'),
    endTimeBefore: by.instant('resolvedAt', '<'),
    endTimeAfter: by.instant('resolvedAt', '>'),
    activityId: by.equals('elementId'),
    failedActivityId: by.equals('elementId'),
    causeIncidentId: by.equalsId('id'),
    rootCauseIncidentId: by.equalsId('id'),
    open: by.when<Row>({ column: 'state', op: '=', value: 'open' }),
    resolved: by.when<Row>({ column: 'state', op: '=', value: 'resolved' }),
    deleted: by.when<Row>({ column: 'state', op: '=', value: 'deleted' }),
    configuration: (parameter) => {
      const asked = by.textOf(parameter);
      return { test: (row) => row.configuration === asked };
    },
    // Which entry of a log tells of it is not kept.
    historyConfiguration: by.none,
    jobDefinitionIdIn: ofJobDefinitions,
    ...by.tenantOfInstance('processInstanceId'),
  },
  sortBy: {
    incidentId: 'id',
    incidentMessage: 'message',
    createTime: 'createdAt',
    endTime: 'resolvedAt',
    incidentType: () => typeOf,
    executionId: 'elementInstanceId',
    activityId: 'elementId',
    processInstanceId: 'processInstanceId',
    processDefinitionId: 'definitionId',
    processDefinitionKey: 'bpmnProcessId',
    causeIncidentId: 'id',
    rootCauseIncidentId: 'id',
    incidentState: 'state',
    configuration: () => (row) => row.configuration ?? null,
    historyConfiguration: () => () => null,
    tenantId: by.byInstance('processInstanceId', ({ tenantId }) => tenantId),
  },
};

export function historicIncidentRoutes(route: Declare): void {
  listRoutes(route, '/history/incident', 'history.read', {
    list: (call) => write(call.engine, by.list(call, LIST)),
    count: (call) => by.count(call, LIST),
    spec: LIST,
  });
}

function write(engine: ProcessEngine, rows: readonly Row[]): readonly unknown[] {
  const definitions = definitionsOf(engine, rows);
  const instances = instancesOf(engine, rows);
  return rows.map((row) => ({
    id: String(row.id),
    processDefinitionKey: row.bpmnProcessId,
    processDefinitionId: definitionIdText(definitions, row),
    processInstanceId: String(row.processInstanceId),
    executionId: String(row.elementInstanceId),
    rootProcessInstanceId: String(instances.get(row.processInstanceId)?.rootId ?? row.processInstanceId),
    createTime: formatDate(row.createdAt),
    endTime: formatOptionalDate(row.resolvedAt),
    removalTime: null,
    incidentType: typeOf(row),
    activityId: row.elementId,
    failedActivityId: row.elementId,
    causeIncidentId: String(row.id),
    rootCauseIncidentId: String(row.id),
    configuration: row.configuration ?? null,
    historyConfiguration: null,
    incidentMessage: row.message,
    tenantId: instances.get(row.processInstanceId)?.tenantId ?? null,
    jobDefinitionId: null,
    open: row.state === 'open',
    deleted: row.state === 'deleted',
    resolved: row.state === 'resolved',
    annotation: row.annotation ?? null,
  }));
}
