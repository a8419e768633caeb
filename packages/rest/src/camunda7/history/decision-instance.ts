/** `/history/decision-instance`: which decisions were evaluated, with which inputs, rules and results. */
import type { DecisionInstanceView, Json } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { formatDate } from '../dates.ts';
import { notFound } from '../errors.ts';
import * as by from '../list-query.ts';

const LIST: by.ListSpec<'decisionInstances'> = {
  table: 'decisionInstances',
  parameters: {
    decisionInstanceId: by.equalsId('id'),
    decisionInstanceIdIn: by.amongIds('id'),
    decisionDefinitionKey: by.equals('decisionId'),
    decisionDefinitionKeyIn: by.among('decisionId'),
    processInstanceId: by.equalsId('processInstanceId'),
    activityIdIn: by.among('elementId'),
    activityInstanceIdIn: by.amongIds('elementInstanceId'),
    evaluatedAfter: by.instant('evaluatedAt', '>='),
    evaluatedBefore: by.instant('evaluatedAt', '<='),
    includeInputs: by.always,
    includeOutputs: by.always,
    rootDecisionInstancesOnly: by.always,
  },
  unsupported:
    'decisionDefinitionId decisionDefinitionIdIn decisionDefinitionName decisionDefinitionNameLike processDefinitionId processDefinitionKey caseDefinitionId caseDefinitionKey caseInstanceId tenantIdIn withoutTenantId userId disableBinaryFetching disableCustomObjectDeserialization rootDecisionInstanceId decisionRequirementsDefinitionId decisionRequirementsDefinitionKey',
  sortBy: { evaluationTime: 'evaluatedAt' },
};

export function historicDecisionInstanceRoutes(route: Declare): void {
  route('GET', '/history/decision-instance', 'history.read', (call) => by.list(call, LIST).map(write));
  route('GET', '/history/decision-instance/count', 'history.read', (call) => by.count(call, LIST));
  route('GET', '/history/decision-instance/:id', 'history.read', ({ engine, params }: Call) => {
    const id = params['id'] ?? '';
    const [row] = engine.find('decisionInstances', { where: [{ column: 'id', op: '=', value: parseId(id) }] });
    if (row === undefined) throw notFound(`Historic decision instance with id '${id}' does not exist`);
    return write(row);
  });
}

interface Evaluated {
  readonly decisionId: string;
  readonly inputs?: readonly { readonly label: string; readonly value: Json }[];
  readonly rules?: readonly { readonly id: string; readonly index: number; readonly outputs: Json }[];
}

/** Of the decisions on the way the last is the one that was asked for. */
function write(row: DecisionInstanceView): Record<string, unknown> {
  const evaluated = (row.trace as unknown as readonly Evaluated[]).at(-1);
  return {
    id: String(row.id),
    decisionDefinitionId: `${row.decisionId}:${row.version}:${row.decisionDefinitionId}`,
    decisionDefinitionKey: row.decisionId,
    decisionDefinitionName: null,
    evaluationTime: formatDate(row.evaluatedAt),
    processInstanceId: row.processInstanceId === null ? null : String(row.processInstanceId),
    activityId: row.elementId,
    activityInstanceId: row.elementInstanceId === null ? null : String(row.elementInstanceId),
    inputs: (evaluated?.inputs ?? []).map(({ label, value }) => ({ clauseName: label, value })),
    outputs: (evaluated?.rules ?? []).flatMap(({ id, index, outputs }) =>
      Object.entries(entriesOf(outputs)).map(([variableName, value]) => ({
        ruleId: id,
        ruleOrder: index,
        variableName,
        value,
      })),
    ),
    collectResultValue: typeof row.value === 'number' ? row.value : null,
    rootDecisionInstanceId: null,
    tenantId: null,
  };
}

function entriesOf(outputs: Json): Readonly<Record<string, Json>> {
  return outputs !== null && typeof outputs === 'object' && !Array.isArray(outputs)
    ? (outputs as Record<string, Json>)
    : { result: outputs };
}
