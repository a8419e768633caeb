/** The types of a decision model, and what becomes of values that do not fit (DMN 1.5, 7.3.3 and 10.3.2.9). */
import { readType } from '../expression/feel/parse-type.ts';
import { Frame } from '../expression/feel/scope.ts';
import type { FeelType } from '../expression/feel/syntax.ts';
import { FeelDate } from '../expression/feel/temporal/date.ts';
import { parseDuration } from '../expression/feel/temporal/duration.ts';
import { dateAndTime } from '../expression/feel/temporal/functions.ts';
import { FeelTime } from '../expression/feel/temporal/time.ts';
import { coerced } from '../expression/feel/types.ts';
import { entryOf, type FeelValue, isContext, isList, kindOf, newContext } from '../expression/feel/values.ts';
import { type Scope, testsOf } from './feel.ts';
import type { DecisionModel, ItemDefinition } from './model.ts';

export type Types = (name: string) => FeelType | undefined;

/** The types of a model by name, for each prefix under which others import them. */
const known = new WeakMap<DecisionModel, Map<string, ReadonlyMap<string, FeelType>>>();

/** The types that a model defines, by name; those of a file that it imports by the name of the import and their own. */
export function typesOf(model: DecisionModel, resolve: (namespace: string) => DecisionModel | undefined): Types {
  return (name) => {
    const own = definedIn(model, '').get(name);
    if (own !== undefined || model.imports.length === 0) return own;
    for (const { name: importName, namespace } of model.imports) {
      const prefix = importName === '' ? '' : `${importName}.`;
      const imported = name.startsWith(prefix) ? resolve(namespace) : undefined;
      const found = imported === undefined ? undefined : definedIn(imported, prefix).get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

function definedIn(model: DecisionModel, prefix: string): ReadonlyMap<string, FeelType> {
  let prefixes = known.get(model);
  if (prefixes === undefined) {
    prefixes = new Map();
    known.set(model, prefixes);
  }
  let types = prefixes.get(prefix);
  if (types === undefined) {
    types = new Map(model.types.map((definition) => [prefix + definition.name, typeOf(definition, prefix)]));
    prefixes.set(prefix, types);
  }
  return types;
}

/** Types of the same file that it names get the prefix. */
function typeOf(definition: ItemDefinition, prefix: string): FeelType {
  const { components, typeRef, allowed, isCollection, signature } = definition;
  const referred = (name: string | undefined): FeelType => {
    const type = name === undefined ? ANY : readType(name);
    return type.kind === 'named' ? { kind: 'named', name: prefix + type.name } : type;
  };
  let type = referred(typeRef);
  if (components.length > 0)
    type = { kind: 'context', entries: components.map((one) => ({ name: one.name, type: typeOf(one, prefix) })) };
  else if (signature !== undefined)
    type = {
      kind: 'function',
      parameters: signature.parameters.map((one) => referred(one.typeRef)),
      result: referred(signature.result),
    };
  if (allowed !== undefined) {
    const tests = testsOf(allowed);
    type = {
      kind: 'constrained',
      of: type,
      allows: (value, run) => tests.reading.within(NO_NAMES)(new Frame(run, []), value) === true,
    };
  }
  return isCollection ? { kind: 'list', of: type } : type;
}

const ANY: FeelType = { kind: 'any' };
const NO_NAMES = { names: () => [] };

/** The value, converted where the standard says so (a list of one and its element); null with a warning when it does not fit. */
export function conform(value: FeelValue, typeRef: string | undefined, scope: Scope, what: string): FeelValue {
  if (typeRef === undefined || value === null) return value;
  return conformTo(value, readType(typeRef), typeRef, scope, what);
}

/** The result of a service or knowledge model, whose variable may have the type of the function or of its result. */
export function conformResult(value: FeelValue, typeRef: string | undefined, scope: Scope, what: string): FeelValue {
  if (typeRef === undefined || value === null) return value;
  const type = readType(typeRef);
  const resolved = type.kind === 'named' ? scope.typeNamed(type.name) : type;
  return conformTo(value, resolved?.kind === 'function' ? resolved.result : type, typeRef, scope, what);
}

function conformTo(value: FeelValue, type: FeelType, typeRef: string, scope: Scope, what: string): FeelValue {
  const fitting = coerced(value, type, scope.run);
  if (fitting !== undefined) return fitting;
  return scope.runner.warn(`${what} is a ${kindOf(value)} that does not fit the type ${typeRef.replace(/^feel:/, '')}`);
}

/** A value from outside: text becomes a date, time or duration where its type says so. */
export function typedInput(value: FeelValue, type: FeelType | undefined, scope: Scope): FeelValue {
  return type === undefined ? value : typed(value, type, scope);
}

function typed(value: FeelValue, type: FeelType, scope: Scope): FeelValue {
  switch (type.kind) {
    case 'basic':
      return typeof value === 'string' ? (PARSERS[type.name]?.(value) ?? value) : value;
    case 'constrained':
      return typed(value, type.of, scope);
    case 'named': {
      const found = scope.typeNamed(type.name);
      return found === undefined ? value : scope.run.deeper(() => typed(value, found, scope));
    }
    case 'list':
      return isList(value) ? value.map((item) => typed(item, type.of, scope)) : value;
    case 'context': {
      if (!isContext(value)) return value;
      const copy = newContext(Object.entries(value));
      for (const { name, type: entryType } of type.entries) {
        const entry = entryOf(value, name);
        // JSON often leaves out what is null.
        copy[name] = entry === undefined ? null : typed(entry, entryType, scope);
      }
      return copy;
    }
    default:
      return value;
  }
}

const PARSERS: Readonly<Record<string, (text: string) => FeelValue>> = {
  date: (text) => FeelDate.parse(text),
  time: (text) => FeelTime.parse(text),
  'date and time': (text) => dateAndTime(text),
  'days and time duration': parseDuration,
  'years and months duration': parseDuration,
};
