/** Format 10: who does the tasks of a topic, where that is not simply workers. */
import type { Migration } from '../migrate.ts';

export const topicServers: Migration = {
  format: 10,
  sql: `
CREATE TABLE topicServers (id INTEGER PRIMARY KEY, topic TEXT, tenantId TEXT, bpmnProcessId TEXT, chosen INTEGER, rest TEXT);
CREATE INDEX topicServersByTopic ON topicServers (topic, tenantId);
`,
};
