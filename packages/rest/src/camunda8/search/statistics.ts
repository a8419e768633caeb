/** How often each element was visited, and what was taken between them: of one process instance, or of a definition. */
import type { ElementInstanceView, LogRecord, ProcessEngine, ProcessInstanceView } from '@procos/kernel';
import type { Call } from '../../call.ts';
import { invalid, notFound } from '../errors.ts';
import { keyOf, readKey } from '../keys.ts';
import { Members } from '../members.ts';
import { tenantOf } from '../tenants.ts';
import { BOUNDS } from './bounds.ts';
import { PROCESS_INSTANCES } from './process-instances.ts';
import { definitionsOf } from './related.ts';
import { refuseOthers } from './request.ts';
import { readFilters, sift } from './search.ts';

/** Records of the log that are looked through for what one process instance did, at most. */
const MOST_RECORDS = 20_000;
const CHUNK = 500;

interface Counts {
  active: number;
  canceled: number;
  incidents: number;
  completed: number;
}

type Visit = Pick<ElementInstanceView, 'id' | 'elementId' | 'outcome'>;

export function statisticsOfInstance(call: Call): unknown {
  const { id } = findInstance(call);
  return { items: tally(call.engine, [id]) };
}

export function statisticsOfDefinition({ engine, params, body }: Call): unknown {
  const id = readKey(params['processDefinitionKey'], 'processDefinitionKey');
  if (engine.definition(id) === undefined)
    throw notFound(`Process definition with key '${params['processDefinitionKey']}' not found`);
  refuseOthers(body, ['filter'], '');
  const filter = new Members(body).optionalObject('filter');
  const filters = filter === undefined ? [] : readFilters(engine, filter, PROCESS_INSTANCES);
  const where = [{ column: 'definitionId', op: '=', value: id } as const, ...filters.flatMap((one) => one.where ?? [])];
  const instances = engine.find('processInstances', { where, limit: BOUNDS.instances + 1 });
  if (instances.length > BOUNDS.instances)
    throw invalid(
      `The filter leaves the history of more than ${BOUNDS.instances} process instances to count: narrow it, e.g. by startDate`,
    );
  return {
    items: tally(
      engine,
      sift(instances, filters).map((instance) => instance.id),
    ),
  };
}

function tally(engine: ProcessEngine, instances: readonly number[]): readonly unknown[] {
  const where = [{ column: 'processInstanceId', op: 'in', value: instances }] as const;
  const counts = new Map<string, Counts>();
  const of = (elementId: string): Counts => {
    const known = counts.get(elementId) ?? { active: 0, canceled: 0, incidents: 0, completed: 0 };
    counts.set(elementId, known);
    return known;
  };
  const troubled = new Set(engine.find('incidents', { where }).map(({ elementInstanceId }) => elementInstanceId));
  const visits: readonly Visit[] = engine.find('elementInstances', { where });
  for (const { id, elementId, outcome } of visits) {
    if (outcome === 'active' && troubled.has(id)) of(elementId).incidents += 1;
    else of(elementId)[outcome] += 1;
  }
  return [...counts].map(([elementId, numbers]) => ({ elementId, ...numbers }));
}

export function findInstance({ engine, params }: Call): ProcessInstanceView {
  const key = params['processInstanceKey'];
  const id = readKey(key, 'processInstanceKey');
  const [instance] = engine.find('processInstances', { where: [{ column: 'id', op: '=', value: id }] });
  if (instance === undefined) throw notFound(`Process Instance with key '${key}' not found`);
  return instance;
}

/** From the one that nobody called down to this one. */
export function callHierarchy(call: Call): unknown {
  const { engine } = call;
  const chain = [findInstance(call)];
  for (let parent = chain[0]?.parentId ?? null; parent !== null; parent = chain[0]?.parentId ?? null) {
    const [above] = engine.find('processInstances', { where: [{ column: 'id', op: '=', value: parent }] });
    if (above === undefined) break;
    chain.unshift(above);
  }
  const definitionOf = definitionsOf(engine, chain);
  return chain.map(({ id, definitionId, bpmnProcessId }) => ({
    processInstanceKey: keyOf(id),
    processDefinitionKey: keyOf(definitionId),
    processDefinitionName: definitionOf(definitionId)?.name ?? bpmnProcessId,
  }));
}

/** The sequence flows that were taken, each once. */
export function sequenceFlows(call: Call): unknown {
  const { engine } = call;
  const instance = findInstance(call);
  const flows = new Set<string>();
  for (const { events } of recordsOf(engine, instance)) {
    for (const event of events) {
      if (!('processInstanceId' in event) || event.processInstanceId !== instance.id) continue;
      if (event.type === 'elementCompleted') for (const flow of event.takenFlows) flows.add(flow);
      if (event.type === 'tokenPlaced') flows.add(event.flowId);
    }
  }
  return {
    items: [...flows].map((elementId) => ({
      sequenceFlowId: `${instance.id}_${elementId}`,
      processInstanceKey: keyOf(instance.id),
      rootProcessInstanceKey: keyOf(instance.rootId),
      processDefinitionKey: keyOf(instance.definitionId),
      processDefinitionId: instance.bpmnProcessId,
      elementId,
      tenantId: tenantOf(instance.tenantId),
    })),
  };
}

/** Its own records where it knows them, else all since it began. */
function* recordsOf(engine: ProcessEngine, { id, keptIn, startedIn = 1 }: ProcessInstanceView): Generator<LogRecord> {
  if ((keptIn?.[0] ?? startedIn) < engine.firstSequence)
    throw invalid(
      `The first records of process instance ${id} have been removed from the log: its sequence flows are not known any more`,
    );
  if (keptIn !== undefined) {
    for (const sequence of keptIn) yield* engine.records(sequence - 1, 1);
    return;
  }
  for (let after = startedIn - 1; after < startedIn + MOST_RECORDS; after += CHUNK) {
    const records = engine.records(after, CHUNK);
    for (const record of records) {
      yield record;
      if (record.events.some((event) => isEnd(event, id))) return;
    }
    if (records.length < CHUNK) return;
  }
  throw invalid(
    `More than ${MOST_RECORDS} records of the log lie between the beginning and the end of process instance ${id}: its sequence flows are not looked for in so many`,
  );
}

function isEnd(event: LogRecord['events'][number], id: number): boolean {
  return (
    (event.type === 'processInstanceCompleted' || event.type === 'processInstanceEnded') &&
    event.processInstanceId === id
  );
}
