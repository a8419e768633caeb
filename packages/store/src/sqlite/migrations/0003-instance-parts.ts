/** Format 3: large instances are kept in parts. */
import type { Migration } from '../migrate.ts';

export const instanceParts: Migration = {
  format: 3,
  sql: `
CREATE TABLE instanceParts (id INTEGER PRIMARY KEY, instanceId INTEGER, rest TEXT);
CREATE INDEX partsOfInstance ON instanceParts (instanceId);
`,
};
