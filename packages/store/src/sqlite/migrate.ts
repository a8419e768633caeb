/** Brings the file to the format of this code: numbered, append-only steps, a step and its number in one transaction. */
import type { DatabaseSync } from 'node:sqlite';
import { initial } from './migrations/0001-initial.ts';
import { wholeBpmn } from './migrations/0002-whole-bpmn.ts';
import { instanceParts } from './migrations/0003-instance-parts.ts';
import { answers } from './migrations/0004-answers.ts';
import { manyRows } from './migrations/0005-many-rows.ts';
import { requiredDecisions } from './migrations/0006-required-decisions.ts';
import { historyInTheLog } from './migrations/0007-history-in-the-log.ts';
import { identities } from './migrations/0008-identities.ts';
import { largeValues } from './migrations/0009-large-values.ts';
import { topicServers } from './migrations/0010-topic-servers.ts';
import { controls } from './migrations/0011-controls.ts';
import { turns } from './migrations/0012-turns.ts';
import { notes } from './migrations/0013-notes.ts';
import { shortRecords } from './migrations/0014-short-records.ts';

export interface Migration {
  /** The format that the file has afterwards. */
  readonly format: number;
  readonly sql: string;
}

/** In order; never change one that was released. */
export const MIGRATIONS: readonly Migration[] = [
  initial,
  wholeBpmn,
  instanceParts,
  answers,
  manyRows,
  requiredDecisions,
  historyInTheLog,
  identities,
  largeValues,
  topicServers,
  controls,
  turns,
  notes,
  shortRecords,
];

/** A new file gets all steps at once, and one sync instead of one for each; what is interrupted leaves it empty. */
export function migrate(database: DatabaseSync, formatNow: number): void {
  const pending = MIGRATIONS.filter(({ format }) => format > formatNow);
  const transactions = formatNow === 0 ? [pending] : pending.map((step) => [step]);
  for (const steps of transactions) {
    database.exec('BEGIN IMMEDIATE');
    try {
      for (const { format, sql } of steps) database.exec(`${sql}; PRAGMA user_version = ${format};`);
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }
}
