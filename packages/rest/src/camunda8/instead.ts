/** What there is instead of operations that are not served, as their refusal says it. A test compares it with docs/compatibility-camunda8.md, and what it names with what there is. */
import { adviceBy } from '../published-operations.ts';

const USERS =
  'users, groups, roles and access tokens are changed by a process of the system, see POST /api/identity-changes and the commands procos user, procos group, procos role and procos token; GET /api/identities lists them';
const AUDIT =
  'every change is in the record log with who made it, see GET /api/events, or GET /engine-rest/history/user-operation for what people did';
const RETENTION = 'the retention removes them, see the settings history-days and log-days';
const FIGURES =
  'figures are at GET /api/topics, GET /api/workers and GET /api/system, see the commands procos topic, procos workers and procos top';

/** By beginnings of paths. */
export const INSTEAD: Readonly<Record<string, string>> = {
  '/audit-logs': AUDIT,
  '/user-tasks/{userTaskKey}/audit-logs': AUDIT,
  '/authorizations': `roles permit actions; ${USERS}`,
  '/groups': USERS,
  '/roles': USERS,
  '/users': USERS,
  '/mapping-rules': USERS,
  '/setup': `the first administrator is made by the command procos user; ${USERS}`,
  '/tenants': 'a tenant is a label that a deployment gives to what it brings (tenantId), it need not be created',
  '/process-instances/deletion':
    'one at a time by POST /v2/process-instances/{processInstanceKey}/deletion, or the retention removes them, see the setting history-days',
  '/cluster-variables':
    'there are none: give variables to the process instance, or secrets to the workers by their settings',
  '/global-task-listeners': 'there are none: a model names its listeners, and GET /api/events tells of every user task',
  '/documents': 'there is no store of documents: a variable may be a file of up to 100 MB',
  '/expression': 'expressions come from deployed models only; the command procos check reads those of a file',
  '/correlated-message-subscriptions':
    'what was correlated is in the record log, see GET /api/events (messageCorrelated)',
  '/decision-instances/deletion': RETENTION,
  '/decision-instances/{decisionEvaluationKey}/deletion': RETENTION,
  '/jobs/statistics': FIGURES,
  '/system': FIGURES,
};

export const insteadOf: (path: string) => string | undefined = adviceBy(INSTEAD);
