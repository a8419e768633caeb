/** `/history/process-instance`: running and ended instances. */
import { historyDays, type ProcessEngine, type ProcessInstanceView } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { formatDate, formatOptionalDate, parseDateParameter } from '../dates.ts';
import { definitionsOf, type ShownDefinition } from '../definitions.ts';
import { notFound, RestError, rejected } from '../errors.ts';
import { callerOf, withActivity, withIncident, withIncidentOfType, withVariables } from '../instance-filters.ts';
import { isRetry } from '../job/retry.ts';
import * as by from '../list-query.ts';
import { listRoutes } from '../list-routes.ts';
import { RUNNING } from '../process-instance/query.ts';

type Row = ProcessInstanceView;

const DAY_MS = 86_400_000;

/** The query for instances that run or have run: of the list routes, and of operations that select by it. */
export const EVER: by.ListSpec<'processInstances'> = {
  table: 'processInstances',
  parameters: {
    processInstanceId: by.equalsId('id'),
    processInstanceIds: by.amongIds('id'),
    processInstanceIdNotIn: (parameter) => ({
      where: [{ column: 'id', op: 'notIn', value: by.textsOf(parameter).map(parseId) }],
    }),
    processDefinitionId: by.definition('definitionId'),
    processDefinitionKey: by.equals('bpmnProcessId'),
    processDefinitionKeyIn: by.among('bpmnProcessId'),
    processDefinitionKeyNotIn: by.notAmong('bpmnProcessId'),
    processInstanceBusinessKey: by.equals('businessKey'),
    processInstanceBusinessKeyIn: by.among('businessKey'),
    processInstanceBusinessKeyLike: by.like('businessKey'),
    rootProcessInstances: by.when<Row>({ column: 'parentId', op: 'isNull' }),
    rootProcessInstanceId: by.equalsId('rootId'),
    finished: by.when<Row>({ column: 'endedAt', op: 'notNull' }),
    unfinished: by.when<Row>(...(RUNNING.base ?? [])),
    withIncidents: by.when<Row>({ column: 'incidents', op: '>', value: 0 }),
    incidentIdIn: (parameter) => {
      const where = [{ column: 'id', op: 'in', value: by.textsOf(parameter).map(parseId) }] as const;
      return by.isIn(
        'id',
        parameter.engine.find('incidentHistory', { where }).map((row) => row.processInstanceId),
      );
    },
    incidentType: withIncidentOfType('id'),
    incidentMessage: withIncident('id', 'message'),
    incidentMessageLike: withIncident('id', 'message', 'like'),
    startedBefore: by.instant('startedAt', '<='),
    startedAfter: by.instant('startedAt', '>='),
    finishedBefore: by.instant('endedAt', '<='),
    finishedAfter: by.instant('endedAt', '>='),
    startedBy: (parameter) => ({ where: [{ column: 'startedBy', op: '=', value: `user:${by.textOf(parameter)}` }] }),
    superProcessInstanceId: by.equalsId('parentId'),
    subProcessInstanceId: callerOf('id'),
    executedActivityIdIn: withActivity('id', false),
    activeActivityIdIn: withActivity('id', true),
    activityIdIn: withActivity('id', true),
    active: by.when<Row>(...(RUNNING.base ?? [])),
    suspended: by.when<Row>({ column: 'suspended', op: '=', value: true }),
    completed: by.when<Row>({ column: 'state', op: '=', value: 'completed' }),
    externallyTerminated: by.when<Row>({ column: 'state', op: '=', value: 'canceled' }),
    internallyTerminated: by.when<Row>({ column: 'state', op: '=', value: 'terminated' }),
    variables: withVariables('id', false),
    variableNamesIgnoreCase: by.always,
    variableValuesIgnoreCase: by.always,
    processDefinitionName: by.definitionNamed('definitionId', '='),
    processDefinitionNameLike: by.definitionNamed('definitionId', 'like'),
    // The cause of an incident lies in no other instance here.
    withRootIncidents: by.when<Row>({ column: 'incidents', op: '>', value: 0 }),
    incidentStatus: (parameter) => {
      const state = by.textOf(parameter);
      const where = [{ column: 'state', op: '=', value: state }] as const;
      return idsIn(parameter.engine.find('incidentHistory', { where }));
    },
    withJobsRetrying: (parameter) => {
      if (!by.flagOf(parameter)) return {};
      const failed = parameter.engine.find('timers').filter(({ step }) => isRetry(step));
      return idsIn(
        failed.flatMap(({ processInstanceId }) => (processInstanceId === null ? [] : [{ processInstanceId }])),
      );
    },
    executedActivityBefore: withVisit('<='),
    executedActivityAfter: withVisit('>='),
    superCaseInstanceId: by.none,
    subCaseInstanceId: by.none,
    caseInstanceId: by.none,
    ...by.tenant('tenantId'),
  },
  unsupported: 'executedJobAfter executedJobBefore',
  sortBy: {
    instanceId: 'id',
    definitionId: 'definitionId',
    definitionKey: 'bpmnProcessId',
    definitionName: (engine, rows) => {
      const known = definitionsOf(engine, rows);
      return (row) => known.get(row.definitionId)?.name ?? null;
    },
    definitionVersion: 'version',
    duration: by.duration(),
    businessKey: 'businessKey',
    // Identities are given in the order of the log, as instants are: this order is that of an index.
    startTime: 'id',
    endTime: 'endedAt',
    tenantId: 'tenantId',
  },
};

function idsIn(rows: readonly { readonly processInstanceId: number }[]): by.Filter<Row> {
  return by.isIn('id', [...new Set(rows.map(({ processInstanceId }) => processInstanceId))]);
}

/** Instances in which an activity has ended until then, or since. */
function withVisit(op: '<=' | '>='): by.ParameterReader<Row> {
  return (parameter) => {
    const value = parseDateParameter(parameter.name, by.textOf(parameter));
    return idsIn(parameter.engine.find('elementInstances', { where: [{ column: 'endedAt', op, value }] }));
  };
}

const STATES = {
  active: 'ACTIVE',
  completed: 'COMPLETED',
  canceled: 'EXTERNALLY_TERMINATED',
  terminated: 'INTERNALLY_TERMINATED',
} as const;

export function historicProcessInstanceRoutes(route: Declare): void {
  const list = (call: Call) => write(call.engine, by.list(call, EVER));
  const count = (call: Call) => by.count(call, EVER);
  listRoutes(route, '/history/process-instance', 'history.read', { list, count, spec: EVER, posts: 'list and count' });
  route('GET', '/history/process-instance/:id', 'history.read', ({ engine, params }) => {
    const id = params['id'] ?? '';
    const found = engine.find('processInstances', { where: [{ column: 'id', op: '=', value: parseId(id) }] });
    if (found.length === 0) throw notFound(`Historic process instance with id ${id} does not exist`);
    return write(engine, found)[0];
  });
  route('DELETE', '/history/process-instance/:id', 'history.delete', remove);
  route('DELETE', '/history/process-instance/:id/variable-instances', 'history.delete', removeVariables);
}

/** Rows removed by one command. */
const AT_MOST = 500;

async function remove(call: Call): Promise<undefined> {
  const { engine, params } = call;
  const id = params['id'] ?? '';
  const where = [{ column: 'id', op: '=', value: parseId(id) }] as const;
  const [found] = engine.find('processInstances', { where });
  if (found === undefined && call.repeated) return undefined;
  if (found === undefined)
    throw new RestError(404, 'InvalidRequestException', `No historic process instance found with id: ${id}`);
  if (found.endedAt === null) {
    const why = `Process instance is still running, cannot delete historic process instance: ${id}`;
    throw new RestError(404, 'InvalidRequestException', why);
  }
  return removeHistory(call, found.id);
}

/** Of one that still runs those that are over: the others are what it works with. */
async function removeVariables(call: Call): Promise<undefined> {
  const { engine, params } = call;
  const id = params['id'] ?? '';
  const where = [{ column: 'id', op: '=', value: parseId(id) }] as const;
  const [found] = engine.find('processInstances', { where });
  if (found === undefined) throw notFound(`No historic process instance found with id: ${id}`);
  const of = [{ column: 'processInstanceId', op: '=', value: found.id }] as const;
  const variables = engine.find('variables', { where: of });
  return removeVariableHistory(
    call,
    found.id,
    variables.map((variable) => variable.id),
  );
}

export async function removeVariableHistory(
  call: Call,
  processInstanceId: number,
  ids: readonly number[],
): Promise<undefined> {
  const engineAt = stepsOf(call);
  for (let from = 0; from < ids.length; from += AT_MOST) {
    const target = { processInstanceId, variableIds: ids.slice(from, from + AT_MOST) };
    const outcome = await engineAt(from / AT_MOST).submit({ type: 'removeHistory', target, atMost: AT_MOST }, call.by);
    if (!outcome.ok) throw rejected(outcome.rejection);
  }
  return undefined;
}

/** The engine of one of the commands that a request needs: the first is the one by which a repeated request is known. */
function stepsOf({ engine, engineFor }: Call): (step: number) => ProcessEngine {
  return (step) => (step === 0 ? engine : engineFor(step));
}

/** All that is kept of an instance that has ended. `engineAt`: for each of the commands that this takes. */
export async function removeHistory(
  call: Call,
  id: number,
  engineAt: (step: number) => ProcessEngine = stepsOf(call),
): Promise<undefined> {
  const { engine, by: subject } = call;
  const where = [{ column: 'id', op: '=', value: id }] as const;
  const target = { processInstanceIds: [id] };
  for (let step = 0; engine.count('processInstances', { where }) > 0; step += 1) {
    const outcome = await engineAt(step).submit({ type: 'removeHistory', target, atMost: AT_MOST }, subject);
    if (!outcome.ok) throw rejected(outcome.rejection);
  }
  return undefined;
}

/** When the next sweep may take it; of a called instance its root decides. */
function removalTime(engine: ProcessEngine, row: Row, definition: ShownDefinition | undefined): string | null {
  if (row.endedAt === null || row.rootId !== row.id || definition === undefined) return null;
  const days = historyDays(definition, engine.model(row.definitionId)) ?? null;
  return days === null ? null : formatDate(row.endedAt + days * DAY_MS);
}

function write(engine: ProcessEngine, rows: readonly Row[]): readonly unknown[] {
  const definitions = definitionsOf(engine, rows);
  return rows.map((row) => ({
    id: String(row.id),
    rootProcessInstanceId: String(row.rootId),
    superProcessInstanceId: row.parentId === null ? null : String(row.parentId),
    superCaseInstanceId: null,
    caseInstanceId: null,
    processDefinitionName: definitions.get(row.definitionId)?.name ?? null,
    processDefinitionKey: row.bpmnProcessId,
    processDefinitionVersion: row.version,
    processDefinitionId: `${row.bpmnProcessId}:${row.version}:${row.definitionId}`,
    businessKey: row.businessKey,
    startTime: formatDate(row.startedAt),
    endTime: formatOptionalDate(row.endedAt),
    removalTime: removalTime(engine, row, definitions.get(row.definitionId)),
    durationInMillis: row.endedAt === null ? null : row.endedAt - row.startedAt,
    startUserId: row.startedBy.startsWith('user:') ? row.startedBy.slice('user:'.length) : null,
    startActivityId: row.startElementId,
    deleteReason: row.reason,
    tenantId: row.tenantId,
    state: row.state === 'active' && row.suspended ? 'SUSPENDED' : STATES[row.state],
    restartedProcessInstanceId: null,
  }));
}
