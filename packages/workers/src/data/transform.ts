/** Topic `data_transform`: one of eleven transformations, described by data and never by code. */
import { choice, type Inputs, invalid, isObject, type Outputs, optionalObject, present } from '../handler.ts';
import { aggregate } from './aggregate.ts';
import { matches } from './condition.ts';
import { parseCsv, writeCsv } from './csv.ts';
import { asList, asObjects, fill, objectOf, read, show } from './path.ts';

type Config = Inputs;
type Transformation = (data: unknown, config: Config) => unknown;

export type TransformationType =
  | 'map'
  | 'filter'
  | 'sort'
  | 'aggregate'
  | 'select'
  | 'rename'
  | 'merge'
  | 'flatten'
  | 'json_to_csv'
  | 'csv_to_json'
  | 'template';

/** Each with its transformation_config; `path` is dotted (`customer.address.city`, `items.0`). */
const TRANSFORMATIONS: Readonly<Record<TransformationType, Transformation>> = {
  /** {fields: {target: path | {value} | {template: 'Dear {{name}}'}}}: new object per entry (or of one object). */
  map: (data, config) => {
    const fields = Object.entries(needed(config, 'fields', isObject, 'an object'));
    const one = (item: unknown): unknown => objectOf(fields.map(([target, source]) => [target, mapped(item, source)]));
    return Array.isArray(data) ? data.map(one) : one(data);
  },
  /** {field, operator (eq), value} or {all: [...]} or {any: [...]} or {not: {...}}: the entries that match. */
  filter: (data, config) => asList(data, 'filter').filter((item) => matches(item, config)),
  /** {by: path | [path | {field, order}], order: asc | desc}. Stable; empty values last. */
  sort: (data, config) => sort(asList(data, 'sort'), config),
  /** {group_by: path | [path], operations: {out: {op: sum|avg|min|max|count|first|last|list, field}}}. */
  aggregate: (data, config) => aggregate(asList(data, 'aggregate'), config),
  /** {fields: [path]}: only these; a path keeps its last name. */
  select: (data, config) => {
    const fields = needed(config, 'fields', isTexts, 'a list of names');
    const one = (item: unknown): unknown =>
      objectOf(fields.map((path) => [path.split('.').at(-1) ?? path, read(item, path) ?? null]));
    return Array.isArray(data) ? data.map(one) : one(data);
  },
  /** {fields: {old: new}}: everything else stays. */
  rename: (data, config) => {
    const names = needed(config, 'fields', isObject, 'an object');
    const name = (old: string): string => (Object.hasOwn(names, old) ? String(names[old]) : old);
    const one = (item: unknown): unknown =>
      isObject(item) ? objectOf(Object.entries(item).map(([old, value]) => [name(old), value])) : item;
    return Array.isArray(data) ? data.map(one) : one(data);
  },
  /** {} : a list of objects into one, later ones win; {with: object, deep}: an object; {with: [...], on: path}: join by key. */
  merge: (data, config) => merge(data, config),
  /** {separator ('.')}: nested object to one level; {depth (1)}: list of lists to one list. */
  flatten: (data, config) => {
    if (Array.isArray(data)) return data.flat(Math.min(Number(config['depth'] ?? 1) || 1, 100));
    if (!isObject(data)) throw invalid("Transformation 'flatten' needs an object or a list.");
    return objectOf(flattened(data, '', String(config['separator'] ?? '.')));
  },
  /** {columns: [path], delimiter (','), header (true)}: a list of objects to CSV text. */
  json_to_csv: (data, config) => {
    const rows = asObjects(data, 'json_to_csv');
    const given = config['columns'];
    const columns = isTexts(given) ? given : [...new Set(rows.flatMap((row) => Object.keys(row)))];
    const lines = rows.map((row) => columns.map((path) => show(read(row, path))));
    return writeCsv(config['header'] === false ? lines : [columns, ...lines], delimiterOf(config));
  },
  /** {delimiter (','), header (true), types (false: all text; true: numbers, true/false and empty as null)}: CSV text to a list. */
  csv_to_json: (data, config) => {
    if (typeof data !== 'string') throw invalid("Transformation 'csv_to_json' needs text.");
    const value = config['types'] === true ? typed : (cell: string): unknown => cell;
    const rows = parseCsv(data, delimiterOf(config));
    if (config['header'] === false) return rows.map((row) => row.map(value));
    const [names = [], ...lines] = rows;
    return lines.map((row) => objectOf(names.map((name, column) => [name, value(row[column] ?? '')])));
  },
  /** {template: 'Dear {{customer.name}}', each (false), separator (newline)}: text; `each` fills it once per entry of a list. */
  template: (data, config) => {
    const template = needed(config, 'template', (value) => typeof value === 'string', 'text');
    if (config['each'] !== true) return fill(template, data);
    return asList(data, 'template')
      .map((item) => fill(template, item))
      .join(String(config['separator'] ?? '\n'));
  },
};
const TYPES = Object.keys(TRANSFORMATIONS) as TransformationType[];

/**
 * Inputs: data*, transformation_type (map), transformation_config (object). Outputs: transformed_data, original_data.
 * Every problem is one of the model or its data: a failure that is not retried.
 */
export async function dataTransform(inputs: Inputs): Promise<Outputs> {
  const type = choice(inputs, 'transformation_type', TYPES, 'map');
  const data = type === 'csv_to_json' ? inputs['data'] : present(inputs, 'data');
  const transformation: Transformation = TRANSFORMATIONS[type];
  const transformed = transformation(data, optionalObject(inputs, 'transformation_config') ?? {});
  return { local: { transformed_data: transformed, original_data: data } };
}

function mapped(item: unknown, source: unknown): unknown {
  if (typeof source === 'string') return read(item, source) ?? null;
  if (isObject(source) && 'value' in source) return source['value'];
  if (isObject(source) && typeof source['template'] === 'string') return fill(source['template'], item);
  throw invalid("A field of transformation 'map' must be a path, {value} or {template}.");
}

function sort(items: readonly unknown[], config: Config): unknown[] {
  const by = config['by'] ?? config['field'] ?? '';
  const keys = (Array.isArray(by) ? by : [by]).map((key: unknown) => ({
    path: isObject(key) ? String(key['field'] ?? '') : String(key),
    sign: String((isObject(key) ? key['order'] : undefined) ?? config['order'] ?? 'asc') === 'desc' ? -1 : 1,
  }));
  const rank = (value: unknown): number => (value === undefined || value === null ? 1 : 0);
  return [...items].sort((left, right) => {
    for (const { path, sign } of keys) {
      const [a, b] = [read(left, path), read(right, path)];
      const order = rank(a) - rank(b) || sign * compare(a, b);
      if (order !== 0) return order;
    }
    return 0;
  });
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [show(a), show(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function merge(data: unknown, config: Config): unknown {
  const other = config['with'];
  const both =
    config['deep'] === true
      ? mergeDeep
      : (a: Config, b: Config): Config => objectOf([...Object.entries(a), ...Object.entries(b)]);
  if (other === undefined) return asObjects(data, 'merge').reduce(both, {});
  if (isObject(other) && isObject(data)) return both(data, other);
  if (!Array.isArray(other))
    throw invalid("Transformation 'merge': data and 'with' must both be objects or both be lists.");
  const rows = asObjects(data, 'merge');
  const on = config['on'];
  if (typeof on !== 'string') return [...rows, ...other];
  const byKey = new Map(asObjects(other, 'merge').map((row) => [show(read(row, on)), row]));
  return rows.map((row) => both(row, byKey.get(show(read(row, on))) ?? {}));
}

function mergeDeep(a: Config, b: Config): Config {
  const result = new Map(Object.entries(a));
  for (const [name, value] of Object.entries(b)) {
    const old = result.get(name);
    result.set(name, isObject(old) && isObject(value) ? mergeDeep(old, value) : value);
  }
  return objectOf(result);
}

function flattened(value: unknown, prefix: string, separator: string): [string, unknown][] {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  if (entries.length === 0) return prefix === '' ? [] : [[prefix, value]];
  return entries.flatMap(([name, inner]) =>
    flattened(inner, prefix === '' ? name : prefix + separator + name, separator),
  );
}

function typed(cell: string): unknown {
  if (cell === '') return null;
  if (cell === 'true' || cell === 'false') return cell === 'true';
  // A leading zero or plus (article and phone numbers) stays text.
  return /^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(cell) ? Number(cell) : cell;
}

function delimiterOf(config: Config): string {
  const delimiter = String(config['delimiter'] ?? ',');
  if (delimiter.length !== 1 || /["\r\n]/.test(delimiter))
    throw invalid("'delimiter' must be one character, not a quote or line end.");
  return delimiter;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');
}

function needed<T>(config: Config, name: string, is: (value: unknown) => value is T, kind: string): T {
  const value = config[name];
  if (!is(value)) throw invalid(`transformation_config needs '${name}', ${kind}.`);
  return value;
}
