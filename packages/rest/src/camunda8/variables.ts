/**
 * Variables as Camunda 8 knows them, plain JSON: from the wire into typed variables and back. A value that a Camunda 7
 * client wrote reads as the JSON that means the same; what a Camunda 8 client writes gets the type that Camunda 7 infers.
 */
import { asLargeValue, BlobDamaged, type Json, type LargeValues, type Variable, type Variables } from '@procos/kernel';
import { inferred } from '../camunda7/typed-values.ts';
import { isObject, JsonRefusal, parseJson } from '../safe-json.ts';
import { invalid } from './errors.ts';

/** A value kept out of line is written in full up to so many bytes, else what names it. */
export const MOST_WRITTEN_BYTES: number = 4 * 1024 * 1024;

/** `{name: value}` of a request; absent or null is empty. */
export function readVariables(map: Json | undefined, name = 'variables'): Variables {
  const variables: Record<string, Variable> = Object.create(null);
  if (map === undefined || map === null) return variables;
  if (!isObject(map))
    throw invalid(
      `'${name}' must be an object of names and values, but is ${typeof map === 'object' ? 'a list' : JSON.stringify(map)}`,
    );
  for (const [variable, value] of Object.entries(map)) variables[variable] = inferred(value);
  return variables;
}

/** Plain JSON of every variable; `only`: those of these names. */
export function writeVariables(
  variables: Variables,
  values: LargeValues,
  only?: readonly string[],
): Record<string, Json> {
  const wanted = only === undefined ? undefined : new Set(only);
  const map: Record<string, Json> = Object.create(null);
  for (const [name, variable] of Object.entries(variables)) {
    if (wanted === undefined || wanted.has(name)) map[name] = writeVariable(variable, values);
  }
  return map;
}

/** Bytes and files are base64 text; an object that was serialised as JSON is that JSON. */
export function writeVariable(variable: Variable, values: LargeValues): Json {
  const { type, value, info } = variable;
  const large = asLargeValue(value);
  if (large !== undefined) return type === 'Bytes' || type === 'File' ? value : written(variable, large.blob, values);
  if (type === 'Object' && info?.serializationDataFormat === 'application/json' && typeof value === 'string')
    return jsonOr(value);
  return value;
}

/** What was put out of line only because of its size is given as what it is. */
function written({ type, value }: Variable, name: string, values: LargeValues): Json {
  const blob = values.find(name);
  if (blob === undefined || blob.size > MOST_WRITTEN_BYTES) return value;
  const text = textOf(values, name);
  if (text === undefined) return value;
  return type === 'Json' || type === 'Object' ? jsonOr(text) : text;
}

/** undefined: the bytes are not what they were; what names them says so to who reads them. */
function textOf(values: LargeValues, name: string): string | undefined {
  try {
    return Buffer.concat([...values.read(name)]).toString('utf8');
  } catch (error) {
    if (error instanceof BlobDamaged) return undefined;
    throw error;
  }
}

function jsonOr(text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonRefusal) return text;
    throw error;
  }
}
