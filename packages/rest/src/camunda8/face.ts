/** The Camunda 8 face: every resource it serves, and what it says about paths that it does not. */
import type { Declare } from '../call.ts';
import { batchOperationRoutes } from './batch-operations/routes.ts';
import { clockRoutes } from './clock/routes.ts';
import { clusterRoutes } from './cluster/routes.ts';
import { conditionalRoutes } from './conditional/routes.ts';
import { decisionRoutes } from './decisions/routes.ts';
import { deploymentRoutes } from './deployment/routes.ts';
import { elementInstanceRoutes } from './element-instance/routes.ts';
import { notFound, notServed, Problem } from './errors.ts';
import { incidentRoutes } from './incident/routes.ts';
import { insteadOf } from './instead.ts';
import { jobRoutes } from './job/routes.ts';
import { camunda8Methods } from './known-operations.ts';
import { messageRoutes } from './message/routes.ts';
import { PREFIX } from './prefix.ts';
import { processDefinitionRoutes } from './process-definition/routes.ts';
import { processInstanceRoutes } from './process-instance/routes.ts';
import { searchRoutes } from './search/routes.ts';
import { userTaskRoutes } from './user-tasks/routes.ts';

export function camunda8Routes(route: Declare): void {
  clusterRoutes(route);
  clockRoutes(route);
  deploymentRoutes(route);
  processDefinitionRoutes(route);
  jobRoutes(route);
  messageRoutes(route);
  conditionalRoutes(route);
  elementInstanceRoutes(route);
  incidentRoutes(route);
  processInstanceRoutes(route);
  userTaskRoutes(route);
  decisionRoutes(route);
  searchRoutes(route);
  batchOperationRoutes(route);
}

/** Why there is nothing: no such path in Camunda 8, another method, or an operation that is not served. */
export function unknownPath(method: string, url: string): Problem {
  const path = (url.split('?')[0] ?? '').replace(/\/{2,}/g, '/').slice(PREFIX.length);
  const methods = camunda8Methods(path);
  if (methods === undefined) return notFound(`There is nothing at ${method} ${PREFIX}${path}: check path and method`);
  if (methods.includes(method)) return notServed(`${method} ${path}`, insteadOf(path));
  return new Problem('METHOD_NOT_ALLOWED', `${PREFIX}${path} has ${methods.join(' and ')}, not ${method}`);
}
