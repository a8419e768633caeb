/**
 * Judges a value by a schema, as far as the types of the wire need it: TypeBox does the same with everything that JSON Schema has, but
 * takes 19 MB and 0.1 s when it is first used, for what a page of code does. A test compares the two.
 */
import type { Schema } from './schemas.ts';

export interface Fault {
  /** Members on the way, e.g. `elements.0.elementId`; empty: the value itself. */
  readonly path: string;
  /** The middle of a sentence: `must be a text`. */
  readonly text: string;
}

type Components = Readonly<Record<string, Schema>>;

interface Parts {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
};
const REFERENCE = '#/components/schemas/';

/** The first thing that is wrong, undefined when nothing is. Members that may be absent may also be null. */
export function faultIn(value: unknown, schema: Schema, components: Components, path = ''): Fault | undefined {
  const { $ref, type, anyOf, ...rest }: Parts = schema;
  if ($ref !== undefined) return faultIn(value, components[$ref.slice(REFERENCE.length)] ?? {}, components, path);
  if (anyOf !== undefined) return alternatives(value, anyOf, components, path);
  if (rest.const !== undefined && value !== rest.const) return { path, text: `must be ${JSON.stringify(rest.const)}` };
  const types = [type ?? []].flat();
  if (types.length > 0 && !types.includes(typeOf(value))) {
    const kinds = types.filter((one) => one !== 'null' || types.length === 1).map((one) => KINDS[one] ?? one);
    return { path, text: `must be ${kinds.join(' or ')}` };
  }
  if (rest.enum !== undefined && !rest.enum.includes(value)) {
    const words = rest.enum.filter((word) => word !== null).join(', ');
    return { path, text: `is ${JSON.stringify(value)}: give ${words}` };
  }
  if (Array.isArray(value)) return inItems(value, rest, components, path);
  return typeOf(value) === 'object' ? inMembers(value as Schema, rest, components, path) : undefined;
}

/** Of one that fits; else what is wrong with the only one that is not null, or that none fits. */
function alternatives(
  value: unknown,
  schemas: readonly Schema[],
  components: Components,
  path: string,
): Fault | undefined {
  const faults = schemas.map((one) => faultIn(value, one, components, path));
  if (faults.includes(undefined)) return undefined;
  const real = faults.filter((_, at) => schemas[at]?.['type'] !== 'null');
  return real.length === 1 ? real[0] : { path, text: 'is none of what it may be' };
}

function inItems(list: readonly unknown[], { items }: Parts, components: Components, path: string): Fault | undefined {
  for (const [at, item] of list.entries()) {
    const fault = items === undefined ? undefined : faultIn(item, items, components, below(path, String(at)));
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function inMembers(object: Schema, parts: Parts, components: Components, path: string): Fault | undefined {
  const { required = [], properties = {}, additionalProperties } = parts;
  for (const name of required) {
    if (!Object.hasOwn(object, name) || object[name] === undefined)
      return { path: below(path, name), text: 'is missing' };
  }
  for (const [name, member] of Object.entries(object)) {
    const schema = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (schema === undefined || (member === null && !required.includes(name) && Object.hasOwn(properties, name)))
      continue;
    const fault = faultIn(member, schema, components, below(path, name));
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function below(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
