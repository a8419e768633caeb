/** `/decision-instances`: which decisions were evaluated, with what, and what they found. What failed is not kept. */
import type { DecisionDefinition, DecisionInstanceView, Json, ProcessEngine, Scalar } from '@procos/kernel';
import type { Call } from '../../call.ts';
import { NO_ID, parseId } from '../../ids.ts';
import { dateOf } from '../dates.ts';
import { invalid, notFound } from '../errors.ts';
import { keyOf, optionalKeyOf } from '../keys.ts';
import * as by from '../search/filter.ts';
import type { ValueReader } from '../search/operators.ts';
import { byIndex } from '../search/reach.ts';
import { distinct, instancesOf } from '../search/related.ts';
import type { SearchSpec } from '../search/search.ts';
import { tenantOf } from '../tenants.ts';
import { requirementsFor } from './requirements.ts';
import { evaluatedInputs, matchedRules, tracedIn, typeOf } from './trace.ts';

type Row = DecisionInstanceView;

/** Those that were required have the identities after that of the one that was asked for: its key and which of them. */
export function instanceKeyOf({ id, rootId }: Pick<Row, 'id' | 'rootId'>): string {
  return `${rootId ?? id}-${id - (rootId ?? id) + 1}`;
}

/** Identity of the row; `NO_ID` where nobody has such a key. */
function rowIdOf(value: Json | undefined, path: string): number {
  const [, root, at] = (typeof value === 'string' && /^([0-9]{1,19})-([0-9]{1,10})$/.exec(value)) || [];
  if (root === undefined || at === undefined)
    throw invalid(`'${path}' must be a key of a decision instance, e.g. "12-1", but is ${JSON.stringify(value)}`);
  return parseId(root) < 0 ? NO_ID : parseId(root) + Number(at) - 1;
}

const asInstanceKey: ValueReader = (value, path) => {
  rowIdOf(value, path);
  return String(value);
};

function ofDecision(value: (decision: DecisionDefinition | undefined, row: Row) => Scalar): by.Values<Row> {
  return (rows, engine) => {
    const decisionOf = decisionsOf(engine, rows);
    return (row) => value(decisionOf(row.decisionDefinitionId), row);
  };
}

const names = ofDecision((decision, { decisionId }) => decision?.name ?? decisionId);
const types = ofDecision(typeOf);
const tenants = ofDecision((decision) => tenantOf(decision?.tenantId ?? null));
const requirements: by.Values<Row> = (rows, engine) => {
  const decisionOf = decisionsOf(engine, rows);
  const fileOf = requirementsFor(engine, decided(rows, decisionOf));
  return (row) => {
    const decision = decisionOf(row.decisionDefinitionId);
    return decision === undefined ? null : fileOf(decision).key;
  };
};
const processes: by.Values<Row> = (rows, engine) => {
  const instanceOf = instancesOf(engine, rows);
  return ({ processInstanceId }) => instanceOf(processInstanceId)?.definitionId ?? null;
};
const rootDecisions: by.Values<Row> = (rows, engine) => {
  const rootOf = rootsOf(engine, rows);
  return (row) => rootOf(row).decisionDefinitionId;
};
const evaluations: by.Values<Row> =
  () =>
  ({ id, rootId }) =>
    rootId ?? id;

export const DECISION_INSTANCES: SearchSpec<'decisionInstances'> = {
  table: 'decisionInstances',
  filters: {
    decisionEvaluationInstanceKey: (member) => {
      const found = by.looked<Row>(() => instanceKeyOf, asInstanceKey)(member);
      const { asked, path } = member;
      if (typeof asked !== 'string') return found;
      return { where: [by.among<Row>('id', [rowIdOf(asked, path)])], ...found };
    },
    decisionEvaluationKey: (member) => {
      const { asked, path, engine } = member;
      const found = by.looked(evaluations, by.asKey)(member);
      if (typeof asked === 'object') return found;
      const root = by.asKey(asked, path) as number;
      const required = engine.find('decisionInstances', { where: [{ column: 'rootId', op: '=', value: root }] });
      return { where: [by.among('id', [root, ...required.map(({ id }) => id)])], ...found };
    },
    decisionDefinitionKey: by.key('decisionDefinitionId'),
    decisionDefinitionId: by.text('decisionId'),
    decisionDefinitionName: by.looked(names, by.asText),
    decisionDefinitionVersion: by.whole('version'),
    decisionDefinitionType: by.lookedWord(types, ['DECISION_TABLE', 'LITERAL_EXPRESSION', 'UNSPECIFIED', 'UNKNOWN']),
    decisionRequirementsKey: by.looked(requirements, by.asText),
    rootDecisionDefinitionKey: by.looked(rootDecisions, by.asKey),
    processInstanceKey: by.key('processInstanceId'),
    processDefinitionKey: by.looked(processes, by.asKey),
    elementInstanceKey: by.key('elementInstanceId'),
    evaluationDate: by.instant('evaluatedAt'),
    evaluationFailure: by.absent(),
    state: by.fixedWord('EVALUATED', ['EVALUATED', 'FAILED', 'UNSPECIFIED', 'UNKNOWN']),
    tenantId: by.looked(tenants, by.asText),
  },
  sorts: {
    decisionEvaluationInstanceKey: 'id',
    decisionEvaluationKey: evaluations,
    decisionDefinitionKey: 'decisionDefinitionId',
    decisionDefinitionId: 'decisionId',
    decisionDefinitionName: names,
    decisionDefinitionVersion: 'version',
    decisionDefinitionType: types,
    rootDecisionDefinitionKey: rootDecisions,
    processInstanceKey: 'processInstanceId',
    processDefinitionKey: processes,
    elementInstanceKey: 'elementInstanceId',
    // Both are given in the order of the log.
    evaluationDate: 'id',
    evaluationFailure: () => () => null,
    state: () => () => null,
    tenantId: tenants,
  },
  reach: byIndex('decisionInstances', ['processInstanceId', 'decisionId', 'rootId']),
};

export function writeDecisionInstances(
  engine: ProcessEngine,
  rows: readonly Row[],
): readonly Record<string, unknown>[] {
  const decisionOf = decisionsOf(engine, rows);
  const instanceOf = instancesOf(engine, rows);
  const rootOf = rootsOf(engine, rows);
  return rows.map((row) => {
    const decision = decisionOf(row.decisionDefinitionId);
    const instance = instanceOf(row.processInstanceId);
    return {
      decisionEvaluationInstanceKey: instanceKeyOf(row),
      decisionEvaluationKey: keyOf(row.rootId ?? row.id),
      decisionDefinitionKey: keyOf(row.decisionDefinitionId),
      decisionDefinitionId: row.decisionId,
      decisionDefinitionName: decision?.name ?? row.decisionId,
      decisionDefinitionVersion: row.version,
      decisionDefinitionType: typeOf(decision),
      rootDecisionDefinitionKey: keyOf(rootOf(row).decisionDefinitionId),
      processInstanceKey: optionalKeyOf(row.processInstanceId),
      rootProcessInstanceKey: optionalKeyOf(instance?.rootId ?? row.processInstanceId),
      processDefinitionKey: optionalKeyOf(instance?.definitionId),
      elementInstanceKey: optionalKeyOf(row.elementInstanceId),
      evaluationDate: dateOf(row.evaluatedAt),
      evaluationFailure: null,
      result: JSON.stringify(row.value),
      state: 'EVALUATED',
      tenantId: tenantOf(decision?.tenantId ?? null),
    };
  });
}

/** With inputs and rules: of the decisions on the way the last is the one that the row is about. */
export function getDecisionInstance({ engine, params }: Call): unknown {
  const key = params['decisionEvaluationInstanceKey'];
  const id = rowIdOf(key, 'decisionEvaluationInstanceKey');
  const [row] = engine.find('decisionInstances', { where: [{ column: 'id', op: '=', value: id }] });
  if (row === undefined || instanceKeyOf(row) !== key) throw notFound(`Decision Instance with id '${key}' not found`);
  const own = tracedIn(row.trace).at(-1);
  return {
    ...writeDecisionInstances(engine, [row])[0],
    evaluatedInputs: own === undefined ? [] : evaluatedInputs(own),
    matchedRules: own === undefined ? [] : matchedRules(own),
  };
}

type DecisionOf = (id: number) => DecisionDefinition | undefined;

function decisionsOf(engine: ProcessEngine, rows: readonly Row[]): DecisionOf {
  const value = distinct(rows.map(({ decisionDefinitionId }) => decisionDefinitionId));
  const found = value.length === 0 ? [] : engine.find('decisions', { where: [{ column: 'id', op: 'in', value }] });
  const all = new Map<number, DecisionDefinition>(found.map((decision) => [decision.id, decision]));
  return (id) => all.get(id);
}

function decided(rows: readonly Row[], decisionOf: DecisionOf): readonly DecisionDefinition[] {
  return rows.flatMap(({ decisionDefinitionId }) => decisionOf(decisionDefinitionId) ?? []);
}

/** The one that was asked for, itself where it is that. */
function rootsOf(engine: ProcessEngine, rows: readonly Row[]): (row: Row) => Row {
  const value = distinct(rows.map(({ rootId }) => rootId));
  const found =
    value.length === 0 ? [] : engine.find('decisionInstances', { where: [{ column: 'id', op: 'in', value }] });
  const roots = new Map<number | null, Row>(found.map((row) => [row.id, row]));
  return (row) => roots.get(row.rootId) ?? row;
}
