/** The schemas of the wire, as they are made of its types (`npm run docs:api`), and those that checks need. */
import type { RouteAbout, TypeName } from './contract.ts';
import SCHEMAS from './schemas.json' with { type: 'json' };

export type Schema = { readonly [key: string]: unknown };

export const schemas: Readonly<Record<string, Schema>> = SCHEMAS as unknown as Readonly<Record<string, Schema>>;

/** Of a type, or of a list of it. Throws for a name that is none. */
export function schemaOf(name: TypeName): Schema {
  if (name.endsWith('[]')) return { type: 'array', items: schemaOf(name.slice(0, -2)) };
  if (name === 'string') return { type: 'string' };
  if (name === 'object') return { type: 'object' };
  if (!Object.hasOwn(schemas, name))
    throw new Error(`There is no type ${name} in packages/protocol: run npm run docs:api.`);
  return { $ref: `#/components/schemas/${name}` };
}

/** For the check of a body: members that may be absent may also be null. Undefined: there is no JSON body. */
export function bodySchema({ body }: RouteAbout): Schema | undefined {
  return typeof body === 'string' ? standalone(schemaOf(body), lenient) : undefined;
}

/** For the check of an answer: it has no members but those of its type. */
export function answerSchema(answer: TypeName): Schema {
  return standalone(schemaOf(answer), strict);
}

function standalone(schema: Schema, change: (schema: Schema) => Schema): Schema {
  const components = Object.fromEntries(Object.entries(schemas).map(([name, one]) => [name, changed(one, change)]));
  return { ...(changed(schema, change) as Schema), components: { schemas: components } };
}

function changed(value: unknown, change: (schema: Schema) => Schema): unknown {
  if (Array.isArray(value)) return value.map((one) => changed(one, change));
  if (typeof value !== 'object' || value === null) return value;
  const inside = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, changed(one, change)]));
  return inside['type'] === 'object' ? change(inside) : inside;
}

function lenient(schema: Schema): Schema {
  const { properties, required = [] } = schema as {
    readonly properties?: Schema;
    readonly required?: readonly string[];
  };
  if (properties === undefined) return schema;
  const members = Object.entries(properties).map(([name, member]) => [
    name,
    required.includes(name) ? member : { anyOf: [member, { type: 'null' }] },
  ]);
  return { ...schema, properties: Object.fromEntries(members) };
}

function strict(schema: Schema): Schema {
  return schema['properties'] === undefined || schema['additionalProperties'] !== undefined
    ? schema
    : { ...schema, additionalProperties: false };
}
