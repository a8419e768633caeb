/** Topic `data_validation`: data against simple rules or a JSON Schema. */
import { type Inputs, invalid, isObject, kindOf, type Outputs, optionalObject, present } from '../handler.ts';
import { PatternProblem } from './bounded-pattern.ts';
import { checkRules } from './rules.ts';
import { checkSchema } from './schema.ts';

const MAX_SIZE = 4 * 1024 * 1024;
const MAX_DEPTH = 100;

/** One thing that is wrong, or worth a look. */
export interface Finding {
  /** Where: a field name or a JSON pointer; empty for the whole. */
  readonly field: string;
  readonly rule: string;
  readonly message: string;
}
export interface Findings {
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
  readonly validatedFields: readonly string[];
}

/**
 * Inputs: data* (object, or with a schema anything), and validation_rules* `{field: {required, type, min, max, min_length,
 * max_length, pattern, enum}}` or `schema`, a JSON Schema (2020-12 and draft-07 keywords; also accepted in validation_rules
 * when that has `$schema`, or a text `type` beside `properties`). Outputs: valid, errors, warnings, validated_fields.
 * Data that is not valid is an outcome, not a failure; wrong rules are a failure that is not retried.
 */
export async function dataValidation(inputs: Inputs): Promise<Outputs> {
  const data = present(inputs, 'data');
  const rules = optionalObject(inputs, 'validation_rules');
  const schema = optionalObject(inputs, 'schema') ?? (rules !== undefined && isSchema(rules) ? rules : undefined);
  for (const [name, value] of Object.entries({ data, rules: schema ?? rules })) bound(value, name);
  const { errors, warnings, validatedFields } = await check(data, schema, rules);
  return { local: { valid: errors.length === 0, errors, warnings, validated_fields: validatedFields } };
}

async function check(data: unknown, schema: Inputs | undefined, rules: Inputs | undefined): Promise<Findings> {
  try {
    if (schema !== undefined) return await checkSchema(data, schema);
    if (rules === undefined) throw invalid("Input 'validation_rules' or 'schema' is missing.");
    if (!isObject(data)) throw invalid(`Input 'data' must be an object for validation_rules, not ${kindOf(data)}.`);
    return checkRules(data, rules);
  } catch (error) {
    if (error instanceof PatternProblem) throw invalid(`Validation stopped: ${error.message}.`);
    throw error;
  }
}

function isSchema(rules: Inputs): boolean {
  return '$schema' in rules || '$ref' in rules || (typeof rules['type'] === 'string' && isObject(rules['properties']));
}

function bound(value: unknown, name: string): void {
  if ((JSON.stringify(value) ?? '').length > MAX_SIZE)
    throw invalid(`The ${name} are larger than ${MAX_SIZE} characters.`);
  const tooDeep = (at: unknown, depth: number): boolean =>
    typeof at === 'object' &&
    at !== null &&
    (depth > MAX_DEPTH || Object.values(at).some((one) => tooDeep(one, depth + 1)));
  if (tooDeep(value, 0)) throw invalid(`The ${name} are nested deeper than ${MAX_DEPTH} levels.`);
}
