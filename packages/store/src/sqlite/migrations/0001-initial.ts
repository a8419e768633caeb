/** Format 1: the record log, the live state, and the views that follow the log. */
import type { Migration } from '../migrate.ts';

export const initial: Migration = {
  format: 1,
  sql: `
PRAGMA application_id = 0x50724f53;

CREATE TABLE records (sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, hash TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE singletons (name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;

CREATE TABLE deployments (id INTEGER PRIMARY KEY, name TEXT, source TEXT, tenantId TEXT, deployedAt INTEGER, rest TEXT);
CREATE INDEX deploymentsByName ON deployments (name, tenantId);

CREATE TABLE definitions (id INTEGER PRIMARY KEY, bpmnProcessId TEXT, tenantId TEXT, version INTEGER, versionTag TEXT,
  deploymentId INTEGER, rest TEXT);
CREATE INDEX definitionsByProcess ON definitions (bpmnProcessId, tenantId, version DESC);
CREATE INDEX definitionsByDeployment ON definitions (deploymentId);

CREATE TABLE instances (id INTEGER PRIMARY KEY, rest TEXT);

CREATE TABLE externalTasks (id INTEGER PRIMARY KEY, topic TEXT, processInstanceId INTEGER, elementInstanceId INTEGER,
  elementId TEXT, definitionId INTEGER, bpmnProcessId TEXT, businessKey TEXT, tenantId TEXT, createdAt INTEGER,
  priority INTEGER, retries INTEGER, workerId TEXT, availableAt INTEGER, lockCount INTEGER, errorMessage TEXT,
  errorDetails TEXT, rest TEXT);
CREATE INDEX externalTasksByAge ON externalTasks (topic, availableAt) WHERE retries IS NOT 0;
CREATE INDEX externalTasksByPriority ON externalTasks (topic, availableAt, priority DESC) WHERE retries IS NOT 0;
CREATE INDEX externalTasksOfInstance ON externalTasks (processInstanceId);

CREATE TABLE userTasks (id INTEGER PRIMARY KEY, processInstanceId INTEGER, elementInstanceId INTEGER, elementId TEXT,
  definitionId INTEGER, bpmnProcessId TEXT, tenantId TEXT, name TEXT, createdAt INTEGER, assignee TEXT,
  candidateUsers TEXT, candidateGroups TEXT, dueAt INTEGER, followUpAt INTEGER, priority INTEGER, formKey TEXT,
  formId TEXT, rest TEXT);
CREATE INDEX userTasksOfInstance ON userTasks (processInstanceId);
CREATE INDEX userTasksOfAssignee ON userTasks (assignee) WHERE assignee IS NOT NULL;

CREATE TABLE timers (id INTEGER PRIMARY KEY, dueAt INTEGER, repeat TEXT, definitionId INTEGER,
  processInstanceId INTEGER, elementInstanceId INTEGER, elementId TEXT, rest TEXT);
CREATE INDEX timersDue ON timers (dueAt);
CREATE INDEX startTimers ON timers (definitionId) WHERE processInstanceId IS NULL;
CREATE INDEX timersOfInstance ON timers (processInstanceId) WHERE processInstanceId IS NOT NULL;

CREATE TABLE subscriptions (id INTEGER PRIMARY KEY, kind TEXT, name TEXT, correlationKey TEXT, definitionId INTEGER,
  bpmnProcessId TEXT, processInstanceId INTEGER, elementInstanceId INTEGER, elementId TEXT, businessKey TEXT,
  tenantId TEXT, createdAt INTEGER, rest TEXT);
CREATE INDEX subscriptionsByName ON subscriptions (name, kind);
CREATE INDEX subscriptionsByKey ON subscriptions (name, correlationKey) WHERE correlationKey IS NOT NULL;
CREATE INDEX startSubscriptions ON subscriptions (definitionId) WHERE processInstanceId IS NULL;
CREATE INDEX subscriptionsOfInstance ON subscriptions (processInstanceId) WHERE processInstanceId IS NOT NULL;

CREATE TABLE messages (id INTEGER PRIMARY KEY, name TEXT, correlationKey TEXT, expiresAt INTEGER, rest TEXT);
CREATE INDEX messagesByKey ON messages (name, correlationKey);
CREATE INDEX messagesExpired ON messages (expiresAt);

CREATE TABLE incidents (id INTEGER PRIMARY KEY, kind TEXT, processInstanceId INTEGER, elementInstanceId INTEGER,
  elementId TEXT, definitionId INTEGER, bpmnProcessId TEXT, tenantId TEXT, createdAt INTEGER, message TEXT,
  externalTaskId INTEGER, step TEXT, rest TEXT);
CREATE INDEX incidentsOfTask ON incidents (externalTaskId) WHERE externalTaskId IS NOT NULL;
CREATE INDEX incidentsOfInstance ON incidents (processInstanceId);

CREATE TABLE definitionViews (id INTEGER PRIMARY KEY, bpmnProcessId TEXT, version INTEGER, versionTag TEXT, name TEXT,
  deploymentId INTEGER, resourceName TEXT, tenantId TEXT, deployedAt INTEGER, checksum TEXT, latest INTEGER, rest TEXT);
CREATE INDEX latestDefinitions ON definitionViews (bpmnProcessId, tenantId) WHERE latest IS 1;

CREATE TABLE processInstances (id INTEGER PRIMARY KEY, definitionId INTEGER, bpmnProcessId TEXT, version INTEGER,
  businessKey TEXT, tenantId TEXT, state TEXT, startedAt INTEGER, endedAt INTEGER, startElementId TEXT, rootId INTEGER,
  parentId INTEGER, parentElementInstanceId INTEGER, reason TEXT, startedBy TEXT, incidents INTEGER, rest TEXT);
CREATE INDEX processInstancesByState ON processInstances (state);
CREATE INDEX processInstancesOfDefinition ON processInstances (definitionId);
CREATE INDEX processInstancesByBusinessKey ON processInstances (businessKey) WHERE businessKey IS NOT NULL;
CREATE INDEX processInstancesOfParent ON processInstances (parentId) WHERE parentId IS NOT NULL;

CREATE TABLE elementInstances (id INTEGER PRIMARY KEY, processInstanceId INTEGER, definitionId INTEGER,
  bpmnProcessId TEXT, elementId TEXT, elementName TEXT, elementType TEXT, scopeId INTEGER, startedAt INTEGER,
  endedAt INTEGER, outcome TEXT, calledInstanceId INTEGER, externalTaskId INTEGER, userTaskId INTEGER, assignee TEXT,
  loopIndex INTEGER, sequence INTEGER, rest TEXT);
CREATE INDEX elementInstancesOfInstance ON elementInstances (processInstanceId);
CREATE INDEX activeElementsOfDefinition ON elementInstances (definitionId) WHERE endedAt IS NULL;

CREATE TABLE variables (id INTEGER PRIMARY KEY, processInstanceId INTEGER, scopeId INTEGER, name TEXT, type TEXT,
  value TEXT, info TEXT, createdAt INTEGER, updatedAt INTEGER, updatedBy TEXT, live INTEGER, rest TEXT);
CREATE INDEX variablesOfInstance ON variables (processInstanceId, scopeId, name);

CREATE TABLE incidentHistory (id INTEGER PRIMARY KEY, kind TEXT, processInstanceId INTEGER, elementInstanceId INTEGER,
  elementId TEXT, definitionId INTEGER, bpmnProcessId TEXT, message TEXT, createdAt INTEGER, resolvedAt INTEGER,
  state TEXT, rest TEXT);
CREATE INDEX incidentHistoryOfInstance ON incidentHistory (processInstanceId);
`,
};
