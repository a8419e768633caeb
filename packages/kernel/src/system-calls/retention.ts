/**
 * `procos.history.sweep`, `procos.values.sweep` and `procos.log.trim`: take out of the store what has outlived its time, in steps so small that
 * nobody waits for them. A process instance goes with all that it called, counted from its own end; what PID 1 called
 * counts as nobody's, since PID 1 never ends.
 */
import { daysToLive, type ProcessModel } from '@procos/bpmn';
import type { CommandOf, Definition, HistoryTarget, Outcome } from '@procos/engine';
import type { DefinitionView, ProcessInstanceView, Query, TableName, Tables } from '@procos/store';
import type { Clock } from '../clock.ts';
import { oldDrafts } from '../deployment/draft.ts';
import type { ProcessEngine } from '../process-engine.ts';
import type { SystemCall, SystemTask } from './contract.ts';

/** Days; null: for good. */
export interface Retention {
  /** Of instances whose definition says nothing. */
  readonly historyDays: number | null;
  readonly logDays: number | null;
}

export interface RetentionNeeds {
  readonly clock: Clock;
  readonly engine: () => Pick<ProcessEngine, 'definition' | 'find' | 'model' | 'now'>;
  readonly rootInstanceId: () => number | null;
  readonly submit: (command: CommandOf<'removeHistory' | 'removeDeployment'>) => Promise<Outcome<unknown>>;
  /** Records older than `before` (ms since the epoch), at most `atMost`; how many were removed. */
  readonly trimLog: (before: number, atMost: number) => number;
  /** One step through the large values that nothing names any more. */
  readonly sweepValues: () => { readonly removed: number; readonly more: boolean };
  readonly retention: Retention;
}

const DAY_MS = 86_400_000;
/** Of one step. */
const ROWS = 500;
const INSTANCES = 50;
const RECORDS = 250;
/** Then the task is completed, and the process goes round again. */
const TURN_MS = 10_000;
const PAGE = 200;

export function retentionCalls(needs: RetentionNeeds): readonly SystemCall[] {
  return [historySweep(needs), valuesSweep(needs), logTrim(needs)];
}

function historySweep(needs: RetentionNeeds): SystemCall {
  const place = { ...BEGIN };
  return {
    topic: 'procos.history.sweep',
    async run(task) {
      const sweep = new Sweep(needs, task, place);
      const more = !(await sweep.run());
      if (!more) Object.assign(place, BEGIN);
      const removed_instances = soFar(task, 'removed_instances') + sweep.removed;
      const removed_drafts = soFar(task, 'removed_drafts') + (await removeDrafts(needs));
      return { variables: { removed_instances, removed_drafts, more } };
    },
  };
}

/** Who wants to deploy a draft does so at once, or lets a person approve it: then the process that waits keeps it. */
async function removeDrafts({ engine, submit }: RetentionNeeds): Promise<number> {
  let removed = 0;
  for (const deploymentId of oldDrafts(engine(), engine().now() - DAY_MS)) {
    const outcome = await submit({ type: 'removeDeployment', deploymentId });
    if (outcome.ok) removed += 1;
  }
  return removed;
}

function valuesSweep({ clock, sweepValues }: RetentionNeeds): SystemCall {
  return {
    topic: 'procos.values.sweep',
    async run(task) {
      const until = clock.monotonicNow() + TURN_MS;
      let removed = 0;
      let more = true;
      while (more && !task.stopping.aborted && clock.monotonicNow() < until) {
        const step = sweepValues();
        removed += step.removed;
        more = step.more;
        await new Promise<void>((resolve) => clock.after(1, resolve));
      }
      return { variables: { removed_values: soFar(task, 'removed_values') + removed, more } };
    },
  };
}

function logTrim({ clock, engine, trimLog, retention }: RetentionNeeds): SystemCall {
  return {
    topic: 'procos.log.trim',
    async run(task) {
      const { logDays } = retention;
      const until = clock.monotonicNow() + TURN_MS;
      let removed = 0;
      let more = logDays !== null;
      while (more && !task.stopping.aborted && clock.monotonicNow() < until) {
        const now = trimLog(engine().now() - (logDays ?? 0) * DAY_MS, RECORDS);
        removed += now;
        more = now > 0;
        await new Promise<void>((resolve) => clock.after(1, resolve));
      }
      return { variables: { removed_records: soFar(task, 'removed_records') + removed, more } };
    },
  };
}

/** How far a round through the instances has come: the next turn goes on there. */
interface Place {
  definitionId: number;
  /** Identity of the last one that was looked at. */
  after: number;
}

const BEGIN: Readonly<Place> = { definitionId: 0, after: 0 };

class Sweep {
  removed = 0;
  readonly #needs: RetentionNeeds;
  readonly #task: SystemTask;
  readonly #place: Place;
  readonly #until: number;

  constructor(needs: RetentionNeeds, task: SystemTask, place: Place) {
    this.#needs = needs;
    this.#task = task;
    this.#place = place;
    this.#until = needs.clock.monotonicNow() + TURN_MS;
  }

  /** False: time was over before all was done. */
  async run(): Promise<boolean> {
    const { engine, retention } = this.#needs;
    const now = engine().now();
    for (const definition of this.#definitions()) {
      if (definition.id !== this.#place.definitionId)
        Object.assign(this.#place, { definitionId: definition.id, after: 0 });
      const days = this.#daysOf(definition);
      if (days === null) continue;
      const before = now - days * DAY_MS;
      if (!(await this.#sweepInstances(definition.id, before))) return false;
      if (!(await this.#sweepRoot(definition, before))) return false;
    }
    return retention.historyDays === null || this.#sweepDecisions(now - retention.historyDays * DAY_MS);
  }

  #daysOf(definition: Definition): number | null {
    const days = historyDays(definition, this.#needs.engine().model(definition.id));
    return days === undefined ? this.#needs.retention.historyDays : days;
  }

  /** Those that have instances, also those that were removed, from where the round has come to. */
  *#definitions(): Generator<Definition> {
    for (let after = this.#place.definitionId - 1; ; ) {
      const where = [{ column: 'definitionId', op: '>', value: after }] as const;
      const [next] = this.#find('processInstances', { where, orderBy: [{ column: 'definitionId' }], limit: 1 });
      if (next === undefined) return;
      after = next.definitionId;
      const definition = this.#needs.engine().definition(after);
      if (definition !== undefined) yield definition;
    }
  }

  #isOver(): boolean {
    return this.#task.stopping.aborted || this.#needs.clock.monotonicNow() >= this.#until;
  }

  /** Page by page, oldest first; false: time was over. Ids ascend with time: behind the first that began too late all others did. */
  async #sweepInstances(definitionId: number, before: number): Promise<boolean> {
    const root = this.#needs.rootInstanceId();
    while (!this.#isOver()) {
      const page = this.#find('processInstances', {
        where: [
          { column: 'definitionId', op: '=', value: definitionId },
          { column: 'id', op: '>', value: this.#place.after },
        ],
        limit: PAGE,
      });
      const old = page.filter(({ startedAt }) => startedAt <= before);
      const due = old.filter(
        ({ parentId, endedAt }) => (parentId === null || parentId === root) && endedAt !== null && endedAt <= before,
      );
      if (!(await this.#remove(due))) return false;
      this.#place.after = old.at(-1)?.id ?? this.#place.after;
      if (old.length < PAGE) return true;
      // Of those that have not ended there may be very many.
      await new Promise<void>((resolve) => this.#needs.clock.after(1, resolve));
    }
    return false;
  }

  /** False: not all of it yet. */
  async #remove(instances: readonly ProcessInstanceView[]): Promise<boolean> {
    // What was called goes first, so that nothing is left that nobody finds any more.
    let called: readonly number[] = instances.map(({ id }) => id);
    const all: (readonly number[])[] = [];
    while (called.length > 0) {
      all.unshift(called);
      const where = [{ column: 'parentId', op: 'in', value: called }] as const;
      called = this.#find('processInstances', { where }).map(({ id }) => id);
    }
    const ids = all.flat();
    for (let from = 0; from < ids.length; from += INSTANCES) {
      const processInstanceIds = ids.slice(from, from + INSTANCES);
      const where = [{ column: 'id', op: 'in', value: processInstanceIds }] as const;
      while (this.#find('processInstances', { where, limit: 1 }).length > 0) {
        if (this.#isOver()) return false;
        await this.#step({ processInstanceIds });
      }
      this.removed += processInstanceIds.length;
    }
    return true;
  }

  /** PID 1 never ends: what it has left behind goes while it runs. */
  async #sweepRoot({ id }: Definition, before: number): Promise<boolean> {
    const processInstanceId = this.#needs.rootInstanceId();
    if (processInstanceId === null) return true;
    const of = { column: 'processInstanceId', op: '=', value: processInstanceId } as const;
    const [root] = this.#find('processInstances', { where: [{ column: 'id', op: '=', value: processInstanceId }] });
    if (root?.definitionId !== id) return true;
    const over = (): boolean =>
      this.#has('elementInstances', [of, { column: 'endedAt', op: '<=', value: before }]) ||
      this.#has('variables', [
        of,
        { column: 'live', op: '=', value: false },
        { column: 'updatedAt', op: '<=', value: before },
      ]) ||
      this.#has('incidentHistory', [of, { column: 'resolvedAt', op: '<=', value: before }]) ||
      this.#has('decisionInstances', [of, { column: 'evaluatedAt', op: '<=', value: before }]) ||
      this.#has('warnings', [of, { column: 'at', op: '<=', value: before }]);
    while (over()) {
      if (this.#isOver()) return false;
      await this.#step({ processInstanceId, overBy: before });
    }
    return true;
  }

  async #sweepDecisions(before: number): Promise<boolean> {
    for (const { id, decisionId } of this.#find('decisions', {})) {
      const where = [
        { column: 'decisionId', op: '=', value: decisionId },
        { column: 'decisionDefinitionId', op: '=', value: id },
        { column: 'processInstanceId', op: 'isNull' },
        { column: 'evaluatedAt', op: '<=', value: before },
      ] as const;
      while (this.#has('decisionInstances', where)) {
        if (this.#isOver()) return false;
        await this.#step({ decisionDefinitionId: id, decisionId, evaluatedBy: before });
      }
    }
    return true;
  }

  #find<T extends TableName>(table: T, query: Query<Tables[T]>): readonly Tables[T][] {
    return this.#needs.engine().find(table, query);
  }

  #has<T extends TableName>(table: T, where: Query<Tables[T]>['where']): boolean {
    return this.#find(table, { ...(where === undefined ? {} : { where }), limit: 1 }).length > 0;
  }

  async #step(target: HistoryTarget): Promise<void> {
    const outcome = await this.#needs.submit({ type: 'removeHistory', target, atMost: ROWS });
    if (!outcome.ok) throw new Error(outcome.rejection.message);
  }
}

/** Days that the history of a definition's instances is kept, null: for good; undefined: it says nothing. */
export function historyDays(
  { historyTimeToLive }: Pick<DefinitionView, 'historyTimeToLive'>,
  model?: ProcessModel,
): number | null | undefined {
  if (historyTimeToLive !== undefined) return historyTimeToLive;
  return model?.historyTimeToLive === undefined ? undefined : daysToLive(model.historyTimeToLive);
}

function soFar(task: SystemTask, name: string): number {
  const value = task.input(name);
  return typeof value === 'number' ? value : 0;
}
