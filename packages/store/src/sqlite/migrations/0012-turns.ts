/** Format 12: the first free task of each definition is found by its priority. */
import type { Migration } from '../migrate.ts';

export const turns: Migration = {
  format: 12,
  sql: `
DROP INDEX freeTasksOfProcess;
CREATE INDEX freeTasksOfDefinition ON externalTasks (topic, definitionId, priority DESC)
  WHERE retries IS NOT 0 AND suspended IS 0 AND availableAt IS 0;
`,
};
