/** How a row of any subject is kept: an id, columns to look up and query by, and the rest as JSON text. */

export type ColumnType = 'integer' | 'text' | 'boolean' | 'json';
export type Cell = string | number | null;
/** A row as it is kept: the id, then the columns in the order of the spec, then the rest. */
export type Cells = readonly Cell[];

export interface Identified {
  readonly id: number;
}

/** A declared way to find rows; each has an index. Rows come in the given order, which must end in `id`. */
export interface Lookup {
  readonly equal: readonly string[];
  /** Rows that count at all; a partial index may say the same. */
  readonly only?: readonly Fixed[];
  /** `column` ≤ a given value (and > `above`); `after`: > the given value instead. */
  readonly range?: { readonly column: string; readonly above?: number; readonly after?: true };
  /** Whole-number columns that are never null here. */
  readonly order: readonly { readonly column: string; readonly descending?: boolean }[];
  /** Asked for after nearly every commit: what it has found (without an end of the range) is kept and follows what is written. */
  readonly kept?: boolean;
}
/** As the end of a range: none. */
export const EVER: number = Number.MAX_SAFE_INTEGER;
export type Fixed = { readonly column: string } & ({ readonly is: number | null } | { readonly isNot: number | null });

/** Of the rows that a look-up finds only those whose column has one of these values; several: all must fit. */
export type Sieve = readonly { readonly column: string; readonly among: readonly Cell[] }[];

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

export interface Spec<Row extends Identified> {
  readonly name: string;
  /** Without `id` and `rest`. */
  readonly columns: readonly Column[];
  readonly lookups: readonly Lookup[];
  /** Seldom asked: on the medium an index finds them, of the changes in memory each is looked at. */
  readonly rareLookups: readonly Lookup[];
  /** Clean rows kept in memory. */
  readonly cacheSize: number;
  /** Rows have identities of a counter of their own, not of the one of the store. */
  readonly ownIds: boolean;
  /** Seldom written, often looked up: what `first` finds is remembered until the next change. */
  readonly steady: boolean;
  /** A row that nobody is likely to ask for again: it leaves memory as soon as it is written. */
  isOver(row: Row): boolean;
  /** A row that is put is never changed afterwards but replaced by another, so that the two can be compared. */
  readonly replaced: boolean;
  encode(row: Row): Cells;
  decode(cells: Cells): Row;
  cell(row: Row, column: string): Cell;
  /** Throws for a number that would be kept and could never be read again. */
  assertReadable(row: Row): void;
}

interface Options<Row> {
  readonly lookups?: readonly Lookup[];
  readonly rareLookups?: readonly Lookup[];
  readonly cacheSize?: number;
  readonly ownIds?: boolean;
  readonly steady?: boolean;
  readonly replaced?: boolean;
  /** Default: none. */
  readonly isOver?: (row: Row) => boolean;
  /** Replaces the JSON text of the fields that have no column. */
  readonly rest?: { encode(row: Row): string; decode(id: number, text: string): Row };
  /** Last touch after decoding. */
  readonly revive?: (row: Row) => Row;
}

/** Declares a table. Fields without a column go into `rest`, so that a new field of an entity needs no migration. */
export function table<Row extends Identified>(
  name: string,
  columnTypes: Partial<Record<Exclude<keyof Row, 'id'> & string, ColumnType>>,
  options: Options<Row> = {},
): Spec<Row> {
  const columns = Object.entries<ColumnType | undefined>(columnTypes).map(
    ([column, type]): Column => ({ name: column, type: type ?? 'text' }),
  );
  const types = new Map<string, ColumnType>([['id', 'integer'], ...columns.map((c) => [c.name, c.type] as const)]);

  // Rows begin as copies of it: an object to which so many fields are added by name one after the other becomes a hash
  // table, and to copy that for a change takes many times as long.
  const blank: Record<string, unknown> = { ...Object.fromEntries([...types.keys()].map((field) => [field, null])) };
  const integers = columns.filter(({ type }) => type === 'integer').map((column) => column.name);

  function restOf(row: Row): string | null {
    if (options.rest !== undefined) return options.rest.encode(row);
    const fields = fieldsOf(row);
    let rest: Record<string, unknown> | null = null;
    for (const field in fields) {
      if (types.has(field)) continue;
      rest ??= {};
      rest[field] = fields[field];
    }
    return rest === null ? null : JSON.stringify(rest);
  }

  return {
    name,
    columns,
    lookups: options.lookups ?? [],
    rareLookups: options.rareLookups ?? [],
    cacheSize: options.cacheSize ?? 4_000,
    ownIds: options.ownIds ?? false,
    steady: options.steady ?? false,
    replaced: options.replaced ?? false,
    isOver: options.isOver ?? (() => false),
    cell(row, column) {
      return toCell(types.get(column) ?? 'text', fieldsOf(row)[column]);
    },
    assertReadable(row) {
      const fields = fieldsOf(row);
      for (const column of integers) {
        const value = fields[column];
        if (typeof value !== 'number' || Math.abs(value) <= Number.MAX_SAFE_INTEGER) continue;
        throw new RangeError(`${column} of ${name} ${row.id} is ${value}; a store gives back numbers up to 2^53 - 1`);
      }
    },
    encode(row) {
      const fields = fieldsOf(row);
      // As long as it will be: one that grows is copied on the way.
      const cells = new Array<Cell>(columns.length + 2);
      cells[0] = row.id;
      for (let index = 0; index < columns.length; index += 1) {
        const { name: field, type } = columns[index]!;
        cells[index + 1] = toCell(type, fields[field]);
      }
      cells[columns.length + 1] = restOf(row);
      return cells;
    },
    decode(cells) {
      const id = cells[0] as number;
      const rest = cells[columns.length + 1] ?? null;
      if (options.rest !== undefined) return options.rest.decode(id, String(rest));
      const fields: Record<string, unknown> =
        rest === null ? { ...blank } : { ...blank, ...(JSON.parse(String(rest)) as Record<string, unknown>) };
      fields['id'] = id;
      for (let index = 0; index < columns.length; index += 1) {
        const { name, type } = columns[index]!;
        fields[name] = fromCell(type, cells[index + 1]);
      }
      const row = fields as unknown as Row;
      return options.revive === undefined ? row : options.revive(row);
    },
  };
}

function fieldsOf(row: Identified): Record<string, unknown> {
  return row as unknown as Record<string, unknown>;
}

function toCell(type: ColumnType, value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (type === 'json') return JSON.stringify(value);
  if (type === 'boolean') return value === true ? 1 : 0;
  return value as string | number;
}

function fromCell(type: ColumnType, cell: Cell | undefined): unknown {
  if (cell === null || cell === undefined) return null;
  if (type === 'json') return JSON.parse(String(cell));
  return type === 'boolean' ? cell === 1 : cell;
}

/** Whether a row (seen through `cellOf`) is one that the look-up with these values finds. */
export function matches(
  lookup: Lookup,
  values: readonly Cell[],
  upTo: number | undefined,
  cellOf: (column: string) => Cell,
): boolean {
  for (const [index, column] of lookup.equal.entries()) if (cellOf(column) !== values[index]) return false;
  return matchesBeyond(lookup, upTo, cellOf);
}

/** The same of a row whose equal columns are known to have the values. */
export function matchesBeyond(
  { only, range }: Lookup,
  upTo: number | undefined,
  cellOf: (column: string) => Cell,
): boolean {
  if (!counts(only, cellOf)) return false;
  if (range === undefined) return true;
  const cell = cellOf(range.column);
  if (typeof cell !== 'number' || upTo === undefined) return false;
  if (range.after === true) return cell > upTo;
  if (cell > upTo) return false;
  return range.above === undefined || cell > range.above;
}

/** Whether a look-up that counts only such rows finds it. */
export function counts(only: Lookup['only'], cellOf: (column: string) => Cell): boolean {
  if (only === undefined) return true;
  for (const fixed of only) {
    if ('is' in fixed ? cellOf(fixed.column) !== fixed.is : cellOf(fixed.column) === fixed.isNot) return false;
  }
  return true;
}

/** Where a row stands in the order of a look-up: its id, then the values it is ordered by. */
export type Position = readonly number[];

export function positionOf(lookup: Lookup, cellOf: (column: string) => Cell): Position {
  return [cellOf('id') as number, ...lookup.order.map(({ column }) => cellOf(column) as number)];
}

export function comparePositions(lookup: Lookup, left: Position, right: Position): number {
  for (const [index, { descending }] of lookup.order.entries()) {
    const difference = (left[index + 1] ?? 0) - (right[index + 1] ?? 0);
    if (difference !== 0) return descending === true ? -difference : difference;
  }
  return 0;
}
