/** What happens inside a process instance: its element instances and variables, and in which records their history lies. */
import type { ProcessModel } from '@procos/bpmn';
import type { EngineEvent, EventOf, LogRecord } from '@procos/engine';
import type { ElementInstanceView, ProcessInstanceView, VariableView } from '../rows.ts';

/** A record with more events is not read again for one of its instances: what they leave behind gets rows. */
export const MOST_EVENTS = 512;
/** The same for an instance that more records have changed. */
export const MOST_RECORDS = 8;

/** Rows as a projection sees them: it puts what is over like everything else. */
export interface Inside {
  instance(id: number): ProcessInstanceView | undefined;
  element(id: number): ElementInstanceView | undefined;
  putElement(row: ElementInstanceView): void;
  variable(processInstanceId: number, scopeId: number, name: string): VariableView | undefined;
  /** Without a scope: all of the instance. */
  liveVariables(processInstanceId: number, scopeId?: number): readonly VariableView[];
  putVariable(row: VariableView): void;
  dropVariable(id: number): void;
  modelOf(definitionId: number): ProcessModel | undefined;
}

/** `position`: how many variables the events before this one have set in the same record. */
export type InsideProjection = (event: InsideEvent, record: LogRecord, inside: Inside, position: number) => void;

/** Calls with each event and how many variables those before it have set. */
export function walk({ events }: LogRecord, visit: (event: EngineEvent, position: number) => void): void {
  let position = 0;
  for (const event of events) {
    visit(event, position);
    if (event.type === 'variablesSet') for (const _ in event.variables) position += 1;
  }
}

/** Events that change something inside a process instance; a projection of what is inside is called with no others. */
export type InsideEvent = EventOf<
  | 'elementActivated'
  | 'elementCompleted'
  | 'elementCanceled'
  | 'elementMoved'
  | 'variablesSet'
  | 'variablesRemoved'
  | 'userTaskAssigned'
  // Nothing that is shown here changes; who reads the instance again finds what had become of the task.
  | 'userTaskUpdated'
  | 'processInstanceMigrated'
  | 'processInstanceCompleted'
  | 'processInstanceEnded'
  | 'externalTaskCreated'
  // Nothing that is shown here changes; who looks for a task that is over finds what had become of it.
  | 'externalTaskCompleted'
  | 'externalTaskCanceled'
  | 'userTaskCreated'
  | 'processInstanceCreated'
>;

/** The process instance inside which the event changes something. Not null: it is an `InsideEvent`. */
export function instanceOf(event: EngineEvent): number | null {
  switch (event.type) {
    case 'externalTaskCreated':
    case 'userTaskCreated':
      return event.task.processInstanceId;
    // The element that calls it shows it.
    case 'processInstanceCreated':
      return event.parentId;
    case 'elementActivated':
    case 'elementCompleted':
    case 'elementCanceled':
    case 'elementMoved':
    case 'variablesSet':
    case 'variablesRemoved':
    case 'userTaskAssigned':
    case 'userTaskUpdated':
    case 'externalTaskCompleted':
    case 'externalTaskCanceled':
    case 'processInstanceMigrated':
    case 'processInstanceCompleted':
    case 'processInstanceEnded':
      return event.processInstanceId;
    default:
      // Does not compile when one of them is missing above.
      event satisfies Exclude<EngineEvent, InsideEvent>;
      return null;
  }
}

/** Whether the history of the instances that it changes may lie in it: all of it must belong to one definition. */
export function isReadAgain({ events }: LogRecord): boolean {
  if (events.length > MOST_EVENTS) return false;
  for (const { type } of events) if (type === 'processInstanceMigrated') return false;
  return true;
}

/** What a record means for the process instances that it changes. */
export interface Passage {
  readonly created: ReadonlySet<number>;
  readonly ended: ReadonlySet<number>;
  /** Those that it goes on with. */
  readonly continued: ReadonlySet<number>;
  readonly isReadAgain: boolean;
  /** History is removed in it. */
  readonly removes: boolean;
}

/** Most records have nothing to say about most of it. */
const NO_IDS: ReadonlySet<number> = new Set();

function including(ids: ReadonlySet<number>, id: number): ReadonlySet<number> {
  return (ids === NO_IDS ? new Set<number>() : (ids as Set<number>)).add(id);
}

function passageOf(record: LogRecord): Passage {
  let created = NO_IDS;
  let ended = NO_IDS;
  let continued = NO_IDS;
  let removes = false;
  let last: number | null = null;
  for (const event of record.events) {
    // What is brought from elsewhere has rows: its identities may be older than the record.
    if (event.type === 'processInstanceCreated' && event.imported === undefined)
      created = including(created, event.processInstanceId);
    else if (event.type === 'historyRemoved') removes = true;
    const id = instanceOf(event);
    if (id === null) continue;
    if (id !== last && !created.has(id)) continued = including(continued, id);
    last = id;
    if (event.type === 'processInstanceCompleted' || event.type === 'processInstanceEnded')
      ended = including(ended, id);
  }
  return { created, ended, continued, isReadAgain: isReadAgain(record), removes };
}

export function passagesOf(records: readonly LogRecord[]): readonly Passage[] {
  return records.map(passageOf);
}

/**
 * Instances that end in these records and can be read again from the log, with all that has happened inside them: nothing of that needs
 * a row any more. `recordsBefore`: of an instance that was there before them how many it can be read from until then; undefined: it cannot.
 */
export function closingIn(
  passages: readonly Passage[],
  recordsBefore: (id: number) => number | undefined,
): ReadonlySet<number> {
  // Of an instance that runs, history may be removed between two records: then only those within one are among them.
  const most = passages.some(({ removes }) => removes) ? 1 : MOST_RECORDS;
  const closing = new Set<number>();
  /** Records so far; undefined: it cannot be read again. */
  const times = new Map<number, number | undefined>();
  for (const { created, ended, continued, isReadAgain } of passages) {
    for (const id of continued) {
      closing.delete(id);
      const before = times.has(id) ? times.get(id) : recordsBefore(id);
      times.set(id, isReadAgain && before !== undefined && before < most ? before + 1 : undefined);
    }
    for (const id of created) times.set(id, isReadAgain ? 1 : undefined);
    for (const id of ended) if (times.get(id) !== undefined) closing.add(id);
  }
  return closing;
}

/** Variables that one record can set: what the id of a row has room for. */
const PER_RECORD = 2 ** 20;

/** The id of the row of a variable says in which record it was created. */
export function variableId(sequence: number, position: number): number {
  return sequence * PER_RECORD + position;
}

export function recordOfVariable(id: number): number {
  return Math.floor(id / PER_RECORD);
}
