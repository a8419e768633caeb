/**
 * Answers queries for element instances and for variables. What lives has a row. What is over lies in the records of its
 * process instance where these are few (`keptIn`), and has a row otherwise. An answer joins both, by the rules of `filter.ts`.
 */
import type { LogRecord } from '@procos/engine';
import type { Backend, BackendTable, CheckedCondition, CheckedQuery } from '../backend.ts';
import type { Budget } from '../budget.ts';
import { compareRows, holds } from '../filter.ts';
import type { EndedVisitsView, ProcessInstanceView } from '../rows.ts';
import type { Cell, Identified } from '../spec.ts';
import { endedVisits, processInstances } from '../tables/view-tables.ts';
import type { Inside } from './inside.ts';
import type { Kind } from './kinds.ts';
import { Records } from './records.ts';

/** Process instances read at once. */
const CHUNK = 500;
/** A page of the newest or oldest is looked for in so many records before all process instances are looked through. */
const WINDOWS = [8, 64, 512, 4_096];
/** Of fewer, the whole is looked through at once. */
const FEW = 1_000;

export interface PastNeeds {
  readonly backend: Backend;
  /** Committed records after a sequence. */
  readonly read: (after: number, limit: number) => readonly LogRecord[];
  /** Of the log as it is now. */
  readonly sequences: () => { readonly first: number; readonly last: number };
  readonly modelOf: Inside['modelOf'];
}

type Conditions = CheckedQuery['where'];

export class Past<Row extends Identified> {
  readonly #kind: Kind<Row>;
  readonly #needs: PastNeeds;
  readonly #table: BackendTable;
  readonly #instances: BackendTable;
  readonly #counts: BackendTable;

  constructor(kind: Kind<Row>, needs: PastNeeds) {
    this.#kind = kind;
    this.#needs = needs;
    this.#table = needs.backend.table(kind.spec);
    this.#instances = needs.backend.table(processInstances);
    this.#counts = needs.backend.table(endedVisits);
  }

  find(query: CheckedQuery, budget?: Budget): readonly Row[] {
    const { where } = query;
    if (where.some(this.#kind.isOfLiving)) return this.#rows(query, budget);
    const records = this.#records();
    return (
      this.#nearEnd(query, records, budget) ??
      this.#join(query, this.#ended(this.#candidates(where, records), where, records), budget)
    );
  }

  count(query: CheckedQuery): number {
    const { where, limit } = query;
    const most = limit < 0 ? Number.POSITIVE_INFINITY : limit;
    let count = this.#table.count(query);
    if (where.some(this.#kind.isOfLiving)) return count;
    const known = this.#known(where);
    if (known !== undefined) return Math.min(count + known, most);
    const records = this.#records();
    if (count >= most) return count;
    for (const _ of this.#ended(this.#candidates(where, records), where, records)) if (++count >= most) break;
    return count;
  }

  #isCounted({ column }: CheckedCondition): boolean {
    return this.#kind.counted.includes(column);
  }

  /** How much of what is asked for lies in the log, where that was counted. */
  #known(where: Conditions): number | undefined {
    if (this.#kind.counted.length === 0 || !where.every((one) => this.#isCounted(one) || isOver(one))) return undefined;
    return this.#alike(where).reduce((sum, { count }) => sum + count, 0);
  }

  /** What has ended, counted by what the conditions can say about it. */
  #alike(where: Conditions): readonly EndedVisitsView[] {
    const query = { where: where.filter((one) => this.#isCounted(one)), orderBy: [], offset: 0, limit: -1 };
    return this.#counts.find(query).map((cells) => endedVisits.decode(cells));
  }

  #records(): Records {
    return new Records(this.#needs.read, this.#needs.sequences());
  }

  #rows(query: CheckedQuery, budget: Budget | undefined): readonly Row[] {
    return this.#table.find(query, budget).map((cells) => this.#kind.spec.decode(cells));
  }

  /** Rows of the table and these: one page of them in the order of the query. */
  #join(query: CheckedQuery, ended: Iterable<Row>, budget: Budget | undefined): readonly Row[] {
    const { orderBy, offset, limit } = query;
    const end = limit < 0 ? undefined : offset + limit;
    budget?.begin(0);
    const rows = [...this.#rows({ ...query, offset: 0, limit: end ?? -1 }, budget)];
    const cellOf = (row: Row) => (column: string) => this.#cell(row, column);
    const sort = () => rows.sort((left, right) => compareRows(orderBy, cellOf(left), cellOf(right)));
    // A page needs no more in memory than the rows up to its end.
    const most = end === undefined ? Number.POSITIVE_INFINITY : end * 2 + CHUNK;
    const { weight } = this.#kind;
    for (const row of ended) {
      const fits = budget?.note(weight(row)) ?? true;
      if (rows.push(row) < most && fits) continue;
      sort();
      rows.length = Math.min(rows.length, end ?? rows.length);
      budget?.begin(rows.reduce((sum, kept) => sum + weight(kept), 0));
    }
    sort();
    return rows.slice(offset, end);
  }

  #cell(row: Row, column: string): Cell {
    return this.#kind.spec.cell(row, column);
  }

  /** What is over in these process instances and asked for. */
  *#ended(instances: Iterable<ProcessInstanceView>, where: Conditions, records: Records): Generator<Row> {
    for (const instance of instances) {
      if (instance.keptIn === undefined) continue;
      for (const row of this.#kind.ended(instance, records.all(instance.keptIn), this.#needs.modelOf)) {
        if (where.every((condition) => holds(condition, this.#cell(row, condition.column)))) yield row;
      }
    }
  }

  /** Process instances that may have what is asked for. */
  *#candidates(where: Conditions, records: Records): Generator<ProcessInstanceView> {
    const conditions = where.flatMap((condition) => this.#ofInstance(condition, records));
    if (where.some((one) => this.#isCounted(one) && this.#kind.shared[one.column] === undefined)) {
      const definitions = new Set(this.#alike(where).map(({ definitionId }) => definitionId));
      conditions.push({ column: 'definitionId', op: 'in', value: [...definitions] });
    }
    const since = Math.max(...where.map((condition) => this.#aliveAt(condition)));
    for (let after = 0; ; ) {
      const above = { column: 'id', op: '>', value: after } as const;
      const chunk = this.#instances.find({ where: [...conditions, above], orderBy: [], offset: 0, limit: CHUNK });
      for (const cells of chunk) {
        const instance = processInstances.decode(cells);
        after = instance.id;
        if (instance.endedAt === null || instance.endedAt >= since) yield instance;
      }
      if (chunk.length < CHUNK) return;
    }
  }

  /** What a condition on a row says about its process instance. */
  #ofInstance(condition: CheckedCondition, records: Records): readonly CheckedCondition[] {
    const { shared, instants } = this.#kind;
    const column = shared[condition.column];
    if (column !== undefined) return [{ ...condition, column }];
    if (instants.includes(condition.column) && (condition.op === '<' || condition.op === '<='))
      return [{ ...condition, column: 'startedAt' }];
    if (condition.column !== 'id' || (condition.op !== '=' && condition.op !== 'in')) return [];
    const ids = condition.op === 'in' ? condition.value : [condition.value];
    const owners = ids.map((id) => (typeof id === 'number' ? this.#owner(id, records) : undefined));
    return [{ column: 'id', op: 'in', value: owners.filter((owner) => owner !== undefined) }];
  }

  /** An instant at which the process instance had not ended. */
  #aliveAt(condition: CheckedCondition): number {
    const { column, op } = condition;
    const bound = this.#kind.instants.includes(column) && (op === '>' || op === '>=' || op === '=');
    return bound && typeof condition.value === 'number' ? condition.value : Number.NEGATIVE_INFINITY;
  }

  /** The process instance of a row that a record has created. */
  #owner(rowId: number, records: Records): number | undefined {
    const record = records.get(this.#kind.creator(rowId, records));
    const created = record === undefined ? [] : this.#kind.created(record);
    return created.find(({ id, count }) => id <= rowId && rowId < id + count)?.processInstanceId;
  }

  /** A page of the newest or the oldest, where the last or the first records hold enough of what is asked for. */
  #nearEnd(query: CheckedQuery, records: Records, budget: Budget | undefined): readonly Row[] | undefined {
    const { where, orderBy, offset, limit } = query;
    const { column, descending = false } = orderBy[0] ?? { column: 'id' };
    const narrow = where.some(
      ({ column, op }) => (column === 'id' || this.#kind.shared[column] === 'id') && (op === '=' || op === 'in'),
    );
    if (limit < 0 || narrow || !this.#kind.ascending.includes(column)) return undefined;
    // Few: most of the log would be read in vain.
    if ((this.#known(where) ?? Number.POSITIVE_INFINITY) < FEW) return undefined;
    for (const size of WINDOWS) {
      const window = descending ? records.newest(size + 1) : records.oldest(size + 1);
      const bound = descending ? this.#newest(window.records) : this.#oldest(window.records);
      // All of one instant: it begins further away.
      if (bound === undefined && !window.isFull) continue;
      if (bound === undefined) return undefined;
      const conditions = [...where, bound.condition];
      const within = { ...query, where: conditions };
      const rows = this.#join(
        { ...within, offset: 0, limit: offset + limit },
        this.#ended(bound.instances(), conditions, records),
        budget,
      );
      if (rows.length >= offset + limit) return rows.slice(offset, offset + limit);
      if (window.isFull || size >= records.last - records.first) return undefined;
    }
    return undefined;
  }

  /** Rows created in the last records, and whose they are. undefined: that would be all. */
  #newest(all: readonly LogRecord[]) {
    // The first of them only says where they begin: rows of one instant stand together.
    const from = all.findIndex(({ at }, index) => index > 0 && at > (all[index - 1]?.at ?? at));
    const before = all[from - 1];
    if (before === undefined) return undefined;
    const condition = { column: 'id', op: '>', value: this.#kind.lastId(before) } as const;
    return { condition, instances: () => this.#instancesIn(all.slice(from)) };
  }

  #oldest(all: readonly LogRecord[]) {
    const upTo = all.findLastIndex(({ at }, index) => at < (all[index + 1]?.at ?? at));
    const last = all[upTo];
    if (last === undefined) return undefined;
    const condition = { column: 'id', op: '<=', value: this.#kind.lastId(last) } as const;
    return { condition, instances: () => this.#instancesIn(all.slice(0, upTo + 1)) };
  }

  *#instancesIn(records: readonly LogRecord[]): Generator<ProcessInstanceView> {
    const ids = new Set(records.flatMap(this.#kind.created).map(({ processInstanceId }) => processInstanceId));
    for (const id of ids) {
      const cells = this.#instances.read(id);
      if (cells !== undefined) yield processInstances.decode(cells);
    }
  }
}

function isOver({ column, op }: CheckedCondition): boolean {
  return column === 'endedAt' && op === 'notNull';
}
