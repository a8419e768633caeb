/**
 * What is submitted by a generated form (`camunda:formData`): brought into the types of its fields and held against their
 * constraints, as Camunda 7's form service does.
 */
import { type FormField, instantText, type Json, readInstant, type Variable } from '@procos/bpmn';
import type { Variables } from '../records/events.ts';
import { Fault } from './fault.ts';
import type { Visit } from './turn.ts';
import { evaluateOr, lookup } from './variables.ts';

export type Submitted =
  | { readonly ok: true; readonly variables: Variables }
  /** All reasons at once. */
  | { readonly ok: false; readonly reason: string };

/** Fields that are not submitted get their default value; what belongs to no field is taken as it is. */
export function readSubmitted(at: Visit, fields: readonly FormField[], given: Variables): Submitted {
  const variables: Record<string, Variable> = { ...given };
  const reasons: string[] = [];
  for (const field of fields) {
    const submitted = Object.hasOwn(given, field.id) ? given[field.id] : undefined;
    const read = submitted === undefined ? defaultOf(at, field) : convert(at, field, submitted);
    if (typeof read === 'string') {
      reasons.push(`form field '${field.id}': ${read}`);
      continue;
    }
    const value = submitted === undefined ? null : (read?.value ?? null);
    const failed = (field.constraints ?? []).flatMap((constraint) => broken(at, field, constraint, value) ?? []);
    reasons.push(...failed.map((why) => `Invalid value submitted for form field '${field.id}': ${why}`));
    if (read !== undefined) variables[field.id] = read;
  }
  return reasons.length === 0 ? { ok: true, variables } : { ok: false, reason: reasons.join('; ') };
}

function defaultOf(at: Visit, field: FormField): Variable | string | undefined {
  if (field.default === undefined) return undefined;
  const result = evaluateOr(at, field.default, `default value of form field '${field.id}' at`);
  if (result instanceof Fault) return result.message;
  return convert(at, field, { type: 'String', value: result.value });
}

/** Text where it cannot be converted: why. */
function convert({ turn }: Visit, { type, values }: FormField, submitted: Variable): Variable | string {
  const { value } = submitted;
  switch (type) {
    case 'long': {
      if (value === null) return { type: 'Long', value };
      const number = typeof value === 'string' && /^[+-]?\d+$/.test(value.trim()) ? Number(value) : value;
      return typeof number === 'number' && Number.isSafeInteger(Math.trunc(number))
        ? { type: 'Long', value: Math.trunc(number) }
        : `value ${shown(value)} is not of type Long`;
    }
    case 'boolean':
      if (value === null || typeof value === 'boolean') return { type: 'Boolean', value };
      return typeof value === 'string'
        ? { type: 'Boolean', value: value.toLowerCase() === 'true' }
        : `value ${shown(value)} is not of type Boolean`;
    case 'date': {
      if (value === null || submitted.type === 'Date') return { type: 'Date', value };
      const instant = typeof value === 'string' ? readInstant(isoDate(value), turn.zone) : undefined;
      return instant?.ok === true
        ? { type: 'Date', value: instantText(instant.value, turn.zone) }
        : `value ${shown(value)} is no date: write it by ISO 8601 or as dd/MM/yyyy`;
    }
    case 'enum':
      if (value === null || values === undefined || values.some(({ id }) => id === value))
        return { type: 'String', value };
      return `${shown(value)} is none of ${values.map(({ id }) => `'${id}'`).join(', ')}`;
    case 'string':
      if (value === null || typeof value === 'string') return { type: 'String', value };
      return { type: 'String', value: typeof value === 'object' ? JSON.stringify(value) : String(value) };
    default:
      return submitted;
  }
}

/** Camunda's own default pattern is the other way round. */
function isoDate(text: string): string {
  const [, day, month, year] = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(text.trim()) ?? [];
  return year === undefined ? text : `${year}-${month}-${day}T00:00:00`;
}

/** Why the value does not keep to the constraint; undefined when it does. */
function broken(
  { instance, self }: Visit,
  { id }: FormField,
  { name, config = '' }: NonNullable<FormField['constraints']>[number],
  value: Json,
): string | undefined {
  const failed = `validation of ${name}${config === '' ? '' : `(${config})`} failed`;
  if (name === 'required') {
    const known = value ?? lookup(instance, self, id)?.value ?? null;
    return known === null || value === '' ? failed : undefined;
  }
  if (name === 'readonly') return value === null ? undefined : failed;
  if (value === null) return undefined;
  const limit = Number(config);
  if (config.trim() === '' || Number.isNaN(limit)) return `constraint ${name} has no number: '${config}'`;
  const isLength = name === 'minlength' || name === 'maxlength';
  if (typeof value !== (isLength ? 'string' : 'number'))
    return `constraint ${name} is for ${isLength ? 'text' : 'numbers'}, not for ${shown(value)}`;
  const size = typeof value === 'string' ? value.length : Number(value);
  const holds = name === 'min' || name === 'minlength' ? size >= limit : size <= limit;
  return holds ? undefined : failed;
}

function shown(value: Json): string {
  return JSON.stringify(value).slice(0, 80);
}
