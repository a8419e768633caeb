/** Counts what a workload asks of the disk: SQL statements, rows written, bytes of the record log, synced commits. They do not depend on the machine. */
import { StatementSync } from 'node:sqlite';

export interface Counts {
  /** Executions of any SQL statement. */
  readonly statements: number;
  /** Rows inserted, updated or deleted. */
  readonly rows: number;
  /** UTF-8 bytes of the bodies of records. */
  readonly logBytes: number;
  /** Commits that wait for the disk. */
  readonly syncs: number;
}

/** Counts, and the text of every statement that was executed, parameters as `?`, with how often. */
export interface Counted extends Counts {
  readonly texts: ReadonlyMap<string, number>;
  /** Of these, those with a limit that were executed without one (-1). */
  readonly unlimited: ReadonlySet<string>;
}

type Method = (this: StatementSync, ...values: unknown[]) => unknown;

/** Every statement of this process between start and end of `work` counts. */
export async function counting(work: () => Promise<void>): Promise<Counted> {
  const texts = new Map<string, number>();
  const unlimited = new Set<string>();
  const counts = { statements: 0, rows: 0, logBytes: 0, syncs: 0 };
  let synced = true;
  const methods = StatementSync.prototype as unknown as Record<'run' | 'get' | 'all', Method>;
  const { run, get, all } = methods;
  const note = (sql: string, values: readonly unknown[], result: unknown) => {
    texts.set(sql, (texts.get(sql) ?? 0) + 1);
    counts.statements += 1;
    if (sql.endsWith(' LIMIT ? OFFSET ?') && Number(values.at(-2)) < 0) unlimited.add(sql);
    const pragma = /^PRAGMA synchronous = (\w+)/.exec(sql);
    if (pragma !== null) synced = pragma[1] === 'FULL';
    else if (sql === 'COMMIT') counts.syncs += synced ? 1 : 0;
    else if (/^(INSERT|UPDATE|DELETE)/.test(sql)) {
      counts.rows += Number((result as { readonly changes?: number | bigint }).changes);
      if (sql.startsWith('INSERT INTO records')) counts.logBytes += Buffer.byteLength(String(values[3]));
    }
  };
  const counted = (method: Method): Method =>
    function (...values) {
      const result = method.apply(this, values);
      note(this.sourceSQL, values, result);
      return result;
    };
  Object.assign(methods, { run: counted(run), get: counted(get), all: counted(all) });
  try {
    await work();
  } finally {
    Object.assign(methods, { run, get, all });
  }
  return { ...counts, texts, unlimited };
}
