/** Checks what comes in against what a route says of itself: names of query parameters, members of the body. */
import type { Validator } from 'typebox/schema';
import type { Call, JsonObject } from '../../call.ts';
import { wrong } from '../parameters.ts';
import type { RouteAbout } from './contract.ts';
import { bodySchema } from './schemas.ts';

/** A check is made when it is first needed: the library takes longer to load than the server to start. */
export function checkOf(about: RouteAbout): (call: Call) => Promise<void> {
  const names = Object.keys(about.query ?? {});
  const isChecked = typeof about.body === 'string' && !about.judgesBody;
  let compiled: Promise<Validator> | undefined;
  return async (call) => {
    refuseUnknown(call, names);
    if (!isChecked) return;
    compiled ??= import('typebox/schema').then(({ Compile }) => Compile(bodySchema(about) ?? {}));
    const validator = await compiled;
    if (validator.Check(call.body)) return;
    const [, [first]] = validator.Errors(call.body) as readonly [boolean, readonly Fault[]];
    if (first !== undefined) throw wrong(faultText(first, call.body));
  };
}

function refuseUnknown({ query }: Call, names: readonly string[]): void {
  const unknown = Object.keys(query).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const known = names.length === 0 ? 'this route has none' : `there are ${names.join(', ')}`;
  throw wrong(`There is no query parameter ${unknown}: ${known}.`);
}

/** As the library tells it. */
interface Fault {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: {
    readonly requiredProperties?: readonly string[];
    readonly type?: string | readonly string[];
    readonly allowedValues?: readonly unknown[];
  };
}

function faultText({ keyword, instancePath, params }: Fault, body: JsonObject): string {
  const path = instancePath.slice(1).replaceAll('/', '.');
  const [missing] = params.requiredProperties ?? [];
  if (keyword === 'required' && missing !== undefined)
    return `Member ${path === '' ? missing : `${path}.${missing}`} is missing: see /api/openapi.json.`;
  const value = instancePath
    .slice(1)
    .split('/')
    .reduce<unknown>((at, name) => (at as Readonly<Record<string, unknown>> | undefined)?.[name], body);
  if (keyword === 'enum') {
    const words = (params.allowedValues ?? []).filter((word) => word !== null);
    return `Member ${path} is ${JSON.stringify(value)}: give ${words.join(', ')}.`;
  }
  const types = [params.type ?? []].flat().filter((type) => type !== 'null');
  const kinds = types.map((type) => KINDS[type] ?? type);
  return kinds.length === 0
    ? `Member ${path} is not as it has to be: see /api/openapi.json.`
    : `Member ${path} must be ${kinds.join(' or ')}.`;
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};
