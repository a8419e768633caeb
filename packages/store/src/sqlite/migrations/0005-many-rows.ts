/** Format 5: indexes for what is asked beside a million waiting or ended instances. */
import type { Migration } from '../migrate.ts';

export const manyRows: Migration = {
  format: 5,
  sql: `
CREATE INDEX startSubscriptionsByName ON subscriptions (name, kind) WHERE processInstanceId IS NULL;
CREATE INDEX subscriptionsByBusinessKey ON subscriptions (name, businessKey) WHERE businessKey IS NOT NULL;

CREATE INDEX processInstancesByProcess ON processInstances (bpmnProcessId);
CREATE INDEX runningInstancesByProcess ON processInstances (bpmnProcessId) WHERE endedAt IS NULL;
`,
};
