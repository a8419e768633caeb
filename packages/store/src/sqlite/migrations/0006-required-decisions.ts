/** Format 6: rows of decisions that were evaluated because another one requires them. */
import type { Migration } from '../migrate.ts';

export const requiredDecisions: Migration = {
  format: 6,
  sql: `
ALTER TABLE decisionInstances ADD COLUMN rootId INTEGER;
CREATE INDEX decisionInstancesOfRoot ON decisionInstances (rootId) WHERE rootId IS NOT NULL;
`,
};
