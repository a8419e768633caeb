/** User tasks, open or over. An open one has a row of its own; one that is over is an element instance and what the log says of it. */
import type { ElementInstanceView, LogRecord, ProcessEngine, UserTask } from '@procos/kernel';

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
  const value = [...new Set(over.map(({ processInstanceId }) => processInstanceId))];
  const instances = engine.find('processInstances', { where: [{ column: 'id', op: 'in', value }] });
  const tenants = new Map(instances.map(({ id, tenantId }) => [id, tenantId]));
  return over.map((element): TaskRow => {
    const ended = {
      state: element.outcome === 'canceled' ? 'CANCELED' : 'COMPLETED',
      endedAt: element.endedAt,
    } as const;
    const { assignee, processInstanceId } = element;
    return { ...taskOf(engine, element), assignee, tenantId: tenants.get(processInstanceId) ?? null, ...ended };
  });
}

/** As it was created, by the log or by what took its place, and then changed. */
function taskOf(engine: ProcessEngine, element: ElementInstanceView): UserTask {
  const id = element.userTaskId as UserTask['id'];
  const { id: elementInstanceId, startedAt: createdAt, elementName: name, ...shared } = element;
  const created = createdIn(engine.records(element.sequence - 1, 1)[0], id) ?? createdIn(recordOf(engine, id), id);
  const task = created ?? {
    ...shared,
    ...{ name, createdAt, dueAt: null, followUpAt: null, priority: 50, formKey: null, formId: null, tenantId: null },
    ...{ candidateUsers: [], candidateGroups: [] },
  };
  return { ...task, ...element.task, id, elementInstanceId } as UserTask;
}
