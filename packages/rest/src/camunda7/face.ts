/** The Camunda 7 face: every resource it serves, and what it says about paths that it does not. */
import type { Declare } from '../call.ts';
import { authorizationRoutes } from './authorization/routes.ts';
import { batchRoutes } from './batch/routes.ts';
import { commentRoutes } from './comment/routes.ts';
import { conditionRoutes } from './condition/routes.ts';
import { decisionDefinitionRoutes } from './decision-definition/routes.ts';
import { decisionRequirementsDefinitionRoutes } from './decision-requirements-definition/routes.ts';
import { deploymentRoutes } from './deployment/routes.ts';
import { engineRoutes } from './engine/routes.ts';
import { notServed, RestError } from './errors.ts';
import { eventSubscriptionRoutes } from './event-subscription/routes.ts';
import { executionRoutes } from './execution/routes.ts';
import { externalTaskRoutes } from './external-task/routes.ts';
import { filterRoutes } from './filter/routes.ts';
import { groupRoutes } from './group/routes.ts';
import { historicActivityInstanceRoutes } from './history/activity-instance.ts';
import { historyBatchRoutes } from './history/batches.ts';
import { cleanableRoutes } from './history/cleanable.ts';
import { cleanupRoutes } from './history/cleanup.ts';
import { historicDecisionInstanceRoutes } from './history/decision-instance.ts';
import { historicIncidentRoutes } from './history/incident.ts';
import { historicDetailRoutes } from './history/log/detail.ts';
import { externalTaskLogRoutes } from './history/log/external-task-log.ts';
import { identityLinkLogRoutes } from './history/log/identity-link-log.ts';
import { jobLogRoutes } from './history/log/job-log.ts';
import { userOperationRoutes } from './history/log/user-operation.ts';
import { historicProcessInstanceRoutes } from './history/process-instance.ts';
import { reportRoutes } from './history/reports.ts';
import { historicStatisticsRoutes } from './history/statistics.ts';
import { historicTaskRoutes } from './history/task.ts';
import { historicVariableInstanceRoutes } from './history/variable-instance.ts';
import { identityRoutes } from './identity/routes.ts';
import { incidentRoutes } from './incident/routes.ts';
import { insteadOf } from './instead.ts';
import { jobDefinitionRoutes } from './job/definition-routes.ts';
import { jobRoutes } from './job/routes.ts';
import { camundaMethods } from './known-operations.ts';
import { messageRoutes } from './message/routes.ts';
import { metricsRoutes } from './metrics/routes.ts';
import { migrationRoutes } from './migration/routes.ts';
import { modificationRoutes } from './modification/routes.ts';
import { FaceDescription } from './openapi/description.ts';
import { processDefinitionRoutes } from './process-definition/routes.ts';
import { processInstanceBatchRoutes } from './process-instance/batches.ts';
import { processInstanceRoutes } from './process-instance/routes.ts';
import { resourceOptionsRoutes } from './resource-options.ts';
import { signalRoutes } from './signal/routes.ts';
import { attachmentRoutes } from './task/attachments.ts';
import { taskFormRoutes } from './task/forms.ts';
import { taskReportRoutes } from './task/report.ts';
import { taskRoutes } from './task/routes.ts';
import { telemetryRoutes } from './telemetry/routes.ts';
import { userRoutes } from './user/routes.ts';
import { variableInstanceRoutes } from './variable-instance/routes.ts';

export function camundaRoutes(declare: Declare): void {
  const description = new FaceDescription();
  const route = description.declareOn(declare);
  route('GET', '/openapi.json', 'engine.read', ({ kernel }) => description.document(kernel.status().version));
  engineRoutes(route);
  externalTaskRoutes(route);
  deploymentRoutes(route);
  processDefinitionRoutes(route);
  processInstanceRoutes(route);
  processInstanceBatchRoutes(route);
  batchRoutes(route);
  modificationRoutes(route);
  decisionDefinitionRoutes(route);
  decisionRequirementsDefinitionRoutes(route);
  migrationRoutes(route);
  conditionRoutes(route);
  executionRoutes(route);
  variableInstanceRoutes(route);
  taskRoutes(route);
  commentRoutes(route);
  attachmentRoutes(route);
  filterRoutes(route);
  taskReportRoutes(route);
  taskFormRoutes(route);
  historicTaskRoutes(route);
  reportRoutes(route);
  identityRoutes(route);
  userRoutes(route);
  groupRoutes(route);
  authorizationRoutes(route);
  resourceOptionsRoutes(route);
  messageRoutes(route);
  signalRoutes(route);
  eventSubscriptionRoutes(route);
  incidentRoutes(route);
  jobRoutes(route);
  jobDefinitionRoutes(route);
  historicProcessInstanceRoutes(route);
  historicActivityInstanceRoutes(route);
  historicVariableInstanceRoutes(route);
  historicIncidentRoutes(route);
  historicStatisticsRoutes(route);
  historyBatchRoutes(route);
  cleanableRoutes(route);
  cleanupRoutes(route);
  historicDetailRoutes(route);
  externalTaskLogRoutes(route);
  jobLogRoutes(route);
  identityLinkLogRoutes(route);
  userOperationRoutes(route);
  metricsRoutes(route);
  telemetryRoutes(route);
  historicDecisionInstanceRoutes(route);
}

/** Where Camunda Modeler looks for the web applications; ours is one console. */
export function camundaRootRoutes(route: Declare): void {
  route('GET', '/.well-known/camunda-automation-platform/webapps', 'engine.read', ({ request }) => {
    const url = `${request.protocol}://${request.host}/`;
    return { adminUrl: url, cockpitUrl: url, tasklistUrl: url };
  });
}

/** Why there is nothing: another engine, a wrong method, an operation that is not served, or no such path in Camunda 7. */
export function unknownPath(method: string, url: string): RestError {
  const path = (url.split('?')[0] ?? '').replace(/\/{2,}/g, '/').replace(/^\/engine-rest/, '');
  const [, engine, rest] = /^\/engine\/([^/]+)(\/.*)?$/.exec(path) ?? [];
  if (engine !== undefined && engine !== 'default') {
    return new RestError(404, 'InvalidRequestException', `Process engine ${engine} not available`, { code: null });
  }
  const operation = engine === undefined ? path : (rest ?? '');
  const methods = camundaMethods(operation);
  if (methods === undefined) return new RestError(404, 'NotFoundException', 'HTTP 404 Not Found', { code: null });
  if (methods.includes(method)) return notServed(`${method} ${operation}`, insteadOf(operation));
  return new RestError(405, 'NotAllowedException', 'HTTP 405 Method Not Allowed', { code: null });
}
