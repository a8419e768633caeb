/** What Camunda's queries ask of variables: `name_eq_value,…` of a query string, or `[{name, operator, value}]` of a body. */
import { isLike, type Json, type ProcessEngine, type VariableView } from '@procos/kernel';
import { isObject } from '../safe-json.ts';
import { invalid } from './errors.ts';
import { type Parameter, refuseMany } from './list-query.ts';

export interface VariableCondition {
  /** What the name of the variable must be. */
  readonly isNamed: (name: string) => boolean;
  /** Undefined: letter case does not count, so that names cannot be looked up. */
  readonly name: string | undefined;
  readonly holds: (variable: VariableView) => boolean;
}

const OPERATORS = ['eq', 'neq', 'gt', 'gteq', 'lt', 'lteq', 'like', 'notLike'] as const;
type Operator = (typeof OPERATORS)[number];

/** Also sees `variableNamesIgnoreCase` and `variableValuesIgnoreCase` of the same request. */
export function readConditions(parameter: Parameter): readonly VariableCondition[] {
  const { asked } = parameter;
  const isOn = (flag: string) => String(asked.get(flag) ?? '') === 'true';
  const anyName = isOn('variableNamesIgnoreCase');
  const anyCase = isOn('variableValuesIgnoreCase');
  const all = written(parameter);
  refuseMany(parameter.name, all);
  return all.map(({ name, operator, value }) => {
    if (!(OPERATORS as readonly string[]).includes(operator))
      throw invalid(`Invalid variable comparator specified: ${operator}`);
    const wanted = anyName ? name.toLowerCase() : name;
    return {
      name: anyName ? undefined : name,
      isNamed: (own) => (anyName ? own.toLowerCase() : own) === wanted,
      holds: comparison(operator as Operator, value, anyCase),
    };
  });
}

/** Variables for which the condition holds, of whatever scope. */
export function holdersOf(engine: ProcessEngine, condition: VariableCondition, live: boolean): readonly VariableView[] {
  const named = condition.name === undefined ? [] : [{ column: 'name', op: '=', value: condition.name } as const];
  const living = live ? [{ column: 'live', op: '=', value: true } as const] : [];
  return engine
    .find('variables', { where: [...named, ...living] })
    .filter((variable) => condition.isNamed(variable.name) && condition.holds(variable));
}

interface Written {
  readonly name: string;
  readonly operator: string;
  readonly value: Json;
}

function written({ name, value }: Parameter): readonly Written[] {
  if (typeof value === 'string') {
    return value.split(',').map((text) => {
      const [, variable, operator, compared] = /^(.+?)_(eq|neq|gteq|gt|lteq|lt|like|notLike)_(.*)$/s.exec(text) ?? [];
      if (variable === undefined || operator === undefined || compared === undefined) {
        throw invalid(`${name} query parameter must have format KEY_OPERATOR_VALUE: '${text}'`);
      }
      return { name: variable, operator, value: compared };
    });
  }
  if (!Array.isArray(value)) throw invalid(`Cannot set query parameter '${name}': expected a list`);
  return (value as readonly Json[]).map((item) => {
    const { name: variable, operator, value: compared = null } = isObject(item) ? item : {};
    if (typeof variable !== 'string' || typeof operator !== 'string')
      throw invalid(`Each of '${name}' needs name and operator`);
    return { name: variable, operator, value: compared };
  });
}

function comparison(operator: Operator, value: Json, anyCase: boolean): (variable: VariableView) => boolean {
  const fold = (one: Json): Json => (anyCase && typeof one === 'string' ? one.toLowerCase() : one);
  const compared = fold(typeof value === 'object' && value !== null ? JSON.stringify(value) : value);
  const ordered = (test: (order: number) => boolean) => (variable: VariableView) => {
    const order = compare(fold(variable.value), compared);
    return order !== undefined && test(order);
  };
  const like = ({ value: held }: VariableView) =>
    typeof held === 'string' && isLike(String(fold(held)), String(compared));
  switch (operator) {
    case 'eq':
      return (variable) => same(fold(variable.value), compared);
    case 'neq':
      return (variable) => !same(fold(variable.value), compared);
    case 'gt':
      return ordered((order) => order > 0);
    case 'gteq':
      return ordered((order) => order >= 0);
    case 'lt':
      return ordered((order) => order < 0);
    case 'lteq':
      return ordered((order) => order <= 0);
    case 'like':
      return like;
    case 'notLike':
      return (variable) => typeof variable.value === 'string' && !like(variable);
  }
}

/** A query string has text only: there 5 and "5", true and "true" are the same. */
function same(held: Json, asked: Json): boolean {
  return held === asked || (typeof asked === 'string' && typeof held !== 'object' && String(held) === asked);
}

function compare(held: Json, asked: Json): number | undefined {
  if (typeof held === 'number' && (typeof asked === 'number' || typeof asked === 'string')) {
    const number = Number(asked);
    return Number.isNaN(number) ? undefined : held - number;
  }
  if (typeof held === 'string' && typeof asked === 'string') return held < asked ? -1 : held > asked ? 1 : 0;
  return undefined;
}
