/** Format 2: decisions, suspension, errands, parts of events, and views of what decisions and warnings there were. */
import type { Migration } from '../migrate.ts';

export const wholeBpmn: Migration = {
  format: 2,
  sql: `
ALTER TABLE definitions ADD COLUMN suspended INTEGER DEFAULT 0;
ALTER TABLE definitionViews ADD COLUMN suspended INTEGER DEFAULT 0;
ALTER TABLE processInstances ADD COLUMN suspended INTEGER DEFAULT 0;

ALTER TABLE externalTasks ADD COLUMN suspended INTEGER DEFAULT 0;
ALTER TABLE externalTasks ADD COLUMN errand TEXT;
DROP INDEX externalTasksByAge;
DROP INDEX externalTasksByPriority;
CREATE INDEX externalTasksByAge ON externalTasks (topic, availableAt) WHERE retries IS NOT 0 AND suspended IS 0;
CREATE INDEX externalTasksByPriority ON externalTasks (topic, availableAt, priority DESC)
  WHERE retries IS NOT 0 AND suspended IS 0;

ALTER TABLE timers ADD COLUMN part INTEGER;
ALTER TABLE timers ADD COLUMN step TEXT;
ALTER TABLE timers ADD COLUMN priority INTEGER DEFAULT 0;
ALTER TABLE timers ADD COLUMN suspended INTEGER DEFAULT 0;
DROP INDEX timersDue;
CREATE INDEX timersDue ON timers (dueAt) WHERE suspended IS 0;

ALTER TABLE subscriptions ADD COLUMN part INTEGER;
ALTER TABLE messages ADD COLUMN once INTEGER DEFAULT 0;
ALTER TABLE messages ADD COLUMN takenBy TEXT DEFAULT '[]';

CREATE TABLE decisions (id INTEGER PRIMARY KEY, decisionId TEXT, tenantId TEXT, version INTEGER, versionTag TEXT,
  name TEXT, deploymentId INTEGER, resourceName TEXT, deployedAt INTEGER, checksum TEXT, rest TEXT);
CREATE INDEX decisionsById ON decisions (decisionId, tenantId, version DESC);
CREATE INDEX decisionsByDeployment ON decisions (deploymentId);

CREATE TABLE decisionInstances (id INTEGER PRIMARY KEY, decisionDefinitionId INTEGER, decisionId TEXT, version INTEGER,
  processInstanceId INTEGER, elementInstanceId INTEGER, elementId TEXT, evaluatedAt INTEGER, value TEXT, trace TEXT,
  rest TEXT);
CREATE INDEX decisionInstancesOfInstance ON decisionInstances (processInstanceId) WHERE processInstanceId IS NOT NULL;
CREATE INDEX decisionInstancesOfDecision ON decisionInstances (decisionId);

CREATE TABLE warnings (id INTEGER PRIMARY KEY, processInstanceId INTEGER, elementInstanceId INTEGER, elementId TEXT,
  message TEXT, at INTEGER, rest TEXT);
CREATE INDEX warningsOfInstance ON warnings (processInstanceId);
`,
};
