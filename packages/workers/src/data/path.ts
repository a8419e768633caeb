/** Reading data by dotted path, and building objects whose names come from data. */
import { invalid, isObject } from '../handler.ts';

/** `a.b.0.c`: own members only; undefined when something on the way is missing. A name with a dot in it wins over a path. */
export function read(data: unknown, path: string): unknown {
  if (path === '' || path === '.') return data;
  if (typeof data === 'object' && data !== null && Object.hasOwn(data, path))
    return (data as Record<string, unknown>)[path];
  let at = data;
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

/** Defines every name as an own member, also `__proto__`. */
export function objectOf(entries: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  return Object.fromEntries(entries);
}

export function asList(data: unknown, type: string): readonly unknown[] {
  if (Array.isArray(data)) return data;
  throw invalid(`Transformation '${type}' needs a list as data.`);
}

export function asObjects(data: unknown, type: string): readonly Readonly<Record<string, unknown>>[] {
  return asList(data, type).map((one) => {
    if (isObject(one)) return one;
    throw invalid(`Transformation '${type}' needs a list of objects as data.`);
  });
}

/** Text of a value for CSV cells, templates and group names. */
export function show(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** `{{path}}` is replaced by the value at the path; nothing is computed. */
export function fill(template: string, data: unknown): string {
  return template.replace(/\{\{\s*([^{}\s]{1,200})\s*\}\}/g, (_, path: string) => show(read(data, path)));
}
