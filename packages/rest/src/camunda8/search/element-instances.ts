/** `/element-instances/search`: every visit of an element, over or not. */
import {
  type Condition,
  type ElementInstanceView,
  type ProcessEngine,
  type ProcessInstanceView,
  rowHolds,
} from '@procos/kernel';
import type { Call } from '../../call.ts';
import type { ModelElement } from '../../models.ts';
import { dateOf, optionalDateOf } from '../dates.ts';
import { notFound } from '../errors.ts';
import { keyOf, optionalKeyOf, readKey } from '../keys.ts';
import { tenantOf } from '../tenants.ts';
import { ELEMENT_TYPES, elementTypeOf } from './element-types.ts';
import * as by from './filter.ts';
import { byIndex, inside } from './reach.ts';
import { instancesOf, openIncidentsOf, tenantsOf } from './related.ts';
import type { SearchSpec } from './search.ts';

type Row = ElementInstanceView;

const STATES = { ACTIVE: ['active'], COMPLETED: ['completed'], TERMINATED: ['canceled'] } as const;
const STATE_OF = { active: 'ACTIVE', completed: 'COMPLETED', canceled: 'TERMINATED' } as const;

const incidentIds: by.Values<Row> = (rows, engine) => {
  const incidentAt = openIncidentsOf(engine, rows);
  return ({ id }) => incidentAt(id)?.id ?? null;
};

export const ELEMENT_INSTANCES: SearchSpec<'elementInstances'> = {
  table: 'elementInstances',
  filters: {
    elementInstanceKey: by.key('id'),
    processInstanceKey: by.key('processInstanceId'),
    processDefinitionKey: by.key('definitionId'),
    // By the identities of its versions, which have an index.
    processDefinitionId: by.ofDefinition('definitionId', ({ bpmnProcessId }) => bpmnProcessId),
    elementId: by.text('elementId'),
    elementName: by.text('elementName'),
    elementInstanceScopeKey: by.key('scopeId'),
    startDate: by.instant('startedAt'),
    endDate: by.instant('endedAt'),
    state: by.choice<Row, string>(STATES, (ours, words) =>
      words.join() === 'ACTIVE' ? [{ column: 'endedAt', op: 'isNull' }] : [by.among('outcome', ours)],
    ),
    type: (member) => {
      const possible = by.choice<Row, string>(ELEMENT_TYPES, (ours) => [by.among('elementType', [...new Set(ours)])])(
        member,
      );
      const drawn = by.lookedWord<Row>(
        (_rows, engine) => (row) => elementTypeOf(engine, row),
        Object.keys(ELEMENT_TYPES),
      );
      return { ...drawn(member), ...possible };
    },
    tenantId: by.looked<Row>(tenantsOf, by.asText),
    hasIncident: by.looked((rows, engine) => {
      const idOf = incidentIds(rows, engine);
      return (row) => idOf(row) !== null;
    }, by.asFlag),
    incidentKey: by.looked(incidentIds, by.asKey),
  },
  sorts: {
    elementInstanceKey: 'id',
    processInstanceKey: 'processInstanceId',
    processDefinitionKey: 'definitionId',
    processDefinitionId: 'bpmnProcessId',
    // Both are given in the order of the log.
    startDate: 'id',
    endDate: 'endedAt',
    elementId: 'elementId',
    elementName: 'elementName',
    type: (_rows, engine) => (row) => elementTypeOf(engine, row),
    state: 'outcome',
    incidentKey: incidentIds,
    tenantId: tenantsOf,
  },
  reach: inside<'elementInstances'>({
    isOfLiving: ({ column, op }) => column === 'endedAt' && op === 'isNull',
    shared: { processInstanceId: 'id', definitionId: 'definitionId', bpmnProcessId: 'bpmnProcessId' },
    implied: ofDefinitionsWithElement,
    living: byIndex('elementInstances', ['processInstanceId', 'definitionId'], {
      still: { with: ['processInstanceId', 'definitionId'] },
      unordered: ['definitionId'],
    }),
  }),
};

const OF_ELEMENT = ['elementId', 'elementName', 'elementType'];

/** Most processes do not have the element that is asked for: the history of their instances is not read. */
function ofDefinitionsWithElement(
  engine: ProcessEngine,
  where: readonly Condition<Row>[],
): readonly Condition<ProcessInstanceView>[] {
  const asked = where.filter(({ column }) => OF_ELEMENT.includes(column)) as readonly Condition<Visited>[];
  if (asked.length === 0) return [];
  const value = engine.find('definitions').flatMap(({ id }) => {
    const elements = Object.values(engine.model(id)?.elements ?? {});
    const fits = elements.some((element) =>
      asked.every((one) => visitsOf(element).some((visit) => rowHolds(one, visit))),
    );
    return fits ? [id] : [];
  });
  return [{ column: 'definitionId', op: 'in', value }];
}

type Visited = Pick<Row, 'elementId' | 'elementName' | 'elementType'>;

/** Of an element that loops there is one more, around the others. */
function visitsOf(element: ModelElement): readonly Visited[] {
  const visit = { elementId: element.id, elementName: element.name ?? null, elementType: element.type };
  return 'loop' in element && element.loop !== undefined
    ? [visit, { ...visit, elementType: 'multiInstanceBody' }]
    : [visit];
}

export function writeElementInstances(engine: ProcessEngine, rows: readonly Row[]): readonly unknown[] {
  const instanceOf = instancesOf(engine, rows);
  const incidentAt = openIncidentsOf(engine, rows);
  return rows.map((row) => {
    const instance = instanceOf(row.processInstanceId);
    const incident = incidentAt(row.id);
    return {
      elementInstanceKey: keyOf(row.id),
      processInstanceKey: keyOf(row.processInstanceId),
      rootProcessInstanceKey: keyOf(instance?.rootId ?? row.processInstanceId),
      processDefinitionKey: keyOf(row.definitionId),
      processDefinitionId: row.bpmnProcessId,
      elementId: row.elementId,
      elementName: row.elementName ?? row.elementId,
      type: elementTypeOf(engine, row),
      state: STATE_OF[row.outcome],
      startDate: dateOf(row.startedAt),
      endDate: optionalDateOf(row.endedAt),
      hasIncident: incident !== undefined,
      incidentKey: optionalKeyOf(incident?.id),
      tenantId: tenantOf(instance?.tenantId ?? null),
    };
  });
}

export function findElementInstance({ engine, params }: Call): Row {
  const id = readKey(params['elementInstanceKey'], 'elementInstanceKey');
  const [row] = engine.find('elementInstances', { where: [{ column: 'id', op: '=', value: id }] });
  if (row === undefined) throw notFound(`Element Instance with key '${params['elementInstanceKey']}' not found`);
  return row;
}
