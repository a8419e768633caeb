/** What each operation that is served answers, by the names of `schemas.ts`. */
import { type Schema, schemaOf } from './schemas.ts';

/** By what is answered, the operations: a method and its paths. `or none`: or 204; `or pending`: or 202, a second person is asked first. */
const ANSWERS: Readonly<Record<string, string>> = {
  ActivityInstanceDto: 'GET /process-instance/{id}/activity-instances',
  'ActivityStatisticsResultDto[]': `
    GET /process-definition/key/{key}/statistics /process-definition/key/{key}/tenant-id/{tenant-id}/statistics
      /process-definition/{id}/statistics
  `,
  AttachmentDto: 'GET /task/{id}/attachment/{attachmentId}; POST /task/{id}/attachment/create',
  'AttachmentDto[]': 'GET /task/{id}/attachment',
  AuthenticationResult: 'POST /identity/verify',
  AuthorizationCheckResultDto: 'GET /authorization/check',
  AuthorizationDto: 'GET /authorization/{id}',
  'AuthorizationDto[]': 'GET /authorization',
  BatchDto: `
    GET /batch/{id}
    POST /external-task/retries-async /history/decision-instance/delete /history/process-instance/delete
      /job/retries /migration/executeAsync /modification/executeAsync /process-definition/{id}/restart-async
      /process-instance/delete /process-instance/delete-historic-query-based /process-instance/job-retries
      /process-instance/job-retries-historic-query-based /process-instance/message-async
      /process-instance/suspended-async /process-instance/variables-async /process-instance/{id}/modification-async
  `,
  'BatchDto[]': 'GET /batch',
  'BatchStatisticsDto[]': 'GET /batch/statistics',
  'CalledProcessDefinitionDto[]': 'GET /process-definition/{id}/static-called-process-definitions',
  CheckPasswordPolicyResultDto: 'POST /identity/password-policy',
  'CleanableHistoricBatchReportResultDto[]': 'GET /history/batch/cleanable-batch-report',
  'CleanableHistoricDecisionInstanceReportResultDto[]': `
    GET /history/decision-definition/cleanable-decision-instance-report
  `,
  'CleanableHistoricProcessInstanceReportResultDto[]': `
    GET /history/process-definition/cleanable-process-instance-report
  `,
  CommentDto: 'GET /task/{id}/comment/{commentId}; POST /task/{id}/comment/create',
  'CommentDto[]': 'GET /process-instance/{id}/comment /task/{id}/comment',
  DecisionDefinitionDiagramDto: `
    GET /decision-definition/key/{key}/tenant-id/{tenant-id}/xml /decision-definition/key/{key}/xml
      /decision-definition/{id}/xml
  `,
  DecisionDefinitionDto: `
    GET /decision-definition/key/{key} /decision-definition/key/{key}/tenant-id/{tenant-id}
      /decision-definition/{id}
  `,
  'DecisionDefinitionDto[]': 'GET /decision-definition',
  DecisionRequirementsDefinitionDto: `
    GET /decision-requirements-definition/key/{key}
      /decision-requirements-definition/key/{key}/tenant-id/{tenant-id} /decision-requirements-definition/{id}
  `,
  'DecisionRequirementsDefinitionDto[]': 'GET /decision-requirements-definition',
  DecisionRequirementsDefinitionXmlDto: `
    GET /decision-requirements-definition/key/{key}/tenant-id/{tenant-id}/xml
      /decision-requirements-definition/key/{key}/xml /decision-requirements-definition/{id}/xml
  `,
  DeploymentDto: 'GET /deployment/{id}',
  'DeploymentDto[]': 'GET /deployment',
  DeploymentResourceDto: 'GET /deployment/{id}/resources/{resourceId}',
  'DeploymentResourceDto[]': 'GET /deployment/{id}/resources',
  DeploymentWithDefinitionsDto: 'POST /deployment/create /deployment/{id}/redeploy',
  'DurationReportResultDto[]': 'GET /history/process-instance/report',
  EventSubscriptionDto: 'GET /execution/{id}/messageSubscriptions/{messageName}',
  'EventSubscriptionDto[]': 'GET /event-subscription',
  ExecutionDto: 'GET /execution/{id}',
  'ExecutionDto[]': 'GET /execution; POST /execution',
  ExternalTaskDto: 'GET /external-task/{id}',
  'ExternalTaskDto[]': 'GET /external-task; POST /external-task',
  FilterDto: 'GET /filter/{id}; POST /filter/create',
  'FilterDto[]': 'GET /filter',
  FormDto: `
    GET /process-definition/key/{key}/startForm /process-definition/key/{key}/tenant-id/{tenant-id}/startForm
      /process-definition/{id}/startForm /task/{id}/form
  `,
  GroupDto: 'GET /group/{id}',
  'GroupDto[]': 'GET /group; POST /group',
  HistoricActivityInstanceDto: 'GET /history/activity-instance/{id}',
  'HistoricActivityInstanceDto[]': 'GET /history/activity-instance; POST /history/activity-instance',
  'HistoricActivityStatisticsDto[]': 'GET /history/process-definition/{id}/statistics',
  HistoricBatchDto: 'GET /history/batch/{id}',
  'HistoricBatchDto[]': 'GET /history/batch',
  HistoricDecisionInstanceDto: 'GET /history/decision-instance/{id}',
  'HistoricDecisionInstanceDto[]': 'GET /history/decision-instance',
  'HistoricDecisionInstanceStatisticsDto[]': 'GET /history/decision-requirements-definition/{id}/statistics',
  HistoricDetailDto: 'GET /history/detail/{id}',
  'HistoricDetailDto[]': 'GET /history/detail; POST /history/detail',
  HistoricExternalTaskLogDto: 'GET /history/external-task-log/{id}',
  'HistoricExternalTaskLogDto[]': 'GET /history/external-task-log; POST /history/external-task-log',
  'HistoricIdentityLinkLogDto[]': 'GET /history/identity-link-log',
  'HistoricIncidentDto[]': 'GET /history/incident',
  HistoricJobLogDto: 'GET /history/job-log/{id}',
  'HistoricJobLogDto[]': 'GET /history/job-log; POST /history/job-log',
  HistoricProcessInstanceDto: 'GET /history/process-instance/{id}',
  'HistoricProcessInstanceDto[]': 'GET /history/process-instance; POST /history/process-instance',
  'HistoricTaskInstanceDto[]': 'GET /history/task; POST /history/task',
  'HistoricTaskInstanceReportResultDto[]': 'GET /history/task/report',
  HistoricVariableInstanceDto: 'GET /history/variable-instance/{id}',
  'HistoricVariableInstanceDto[]': 'GET /history/variable-instance; POST /history/variable-instance',
  HistoryCleanupConfigurationDto: 'GET /history/cleanup/configuration',
  'IdentityLinkDto[]': 'GET /task/{id}/identity-links',
  IdentityServiceGroupInfoDto: 'GET /identity/groups',
  IncidentDto: 'GET /incident/{id}; POST /execution/{id}/create-incident',
  'IncidentDto[]': 'GET /incident',
  JobDefinitionDto: 'GET /job-definition/{id}',
  'JobDefinitionDto[]': 'GET /job-definition; POST /job-definition',
  JobDto: 'GET /history/cleanup/job /job/{id}; POST /history/cleanup',
  'JobDto[]': 'GET /history/cleanup/jobs /job; POST /job',
  'LockedExternalTaskDto[]': 'POST /external-task/fetchAndLock',
  'MessageCorrelationResultWithVariableDto[] or none': 'POST /message',
  'MetricsIntervalResultDto[]': 'GET /metrics',
  MetricsResultDto: 'GET /metrics/{metrics-name}/sum',
  MigrationPlanDto: 'POST /migration/generate',
  MigrationPlanReportDto: 'POST /migration/validate',
  PasswordPolicyDto: 'GET /identity/password-policy',
  ProcessDefinitionDiagramDto: `
    GET /process-definition/key/{key}/tenant-id/{tenant-id}/xml /process-definition/key/{key}/xml
      /process-definition/{id}/xml
  `,
  ProcessDefinitionDto: `
    GET /process-definition/key/{key} /process-definition/key/{key}/tenant-id/{tenant-id} /process-definition/{id}
  `,
  'ProcessDefinitionDto[]': 'GET /process-definition',
  'ProcessDefinitionStatisticsResultDto[]': 'GET /process-definition/statistics',
  'ProcessEngineDto[]': 'GET /engine',
  ProcessInstanceDto: `
    GET /process-instance/{id}
    POST /process-definition/key/{key}/submit-form /process-definition/key/{key}/tenant-id/{tenant-id}/submit-form
      /process-definition/{id}/submit-form
  `,
  'ProcessInstanceDto[]': 'GET /process-instance; POST /condition /process-instance',
  ProcessInstanceWithVariablesDto: `
    POST /process-definition/key/{key}/start /process-definition/key/{key}/tenant-id/{tenant-id}/start
      /process-definition/{id}/start
  `,
  ResourceOptionsDto: `
    OPTIONS /authorization /authorization/{id} /filter /filter/{id} /group /group/{id} /group/{id}/members /tenant
      /tenant/{id} /tenant/{id}/group-members /tenant/{id}/user-members /user /user/{id}
  `,
  'TaskCountByCandidateGroupResultDto[]': 'GET /task/report/candidate-group-count',
  TaskWithAttachmentAndCommentDto: 'GET /task/{id}',
  'TaskWithAttachmentAndCommentDto or none': 'GET /filter/{id}/singleResult; POST /filter/{id}/singleResult',
  'TaskWithAttachmentAndCommentDto[]': 'GET /filter/{id}/list /task; POST /filter/{id}/list /task',
  TelemetryConfigurationDto: 'GET /telemetry/configuration',
  TelemetryDataDto: 'GET /telemetry/data',
  'UserOperationLogEntryDto[]': 'GET /history/user-operation',
  UserProfileDto: 'GET /user/{id}/profile',
  'UserProfileDto[]': 'GET /user',
  VariableInstanceDto: 'GET /variable-instance/{id}',
  'VariableInstanceDto[]': 'GET /variable-instance; POST /variable-instance',
  VariableValueDto: `
    GET /execution/{id}/localVariables/{varName} /process-instance/{id}/variables/{varName}
      /task/{id}/localVariables/{varName} /task/{id}/variables/{varName}
  `,
  VersionDto: 'GET /version',
  bytes: `
    GET /deployment/{id}/resources/{resourceId}/data /execution/{id}/localVariables/{varName}/data
      /history/detail/{id}/data /history/variable-instance/{id}/data
      /process-definition/key/{key}/deployed-start-form /process-definition/key/{key}/rendered-form
      /process-definition/key/{key}/tenant-id/{tenant-id}/deployed-start-form
      /process-definition/key/{key}/tenant-id/{tenant-id}/rendered-form /process-definition/{id}/deployed-start-form
      /process-definition/{id}/rendered-form /process-instance/{id}/variables/{varName}/data
      /task/{id}/attachment/{attachmentId}/data /task/{id}/deployed-form /task/{id}/localVariables/{varName}/data
      /task/{id}/rendered-form /task/{id}/variables/{varName}/data /variable-instance/{id}/data
  `,
  'bytes or none': `
    GET /decision-definition/key/{key}/diagram /decision-definition/key/{key}/tenant-id/{tenant-id}/diagram
      /decision-definition/{id}/diagram /decision-requirements-definition/key/{key}/diagram
      /decision-requirements-definition/key/{key}/tenant-id/{tenant-id}/diagram
      /decision-requirements-definition/{id}/diagram /process-definition/key/{key}/diagram
      /process-definition/key/{key}/tenant-id/{tenant-id}/diagram /process-definition/{id}/diagram
  `,
  count: `
    GET /authorization/count /batch/count /batch/statistics/count /decision-definition/count
      /decision-requirements-definition/count /deployment/count /event-subscription/count /execution/count
      /external-task/count /filter/count /filter/{id}/count /group/count /history/activity-instance/count
      /history/batch/cleanable-batch-report/count /history/batch/count
      /history/decision-definition/cleanable-decision-instance-report/count /history/decision-instance/count
      /history/detail/count /history/external-task-log/count /history/identity-link-log/count
      /history/incident/count /history/job-log/count
      /history/process-definition/cleanable-process-instance-report/count /history/process-instance/count
      /history/task/count /history/user-operation/count /history/variable-instance/count /incident/count
      /job-definition/count /job/count /process-definition/count /process-instance/count /task/count /user/count
      /variable-instance/count
    POST /execution/count /external-task/count /filter/{id}/count /group/count /history/activity-instance/count
      /history/external-task-log/count /history/job-log/count /history/process-instance/count /history/task/count
      /history/variable-instance/count /job-definition/count /job/count /process-instance/count /task/count
      /variable-instance/count
  `,
  none: `
    DELETE /batch/{id} /deployment/{id} /execution/{id}/localVariables/{varName} /filter/{id} /history/batch/{id}
      /history/process-instance/{id} /history/process-instance/{id}/variable-instances
      /history/variable-instance/{id} /incident/{id} /incident/{id}/annotation /job/{id}
      /process-definition/key/{key} /process-definition/key/{key}/tenant-id/{tenant-id} /process-definition/{id}
      /process-instance/{id} /process-instance/{id}/comment /process-instance/{id}/comment/{commentId}
      /process-instance/{id}/variables/{varName} /task/{id} /task/{id}/attachment/{attachmentId} /task/{id}/comment
      /task/{id}/comment/{commentId} /task/{id}/localVariables/{varName} /task/{id}/variables/{varName}
    POST /execution/{id}/localVariables /execution/{id}/localVariables/{varName}/data
      /execution/{id}/messageSubscriptions/{messageName}/trigger /execution/{id}/signal
      /external-task/{id}/bpmnError /external-task/{id}/complete /external-task/{id}/extendLock
      /external-task/{id}/failure /external-task/{id}/lock /external-task/{id}/unlock /user/{id}/unlock
      /job/{id}/duedate/recalculate
      /job/{id}/execute /migration/execute /modification/execute /process-definition/{id}/restart
      /process-instance/{id}/modification /process-instance/{id}/variables
      /process-instance/{id}/variables/{varName}/data /signal /task/create /task/{id}/assignee /task/{id}/bpmnError
      /task/{id}/bpmnEscalation /task/{id}/claim /task/{id}/delegate /task/{id}/identity-links
      /task/{id}/identity-links/delete /task/{id}/localVariables /task/{id}/localVariables/{varName}/data
      /task/{id}/resolve /task/{id}/unclaim /task/{id}/variables /task/{id}/variables/{varName}/data
      /telemetry/configuration
    PUT /batch/{id}/suspended /execution/{id}/localVariables/{varName} /external-task/retries
      /external-task/{id}/priority /external-task/{id}/retries /filter/{id} /incident/{id}/annotation
      /job-definition/suspended /job-definition/{id}/jobPriority /job-definition/{id}/retries
      /job-definition/{id}/suspended /job/suspended /job/{id}/duedate /job/{id}/priority /job/{id}/retries
      /job/{id}/suspended /process-definition/key/{key}/history-time-to-live /process-definition/key/{key}/suspended
      /process-definition/key/{key}/tenant-id/{tenant-id}/history-time-to-live
      /process-definition/key/{key}/tenant-id/{tenant-id}/suspended /process-definition/suspended
      /process-definition/{id}/history-time-to-live /process-definition/{id}/suspended /process-instance/suspended
      /process-instance/{id}/comment /process-instance/{id}/suspended /process-instance/{id}/variables/{varName}
      /task/{id} /task/{id}/comment /task/{id}/localVariables/{varName} /task/{id}/variables/{varName}
  `,
  'none or pending': `
    DELETE /group/{id} /group/{id}/members/{userId} /user/{id}
    POST /group/create /user/create
    PUT /group/{id} /group/{id}/members/{userId} /user/{id}/credentials /user/{id}/profile
  `,
  object: 'GET /openapi.json',
  text: 'GET /history/external-task-log/{id}/error-details /history/job-log/{id}/stacktrace /job/{id}/stacktrace',
  'text or none': 'GET /external-task/{id}/errorDetails',
  'text[]': 'GET /deployment/registered /external-task/topic-names',
  '{VariableValueDto}': `
    GET /execution/{id}/localVariables /process-definition/key/{key}/form-variables
      /process-definition/key/{key}/tenant-id/{tenant-id}/form-variables /process-definition/{id}/form-variables
      /process-instance/{id}/variables /task/{id}/form-variables /task/{id}/localVariables /task/{id}/variables
  `,
  '{VariableValueDto} or none': 'POST /task/{id}/complete /task/{id}/submit-form',
  '{VariableValueDto}[]': `
    POST /decision-definition/key/{key}/evaluate /decision-definition/key/{key}/tenant-id/{tenant-id}/evaluate
      /decision-definition/{id}/evaluate
  `,
};

export interface OperationAnswer {
  /** Of the JSON with status 200; undefined: there is none. */
  readonly json?: Schema;
  readonly text?: true;
  /** The content of a file or a value. */
  readonly bytes?: true;
  /** 204. */
  readonly none?: true;
  /** 202. */
  readonly pending?: true;
}

const COUNT: Schema = { $ref: '#/components/schemas/Count' };

function answerOf(words: string): OperationAnswer {
  const parts = words.split(' or ').map((word): OperationAnswer => {
    if (word === 'none' || word === 'pending' || word === 'text' || word === 'bytes') return { [word]: true };
    return { json: word === 'count' ? COUNT : schemaOf(word) };
  });
  return Object.assign({}, ...parts) as OperationAnswer;
}

/** Names of variables in a path do not matter. */
export function shapeOf(method: string, path: string): string {
  return `${method} ${path.replaceAll(/\{[^}]*\}|:\w+/g, '{}')}`;
}

/** By the shape of the operation. */
export function answersOf(): ReadonlyMap<string, OperationAnswer> {
  const all = new Map<string, OperationAnswer>();
  for (const [words, operations] of Object.entries(ANSWERS)) {
    const answer = answerOf(words);
    let method = '';
    for (const word of operations.split(/[\s;]+/)) {
      if (word.startsWith('/')) all.set(shapeOf(method, word), answer);
      else if (word !== '') method = word;
    }
  }
  return all;
}
