/** Format 7: what is over in a process instance has no rows where few records hold it. Rows of older instances stay: only the number tells older versions, which would miss the rest. */
import type { Migration } from '../migrate.ts';

export const historyInTheLog: Migration = { format: 7, sql: '' };
