/** A world whose log is followed by two other stores after every command: all three must be equal, byte for byte. */
import assert from 'node:assert/strict';
import { apply, type EngineEvent, type LogRecord, type State } from '@procos/engine';
import { createMemoryStore, type Store } from '@procos/store';
import { World } from '../../packages/engine/stories/world.ts';
import { encodeInstance } from '../../packages/store/src/instance-codec.ts';
import { History } from '../history.ts';
import { demand, follow, stateIsWhatTheLogTells, viewsShowWhatLives } from '../invariants.ts';

export class MirroredWorld extends World {
  /** The log from nothing, applied to objects that stay alive. */
  readonly #replayed: Store = createMemoryStore();
  /** Every row is read anew from its stored text before each record: a snapshot and a tail of one. */
  readonly #reread: Store = createMemoryStore();
  readonly #history = new History();
  readonly #seen = { records: 0, instances: new Set<number>(), messages: new Set<number>() };

  override check(): void {
    super.check();
    const tail = this.records.slice(this.#seen.records);
    if (tail.length === 0) return;
    this.#seen.records = this.records.length;
    for (const record of tail) this.#follow(record);
    demand('stateIsWhatTheLogTells', stateIsWhatTheLogTells(this.#history, this.store));
    const rows = this.#rows();
    const live = this.#text(this.store, rows);
    assertSame(this.#text(this.#replayed, rows), live, 'replaying the log gives the state');
    this.#reread.rollback();
    assertSame(this.#text(this.#reread, rows), live, 'what was stored and read again gives the state');
  }

  /** The views agree with all that; too slow for every step. */
  checkViews(): void {
    demand('viewsShowWhatLives', viewsShowWhatLives(this.#history, this.store));
  }

  override instanceIds(): number[] {
    return [...this.#seen.instances];
  }

  #follow(record: LogRecord): void {
    follow(this.#history, record);
    for (const event of record.events) {
      if (event.type === 'processInstanceCreated') this.#seen.instances.add(event.processInstanceId);
      if (event.type === 'processInstanceCompleted' || event.type === 'processInstanceEnded')
        this.#seen.instances.delete(event.processInstanceId);
      if (event.type === 'messageBuffered') this.#seen.messages.add(event.message.id);
    }
    this.#reread.rollback();
    for (const store of [this.#replayed, this.#reread]) {
      for (const event of structuredClone(record.events) as EngineEvent[]) apply(store.state, event, record.at);
      store.commit([record]);
    }
  }

  /** How every live object of a state is found: its name and what gives it. */
  #rows(): readonly Row[] {
    const { store } = this;
    const of = (name: string, ids: Iterable<number>, get: (state: State, id: number) => string): Row[] =>
      [...ids].map((id) => ({ name: `${name} ${id}`, text: (state) => get(state, id) }));
    const found = (name: Subject) =>
      of(
        name,
        store.find(name).map(({ id }) => id),
        (state, id) => canonical(state[name].get(id)),
      );
    return [
      ...of('instance', this.instanceIds(), instanceText),
      ...of('message', this.#seen.messages, ({ messages }, id) => canonical(messages.get(id))),
      ...SUBJECTS.flatMap(found),
    ];
  }

  #text({ state }: Store, rows: readonly Row[]): readonly string[] {
    return rows.map(({ name, text }) => `${name}: ${text(state)}`);
  }
}

const SUBJECTS = ['externalTasks', 'userTasks', 'timers', 'subscriptions', 'incidents'] as const;
type Subject = (typeof SUBJECTS)[number];

interface Row {
  readonly name: string;
  readonly text: (state: State) => string;
}

function assertSame(actual: readonly string[], expected: readonly string[], message: string): void {
  if (actual.some((text, at) => text !== expected[at])) assert.deepEqual(actual, expected, message);
}

function instanceText(state: State, id: number): string {
  const instance = state.instances.get(id);
  return instance === undefined ? 'gone' : encodeInstance(instance);
}

/** With the keys of every object in order: a stored row knows its columns in another order. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner: unknown) =>
      typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)))
        : inner,
    ) ?? 'gone'
  );
}
