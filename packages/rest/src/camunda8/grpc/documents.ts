/** Members of a message that the protocol and REST write differently: documents as text, and defaults that mean "not given". */
import type { Variables } from '@procos/kernel';
import type { JsonObject } from '../../call.ts';
import { isObject, JsonRefusal, parseJson } from '../../safe-json.ts';
import { invalid } from '../errors.ts';
import { readVariables } from '../variables.ts';

/** The JSON object in a member; empty text is an empty one. */
export function documentOf(message: JsonObject, name: string): JsonObject {
  const text = message[name];
  if (typeof text !== 'string' || text === '') return {};
  const value = parsed(text, name);
  if (isObject(value)) return value;
  throw invalid(`'${name}' must be the text of a JSON object, but is ${shown(text)}`);
}

export function variablesOf(message: JsonObject, name = 'variables'): Variables {
  return readVariables(documentOf(message, name), name);
}

function parsed(text: string, name: string) {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonRefusal) throw invalid(`'${name}' must be the text of a JSON object: ${error.message}`);
    throw error;
  }
}

const SHOWN = 100;

function shown(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`;
}

/** The messages of a list inside. */
export function objectsIn(message: JsonObject, name: string): readonly JsonObject[] {
  return (message[name] ?? []) as readonly JsonObject[];
}

/** Without members that have the default of the protocol, which nobody can tell from absent ones. */
export function given(message: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(
    Object.entries(message).filter(([name, value]) => !names.includes(name) || (value !== '' && value !== '0')),
  );
}

/** What is absent in the protocol has no null. */
export function withoutNulls(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}
