/**
 * Counts anew what had been counted under numbers that SQLite keeps and a number of ours does not: of definitions with
 * identities beyond 2^33, as every store had them that was restored, rows of several elements became one that nobody could read.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Backend } from '../backend.ts';
import { recordOf } from '../chain.ts';
import { Health } from '../health.ts';
import { endedElements } from '../history/replay.ts';
import { LARGE_DEFINITION, Tally } from '../history/tally.ts';
import { Table } from '../table.ts';
import { definitions as definitionRows } from '../tables/state-tables.ts';
import { endedVisits, processInstances } from '../tables/view-tables.ts';

const CHUNK = 1_000;
const UNREADABLE = `FROM endedVisits WHERE id > ${Number.MAX_SAFE_INTEGER}`;

/** Before anything else is read or written. Costs one search where there is nothing to do. */
export function recount(database: DatabaseSync, backend: Backend): void {
  if (database.prepare(`SELECT 1 ${UNREADABLE} LIMIT 1`).get() === undefined) return;
  const health = new Health();
  const counts = new Table(endedVisits, backend.table(endedVisits), health);
  const definitions = new Table(definitionRows, backend.table(definitionRows), health);
  const modelOf = (id: number) => definitions.get(id)?.model;
  backend.transaction('durable', () => {
    database.exec(`DELETE ${UNREADABLE}`);
    const tally = new Tally(counts, modelOf);
    for (let after = 0; ; ) {
      const where = [
        { column: 'definitionId', op: '>=', value: LARGE_DEFINITION },
        { column: 'id', op: '>', value: after },
      ] as const;
      const query = { where, orderBy: [{ column: 'id' }], offset: 0, limit: CHUNK };
      const rows = backend
        .table(processInstances)
        .find(query)
        .map((cells) => processInstances.decode(cells));
      for (const instance of rows) {
        after = instance.id;
        const records = (instance.keptIn ?? []).flatMap((sequence) => backend.log.read(sequence - 1, 1).map(recordOf));
        for (const row of endedElements(instance, records, modelOf)) tally.add(row, 1);
      }
      if (rows.length < CHUNK) break;
    }
    tally.put();
    counts.write();
  });
}
