/** The lists of the Camunda 7 face, and how a row of each shows what its parameters ask for. */

export type Row = Readonly<Record<string, unknown>>;

export interface List {
  readonly path: string;
  /** By POST with a body, and what counts. */
  readonly posts?: true;
  /** A parameter that asks for a member of another name. */
  readonly members?: Readonly<Record<string, string>>;
  /** For what the row does not show: a value that finds something and one that does not. Both as a body would have it. */
  readonly values?: Readonly<Record<string, readonly [yes: unknown, no: unknown]>>;
  /** Flags that are true of all rows of the world, or of what is not looked at: they leave out nothing. */
  readonly idle?: string;
  /** There is nothing like that on this server: nothing is found. */
  readonly empty?: string;
  /** What is left to other tests, or refused: says why. */
  readonly elsewhere?: Readonly<Record<string, string>>;
  /** Parameters that are only sent together with these. */
  readonly along?: Readonly<Record<string, Row>>;
  /** `sortBy` that takes the name of a variable: in a body only. */
  readonly sortsByVariable?: string;
  /** `sortBy` that shows in a member of another name; null: in none. */
  readonly sorts?: Readonly<Record<string, string | null>>;
}

const DEFINITION = { processDefinitionKey: 'definitionKey', processDefinitionId: 'definitionId' };
const EXPRESSIONS = 'expressions are refused from outside, as Camunda does by default';
export const ANOTHER = '2001-02-03T04:05:06.007+0000';
export const LATER = '2099-01-02T03:04:05.000+0000';
const variable = (name: string, value: unknown, operator = 'eq') => [{ name, operator, value }];
const VARIABLES = [variable('amount', 7), variable('amount', 8)] as const;
const CASES =
  'caseInstanceId superCaseInstance subCaseInstance superCaseInstanceId subCaseInstanceId caseExecutionId caseDefinitionId caseDefinitionKey caseDefinitionName';
const instant = (at: string) => [{ operator: 'gt', value: at }];

export const LISTS: readonly List[] = [
  {
    path: '/deployment',
    members: { after: 'deploymentTime', before: 'deploymentTime' },
    values: { includeDeploymentsWithoutTenantId: [true, false] },
    along: { includeDeploymentsWithoutTenantId: { tenantIdIn: 'nobody' } },
    empty: '',
  },
  {
    path: '/process-definition',
    members: { processDefinitionId: 'id', processDefinitionIdIn: 'id', keysIn: 'key', resourceName: 'resource' },
    values: {
      deployedAfter: [ANOTHER, LATER],
      deployedAt: ['DEPLOYED', ANOTHER],
      incidentId: ['INCIDENT', '999999'],
      incidentType: ['failedJob', 'nothing'],
      incidentMessage: ['MESSAGE', 'nothing'],
      incidentMessageLike: ['%nowhere%', '%nothing%'],
      includeProcessDefinitionsWithoutTenantId: [true, false],
    },
    along: { includeProcessDefinitionsWithoutTenantId: { tenantIdIn: 'nobody' } },
    idle: 'startablePermissionCheck',
    empty: 'category categoryLike startableBy',
    sorts: { deployTime: null },
  },
  {
    path: '/process-instance',
    posts: true,
    members: { ...DEFINITION, processDefinitionKeyIn: 'definitionKey', processInstanceIds: 'id' },
    values: {
      processDefinitionKeyNotIn: ['nothing', 'KEYS'],
      deploymentId: ['DEPLOYMENT', '999999'],
      superProcessInstance: ['CALLER', '999999'],
      subProcessInstance: ['CALLED', '999999'],
      incidentId: ['INCIDENT', '999999'],
      incidentType: ['failedJob', 'nothing'],
      incidentMessage: ['MESSAGE', 'nothing'],
      incidentMessageLike: ['%nowhere%', '%nothing%'],
      activityIdIn: [['Check'], ['nothing']],
      rootProcessInstanceId: ['CALLER', '999999'],
      variables: VARIABLES,
    },
    idle: 'variableNamesIgnoreCase variableValuesIgnoreCase',
    empty: CASES,
    elsewhere: { orQueries: 'below', sorting: 'below' },
    sorts: { instanceId: 'id' },
  },
  {
    path: '/execution',
    posts: true,
    values: {
      businessKey: ['order-1', 'nothing'],
      processDefinitionId: ['DEFINITION', 'everything:1:999999'],
      processDefinitionKey: ['everything', 'nothing'],
      activityId: ['Check', 'nothing'],
      signalEventSubscriptionName: ['alert', 'nothing'],
      messageEventSubscriptionName: ['go', 'nothing'],
      incidentId: ['INCIDENT', '999999'],
      incidentType: ['failedJob', 'nothing'],
      incidentMessage: ['MESSAGE', 'nothing'],
      incidentMessageLike: ['%nowhere%', '%nothing%'],
      variables: VARIABLES,
      processVariables: VARIABLES,
    },
    idle: 'variableNamesIgnoreCase variableValuesIgnoreCase',
    elsewhere: { sorting: 'below' },
    sorts: { instanceId: 'processInstanceId', definitionKey: null, definitionId: null },
  },
  {
    path: '/event-subscription',
    members: { eventSubscriptionId: 'id' },
    values: { includeEventSubscriptionsWithoutTenantId: [true, false] },
    along: { includeEventSubscriptionsWithoutTenantId: { tenantIdIn: 'nobody' } },
    sorts: { created: 'createdDate' },
  },
  {
    path: '/external-task',
    posts: true,
    members: { externalTaskId: 'id', externalTaskIdIn: 'id' },
    values: {
      lockExpirationAfter: [ANOTHER, LATER],
      lockExpirationBefore: [LATER, ANOTHER],
      priorityHigherThanOrEquals: [3, 900],
      priorityLowerThanOrEquals: [3, 0],
      processDefinitionName: ['Everything', 'nothing'],
      processDefinitionNameLike: ['Every%', '%nothing%'],
      processVariables: VARIABLES,
    },
    idle: 'variableNamesIgnoreCase variableValuesIgnoreCase',
    elsewhere: { sorting: 'below' },
    sorts: { taskPriority: 'priority' },
  },
  {
    path: '/task',
    posts: true,
    members: { taskId: 'id', taskIdIn: 'id', taskDefinitionKey: 'taskDefinitionKey' },
    values: {
      processInstanceBusinessKey: ['order-1', 'nothing'],
      processInstanceBusinessKeyIn: [['order-1'], ['nothing']],
      processInstanceBusinessKeyLike: ['order%', '%nothing%'],
      processDefinitionKey: ['everything', 'nothing'],
      processDefinitionKeyIn: [['everything'], ['nothing']],
      processDefinitionName: ['Everything', 'nothing'],
      processDefinitionNameLike: ['Every%', '%nothing%'],
      activityInstanceIdIn: [['TASK_EXECUTION'], ['999999']],
      assigneeNotIn: [['nobody'], ['ada', 'bob']],
      candidateGroup: ['office', 'nothing'],
      candidateGroups: [['office'], ['nothing']],
      candidateGroupLike: ['off%', '%nothing%'],
      candidateUser: ['bob', 'nothing'],
      involvedUser: ['ada', 'nothing'],
      taskDefinitionKeyNotIn: [['Nothing'], 'KEYS'],
      nameNotEqual: ['nothing', 'ONLY'],
      nameNotLike: ['%nothing%', '%'],
      priority: [20, 999],
      maxPriority: [20, -1],
      minPriority: [20, 999],
      dueDate: ['2027-01-01T00:00:00.000+0000', ANOTHER],
      dueAfter: [ANOTHER, LATER],
      dueBefore: [LATER, ANOTHER],
      followUpDate: ['2026-12-01T00:00:00.000+0000', ANOTHER],
      followUpAfter: [ANOTHER, LATER],
      followUpBefore: [LATER, ANOTHER],
      followUpBeforeOrNotExistent: [LATER, 'NEVER'],
      createdOn: ['CREATED', ANOTHER],
      createdAfter: [ANOTHER, LATER],
      createdBefore: [LATER, ANOTHER],
      updatedAfter: [ANOTHER, LATER],
      description: ['what it is', 'nothing'],
      descriptionLike: ['what%', '%nothing%'],
      owner: ['carl', 'nothing'],
      delegationState: ['PENDING', 'RESOLVED'],
      taskVariables: [variable('own', 'mine'), variable('own', 'other')],
      processVariables: VARIABLES,
    },
    along: {
      candidateGroup: { includeAssignedTasks: true },
      candidateGroups: { includeAssignedTasks: true },
      candidateGroupLike: { includeAssignedTasks: true },
      candidateUser: { includeAssignedTasks: true },
    },
    idle: 'variableNamesIgnoreCase variableValuesIgnoreCase includeAssignedTasks withCommentAttachmentInfo withTaskVariablesInReturn withTaskLocalVariablesInReturn',
    empty: `caseInstanceId caseInstanceBusinessKey caseInstanceBusinessKeyLike caseDefinitionId caseDefinitionKey
      caseDefinitionName caseDefinitionNameLike caseExecutionId caseInstanceVariables parentTaskId`,
    elsewhere: {
      ...Object.fromEntries(
        `processInstanceBusinessKey processInstanceBusinessKeyLike assignee assigneeLike owner candidateGroup candidateUser
        involvedUser dueDate dueAfter dueBefore followUpDate followUpAfter followUpBefore followUpBeforeOrNotExistent createdOn
        createdAfter createdBefore updatedAfter candidateGroups`
          .split(/\s+/)
          .map((name) => [`${name}Expression`, EXPRESSIONS]),
      ),
      orQueries: 'below',
      sorting: 'below',
    },
    sorts: {
      instanceId: 'processInstanceId',
      dueDate: 'due',
      followUpDate: 'followUp',
      nameCaseInsensitive: null,
      caseExecutionVariable: null,
      caseInstanceVariable: null,
      caseInstanceId: null,
      caseExecutionId: null,
    },
    sortsByVariable: 'processVariable executionVariable taskVariable',
  },
  {
    path: '/variable-instance',
    posts: true,
    members: {
      variableName: 'name',
      variableNameLike: 'name',
      variableScopeIdIn: 'activityInstanceId',
      batchIdIn: 'processInstanceId',
    },
    values: { taskIdIn: [['TASK'], ['999999']], variableValues: VARIABLES },
    idle: 'variableNamesIgnoreCase variableValuesIgnoreCase',
    empty: 'caseInstanceIdIn caseExecutionIdIn',
    elsewhere: { sorting: 'below' },
    sorts: { variableName: 'name', variableType: 'type' },
  },
  {
    path: '/incident',
    members: { incidentId: 'id' },
    values: {
      incidentTimestampAfter: [ANOTHER, LATER],
      incidentTimestampBefore: [LATER, ANOTHER],
      processDefinitionKeyIn: [['everything'], ['nothing']],
      jobDefinitionIdIn: [['JOB_DEFINITION'], ['1.before.nothing']],
    },
    sorts: { incidentId: 'id', configuration: null },
  },
  {
    path: '/job',
    posts: true,
    members: { jobId: 'id', jobIds: 'id', processInstanceIds: 'processInstanceId' },
    values: {
      activityId: ['Later', 'nothing'],
      dueDates: [instant(ANOTHER), instant(LATER)],
      createTimes: [instant(ANOTHER), instant(LATER)],
      priorityLowerThanOrEquals: [7, -1],
      priorityHigherThanOrEquals: [7, 900],
      includeJobsWithoutTenantId: [true, false],
    },
    along: { includeJobsWithoutTenantId: { tenantIdIn: ['nobody'] } },
    empty: 'acquired executable',
    elsewhere: { sorting: 'below' },
    sorts: { jobId: 'id', jobPriority: 'priority', jobRetries: 'retries', jobDueDate: 'dueDate' },
  },
  {
    path: '/job-definition',
    posts: true,
    members: { jobDefinitionId: 'id', activityIdIn: 'activityId' },
    values: { includeJobDefinitionsWithoutTenantId: [true, false] },
    along: { includeJobDefinitionsWithoutTenantId: { tenantIdIn: ['nobody'] } },
    elsewhere: { sorting: 'below' },
    sorts: { jobDefinitionId: 'id' },
  },
  {
    path: '/decision-definition',
    members: { decisionDefinitionId: 'id', decisionDefinitionIdIn: 'id', resourceName: 'resource' },
    values: {
      deployedAfter: [ANOTHER, LATER],
      deployedAt: ['DEPLOYED', ANOTHER],
      includeDecisionDefinitionsWithoutTenantId: [true, false],
    },
    along: { includeDecisionDefinitionsWithoutTenantId: { tenantIdIn: 'nobody' } },
    empty: 'category categoryLike',
    sorts: { deployTime: null },
  },
  {
    path: '/decision-requirements-definition',
    members: {
      decisionRequirementsDefinitionId: 'id',
      decisionRequirementsDefinitionIdIn: 'id',
      resourceName: 'resource',
    },
    values: { includeDecisionRequirementsDefinitionsWithoutTenantId: [true, false] },
    along: { includeDecisionRequirementsDefinitionsWithoutTenantId: { tenantIdIn: 'nobody' } },
    empty: 'category categoryLike',
  },
  {
    path: '/history/process-instance',
    posts: true,
    members: {
      processInstanceId: 'id',
      processInstanceIds: 'id',
      processInstanceBusinessKey: 'businessKey',
      processInstanceBusinessKeyIn: 'businessKey',
    },
    values: {
      processInstanceIdNotIn: [['999999'], 'KEYS'],
      processDefinitionKeyNotIn: [['nothing'], 'KEYS'],
      incidentIdIn: [['INCIDENT'], ['999999']],
      incidentType: ['failedJob', 'nothing'],
      incidentStatus: ['open', 'nothing'],
      incidentMessage: ['MESSAGE', 'nothing'],
      incidentMessageLike: ['%nowhere%', '%nothing%'],
      startedBefore: [LATER, ANOTHER],
      startedAfter: [ANOTHER, LATER],
      finishedBefore: [LATER, ANOTHER],
      finishedAfter: [ANOTHER, LATER],
      executedActivityBefore: [LATER, ANOTHER],
      executedActivityAfter: [ANOTHER, LATER],
      startedBy: ['nobody', 'NOBODY'],
      superProcessInstanceId: ['CALLER', '999999'],
      subProcessInstanceId: ['CALLED', '999999'],
      activityIdIn: [['Check'], ['nothing']],
      activeActivityIdIn: [['Check'], ['nothing']],
      executedActivityIdIn: [['Decide'], ['nothing']],
      variables: VARIABLES,
    },
    idle: 'variableNamesIgnoreCase variableValuesIgnoreCase',
    empty: `${CASES} withJobsRetrying`,
    elsewhere: {
      orQueries: 'below',
      sorting: 'below',
      executedJobAfter: 'refused: no index says which jobs were done when',
      executedJobBefore: 'refused: no index says which jobs were done when',
      startedBy: 'needs users that have proved their name',
    },
    sorts: {
      instanceId: 'id',
      definitionId: 'processDefinitionId',
      definitionKey: 'processDefinitionKey',
      definitionName: 'processDefinitionName',
      definitionVersion: 'processDefinitionVersion',
      duration: 'durationInMillis',
    },
  },
  {
    path: '/history/activity-instance',
    posts: true,
    members: { activityInstanceId: 'id', taskAssignee: 'assignee' },
    values: {
      startedBefore: [LATER, ANOTHER],
      startedAfter: [ANOTHER, LATER],
      finishedBefore: [LATER, ANOTHER],
      finishedAfter: [ANOTHER, LATER],
    },
    empty: 'completeScope',
    elsewhere: { sorting: 'below' },
    sorts: {
      activityInstanceId: 'id',
      instanceId: 'processInstanceId',
      definitionId: 'processDefinitionId',
      duration: 'durationInMillis',
      occurrence: null,
    },
  },
  {
    path: '/history/task',
    posts: true,
    members: {
      taskId: 'id',
      activityInstanceIdIn: 'activityInstanceId',
      taskName: 'name',
      taskDescription: 'description',
      taskDeleteReason: 'deleteReason',
      taskAssignee: 'assignee',
      taskOwner: 'owner',
      taskPriority: 'priority',
    },
    values: {
      processInstanceBusinessKey: ['order-1', 'nothing'],
      processInstanceBusinessKeyIn: [['order-1'], ['nothing']],
      processInstanceBusinessKeyLike: ['order%', '%nothing%'],
      processDefinitionName: ['Everything', 'nothing'],
      taskDueDate: ['2027-01-01T00:00:00.000+0000', ANOTHER],
      taskDueDateBefore: [LATER, ANOTHER],
      taskDueDateAfter: [ANOTHER, LATER],
      taskFollowUpDate: ['2026-12-01T00:00:00.000+0000', ANOTHER],
      taskFollowUpDateBefore: [LATER, ANOTHER],
      taskFollowUpDateAfter: [ANOTHER, LATER],
      startedBefore: [LATER, ANOTHER],
      startedAfter: [ANOTHER, LATER],
      finishedBefore: [LATER, ANOTHER],
      finishedAfter: [ANOTHER, LATER],
      taskVariables: [variable('own', 'mine'), variable('own', 'other')],
      processVariables: VARIABLES,
    },
    idle: 'variableNamesIgnoreCase variableValuesIgnoreCase',
    empty: `taskParentTaskId caseInstanceId caseExecutionId caseDefinitionId caseDefinitionKey caseDefinitionName`,
    elsewhere: {
      ...Object.fromEntries(
        ['taskInvolvedUser', 'taskInvolvedGroup', 'taskHadCandidateUser', 'taskHadCandidateGroup'].map((name) => [
          name,
          'refused: only the log of links tells it',
        ]),
      ),
      orQueries: 'below',
      sorting: 'below',
    },
    sorts: {
      taskId: 'id',
      taskName: 'name',
      taskDescription: 'description',
      dueDate: 'due',
      followUpDate: 'followUp',
    },
  },
  {
    path: '/history/identity-link-log',
    values: { dateBefore: [LATER, ANOTHER], dateAfter: [ANOTHER, LATER] },
    elsewhere: { assignerId: 'of a task list: nobody has a name here' },
  },
  {
    path: '/history/variable-instance',
    posts: true,
    members: { variableName: 'name', variableNameLike: 'name', variableNameIn: 'name', variableTypeIn: 'type' },
    values: { taskIdIn: [['TASK'], ['999999']], variableValue: [7, 8] },
    along: { variableValue: { variableName: 'amount' } },
    idle: 'variableNamesIgnoreCase variableValuesIgnoreCase includeDeleted',
    empty: 'caseInstanceId caseExecutionIdIn caseActivityIdIn',
    elsewhere: { sorting: 'below' },
    sorts: { instanceId: 'processInstanceId', variableName: 'name' },
  },
  {
    path: '/history/incident',
    members: { incidentId: 'id' },
    values: {
      processDefinitionKeyIn: [['everything'], ['nothing']],
      createTimeBefore: [LATER, ANOTHER],
      createTimeAfter: [ANOTHER, LATER],
      endTimeBefore: [LATER, ANOTHER],
      endTimeAfter: [ANOTHER, LATER],
      jobDefinitionIdIn: [['JOB_DEFINITION'], ['1.before.nothing']],
    },
    empty: 'historyConfiguration',
    sorts: { incidentId: 'id', incidentState: null, configuration: null },
  },
  {
    path: '/history/decision-instance',
    members: {
      decisionInstanceId: 'id',
      decisionInstanceIdIn: 'id',
      decisionDefinitionIdIn: 'decisionDefinitionId',
      activityIdIn: 'activityId',
    },
    values: {
      evaluatedBefore: [LATER, ANOTHER],
      evaluatedAfter: [ANOTHER, LATER],
      rootDecisionInstanceId: ['ROOT', '999999'],
    },
    idle: 'includeInputs includeOutputs disableBinaryFetching disableCustomObjectDeserialization',
    empty: `${CASES} userId`,
  },
  {
    path: '/history/detail',
    posts: true,
    values: {
      occurredBefore: [LATER, ANOTHER],
      occurredAfter: [ANOTHER, LATER],
      variableTypeIn: [['Long', 'Integer'], ['nothing']],
      variableNameLike: ['AMO%', '%nothing%'],
    },
    idle: 'variableUpdates',
    empty: 'caseInstanceId caseExecutionId userOperationId formFields',
    elsewhere: { sorting: 'below' },
    sorts: { variableRevision: 'revision', formPropertyId: null, occurrence: 'time' },
  },
  {
    path: '/history/external-task-log',
    posts: true,
    members: {
      logId: 'id',
      activityIdIn: 'activityId',
      activityInstanceIdIn: 'activityInstanceId',
      executionIdIn: 'executionId',
    },
    values: { priorityLowerThanOrEquals: [3, -1], priorityHigherThanOrEquals: [3, 900] },
    elsewhere: { sorting: 'below' },
  },
  {
    path: '/history/job-log',
    posts: true,
    members: {
      logId: 'id',
      activityIdIn: 'activityId',
      failedActivityIdIn: 'failedActivityId',
      executionIdIn: 'executionId',
    },
    values: { jobPriorityLowerThanOrEquals: [7, -1], jobPriorityHigherThanOrEquals: [7, 900] },
    empty: 'hostname',
    elsewhere: { sorting: 'below' },
    sorts: { occurrence: 'timestamp' },
  },
];
