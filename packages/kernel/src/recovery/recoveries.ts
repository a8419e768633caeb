/**
 * Sees to it that an open incident for which the table has a row gets its recovery: a process instance, once. It goes by
 * what is in the store, so that neither a crash nor a table that is changed later leaves one out, and keeps nothing itself.
 */
import { inferVariable, type Json } from '@procos/bpmn';
import type { CommandOf, Incident, LogRecord, Outcome, ReplyOf, Subject } from '@procos/engine';
import type { Clock } from '../clock.ts';
import type { RecoveryPlan } from '../kernel-port.ts';
import { type KernelLog, messageOf } from '../log.ts';
import { type ProcessEngine, Unavailable } from '../process-engine.ts';
import { type Examined, examine } from './examined.ts';
import { type Facts, NO_FACTS, RECOVERY_PROCESS, summaryOf } from './facts.ts';
import { Pace } from './pace.ts';
import { type Choice, choose, RECOVERY_DECISION, SEVERITY_DECISION, TableFailure, type TableNeeds } from './table.ts';

type Start = CommandOf<'createProcessInstance'>;

export interface RecoveriesOptions extends TableNeeds {
  readonly clock: Clock;
  readonly log: KernelLog;
  readonly engine: () => Pick<ProcessEngine, 'find'>;
  readonly submit: (command: Start, by: Subject) => Promise<Outcome<ReplyOf<'createProcessInstance'>>>;
}

export const RECOVERY_BY: Subject = { kind: 'kernel', id: 'recovery' };
/** How often the same may be tried again: then it waits for a person, whatever the table says. */
export const MOST_ATTEMPTS = 10;
/** Incidents of one recovery. */
const MOST_INCIDENTS = 1_000;
/** Recoveries that run at once, of the same element, error and action, and in all. */
const MOST_ALIKE = 4;
const MOST_LIVE = 1_000;
const AT_ONCE = 50;
const PER_SECOND = 10;
/** Incidents looked at in one go; between two of them everything else has its turn. */
const SLICE = 128;
/** Until what the kernel had no room for is tried again. */
const AGAIN_MS = 1_000;

/** Incidents that are alike, wait for a recovery and share it. */
interface Group {
  readonly facts: Facts;
  readonly choice: Choice;
  /** Of those of its kind that run at once. */
  readonly alike: string;
  readonly incidentIds: Set<number>;
}

export class Recoveries {
  readonly #options: RecoveriesOptions;
  readonly #pace: Pace;
  /** Raised, and not looked at so far. */
  readonly #raised = new Set<number>();
  /** Open incidents after this one are still to be looked at; null: all have been. */
  #scanAfter: number | null = null;
  readonly #groups = new Map<string, Group>();
  /** Recoveries that run, and of which kind each is. */
  readonly #live = new Map<number, string>();
  #condition: 'idle' | 'at work' | 'stopped' = 'stopped';
  #isOn = false;
  #said = '';
  #cancelWait: () => void = () => {};

  constructor(options: RecoveriesOptions) {
    this.#options = options;
    const now = (): number => options.clock.monotonicNow();
    this.#pace = new Pace({ now, atOnce: AT_ONCE, perSecond: PER_SECOND });
  }

  /** From now on; what was left open before is looked at first. */
  start(): void {
    if (this.#condition === 'stopped') this.#condition = 'idle';
    this.#isOn = true;
    this.#lookAtAll();
  }

  stop(): void {
    this.#isOn = false;
    this.#cancelWait();
  }

  onCommitted(records: readonly LogRecord[]): void {
    if (!this.#isOn) return;
    let isDue = false;
    for (const { events } of records) {
      for (const event of events) {
        if (event.type === 'incidentRaised') {
          this.#raised.add(event.incident.id);
          isDue = true;
        } else if (event.type === 'processInstanceCompleted' || event.type === 'processInstanceEnded') {
          if (this.#live.delete(event.processInstanceId)) isDue = true;
        } else if (event.type === 'decisionDefined') {
          const { decisionId } = event.decision;
          if (decisionId === RECOVERY_DECISION || decisionId === SEVERITY_DECISION) this.#lookAtAll();
        }
      }
    }
    if (isDue) this.#wake();
  }

  /** What the table says about an open incident, and whether it gets that. Undefined: it is not open. */
  planFor(incidentId: number): RecoveryPlan | undefined {
    const where = [{ column: 'id', op: '=', value: incidentId }] as const;
    const [examined] = examine(this.#options.engine(), this.#options.engine().find('incidents', { where }));
    if (examined === undefined) return undefined;
    return this.#plan(examined.facts, withoutRecovery(examined));
  }

  /** The same for facts that somebody makes up; those left out are as of an incident that nothing is known of. */
  planForFacts(facts: Readonly<Record<string, Json>>): RecoveryPlan {
    const all = { ...NO_FACTS, ...facts } as Facts;
    return this.#plan(all, all.attempt > MOST_ATTEMPTS ? tooOften() : null);
  }

  #plan(facts: Facts, without: string | null): RecoveryPlan {
    try {
      const { severity, rule, outputs } = choose(this.#options, facts);
      return { facts: { ...facts }, severity, rule, outputs, without, problem: null };
    } catch (error) {
      if (!(error instanceof TableFailure)) throw error;
      const { message: problem } = error;
      return { facts: { ...facts }, severity: null, rule: null, outputs: {}, without, problem };
    }
  }

  /** With a table that is another one now, nothing that was chosen by the old one counts. */
  #lookAtAll(): void {
    this.#groups.clear();
    this.#raised.clear();
    this.#scanAfter = 0;
    this.#wake();
  }

  #wake(): void {
    if (!this.#isOn || this.#condition !== 'idle') return;
    this.#condition = 'at work';
    this.#cancelWait();
    this.#work().then(
      () => this.#rest(),
      (error: unknown) => {
        if (error instanceof Unavailable && error.passes) this.#later(AGAIN_MS);
        else if (!(error instanceof Unavailable))
          this.#options.log.error('recovery_failed', `Incidents are without recovery: ${messageOf(error)}`);
        this.#condition = 'idle';
      },
    );
  }

  #rest(): void {
    this.#condition = 'idle';
    if (this.#raised.size > 0 || this.#scanAfter !== null) this.#wake();
  }

  #later(ms: number): void {
    this.#cancelWait();
    this.#cancelWait = this.#options.clock.after(ms, () => this.#wake());
  }

  async #work(): Promise<void> {
    while (this.#isOn) {
      const some = this.#nextIncidents();
      if (some !== null) this.#sortOrKeep(some);
      const isMore = await this.#startSome();
      if (!isMore && this.#raised.size === 0 && this.#scanAfter === null) return;
      await new Promise<void>((resolve) => this.#options.clock.soon(resolve));
    }
  }

  /** Those that were raised just now go first: nobody waits because much has been left open. Null: there are none. */
  #nextIncidents(): readonly Incident[] | null {
    const engine = this.#options.engine();
    if (this.#raised.size > 0) {
      const ids = firstOf(this.#raised, SLICE);
      const found = engine.find('incidents', { where: [{ column: 'id', op: 'in', value: ids }] });
      for (const id of ids) this.#raised.delete(id);
      return found;
    }
    if (this.#scanAfter === null) return null;
    const where = [{ column: 'id', op: '>', value: this.#scanAfter }] as const;
    const found = engine.find('incidents', { where, orderBy: [{ column: 'id' }], limit: SLICE });
    this.#scanAfter = found.length < SLICE ? null : (found.at(-1)?.id ?? null);
    return found;
  }

  /** Where the disk does not tell just now what is needed for it, they are looked at again. */
  #sortOrKeep(incidents: readonly Incident[]): void {
    try {
      this.#sort(incidents);
    } catch (error) {
      if (error instanceof Unavailable) for (const { id } of incidents) this.#raised.add(id);
      throw error;
    }
  }

  /** Puts each with those that it is like; for most the table has no row. */
  #sort(incidents: readonly Incident[]): void {
    const engine = this.#options.engine();
    const known = new Map<string, Choice | null>();
    for (const examined of examine(engine, incidents)) {
      const { incident, facts } = examined;
      if (incident.recoveryId !== undefined) this.#noteLive(incident.recoveryId, facts);
      const why = withoutRecovery(examined);
      if (why !== null) continue;
      const key = JSON.stringify(facts);
      let choice = known.get(key);
      if (choice === undefined) {
        choice = this.#choose(facts);
        known.set(key, choice);
      }
      if (choice === null) continue;
      const { message: _, ...alikeIn } = facts;
      const name = JSON.stringify([alikeIn, choice]);
      const group = this.#groups.get(name);
      if (group !== undefined) group.incidentIds.add(incident.id);
      else
        this.#groups.set(name, { facts, choice, alike: alikeOf(facts, choice), incidentIds: new Set([incident.id]) });
    }
  }

  /** Null: the table has no row for it, or cannot be asked. */
  #choose(facts: Facts): Choice | null {
    try {
      const choice = choose(this.#options, facts);
      this.#said = '';
      return choice.rule === null ? null : choice;
    } catch (error) {
      if (!(error instanceof TableFailure)) throw error;
      if (error.message !== this.#said) {
        this.#said = error.message;
        const text = `No incident gets a recovery: ${error.message} Mend it with procos deploy --system, or procos rollback ${RECOVERY_DECISION}.`;
        this.#options.log.error('recovery_table_failed', text);
      }
      return null;
    }
  }

  /** After a start: those that an earlier life has begun run on. */
  #noteLive(recoveryId: number, facts: Facts): void {
    if (this.#live.has(recoveryId)) return;
    const where = [
      { column: 'id', op: '=', value: recoveryId },
      { column: 'state', op: '=', value: 'active' },
    ] as const;
    if (this.#options.engine().find('processInstances', { where }).length > 0)
      this.#live.set(recoveryId, alikeOf(facts, this.#choose(facts)));
  }

  /** Starts what may be started now; true: more may at once. */
  async #startSome(): Promise<boolean> {
    for (const [name, group] of this.#groups) {
      if (!this.#isOn || this.#live.size >= MOST_LIVE) return false;
      if (this.#liveAlike(group.alike) >= MOST_ALIKE) continue;
      if (!this.#pace.take()) {
        this.#later(this.#pace.waitMs);
        return false;
      }
      const incidentIds = this.#takeOpen(group);
      if (incidentIds.length > 0)
        await this.#startOne(group, incidentIds).catch((error: unknown) => {
          // They are still open, and are found again.
          for (const id of incidentIds) this.#raised.add(id);
          throw error;
        });
      // The table may have become another one meanwhile.
      if (this.#groups.get(name) === group && group.incidentIds.size === 0) this.#groups.delete(name);
      return true;
    }
    return false;
  }

  #liveAlike(alike: string): number {
    let count = 0;
    for (const one of this.#live.values()) if (one === alike) count += 1;
    return count;
  }

  /** Takes them off the group; somebody may have resolved some meanwhile. */
  #takeOpen(group: Group): readonly number[] {
    const ids = firstOf(group.incidentIds, MOST_INCIDENTS);
    const found = this.#options.engine().find('incidents', { where: [{ column: 'id', op: 'in', value: ids }] });
    for (const id of ids) group.incidentIds.delete(id);
    return found.flatMap(({ id, recoveryId }) => (recoveryId === undefined ? [id] : []));
  }

  async #startOne(group: Group, incidentIds: readonly number[]): Promise<void> {
    const { engine, log, submit } = this.#options;
    const [first = 0] = incidentIds;
    const where = [{ column: 'id', op: '=', value: first }] as const;
    const [incident] = engine().find('incidents', { where });
    const processInstanceId = incident?.processInstanceId ?? 0;
    const { choice, alike } = group;
    // What they say may differ, as long as it leads to the same.
    const facts: Facts = { ...group.facts, message: incident?.message ?? group.facts.message };
    const values: Readonly<Record<string, Json>> = {
      ...facts,
      incidents: incidentIds,
      count: incidentIds.length,
      instance: String(processInstanceId),
      problem: null,
      summary: summaryOf(facts, String(processInstanceId), incidentIds.length),
    };
    const variables = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, inferVariable(value)]));
    const command: Start = {
      type: 'createProcessInstance',
      definition: { bpmnProcessId: RECOVERY_PROCESS },
      businessKey: `incident ${first}`,
      variables,
      recovers: { incidentIds, attempt: facts.attempt },
    };
    const outcome = await submit(command, RECOVERY_BY);
    if (outcome.ok) {
      const { processInstanceId: recoveryId, ended } = outcome.value;
      if (!ended) this.#live.set(recoveryId, alike);
      const text = `Recovery ${recoveryId} has begun by row ${choice.rule?.index}: ${String(values['summary'])}`;
      const about = { rule: choice.rule?.id, incidents: incidentIds.length, correlation_id: recoveryId };
      log.info('recovery_started', text, { ...about, process: facts.process, element: facts.element });
    } else if (outcome.rejection.details?.['incidentId'] !== undefined) {
      // One of them was resolved this very moment: the others are looked at again.
      for (const id of incidentIds) this.#raised.add(id);
    } else {
      const text = `${incidentIds.length} incidents are without recovery: ${outcome.rejection.message}.`;
      log.error('recovery_failed', text, { process: facts.process, element: facts.element });
    }
  }
}

/** Why an incident has none, whatever the table says; null: it may have one. */
function withoutRecovery({ incident: { recoveryId }, facts: { attempt }, isInRecovery }: Examined): string | null {
  if (recoveryId !== undefined) return `It has its recovery: process ${recoveryId}.`;
  if (isInRecovery) return 'It happened inside a recovery: that waits for a person.';
  return attempt > MOST_ATTEMPTS ? tooOften() : null;
}

function tooOften(): string {
  return `There have been ${MOST_ATTEMPTS} recoveries at this element already: it waits for a person.`;
}

function firstOf(ids: ReadonlySet<number>, atMost: number): readonly number[] {
  const first: number[] = [];
  for (const id of ids) {
    if (first.length >= atMost) break;
    first.push(id);
  }
  return first;
}

/** By what is done, too: what waits for a person must not keep back what goes by itself. */
function alikeOf({ process, element, error, attempt }: Facts, choice: Choice | null): string {
  const { action = null, process: own = null, max_attempts: atMost = null } = choice?.outputs ?? {};
  const isTooOften = typeof atMost === 'number' && attempt > atMost;
  return JSON.stringify([process, element, error, isTooOften ? 'escalate' : [action, own]]);
}
