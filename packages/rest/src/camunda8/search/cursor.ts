/**
 * Where a page begins or ends: the values by which a row is sorted, and its identity. What is added or removed meanwhile moves
 * nothing: the next page begins behind these values, whether their row is still there or not.
 */
import type { Json, Scalar } from '@procos/kernel';
import { isObject, parseJson } from '../../safe-json.ts';
import { invalid, type Problem } from '../errors.ts';
import type { SortItem, Standing } from './order.ts';

export interface Cursor extends Standing {
  /** Rows up to this one, as far as they were counted. */
  readonly counted: number;
}

export function writeCursor({ values, id, counted }: Cursor, sort: readonly SortItem[]): string {
  return Buffer.from(JSON.stringify({ s: nameOf(sort), v: values, i: id, n: counted })).toString('base64');
}

export function readCursor(text: string, sort: readonly SortItem[], path: string): Cursor {
  const cursor = parse(text);
  const { s, v, i, n } = isObject(cursor) ? cursor : {};
  if (!Array.isArray(v) || !v.every(isScalar) || !isCount(i) || !isCount(n)) throw noCursor(path);
  if (s !== nameOf(sort) || v.length !== sort.length)
    throw invalid(`'${path}' is the cursor of a page that was sorted in another way: give the same 'sort' again`);
  return { values: v as readonly Scalar[], id: i, counted: n };
}

export function noCursor(path: string): Problem {
  return invalid(`'${path}' is no cursor: give the startCursor or endCursor of a page`);
}

function parse(text: string): Json {
  try {
    return parseJson(Buffer.from(text, 'base64').toString('utf8'));
  } catch {
    return null;
  }
}

function isScalar(value: Json): boolean {
  return value === null || typeof value !== 'object';
}

function isCount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

function nameOf(sort: readonly SortItem[]): string {
  return sort.map(({ field, descending }) => (descending ? `-${field}` : field)).join();
}
