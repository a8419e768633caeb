/** `/job`: the timers that are set, as the jobs that Camunda makes of them. */
import type { ProcessEngine, Timer } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { formatDate } from '../dates.ts';
import { definitionIdText, definitionsOf } from '../definitions.ts';
import { notFound, RestError, rejected } from '../errors.ts';
import * as by from '../list-query.ts';

const LIST: by.ListSpec<'timers'> = {
  table: 'timers',
  parameters: {
    jobId: by.equalsId('id'),
    jobIds: by.amongIds('id'),
    processInstanceId: by.equalsId('processInstanceId'),
    processInstanceIds: by.amongIds('processInstanceId'),
    executionId: by.equalsId('elementInstanceId'),
    processDefinitionId: by.definition('definitionId'),
    activityId: by.equals('elementId'),
    timers: by.always,
    messages: by.never,
    withRetriesLeft: by.always,
    noRetriesLeft: by.never,
    withException: by.never,
    active: by.when({ column: 'suspended', op: '=', value: false }),
    suspended: by.when({ column: 'suspended', op: '=', value: true }),
    executable: (parameter) =>
      by.flagOf(parameter) ? { where: [{ column: 'dueAt', op: '<=', value: parameter.engine.now() }] } : {},
    processDefinitionKey: (parameter) => {
      const where = [{ column: 'bpmnProcessId', op: '=', value: by.textOf(parameter) }] as const;
      return by.isIn(
        'definitionId',
        parameter.engine.find('definitions', { where }).map((row) => row.id),
      );
    },
  },
  unsupported:
    'jobDefinitionId dueDates createTimes exceptionMessage failedActivityId priorityLowerThanOrEquals priorityHigherThanOrEquals tenantIdIn withoutTenantId includeJobsWithoutTenantId acquired',
  sortBy: {
    jobId: 'id',
    executionId: 'elementInstanceId',
    processInstanceId: 'processInstanceId',
    processDefinitionId: 'definitionId',
    jobDueDate: 'dueAt',
  },
};

export function jobRoutes(route: Declare): void {
  const list = (call: Call) => write(call.engine, by.list(call, LIST));
  const count = (call: Call) => by.count(call, LIST);
  route('GET', '/job', 'timer.read', list);
  route('POST', '/job', 'timer.read', list);
  route('GET', '/job/count', 'timer.read', count);
  route('POST', '/job/count', 'timer.read', count);
  route('GET', '/job/:id', 'timer.read', ({ engine, params }) => {
    const id = params['id'] ?? '';
    const found = engine.find('timers', { where: [{ column: 'id', op: '=', value: parseId(id) }] });
    if (found.length === 0) throw notFound(`Job with id ${id} does not exist`);
    return write(engine, found)[0];
  });
  route('POST', '/job/:id/execute', 'timer.trigger', execute);
}

/** Now, whenever it is due. */
async function execute({ engine, params, by: subject }: Call): Promise<undefined> {
  const id = params['id'] ?? '';
  const outcome = await engine.submit({ type: 'triggerTimer', timerId: parseId(id) }, subject);
  if (outcome.ok) return undefined;
  if (outcome.rejection.code !== 'NOT_FOUND') throw rejected(outcome.rejection);
  throw new RestError(500, 'InvalidRequestException', `No job found with id '${id}'`);
}

function write(engine: ProcessEngine, timers: readonly Timer[]): readonly unknown[] {
  const definitions = definitionsOf(engine, timers);
  return timers.map((timer) => ({
    id: String(timer.id),
    jobDefinitionId: null,
    dueDate: formatDate(timer.dueAt),
    processInstanceId: timer.processInstanceId === null ? null : String(timer.processInstanceId),
    executionId: timer.elementInstanceId === null ? null : String(timer.elementInstanceId),
    processDefinitionId: definitionIdText(definitions, timer),
    processDefinitionKey: definitions.get(timer.definitionId)?.bpmnProcessId ?? null,
    retries: 3,
    exceptionMessage: null,
    failedActivityId: null,
    suspended: timer.suspended,
    priority: timer.priority,
    tenantId: definitions.get(timer.definitionId)?.tenantId ?? null,
    createTime: null,
    batchId: null,
  }));
}
