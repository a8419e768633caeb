/**
 * A simulated disk under the store's medium port: a transaction is one frame, written, then synced (what is derived, with
 * the next that is durable). What was not synced can be lost or torn at a crash; writing, syncing and reading can fail. Stands in for a SQLite file with a write-ahead
 * log whose frames have checksums; SQLite itself and its files are not covered here.
 */
import { StorageFull } from '@procos/store';
import type { Backend, BackendTable, LogEntry } from '../../packages/store/src/backend.ts';
import { createMemoryBackend } from '../../packages/store/src/memory/backend.ts';
import type { Cells, Spec } from '../../packages/store/src/spec.ts';

export type Change =
  | { readonly kind: 'write'; readonly table: string; readonly cells: Cells }
  | { readonly kind: 'remove'; readonly table: string; readonly id: number }
  | { readonly kind: 'append'; readonly entry: LogEntry }
  | { readonly kind: 'removeBefore'; readonly sequence: number }
  | { readonly kind: 'value'; readonly name: string; readonly value: number | null };
/** One transaction. */
export type Frame = readonly Change[];

/** What happens to one operation; `crash…` ends the life of the kernel at that point. */
export interface DiskFaults {
  /** There is no room for anything. */
  full(): boolean;
  write(): 'done' | 'EIO' | 'crashTorn';
  /** `failed…`: EIO, and the frame will turn out to be lost or kept. */
  sync(): 'done' | 'failedLost' | 'failedKept' | 'crashBefore' | 'crashAfter';
  read(): 'done' | 'EIO';
  /** Ends the life of the kernel; what it still does reaches nobody. */
  crash(): void;
}

export const NO_FAULTS: DiskFaults = {
  full: () => false,
  write: () => 'done',
  sync: () => 'done',
  read: () => 'done',
  crash() {},
};

interface Written {
  readonly frame: Frame;
  /** undefined: chance decides at a crash. */
  fate?: 'lost' | 'kept';
}

export class Disk {
  readonly tables: Map<string, Map<number, Cells>> = new Map();
  log: LogEntry[] = [];
  readonly values: Map<string, number> = new Map();
  /** Written, not synced. */
  #unsynced: Written[] = [];

  /** As a kernel sees it that is alive: with what is written and not yet synced. */
  asSeen(): Disk {
    const copy = new Disk();
    for (const [name, rows] of this.tables) copy.tables.set(name, new Map(rows));
    for (const { frame } of this.#unsynced) copy.#apply(frame);
    return copy;
  }

  /** The life of the kernel is over. `keep` says how many of the unsynced frames had reached the disk; the next one is torn. */
  settle(keep: (unsynced: number) => number): readonly Frame[] {
    const unsynced = this.#unsynced;
    this.#unsynced = [];
    const kept: Frame[] = [];
    const limit = keep(unsynced.length);
    for (const [index, { frame, fate }] of unsynced.entries()) {
      // Recovery reads up to the first frame whose checksum is wrong.
      if (fate === 'lost' || (fate === undefined && index >= limit)) break;
      this.#apply(frame);
      kept.push(frame);
    }
    return kept;
  }

  /** The medium as a kernel uses it. `onDurable` hears of every frame at the moment it is safe. */
  mount(faults: DiskFaults, onDurable: (frame: Frame) => void): Backend {
    const memory = createMemoryBackend();
    for (const entry of this.log) memory.log.append(entry);
    for (const [name, value] of this.values) memory.setValue(name, value);
    const mounted = new Map<string, BackendTable>();
    let open: Change[] | null = null;
    const read = <T>(work: () => T): T => {
      if (faults.read() === 'EIO') throw new Error('EIO: i/o error, read');
      return work();
    };
    const change = (one: Change, work: () => void): void => {
      if (open === null) throw new Error('a write outside of a transaction');
      open.push(one);
      work();
    };
    const table = <Row extends { readonly id: number }>(spec: Spec<Row>): BackendTable => {
      const known = mounted.get(spec.name);
      if (known !== undefined) return known;
      const inner = memory.table(spec);
      for (const cells of this.tables.get(spec.name)?.values() ?? []) inner.write(cells);
      const outer: BackendTable = {
        read: (id) => read(() => inner.read(id)),
        readAll: (ids) => read(() => inner.readAll(ids)),
        readFound: (...args) => read(() => inner.readFound(...args)),
        idsFound: (...args) => read(() => inner.idsFound(...args)),
        select: (...args) => read(() => inner.select(...args)),
        find: (query) => read(() => inner.find(query)),
        count: (query) => read(() => inner.count(query)),
        write: (cells) => change({ kind: 'write', table: spec.name, cells }, () => inner.write(cells)),
        writeAll(rows) {
          for (const cells of rows) outer.write(cells);
        },
        changeAll(rows) {
          for (const { after } of rows) outer.write(after);
        },
        remove: (id) => change({ kind: 'remove', table: spec.name, id }, () => inner.remove(id)),
        removeAll(ids) {
          for (const id of ids) outer.remove(id);
        },
      };
      mounted.set(spec.name, outer);
      return outer;
    };
    return {
      ...memory,
      table,
      log: {
        append: (entry) => change({ kind: 'append', entry }, () => memory.log.append(entry)),
        read: (after, limit) => read(() => memory.log.read(after, limit)),
        lastSequence: () => memory.log.lastSequence(),
        removeBefore: (sequence) => change({ kind: 'removeBefore', sequence }, () => memory.log.removeBefore(sequence)),
      },
      setValue: (name, value) => change({ kind: 'value', name, value }, () => memory.setValue(name, value)),
      transaction: (kind, work) => {
        if (faults.full()) throw new StorageFull('There is no room for it: database or disk is full.');
        open = [];
        try {
          work();
          if (open.length === 0) return;
          this.#write(open, faults);
          if (kind === 'durable') this.#sync(faults, onDurable);
        } finally {
          open = null;
        }
      },
      checkpoint: () => {},
      close() {},
    };
  }

  #write(frame: Frame, faults: DiskFaults): void {
    const written = faults.write();
    if (written === 'EIO') throw new Error('EIO: i/o error, write');
    this.#unsynced.push(written === 'crashTorn' ? { frame, fate: 'lost' } : { frame });
    if (written === 'crashTorn') {
      crash(faults);
    }
  }

  /** One sync is for everything written before it. */
  #sync(faults: DiskFaults, onDurable: (frame: Frame) => void): void {
    const synced = faults.sync();
    if (synced === 'failedLost' || synced === 'failedKept') {
      for (const written of this.#unsynced) written.fate ??= synced === 'failedLost' ? 'lost' : 'kept';
      throw new Error('EIO: i/o error, fsync');
    }
    if (synced === 'crashBefore') crash(faults);
    // What comes after a frame that is not there cannot be read either, whatever the sync said.
    const lost = this.#unsynced.findIndex(({ fate }) => fate === 'lost');
    const readable = lost < 0 ? this.#unsynced.length : lost;
    for (const { frame } of this.#unsynced.splice(0, readable)) {
      this.#apply(frame);
      onDurable(frame);
    }
    if (synced === 'crashAfter') crash(faults);
  }

  #apply(frame: Frame): void {
    for (const change of frame) {
      if (change.kind === 'append') this.log.push(change.entry);
      else if (change.kind === 'removeBefore')
        this.log = this.log.filter(({ sequence }) => sequence >= change.sequence);
      else if (change.kind === 'write') this.#rows(change.table).set(change.cells[0] as number, change.cells);
      else if (change.kind === 'remove') this.#rows(change.table).delete(change.id);
      else if (change.value === null) this.values.delete(change.name);
      else this.values.set(change.name, change.value);
    }
  }

  #rows(name: string): Map<number, Cells> {
    let rows = this.tables.get(name);
    if (rows === undefined) {
      rows = new Map();
      this.tables.set(name, rows);
    }
    return rows;
  }
}

function crash(faults: DiskFaults): never {
  faults.crash();
  throw new Error('the machine is off');
}
