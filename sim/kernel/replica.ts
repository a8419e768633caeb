/** A second store that follows the durable log by replaying it: what the first one wrote must be the same, row by row. */
import { inspect, isDeepStrictEqual } from 'node:util';
import { apply, type LogRecord, type Rows } from '@procos/engine';
import type { Backend } from '../../packages/store/src/backend.ts';
import { recordOf } from '../../packages/store/src/chain.ts';
import { CoreStore } from '../../packages/store/src/core.ts';
import { FORMAT } from '../../packages/store/src/format.ts';
import { Health } from '../../packages/store/src/health.ts';
import type { Cells } from '../../packages/store/src/spec.ts';
import * as stateTables from '../../packages/store/src/tables/state-tables.ts';
import * as viewTables from '../../packages/store/src/tables/view-tables.ts';
import { type Change, Disk, type Frame, NO_FAULTS } from './disk.ts';

/** The names of the state's tables, those whose rows follow from the log by the appliers alone. */
const STATE: ReadonlySet<string> = new Set(
  [
    stateTables.deployments,
    stateTables.definitions,
    stateTables.decisions,
    stateTables.instances,
    stateTables.externalTasks,
    stateTables.userTasks,
    stateTables.timers,
    stateTables.subscriptions,
    stateTables.messages,
    stateTables.incidents,
  ].map(({ name }) => name),
);

const VIEWS: readonly string[] = [
  viewTables.definitionViews,
  viewTables.processInstances,
  viewTables.elementInstances,
  viewTables.variables,
  viewTables.incidentHistory,
  viewTables.decisionInstances,
  viewTables.warnings,
].map(({ name }) => name);

export class Replica {
  readonly store: CoreStore;
  readonly disk: Disk;
  #frame: Frame = [];

  constructor(disk: Disk = new Disk()) {
    this.disk = disk;
    this.store = openStore(
      this.disk.mount(NO_FAULTS, (frame) => {
        this.#frame = frame;
      }),
    );
  }

  /** Replays the records of a durable frame; gives them, and what its rows would have to be otherwise. */
  follow(frame: Frame): { readonly records: readonly LogRecord[]; readonly difference: string | null } {
    const entries = frame.flatMap((change) => (change.kind === 'append' ? [change.entry] : []));
    if (entries.length === 0) return { records: [], difference: null };
    const records = entries.map(recordOf);
    for (const record of records) for (const event of record.events) apply(this.store.state, event, record.at);
    // The store keeps the events that it is given; the caller's must not change with its state.
    this.store.commit(entries.map(recordOf));
    return { records, difference: difference(frame, this.#frame) };
  }

  /** What would be different if the state were read back from the rows of that disk now. */
  differenceAfterRestart(disk: Disk, instances: Iterable<number>): string | null {
    return firstDifference(this.store, openStore(disk.mount(NO_FAULTS, () => {})), instances);
  }
}

/** Named by what differs first; null when the rows of the disk give the very state again. */
function firstDifference(left: CoreStore, right: CoreStore, instances: Iterable<number>): string | null {
  for (const id of instances) {
    const [a, b] = [left.state.instances.get(id), right.state.instances.get(id)];
    if (!isDeepStrictEqual(a, b))
      return `instance ${id} would be ${inspect(b, { depth: 9 })}, it is ${inspect(a, { depth: 9 })}`;
  }
  for (const table of ['externalTasks', 'timers', 'subscriptions', 'userTasks', 'incidents'] as const) {
    for (const row of left.find(table)) {
      const [a, b] = [left, right].map(({ state }) =>
        (state[table] as Rows<number, { readonly id: number }>).get(row.id),
      );
      if (!isDeepStrictEqual(a, b)) return `${table} ${row.id} would be ${inspect(b)}, it is ${inspect(a)}`;
    }
  }
  return null;
}

export function openStore(backend: Backend): CoreStore {
  return new CoreStore(backend, new Health(), { kind: 'sqlite', path: '/simulated/procos.db', format: FORMAT });
}

/** Where the views of two disks differ, both brought up to date before; null when they do not. */
export function viewDifference(left: Disk, right: Disk): string | null {
  return rowDifference(left, right, VIEWS);
}

export function stateDifference(left: Disk, right: Disk): string | null {
  return rowDifference(left, right, [...STATE]);
}

function rowDifference(left: Disk, right: Disk, names: readonly string[]): string | null {
  for (const name of names) {
    const [a, b] = [left.tables.get(name), right.tables.get(name)];
    if ((a?.size ?? 0) !== (b?.size ?? 0)) return `${name} has ${a?.size ?? 0} rows, not ${b?.size ?? 0}`;
    for (const [id, cells] of a ?? []) {
      const other = b?.get(id);
      if (!sameCells(cells, other)) return `${name} ${id} is ${JSON.stringify(cells)}, not ${JSON.stringify(other)}`;
    }
  }
  return null;
}

function sameCells(left: Cells, right: Cells | undefined): boolean {
  return right !== undefined && left.length === right.length && left.every((cell, index) => cell === right[index]);
}

/** Both frames seen as the last word on each row, entry and value. */
function difference(actual: Frame, replayed: Frame): string | null {
  const expected = new Map(replayed.filter(isState).map((change) => [keyOf(change), change]));
  const found = new Map(actual.filter(isState).map((change) => [keyOf(change), change]));
  for (const [key, change] of found) {
    const other = expected.get(key);
    if (other === undefined) return `${key} was written, but does not follow from the log: ${JSON.stringify(change)}`;
    if (!same(change, other))
      return `${key} was written as ${JSON.stringify(change)}; replay: ${JSON.stringify(other)}`;
  }
  for (const [key, change] of expected)
    if (!found.has(key)) return `${key} was not written; replay: ${JSON.stringify(change)}`;
  return null;
}

/** What the retention removes is neither state nor view of what goes on. */
function isState(change: Change): change is Exclude<Change, { readonly kind: 'removeBefore' }> {
  if (change.kind === 'append') return true;
  if (change.kind === 'removeBefore') return false;
  return change.kind === 'value' ? change.name === 'rootInstanceId' : STATE.has(change.table);
}

function keyOf(change: Exclude<Change, { readonly kind: 'removeBefore' }>): string {
  if (change.kind === 'append') return `record ${change.entry.sequence}`;
  if (change.kind === 'value') return change.name;
  return `${change.table} ${change.kind === 'write' ? change.cells[0] : change.id}`;
}

function same(left: Change, right: Change): boolean {
  if (left.kind === 'append' && right.kind === 'append') return left.entry.hash === right.entry.hash;
  if (left.kind === 'write' && right.kind === 'write') return sameCells(left.cells, right.cells);
  if (left.kind === 'value' && right.kind === 'value') return left.value === right.value;
  return left.kind === right.kind;
}
