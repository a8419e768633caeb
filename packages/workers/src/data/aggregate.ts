/** The `aggregate` transformation: groups and their figures. */
import { type Inputs, invalid, isObject } from '../handler.ts';
import { objectOf, read } from './path.ts';

/** Sums and the like see numbers only; other values do not count. */
const OPERATIONS: Readonly<Record<string, (values: readonly unknown[]) => unknown>> = {
  count: (values) => values.length,
  sum: (values) => numbers(values).reduce((sum, value) => sum + value, 0),
  avg: (values) => {
    const known = numbers(values);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  },
  min: (values) =>
    numbers(values).reduce<number | null>((least, value) => (least === null || value < least ? value : least), null),
  max: (values) =>
    numbers(values).reduce<number | null>((most, value) => (most === null || value > most ? value : most), null),
  first: (values) => values[0] ?? null,
  last: (values) => values.at(-1) ?? null,
  list: (values) => [...values],
};

/** Without `group_by`: one object; with it: one per group, in order of appearance, with the group's fields. */
export function aggregate(items: readonly unknown[], config: Inputs): unknown {
  const operations = config['operations'] ?? { count: { op: 'count' } };
  if (!isObject(operations)) throw invalid("transformation_config 'operations' must be an object.");
  const figures = (group: readonly unknown[]): [string, unknown][] =>
    Object.entries(operations).map(([out, operation]) => [out, figure(group, operation)]);
  const by = config['group_by'];
  if (by === undefined || by === null) return objectOf(figures(items));
  const paths = (Array.isArray(by) ? by : [by]).map(String);
  const groups = new Map<string, unknown[]>();
  for (const item of items) {
    const key = JSON.stringify(paths.map((path) => read(item, path) ?? null));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()].map((group) =>
    objectOf([...paths.map((path): [string, unknown] => [path, read(group[0], path) ?? null]), ...figures(group)]),
  );
}

function figure(group: readonly unknown[], operation: unknown): unknown {
  const { op, field } = isObject(operation) ? operation : { op: operation, field: undefined };
  const name = String(op);
  const compute = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  if (compute === undefined)
    throw invalid(`Operation '${name}' is not known; use ${Object.keys(OPERATIONS).join(', ')}.`);
  if (typeof field !== 'string') {
    if (name !== 'count' && name !== 'list') throw invalid(`Operation '${name}' needs a 'field'.`);
    return compute(group);
  }
  return compute(group.map((item) => read(item, field)).filter((value) => value !== undefined && value !== null));
}

function numbers(values: readonly unknown[]): number[] {
  return values.filter((value) => typeof value === 'number');
}
