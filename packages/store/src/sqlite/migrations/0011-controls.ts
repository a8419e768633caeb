/** Format 11: what owners have set for definitions and tenants; indexes by which one that has much to do keeps no other one waiting. */
import type { Migration } from '../migrate.ts';

export const controls: Migration = {
  format: 11,
  sql: `
CREATE TABLE controls (id INTEGER PRIMARY KEY, target TEXT, limits TEXT, rest TEXT);
CREATE INDEX timersOfDefinition ON timers (definitionId, dueAt) WHERE suspended IS 0;
CREATE INDEX freeTasksOfProcess ON externalTasks (topic, bpmnProcessId)
  WHERE retries IS NOT 0 AND suspended IS 0 AND availableAt IS 0;
`,
};
