/** Format 7: what is over in a process instance has no rows where few records hold it, and is counted. Rows of older instances stay as they are. */
import type { Migration } from '../migrate.ts';

export const historyInTheLog: Migration = {
  format: 7,
  sql: `
CREATE TABLE endedVisits (id INTEGER PRIMARY KEY, definitionId INTEGER, bpmnProcessId TEXT, elementId TEXT,
  elementName TEXT, elementType TEXT, outcome TEXT, count INTEGER, rest TEXT);
`,
};
