/**
 * What Camunda's metrics count, read from the record log: once, and then only what has come since. Counted by quarters of
 * an hour, as Camunda reports them. The system's own processes are left out; what has left the log is not counted.
 */
import type { EngineEvent, LogRecord, ProcessEngine } from '@procos/kernel';
import { SYSTEM_PROCESS_PREFIX } from '@procos/protocol';
import { isStandalone } from '../task/standalone.ts';

export const INTERVAL_MS = 900_000;
/** Records that are read before others have their turn. */
const PORTION = 200;

/** Of one process instance of the system. */
const MOST_TIMERS = 1_000;

export type Counted =
  | 'activity-instance-start'
  | 'activity-instance-end'
  | 'process-instances'
  | 'executed-decision-instances'
  | 'job-successful'
  | 'job-failed'
  | 'history-cleanup-removed-process-instances';

export interface Interval {
  /** ms since the epoch, a multiple of `INTERVAL_MS`. */
  readonly from: number;
  readonly counts: Map<Counted, number>;
  /** Whom tasks were assigned to. */
  readonly workers: Set<string>;
}

export class MetricsCounter {
  readonly #engine: ProcessEngine;
  readonly #intervals = new Map<number, Interval>();
  readonly #system = new Map<number, boolean>();
  /** Timers of the system's processes that wait, by process instance: they end with it. */
  readonly #timers = new Map<number, Set<number>>();
  #upTo = 0;
  #reading: Promise<void> | undefined;

  constructor(engine: ProcessEngine) {
    this.#engine = engine;
  }

  /** Up to now, in their order. */
  async intervals(): Promise<readonly Interval[]> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
    return [...this.#intervals.values()].sort((left, right) => left.from - right.from);
  }

  async #read(): Promise<void> {
    for (;;) {
      const portion = this.#engine.records(this.#upTo, PORTION);
      for (const record of portion) this.#count(record);
      const last = portion.at(-1);
      if (last === undefined) return;
      this.#upTo = last.sequence;
      await new Promise(setImmediate);
    }
  }

  #count({ at, events }: LogRecord): void {
    const from = Math.floor(at / INTERVAL_MS) * INTERVAL_MS;
    const interval = this.#intervals.get(from) ?? { from, counts: new Map(), workers: new Set() };
    const add = (metric: Counted, times = 1): void => {
      this.#intervals.set(from, interval);
      interval.counts.set(metric, (interval.counts.get(metric) ?? 0) + times);
    };
    for (const event of events) {
      this.#follow(event);
      const metric = metricOf(event);
      const worker = workerOf(event);
      if ((metric === undefined && worker === null) || this.#isOfSystem(event)) continue;
      if (metric !== undefined) add(...metric);
      if (worker !== null) interval.workers.add(worker);
    }
    if (interval.workers.size > 0) this.#intervals.set(from, interval);
    for (const event of events) {
      // Nothing more comes of it.
      if (event.type !== 'processInstanceCompleted' && event.type !== 'processInstanceEnded') continue;
      this.#system.delete(event.processInstanceId);
      this.#timers.delete(event.processInstanceId);
    }
  }

  #follow(event: EngineEvent): void {
    if (event.type === 'processInstanceCreated')
      this.#system.set(event.processInstanceId, isSystemProcess(event.bpmnProcessId));
    if (event.type !== 'timerScheduled') return;
    const { id, processInstanceId } = event.timer;
    if (processInstanceId === null || !this.#isSystem(processInstanceId)) return;
    const timers = this.#timers.get(processInstanceId) ?? new Set();
    this.#timers.set(processInstanceId, timers.add(id));
    // One that goes with its element is not told: PID 1 lives long, and has few at a time.
    const [oldest] = timers;
    if (timers.size > MOST_TIMERS && oldest !== undefined) timers.delete(oldest);
  }

  #isOfSystem(event: EngineEvent): boolean {
    if (event.type === 'timerTriggered') return [...this.#timers.values()].some((timers) => timers.has(event.timerId));
    if (event.type === 'incidentRaised') return this.#isSystem(event.incident.processInstanceId);
    if (event.type === 'userTaskCreated') return this.#isSystem(event.task.processInstanceId);
    return 'processInstanceId' in event && event.processInstanceId !== null && this.#isSystem(event.processInstanceId);
  }

  #isSystem(processInstanceId: number): boolean {
    const known = this.#system.get(processInstanceId);
    if (known !== undefined) return known;
    const where = [{ column: 'id', op: '=', value: processInstanceId }] as const;
    const [instance] = this.#engine.find('processInstances', { where });
    const isSystem = instance !== undefined && isSystemProcess(instance.bpmnProcessId);
    this.#system.set(processInstanceId, isSystem);
    return isSystem;
  }
}

/** What somebody is to do by hand is not the system's own work. */
function isSystemProcess(bpmnProcessId: string): boolean {
  return bpmnProcessId.startsWith(SYSTEM_PROCESS_PREFIX) && !isStandalone({ bpmnProcessId });
}

function metricOf(event: EngineEvent): readonly [Counted, number] | undefined {
  switch (event.type) {
    case 'processInstanceCreated':
      return event.parentId === null ? ['process-instances', 1] : undefined;
    case 'elementActivated':
      return ['activity-instance-start', 1];
    case 'elementCompleted':
    case 'elementCanceled':
      return ['activity-instance-end', 1];
    case 'decisionEvaluated':
      return ['executed-decision-instances', 1];
    case 'timerTriggered':
      return ['job-successful', 1];
    case 'incidentRaised':
      return event.incident.externalTaskId === null ? ['job-failed', 1] : undefined;
    case 'historyRemoved':
      return 'processInstanceIds' in event.target
        ? ['history-cleanup-removed-process-instances', event.target.processInstanceIds.length]
        : undefined;
    default:
      return undefined;
  }
}

function workerOf(event: EngineEvent): string | null {
  if (event.type === 'userTaskCreated') return event.task.assignee;
  return event.type === 'userTaskAssigned' ? event.assignee : null;
}
