/** What happens inside a process instance: its element instances and variables, and in which records their history lies. */
import type { ProcessModel } from '@procos/bpmn';
import type { EngineEvent, EventOf, LogRecord } from '@procos/engine';
import type { ElementInstanceView, ProcessInstanceView, VariableView } from '../rows.ts';

/** A record takes a place for each so many events, and one for what is left. */
const EVENTS_PER_PLACE = 512;
/** An instance whose records take more places is not read again: what it leaves behind gets rows. */
const MOST_PLACES = 8;
/** A long record is read again for each of its instances: no more than so many events in all. */
const MOST_READ = 2 ** 18;

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

/** Of long records, for it takes a walk over their events. */
const placesOfLong = new WeakMap<LogRecord, number | undefined>();

/** Places that it takes where the history of the instances that it changes may lie in it. undefined: it may not. */
export function placesOf(record: LogRecord): number | undefined {
  if (!isLong(record)) return placesOfShort(!isOfOneDefinition(record));
  if (record.events.length > MOST_PLACES * EVENTS_PER_PLACE) return undefined;
  if (!placesOfLong.has(record)) placesOfLong.set(record, placesOfLongOne(record));
  return placesOfLong.get(record);
}

function placesOfShort(migrates: boolean): number | undefined {
  return migrates ? undefined : 1;
}

/** It takes more than one place. */
export function isLong({ events }: LogRecord): boolean {
  return events.length > EVENTS_PER_PLACE;
}

/** All of an instance must belong to one. */
function isOfOneDefinition({ events }: LogRecord): boolean {
  for (const { type } of events) if (type === 'processInstanceMigrated') return false;
  return true;
}

function placesOfLongOne(record: LogRecord): number | undefined {
  const { events } = record;
  const instances = new Set<number | null>();
  for (const event of events) {
    instances.add(instanceOf(event));
    if (event.type === 'processInstanceCreated') instances.add(event.processInstanceId);
  }
  if (instances.size * events.length > MOST_READ || !isOfOneDefinition(record)) return undefined;
  return Math.ceil(events.length / EVENTS_PER_PLACE);
}

/** Where a further record of the instance lies in the log too: what its row says then. undefined: there is no room for it. */
export function keptAlso(
  instance: Pick<ProcessInstanceView, 'keptIn' | 'keptPlaces'>,
  sequence: number,
  places: number | undefined,
): Pick<ProcessInstanceView, 'keptIn' | 'keptPlaces'> | undefined {
  const before = placesTaken(instance);
  if (before === undefined || places === undefined || before + places > MOST_PLACES) return undefined;
  const keptIn = [...(instance.keptIn ?? []), sequence];
  return before + places === keptIn.length ? { keptIn } : { keptIn, keptPlaces: before + places };
}

/** undefined: it is not read again. */
export function placesTaken({
  keptIn,
  keptPlaces,
}: Pick<ProcessInstanceView, 'keptIn' | 'keptPlaces'>): number | undefined {
  return keptIn === undefined ? undefined : (keptPlaces ?? keptIn.length);
}

/** What a record means for the process instances that it changes. */
export interface Passage {
  readonly created: ReadonlySet<number>;
  readonly ended: ReadonlySet<number>;
  /** Those that it goes on with. */
  readonly continued: ReadonlySet<number>;
  /** See `placesOf`. */
  readonly places: number | undefined;
  /** History is removed in it. */
  readonly removes: boolean;
  /** Instances get another definition in it. */
  readonly migrates: boolean;
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
  let migrates = false;
  let last: number | null = null;
  for (const event of record.events) {
    // To read it takes as long as all else: events have many shapes.
    const { type } = event;
    // What is brought from elsewhere has rows: its identities may be older than the record.
    if (type === 'processInstanceCreated' && event.imported === undefined)
      created = including(created, event.processInstanceId);
    else if (type === 'historyRemoved') removes = true;
    else if (type === 'processInstanceMigrated') migrates = true;
    const id = instanceOf(event);
    if (id === null) continue;
    if (id !== last && !created.has(id)) continued = including(continued, id);
    last = id;
    if (type === 'processInstanceCompleted' || type === 'processInstanceEnded') ended = including(ended, id);
  }
  const places = isLong(record) ? placesOf(record) : placesOfShort(migrates);
  return { created, ended, continued, places, removes, migrates };
}

export function passagesOf(records: readonly LogRecord[]): readonly Passage[] {
  return records.map(passageOf);
}

/** Instances that end in these records. */
export interface Ending {
  /** They can be read again from the log, with all that has happened inside them: nothing of that needs a row any more. */
  readonly closing: ReadonlySet<number>;
  /** Of the others those that also begin in these records: what is inside them needs a row when all of it is known. */
  readonly passing: ReadonlySet<number>;
  /** Created in these records. */
  readonly created: ReadonlySet<number>;
}

/**
 * `placesBefore`: of an instance that was there before them how many its records take until then; undefined: it cannot.
 */
export function endingIn(passages: readonly Passage[], placesBefore: (id: number) => number | undefined): Ending {
  // Of an instance that runs, history may be removed between two records: then only those within one are among them.
  const isAlone = passages.some(({ removes }) => removes);
  const closing = new Set<number>();
  const passing = new Set<number>();
  const createdHere = new Set<number>();
  /** Of those: not all of them belong to one definition, or history may be removed between two records. */
  const broken = new Set<number>();
  /** Places taken so far; undefined: it cannot be read again. */
  const taken = new Map<number, number | undefined>();
  for (const { created, ended, continued, places, migrates } of passages) {
    for (const id of continued) {
      closing.delete(id);
      passing.delete(id);
      if (migrates) broken.add(id);
      const before = taken.has(id) ? taken.get(id) : placesBefore(id);
      const fits = !isAlone && places !== undefined && before !== undefined && before + places <= MOST_PLACES;
      taken.set(id, fits ? before + places : undefined);
    }
    for (const id of created) {
      taken.set(id, places);
      createdHere.add(id);
      if (migrates || isAlone) broken.add(id);
    }
    for (const id of ended) {
      if (taken.get(id) !== undefined) closing.add(id);
      else if (createdHere.has(id) && !broken.has(id)) passing.add(id);
    }
  }
  return { closing, passing, created: createdHere };
}

/** Variables that one record can set: what the id of a row has room for. */
const PER_RECORD = 2 ** 20;
/** Of later records; with 2^33 of the others a number could hold no more. */
const PER_LATER_RECORD = 2 ** 14;
const FIRST_LATER = 2 ** 33 - 2 ** 30;
const FIRST_LATER_ID = FIRST_LATER * PER_RECORD;

/** The id of the row of a variable says in which record it was created. */
export function variableId(sequence: number, position: number): number {
  return sequence < FIRST_LATER
    ? sequence * PER_RECORD + position
    : FIRST_LATER_ID + (sequence - FIRST_LATER) * PER_LATER_RECORD + position;
}

export function recordOfVariable(id: number): number {
  return id < FIRST_LATER_ID
    ? Math.floor(id / PER_RECORD)
    : FIRST_LATER + Math.floor((id - FIRST_LATER_ID) / PER_LATER_RECORD);
}
