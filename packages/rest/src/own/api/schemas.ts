/** The schemas of the wire, as they are made of its types (`npm run docs:api`). */
import type { TypeName } from './contract.ts';
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

/** For the check of an answer: it has no members but those of its type. */
export function answerSchema(answer: TypeName): Schema {
  const components = Object.fromEntries(Object.entries(schemas).map(([name, one]) => [name, closed(one)]));
  return { ...(closed(schemaOf(answer)) as Schema), components: { schemas: components } };
}

function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const inside: Schema = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, closed(one)]));
  const isOpen = inside['type'] === 'object' && inside['properties'] !== undefined;
  return isOpen && inside['additionalProperties'] === undefined ? { ...inside, additionalProperties: false } : inside;
}
