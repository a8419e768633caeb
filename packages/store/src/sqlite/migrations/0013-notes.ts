/** Format 13: what people say about tasks and instances, and queries for tasks that are kept under a name. */
import type { Migration } from '../migrate.ts';

export const notes: Migration = {
  format: 13,
  sql: `
CREATE TABLE notes (id INTEGER PRIMARY KEY, kind TEXT, processInstanceId INTEGER, userTaskId INTEGER, createdAt INTEGER, rest TEXT);
CREATE INDEX notesOfInstance ON notes (processInstanceId);
CREATE TABLE filters (id INTEGER PRIMARY KEY, name TEXT, owner TEXT, rest TEXT);
`,
};
