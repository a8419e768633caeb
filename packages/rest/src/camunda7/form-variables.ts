/** What the fields of a form begin with: variables that are there, else the default values of the model. */
import type { Variable, Variables } from '@procos/kernel';
import type { Call } from '../call.ts';
import { invalid, RestError } from './errors.ts';
import { readVariable, writeVariables } from './typed-values.ts';

interface Field {
  readonly id: string;
  readonly type: string;
  readonly defaultValue?: string;
}

/** Camunda's types of fields as types of variables. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'String',
  long: 'Long',
  boolean: 'Boolean',
  date: 'Date',
  enum: 'String',
};

/** `variableNames` chooses among them. */
export function formVariables({ query }: Call, fields: readonly Field[], known: Variables): unknown {
  const names = query['variableNames'] === undefined ? undefined : String(query['variableNames']).split(',');
  const all: Record<string, Variable> = Object.create(null);
  for (const field of fields) all[field.id] = initial(field);
  Object.assign(all, known);
  return writeVariables(
    Object.fromEntries(Object.entries(all).filter(([name]) => names === undefined || names.includes(name))),
  );
}

/** An expression gives its value only when the form is submitted. */
function initial({ id, type, defaultValue }: Field): Variable {
  const typeName = TYPES[type] ?? 'String';
  const isText = defaultValue !== undefined && !/[$#]\{/.test(defaultValue);
  if (!isText) return { type: 'Null', value: null };
  try {
    return readVariable({ type: typeName, value: defaultValue });
  } catch (error) {
    if (error instanceof RestError) throw invalid(`The default value of form field '${id}' is wrong: ${error.message}`);
    throw error;
  }
}
