/** JSON Schemas of the wire of `/api`, made of its types in `packages/protocol`: TypeBox reads the TypeScript. */
import { readFileSync } from 'node:fs';
import { Script } from 'typebox';

export type Schema = { readonly [key: string]: unknown };

const PROTOCOL = new URL('../../protocol/src/', import.meta.url);
const FILES = ['own', 'ai-topics', 'identity', 'registry', 'capabilities/contract', 'capabilities/policy'];

/** By the name of their type; types name each other by `$ref` to `#/components/schemas/…`. */
export function protocolSchemas(): Readonly<Record<string, Schema>> {
  const declarations = FILES.flatMap((file) => declarationsOf(readFileSync(new URL(`${file}.ts`, PROTOCOL), 'utf8')));
  const script = declarations.map(({ text }) => text).join('\n');
  const whole = Script(script) as unknown as Readonly<Record<string, Schema>>;
  const plain = new Map<string, Schema>();
  for (const { name } of declarations) {
    const schema = whole[name];
    if (schema === undefined || JSON.stringify(schema).includes('"deferred"'))
      throw new Error(`TypeBox cannot say what the type ${name} is: write it more plainly.`);
    plain.set(name, withoutIntersections(recursive(JSON.parse(JSON.stringify(schema)) as Schema)) as Schema);
  }
  const names = new Map(
    [...plain].filter(([, schema]) => isNamed(schema)).map(([name, schema]) => [keyOf(schema), name]),
  );
  return Object.fromEntries(
    declarations.map(({ name, about, members }) => {
      const schema = simplified(withNames(plain.get(name) ?? {}, names, name)) as Schema;
      return [name, described(schema, about, members)];
    }),
  );
}

interface Declaration {
  readonly name: string;
  /** Without `export`, comments and `readonly`, which JSON Schema has no word for. */
  readonly text: string;
  readonly about: string | undefined;
  /** Comments of its own members. */
  readonly members: ReadonlyMap<string, string>;
}

const DECLARATION =
  /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?^export (interface|type) (\w+)([\s\S]*?)(?=\n(?:\/\*\*|export |const |function |\n|$(?![\s\S])))/gm;

function declarationsOf(source: string): Declaration[] {
  const constants = new Map(
    [...source.matchAll(/export const (\w+) = \[([^\]]*)\] as const;/g)].map(([, name = '', list = '']) => [
      name,
      list
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== '')
        .join(' | '),
    ]),
  );
  return [...source.matchAll(DECLARATION)].map(([, about, kind, name = '', body = '']) => {
    const whole = `${kind} ${name}${body}`
      .replace(/\/\*\*?[\s\S]*?\*\//g, '')
      .replace(/\breadonly\s+/g, '')
      .replace(/\(typeof (\w+)\)\[number\]/g, (_, constant: string) => constants.get(constant) ?? 'string');
    return { name, text: whole, about: about === undefined ? undefined : textOf(about), members: membersOf(body) };
  });
}

/** Comments directly before members of the outermost level. */
function membersOf(body: string): ReadonlyMap<string, string> {
  const members = new Map<string, string>();
  for (const match of body.matchAll(/^ {2}\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {2}readonly (\w+)\??:/gm))
    members.set(match[2] ?? '', textOf(match[1] ?? ''));
  return members;
}

function textOf(comment: string): string {
  return comment
    .replace(/^\s*\*( |$)/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function described(schema: Schema, about: string | undefined, members: ReadonlyMap<string, string>): Schema {
  const properties = schema['properties'] as Readonly<Record<string, Schema>> | undefined;
  const described = Object.fromEntries(
    Object.entries(properties ?? {}).map(([name, property]) => {
      const text = members.get(name);
      return [name, text === undefined ? property : { ...property, description: text }];
    }),
  );
  return {
    ...(about === undefined ? {} : { description: about }),
    ...schema,
    ...(properties === undefined ? {} : { properties: described }),
  };
}

/** A type that contains itself comes with its definition inside. */
function recursive(schema: Schema): Schema {
  const definitions = schema['$defs'] as Readonly<Record<string, Schema>> | undefined;
  const { $id: _, ...own } = definitions?.[String(schema['$ref'])] ?? schema;
  return own;
}

/** What is worth a name of its own: not a text or a few words. */
function isNamed(schema: Schema): boolean {
  const { type, anyOf } = schema as { readonly type?: unknown; readonly anyOf?: readonly Schema[] };
  return type === 'object' || (anyOf !== undefined && !anyOf.every((one) => one['const'] !== undefined));
}

function withoutIntersections(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutIntersections);
  if (typeof value !== 'object' || value === null) return value;
  const schema = Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, withoutIntersections(one)]),
  ) as Schema;
  return Array.isArray(schema['allOf']) ? merged(schema['allOf'] as readonly Schema[]) : schema;
}

function keyOf(schema: unknown): string {
  return JSON.stringify(schema);
}

/** TypeBox writes named types out wherever they are used. */
function withNames(value: unknown, names: ReadonlyMap<string, string>, own?: string): unknown {
  if (Array.isArray(value)) return value.map((one) => withNames(one, names));
  if (typeof value !== 'object' || value === null) return value;
  const reference = (value as Schema)['$ref'];
  if (typeof reference === 'string') return { $ref: `#/components/schemas/${reference}` };
  const name = names.get(keyOf(value));
  if (name !== undefined && name !== own) return { $ref: `#/components/schemas/${name}` };
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withNames(one, names)]));
}

/** Words as `enum`, null as one of the types: as people would write it. */
function simplified(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(simplified);
  if (typeof value !== 'object' || value === null) return value;
  const schema = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, simplified(one)])) as Schema;
  if (schema['type'] === 'object' && schema['patternProperties'] !== undefined) {
    const { patternProperties, properties: _, ...rest } = schema;
    const [members] = Object.values(patternProperties as Readonly<Record<string, Schema>>);
    return { ...rest, additionalProperties: members ?? {} };
  }
  if (!Array.isArray(schema['anyOf'])) return schema;
  const { anyOf: _, ...rest } = schema;
  const alternatives = (schema['anyOf'] as readonly Schema[]).flatMap((one) =>
    Array.isArray(one['anyOf']) ? (one['anyOf'] as readonly Schema[]) : [one],
  );
  const words = alternatives.flatMap((one) =>
    one['const'] !== undefined ? [one['const']] : Array.isArray(one['enum']) ? one['enum'] : [],
  );
  const others = alternatives.filter((one) => one['const'] === undefined && one['enum'] === undefined);
  const isNullable = others.some((one) => one['type'] === 'null');
  const real = others.filter((one) => one['type'] !== 'null');
  if (words.length > 0 && real.length === 0)
    return { ...rest, type: isNullable ? ['string', 'null'] : 'string', enum: isNullable ? [...words, null] : words };
  const [only] = real;
  if (words.length === 0 && real.length === 1 && isNullable && typeof only?.['type'] === 'string')
    return { ...rest, ...only, type: [only['type'], 'null'] };
  return { ...rest, anyOf: alternatives };
}

function merged(parts: readonly Schema[]): Schema {
  const required = parts.flatMap((part) => (part['required'] as readonly string[] | undefined) ?? []);
  return {
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties: Object.assign({}, ...parts.map((part) => part['properties'])) as Schema,
  };
}
