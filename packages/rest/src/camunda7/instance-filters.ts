/** Parameters that select process instances by what belongs to them: activities, incidents, variables, sub-instances. */
import { parseId } from '../ids.ts';
import { openOfType } from './incident/types.ts';
import { type Filter, isIn, type ParameterReader, textOf, textsOf } from './list-query.ts';
import { holdersOf, readConditions } from './variable-conditions.ts';

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

/** Instances with an open incident of this type. */
export const withIncidentOfType =
  <Row>(column: Column<Row>): ParameterReader<Row> =>
  (parameter) =>
    among(
      column,
      openOfType(parameter).map((row) => row.processInstanceId),
    );

/** Instances with an open incident whose `field` is (like) the value. */
export const withIncident =
  <Row>(column: Column<Row>, field: 'id' | 'message', op: '=' | 'like' = '='): ParameterReader<Row> =>
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

/** The instance's own variables, `live` ones or also the last values of those that are gone. */
export const withVariables =
  <Row>(column: Column<Row>, live: boolean): ParameterReader<Row> =>
  (parameter) => ({
    where: readConditions(parameter).flatMap((condition) => {
      const found = holdersOf(parameter.engine, condition, live).filter(
        ({ scopeId, processInstanceId }) => scopeId === processInstanceId,
      );
      return (
        among<Row>(
          column,
          found.map(({ processInstanceId }) => processInstanceId),
        ).where ?? []
      );
    }),
  });

/** The variables that the scope itself has. */
export const withLocalVariables =
  <Row>(column: Column<Row>): ParameterReader<Row> =>
  (parameter) => ({
    where: readConditions(parameter).flatMap((condition) => {
      const found = holdersOf(parameter.engine, condition, true);
      return (
        among<Row>(
          column,
          found.map(({ scopeId }) => scopeId),
        ).where ?? []
      );
    }),
  });

function among<Row>(column: Column<Row>, ids: readonly number[]): Filter<Row> {
  return isIn(column, [...new Set(ids)]);
}
