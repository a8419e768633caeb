/** User tasks, open or over. An open one has a row of its own; one that is over is an element instance and what the log says of it. */
import type { ElementInstanceView, LogRecord, ProcessEngine, UserTask } from '@procos/kernel';
import { distinct, instancesOf } from '../search/related.ts';

/** What waits for a listener counts as created, until it has ended. */
export type TaskState = 'CREATED' | 'COMPLETED' | 'CANCELED';

export interface TaskRow extends UserTask {
  readonly state: TaskState;
  /** ms since the epoch. */
  readonly endedAt: number | null;
}

export function openRow(task: UserTask): TaskRow {
  return { ...task, state: 'CREATED', endedAt: null };
}

export function findTask(engine: ProcessEngine, id: number): TaskRow | undefined {
  const [open] = engine.find('userTasks', { where: [{ column: 'id', op: '=', value: id }] });
  if (open !== undefined) return openRow(open);
  const elementInstanceId = elementOf(engine, id);
  if (elementInstanceId === undefined) return undefined;
  const found = engine.find('elementInstances', { where: [{ column: 'id', op: '=', value: elementInstanceId }] });
  return overRows(engine, found)[0];
}

/** Of a user task that is over: the record that gave it its identity tells. undefined: it is not in the log (any more). */
export function elementOf(engine: ProcessEngine, userTaskId: number): number | undefined {
  return createdIn(recordOf(engine, userTaskId), userTaskId)?.elementInstanceId;
}

/** The first record up to which so many identities had been given. */
function recordOf(engine: ProcessEngine, id: number): LogRecord | undefined {
  let first = engine.firstSequence;
  let last = engine.lastSequence;
  if (id < 1 || last < first) return undefined;
  while (first < last) {
    const middle = Math.floor((first + last) / 2);
    const [record] = engine.records(middle - 1, 1);
    if (record !== undefined && record.lastId < id) first = middle + 1;
    else last = middle;
  }
  return engine.records(first - 1, 1)[0];
}

function createdIn(record: LogRecord | undefined, userTaskId: number): UserTask | undefined {
  for (const event of record?.events ?? [])
    if (event.type === 'userTaskCreated' && event.task.id === userTaskId) return event.task;
  return undefined;
}

/** Those of the element instances that were user tasks and are over. */
export function overRows(engine: ProcessEngine, elements: readonly ElementInstanceView[]): readonly TaskRow[] {
  const over = elements.filter(({ userTaskId, endedAt }) => userTaskId !== null && endedAt !== null);
  const instanceOf = instancesOf(engine, over);
  return over.map((element): TaskRow => {
    const instance = instanceOf(element.processInstanceId);
    const ended = {
      state: element.outcome === 'canceled' ? 'CANCELED' : 'COMPLETED',
      endedAt: element.endedAt,
    } as const;
    return {
      ...taskOf(engine, element, instance?.keptIn ?? []),
      assignee: element.assignee,
      tenantId: instance?.tenantId ?? null,
      ...ended,
    };
  });
}

/** As it was created and then changed, as far as the records of its process instance are known. */
function taskOf(engine: ProcessEngine, element: ElementInstanceView, keptIn: readonly number[]): UserTask {
  const id = element.userTaskId as UserTask['id'];
  const { id: elementInstanceId, startedAt: createdAt, elementName: name, ...shared } = element;
  const created = createdIn(engine.records(element.sequence - 1, 1)[0], id) ?? createdIn(recordOf(engine, id), id);
  const task = created ?? {
    ...shared,
    ...{ name, createdAt, dueAt: null, followUpAt: null, priority: 50, formKey: null, formId: null, tenantId: null },
    ...{ candidateUsers: [], candidateGroups: [] },
  };
  const changes = keptIn
    .filter((sequence) => sequence > element.sequence)
    .flatMap((sequence) => engine.records(sequence - 1, 1))
    .flatMap(({ events }) => events)
    .flatMap((event) => (event.type === 'userTaskUpdated' && event.userTaskId === id ? [event.changes] : []));
  return Object.assign({ ...task, id, elementInstanceId }, ...changes) as UserTask;
}

/** The scope of the task and those around it, outward. */
export function scopesOf(engine: ProcessEngine, { processInstanceId, elementInstanceId }: TaskRow): readonly number[] {
  const where = [{ column: 'processInstanceId', op: '=', value: processInstanceId }] as const;
  const scopeOf = new Map(engine.find('elementInstances', { where }).map(({ id, scopeId }) => [id as number, scopeId]));
  const path: number[] = [];
  for (let at: number | null = elementInstanceId; at !== null && !path.includes(at); at = scopeOf.get(at) ?? null)
    path.push(at);
  return distinct([...path, processInstanceId]);
}
