/** `/history/task`: user tasks, open and over, and reports on those that are over. */
import type { ElementInstanceView, ProcessEngine } from '@procos/kernel';
import { isLike } from '@procos/kernel';
import type { Declare } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { elementOf, openRow, overRows, type TaskRow } from '../../user-tasks.ts';
import { formatDate, formatOptionalDate, parseDateParameter } from '../dates.ts';
import { definitionIdText, definitionsOf } from '../definitions.ts';
import { withVariables } from '../instance-filters.ts';
import * as by from '../list-query.ts';
import { listRoutes } from '../list-routes.ts';
import { isStandalone, NO_PROCESS } from '../task/standalone.ts';
import { holdersOf, readConditions } from '../variable-conditions.ts';

type Row = ElementInstanceView;
type Spec = by.ListSpec<'elementInstances'>;

export function historicTaskRoutes(route: Declare): void {
  listRoutes(route, '/history/task', 'history.read', {
    list: (call) => write(call.engine, by.list(call, specFor(call.engine))),
    count: (call) => by.count(call, specFor(call.engine)),
    spec: { parameters: { ...EVER.parameters, ...byTask(nobody) }, sortBy: { ...EVER.sortBy, ...orders(nobody) } },
    posts: 'list and count',
  });
}

const nobody: Details = () => undefined;

/** What the row itself does not say is looked up once for each. */
function specFor(engine: ProcessEngine): Spec {
  const known = new Map<number, TaskRow | undefined>();
  const taskOf = (row: Row): TaskRow | undefined => {
    if (!known.has(row.id)) known.set(row.id, tasksOf(engine, [row]).get(row.id));
    return known.get(row.id);
  };
  return {
    ...EVER,
    parameters: { ...EVER.parameters, ...byTask(taskOf) },
    sortBy: { ...EVER.sortBy, ...orders(taskOf) },
  };
}

type Details = (row: Row) => TaskRow | undefined;

function byTask(taskOf: Details): Spec['parameters'] {
  const date = (
    get: (task: TaskRow) => number | null,
    holds: (at: number, asked: number) => boolean,
  ): by.ParameterReader<Row> => {
    return (parameter) => {
      const asked = parseDateParameter(parameter.name, by.textOf(parameter));
      return {
        test: (row) => {
          const task = taskOf(row);
          const at = task === undefined ? null : get(task);
          return at !== null && holds(at, asked);
        },
      };
    };
  };
  const dates = (name: string, get: (task: TaskRow) => number | null): Spec['parameters'] => ({
    [name]: date(get, (at, asked) => at === asked),
    [`${name}Before`]: date(get, (at, asked) => at <= asked),
    [`${name}After`]: date(get, (at, asked) => at >= asked),
  });
  return {
    ...dates('taskDueDate', ({ dueAt }) => dueAt),
    ...dates('taskFollowUpDate', ({ followUpAt }) => followUpAt),
    withoutTaskDueDate: by.whenRow<Row>((row) => taskOf(row)?.dueAt === null),
    taskPriority: (parameter) => {
      const asked = Number(by.textOf(parameter));
      return { test: (row) => taskOf(row)?.priority === asked };
    },
    withCandidateGroups: by.whenRow<Row>((row) => (taskOf(row)?.candidateGroups.length ?? 0) > 0),
    withoutCandidateGroups: by.whenRow<Row>((row) => taskOf(row)?.candidateGroups.length === 0),
  };
}

function orders(taskOf: Details): Spec['sortBy'] {
  return {
    dueDate: () => (row) => taskOf(row)?.dueAt ?? null,
    followUpDate: () => (row) => taskOf(row)?.followUpAt ?? null,
    priority: () => (row) => taskOf(row)?.priority ?? null,
  };
}

const EVER: Spec = {
  table: 'elementInstances',
  base: [
    { column: 'elementType', op: '=', value: 'userTask' },
    { column: 'userTaskId', op: 'notNull' },
  ],
  parameters: {
    taskId: (parameter) => {
      const id = parseId(by.textOf(parameter));
      const [open] = parameter.engine.find('userTasks', { where: [{ column: 'id', op: '=', value: id }] });
      return by.isIn('id', [open?.elementInstanceId ?? elementOf(parameter.engine, id) ?? -1]);
    },
    taskParentTaskId: by.none,
    processInstanceId: by.equalsId('processInstanceId'),
    rootProcessInstanceId: ofInstances((parameter) => [
      { column: 'rootId', op: '=', value: parseId(by.textOf(parameter)) },
    ]),
    processInstanceBusinessKey: ofInstances((parameter) => [
      { column: 'businessKey', op: '=', value: by.textOf(parameter) },
    ]),
    processInstanceBusinessKeyIn: ofInstances((parameter) => [
      { column: 'businessKey', op: 'in', value: by.textsOf(parameter) },
    ]),
    processInstanceBusinessKeyLike: ofInstances((parameter) => [
      { column: 'businessKey', op: 'like', value: by.textOf(parameter) },
    ]),
    executionId: by.equalsId('id'),
    activityInstanceIdIn: by.amongIds('id'),
    processDefinitionId: by.definition('definitionId'),
    processDefinitionKey: by.equals('bpmnProcessId'),
    processDefinitionName: by.definitionNamed('definitionId', '='),
    caseInstanceId: by.none,
    caseExecutionId: by.none,
    caseDefinitionId: by.none,
    caseDefinitionKey: by.none,
    caseDefinitionName: by.none,
    taskName: is(nameOf),
    taskNameLike: like(nameOf),
    taskDescription: is(({ task }) => task?.description ?? null),
    taskDescriptionLike: like(({ task }) => task?.description ?? null),
    taskDefinitionKey: by.equals('elementId'),
    taskDefinitionKeyIn: by.among('elementId'),
    taskDeleteReason: is(deleteReasonOf),
    taskDeleteReasonLike: like(deleteReasonOf),
    taskAssignee: by.equals('assignee'),
    taskAssigneeLike: by.like('assignee'),
    taskOwner: is(({ task }) => task?.owner ?? null),
    taskOwnerLike: like(({ task }) => task?.owner ?? null),
    assigned: by.when<Row>({ column: 'assignee', op: 'notNull' }),
    unassigned: by.when<Row>({ column: 'assignee', op: 'isNull' }),
    finished: by.when<Row>({ column: 'endedAt', op: 'notNull' }),
    unfinished: by.when<Row>({ column: 'endedAt', op: 'isNull' }),
    processFinished: ofEnded(true),
    processUnfinished: ofEnded(false),
    startedBefore: by.instant('startedAt', '<='),
    startedAfter: by.instant('startedAt', '>='),
    finishedBefore: by.instant('endedAt', '<='),
    finishedAfter: by.instant('endedAt', '>='),
    processVariables: withVariables('processInstanceId', false),
    taskVariables: (parameter) => ({
      where: readConditions(parameter).map((condition) => ({
        column: 'id',
        op: 'in',
        value: holdersOf(parameter.engine, condition, false).map(({ scopeId }) => scopeId),
      })),
    }),
    variableNamesIgnoreCase: by.always,
    variableValuesIgnoreCase: by.always,
    ...by.tenantOfInstance('processInstanceId'),
  },
  // Who had to do with a task that is over is in the log of links alone.
  unsupported: 'taskInvolvedUser taskInvolvedGroup taskHadCandidateUser taskHadCandidateGroup',
  sortBy: {
    taskId: 'userTaskId',
    activityInstanceId: 'id',
    processDefinitionId: 'definitionId',
    processInstanceId: 'processInstanceId',
    executionId: 'id',
    duration: by.duration(),
    endTime: 'endedAt',
    startTime: 'startedAt',
    taskName: () => nameOf,
    taskDescription: () => (row) => row.task?.description ?? null,
    assignee: 'assignee',
    owner: () => (row) => row.task?.owner ?? null,
    deleteReason: () => deleteReasonOf,
    taskDefinitionKey: 'elementId',
    // There are no cases: all are alike.
    caseDefinitionId: () => () => null,
    caseInstanceId: () => () => null,
    caseExecutionId: () => () => null,
    tenantId: by.byInstance('processInstanceId', ({ tenantId }) => tenantId),
  },
};

function is(get: (row: Row) => string | null): by.ParameterReader<Row> {
  return (parameter) => {
    const asked = by.textOf(parameter);
    return { test: (row) => get(row) === asked };
  };
}

function like(get: (row: Row) => string | null): by.ParameterReader<Row> {
  return (parameter) => {
    const pattern = by.textOf(parameter);
    return {
      test: (row) => {
        const text = get(row);
        return text !== null && isLike(text, pattern);
      },
    };
  };
}

function ofInstances(
  where: (parameter: by.Parameter) => NonNullable<Parameters<typeof findInstances>[1]>,
): by.ParameterReader<Row> {
  return (parameter) => by.isIn('processInstanceId', findInstances(parameter.engine, where(parameter)));
}

function findInstances(
  engine: ProcessEngine,
  where: NonNullable<NonNullable<Parameters<typeof engine.find<'processInstances'>>[1]>['where']>,
): readonly number[] {
  return engine.find('processInstances', { where }).map(({ id }) => id);
}

function ofEnded(ended: boolean): by.ParameterReader<Row> {
  return (parameter) => {
    if (!by.flagOf(parameter)) return {};
    return by.ofInstance(parameter.engine, 'processInstanceId', (one) => (one?.endedAt !== null) === ended);
  };
}

/** It may have got another name since. */
export function nameOf({ task, elementName }: Row): string | null {
  return task?.name === undefined ? elementName : task.name;
}

/** As Camunda calls the two ends that a task can have. */
function deleteReasonOf({ outcome }: Row): string | null {
  if (outcome === 'active') return null;
  return outcome === 'canceled' ? 'deleted' : 'completed';
}

/** By the id of the element instance. */
function tasksOf(engine: ProcessEngine, rows: readonly Row[]): ReadonlyMap<number, TaskRow> {
  const value = rows.flatMap(({ userTaskId, endedAt }) =>
    endedAt === null && userTaskId !== null ? [userTaskId] : [],
  );
  const open = engine.find('userTasks', { where: [{ column: 'id', op: 'in', value }] }).map(openRow);
  return new Map([...open, ...overRows(engine, rows)].map((task) => [task.elementInstanceId as number, task]));
}

const STATES = { CREATED: 'Created', COMPLETED: 'Completed', CANCELED: 'Deleted' } as const;

function write(engine: ProcessEngine, rows: readonly Row[]): readonly unknown[] {
  const definitions = definitionsOf(engine, rows);
  const tasks = tasksOf(engine, rows);
  const value = [...new Set(rows.map((row) => row.processInstanceId))];
  const instances = new Map(
    engine.find('processInstances', { where: [{ column: 'id', op: 'in', value }] }).map((row) => [row.id, row]),
  );
  return rows.map((row) => {
    const task = tasks.get(row.id);
    const state = task?.state ?? 'CREATED';
    return {
      id: String(row.userTaskId),
      processDefinitionKey: row.bpmnProcessId,
      processDefinitionId: definitionIdText(definitions, row),
      processInstanceId: String(row.processInstanceId),
      executionId: String(row.id),
      caseDefinitionKey: null,
      caseDefinitionId: null,
      caseInstanceId: null,
      caseExecutionId: null,
      activityInstanceId: String(row.id),
      name: nameOf(row),
      description: row.task?.description ?? null,
      deleteReason: deleteReasonOf(row),
      owner: row.task?.owner ?? null,
      assignee: row.assignee,
      startTime: formatDate(row.startedAt),
      endTime: formatOptionalDate(row.endedAt),
      duration: row.endedAt === null ? null : row.endedAt - row.startedAt,
      taskDefinitionKey: row.elementId,
      priority: task?.priority ?? null,
      due: formatOptionalDate(task?.dueAt ?? null),
      parentTaskId: null,
      followUp: formatOptionalDate(task?.followUpAt ?? null),
      tenantId: instances.get(row.processInstanceId)?.tenantId ?? null,
      removalTime: null,
      rootProcessInstanceId: String(instances.get(row.processInstanceId)?.rootId ?? row.processInstanceId),
      ...(isStandalone(row) ? { ...NO_PROCESS, processDefinitionKey: null, activityInstanceId: null } : {}),
      taskState: state === 'CREATED' && task?.updatedAt !== undefined ? 'Updated' : STATES[state],
    };
  });
}
