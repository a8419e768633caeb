/** Format 5: indexes for what is asked beside a million waiting or ended instances. */
import type { Migration } from '../migrate.ts';

export const manyRows: Migration = {
  format: 5,
  sql: `
CREATE INDEX startSubscriptionsByName ON subscriptions (name, kind) WHERE processInstanceId IS NULL;
CREATE INDEX subscriptionsByBusinessKey ON subscriptions (name, businessKey) WHERE businessKey IS NOT NULL;

CREATE INDEX heldExternalTasks ON externalTasks (workerId) WHERE workerId IS NOT NULL;

CREATE INDEX processInstancesByProcess ON processInstances (bpmnProcessId);
CREATE INDEX runningInstancesByProcess ON processInstances (bpmnProcessId) WHERE endedAt IS NULL;
CREATE INDEX runningInstancesOfDefinition ON processInstances (definitionId) WHERE endedAt IS NULL;
CREATE INDEX suspendedInstances ON processInstances (state) WHERE suspended = 1;

DROP INDEX activeElementsOfDefinition;
CREATE INDEX activeElementsOfDefinition ON elementInstances (definitionId, elementId) WHERE endedAt IS NULL;
CREATE INDEX incidentsOfDefinition ON incidents (definitionId, elementId);
`,
};
