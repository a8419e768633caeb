/** Camunda's typed values `{type, value, valueInfo}`: from the wire into variables and back. */
import {
  asLargeValue,
  excessOf,
  handleOf,
  isBlobName,
  type Json,
  MAX_JSON_DEPTH,
  type ValueInfo,
  type Variable,
  type Variables,
  type VariableType,
  variableOfLarge,
} from '@procos/kernel';
import { isObject, JsonRefusal, parseJson } from '../safe-json.ts';
import { formatDate, parseDate } from './dates.ts';
import { invalid, RestError } from './errors.ts';

export interface TypedValue {
  readonly type: string;
  readonly value: Json;
  readonly valueInfo: Readonly<Record<string, Json>>;
}

const TYPES = new Map<string, VariableType>(
  (
    [
      'Null',
      'Boolean',
      'Short',
      'Integer',
      'Long',
      'Double',
      'Number',
      'String',
      'Date',
      'Bytes',
      'File',
      'Object',
      'Json',
      'Xml',
    ] as const
  ).map((type) => [lowerFirst(type), type]),
);

const JAVA_TYPES: Partial<Record<VariableType, string>> = {
  Boolean: 'java.lang.Boolean',
  Short: 'java.lang.Short',
  Integer: 'java.lang.Integer',
  Long: 'java.lang.Long',
  Double: 'java.lang.Double',
  Number: 'java.lang.Number',
  String: 'java.lang.String',
  Date: 'java.util.Date',
};

/** `{name: {type, value, valueInfo}}` of a request; an absent or null map is empty. Throws `RestError` 400. */
export function readVariables(map: Json | undefined, member = 'variables'): Variables {
  const variables: Record<string, Variable> = Object.create(null);
  if (map === undefined || map === null) return variables;
  if (!isObject(map)) throw invalid(`'${member}' must be an object of typed values`);
  for (const [name, value] of Object.entries(map)) variables[name] = readVariable(value, name);
  return variables;
}

/** One typed value of a request. Throws `RestError` 400 with Camunda's wording. */
export function readVariable(input: Json, name = 'value'): Variable {
  if (input === null) return { type: 'Null', value: null };
  if (!isObject(input)) throw invalid(`Variable '${name}' must be an object {type, value, valueInfo}`);
  const value = input['value'] ?? null;
  const typeName = input['type'] ?? null;
  const info = readInfo(input['valueInfo']);
  if (typeName === null || typeName === '') return withInfo(inferred(value), transientOnly(info));
  if (typeof typeName !== 'string') throw invalid(`Unsupported value type '${JSON.stringify(typeName)}'`);
  const type = TYPES.get(lowerFirst(typeName));
  if (type === undefined) throw invalid(`Unsupported value type '${typeName}'`);
  const blob = isObject(input['valueInfo']) ? input['valueInfo']['blob'] : undefined;
  if (blob !== undefined && blob !== null) return reference(type, typeName, blob, info);
  return convert(type, typeName, value, info);
}

const KEPT_OUT_OF_LINE: ReadonlySet<VariableType> = new Set(['String', 'Bytes', 'File', 'Object', 'Json', 'Xml']);

/** `valueInfo.blob` names content that is here already; what it is like, the kernel knows. */
function reference(type: VariableType, typeName: string, blob: Json, info: ValueInfo): Variable {
  if (!KEPT_OUT_OF_LINE.has(type)) throw invalid(`A value of type '${typeName}' cannot be kept out of line`);
  if (!isBlobName(blob)) throw invalid(`valueInfo.blob must be 'sha256:' and 64 hexadecimal digits`);
  const empty: Variable = type === 'File' ? convert(type, typeName, null, info) : withInfo({ type, value: null }, info);
  return { ...empty, value: handleOf(empty, { name: blob, size: 0 }) };
}

function convert(type: VariableType, typeName: string, value: Json, info: ValueInfo): Variable {
  switch (type) {
    case 'Null':
      return withInfo({ type, value: null }, transientOnly(info));
    case 'Object':
      return withInfo({ type, value: serialized(textOrNull(typeName, value), info) }, info);
    case 'Xml':
      return withInfo({ type, value: textOrNull(typeName, value) }, info);
    case 'Json':
      return withInfo({ type, value: parsedJson(textOrNull(typeName, value)) }, transientOnly(info));
    case 'File':
      if (info.filename === undefined) throw invalid("'filename' must be provided in the valueInfo of a File value");
      return withInfo({ type, value: base64(typeName, value) }, info);
    case 'Bytes':
      return withInfo({ type, value: base64(typeName, value) }, transientOnly(info));
    default: {
      const primitive = value === null ? null : toPrimitive(type, value);
      if (primitive === undefined) {
        const shown = typeof value === 'object' ? JSON.stringify(value) : String(value);
        throw invalid(`Cannot convert value '${shown}' of type '${typeName}' to java type ${JAVA_TYPES[type]}`);
      }
      return withInfo({ type, value: primitive }, transientOnly(info));
    }
  }
}

/** undefined: cannot be converted. Text forms are accepted, as Camunda does. */
function toPrimitive(type: VariableType, value: Json): Json | undefined {
  if (typeof value === 'object') return undefined;
  switch (type) {
    case 'Boolean':
      if (typeof value === 'boolean') return value;
      return value === 'true' ? true : value === 'false' ? false : undefined;
    case 'Short':
      return wholeNumber(value, -32_768, 32_767);
    case 'Integer':
      return wholeNumber(value, -2_147_483_648, 2_147_483_647);
    case 'Long':
      return wholeNumber(value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    case 'Double':
    case 'Number':
      return anyNumber(value);
    case 'Date': {
      const at = typeof value === 'string' ? parseDate(value) : typeof value === 'number' ? value : undefined;
      return at === undefined || Math.abs(at) > 8.64e15 ? undefined : new Date(at).toISOString();
    }
    default:
      return String(value);
  }
}

function wholeNumber(value: string | number | boolean | null, lowest: number, highest: number): number | undefined {
  if (typeof value === 'string' && !/^[+-]?\d+$/.test(value.trim())) return undefined;
  const number = anyNumber(value);
  return number !== undefined && Number.isInteger(number) && number >= lowest && number <= highest ? number : undefined;
}

function anyNumber(value: string | number | boolean | null): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value.trim())) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

function textOrNull(typeName: string, value: Json): string | null {
  if (value === null || typeof value === 'string') return value;
  throw invalid(`Must provide 'null' or String value for value of SerializableValue type '${typeName}'.`);
}

function parsedJson(text: string | null): Json {
  if (text === null) return null;
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonRefusal)) throw error;
    const message = `Cannot read the value of type 'Json': ${error.message}`;
    throw new RestError(error.status, 'InvalidRequestException', message, { code: null });
  }
}

/** Text that says that it is JSON is taken apart by expressions. */
function serialized(text: string | null, { serializationDataFormat }: ValueInfo): string | null {
  if (text !== null && serializationDataFormat === 'application/json' && excessOf(text) !== undefined) {
    const message = `Cannot read the value of type 'Object': JSON is nested deeper than ${MAX_JSON_DEPTH} levels`;
    throw new RestError(422, 'InvalidRequestException', message, { code: null });
  }
  return text;
}

function base64(typeName: string, value: Json): string | null {
  if (value === null) return null;
  const compact = typeof value === 'string' ? value.replaceAll(/\s/g, '') : undefined;
  if (compact === undefined || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(compact)) {
    throw invalid(`Provided value is not of type '${typeName}': expected base64 text`);
  }
  return Buffer.from(compact, 'base64').toString('base64');
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function readInfo(input: Json | undefined): ValueInfo {
  const info: Writable<ValueInfo> = {};
  if (!isObject(input)) return info;
  for (const name of ['objectTypeName', 'serializationDataFormat', 'filename', 'encoding', 'mimeType'] as const) {
    const value = input[name];
    if (typeof value === 'string') info[name] = value;
  }
  const mimetype = input['mimetype'];
  if (info.mimeType === undefined && typeof mimetype === 'string') info.mimeType = mimetype;
  if (input['transient'] === true) info.transient = true;
  return info;
}

function transientOnly(info: ValueInfo): ValueInfo {
  return info.transient ? { transient: true } : {};
}

function withInfo(variable: Variable, info: ValueInfo): Variable {
  return Object.keys(info).length === 0 ? variable : { ...variable, info };
}

/** The type of a value that came without one. */
export function inferred(value: Json): Variable {
  if (value === null) return { type: 'Null', value };
  if (typeof value === 'boolean') return { type: 'Boolean', value };
  if (typeof value === 'string') return { type: 'String', value };
  if (typeof value !== 'number') return variableOfLarge(value) ?? { type: 'Json', value };
  if (!Number.isSafeInteger(value)) return { type: 'Double', value };
  return { type: value >= -2_147_483_648 && value <= 2_147_483_647 ? 'Integer' : 'Long', value };
}

/** Variables as a `{name: typed value}` map. */
export function writeVariables(variables: Variables): Record<string, TypedValue> {
  const map: Record<string, TypedValue> = Object.create(null);
  for (const [name, variable] of Object.entries(variables)) map[name] = writeVariable(variable);
  return map;
}

/**
 * `Json` goes out as text, a file without its content (that is at `…/data`), `Object` as it was serialised; what is kept
 * out of line, of whatever type, as a file does, with its name and size in `valueInfo`.
 */
export function writeVariable(variable: Variable): TypedValue {
  const large = asLargeValue(variable.value);
  if (large === undefined) return writeInline(variable);
  const { type, info } = variable;
  const { valueInfo } = writeInline({ ...variable, value: null });
  const mimeType = info?.mimeType ?? large.type;
  const about = { blob: large.blob, size: large.size, ...(mimeType === undefined ? {} : { mimeType }) };
  return { type, value: null, valueInfo: { ...valueInfo, ...about } };
}

function writeInline({ type, value, info }: Variable): TypedValue {
  switch (type) {
    case 'Json':
      return { type, value: JSON.stringify(value), valueInfo: {} };
    case 'Date':
      return { type, value: typeof value === 'string' ? formatDate(Date.parse(value)) : null, valueInfo: {} };
    case 'File': {
      const { filename = null, mimeType, encoding } = info ?? {};
      const valueInfo: Record<string, Json> = { filename };
      if (mimeType !== undefined) valueInfo['mimeType'] = mimeType;
      if (encoding !== undefined) valueInfo['encoding'] = encoding;
      return { type, value: null, valueInfo };
    }
    case 'Object': {
      const { objectTypeName = null, serializationDataFormat = null } = info ?? {};
      return { type, value, valueInfo: { objectTypeName, serializationDataFormat } };
    }
    default:
      return { type, value, valueInfo: {} };
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
