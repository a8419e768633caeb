/** Format 8: users, groups, roles, tokens, rules and approvals. */
import type { Migration } from '../migrate.ts';

export const identities: Migration = {
  format: 8,
  sql: `
CREATE TABLE identities (id INTEGER PRIMARY KEY, kind TEXT, name TEXT, rest TEXT);
CREATE INDEX identitiesByName ON identities (kind, name);
`,
};
