/** Which user tasks a request asks for. */
import type { Condition, ProcessEngine, ProcessInstanceView, UserTask } from '@procos/kernel';
import { withVariables } from '../instance-filters.ts';
import * as by from '../list-query.ts';

type Row = UserTask;

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
    assigned: by.when<Row>({ column: 'assignee', op: 'notNull' }),
    unassigned: by.when<Row>({ column: 'assignee', op: 'isNull' }),
    candidateUser: (parameter) => candidates(parameter, 'candidateUsers', [by.textOf(parameter)]),
    candidateGroup: (parameter) => candidates(parameter, 'candidateGroups', [by.textOf(parameter)]),
    candidateGroups: (parameter) => candidates(parameter, 'candidateGroups', by.textsOf(parameter)),
    involvedUser: (parameter) => {
      const user = by.textOf(parameter);
      return { test: (row) => row.assignee === user || row.candidateUsers.includes(user) };
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
    createdOn: by.instant('createdAt', '='),
    createdAfter: by.instant('createdAt', '>'),
    createdBefore: by.instant('createdAt', '<'),
    active: ofInstances(false),
    suspended: ofInstances(true),
    processVariables: withVariables('processInstanceId', true),
    includeAssignedTasks: by.always,
    ...by.tenant('tenantId'),
  },
  unsupported: `processInstanceBusinessKeyExpression processInstanceBusinessKeyLikeExpression processDefinitionName
    processDefinitionNameLike caseInstanceId caseInstanceBusinessKey caseInstanceBusinessKeyLike caseDefinitionId
    caseDefinitionKey caseDefinitionName caseDefinitionNameLike caseExecutionId assigneeExpression assigneeLikeExpression
    assigneeNotIn owner ownerExpression candidateGroupLike candidateGroupExpression candidateUserExpression
    involvedUserExpression nameNotEqual nameNotLike description descriptionLike dueDateExpression dueAfterExpression
    dueBeforeExpression followUpDateExpression followUpAfterExpression followUpBeforeExpression
    followUpBeforeOrNotExistent followUpBeforeOrNotExistentExpression createdOnExpression createdAfterExpression
    createdBeforeExpression updatedAfter updatedAfterExpression delegationState candidateGroupsExpression taskVariables
    caseInstanceVariables variableNamesIgnoreCase variableValuesIgnoreCase parentTaskId orQueries
    withCommentAttachmentInfo withTaskVariablesInReturn withTaskLocalVariablesInReturn`,
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
  },
};

/** Candidates are asked for tasks that nobody has taken yet, unless the taken ones are asked for too. */
function candidates(
  parameter: by.Parameter,
  column: 'candidateUsers' | 'candidateGroups',
  value: readonly string[],
): by.Filter<Row> {
  const listed = { column, op: 'hasAny', value } as const;
  const included = parameter.asked.get('includeAssignedTasks');
  if (included === true || included === 'true') return { where: [listed] };
  return { where: [{ column: 'assignee', op: 'isNull' }, listed] };
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
