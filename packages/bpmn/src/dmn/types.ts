/** What a value must be to count as one of a type: FEEL's own types and those that a file defines (DMN 1.5, 10.3.2.9). */
import { baseType, type Feel, type FeelRunner, type Scope, typeOf } from './feel.ts';
import type { ItemDefinition } from './model.ts';

/** The types of FEEL that values are checked against. */
export const BUILT_IN_TYPES: readonly string[] = [
  'number',
  'string',
  'boolean',
  'date',
  'time',
  'date and time',
  'days and time duration',
  'years and months duration',
];

/** The value, converted where the standard says so (a list of one and its element); null with a warning when it does not fit. */
export function conform(
  value: Feel,
  typeRef: string | undefined,
  types: readonly ItemDefinition[],
  feel: FeelRunner,
  what: string,
): Feel {
  if (typeRef === undefined || value === null || value === undefined) return value ?? null;
  const wanted = baseType(typeRef);
  const type = types.find(({ name }) => name === wanted);
  const direct = fits(value, wanted, types, feel);
  if (direct) return value;
  if (Array.isArray(value) && value.length === 1 && fits(value[0], wanted, types, feel)) return value[0];
  if (!Array.isArray(value) && type?.isCollection === true && fits([value], wanted, types, feel)) return [value];
  return feel.warn(`${what} is a ${typeOf(value)} that does not fit the type ${wanted}`);
}

function fits(value: Feel, wanted: string, types: readonly ItemDefinition[], feel: FeelRunner): boolean {
  const type = types.find(({ name }) => name === wanted);
  if (type !== undefined) return fitsItem(value, type, types, feel);
  return BUILT_IN_TYPES.includes(wanted) ? typeOf(value) === wanted : true;
}

function fitsItem(value: Feel, type: ItemDefinition, types: readonly ItemDefinition[], feel: FeelRunner): boolean {
  if (type.isCollection) {
    if (!Array.isArray(value)) return false;
    const one: ItemDefinition = { ...type, isCollection: false };
    return value.every((item) => item === null || fitsItem(item, one, types, feel));
  }
  if (type.components.length > 0) {
    if (typeOf(value) !== 'context') return false;
    const entries = value as Scope;
    return type.components.every((component) => {
      const entry = entries[component.name];
      return entry === undefined || entry === null || fitsItem(entry, component, types, feel);
    });
  }
  if (type.typeRef !== undefined && !fits(value, baseType(type.typeRef), types, feel)) return false;
  return type.allowed === undefined || feel.passes(type.allowed, value, {});
}
