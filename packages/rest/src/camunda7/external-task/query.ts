/** Reading external tasks: list, count, one, its error details, the topics. */
import type { ExternalTask, ProcessEngine } from '@procos/kernel';
import { type Call, Raw } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { formatDate } from '../dates.ts';
import { camundaDefinitionId, definitionsOf, type ShownDefinition } from '../definitions.ts';
import { RestError } from '../errors.ts';
import { withVariables } from '../instance-filters.ts';
import * as by from '../list-query.ts';
import { taskNotFound } from './work.ts';

/** The query for external tasks: of the list routes, and of operations that select by it. */
export const TASKS: by.ListSpec<'externalTasks'> = {
  table: 'externalTasks',
  parameters: {
    externalTaskId: by.equalsId('id'),
    externalTaskIdIn: by.amongIds('id'),
    topicName: by.equals('topic'),
    workerId: by.equals('workerId'),
    locked: (parameter) =>
      by.flagOf(parameter) ? { where: [{ column: 'availableAt', op: '>', value: parameter.engine.now() }] } : {},
    notLocked: (parameter) =>
      by.flagOf(parameter) ? { where: [{ column: 'availableAt', op: '<=', value: parameter.engine.now() }] } : {},
    withRetriesLeft: by.when({ column: 'retries', op: '!=', value: 0 }),
    noRetriesLeft: by.when({ column: 'retries', op: '=', value: 0 }),
    lockExpirationAfter: by.instant('availableAt', '>'),
    lockExpirationBefore: (parameter) => ({
      where: [...(by.instant<ExternalTask>('availableAt', '<')(parameter).where ?? []), LOCKED_ONCE],
    }),
    activityId: by.equals('elementId'),
    activityIdIn: by.among('elementId'),
    executionId: by.equalsId('elementInstanceId'),
    processInstanceId: by.equalsId('processInstanceId'),
    processInstanceIdIn: by.amongIds('processInstanceId'),
    processDefinitionId: by.definition('definitionId'),
    processDefinitionKey: by.equals('bpmnProcessId'),
    processDefinitionKeyIn: by.among('bpmnProcessId'),
    priorityHigherThanOrEquals: by.equalsNumber('priority', '>='),
    priorityLowerThanOrEquals: by.equalsNumber('priority', '<='),
    active: by.when({ column: 'suspended', op: '=', value: false }),
    suspended: by.when({ column: 'suspended', op: '=', value: true }),
    tenantIdIn: by.among('tenantId'),
    processDefinitionName: by.definitionNamed('definitionId', '='),
    processDefinitionNameLike: by.definitionNamed('definitionId', 'like'),
    processVariables: withVariables('processInstanceId', true),
    variableNamesIgnoreCase: by.always,
    variableValuesIgnoreCase: by.always,
  },
  sortBy: {
    id: 'id',
    lockExpirationTime: 'availableAt',
    processInstanceId: 'processInstanceId',
    processDefinitionId: 'definitionId',
    processDefinitionKey: 'bpmnProcessId',
    taskPriority: 'priority',
    // Identities are given in the order of the log, as instants are: this order needs no sorting.
    createTime: 'id',
    tenantId: 'tenantId',
  },
};

const LOCKED_ONCE = { column: 'availableAt', op: '>', value: 0 } as const;

export function listTasks(call: Call): unknown {
  return write(call.engine, by.list(call, TASKS));
}

export function countTasks(call: Call): unknown {
  return by.count(call, TASKS);
}

export function getTask({ engine, params }: Call): unknown {
  return write(engine, [find(engine, params['id'] ?? '')])[0];
}

/** Plain text; 204 when there are none. */
export function errorDetails({ engine, params }: Call): Raw | undefined {
  const { errorDetails } = find(engine, params['id'] ?? '');
  return errorDetails === null ? undefined : new Raw('text/plain', errorDetails);
}

function find(engine: ProcessEngine, id: string): ExternalTask {
  const [task] = engine.find('externalTasks', { where: [{ column: 'id', op: '=', value: parseId(id) }] });
  if (task === undefined) throw taskNotFound(id);
  return task;
}

/** Distinct topics in order, one query each. */
export function topicNames({ engine, query }: Call): readonly string[] {
  const now = engine.now();
  const topics: string[] = [];
  const tests: ((task: ExternalTask) => boolean)[] = [];
  if (query['withLockedTasks'] === 'true') tests.push((task) => task.availableAt > now);
  if (query['withUnlockedTasks'] === 'true') tests.push((task) => task.availableAt <= now);
  if (query['withRetriesLeft'] === 'true') tests.push((task) => task.retries !== 0);
  for (let after = ''; ; ) {
    const where = [{ column: 'topic', op: '>', value: after }] as const;
    const [next] = engine.find('externalTasks', { where, orderBy: [{ column: 'topic' }], limit: 1 });
    if (next === undefined) return topics;
    after = next.topic;
    const same = [{ column: 'topic', op: '=', value: after }] as const;
    if (
      tests.length === 0 ||
      engine.find('externalTasks', { where: same }).some((task) => tests.every((test) => test(task)))
    ) {
      topics.push(after);
    }
  }
}

function write(engine: ProcessEngine, tasks: readonly ExternalTask[]): readonly unknown[] {
  const definitions = definitionsOf(engine, tasks);
  return tasks.map((task) => externalTask(task, definitions.get(task.definitionId)));
}

function externalTask(task: ExternalTask, definition: ShownDefinition | undefined): Record<string, unknown> {
  if (definition === undefined) throw new RestError(500, 'RestException', `definition ${task.definitionId} is missing`);
  return {
    activityId: task.elementId,
    activityInstanceId: String(task.elementInstanceId),
    errorMessage: task.errorMessage,
    executionId: String(task.elementInstanceId),
    id: String(task.id),
    lockExpirationTime: task.availableAt > 0 ? formatDate(task.availableAt) : null,
    createTime: formatDate(task.createdAt),
    processDefinitionId: camundaDefinitionId(definition),
    processDefinitionKey: task.bpmnProcessId,
    processDefinitionVersionTag: definition.versionTag,
    processInstanceId: String(task.processInstanceId),
    retries: task.retries,
    suspended: task.suspended,
    workerId: task.workerId,
    topicName: task.topic,
    tenantId: task.tenantId,
    priority: task.priority,
    businessKey: task.businessKey,
  };
}
