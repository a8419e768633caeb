/** Camunda Spin in expressions: `S()`, `JSON()` and what is called on their nodes. A node is the plain JSON value. */
import { excessOf, MAX_JSON_DEPTH } from '../../json-text.ts';
import type { Json } from '../../values.ts';
import { ExpressionFailure } from '../failure.ts';
import { type Method, method, text } from './method.ts';
import { entryOf, isList, isMap, type JsonMap, toJson, toText, typeName, type Value } from './values.ts';

/** Text is parsed, a value is its own node. */
export function spinNode(value: Value): Json {
  const json = toJson(value);
  if (typeof json !== 'string') return json;
  if (json.trimStart().startsWith('<'))
    throw new ExpressionFailure('XML cannot be taken apart in an expression: use a script task or a worker');
  if (excessOf(json) !== undefined)
    throw new ExpressionFailure(`The text is JSON that is nested deeper than ${MAX_JSON_DEPTH} levels`);
  try {
    return JSON.parse(json) as Json;
  } catch {
    throw new ExpressionFailure(`The text is no JSON: '${json.slice(0, 80)}'`);
  }
}

/** On every node. */
export const NODE: readonly (readonly [string, Method<Value>])[] = [
  ['value', method<Value>(0, 0, (base) => base)],
  ['stringValue', method<Value>(0, 0, (base) => valueOfType(base, 'string'))],
  ['numberValue', method<Value>(0, 0, (base) => valueOfType(base, 'number'))],
  ['boolValue', method<Value>(0, 0, (base) => valueOfType(base, 'boolean'))],
  ['isNull', method<Value>(0, 0, (base) => base === null)],
  ['isString', method<Value>(0, 0, (base) => typeof base === 'string')],
  ['isNumber', method<Value>(0, 0, (base) => typeof base === 'number')],
  ['isBoolean', method<Value>(0, 0, (base) => typeof base === 'boolean')],
  ['isArray', method<Value>(0, 0, (base) => isList(base))],
  ['isObject', method<Value>(0, 0, (base) => isMap(base))],
  ['isValue', method<Value>(0, 0, (base) => !isMap(base) && !isList(base))],
  ['element', method<Value>(0, 0, (base) => base)],
  ['elementList', method<Value>(0, 0, (base) => base)],
  ['jsonPath', method<Value>(1, 1, (base, [path = null]) => atPath(toJson(base), text(path)))],
];

/** On objects. Setting a property gives a changed copy: the variable itself stays as it is. */
export const OBJECT: readonly (readonly [string, Method<JsonMap>])[] = [
  ['hasProp', method<JsonMap>(1, 1, (base, [name = null]) => Object.hasOwn(base, toText(name)))],
  ['fieldNames', method<JsonMap>(0, 0, (base) => Object.keys(base))],
  ['prop', method<JsonMap>(1, 2, prop)],
  [
    'deleteProp',
    method<JsonMap>(1, 1, (base, [name = null]) =>
      Object.fromEntries(Object.entries(base).filter(([key]) => key !== toText(name))),
    ),
  ],
];

function prop(base: JsonMap, [name = null, value]: readonly Value[]): Json {
  if (value !== undefined) return { ...base, [toText(name)]: toJson(value) };
  const found = entryOf(base, toText(name));
  if (found === undefined) throw new ExpressionFailure(`Unable to find '${toText(name)}'`);
  return found;
}

function valueOfType(base: Value, type: 'string' | 'number' | 'boolean'): Value {
  if (typeName(base) === type) return base;
  throw new ExpressionFailure(`The value is a ${typeName(base)}, not a ${type}`);
}

const STEP = /\.([\p{L}_$][\p{L}\p{N}_$-]*)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]/uy;

/** A path that names one place: `$.customer.names[0]`. */
function atPath(base: Json, path: string): Json {
  const fail = (why: string) => new ExpressionFailure(`The path '${path.slice(0, 80)}' ${why}`);
  if (!path.startsWith('$')) throw fail('does not begin with $');
  let node = base;
  for (let at = 1; at < path.length; at = STEP.lastIndex) {
    STEP.lastIndex = at;
    const step = STEP.exec(path);
    if (step === null) throw fail('is not available in an expression: name one place by names and indexes');
    const index = step[2] === undefined ? undefined : Number(step[2]);
    const next: Json | undefined =
      index === undefined
        ? isMap(node)
          ? entryOf(node, step[1] ?? step[3] ?? step[4] ?? '')
          : undefined
        : isList(node)
          ? node[index]
          : undefined;
    if (next === undefined) throw fail('leads nowhere');
    node = next;
  }
  return node;
}
