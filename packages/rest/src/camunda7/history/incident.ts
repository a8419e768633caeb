/** `/history/incident`: open and resolved incidents. */
import type { IncidentView, ProcessEngine } from '@procos/kernel';
import type { Declare } from '../../call.ts';
import { formatDate, formatOptionalDate } from '../dates.ts';
import { definitionIdText, definitionsOf } from '../definitions.ts';
import * as by from '../list-query.ts';

type Row = IncidentView;

const LIST: by.ListSpec<'incidentHistory'> = {
  table: 'incidentHistory',
  parameters: {
    incidentId: by.equalsId('id'),
    incidentType: by.equals('kind'),
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
  },
  unsupported: 'configuration historyConfiguration tenantIdIn withoutTenantId jobDefinitionIdIn',
  sortBy: {
    incidentId: 'id',
    incidentMessage: 'message',
    createTime: 'createdAt',
    endTime: 'resolvedAt',
    incidentType: 'kind',
    executionId: 'elementInstanceId',
    activityId: 'elementId',
    processInstanceId: 'processInstanceId',
    processDefinitionId: 'definitionId',
    processDefinitionKey: 'bpmnProcessId',
    causeIncidentId: 'id',
    rootCauseIncidentId: 'id',
    incidentState: 'state',
  },
};

export function historicIncidentRoutes(route: Declare): void {
  route('GET', '/history/incident', 'history.read', (call) => write(call.engine, by.list(call, LIST)));
  route('GET', '/history/incident/count', 'history.read', (call) => by.count(call, LIST));
}

function write(engine: ProcessEngine, rows: readonly Row[]): readonly unknown[] {
  const definitions = definitionsOf(engine, rows);
  return rows.map((row) => ({
    id: String(row.id),
    processDefinitionKey: row.bpmnProcessId,
    processDefinitionId: definitionIdText(definitions, row),
    processInstanceId: String(row.processInstanceId),
    executionId: String(row.elementInstanceId),
    rootProcessInstanceId: String(row.processInstanceId),
    createTime: formatDate(row.createdAt),
    endTime: formatOptionalDate(row.resolvedAt),
    removalTime: null,
    incidentType: row.kind,
    activityId: row.elementId,
    failedActivityId: row.elementId,
    causeIncidentId: String(row.id),
    rootCauseIncidentId: String(row.id),
    configuration: null,
    historyConfiguration: null,
    incidentMessage: row.message,
    tenantId: null,
    jobDefinitionId: null,
    open: row.state === 'open',
    deleted: row.state === 'deleted',
    resolved: row.state === 'resolved',
    annotation: null,
  }));
}
