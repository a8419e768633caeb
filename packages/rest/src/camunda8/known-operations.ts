/** The operations of the Camunda 8 REST API (8.9), so that one that is not served can be told from one that does not exist. */
import { type Operations, operationsOf } from '../published-operations.ts';

/** Paths by the methods that they have. */
const PATHS: Readonly<Record<string, string>> = {
  DELETE: `
    /user-tasks/{userTaskKey}/assignee
  `,
  'DELETE GET': `
    /documents/{documentId}
  `,
  'DELETE GET PUT': `
    /authorizations/{authorizationKey} /cluster-variables/global/{name} /cluster-variables/tenants/{tenantId}/{name}
    /global-task-listeners/{id} /groups/{groupId} /mapping-rules/{mappingRuleId} /roles/{roleId} /tenants/{tenantId}
    /users/{username}
  `,
  'DELETE PUT': `
    /groups/{groupId}/clients/{clientId} /groups/{groupId}/mapping-rules/{mappingRuleId}
    /groups/{groupId}/users/{username} /roles/{roleId}/clients/{clientId} /roles/{roleId}/groups/{groupId}
    /roles/{roleId}/mapping-rules/{mappingRuleId} /roles/{roleId}/users/{username}
    /tenants/{tenantId}/clients/{clientId} /tenants/{tenantId}/groups/{groupId}
    /tenants/{tenantId}/mapping-rules/{mappingRuleId} /tenants/{tenantId}/roles/{roleId}
    /tenants/{tenantId}/users/{username}
  `,
  GET: `
    /audit-logs/{auditLogKey} /authentication/me /batch-operations/{batchOperationKey}
    /decision-definitions/{decisionDefinitionKey} /decision-definitions/{decisionDefinitionKey}/xml
    /decision-instances/{decisionEvaluationInstanceKey} /decision-requirements/{decisionRequirementsKey}
    /decision-requirements/{decisionRequirementsKey}/xml /element-instances/{elementInstanceKey}
    /incidents/{incidentKey} /jobs/statistics/global /license /process-definitions/{processDefinitionKey}
    /process-definitions/{processDefinitionKey}/form /process-definitions/{processDefinitionKey}/xml
    /process-instances/{processInstanceKey} /process-instances/{processInstanceKey}/call-hierarchy
    /process-instances/{processInstanceKey}/sequence-flows
    /process-instances/{processInstanceKey}/statistics/element-instances /resources/{resourceKey}
    /resources/{resourceKey}/content /status /system/configuration /system/usage-metrics /topology
    /user-tasks/{userTaskKey}/form /variables/{variableKey}
  `,
  'GET PATCH': `
    /user-tasks/{userTaskKey}
  `,
  PATCH: `
    /jobs/{jobKey}
  `,
  POST: `
    /audit-logs/search /authorizations /authorizations/search /batch-operation-items/search /batch-operations/search
    /batch-operations/{batchOperationKey}/cancellation /batch-operations/{batchOperationKey}/resumption
    /batch-operations/{batchOperationKey}/suspension /clock/reset /cluster-variables/global
    /cluster-variables/search /cluster-variables/tenants/{tenantId} /conditionals/evaluation
    /correlated-message-subscriptions/search /decision-definitions/evaluation /decision-definitions/search
    /decision-instances/deletion /decision-instances/search /decision-instances/{decisionEvaluationKey}/deletion
    /decision-requirements/search /deployments /documents /documents/batch /documents/{documentId}/links
    /element-instances/ad-hoc-activities/{adHocSubProcessInstanceKey}/activation /element-instances/search
    /element-instances/{elementInstanceKey}/incidents/search /expression/evaluation /global-task-listeners
    /global-task-listeners/search /groups /groups/search /groups/{groupId}/clients/search
    /groups/{groupId}/mapping-rules/search /groups/{groupId}/roles/search /groups/{groupId}/users/search
    /incidents/search /incidents/statistics/process-instances-by-definition
    /incidents/statistics/process-instances-by-error /incidents/{incidentKey}/resolution /jobs/activation
    /jobs/search /jobs/statistics/by-types /jobs/statistics/by-workers /jobs/statistics/errors
    /jobs/statistics/time-series /jobs/{jobKey}/completion /jobs/{jobKey}/error /jobs/{jobKey}/failure
    /mapping-rules /mapping-rules/search /message-subscriptions/search /messages/correlation /messages/publication
    /process-definitions/search /process-definitions/statistics/message-subscriptions
    /process-definitions/statistics/process-instances /process-definitions/statistics/process-instances-by-version
    /process-definitions/{processDefinitionKey}/statistics/element-instances /process-instances
    /process-instances/cancellation /process-instances/deletion /process-instances/incident-resolution
    /process-instances/migration /process-instances/modification /process-instances/search
    /process-instances/{processInstanceKey}/cancellation /process-instances/{processInstanceKey}/deletion
    /process-instances/{processInstanceKey}/incident-resolution
    /process-instances/{processInstanceKey}/incidents/search /process-instances/{processInstanceKey}/migration
    /process-instances/{processInstanceKey}/modification /resources/{resourceKey}/deletion /roles /roles/search
    /roles/{roleId}/clients/search /roles/{roleId}/groups/search /roles/{roleId}/mapping-rules/search
    /roles/{roleId}/users/search /setup/user /signals/broadcast /tenants /tenants/search
    /tenants/{tenantId}/clients/search /tenants/{tenantId}/groups/search /tenants/{tenantId}/mapping-rules/search
    /tenants/{tenantId}/roles/search /tenants/{tenantId}/users/search /user-tasks/search
    /user-tasks/{userTaskKey}/assignment /user-tasks/{userTaskKey}/audit-logs/search
    /user-tasks/{userTaskKey}/completion /user-tasks/{userTaskKey}/effective-variables/search
    /user-tasks/{userTaskKey}/variables/search /users /users/search /variables/search
  `,
  PUT: `
    /clock /element-instances/{elementInstanceKey}/variables
  `,
};

const { all, methodsOf } = operationsOf(PATHS);

/** All of them, as `GET /task/{id}`. */
export const OPERATIONS: readonly string[] = all;

/** The methods that Camunda has for a path without the prefix of the face; undefined: no such path. */
export const camunda8Methods: Operations['methodsOf'] = methodsOf;
