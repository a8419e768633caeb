/** Whom models let see their instances (`procos:accessControl`, `read`), where the roles of who asks are known. */
import { type Capabilities, permits } from '@procos/bpmn';
import type { Subject } from '@procos/engine';
import { type Caller, isCaller } from '../identity/caller.ts';
import type { ProcessEngine } from '../process-engine.ts';
import { ADMINISTRATOR } from './access.ts';
import { SeenEngine } from './seen-engine.ts';

/** Whoever may do one of these sees what he does it to. */
const SEEING = ['read', 'complete', 'change'] as const;

/** Sets that are remembered, one for each different list of roles. */
const REMEMBERED = 1_000;

export class Readers {
  readonly #engine: () => ProcessEngine;
  /** Definitions whose models say who may see their instances. */
  readonly #closed = new Map<number, Capabilities>();
  /** Definitions with ids up to this have been looked at. */
  #looked = 0;
  readonly #hidden = new Map<string, ReadonlySet<number>>();
  /** Something may have been deployed that was not looked at. */
  #deployed = true;
  #listening = false;

  constructor(engine: () => ProcessEngine) {
    this.#engine = engine;
  }

  /** The engine as somebody sees it: without the instances that their models do not let him see. */
  engineFor(by: Subject): ProcessEngine {
    const engine = this.#engine();
    if (!isCaller(by) || by.roles.includes(ADMINISTRATOR)) return engine;
    this.#look();
    if (this.#closed.size === 0) return engine;
    const hidden = this.#hiddenFrom(by);
    // Who works on external tasks is given any of them, with its variables.
    return hidden.size === 0 ? engine : new SeenEngine(engine, hidden, by.permissions.has('work'));
  }

  /** At the definitions that have come since; a model never changes. */
  #look(): void {
    const engine = this.#engine();
    if (!this.#listening)
      engine.onCommitted((records) => {
        if (records.some(({ events }) => events.some(({ type }) => type === 'processDefined'))) this.#deployed = true;
      });
    this.#listening = true;
    // Whoever asks for definitions has the views brought up to date: not with every request.
    if (!this.#deployed) return;
    this.#deployed = false;
    const first = this.#looked === 0;
    const found = engine.find('definitions', { where: [{ column: 'id', op: '>', value: this.#looked }] });
    for (const { id } of found) this.#note(id);
    if (!first) return;
    // Those that were removed are in no list any more; their instances are.
    const known = found.map(({ id }) => id);
    for (;;) {
      const where = [{ column: 'definitionId', op: 'notIn', value: known }] as const;
      const [instance] = engine.find('processInstances', { where, limit: 1 });
      if (instance === undefined) return;
      this.#note(instance.definitionId);
      known.push(instance.definitionId);
    }
  }

  #note(definitionId: number): void {
    this.#looked = Math.max(this.#looked, definitionId);
    const capabilities = this.#engine().model(definitionId)?.capabilities;
    if (capabilities?.access === undefined) return;
    this.#closed.set(definitionId, capabilities);
    this.#hidden.clear();
  }

  #hiddenFrom({ roles }: Caller): ReadonlySet<number> {
    const key = JSON.stringify([...roles].sort());
    const known = this.#hidden.get(key);
    if (known !== undefined) return known;
    const sees = (set: Capabilities): boolean =>
      SEEING.some((action) => permits(set, { kind: 'access', action, roles }).allowed);
    const hidden = new Set([...this.#closed].flatMap(([id, set]) => (sees(set) ? [] : [id])));
    if (this.#hidden.size >= REMEMBERED) this.#hidden.clear();
    this.#hidden.set(key, hidden);
    return hidden;
  }
}
