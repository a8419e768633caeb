/** `/incidents/search`: what waits for somebody, and what has. */
import type { Condition, Incident, IncidentView, ProcessEngine, Tables } from '@procos/kernel';
import type { Call, JsonObject } from '../../call.ts';
import { dateOf } from '../dates.ts';
import { notFound } from '../errors.ts';
import { keyOf, optionalKeyOf, readKey } from '../keys.ts';
import { tenantOf } from '../tenants.ts';
import { BOUNDS, tooMany } from './bounds.ts';
import { findElementInstance } from './element-instances.ts';
import * as by from './filter.ts';
import { holdsFor, readTests } from './operators.ts';
import { byIndex } from './reach.ts';
import { distinct, instancesOf, tenantsOf } from './related.ts';
import { type Found, type SearchSpec, type Sort, search } from './search.ts';

type Kind = Incident['kind'];
type Row = Pick<Incident, 'id' | 'kind' | 'processInstanceId' | 'elementInstanceId' | 'elementId'> &
  Pick<Incident, 'definitionId' | 'bpmnProcessId' | 'message' | 'createdAt'> &
  Partial<Pick<Incident, 'externalTaskId' | 'tenantId'> & Pick<IncidentView, 'state'>>;

const ERROR_TYPES: Readonly<Record<string, readonly Kind[]>> = {
  AD_HOC_SUB_PROCESS_NO_RETRIES: [],
  CALLED_DECISION_ERROR: [],
  CALLED_ELEMENT_ERROR: ['calledElement'],
  CONDITION_ERROR: ['noOutgoingFlow'],
  DECISION_EVALUATION_ERROR: ['decision'],
  EXECUTION_LISTENER_NO_RETRIES: [],
  EXTRACT_VALUE_ERROR: ['expression', 'timer', 'message'],
  FORM_NOT_FOUND: [],
  IO_MAPPING_ERROR: [],
  JOB_NO_RETRIES: ['failedExternalTask'],
  MESSAGE_SIZE_EXCEEDED: [],
  RESOURCE_NOT_FOUND: [],
  TASK_LISTENER_NO_RETRIES: [],
  UNHANDLED_ERROR_EVENT: ['unhandledError'],
  // Camunda 8 has no word for these.
  UNKNOWN: ['forbidden', 'runaway', 'deadlock', 'limitReached'],
  UNSPECIFIED: [],
};
const ERROR_TYPE_OF = new Map(
  Object.entries(ERROR_TYPES).flatMap(([type, kinds]) => kinds.map((kind) => [kind, type])),
);

const STATES: Readonly<Record<string, readonly IncidentView['state'][]>> = {
  ACTIVE: ['open'],
  RESOLVED: ['resolved', 'deleted'],
  PENDING: [],
  MIGRATED: [],
  UNKNOWN: [],
};

/** Of open ones it is in the row; of others the element instance knows which task it had. */
const jobIds = (rows: readonly Row[], engine: ProcessEngine) => {
  const past = rows.filter(({ kind, externalTaskId }) => kind === 'failedExternalTask' && externalTaskId === undefined);
  const ids = distinct(past.map(({ elementInstanceId }) => elementInstanceId));
  const elements =
    ids.length === 0 ? [] : engine.find('elementInstances', { where: [{ column: 'id', op: 'in', value: ids }] });
  const taskOf = new Map(elements.map(({ id, externalTaskId }) => [id, externalTaskId]));
  return ({ kind, externalTaskId, elementInstanceId }: Row): number | null =>
    externalTaskId ?? (kind === 'failedExternalTask' ? (taskOf.get(elementInstanceId) ?? null) : null);
};

/** What is open and what ever was have the same columns. */
function specOf<T extends 'incidents' | 'incidentHistory'>(
  table: T,
  state: by.Field<Row>,
  indexed: readonly (keyof Row & string)[],
): SearchSpec<T> {
  const filters: Readonly<Record<string, by.Field<Row>>> = {
    incidentKey: by.key('id'),
    processInstanceKey: by.key('processInstanceId'),
    processDefinitionKey: by.key('definitionId'),
    processDefinitionId: by.text('bpmnProcessId'),
    elementInstanceKey: by.key('elementInstanceId'),
    elementId: by.text('elementId'),
    errorType: by.oneOf('kind', ERROR_TYPES),
    errorMessage: by.text('message'),
    creationTime: by.instant('createdAt'),
    state,
    jobKey: by.looked(jobIds, by.asKey),
    tenantId: by.looked<Row>(tenantsOf, by.asText),
  };
  const sorts: Readonly<Record<string, Sort<Row>>> = {
    incidentKey: 'id',
    processInstanceKey: 'processInstanceId',
    processDefinitionKey: 'definitionId',
    processDefinitionId: 'bpmnProcessId',
    elementInstanceKey: 'elementInstanceId',
    elementId: 'elementId',
    errorType: () => errorTypeOf,
    // Both are given in the order of the log.
    creationTime: 'id',
    state: () => (row) => row.state ?? 'open',
    jobKey: jobIds,
    tenantId: tenantsOf,
  };
  const reach = byIndex(table, indexed as readonly (keyof Tables[T] & string)[], {
    unordered: ['definitionId'] as readonly (keyof Tables[T] & string)[],
  });
  return { table, filters, sorts, reach } as unknown as SearchSpec<T>;
}

const OPEN = specOf('incidents', () => ({}), ['processInstanceId', 'definitionId']);
const EVER = specOf('incidentHistory', by.oneOf('state', STATES), ['processInstanceId']);

/** What is open has a table of its own. `where`: whatever the body says. */
export function searchIncidents(
  { engine, body }: Pick<Call, 'engine' | 'body'>,
  where: readonly Condition<IncidentView>[] = [],
): Found<Row> {
  if (asksForOpen(body)) return search(engine, body, OPEN, { where: where as readonly Condition<Incident>[] });
  return search(engine, body, EVER, { where });
}

function asksForOpen(body: JsonObject): boolean {
  const filter = body['filter'];
  if (typeof filter !== 'object' || filter === null || !('state' in filter)) return false;
  const tests = readTests(filter['state'], 'filter.state', by.asText);
  return tests.length > 0 && Object.keys(STATES).every((state) => holdsFor(tests, state) === (state === 'ACTIVE'));
}

/** Of a process instance and of those that it has called. */
export function searchIncidentsOfInstance(call: Call): Found<Row> {
  const key = call.params['processInstanceKey'];
  const id = readKey(key, 'processInstanceKey');
  const [instance] = call.engine.find('processInstances', { where: [{ column: 'id', op: '=', value: id }] });
  if (instance === undefined) throw notFound(`Process instance with key '${key}' not found`);
  return searchIncidents(call, [by.among('processInstanceId', withCalled(call.engine, [id]))]);
}

/** Of an element instance, of what is inside it, and of instances called there. */
export function searchIncidentsOfElement(call: Call): Found<Row> {
  const { engine } = call;
  const element = findElementInstance(call);
  const where = [{ column: 'processInstanceId', op: '=', value: element.processInstanceId }] as const;
  const all = engine.find('elementInstances', { where });
  const inside = new Set([element.id]);
  // In the order of their identities a scope comes before what is inside it, unless a migration has put it there later.
  for (let size = 0; size < inside.size; ) {
    size = inside.size;
    for (const { id, scopeId } of all) if (scopeId !== null && inside.has(scopeId)) inside.add(id);
  }
  const called = all.filter(({ id }) => inside.has(id)).map(({ calledInstanceId }) => calledInstanceId);
  const instances = withCalled(engine, distinct(called));
  const elements = engine.find('incidentHistory', {
    where: [{ column: 'processInstanceId', op: 'in', value: [element.processInstanceId, ...instances] }],
  });
  const ids = elements
    .filter(
      ({ processInstanceId, elementInstanceId }) =>
        processInstanceId !== element.processInstanceId || inside.has(elementInstanceId),
    )
    .map(({ id }) => id);
  return searchIncidents(call, [by.among('id', ids)]);
}

function withCalled(engine: ProcessEngine, ids: readonly number[]): readonly number[] {
  const all = new Set(ids);
  for (let level = ids; level.length > 0; ) {
    const where = [{ column: 'parentId', op: 'in', value: level }] as const;
    const called = engine.find('processInstances', { where, limit: BOUNDS.instances + 1 }).map(({ id }) => id);
    for (const id of called) all.add(id);
    if (all.size > BOUNDS.instances) throw tooMany(BOUNDS.instances, 'The process instance has called so many others');
    level = called;
  }
  return [...all];
}

export function writeIncidents(engine: ProcessEngine, rows: readonly Row[]): readonly unknown[] {
  const instanceOf = instancesOf(engine, rows);
  const jobOf = jobIds(rows, engine);
  return rows.map((row) => {
    const instance = instanceOf(row.processInstanceId);
    return {
      incidentKey: keyOf(row.id),
      processInstanceKey: keyOf(row.processInstanceId),
      rootProcessInstanceKey: keyOf(instance?.rootId ?? row.processInstanceId),
      processDefinitionKey: keyOf(row.definitionId),
      processDefinitionId: row.bpmnProcessId,
      elementInstanceKey: keyOf(row.elementInstanceId),
      elementId: row.elementId,
      errorType: errorTypeOf(row),
      errorMessage: row.message,
      creationTime: dateOf(row.createdAt),
      state: (row.state ?? 'open') === 'open' ? 'ACTIVE' : 'RESOLVED',
      jobKey: optionalKeyOf(jobOf(row)),
      tenantId: tenantOf(instance?.tenantId ?? null),
    };
  });
}

function errorTypeOf({ kind }: Row): string {
  return ERROR_TYPE_OF.get(kind) ?? 'UNKNOWN';
}

export function getIncident({ engine, params }: Call): unknown {
  const id = readKey(params['incidentKey'], 'incidentKey');
  const found = engine.find('incidentHistory', { where: [{ column: 'id', op: '=', value: id }] });
  if (found.length === 0) throw notFound(`Incident with key '${params['incidentKey']}' not found`);
  return writeIncidents(engine, found)[0];
}
