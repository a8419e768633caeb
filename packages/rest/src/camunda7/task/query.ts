/** Which user tasks a request asks for. */
import { type Condition, isLike, type ProcessEngine, type ProcessInstanceView, type UserTask } from '@procos/kernel';
import type { Call } from '../../call.ts';
import { parseDateParameter } from '../dates.ts';
import { invalid } from '../errors.ts';
import { withVariables } from '../instance-filters.ts';
import * as by from '../list-query.ts';
import { holdersOf, readConditions } from '../variable-conditions.ts';
import { linksOf } from './links.ts';

type Row = UserTask;

/** What the words of a query for tasks mean to who asks. */
export function tasksFor({ kernel }: Pick<Call, 'kernel'>): by.ListSpec<'userTasks'> {
  const groupsOf = (user: string) => kernel.identity.directory.user(user)?.groups ?? [];
  return {
    ...TASKS,
    parameters: {
      ...TASKS.parameters,
      candidateUser: (parameter) => {
        const user = by.textOf(parameter);
        const groups = groupsOf(user);
        if (groups.length === 0) return candidates(parameter, 'candidateUsers', [user]);
        return openTasks(parameter, {
          test: (row) => row.candidateUsers.includes(user) || row.candidateGroups.some((name) => groups.includes(name)),
        });
      },
    },
  };
}

/** Words whose value an expression may give, in a filter that is kept. */
export const EXPRESSIBLE: readonly string[] = `processInstanceBusinessKey processInstanceBusinessKeyLike assignee
  assigneeLike owner candidateGroup candidateUser candidateGroups involvedUser dueDate dueAfter dueBefore followUpDate
  followUpAfter followUpBefore followUpBeforeOrNotExistent createdOn createdAfter createdBefore updatedAfter`.split(
  /\s+/,
);

/** The query for tasks, whoever asks. */
export const TASKS: by.ListSpec<'userTasks'> = {
  table: 'userTasks',
  parameters: {
    taskId: by.equalsId('id'),
    taskIdIn: by.amongIds('id'),
    processInstanceId: by.equalsId('processInstanceId'),
    processInstanceIdIn: by.amongIds('processInstanceId'),
    processInstanceBusinessKey: ofInstancesWithKey((parameter) => ({ op: '=', value: by.textOf(parameter) })),
    processInstanceBusinessKeyIn: ofInstancesWithKey((parameter) => ({ op: 'in', value: by.textsOf(parameter) })),
    processInstanceBusinessKeyLike: ofInstancesWithKey((parameter) => ({ op: 'like', value: by.textOf(parameter) })),
    processDefinitionId: by.definition('definitionId'),
    processDefinitionKey: by.equals('bpmnProcessId'),
    processDefinitionKeyIn: by.among('bpmnProcessId'),
    executionId: by.equalsId('elementInstanceId'),
    activityInstanceIdIn: by.amongIds('elementInstanceId'),
    assignee: by.equals('assignee'),
    assigneeLike: by.like('assignee'),
    assigneeIn: by.among('assignee'),
    // Who has no assignee is not meant, as in SQL.
    assigneeNotIn: (parameter) => ({
      where: [
        { column: 'assignee', op: 'notNull' },
        { column: 'assignee', op: 'notIn', value: by.textsOf(parameter) },
      ],
    }),
    owner: (parameter) => {
      const owner = by.textOf(parameter);
      return { test: (row) => row.owner === owner };
    },
    delegationState: (parameter) => {
      const state = delegationOf(by.textOf(parameter));
      return { test: (row) => row.delegation === state };
    },
    description: (parameter) => {
      const text = by.textOf(parameter);
      return { test: (row) => row.description === text };
    },
    descriptionLike: like((row) => row.description),
    candidateGroupLike: (parameter) => {
      const pattern = by.textOf(parameter);
      return openTasks(parameter, { test: (row) => row.candidateGroups.some((name) => isLike(name, pattern)) });
    },
    parentTaskId: by.none,
    caseInstanceId: by.none,
    caseInstanceBusinessKey: by.none,
    caseInstanceBusinessKeyLike: by.none,
    caseDefinitionId: by.none,
    caseDefinitionKey: by.none,
    caseDefinitionName: by.none,
    caseDefinitionNameLike: by.none,
    caseExecutionId: by.none,
    assigned: by.when<Row>({ column: 'assignee', op: 'notNull' }),
    unassigned: by.when<Row>({ column: 'assignee', op: 'isNull' }),
    candidateUser: (parameter) => candidates(parameter, 'candidateUsers', [by.textOf(parameter)]),
    candidateGroup: (parameter) => candidates(parameter, 'candidateGroups', [by.textOf(parameter)]),
    candidateGroups: (parameter) => candidates(parameter, 'candidateGroups', by.textsOf(parameter)),
    involvedUser: (parameter) => {
      const user = by.textOf(parameter);
      return { test: (row) => linksOf(row).some(({ userId }) => userId === user) };
    },
    withCandidateGroups: by.whenRow<Row>((row) => row.candidateGroups.length > 0),
    withoutCandidateGroups: by.whenRow<Row>((row) => row.candidateGroups.length === 0),
    withCandidateUsers: by.whenRow<Row>((row) => row.candidateUsers.length > 0),
    withoutCandidateUsers: by.whenRow<Row>((row) => row.candidateUsers.length === 0),
    taskDefinitionKey: by.equals('elementId'),
    taskDefinitionKeyIn: by.among('elementId'),
    taskDefinitionKeyNotIn: by.notAmong('elementId'),
    taskDefinitionKeyLike: by.like('elementId'),
    name: by.equals('name'),
    nameLike: by.like('name'),
    nameNotEqual: (parameter) => ({ where: [{ column: 'name', op: '!=', value: by.textOf(parameter) }] }),
    nameNotLike: (parameter) => {
      const pattern = by.textOf(parameter);
      return { test: ({ name }) => name === null || !isLike(name, pattern) };
    },
    processDefinitionName: by.definitionNamed('definitionId', '='),
    processDefinitionNameLike: by.definitionNamed('definitionId', 'like'),
    priority: by.equalsNumber('priority'),
    minPriority: by.equalsNumber('priority', '>='),
    maxPriority: by.equalsNumber('priority', '<='),
    dueDate: by.instant('dueAt', '='),
    dueAfter: by.instant('dueAt', '>'),
    dueBefore: by.instant('dueAt', '<'),
    withoutDueDate: by.when<Row>({ column: 'dueAt', op: 'isNull' }),
    followUpDate: by.instant('followUpAt', '='),
    followUpAfter: by.instant('followUpAt', '>'),
    followUpBefore: by.instant('followUpAt', '<'),
    followUpBeforeOrNotExistent: (parameter) => {
      const before = parseDateParameter(parameter.name, by.textOf(parameter));
      return { test: ({ followUpAt }) => followUpAt === null || followUpAt < before };
    },
    updatedAfter: (parameter) => {
      const after = parseDateParameter(parameter.name, by.textOf(parameter));
      return { test: ({ createdAt, updatedAt = createdAt }) => updatedAt > after };
    },
    createdOn: by.instant('createdAt', '='),
    createdAfter: by.instant('createdAt', '>'),
    createdBefore: by.instant('createdAt', '<'),
    active: ofInstances(false),
    suspended: ofInstances(true),
    processVariables: withVariables('processInstanceId', true),
    taskVariables: (parameter) => ({
      where: readConditions(parameter).map((condition) => ({
        column: 'elementInstanceId',
        op: 'in',
        value: holdersOf(parameter.engine, condition, true).map(({ scopeId }) => scopeId),
      })),
    }),
    caseInstanceVariables: by.none,
    variableNamesIgnoreCase: by.always,
    variableValuesIgnoreCase: by.always,
    // As in Camunda, whoever may only read must not have expressions evaluated: filters that are kept may have some.
    ...Object.fromEntries(EXPRESSIBLE.map((name) => [`${name}Expression`, by.expression<Row>])),
    includeAssignedTasks: by.always,
    withCommentAttachmentInfo: by.always,
    withTaskVariablesInReturn: by.always,
    withTaskLocalVariablesInReturn: by.always,
    ...by.tenant('tenantId'),
  },
  sortBy: {
    instanceId: 'processInstanceId',
    dueDate: 'dueAt',
    followUpDate: 'followUpAt',
    executionId: 'elementInstanceId',
    assignee: 'assignee',
    // Identities are given in the order of the log, as instants are: this order needs no sorting.
    created: 'id',
    id: 'id',
    name: 'name',
    priority: 'priority',
    tenantId: 'tenantId',
    nameCaseInsensitive: () => (row) => row.name?.toLowerCase() ?? null,
    description: () => (row) => row.description ?? null,
    lastUpdated: () => (row) => row.updatedAt ?? null,
    processVariable: byVariable((row) => row.processInstanceId),
    executionVariable: byVariable((row) => row.elementInstanceId),
    taskVariable: byVariable((row) => row.elementInstanceId),
    caseInstanceId: () => () => null,
    caseExecutionId: () => () => null,
    caseExecutionVariable: () => () => null,
    caseInstanceVariable: () => () => null,
  },
};

/** `parameters: {variable, type}` say which variable; what is no single value comes first. */
function byVariable(scopeOf: (row: Row) => number): by.SortKey<Row> {
  return (engine, rows, { variable = null }) => {
    if (typeof variable !== 'string')
      throw invalid('To sort by a variable give its name and type as the parameters of the order, in a body');
    const where = [
      { column: 'name', op: '=', value: variable },
      { column: 'scopeId', op: 'in', value: [...new Set(rows.map(scopeOf))] },
      { column: 'live', op: '=', value: true },
    ] as const;
    const values = new Map(engine.find('variables', { where }).map(({ scopeId, value }) => [scopeId, value]));
    return (row) => {
      const value = values.get(scopeOf(row)) ?? null;
      return typeof value === 'object' ? null : value;
    };
  };
}

/** Candidates are asked for tasks that nobody has taken yet, unless the taken ones are asked for too. */
function candidates(
  parameter: by.Parameter,
  column: 'candidateUsers' | 'candidateGroups',
  value: readonly string[],
): by.Filter<Row> {
  return openTasks(parameter, { where: [{ column, op: 'hasAny', value }] });
}

function openTasks({ asked }: by.Parameter, { where = [], test }: by.Filter<Row>): by.Filter<Row> {
  const included = asked.get('includeAssignedTasks');
  const open = included === true || included === 'true' ? [] : [{ column: 'assignee', op: 'isNull' } as const];
  return { where: [...open, ...where], ...(test === undefined ? {} : { test }) };
}

/** `PENDING` or `RESOLVED`, in any case. */
export function delegationOf(text: string): 'pending' | 'resolved' {
  const state = text.toLowerCase();
  if (state === 'pending' || state === 'resolved') return state;
  throw invalid(`Cannot read the delegation state '${text}': expected PENDING or RESOLVED`);
}

function like(of: (row: Row) => string | null | undefined): by.ParameterReader<Row> {
  return (parameter) => {
    const pattern = by.textOf(parameter);
    return {
      test: (row) => {
        const text = of(row) ?? null;
        return text !== null && isLike(text, pattern);
      },
    };
  };
}

type KeyCondition =
  | { readonly op: '=' | 'like'; readonly value: string }
  | { readonly op: 'in'; readonly value: readonly string[] };

function ofInstancesWithKey(condition: (parameter: by.Parameter) => KeyCondition): by.ParameterReader<Row> {
  return (parameter) => {
    const where = [{ column: 'businessKey', ...condition(parameter) }] as const;
    const active = [...where, { column: 'state', op: '=', value: 'active' }] as const;
    return by.isIn(
      'processInstanceId',
      parameter.engine.find('processInstances', { where: active }).map((row) => row.id),
    );
  };
}

/** A task is suspended with its process instance. */
function ofInstances(suspended: boolean): by.ParameterReader<Row> {
  return (parameter) => {
    if (!by.flagOf(parameter)) return {};
    const value = suspendedInstances(parameter.engine);
    return { where: [{ column: 'processInstanceId', op: suspended ? 'in' : 'notIn', value }] };
  };
}

/** Of these, or of all. */
export function suspendedInstances(engine: ProcessEngine, among?: readonly number[]): readonly number[] {
  const where: Condition<ProcessInstanceView>[] = [
    { column: 'suspended', op: '=', value: true },
    { column: 'state', op: '=', value: 'active' },
  ];
  if (among !== undefined) where.push({ column: 'id', op: 'in', value: among });
  return engine.find('processInstances', { where }).map(({ id }) => id);
}
