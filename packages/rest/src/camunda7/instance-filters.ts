/** Parameters that select process instances by what belongs to them: activities, incidents, variables, sub-instances. */
import type { Json, ProcessEngine, VariableView } from '@procos/kernel';
import { parseId } from '../ids.ts';
import { isObject } from '../safe-json.ts';
import { invalid, unsupported } from './errors.ts';
import { type Filter, isIn, type Parameter, type ParameterReader, textOf, textsOf } from './list-query.ts';

/** Column of the row that holds the instance's identity. */
type Column<Row> = keyof Row & string;

/** Instances in which one of these activities is active (`live`) or was ever entered. */
export const withActivity =
  <Row>(column: Column<Row>, live: boolean): ParameterReader<Row> =>
  (parameter) => {
    const rows = parameter.engine.find('elementInstances', {
      where: [
        { column: 'elementId', op: 'in', value: textsOf(parameter) },
        ...(live ? [{ column: 'endedAt', op: 'isNull' } as const] : []),
      ],
    });
    return among(
      column,
      rows.map((row) => row.processInstanceId),
    );
  };

/** Instances with an open incident whose `field` is (like) the value. */
export const withIncident =
  <Row>(column: Column<Row>, field: 'id' | 'kind' | 'message', op: '=' | 'like' = '='): ParameterReader<Row> =>
  (parameter) => {
    const value = textOf(parameter);
    const rows = parameter.engine.find('incidents', {
      where: [field === 'id' ? { column: 'id', op: '=', value: parseId(value) } : { column: field, op, value }],
    });
    return among(
      column,
      rows.map((row) => row.processInstanceId),
    );
  };

/** The instance that called this one. */
export const callerOf =
  <Row>(column: Column<Row>): ParameterReader<Row> =>
  (parameter) => {
    const called = parseId(textOf(parameter));
    const rows = parameter.engine.find('processInstances', { where: [{ column: 'id', op: '=', value: called }] });
    return among(
      column,
      rows.flatMap((row) => (row.parentId === null ? [] : [row.parentId])),
    );
  };

/**
 * `name_eq_value,…` of a query string, or `[{name, operator, value}]` of a body: the instance's own variables, `live` ones
 * or also the last values of those that are gone.
 */
export const withVariables =
  <Row>(column: Column<Row>, live: boolean): ParameterReader<Row> =>
  (parameter) => ({
    where: readConditions(parameter).flatMap((condition) => {
      return among<Row>(column, instancesWith(parameter.engine, condition, live)).where ?? [];
    }),
  });

function among<Row>(column: Column<Row>, ids: readonly number[]): Filter<Row> {
  return isIn(column, [...new Set(ids)]);
}

interface VariableCondition {
  readonly name: string;
  readonly operator: string;
  readonly value: Json;
}

function readConditions({ name, value }: Parameter): readonly VariableCondition[] {
  if (typeof value === 'string') {
    return value.split(',').map((text) => {
      const [, variable, operator, compared] = /^(.+?)_(eq|neq|gt|gteq|lt|lteq|like|notLike)_(.*)$/.exec(text) ?? [];
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

function instancesWith(engine: ProcessEngine, condition: VariableCondition, live: boolean): readonly number[] {
  const test = comparison(condition);
  return engine
    .find('variables', {
      where: [
        { column: 'name', op: '=', value: condition.name },
        ...(live ? [{ column: 'live', op: '=', value: true } as const] : []),
      ],
    })
    .filter((variable) => variable.scopeId === variable.processInstanceId && test(variable))
    .map((variable) => variable.processInstanceId);
}

function comparison({ operator, value }: VariableCondition): (variable: VariableView) => boolean {
  const compared = typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
  const ordered = (test: (order: number) => boolean) => (variable: VariableView) => {
    const order = compare(variable.value, compared);
    return order !== undefined && test(order);
  };
  switch (operator) {
    case 'eq':
      return (variable) => same(variable.value, compared);
    case 'neq':
      return (variable) => !same(variable.value, compared);
    case 'gt':
      return ordered((order) => order > 0);
    case 'gteq':
      return ordered((order) => order >= 0);
    case 'lt':
      return ordered((order) => order < 0);
    case 'lteq':
      return ordered((order) => order <= 0);
    default:
      throw unsupported(`Variable comparison '${operator}'`);
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
