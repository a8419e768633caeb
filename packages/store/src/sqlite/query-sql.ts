/** A checked query as SQL: columns come from the spec, values are always bound. */
import type { CheckedCondition, CheckedQuery } from '../backend.ts';
import { toCell } from '../filter.ts';
import type { Cell, Fixed, Lookup, Sieve } from '../spec.ts';

export interface Sql {
  readonly text: string;
  readonly values: readonly Cell[];
}

export function findSql(table: string, columns: string, query: CheckedQuery): Sql {
  const { text, values } = whereSql(query.where);
  const order = [...query.orderBy, { column: 'id' }].map(orderSql).join(', ');
  return {
    text: `SELECT ${columns} FROM ${table}${text} ORDER BY ${order} LIMIT ? OFFSET ?`,
    values: [...values, query.limit, query.offset],
  };
}

/**
 * A limit as a parameter that the planner does not look into. Of a bare one it reads the value, and then a statement is compiled
 * again for each value that is bound, which costs more than most look-ups; for a query that pays, since the plan may depend on it.
 */
export const UNSEEN_LIMIT = 'LIMIT ? + 0';

/** No more than `limit` are counted. */
export function countSql(table: string, { where, limit }: CheckedQuery): Sql {
  const { text, values } = whereSql(where);
  if (limit < 0) return { text: `SELECT count(*) FROM ${table}${text}`, values };
  return { text: `SELECT count(*) FROM (SELECT 1 FROM ${table}${text} LIMIT ?)`, values: [...values, limit] };
}

/** Parameters: the equal values, the bound where there is a range, those of the sieve, limit, offset. */
export function lookupSql(table: string, lookup: Lookup, sieve = ''): string {
  const { equal, only = [], range, order } = lookup;
  const terms = [...equal.map((column) => `${column} IS ?`), ...only.map(fixedSql)];
  if (range !== undefined) terms.push(`${range.column} ${range.after === true ? '>' : '<='} ?`);
  if (range?.above !== undefined) terms.push(`${range.column} > ${range.above}`);
  const columns = ['id', ...order.map(({ column }) => column)].join(', ');
  return `SELECT ${columns} FROM ${table} WHERE ${terms.join(' AND ')}${sieve} ORDER BY ${order.map(orderSql).join(', ')} ${UNSEEN_LIMIT} OFFSET ?`;
}

/** Whole rows for any of several values of the last equal column; `listed`: parameters in brackets, after those of the others. */
export function foundSql(table: string, columns: string, { equal, only = [] }: Lookup, listed: string): string {
  const terms = equal.map((column, index) => (index < equal.length - 1 ? `${column} IS ?` : `${column} IN ${listed}`));
  return `SELECT ${columns} FROM ${table} WHERE ${[...terms, ...only.map(fixedSql)].join(' AND ')}`;
}

/** As further terms. */
export function sieveSql(sieve: Sieve): Sql {
  const terms = sieve.map(({ column, among }) => conditionSql({ column, op: 'in', value: among }));
  return {
    text: terms.map(({ text }) => ` AND ${text}`).join(''),
    values: terms.flatMap(({ values }) => values),
  };
}

/** So many rows, new or in the place of what is there. `columns`: the id first. */
export function writeSql(table: string, columns: readonly string[], count: number): string {
  const row = `(${columns.map(() => '?').join(', ')})`;
  const set = columns.slice(1).map((column) => `${column} = excluded.${column}`);
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${new Array(count).fill(row).join(', ')}
          ON CONFLICT (id) DO UPDATE SET ${set.join(', ')}`;
}

/** So many rows that are there. Parameters, of each row: the columns, then its id. */
export function updateSql(table: string, columns: readonly string[], count: number): string {
  if (count === 1) return `UPDATE ${table} SET ${columns.map((column) => `${column} = ?`).join(', ')} WHERE id = ?`;
  const set = columns.map((column, index) => `${column} = given.column${index + 1}`);
  const row = `(${'?, '.repeat(columns.length)}?)`;
  return `UPDATE ${table} SET ${set.join(', ')} FROM (VALUES ${new Array(count).fill(row).join(', ')}) AS given
          WHERE id = given.column${columns.length + 1}`;
}

function orderSql({ column, descending }: { readonly column: string; readonly descending?: boolean }): string {
  return descending === true ? `${column} DESC` : column;
}

function fixedSql(fixed: Fixed): string {
  return 'is' in fixed ? `${fixed.column} IS ${fixed.is ?? 'NULL'}` : `${fixed.column} IS NOT ${fixed.isNot ?? 'NULL'}`;
}

function whereSql(conditions: readonly CheckedCondition[]): Sql {
  if (conditions.length === 0) return { text: '', values: [] };
  const terms = conditions.map(conditionSql);
  return {
    text: ` WHERE ${terms.map(({ text }) => text).join(' AND ')}`,
    values: terms.flatMap(({ values }) => values),
  };
}

/** Values of `hasAny` that are asked for one by one. */
const MOST_LISTED = 16;

function conditionSql(condition: CheckedCondition): Sql {
  const { column, op } = condition;
  switch (op) {
    case 'isNull':
      return { text: `${column} IS NULL`, values: [] };
    case 'notNull':
      return { text: `${column} IS NOT NULL`, values: [] };
    case 'in':
    case 'notIn': {
      const values = condition.value.map(toCell);
      const listed = `${column} IN (SELECT value FROM json_each(?))`;
      const found = values.includes(null) ? `(${listed} OR ${column} IS NULL)` : listed;
      return {
        text: op === 'in' ? found : `${found} IS NOT TRUE`,
        values: [JSON.stringify(values.filter((value) => value !== null))],
      };
    }
    case 'hasAny': {
      // SQLite takes no expression that is nested deeper than 1,000.
      if (condition.value.length > MOST_LISTED)
        return {
          text: `EXISTS (SELECT 1 FROM json_each(${column}) WHERE value IN (SELECT value FROM json_each(?)))`,
          values: [JSON.stringify(condition.value)],
        };
      // The text of the value is looked for first: that is quick, and most rows do not have it.
      const listed = `(instr(${column}, ?) > 0 AND EXISTS (SELECT 1 FROM json_each(${column}) WHERE value = ?))`;
      return {
        text: `(${condition.value.length === 0 ? 'FALSE' : condition.value.map(() => listed).join(' OR ')})`,
        values: condition.value.flatMap((value) => [JSON.stringify(value), value]),
      };
    }
    case 'like':
      return { text: `${column} LIKE ?`, values: [condition.value === null ? null : String(condition.value)] };
    default: {
      // Written out, so that an index of those for which it is true can be used.
      if (op === '=' && typeof condition.value === 'boolean')
        return { text: `${column} = ${Number(condition.value)}`, values: [] };
      const value = toCell(condition.value);
      if (op === '=')
        return value === null ? { text: `${column} IS NULL`, values: [] } : { text: `${column} = ?`, values: [value] };
      return { text: `${column} ${op === '!=' ? 'IS NOT' : op} ?`, values: [value] };
    }
  }
}
