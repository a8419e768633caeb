/** Counts for a look at the whole: what runs of each process, what has failed with which message, who waits for messages. */
import type { Incident, ProcessEngine, Scalar } from '@procos/kernel';
import type { Call } from '../../call.ts';
import { invalid } from '../errors.ts';
import { keyOf } from '../keys.ts';
import { Members } from '../members.ts';
import { tenantOf } from '../tenants.ts';
import { BOUNDS } from './bounds.ts';
import { MESSAGE_SUBSCRIPTIONS, OF_MESSAGES } from './message-subscriptions.ts';
import { definitionsOf } from './related.ts';
import { readSearch, refuseOthers } from './request.ts';
import { type Found, pageOf, readFilters, sift } from './search.ts';

/** Counts by what they are told of; `id` puts those that are alike into an order. */
type Counted = Readonly<Record<string, Scalar>> & { readonly id: number };

/** A member that is not shown orders rows that are alike. */
function answer(call: Pick<Call, 'body'>, rows: readonly Counted[], sorts: readonly string[]): unknown {
  const request = readSearch(call.body, sorts);
  const found: Found<Counted> = pageOf(
    rows,
    request,
    () => (row) => request.sort.map(({ field }) => row[field] ?? null),
  );
  return { items: found.rows.map(({ id: _id, ...shown }) => shown), page: found.page };
}

const WITH = 'activeInstancesWithIncidentCount';
const WITHOUT = 'activeInstancesWithoutIncidentCount';

/** Of every process and tenant of which instances run. */
export function byProcess(call: Call): unknown {
  refuseOthers(call.body, ['page', 'sort'], '');
  const { engine } = call;
  const troubled = troubledBy(engine, ({ bpmnProcessId, tenantId }) => nameOf(bpmnProcessId, tenantId));
  const groups = Map.groupBy(engine.find('definitions'), (one) => nameOf(one.bpmnProcessId, one.tenantId));
  const rows = [...groups].flatMap(([name, versions]): Counted[] => {
    const latest = versions.find((one) => one.latest) ?? versions.at(-1);
    if (latest === undefined) return [];
    const active = versions.reduce((sum, { id }) => sum + running(engine, id), 0);
    if (active === 0) return [];
    const shown = {
      processDefinitionId: latest.bpmnProcessId,
      tenantId: tenantOf(latest.tenantId),
      latestProcessDefinitionName: latest.name,
      hasMultipleVersions: versions.length > 1,
    };
    return [{ id: latest.id, ...shown, ...split(active, troubled.get(name)) }];
  });
  return answer(call, rows, ['processDefinitionId', WITH, WITHOUT]);
}

/** Of every version of one process. */
export function byVersion(call: Call): unknown {
  const { engine, body } = call;
  refuseOthers(body, ['page', 'sort', 'filter'], '');
  const filter = new Members(body).members('filter');
  const where = [
    { column: 'bpmnProcessId', op: '=', value: filter.text('processDefinitionId') },
    { column: 'tenantId', op: '=', value: filter.tenant() },
  ] as const;
  const troubled = troubledBy(engine, ({ definitionId }) => definitionId);
  const rows = engine.find('definitions', { where }).flatMap((row): Counted[] => {
    const active = running(engine, row.id);
    if (active === 0) return [];
    const shown = {
      processDefinitionId: row.bpmnProcessId,
      processDefinitionKey: keyOf(row.id),
      processDefinitionName: row.name,
      processDefinitionVersion: row.version,
      tenantId: tenantOf(row.tenantId),
    };
    return [{ id: row.id, ...shown, ...split(active, troubled.get(row.id)) }];
  });
  const sorts = ['processDefinitionId', 'processDefinitionKey', 'processDefinitionName', 'processDefinitionVersion'];
  return answer(call, rows, [...sorts, WITH, WITHOUT]);
}

function nameOf(bpmnProcessId: string, tenantId: string | null): string {
  return JSON.stringify([bpmnProcessId, tenantId]);
}

/** By an index that holds no others. */
function running(engine: ProcessEngine, definitionId: number): number {
  const where = [
    { column: 'definitionId', op: '=', value: definitionId },
    { column: 'endedAt', op: 'isNull' },
  ] as const;
  return engine.count('processInstances', { where });
}

function split(active: number, troubled: ReadonlySet<number> | undefined): Readonly<Record<string, number>> {
  const size = Math.min(active, troubled?.size ?? 0);
  return { [WITH]: size, [WITHOUT]: active - size };
}

/** Process instances with an open incident. */
function troubledBy<Key>(
  engine: ProcessEngine,
  keyOfIncident: (incident: Incident) => Key,
): ReadonlyMap<Key, ReadonlySet<number>> {
  const groups = Map.groupBy(openIncidents(engine), keyOfIncident);
  return new Map([...groups].map(([key, all]) => [key, instancesIn(all)]));
}

function instancesIn(incidents: readonly Incident[]): ReadonlySet<number> {
  return new Set(incidents.map(({ processInstanceId }) => processInstanceId));
}

function openIncidents(engine: ProcessEngine): readonly Incident[] {
  const open = engine.find('incidents', { limit: BOUNDS.read + 1 });
  if (open.length > BOUNDS.read)
    throw invalid(`More than ${BOUNDS.read} incidents are open: they are not counted one by one`);
  return open;
}

const WITH_ERROR = 'activeInstancesWithErrorCount';

/** Of every message of an open incident. */
export function byError(call: Call): unknown {
  refuseOthers(call.body, ['page', 'sort'], '');
  const groups = Map.groupBy(openIncidents(call.engine), ({ message }) => message);
  const rows = [...groups].map(
    ([errorMessage, incidents]): Counted => ({
      id: incidents[0]?.id ?? 0,
      errorHashCode: errorHash(errorMessage),
      errorMessage,
      [WITH_ERROR]: instancesIn(incidents).size,
    }),
  );
  return answer(call, rows, ['errorMessage', WITH_ERROR]);
}

/** Of every definition with open incidents of one message. */
export function byDefinitionOfError(call: Call): unknown {
  const { engine, body } = call;
  refuseOthers(body, ['page', 'sort', 'filter'], '');
  const hash = new Members(body).members('filter').whole('errorHashCode');
  const incidents = openIncidents(engine).filter(({ message }) => errorHash(message) === hash);
  const definitionOf = definitionsOf(engine, incidents);
  const rows = [...Map.groupBy(incidents, ({ definitionId }) => definitionId)].flatMap(([id, all]): Counted[] => {
    const definition = definitionOf(id);
    if (definition === undefined) return [];
    return [
      {
        id,
        processDefinitionId: definition.bpmnProcessId,
        processDefinitionKey: keyOf(id),
        processDefinitionName: definition.name ?? definition.bpmnProcessId,
        processDefinitionVersion: definition.version,
        tenantId: tenantOf(definition.tenantId),
        [WITH_ERROR]: instancesIn(all).size,
      },
    ];
  });
  return answer(call, rows, ['processDefinitionKey', 'tenantId', WITH_ERROR]);
}

/** As Camunda 8 makes it: Java's hash of the text, 32 bits with a sign. */
export function errorHash(message: string): number {
  let hash = 0;
  for (let at = 0; at < message.length; at++) hash = (Math.imul(hash, 31) + message.charCodeAt(at)) | 0;
  return hash;
}

/** Who waits for messages in process instances, of every definition. */
export function byWaiting(call: Call): unknown {
  const { engine, body } = call;
  refuseOthers(body, ['page', 'filter'], '');
  const filter = new Members(body).optionalObject('filter') ?? {};
  const filters = readFilters(engine, filter, MESSAGE_SUBSCRIPTIONS);
  const where = [
    ...OF_MESSAGES,
    { column: 'processInstanceId', op: 'notNull' } as const,
    ...filters.flatMap((one) => one.where ?? []),
  ];
  const waiting = engine.find('subscriptions', { where, limit: BOUNDS.read + 1 });
  if (waiting.length > BOUNDS.read)
    throw invalid(`The filter leaves more than ${BOUNDS.read} subscriptions to count: narrow it, e.g. by messageName`);
  const groups = Map.groupBy(sift(waiting, filters), ({ definitionId }) => definitionId);
  const rows = [...groups].map(
    ([id, all]): Counted => ({
      id,
      processDefinitionId: all[0]?.bpmnProcessId ?? '',
      processDefinitionKey: keyOf(id),
      tenantId: tenantOf(all[0]?.tenantId ?? null),
      processInstancesWithActiveSubscriptions: new Set(all.map(({ processInstanceId }) => processInstanceId)).size,
      activeSubscriptions: all.length,
    }),
  );
  return answer(call, rows, []);
}
