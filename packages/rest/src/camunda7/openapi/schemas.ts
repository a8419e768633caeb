/** What the answers are made of, by Camunda's names: the one source of the schemas that are described and held against answers. */

export type Schema = Readonly<Record<string, unknown>>;

/**
 * `member type`, where the type is `text`, `date`, `int`, `number`, `flag`, `object`, `any`, `text(one|other)`, another name,
 * or of these a list (`x[]`) or a map by names (`{x}`). `?`: may be null; `member*`: may be missing; a member alone: text or null;
 * `...Name`: the members of that, too.
 */
const MEMBERS: Readonly<Record<string, string>> = {
  AbstractVendorVersionInformationDto: 'vendor, version',
  ActivityInstanceDto: `
    id text, parentActivityInstanceId, activityId, activityName, name, activityType, processInstanceId,
    processDefinitionId, childActivityInstances ActivityInstanceDto[]?, childTransitionInstances
    TransitionInstanceDto[]?, executionIds text[]?, incidentIds text[]?, incidents ActivityInstanceIncidentDto[]?
  `,
  ActivityInstanceIncidentDto: 'id text, activityId',
  ActivityStatisticsResultDto: `
    id text, instances int, failedJobs int, incidents IncidentStatisticsResultDto[]?, @class
  `,
  AtomLink: 'rel, href, method',
  AttachmentDto: `
    ...LinkableDto, id text, name, description, taskId, type, url, createTime date?, removalTime date?,
    rootProcessInstanceId
  `,
  AuthenticationResult: 'authenticatedUser, authenticated flag?, tenants text[]?, groups text[]?',
  AuthorizationCheckResultDto: 'permissionName, resourceName, resourceId, authorized flag?',
  AuthorizationDto: `
    id text, type int?, permissions text[]?, userId, groupId, resourceType int?, resourceId, removalTime date?,
    rootProcessInstanceId
  `,
  BatchDto: `
    id text, type, totalJobs int?, jobsCreated int?, batchJobsPerSeed int?, invocationsPerBatchJob int?,
    seedJobDefinitionId, monitorJobDefinitionId, batchJobDefinitionId, suspended flag?, tenantId, createUserId,
    startTime date?, executionStartTime date?
  `,
  BatchStatisticsDto: '...BatchDto, remainingJobs int?, completedJobs int?, failedJobs int?',
  CalledProcessDefinitionDto: `
    ...ProcessDefinitionDto, calledFromActivityIds text[]?, callingProcessDefinitionId
  `,
  CamundaFormRef: 'key, binding, version int?',
  CheckPasswordPolicyResultDto: '...PasswordPolicyDto, valid flag?',
  CleanableHistoricBatchReportResultDto: `
    batchType, historyTimeToLive int?, finishedBatchesCount int?, cleanableBatchesCount int?
  `,
  CleanableHistoricDecisionInstanceReportResultDto: `
    decisionDefinitionId, decisionDefinitionKey, decisionDefinitionName, decisionDefinitionVersion int?,
    historyTimeToLive int?, finishedDecisionInstanceCount int?, cleanableDecisionInstanceCount int?, tenantId
  `,
  CleanableHistoricProcessInstanceReportResultDto: `
    processDefinitionId, processDefinitionKey, processDefinitionName, processDefinitionVersion int?,
    historyTimeToLive int?, finishedProcessInstanceCount int?, cleanableProcessInstanceCount int?, tenantId
  `,
  CommentDto: `
    ...LinkableDto, id text, userId, taskId, processInstanceId, time date?, message, removalTime date?,
    rootProcessInstanceId
  `,
  DecisionDefinitionDiagramDto: 'id text, dmnXml',
  DecisionDefinitionDto: `
    id text, key, category, name, version int?, resource, deploymentId, tenantId, decisionRequirementsDefinitionId,
    decisionRequirementsDefinitionKey, historyTimeToLive int?, versionTag
  `,
  DecisionRequirementsDefinitionDto: `
    id text, key, category, name, version int?, resource, deploymentId, tenantId
  `,
  DecisionRequirementsDefinitionXmlDto: 'id text, dmnXml',
  DeploymentDto: '...LinkableDto, id text, tenantId, deploymentTime date?, source, name',
  DeploymentResourceDto: 'id text, name, deploymentId',
  DeploymentWithDefinitionsDto: `
    ...DeploymentDto, deployedProcessDefinitions {ProcessDefinitionDto}?, deployedDecisionDefinitions
    {DecisionDefinitionDto}?, deployedDecisionRequirementsDefinitions {DecisionRequirementsDefinitionDto}?,
    deployedCaseDefinitions object?
  `,
  DurationReportResultDto: `
    period int?, periodUnit text(MONTH|QUARTER)?, minimum int?, maximum int?, average int?
  `,
  EventSubscriptionDto: `
    id text, eventType, eventName, executionId, processInstanceId, activityId, createdDate date?, tenantId
  `,
  ExecutionDto: 'id text, processInstanceId, ended flag?, tenantId',
  ExternalTaskDto: `
    activityId, activityInstanceId, errorMessage, executionId, id text, lockExpirationTime date?,
    processDefinitionId, processDefinitionKey, processDefinitionVersionTag, processInstanceId, tenantId, retries
    int?, suspended flag?, workerId, topicName, priority int?, businessKey, createTime date?
  `,
  FilterDto: 'id text, resourceType, name, owner, query object, properties object, itemCount* int?',
  FormDto: 'key, camundaFormRef CamundaFormRef?, contextPath',
  GroupDto: 'id text, name, type',
  HistoricActivityInstanceDto: `
    id text, parentActivityInstanceId, activityId, activityName, activityType, processDefinitionKey,
    processDefinitionId, processInstanceId, executionId, taskId, assignee, calledProcessInstanceId,
    calledCaseInstanceId, startTime date?, endTime date?, durationInMillis int?, canceled flag?, completeScope
    flag?, tenantId, removalTime date?, rootProcessInstanceId
  `,
  HistoricActivityStatisticsDto: `
    id text, instances int?, canceled int?, finished int?, completeScope int?, openIncidents int?, resolvedIncidents
    int?, deletedIncidents int?
  `,
  HistoricBatchDto: `
    id text, type, totalJobs int?, batchJobsPerSeed int?, invocationsPerBatchJob int?, seedJobDefinitionId,
    monitorJobDefinitionId, batchJobDefinitionId, tenantId, createUserId, startTime date?, executionStartTime date?,
    endTime date?, removalTime date?
  `,
  HistoricDecisionInputInstanceDto: `
    id text, decisionInstanceId, clauseId, clauseName, errorMessage, type, createTime date?, removalTime date?,
    rootProcessInstanceId, value any, valueInfo object
  `,
  HistoricDecisionInstanceDto: `
    id text, decisionDefinitionId, decisionDefinitionKey, decisionDefinitionName, evaluationTime date?, removalTime
    date?, processDefinitionId, processDefinitionKey, processInstanceId, caseDefinitionId, caseDefinitionKey,
    caseInstanceId, activityId, activityInstanceId, tenantId, userId, inputs HistoricDecisionInputInstanceDto[]?,
    outputs HistoricDecisionOutputInstanceDto[]?, collectResultValue number?, rootDecisionInstanceId,
    rootProcessInstanceId, decisionRequirementsDefinitionId, decisionRequirementsDefinitionKey
  `,
  HistoricDecisionInstanceStatisticsDto: 'decisionDefinitionKey, evaluations int?',
  HistoricDecisionOutputInstanceDto: `
    id text, decisionInstanceId, clauseId, clauseName, ruleId, ruleOrder int?, errorMessage, variableName, type,
    createTime date?, removalTime date?, rootProcessInstanceId, value any, valueInfo object
  `,
  HistoricDetailDto: `
    id text, type, processDefinitionKey, processDefinitionId, processInstanceId, activityInstanceId, executionId,
    caseDefinitionKey, caseDefinitionId, caseInstanceId, caseExecutionId, taskId, tenantId, userOperationId, time
    date?, removalTime date?, rootProcessInstanceId, fieldId*, fieldValue* object, variableName, variableInstanceId,
    variableType, value any, valueInfo object, initial flag?, revision int?, errorMessage
  `,
  HistoricExternalTaskLogDto: `
    id text, externalTaskId, timestamp date?, topicName, workerId, retries int?, priority int?, errorMessage,
    activityId, activityInstanceId, executionId, processInstanceId, processDefinitionId, processDefinitionKey,
    tenantId, creationLog flag?, failureLog flag?, successLog flag?, deletionLog flag?, removalTime date?,
    rootProcessInstanceId
  `,
  HistoricIdentityLinkLogDto: `
    id text, time date?, type, userId, groupId, taskId, processDefinitionId, processDefinitionKey, operationType,
    assignerId, tenantId, removalTime date?, rootProcessInstanceId
  `,
  HistoricIncidentDto: `
    id text, processDefinitionKey, processDefinitionId, processInstanceId, executionId, rootProcessInstanceId,
    createTime date?, endTime date?, removalTime date?, incidentType, activityId, failedActivityId, causeIncidentId,
    rootCauseIncidentId, configuration, historyConfiguration, incidentMessage, tenantId, jobDefinitionId, open
    flag?, deleted flag?, resolved flag?, annotation
  `,
  HistoricJobLogDto: `
    id text, timestamp date?, removalTime date?, jobId, jobDueDate date?, jobRetries int?, jobPriority int?,
    jobExceptionMessage, failedActivityId, jobDefinitionId, jobDefinitionType, jobDefinitionConfiguration,
    activityId, executionId, processInstanceId, processDefinitionId, processDefinitionKey, deploymentId,
    rootProcessInstanceId, tenantId, hostname, batchId, creationLog flag?, failureLog flag?, successLog flag?,
    deletionLog flag?
  `,
  HistoricProcessInstanceDto: `
    id text, rootProcessInstanceId, superProcessInstanceId, superCaseInstanceId, caseInstanceId,
    processDefinitionName, processDefinitionKey, processDefinitionVersion int?, processDefinitionId, businessKey,
    startTime date?, endTime date?, removalTime date?, durationInMillis int?, startUserId, startActivityId,
    deleteReason, tenantId, state text(ACTIVE|SUSPENDED|COMPLETED|EXTERNALLY_TERMINATED|INTERNALLY_TERMINATED)?,
    restartedProcessInstanceId
  `,
  HistoricTaskInstanceDto: `
    id text, processDefinitionKey, processDefinitionId, processInstanceId, executionId, caseDefinitionKey,
    caseDefinitionId, caseInstanceId, caseExecutionId, activityInstanceId, name, description, deleteReason, owner,
    assignee, startTime date?, endTime date?, duration int?, taskDefinitionKey, priority int?, due date?,
    parentTaskId, followUp date?, tenantId, removalTime date?, rootProcessInstanceId, taskState
  `,
  HistoricTaskInstanceReportResultDto: `
    taskName, count int?, processDefinitionKey, processDefinitionId, processDefinitionName, period int?, periodUnit
    text(MONTH|QUARTER)?, minimum int?, maximum int?, average int?, tenantId
  `,
  HistoricVariableInstanceDto: `
    ...VariableValueDto, id text, name, processDefinitionKey, processDefinitionId, processInstanceId, executionId,
    activityInstanceId, caseDefinitionKey, caseDefinitionId, caseInstanceId, caseExecutionId, taskId, tenantId,
    errorMessage, state, createTime date?, removalTime date?, rootProcessInstanceId
  `,
  HistoryCleanupConfigurationDto: 'batchWindowStartTime date?, batchWindowEndTime date?, enabled flag?',
  IdentityLinkDto: 'userId, groupId, type',
  IdentityServiceGroupDto: 'id text, name',
  IdentityServiceGroupInfoDto: 'groups IdentityServiceGroupDto[]?, groupUsers IdentityServiceUserDto[]?',
  IdentityServiceUserDto: 'id text, firstName, lastName, displayName',
  IncidentDto: `
    id text, processDefinitionId, processInstanceId, executionId, incidentTimestamp date?, incidentType, activityId,
    failedActivityId, causeIncidentId, rootCauseIncidentId, configuration, tenantId, incidentMessage,
    jobDefinitionId, annotation
  `,
  IncidentStatisticsResultDto: 'incidentType, incidentCount int?',
  JobDefinitionDto: `
    id text, processDefinitionId, processDefinitionKey, activityId, jobType, jobConfiguration, overridingJobPriority
    int?, suspended flag?, tenantId, deploymentId
  `,
  JobDto: `
    id text, jobDefinitionId, dueDate date?, processInstanceId, executionId, processDefinitionId,
    processDefinitionKey, retries int?, exceptionMessage, failedActivityId, suspended flag?, priority int?,
    tenantId, createTime date?, batchId
  `,
  LinkableDto: 'links AtomLink[]?',
  LockedExternalTaskDto: `
    activityId, activityInstanceId, errorMessage, errorDetails, executionId, id text, lockExpirationTime date?,
    processDefinitionId, processDefinitionKey, processDefinitionVersionTag, processInstanceId, tenantId, retries
    int?, suspended flag?, workerId, priority int?, topicName, businessKey, variables {VariableValueDto}?,
    extensionProperties {text}, createTime date?, lockCount int, aiBudget* object, capabilities* object
  `,
  MessageCorrelationResultWithVariableDto: `
    resultType text(Execution|ProcessDefinition)?, processInstance ProcessInstanceDto?, execution ExecutionDto?,
    variables* {VariableValueDto}?
  `,
  MetricsIntervalResultDto: 'timestamp date?, name, reporter, value int?',
  MetricsResultDto: 'result int?',
  MigrationInstructionDto: `
    sourceActivityIds text[]?, targetActivityIds text[]?, updateEventTrigger flag?
  `,
  MigrationInstructionValidationReportDto: 'instruction MigrationInstructionDto, failures text[]?',
  MigrationPlanDto: `
    sourceProcessDefinitionId, targetProcessDefinitionId, instructions MigrationInstructionDto[]?, variables
    {VariableValueDto}?
  `,
  MigrationPlanReportDto: `
    instructionReports MigrationInstructionValidationReportDto[]?, variableReports
    {MigrationVariableValidationReportDto}?
  `,
  MigrationVariableValidationReportDto: '...VariableValueDto, failures text[]?',
  PasswordPolicyDto: 'rules PasswordPolicyRuleDto[]?',
  PasswordPolicyRuleDto: 'placeholder, parameter {text}, valid* flag',
  ProcessDefinitionDiagramDto: 'id text, bpmn20Xml',
  ProcessDefinitionDto: `
    id text, key, category, description, name, version int?, resource, deploymentId, diagram, suspended flag?,
    tenantId, versionTag, historyTimeToLive int?, startableInTasklist flag?
  `,
  ProcessDefinitionStatisticsResultDto: `
    id text, instances int, failedJobs int, incidents IncidentStatisticsResultDto[]?, @class, definition
    ProcessDefinitionDto
  `,
  ProcessEngineDto: 'name',
  ProcessInstanceDto: `
    ...LinkableDto, id text, definitionId, definitionKey, businessKey, caseInstanceId, ended flag?, suspended flag?,
    tenantId
  `,
  ProcessInstanceWithVariablesDto: '...ProcessInstanceDto, variables* {VariableValueDto}?',
  ResourceOptionsDto: '...LinkableDto',
  TaskCountByCandidateGroupResultDto: 'groupName, taskCount int?',
  TaskDto: `
    id text, name, assignee, owner, created date?, lastUpdated date?, due date?, followUp date?, delegationState
    text(PENDING|RESOLVED)?, description, executionId, parentTaskId, priority int?, processDefinitionId,
    processInstanceId, caseExecutionId, caseDefinitionId, caseInstanceId, taskDefinitionKey, suspended flag?,
    formKey, camundaFormRef CamundaFormRef?, tenantId, taskState
  `,
  TaskWithAttachmentAndCommentDto: '...TaskWithVariablesDto, attachment* flag?, comment* flag?',
  TaskWithVariablesDto: '...TaskDto, variables* {VariableValueDto}?',
  TelemetryConfigurationDto: 'enableTelemetry flag?',
  TelemetryCountDto: 'count int?',
  TelemetryDataDto: 'installation, product TelemetryProductDto',
  TelemetryInternalsDto: `
    database AbstractVendorVersionInformationDto, application-server AbstractVendorVersionInformationDto,
    license-key TelemetryLicenseKeyDto, camunda-integration text[]?, commands {TelemetryCountDto}?, metrics
    {TelemetryCountDto}?, webapps text[]?, jdk AbstractVendorVersionInformationDto, data-collection-start-date date?
  `,
  TelemetryLicenseKeyDto: 'customer, type, valid-until, unlimited flag?, features {text}, raw',
  TelemetryProductDto: 'name, version, edition, internals TelemetryInternalsDto',
  TransitionInstanceDto: `
    id text, parentActivityInstanceId, activityId, activityName, activityType, processInstanceId,
    processDefinitionId, executionId, incidentIds text[]?, incidents ActivityInstanceIncidentDto[]?
  `,
  UserOperationLogEntryDto: `
    id text, userId, timestamp date?, operationId, operationType, entityType, category, annotation, property,
    orgValue, newValue, deploymentId, processDefinitionId, processDefinitionKey, processInstanceId, executionId,
    caseDefinitionId, caseInstanceId, caseExecutionId, taskId, externalTaskId, batchId, jobId, jobDefinitionId,
    removalTime date?, rootProcessInstanceId
  `,
  UserProfileDto: 'id text, firstName, lastName, email',
  VariableInstanceDto: `
    ...VariableValueDto, id text, name, processDefinitionId, processInstanceId, executionId, caseInstanceId,
    caseExecutionId, taskId, batchId, activityInstanceId, tenantId, errorMessage
  `,
  VariableValueDto: 'value any, type, valueInfo object',
  VersionDto: 'version',
};

const PRIMITIVES: Readonly<Record<string, Schema>> = {
  text: { type: 'string' },
  date: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}[+-]\\d{4}$' },
  int: { type: 'integer' },
  number: { type: 'number' },
  flag: { type: 'boolean' },
  object: { type: 'object' },
  any: {},
};

/** Of a type as it is written above. */
export function schemaOf(type: string): Schema {
  if (type.endsWith('[]')) return { type: 'array', items: schemaOf(type.slice(0, -2)) };
  const [, inside] = /^\{(.+)\}$/.exec(type) ?? [];
  if (inside !== undefined) return { type: 'object', additionalProperties: schemaOf(inside) };
  const [, values] = /^text\((.+)\)$/.exec(type) ?? [];
  if (values !== undefined) return { type: 'string', enum: values.split('|') };
  const primitive = PRIMITIVES[type];
  if (primitive !== undefined) return primitive;
  if (MEMBERS[type] === undefined) throw new Error(`No answer has the type ${type}`);
  return { $ref: `#/components/schemas/${type}` };
}

function nullable(schema: Schema): Schema {
  if ('$ref' in schema) return { nullable: true, allOf: [schema] };
  return 'enum' in schema
    ? { ...schema, enum: [...(schema['enum'] as readonly string[]), null], nullable: true }
    : { ...schema, nullable: true };
}

interface Member {
  readonly name: string;
  readonly isOptional: boolean;
  readonly schema: Schema;
}

function membersOf(name: string): readonly Member[] {
  const parts = (MEMBERS[name] ?? '').split(',').flatMap((part) => part.replaceAll(/\s+/g, ' ').trim() || []);
  return parts.flatMap((part): Member | readonly Member[] => {
    if (part.startsWith('...')) return membersOf(part.slice(3));
    const [member = '', type = 'text?'] = part.split(' ');
    const schema = schemaOf(type.replace(/\?$/, ''));
    return {
      name: member.replace(/\*$/, ''),
      isOptional: member.endsWith('*'),
      schema: type.endsWith('?') ? nullable(schema) : schema,
    };
  });
}

/** The schemas of `components`. */
export function answerSchemas(): Readonly<Record<string, Schema>> {
  return Object.fromEntries(
    Object.keys(MEMBERS).map((name) => {
      const members = membersOf(name);
      const required = members.flatMap((one) => (one.isOptional ? [] : one.name));
      const properties = Object.fromEntries(members.map((one) => [one.name, one.schema]));
      return [name, { type: 'object', ...(required.length === 0 ? {} : { required }), properties }];
    }),
  );
}
