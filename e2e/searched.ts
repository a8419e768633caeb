/** Asserts of SQL statements that they find their rows by a key or an index. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteStore } from '@procos/store';
import type { Counted } from '../bench/counters.ts';

/** A file with the tables and indexes of the present format, to ask for plans. */
function emptyStore(): { readonly database: DatabaseSync; [Symbol.dispose](): void } {
  const directory = mkdtempSync(join(tmpdir(), 'procos-plans-'));
  openSqliteStore({ directory }).close();
  const database = new DatabaseSync(join(directory, 'procos.db'));
  return {
    database,
    [Symbol.dispose]() {
      database.close();
      rmSync(directory, { recursive: true });
    },
  };
}

/** Rows that come as parameters, and those of a query inside, are none of a table. */
const SCAN = /^SCAN (?!\d+-ROW VALUES CLAUSE|json_each|\(subquery)(\w+)/;

/** None reads a table from end to end, but those that `mayScan` says of its table. Gives how many plans have been seen. */
export function assertSearched(
  { texts }: Pick<Counted, 'texts'>,
  mayScan: (table: string, text: string) => boolean = () => false,
): number {
  using store = emptyStore();
  let searches = 0;
  for (const text of texts.keys()) {
    if (!/^(SELECT|INSERT|UPDATE|DELETE)/.test(text)) continue;
    // Parameters are unbound, as where the statement is compiled.
    for (const row of store.database.prepare(`EXPLAIN QUERY PLAN ${text}`).all()) {
      const detail = String(row['detail']);
      const table = SCAN.exec(detail)?.[1];
      assert.ok(table === undefined || mayScan(table, text), `${detail}\n${text.slice(0, 1_000)}`);
      searches += 1;
    }
  }
  assert.ok(searches > 0);
  return searches;
}
