/** Format 14: records are written as short text, which earlier versions cannot read. Those that are there stay as they are. */
import type { Migration } from '../migrate.ts';

export const shortRecords: Migration = { format: 14, sql: '' };
