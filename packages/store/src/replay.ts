/** The state that the log tells, row by row beside the one that is kept: a row has no checksum of its own. */
import { isDeepStrictEqual } from 'node:util';
import { apply, type State } from '@procos/engine';
import type { Backend, BackendTable } from './backend.ts';
import { recordOf } from './chain.ts';
import { Health } from './health.ts';
import { createMemoryBackend } from './memory/backend.ts';
import type { Cell, Cells, Spec } from './spec.ts';
import { CLOCK_PINNED_AT, createStateTables, ROOT_INSTANCE } from './state.ts';
import { STATE } from './tables/state-tables.ts';

/** Of records that may have megabytes each. */
const CHUNK = 16;

/** What a migration has put into a column of rows that were there already. */
export type Defaults = (table: string, column: string) => Cell;

/**
 * What is wrong with the state; null when it is what the log tells. Reads everything and holds the whole state in memory.
 * Where events of an earlier version tell nothing of a column, its default is right.
 */
export function differenceFromLog(kept: Backend, defaults: Defaults): string | null {
  const replayed = replay(kept);
  for (const spec of STATE) {
    const difference = firstDifference(spec, kept.table(spec), replayed.table(spec), defaults);
    if (difference !== null) return difference;
  }
  const root = [kept, replayed].map((backend) => backend.value(ROOT_INSTANCE));
  if (root[0] !== root[1]) return `PID 1 is kept as ${root[0]}, the log says ${root[1]}`;
  const pinned = [kept, replayed].map((backend) => backend.value(CLOCK_PINNED_AT));
  return pinned[0] === pinned[1] ? null : `the clock is kept as pinned to ${pinned[0]}, the log says ${pinned[1]}`;
}

function replay({ log }: Backend): Backend {
  const backend = createMemoryBackend();
  const { state: ports, all } = createStateTables(backend, new Health(), Number.POSITIVE_INFINITY);
  const state: State = { ...ports, singletons: { rootInstanceId: null, clockPinnedAt: null } };
  let sequence = 0;
  for (;;) {
    const entries = log.read(sequence, CHUNK);
    for (const record of entries.map(recordOf)) {
      for (const event of record.events) apply(state, event, record.at);
      sequence = record.sequence;
    }
    for (const table of all) {
      table.write();
      table.settle(Number.POSITIVE_INFINITY);
    }
    if (entries.length < CHUNK) break;
  }
  backend.setValue(ROOT_INSTANCE, state.singletons.rootInstanceId);
  backend.setValue(CLOCK_PINNED_AT, state.singletons.clockPinnedAt);
  return backend;
}

function firstDifference(
  spec: Spec<never>,
  kept: BackendTable,
  replayed: BackendTable,
  defaults: Defaults,
): string | null {
  const columns = ['id', ...spec.columns.map(({ name }) => name)].map((name) => defaults(spec.name, name));
  const others = rowsOf(replayed, -1);
  let other = others.next();
  for (const row of rowsOf(kept, CHUNK)) {
    const told: Cells | undefined = other.value;
    const id = Number(row[0]);
    if (told === undefined || id < Number(told[0])) return `${spec.name} ${id} is kept, but the log has ended it`;
    if (id > Number(told[0])) break;
    if (!isSame(spec, row, filled(told, row, columns))) return `${spec.name} ${id} is not what the log tells`;
    other = others.next();
  }
  return other.value === undefined ? null : `${spec.name} ${other.value[0]} is missing`;
}

function filled(told: Cells, kept: Cells, columns: readonly Cell[]): Cells {
  return told.map((cell, index) => {
    const standard = columns[index] ?? null;
    return cell === null && kept[index] === standard ? standard : cell;
  });
}

/** Text may have its fields in another order. */
function isSame(spec: Spec<never>, kept: Cells, told: Cells): boolean {
  if (kept.every((cell, index) => cell === told[index])) return true;
  try {
    return isDeepStrictEqual(spec.decode(kept), spec.decode(told));
  } catch {
    return false;
  }
}

/** Ascending by id; so many at once, -1: all. */
function* rowsOf(table: BackendTable, atOnce: number): Generator<Cells, undefined> {
  for (let after = Number.MIN_SAFE_INTEGER; ; ) {
    const where = [{ column: 'id', op: '>', value: after }] as const;
    const rows = table.find({ where, orderBy: [], offset: 0, limit: atOnce });
    yield* rows;
    if (atOnce < 0 || rows.length < atOnce) return;
    after = Number(rows.at(-1)?.[0]);
  }
}
