/**
 * Jobs that are over have no row: the record that created one tells what it was, and the record that ended it what became of
 * it. Both are read from the log again, in the order of the jobs' keys, a portion at a time.
 */
import type { EventOf, ExternalTask, LogRecord, ProcessEngine, ProcessInstanceView } from '@procos/kernel';
import type { JobRow, Over } from './jobs.ts';
import { placeOf } from './log-places.ts';
import { distinct } from './related.ts';

type Ended = EventOf<'externalTaskCompleted' | 'externalTaskCanceled'>;

interface End {
  readonly event: Ended;
  readonly at: number;
}

/** Records of one instant that are looked through for an end. */
const MOST_AT_ONCE = 1_000;

/** Finds what became of jobs that are over, and remembers the ends that it has come by. */
export class Ends {
  readonly #engine: ProcessEngine;
  readonly #seen = new Map<number, End>();
  readonly #read = new Set<number>();
  /** How many were looked for in the log one by one. */
  searched = 0;

  constructor(engine: ProcessEngine) {
    this.#engine = engine;
  }

  /** Of a record that was read anyway. */
  note({ sequence, at, events }: LogRecord): void {
    this.#read.add(sequence);
    for (const event of events)
      if (event.type === 'externalTaskCompleted' || event.type === 'externalTaskCanceled')
        this.#seen.set(event.externalTaskId, { event, at });
  }

  /** Jobs that are over, as they were created; those of instances whose history was deleted are told no more. */
  rowsOf(tasks: readonly ExternalTask[]): readonly JobRow[] {
    const instances = this.#byId(
      'processInstances',
      tasks.map(({ processInstanceId }) => processInstanceId),
    );
    for (const task of tasks) this.#readKept(task, instances.get(task.processInstanceId));
    const unknown = tasks.filter(({ id }) => !this.#seen.has(id));
    const elements = this.#byId(
      'elementInstances',
      unknown.map(({ elementInstanceId }) => elementInstanceId),
    );
    for (const { id, elementInstanceId } of unknown) {
      const endedAt = elements.get(elementInstanceId)?.endedAt ?? null;
      if (endedAt !== null && !this.#seen.has(id)) this.#readAt(endedAt);
    }
    return tasks.flatMap((task) => {
      if (!instances.has(task.processInstanceId)) return [];
      const end = this.#seen.get(task.id);
      if (end !== undefined) return [overRow(task, end)];
      const element = elements.get(task.elementInstanceId);
      const state = element?.outcome === 'canceled' ? 'CANCELED' : 'COMPLETED';
      return [{ ...task, workerId: null, over: { ...NOTHING_SAID, state, endedAt: element?.endedAt ?? null } }];
    });
  }

  /** The records that changed something inside its instance, where they are known. */
  #readKept({ id }: ExternalTask, instance: ProcessInstanceView | undefined): void {
    if (this.#seen.has(id)) return;
    for (const sequence of instance?.keptIn ?? []) {
      if (this.#read.has(sequence)) continue;
      for (const record of this.#engine.records(sequence - 1, 1)) if (record.sequence === sequence) this.note(record);
    }
  }

  #readAt(at: number): void {
    this.searched += 1;
    const first = placeOf(this.#engine, at, 'first from');
    for (const record of this.#engine.records(first - 1, MOST_AT_ONCE)) {
      if (record.at !== at) return;
      this.note(record);
    }
  }

  #byId<T extends 'processInstances' | 'elementInstances'>(table: T, ids: readonly number[]) {
    const value = distinct(ids);
    const found =
      value.length === 0 ? [] : this.#engine.find(table, { where: [{ column: 'id', op: 'in', value }] as never });
    return new Map(found.map((row) => [row.id as number, row]));
  }
}

const NOTHING_SAID = { errorCode: null, isDenied: null, deniedReason: null } as const;

function overRow(task: ExternalTask, { event, at }: End): JobRow {
  const failed = event.failed ?? {};
  if (event.type === 'externalTaskCompleted') {
    const { workerId, denied } = event;
    const isDenied = task.errand?.purpose === 'taskListener' ? denied !== undefined : null;
    const said: Over = {
      ...NOTHING_SAID,
      ...{ state: 'COMPLETED', endedAt: at, isDenied, deniedReason: denied?.reason ?? null },
    };
    return { ...task, ...failed, workerId, over: said };
  }
  const { thrown } = event;
  if (thrown === undefined)
    return { ...task, ...failed, workerId: null, over: { ...NOTHING_SAID, state: 'CANCELED', endedAt: at } };
  const { code: errorCode, message: errorMessage, workerId } = thrown;
  const over: Over = { ...NOTHING_SAID, state: 'ERROR_THROWN', endedAt: at, errorCode };
  return { ...task, ...failed, errorMessage, workerId, over };
}
