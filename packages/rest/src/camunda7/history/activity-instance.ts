/** `/history/activity-instance`: every visit of an element. */
import type { ElementInstanceView, ProcessEngine } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { activityTypeOf } from '../activity-type.ts';
import { formatDate, formatOptionalDate } from '../dates.ts';
import { definitionIdText, definitionsOf } from '../definitions.ts';
import { notFound } from '../errors.ts';
import * as by from '../list-query.ts';
import { listRoutes } from '../list-routes.ts';

type Row = ElementInstanceView;

const LIST: by.ListSpec<'elementInstances'> = {
  table: 'elementInstances',
  parameters: {
    activityInstanceId: by.equalsId('id'),
    processInstanceId: by.equalsId('processInstanceId'),
    processDefinitionId: by.definition('definitionId'),
    executionId: by.equalsId('id'),
    activityId: by.equals('elementId'),
    activityName: by.equals('elementName'),
    activityType: (parameter) => {
      const type = by.textOf(parameter);
      return { test: (row) => activityTypeOf(parameter.engine, row) === type };
    },
    taskAssignee: by.equals('assignee'),
    finished: by.when<Row>({ column: 'endedAt', op: 'notNull' }),
    unfinished: by.when<Row>({ column: 'endedAt', op: 'isNull' }),
    canceled: by.when<Row>({ column: 'outcome', op: '=', value: 'canceled' }),
    startedBefore: by.instant('startedAt', '<='),
    startedAfter: by.instant('startedAt', '>='),
    finishedBefore: by.instant('endedAt', '<='),
    finishedAfter: by.instant('endedAt', '>='),
    // What ended because an end event inside it completed: nothing says so here.
    completeScope: by.never,
    ...by.tenantOfInstance('processInstanceId'),
  },
  sortBy: {
    activityInstanceId: 'id',
    instanceId: 'processInstanceId',
    executionId: 'id',
    activityId: 'elementId',
    activityName: 'elementName',
    startTime: 'startedAt',
    endTime: 'endedAt',
    definitionId: 'definitionId',
    occurrence: 'sequence',
    activityType: (engine) => (row) => activityTypeOf(engine, row),
    duration: by.duration(),
    tenantId: by.byInstance('processInstanceId', ({ tenantId }) => tenantId),
  },
};

export function historicActivityInstanceRoutes(route: Declare): void {
  const list = (call: Call) => write(call.engine, by.list(call, LIST));
  const count = (call: Call) => by.count(call, LIST);
  listRoutes(route, '/history/activity-instance', 'history.read', { list, count, spec: LIST, posts: 'list and count' });
  route('GET', '/history/activity-instance/:id', 'history.read', ({ engine, params }) => {
    const id = params['id'] ?? '';
    const found = engine.find('elementInstances', { where: [{ column: 'id', op: '=', value: parseId(id) }] });
    if (found.length === 0) throw notFound(`Historic activity instance with id '${id}' does not exist`);
    return write(engine, found)[0];
  });
}

function write(engine: ProcessEngine, rows: readonly Row[]): readonly unknown[] {
  const definitions = definitionsOf(engine, rows);
  const instances = [...new Set(rows.map((row) => row.processInstanceId))];
  const roots = new Map(
    engine
      .find('processInstances', { where: [{ column: 'id', op: 'in', value: instances }] })
      .map((row) => [row.id, row]),
  );
  return rows.map((row) => ({
    id: String(row.id),
    parentActivityInstanceId: String(row.scopeId ?? row.processInstanceId),
    activityId: row.elementType === 'multiInstanceBody' ? `${row.elementId}#multiInstanceBody` : row.elementId,
    activityName: row.elementName,
    activityType: activityTypeOf(engine, row),
    processDefinitionKey: row.bpmnProcessId,
    processDefinitionId: definitionIdText(definitions, row),
    processInstanceId: String(row.processInstanceId),
    executionId: String(row.id),
    taskId: row.userTaskId === null ? null : String(row.userTaskId),
    assignee: row.assignee,
    calledProcessInstanceId: row.calledInstanceId === null ? null : String(row.calledInstanceId),
    calledCaseInstanceId: null,
    startTime: formatDate(row.startedAt),
    endTime: formatOptionalDate(row.endedAt),
    durationInMillis: row.endedAt === null ? null : row.endedAt - row.startedAt,
    canceled: row.outcome === 'canceled',
    completeScope: false,
    tenantId: roots.get(row.processInstanceId)?.tenantId ?? null,
    removalTime: null,
    rootProcessInstanceId: String(roots.get(row.processInstanceId)?.rootId ?? row.processInstanceId),
  }));
}
