/** Format 4: answers to requests that came with a key. */
import type { Migration } from '../migrate.ts';

export const answers: Migration = {
  format: 4,
  sql: `
CREATE TABLE answers (id INTEGER PRIMARY KEY, key TEXT, fingerprint TEXT, outcome TEXT, expiresAt INTEGER, rest TEXT);
CREATE INDEX answersByKey ON answers (key);
CREATE INDEX answersExpired ON answers (expiresAt);
`,
};
