/**
 * Camunda's historic logs are read from the record log itself: nothing is written for them. A reader goes through records in
 * their order and makes entries of their events; between two portions others have their turn. What has left the log, or
 * belongs to a process instance whose history was deleted, is told no more.
 */
import { Budget, type EngineEvent, type LogRecord, type ProcessEngine, type ProcessInstanceView } from '@procos/kernel';
import type { Call } from '../../../call.ts';
import { parseId } from '../../../ids.ts';
import { type Asking, type Parameter, parametersOf, sortings, textsOf, whole } from '../../list-query.ts';
import { type MemorySpec, orderOf, testOf } from '../../memory-list.ts';

/** Records that are read before others have their turn. */
const PORTION = 200;

export interface Entry {
  readonly id: string;
  readonly at: number;
  /** Of the record, for entries of one instant. */
  readonly sequence: number;
  readonly processInstanceId: number | null;
}

export interface LogSpec<E extends Entry> extends MemorySpec<E> {
  /** It reads only what changes the inside of process instances: where their rows name these records, no others are read. */
  readonly isInside?: true;
  /** About the characters of an entry, where it may have many. */
  readonly weight?: (entry: E) => number;
  /** A reader that has seen nothing yet. */
  readonly reader: (known: Known) => (record: LogRecord) => readonly E[];
}

/** So many process instances are remembered at once. */
const REMEMBERED = 10_000;

/** What readers look up beside the records. */
export class Known {
  readonly engine: ProcessEngine;
  readonly #instances = new Map<number, ProcessInstanceView | undefined>();

  constructor(engine: ProcessEngine) {
    this.engine = engine;
  }

  /** Looks up at once what is asked for next. */
  learn(ids: readonly number[]): void {
    if (this.#instances.size > REMEMBERED) this.#instances.clear();
    const value = [...new Set(ids)].filter((id) => !this.#instances.has(id));
    if (value.length === 0) return;
    for (const id of value) this.#instances.set(id, undefined);
    const found = this.engine.find('processInstances', { where: [{ column: 'id', op: 'in', value }] });
    for (const instance of found) this.#instances.set(instance.id, instance);
  }

  instance(id: number): ProcessInstanceView | undefined {
    if (this.#instances.has(id)) return this.#instances.get(id);
    const [found] = this.engine.find('processInstances', { where: [{ column: 'id', op: '=', value: id }] });
    this.#instances.set(id, found);
    return found;
  }
}

/** A page of the entries that the request asks for. */
export async function listLog<E extends Entry>(call: Call, spec: LogSpec<E>): Promise<readonly E[]> {
  const { from = 0 } = whole(call, 'firstResult', 'from');
  const { most } = whole(call, 'maxResults', 'most');
  const end = most === undefined ? Number.POSITIVE_INFINITY : from + most;
  const order = orderOf(call, spec);
  const isOrdered = sortings(call).length > 0;
  const { weight = weightless } = spec;
  const budget = new Budget();
  const rows: E[] = [];
  for await (const entry of entries(call, spec)) {
    rows.push(entry);
    if (!isOrdered && rows.length >= end) break;
    // A page needs no more in memory than the entries up to its end.
    if (budget.note(weight(entry)) && rows.length < end * 2 + PORTION) continue;
    rows.sort(order);
    rows.length = Math.min(rows.length, end);
    budget.begin(rows.reduce((sum, kept) => sum + weight(kept), 0));
  }
  return rows.sort(order).slice(from, end);
}

function weightless(): number {
  return 0;
}

export async function countLog<E extends Entry>(call: Call, spec: LogSpec<E>): Promise<{ readonly count: number }> {
  let count = 0;
  for await (const _ of entries(call, spec)) count += 1;
  return { count };
}

/** The entry with this id; its first number is that of its record. */
export async function findEntry<E extends Entry>(call: Call, spec: LogSpec<E>, id: string): Promise<E | undefined> {
  const sequence = parseId(id.split('.')[0] ?? '');
  const { engine } = call;
  if (sequence < engine.firstSequence || sequence > engine.lastSequence) return undefined;
  const known = new Known(engine);
  const read = spec.reader(known);
  const range = { after: beginningOf(known, sequence), upTo: sequence };
  for await (const record of records(known, range, call)) {
    const found = read(record).find((entry) => entry.id === id);
    if (found !== undefined && isTold(known, found)) return found;
  }
  return undefined;
}

async function* entries<E extends Entry>(call: Call, spec: LogSpec<E>): AsyncGenerator<E> {
  const known = new Known(call.engine);
  const wanted = testOf(call, spec);
  const read = spec.reader(known);
  for await (const record of records(known, rangeOf(call, known, spec.isInside === true), call)) {
    for (const entry of read(record)) if (isTold(known, entry) && wanted(entry)) yield entry;
  }
}

function isTold(known: Known, { processInstanceId }: Entry): boolean {
  return processInstanceId === null || known.instance(processInstanceId) !== undefined;
}

interface Range {
  readonly after: number;
  readonly upTo?: number;
  /** Records of later instants are none of it. */
  readonly until?: number;
  /** Only these. */
  readonly sequences?: readonly number[];
}

/** Not to the end when whoever asked has hung up: his next request is not counted beside this one. */
async function* records(
  known: Known,
  { after, upTo, until, sequences }: Range,
  { reply }: Pick<Call, 'reply'>,
): AsyncGenerator<LogRecord> {
  const { engine } = known;
  if (sequences !== undefined) {
    for (const sequence of sequences) yield* engine.records(sequence - 1, 1);
    return;
  }
  for (let at = after; ; ) {
    const portion = engine.records(at, PORTION);
    known.learn(portion.flatMap(({ events }) => events.flatMap(instanceIn)));
    for (const record of portion) {
      if (record.sequence > (upTo ?? record.sequence) || record.at > (until ?? record.at)) return;
      yield record;
    }
    const last = portion.at(-1);
    if (last === undefined || reply.raw.destroyed) return;
    at = last.sequence;
    await new Promise(setImmediate);
  }
}

/** From the beginning of the process instances that are named to their end; else everything. */
function rangeOf(call: Asking, known: Known, isInside: boolean): Range {
  const asked = parametersOf(call);
  const ids = ['processInstanceId', 'processInstanceIdIn'].flatMap((name) => {
    const value = asked.get(name) ?? null;
    return value === null ? [] : textsOf({ name, value, engine: call.engine, asked } satisfies Parameter).map(parseId);
  });
  if (ids.length === 0) return { after: 0 };
  const instances = ids.flatMap((id) => known.instance(id) ?? []);
  const inside = instances.flatMap(({ keptIn = [] }) => keptIn);
  if (isInside && instances.every(({ keptIn }) => keptIn !== undefined))
    return { after: 0, sequences: [...new Set(inside)].toSorted((a, b) => a - b) };
  const until = Math.max(0, ...instances.map(({ endedAt }) => endedAt ?? Number.POSITIVE_INFINITY));
  return { after: Math.min(...instances.map(startOf), Number.MAX_SAFE_INTEGER), until };
}

/** The sequence before that of the record that created it. */
function startOf({ startedIn }: ProcessInstanceView): number {
  return (startedIn ?? 1) - 1;
}

/** Where a reader must begin to know everything that the record goes on with. */
function beginningOf(known: Known, sequence: number): number {
  const [record] = known.engine.records(sequence - 1, 1);
  const ids = new Set((record?.events ?? []).flatMap(instanceIn));
  const starts = [...ids].flatMap((id) => known.instance(id) ?? []).map(startOf);
  // A record about no instance may go on with something of any.
  return starts.length === 0 ? 0 : Math.min(...starts);
}

function instanceIn(event: EngineEvent): number | readonly never[] {
  if ('processInstanceId' in event) return event.processInstanceId ?? [];
  if ('task' in event) return event.task.processInstanceId;
  if ('timer' in event) return event.timer.processInstanceId ?? [];
  return 'incident' in event ? event.incident.processInstanceId : [];
}
