/** `/history/decision-instance`: which decisions were evaluated, with which inputs, rules and results. */
import type {
  DecisionDefinition,
  DecisionInstanceView,
  Json,
  ProcessEngine,
  ProcessInstanceView,
} from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { formatDate } from '../dates.ts';
import { decisionIdOf, graphOf, idsOfGraph } from '../decision-definition/routes.ts';
import { definitionIdOf } from '../definitions.ts';
import { notFound } from '../errors.ts';
import * as by from '../list-query.ts';
import { listRoutes } from '../list-routes.ts';
import { inferred, writeVariable } from '../typed-values.ts';

const ROOTS = { column: 'rootId', op: 'isNull' } as const;

function named(op: '=' | 'like'): by.ParameterReader<DecisionInstanceView> {
  return (parameter) => {
    const where = [{ column: 'name', op, value: by.textOf(parameter) }] as const;
    return by.isIn(
      'decisionDefinitionId',
      parameter.engine.find('decisions', { where }).map(({ id }) => id),
    );
  };
}

function asker(
  { engine }: by.Parameter,
  test: (instance: ProcessInstanceView | undefined) => boolean,
): by.Filter<DecisionInstanceView> {
  return by.ofInstance(engine, 'processInstanceId', test);
}

/** Of which tenant each decision is. */
function tenants(engine: ProcessEngine): ReadonlyMap<number, string | null> {
  return new Map(engine.find('decisions').map(({ id, tenantId }) => [id, tenantId]));
}

function ofTenant(
  { engine }: by.Parameter,
  test: (tenantId: string | null) => boolean,
): by.Filter<DecisionInstanceView> {
  const known = tenants(engine);
  return { test: ({ decisionDefinitionId }) => test(known.get(decisionDefinitionId) ?? null) };
}

/** The query for evaluations: of the list routes, and of operations that select by it. */
export const DECISION_INSTANCES: by.ListSpec<'decisionInstances'> = {
  table: 'decisionInstances',
  parameters: {
    decisionInstanceId: by.equalsId('id'),
    decisionInstanceIdIn: by.amongIds('id'),
    decisionDefinitionId: (parameter) => by.isIn('decisionDefinitionId', [decisionIdOf(by.textOf(parameter))]),
    decisionDefinitionIdIn: (parameter) => by.isIn('decisionDefinitionId', by.textsOf(parameter).map(decisionIdOf)),
    decisionDefinitionKey: by.equals('decisionId'),
    decisionDefinitionKeyIn: by.among('decisionId'),
    processInstanceId: by.equalsId('processInstanceId'),
    activityIdIn: by.among('elementId'),
    activityInstanceIdIn: by.amongIds('elementInstanceId'),
    evaluatedAfter: by.instant('evaluatedAt', '>='),
    evaluatedBefore: by.instant('evaluatedAt', '<='),
    includeInputs: by.always,
    includeOutputs: by.always,
    rootDecisionInstancesOnly: by.when({ column: 'rootId', op: 'isNull' }),
    rootDecisionInstanceId: (parameter) => {
      const rootId = parseId(by.textOf(parameter));
      const required = parameter.engine.find('decisionInstances', {
        where: [{ column: 'rootId', op: '=', value: rootId }],
      });
      const isRoot = { where: [{ column: 'id', op: '=', value: rootId }, ROOTS] } as const;
      if (parameter.engine.count('decisionInstances', isRoot) === 0) return by.nothing();
      return by.isIn('id', [rootId, ...required.map(({ id }) => id)]);
    },
    decisionRequirementsDefinitionId: (parameter) => by.isIn('decisionDefinitionId', idsOfGraph(parameter, 'id')),
    decisionRequirementsDefinitionKey: (parameter) => by.isIn('decisionDefinitionId', idsOfGraph(parameter, 'key')),
    decisionDefinitionName: named('='),
    decisionDefinitionNameLike: named('like'),
    processDefinitionId: (parameter) => {
      const definitionId = definitionIdOf(by.textOf(parameter));
      return asker(parameter, (instance) => instance?.definitionId === definitionId);
    },
    processDefinitionKey: (parameter) => {
      const key = by.textOf(parameter);
      return asker(parameter, (instance) => instance?.bpmnProcessId === key);
    },
    tenantIdIn: (parameter) => {
      const asked = by.textsOf(parameter);
      return ofTenant(parameter, (tenantId) => tenantId !== null && asked.includes(tenantId));
    },
    withoutTenantId: (parameter) => (by.flagOf(parameter) ? ofTenant(parameter, (tenantId) => tenantId === null) : {}),
    // Who asked from outside is not kept.
    userId: by.none,
    caseDefinitionId: by.none,
    caseDefinitionKey: by.none,
    caseInstanceId: by.none,
    disableBinaryFetching: by.always,
    disableCustomObjectDeserialization: by.always,
  },
  sortBy: {
    evaluationTime: 'evaluatedAt',
    tenantId: (engine) => {
      const known = tenants(engine);
      return ({ decisionDefinitionId }) => known.get(decisionDefinitionId) ?? null;
    },
  },
};

export function historicDecisionInstanceRoutes(route: Declare): void {
  listRoutes(route, '/history/decision-instance', 'history.read', {
    list: (call) => write(call, by.list(call, DECISION_INSTANCES)),
    count: (call) => by.count(call, DECISION_INSTANCES),
    spec: DECISION_INSTANCES,
  });
  route('GET', '/history/decision-instance/:id', 'history.read', (call) => {
    const { engine, params } = call;
    const id = params['id'] ?? '';
    const [row] = engine.find('decisionInstances', { where: [{ column: 'id', op: '=', value: parseId(id) }] });
    if (row === undefined) throw notFound(`Historic decision instance with id '${id}' does not exist`);
    return write(call, [row])[0];
  });
}

interface Evaluated {
  readonly decisionId: string;
  readonly inputs?: readonly { readonly label: string; readonly value: Json }[];
  readonly rules?: readonly { readonly id: string; readonly index: number; readonly outputs: Json }[];
}

function write(call: Call, rows: readonly DecisionInstanceView[]): readonly unknown[] {
  const { engine, query } = call;
  const among = (ids: readonly (number | null)[]) => [...new Set(ids)].filter((id) => id !== null);
  const asked = among(rows.map(({ decisionDefinitionId }) => decisionDefinitionId));
  const decisions = engine.find('decisions', { where: [{ column: 'id', op: 'in', value: asked }] });
  const askers = among(rows.map(({ processInstanceId }) => processInstanceId));
  const instances = engine.find('processInstances', { where: [{ column: 'id', op: 'in', value: askers }] });
  return rows.map((row) => ({
    ...writeOne(
      row,
      decisions.find(({ id }) => id === row.decisionDefinitionId),
      instances.find(({ id }) => id === row.processInstanceId),
    ),
    ...clauses(row, query, instances.find(({ id }) => id === row.processInstanceId)?.rootId ?? null),
  }));
}

function writeOne(
  row: DecisionInstanceView,
  decision: DecisionDefinition | undefined,
  instance: ProcessInstanceView | undefined,
): Record<string, unknown> {
  const graph = decision === undefined ? undefined : graphOf(decision);
  return {
    id: String(row.id),
    decisionDefinitionId: `${row.decisionId}:${row.version}:${row.decisionDefinitionId}`,
    decisionDefinitionKey: row.decisionId,
    decisionDefinitionName: decision?.name ?? null,
    evaluationTime: formatDate(row.evaluatedAt),
    removalTime: null,
    processDefinitionId:
      instance === undefined ? null : `${instance.bpmnProcessId}:${instance.version}:${instance.definitionId}`,
    processDefinitionKey: instance?.bpmnProcessId ?? null,
    processInstanceId: textOrNull(row.processInstanceId),
    rootProcessInstanceId: textOrNull(instance?.rootId ?? null),
    caseDefinitionId: null,
    caseDefinitionKey: null,
    caseInstanceId: null,
    activityId: row.elementId,
    activityInstanceId: textOrNull(row.elementInstanceId),
    userId: null,
    collectResultValue: typeof row.value === 'number' ? row.value : null,
    rootDecisionInstanceId: textOrNull(row.rootId),
    decisionRequirementsDefinitionId: graph?.id ?? null,
    decisionRequirementsDefinitionKey: graph?.key ?? null,
    tenantId: decision?.tenantId ?? null,
  };
}

/** Of the decisions on the way the last is the one that was asked for. */
function evaluated(row: DecisionInstanceView): Evaluated | undefined {
  return (row.trace as unknown as readonly Evaluated[]).at(-1);
}

/** Inputs and outputs, where they are asked for. Which clause of the model a value belongs to is not kept, but its name is. */
function clauses(row: DecisionInstanceView, query: Call['query'], rootId: number | null): Record<string, unknown> {
  const { inputs = [], rules = [] } = evaluated(row) ?? {};
  const shared = (value: Json, at: string) => ({
    ...writeVariable(inferred(value)),
    id: `${row.id}.${at}`,
    decisionInstanceId: String(row.id),
    clauseId: null,
    errorMessage: null,
    createTime: formatDate(row.evaluatedAt),
    removalTime: null,
    rootProcessInstanceId: textOrNull(rootId),
  });
  const given = inputs.map(({ label, value }, at) => ({ ...shared(value, `i${at}`), clauseName: label }));
  const found = rules.flatMap(({ id, index, outputs }) =>
    Object.entries(entriesOf(outputs)).map(([variableName, value], at) => ({
      ...shared(value, `o${index}.${at}`),
      clauseName: variableName,
      ruleId: id,
      ruleOrder: index,
      variableName,
    })),
  );
  return {
    inputs: query['includeInputs'] === 'true' ? given : null,
    outputs: query['includeOutputs'] === 'true' ? found : null,
  };
}

function textOrNull(id: number | null): string | null {
  return id === null ? null : String(id);
}

function entriesOf(outputs: Json): Readonly<Record<string, Json>> {
  return outputs !== null && typeof outputs === 'object' && !Array.isArray(outputs)
    ? (outputs as Record<string, Json>)
    : { result: outputs };
}
