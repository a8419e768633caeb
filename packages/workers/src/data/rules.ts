/** The simple validation rules: one object of rules per field. */
import { type Inputs, invalid, isObject, kindOf } from '../handler.ts';
import { boundedPattern } from './bounded-pattern.ts';
import type { Finding, Findings } from './validate.ts';

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  list: (value) => Array.isArray(value),
  object: isObject,
  email: (value) => typeof value === 'string' && value.length <= 320 && /^[^\s@]+@[^\s@]+$/.test(value),
  url: (value) => typeof value === 'string' && URL.canParse(value),
  date: (value) =>
    typeof value === 'string' &&
    value.length <= 40 &&
    /^\d{4}-\d\d-\d\d/.test(value) &&
    !Number.isNaN(Date.parse(value)),
};
const TYPE_ALIASES: Readonly<Record<string, string>> = {
  str: 'string',
  text: 'string',
  int: 'integer',
  long: 'integer',
  float: 'number',
  double: 'number',
  bool: 'boolean',
  array: 'list',
  dict: 'object',
  map: 'object',
};
const RULE_ALIASES: Readonly<Record<string, string>> = {
  min_length: 'minLength',
  max_length: 'maxLength',
  allowed: 'enum',
  regex: 'pattern',
};

/** A rule says what is wrong with a value, or nothing. */
type Rule = (value: unknown, argument: unknown) => string | undefined;
const RULES: Readonly<Record<string, Rule>> = {
  type: (value, argument) => {
    const name = String(argument).toLowerCase();
    const matches = TYPES[TYPE_ALIASES[name] ?? name];
    if (matches === undefined)
      throw invalid(`Validation type '${name}' is not known; use ${Object.keys(TYPES).join(', ')}.`);
    return matches(value) ? undefined : `must be of type ${name}, not ${kindOf(value)}`;
  },
  min: (value, argument) =>
    measure(value) < asNumber('min', argument) ? `must be at least ${String(argument)}` : undefined,
  max: (value, argument) =>
    measure(value) > asNumber('max', argument) ? `must be at most ${String(argument)}` : undefined,
  minLength: (value, argument) =>
    lengthOf(value) < asNumber('minLength', argument)
      ? `must have at least ${String(argument)} characters or entries`
      : undefined,
  maxLength: (value, argument) =>
    lengthOf(value) > asNumber('maxLength', argument)
      ? `must have at most ${String(argument)} characters or entries`
      : undefined,
  pattern: (value, argument) =>
    typeof value === 'string' && !boundedPattern(String(argument)).test(value)
      ? `must match ${String(argument)}`
      : undefined,
  enum: (value, argument) => {
    if (!Array.isArray(argument)) throw invalid("The validation rule 'enum' needs a list.");
    const same = JSON.stringify(value);
    return argument.some((one) => JSON.stringify(one) === same)
      ? undefined
      : `must be one of ${JSON.stringify(argument)}`;
  },
};

/** `null` and absent fields fail `required` and pass every other rule. */
export function checkRules(data: Inputs, rules: Inputs): Findings {
  const errors: Finding[] = [];
  const warnings: Finding[] = [];
  for (const [field, of] of Object.entries(rules)) {
    if (!isObject(of)) throw invalid(`The validation rules of field '${field}' must be an object, not ${kindOf(of)}.`);
    const value = Object.hasOwn(data, field) ? data[field] : undefined;
    const absent = value === undefined || value === null || (value === '' && of['required'] === true);
    if (absent && of['required'] === true) errors.push({ field, rule: 'required', message: `'${field}' is required` });
    for (const [given, argument] of Object.entries(of)) {
      const rule = RULE_ALIASES[given] ?? given;
      if (rule === 'required') continue;
      const check = Object.hasOwn(RULES, rule) ? RULES[rule] : undefined;
      if (check === undefined)
        warnings.push({ field, rule: given, message: `rule '${given}' is not known and was not checked` });
      const wrong = absent ? undefined : check?.(value, argument);
      if (wrong !== undefined) errors.push({ field, rule, message: `'${field}' ${wrong}` });
    }
  }
  return { errors, warnings, validatedFields: Object.keys(rules) };
}

/** Numbers by value; text and lists have no measure (use the length rules). */
function measure(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' || Array.isArray(value) ? value.length : Number.NaN;
}

function asNumber(rule: string, argument: unknown): number {
  const value = Number(argument);
  if (argument === null || !Number.isFinite(value)) throw invalid(`The validation rule '${rule}' needs a number.`);
  return value;
}
