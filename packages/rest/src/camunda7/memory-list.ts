/** Camunda's list queries over rows that are no table of the store, with the same words as `list-query.ts`. */
import { isLike as like, type Scalar } from '@procos/kernel';
import { parseDateParameter } from './dates.ts';
import { invalid } from './errors.ts';
import {
  type Asking,
  compareScalars,
  flagOf,
  ordering,
  type Parameter,
  PRESENTATION,
  parametersOf,
  textOf,
  textsOf,
  whole,
} from './list-query.ts';

type Test<Row> = (row: Row) => boolean;

export interface MemorySpec<Row> {
  /** What a parameter asks of each row; undefined: nothing. */
  readonly parameters: Readonly<Record<string, (parameter: Parameter) => Test<Row> | undefined>>;
  readonly sortBy: Readonly<Record<string, (row: Row) => Scalar>>;
}

export function listIn<Row>(call: Asking, rows: Iterable<Row>, spec: MemorySpec<Row>): readonly Row[] {
  const order = orderOf(call, spec);
  const { from = 0 } = whole(call, 'firstResult', 'from');
  const { most } = whole(call, 'maxResults', 'most');
  const found = filtered(call, rows, spec).toSorted(order);
  return found.slice(from, most === undefined ? undefined : from + most);
}

export function countIn<Row>(call: Asking, rows: Iterable<Row>, spec: MemorySpec<Row>): { readonly count: number } {
  return { count: filtered(call, rows, spec).length };
}

/** Whether a row is asked for. */
export function testOf<Row>(call: Asking, spec: MemorySpec<Row>): Test<Row> {
  const asked = parametersOf(call);
  const tests: Test<Row>[] = [];
  for (const [name, value] of asked) {
    if (value === null || PRESENTATION.has(name)) continue;
    const read = Object.hasOwn(spec.parameters, name) ? spec.parameters[name] : undefined;
    const test = read?.({ name, value, engine: call.engine, asked });
    if (test !== undefined) tests.push(test);
  }
  return (row) => tests.every((test) => test(row));
}

/** In which order; rows that are alike stay as they come. */
export function orderOf<Row>(call: Asking, spec: MemorySpec<Row>): (a: Row, b: Row) => number {
  const keys = ordering(call, spec.sortBy);
  return (a, b) => {
    for (const { key, descending } of keys) {
      const difference = compareScalars(key(a), key(b));
      if (difference !== 0) return descending ? -difference : difference;
    }
    return 0;
  };
}

function filtered<Row>(call: Asking, rows: Iterable<Row>, spec: MemorySpec<Row>): readonly Row[] {
  const test = testOf(call, spec);
  return [...rows].filter(test);
}

type Read<Row> = (parameter: Parameter) => Test<Row> | undefined;

export const is =
  <Row>(get: (row: Row) => Scalar): Read<Row> =>
  (parameter) => {
    const asked = textOf(parameter);
    return (row) => String(get(row) ?? '') === asked;
  };

export const isLike =
  <Row>(get: (row: Row) => string | null): Read<Row> =>
  (parameter) => {
    const asked = textOf(parameter);
    return (row) => like(get(row) ?? '', asked);
  };

export const isAmong =
  <Row>(get: (row: Row) => Scalar): Read<Row> =>
  (parameter) => {
    const asked = new Set(textsOf(parameter));
    return (row) => asked.has(String(get(row) ?? ''));
  };

/** `true` asks this; `false` asks nothing. */
export const when =
  <Row>(test: Test<Row>): Read<Row> =>
  (parameter) =>
    flagOf(parameter) ? test : undefined;

export const atMost =
  <Row>(get: (row: Row) => number | null): Read<Row> =>
  (parameter) => {
    const bound = numberOf(parameter);
    return (row) => (get(row) ?? Number.POSITIVE_INFINITY) <= bound;
  };

export const atLeast =
  <Row>(get: (row: Row) => number | null): Read<Row> =>
  (parameter) => {
    const bound = numberOf(parameter);
    return (row) => (get(row) ?? Number.NEGATIVE_INFINITY) >= bound;
  };

export const before =
  <Row>(get: (row: Row) => number): Read<Row> =>
  (parameter) => {
    const bound = parseDateParameter(parameter.name, textOf(parameter));
    return (row) => get(row) <= bound;
  };

export const after =
  <Row>(get: (row: Row) => number): Read<Row> =>
  (parameter) => {
    const bound = parseDateParameter(parameter.name, textOf(parameter));
    return (row) => get(row) >= bound;
  };

/** Nothing is like that here. */
export const none =
  <Row>(): Read<Row> =>
  () =>
  () =>
    false;

/** Says nothing about the rows. */
export const ignored =
  <Row>(): Read<Row> =>
  () =>
    undefined;

/** The usual tenant parameters; `including` also finds what has no tenant. */
export function tenant<Row>(get: (row: Row) => string | null, including = ''): Record<string, Read<Row>> {
  return {
    tenantIdIn: (parameter) => {
      const asked = new Set(textsOf(parameter));
      const also = String(parameter.asked.get(including) ?? '') === 'true';
      return (row) => {
        const tenantId = get(row);
        return tenantId === null ? also : asked.has(tenantId);
      };
    },
    withoutTenantId: when((row) => get(row) === null),
    ...(including === '' ? {} : { [including]: ignored() }),
  };
}

function numberOf(parameter: Parameter): number {
  const value = Number(textOf(parameter));
  if (!Number.isFinite(value)) throw invalid(`Cannot set query parameter '${parameter.name}': expected a number`);
  return value;
}
