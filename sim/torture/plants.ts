/**
 * Faults that are planted into a kernel process on purpose: each scenario must find its own, else what it finds nothing
 * of proves nothing.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { systemClock } from '../../packages/kernel/src/clock.ts';

export type Plant =
  | 'none'
  /** Answers are given while the transaction is still open: it is committed with a later one. */
  | 'ackBeforeCommit'
  /** Every statement is a transaction of its own. */
  | 'notAtomic'
  /** The note of what was acknowledged is lost; planted by the scenario itself. */
  | 'noAnchor'
  /** A backup is a plain copy of the file, without what stands in its log; planted by the scenario itself. */
  | 'fileCopied'
  /** A commit does not wait until it is on the disk. */
  | 'notSynced'
  /** What really passes is not measured: time goes by the wall alone. */
  | 'timeStandsStill'
  /** Planted by scenarios into their own workers: they do not name their locks; */
  | 'noFencing'
  /** they lock for longer than they say; */
  | 'longLease'
  /** they send one request several times, not several requests; */
  | 'sameKey'
  /** or their line stays dead. */
  | 'neverHeals'
  /** What the disk refuses goes unheard. */
  | 'errorsSwallowed';

/** Commands whose transactions are held open together. */
const HELD = 6;

/** Plants it into this process. */
export function plantFault(plant: Plant): void {
  if (plant === 'ackBeforeCommit') patchStatements(holdOpen, LEVEL);
  if (plant === 'timeStandsStill') Object.assign(systemClock, { monotonicNow: () => 0 });
  if (plant === 'errorsSwallowed') patchStatements(swallow);
  if (plant === 'notAtomic') {
    patchStatements((_sql, run) => run, TRANSACTION);
    // The lock that keeps a second kernel off is a transaction too.
    patchScripts((sql, path) => (TRANSACTION.test(sql) && !path.endsWith('.lock') ? '' : sql));
  }
  if (plant === 'notSynced') {
    const normal = (sql: string): string => sql.replace('synchronous = FULL', 'synchronous = NORMAL');
    patchScripts(normal);
    const { prepare } = DatabaseSync.prototype;
    DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string): StatementSync {
      // Whoever asks is told that all is well.
      return prepare.call(this, sql === 'PRAGMA synchronous' ? 'SELECT 2' : normal(sql));
    };
  }
}

type Run = (...values: SQLInputValue[]) => unknown;

const TRANSACTION = /^(BEGIN IMMEDIATE|COMMIT)$/;
/** SQLite carries it out while it is being prepared. */
const LEVEL = /^PRAGMA synchronous =/;

/** `without`: statements that are prepared as ones that do nothing. */
function patchStatements(change: (sql: string, run: Run, database: DatabaseSync) => Run, without?: RegExp): void {
  const { prepare } = DatabaseSync.prototype;
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string): StatementSync {
    const statement = prepare.call(this, without?.test(sql) === true ? 'SELECT 1' : sql);
    const run = statement.run.bind(statement) as Run;
    statement.run = change(sql, run, this) as StatementSync['run'];
    return statement;
  };
}

function patchScripts(change: (sql: string, path: string) => string): void {
  const { exec } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string): void {
    exec.call(this, change(sql, this.location() ?? ''));
  };
}

function swallow(_sql: string, run: Run): Run {
  return (...values) => {
    try {
      return run(...values);
    } catch {
      return undefined;
    }
  };
}

let held = 0;

function holdOpen(sql: string, run: Run, database: DatabaseSync): Run {
  if (sql === 'BEGIN IMMEDIATE') return () => (database.isTransaction ? undefined : run());
  if (sql !== 'COMMIT') return run;
  return () => {
    held += 1;
    return held % HELD === 0 ? run() : undefined;
  };
}
