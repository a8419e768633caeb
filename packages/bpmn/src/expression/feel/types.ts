/** Which values belong to a type, and the conversions that DMN makes where one is asked for (DMN 1.5, 10.3.2.9). */
import type { Run } from './run.ts';
import type { FeelType } from './syntax.ts';
import { FeelDate } from './temporal/date.ts';
import { FeelDateTime } from './temporal/date-time.ts';
import { entryOf, FeelFunction, FeelRange, type FeelValue, isContext, isList, kindOf } from './values.ts';

/** `instance of`: null belongs to the type Null alone, and a name that no type has is null. */
export function isInstance(value: FeelValue, type: FeelType, run: Run): boolean | null {
  if (type.kind === 'named' && run.surroundings.typeNamed?.(type.name) === undefined)
    return run.warn(`there is no type '${type.name}'`);
  return value === null ? type.kind === 'null' : fits(value, type, run);
}

/** Does the value belong to the type? Entries have to be there; they and elements may be null. Names that no type has fit every value. */
export function fits(value: FeelValue, type: FeelType, run: Run): boolean {
  run.spend(1);
  switch (type.kind) {
    case 'any':
      return true;
    case 'null':
      return value === null;
    case 'basic':
      return kindOf(value) === type.name;
    case 'list':
      return isList(value) && value.every((item) => item === null || fits(item, type.of, run));
    case 'range':
      return (
        value instanceof FeelRange &&
        [value.low, value.high].every((end) => end === undefined || end === null || fits(end, type.of, run))
      );
    case 'context':
      return (
        isContext(value) &&
        type.entries.every((entry) => {
          const found = entryOf(value, entry.name);
          return found !== undefined && (found === null || fits(found, entry.type, run));
        })
      );
    case 'function':
      return value instanceof FeelFunction && isSubtype(typeOfFunction(value), type, run);
    case 'named': {
      const known = run.surroundings.typeNamed?.(type.name);
      if (known === undefined) return true;
      return run.deeper(() => fits(value, known, run));
    }
    case 'constrained':
      return fits(value, type.of, run) && type.allows(value, run);
  }
}

/** The value itself or what it is converted to (a list of one and its element, a date and its midnight); undefined where it does not fit. */
export function coerced(value: FeelValue, type: FeelType | undefined, run: Run): FeelValue | undefined {
  if (type === undefined || value === null || fits(value, type, run)) return value;
  if (value instanceof FeelDate) {
    const midnight = FeelDateTime.ofDate(value);
    if (fits(midnight, type, run)) return midnight;
  }
  if (isList(value)) {
    const [only] = value;
    return value.length === 1 && only !== undefined && fits(only, type, run) ? only : undefined;
  }
  return fits([value], type, run) ? [value] : undefined;
}

const ANY: FeelType = { kind: 'any' };

function typeOfFunction({ parameters, result }: FeelFunction): FeelType & { readonly kind: 'function' } {
  return { kind: 'function', parameters: parameters.map(({ type }) => type ?? ANY), result: result ?? ANY };
}

/** Conformance (10.3.2.9.2), as far as the types of functions need it. A bare `function` has no parameters and any result. */
function isSubtype(one: FeelType, other: FeelType, run: Run): boolean {
  if (other.kind === 'any' || one.kind === 'null') return true;
  if (one.kind === 'named' || other.kind === 'named') {
    if (one.kind === 'named' && other.kind === 'named' && one.name === other.name) return true;
    const [left, right] = [one, other].map((type) =>
      type.kind === 'named' ? (run.surroundings.typeNamed?.(type.name) ?? ANY) : type,
    );
    return left !== undefined && right !== undefined && run.deeper(() => isSubtype(left, right, run));
  }
  if (one.kind === 'constrained') return isSubtype(one.of, other, run);
  switch (other.kind) {
    case 'null':
    case 'constrained':
      return false;
    case 'basic':
      return one.kind === 'basic' && one.name === other.name;
    case 'list':
    case 'range':
      return one.kind === other.kind && isSubtype(one.of, other.of, run);
    case 'context':
      return (
        one.kind === 'context' &&
        other.entries.every(({ name, type }) =>
          one.entries.some((entry) => entry.name === name && isSubtype(entry.type, type, run)),
        )
      );
    case 'function':
      if (one.kind !== 'function') return false;
      if (other.parameters.length === 0 && other.result.kind === 'any') return true;
      return (
        one.parameters.length === other.parameters.length &&
        other.parameters.every((type, index) => isSubtype(type, one.parameters[index] ?? ANY, run)) &&
        // What a function gives is seldom declared.
        (one.result.kind === 'any' || isSubtype(one.result, other.result, run))
      );
  }
}
