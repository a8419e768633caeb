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
/** About two seconds of work. */
const TOLD_EVERY = 100_000;
const UNREADABLE = `FROM endedVisits WHERE id > ${Number.MAX_SAFE_INTEGER}`;

/**
 * Before anything else is read or written. Costs one search where there is nothing to do; else it is said how far it is,
 * since a million instances take half a minute. What ends it leaves all of it to the next start.
 */
export function recount(database: DatabaseSync, backend: Backend, tell: (text: string) => void): void {
  if (database.prepare(`SELECT 1 ${UNREADABLE} LIMIT 1`).get() === undefined) return;
  const health = new Health();
  const counts = new Table(endedVisits, backend.table(endedVisits), health);
  const definitions = new Table(definitionRows, backend.table(definitionRows), health);
  const large = { column: 'definitionId', op: '>=', value: LARGE_DEFINITION } as const;
  const instances = backend.table(processInstances);
  const all = instances.count({ where: [large], orderBy: [], offset: 0, limit: -1 });
  tell(`What has ended in ${all} process instances is counted anew, once: an earlier version had counted it wrongly.`);
  const modelOf = (id: number) => definitions.get(id)?.model;
  backend.transaction('durable', () => {
    database.exec(`DELETE ${UNREADABLE}`);
    const tally = new Tally(counts, modelOf);
    for (let after = 0, done = 0; ; ) {
      const where = [large, { column: 'id', op: '>', value: after }] as const;
      const query = { where, orderBy: [{ column: 'id' }], offset: 0, limit: CHUNK };
      const rows = instances.find(query).map((cells) => processInstances.decode(cells));
      for (const instance of rows) {
        after = instance.id;
        const records = (instance.keptIn ?? []).flatMap((sequence) => backend.log.read(sequence - 1, 1).map(recordOf));
        for (const row of endedElements(instance, records, modelOf)) tally.add(row, 1);
      }
      done += rows.length;
      if (rows.length < CHUNK) break;
      if (done % TOLD_EVERY === 0) tell(`${done} of ${all} process instances are counted anew.`);
    }
    tally.put();
    counts.write();
  });
  tell(`All ${all} process instances are counted anew.`);
}
