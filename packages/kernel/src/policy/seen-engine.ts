/** The engine without what is in instances of some definitions: all faces read through it, so that each hides the same. */
import type { EngineEvent, EventOf, EventType, ExternalTask, LogRecord } from '@procos/engine';
import type { Page, Query, TableName, Tables } from '@procos/store';
import { PassingEngine } from '../passing-engine.ts';
import type { EffectiveCapabilities, InstanceLimits, ProcessEngine } from '../process-engine.ts';

/** By what a row is known to be of a hidden instance: it names the definition, or the instance alone; null: it never is. */
const BY: Readonly<Record<TableName, 'definition' | 'instance' | null>> = {
  processInstances: 'definition',
  elementInstances: 'definition',
  incidents: 'definition',
  incidentHistory: 'definition',
  userTasks: 'definition',
  timers: 'definition',
  subscriptions: 'definition',
  externalTasks: 'definition',
  variables: 'instance',
  warnings: 'instance',
  decisionInstances: 'instance',
  notes: 'instance',
  deployments: null,
  definitions: null,
  decisions: null,
  topicServers: null,
  controls: null,
  filters: null,
};

type Named = Extract<EngineEvent, { readonly processInstanceId: unknown }>['type'];

/**
 * Whose each event is that has no `processInstanceId`: an instance's, nobody's, or that of an instance which it does not
 * name (`inside`), or of somebody else, and is not shown.
 */
const WHOSE: {
  readonly [T in Exclude<EventType, Named>]: 'everybody' | 'inside' | ((event: EventOf<T>) => number | null);
} = {
  externalTaskCreated: ({ task }) => task.processInstanceId,
  userTaskCreated: ({ task }) => task.processInstanceId,
  timerScheduled: ({ timer }) => timer.processInstanceId,
  subscriptionOpened: ({ subscription }) => subscription.processInstanceId,
  incidentRaised: ({ incident }) => incident.processInstanceId,
  noteAdded: ({ note }) => note.processInstanceId,
  limitsSet: ({ target }) => (target.kind === 'instance' ? target.processInstanceId : null),
  externalTaskLocked: 'inside',
  externalTaskUnlocked: 'inside',
  externalTaskFenced: 'inside',
  externalTaskForbidden: 'inside',
  externalTaskLockExtended: 'inside',
  externalTaskRetriesSet: 'inside',
  externalTaskItemDone: 'inside',
  externalTaskSuspended: 'inside',
  externalTaskResumed: 'inside',
  externalTaskPrioritySet: 'inside',
  timerTriggered: 'inside',
  timerCanceled: 'inside',
  timerChanged: 'inside',
  timerPrioritySet: 'inside',
  subscriptionClosed: 'inside',
  // It holds what somebody else was told.
  requestAnswered: 'inside',
  deploymentCreated: 'everybody',
  deploymentRemoved: 'everybody',
  processDefined: 'everybody',
  decisionDefined: 'everybody',
  topicServerSet: 'everybody',
  definitionRemoved: 'everybody',
  decisionRemoved: 'everybody',
  definitionSuspended: 'everybody',
  definitionResumed: 'everybody',
  historyTimeToLiveSet: 'everybody',
  timerRuleSet: 'everybody',
  historyRemoved: 'everybody',
  taskFilterSet: 'everybody',
  taskFilterRemoved: 'everybody',
  messageBuffered: 'everybody',
  messageTaken: 'everybody',
  messageRemoved: 'everybody',
  signalBroadcast: 'everybody',
  identitySet: 'everybody',
  identityRemoved: 'everybody',
  instancesCounted: 'everybody',
  startRefused: 'everybody',
  storeRestored: 'everybody',
  clockPinned: 'everybody',
  clockReset: 'everybody',
};

export class SeenEngine extends PassingEngine {
  readonly #hidden: ReadonlySet<number>;
  readonly #works: boolean;
  /** Instance → whether it is hidden. */
  readonly #instances = new Map<number, boolean>();

  /** `hidden`: ids of definitions. `works`: external tasks are shown, whosever they are. */
  constructor(inner: ProcessEngine, hidden: ReadonlySet<number>, works: boolean) {
    super(inner);
    this.#hidden = hidden;
    this.#works = works;
  }

  override find<T extends TableName>(table: T, query: Query<Tables[T]> = {}): readonly Tables[T][] {
    if (BY[table] !== 'instance') return this.inner.find(table, this.#without(table, query));
    const { offset = 0, limit = Number.POSITIVE_INFINITY } = query;
    return this.#shown(table, query, offset + limit).slice(offset, offset + limit);
  }

  override count<T extends TableName>(table: T, query: Query<Tables[T]> = {}): number {
    if (BY[table] !== 'instance') return this.inner.count(table, this.#without(table, query));
    const { limit = Number.POSITIVE_INFINITY } = query;
    return Math.min(this.#shown(table, query, limit).length, limit);
  }

  override page<T extends TableName>(table: T, query: Query<Tables[T]> = {}): Page<Tables[T]> {
    if (BY[table] !== 'instance') return this.inner.page(table, this.#without(table, query));
    const rows = this.#shown(table, query, Number.POSITIVE_INFINITY);
    const { offset = 0, limit = Number.POSITIVE_INFINITY } = query;
    return { rows: rows.slice(offset, offset + limit), total: rows.length };
  }

  override externalTask(externalTaskId: number): ExternalTask | undefined {
    const task = this.inner.externalTask(externalTaskId);
    return task !== undefined && !this.#works && this.#hidden.has(task.definitionId) ? undefined : task;
  }

  override capabilitiesOf(processInstanceId: number): EffectiveCapabilities | undefined {
    return this.#isHidden(processInstanceId) ? undefined : this.inner.capabilitiesOf(processInstanceId);
  }

  override limitsOf(processInstanceId: number): InstanceLimits | undefined {
    return this.#isHidden(processInstanceId) ? undefined : this.inner.limitsOf(processInstanceId);
  }

  /** Every record is there, with the events that may be seen: perhaps none. */
  override records(after: number, limit: number): readonly LogRecord[] {
    return this.inner.records(after, limit).map((record) => this.#seen(record));
  }

  override onCommitted(listener: (records: readonly LogRecord[]) => void): () => void {
    return this.inner.onCommitted((records) => listener(records.map((record) => this.#seen(record))));
  }

  #without<T extends TableName>(table: T, query: Query<Tables[T]>): Query<Tables[T]> {
    if (BY[table] !== 'definition') return query;
    if (table === 'externalTasks' && this.#works) return query;
    const condition = { column: 'definitionId', op: 'notIn', value: [...this.#hidden] };
    return { ...query, where: [...(query.where ?? []), condition as never] };
  }

  /** In order, `most` of them or more: which may be seen is only known from their instances. */
  #shown<T extends TableName>(table: T, query: Query<Tables[T]>, most: number): readonly Tables[T][] {
    const { where = [], orderBy = [] } = query;
    const of = where.find((one) => one.column === 'processInstanceId' && one.op === '=');
    if (of !== undefined && 'value' in of && typeof of.value === 'number' && this.#isHidden(of.value)) return [];
    // From the beginning each time: the store has no other place to go on from, and what is read again is a third at most.
    for (let limit = 2 * most + SPARE; ; limit *= 4) {
      const rows = this.inner.find(table, { where, orderBy, ...(limit > ALL ? {} : { limit }) });
      const shown = rows.filter(
        (row) => !this.#isHidden((row as { processInstanceId: number | null }).processInstanceId),
      );
      if (shown.length >= most || rows.length < limit || limit > ALL) return shown;
    }
  }

  #isHidden(processInstanceId: number | null | undefined): boolean {
    if (processInstanceId == null) return false;
    const known = this.#instances.get(processInstanceId);
    if (known !== undefined) return known;
    const where = [{ column: 'id', op: '=', value: processInstanceId }] as const;
    const [instance] = this.inner.find('processInstances', { where });
    // One that is in no view (any more) may have been anything.
    const hidden = instance === undefined || this.#hidden.has(instance.definitionId);
    if (this.#instances.size >= REMEMBERED) this.#instances.clear();
    this.#instances.set(processInstanceId, hidden);
    return hidden;
  }

  #seen(record: LogRecord): LogRecord {
    const events = record.events.filter((event) => this.#maySee(event));
    return events.length === record.events.length ? record : { ...record, events };
  }

  #maySee(event: EngineEvent): boolean {
    if (event.type === 'processInstanceCreated') return !this.#hidden.has(event.definitionId);
    if ('processInstanceId' in event) return !this.#isHidden(event.processInstanceId);
    // One of a newer engine is of somebody.
    const whose = (WHOSE[event.type] ?? 'inside') as 'everybody' | 'inside' | ((event: EngineEvent) => number | null);
    return typeof whose === 'function' ? !this.#isHidden(whose(event)) : whose === 'everybody';
  }
}

/** Rows that are read at once for some that may be seen: so many more, and above so many all of them. */
const SPARE = 100;
const ALL = 1_000_000;

/** A stream that goes on for days sees many. */
const REMEMBERED = 10_000;
