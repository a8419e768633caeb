/** Data against a JSON Schema, with Ajv; patterns are bounded and nothing is loaded from outside. */
import { isIP } from 'node:net';
import type { ErrorObject, Options } from 'ajv';
import { type Inputs, invalid, isObject } from '../handler.ts';
import { boundedPattern, PatternProblem } from './bounded-pattern.ts';
import type { Finding, Findings } from './validate.ts';

const isDate = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text) === true;
const FORMATS = {
  date: isDate,
  'date-time': (text: string) =>
    isDate(text.slice(0, 10)) && /^T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(text.slice(10)),
  time: /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/i,
  email: /^[^\s@<>(),;:"\\]{1,64}@[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){0,8}$/i,
  uri: (text: string) => URL.canParse(text),
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  ipv4: (text: string) => isIP(text) === 4,
  ipv6: (text: string) => isIP(text) === 6,
} satisfies Options['formats'];

type Validate = (data: unknown) => unknown;
interface Compiled {
  readonly validate: Validate & { errors?: ErrorObject[] | null };
  readonly warnings: readonly Finding[];
}

/** By the text of the schema; models use few, and compiling is dear. The oldest is forgotten. */
const compiled = new Map<string, Compiled>();
const KEPT = 100;

export async function checkSchema(data: unknown, schema: Inputs): Promise<Findings> {
  const text = JSON.stringify(schema);
  const { validate, warnings } = compiled.get(text) ?? (await compile(schema));
  compiled.set(text, { validate, warnings });
  if (compiled.size > KEPT) compiled.delete(compiled.keys().next().value ?? '');
  let ok: unknown;
  try {
    ok = validate(data);
  } catch (error) {
    if (error instanceof RangeError) throw invalid('The JSON Schema refers to itself without end.');
    throw error;
  }
  const errors = ok === true ? [] : (validate.errors ?? []).slice(0, 1000).map(finding);
  const properties = isObject(schema['properties']) ? Object.keys(schema['properties']) : [];
  return { errors, warnings, validatedFields: properties };
}

async function compile(schema: Inputs): Promise<Compiled> {
  const draft7 = String(schema['$schema'] ?? '').includes('draft-07');
  // An instance of its own per schema: a schema from one process must not define names for another.
  const Ajv = draft7 ? (await import('ajv')).Ajv : (await import('ajv/dist/2020.js')).Ajv2020;
  const engine = Object.assign((pattern: string, flags: string) => boundedPattern(pattern, flags), {
    code: 'boundedPattern',
  });
  const warnings: Finding[] = [];
  const warn = (message: unknown): void => {
    warnings.push({ field: '', rule: 'schema', message: String(message) });
  };
  const options: Options = {
    allErrors: true,
    // Types may be left out (as JSON Schema permits); unknown keywords and formats are worth a warning.
    strict: 'log',
    strictTypes: false,
    strictRequired: false,
    logger: { log: warn, warn, error: warn },
    formats: FORMATS,
    code: { regExp: engine },
  };
  try {
    return { validate: new Ajv(options).compile(schema), warnings };
  } catch (error) {
    if (error instanceof PatternProblem) throw error;
    throw invalid(`The JSON Schema is not usable: ${(error as Error).message}.`);
  }
}

function finding(error: ErrorObject): Finding {
  const missing = error.keyword === 'required' ? `/${String(error.params['missingProperty'])}` : '';
  return {
    field: error.instancePath + missing,
    rule: error.keyword,
    message: error.message ?? 'is not valid',
  };
}
